/** Pods of a recorded cluster as shapes: what scheduling reads of their spec, without where they once were. */
import { InputError, type Node, type Pod, type PodSpec, parseQuantity } from '../../api/index.ts';
import type { NodePool } from '../trace-folder.ts';
import type { TraceSink } from './model.ts';
import { labelValueOf } from './shapes.ts';

const KEPT = [
  'priority',
  'priorityClassName',
  'preemptionPolicy',
  'nodeSelector',
  'affinity',
  'tolerations',
  'topologySpreadConstraints',
  'overhead',
  'hostNetwork',
  'schedulerName',
  'schedulingGates',
] as const satisfies readonly (keyof PodSpec)[];

export class PodTemplates {
  private readonly sink: TraceSink;
  private readonly byText = new Map<string, number>();

  constructor(sink: TraceSink) {
    this.sink = sink;
  }

  /** @param name Says in results where the shape came from. */
  of(name: string, labels: Readonly<Record<string, string>> | undefined, spec: PodSpec): number {
    const kept = schedulingSpec(spec);
    for (const { resources } of [...kept.containers, ...(kept.initContainers ?? [])]) {
      checkQuantities(resources?.requests, 'requests');
      checkQuantities(resources?.limits, 'limits');
    }
    const text = JSON.stringify([labels ?? {}, kept]);
    let index = this.byText.get(text);
    if (index === undefined) {
      index = this.sink.shape({
        name: `${name}-${this.byText.size}`,
        labels: labels as Record<string, string> | undefined,
        spec: kept,
      });
      this.byText.set(text, index);
    }
    return index;
  }
}

function checkQuantities(amounts: Readonly<Record<string, unknown>> | undefined, path: string): void {
  for (const [name, amount] of Object.entries(amounts ?? {})) {
    try {
      parseQuantity(amount as string);
    } catch {
      throw new InputError(`${JSON.stringify(amount)} is not a quantity such as 500m or 2Gi`, {
        path: `${path}.${name}`,
      });
    }
  }
}

function schedulingSpec(spec: PodSpec): PodSpec {
  const kept: Record<string, unknown> = {};
  for (const field of KEPT) if (spec[field] !== undefined) kept[field] = spec[field];
  const containers = (list: PodSpec['containers'] | undefined) =>
    list?.map(({ name, image, resources, ports, restartPolicy }) => ({
      name,
      ...(image === undefined ? {} : { image }),
      ...(resources === undefined ? {} : { resources }),
      ...(ports === undefined ? {} : { ports }),
      ...(restartPolicy === undefined ? {} : { restartPolicy }),
    }));
  kept.containers = containers(spec.containers) ?? [];
  const init = containers(spec.initContainers);
  if (init !== undefined) kept.initContainers = init;
  return kept as unknown as PodSpec;
}

/** The owner of a pod of a recorded cluster: what controls it. */
export function ownerOf({ metadata }: Pod): { readonly kind: string; readonly name: string } | undefined {
  const owner =
    metadata?.ownerReferences?.find(({ controller }) => controller === true) ?? metadata?.ownerReferences?.[0];
  return owner === undefined ? undefined : { kind: String(owner.kind), name: String(owner.name) };
}

/** A pool of one node: recorded nodes differ in their labels. */
export function poolOfNode({ metadata, spec, status }: Node): NodePool {
  const name = metadata?.name ?? '';
  const { 'kubernetes.io/hostname': _, ...labels } = metadata?.labels ?? {};
  const allocatable = (status?.allocatable ?? status?.capacity ?? {}) as Record<string, string>;
  checkQuantities(allocatable, 'status.allocatable');
  return {
    name: `pool-of-${labelValueOf(name)}`,
    labels,
    ...(spec?.taints === undefined ? {} : { taints: spec.taints }),
    allocatable,
  };
}
