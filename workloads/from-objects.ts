/**
 * Objects of a cluster as a workload: pods without a node arrive in the order in which they were created (those that no server
 * has created yet after all others, as listed), pods on nodes are there from the start. Objects tell no lifetimes.
 */
import { InputError, type ObjectMeta, type Pod, type PodSpec } from '../api/index.ts';
import type { ClusterObjects } from './cluster-objects.ts';
import { PodRowsBuilder, type PodShape, type SourceFile, type Workload } from './workload.ts';

export interface ObjectsOptions {
  readonly name: string;
  readonly files: readonly SourceFile[];
}

/** Throws InputError when no pod is left to schedule. */
export function fromObjects(input: ClusterObjects, { name, files }: ObjectsOptions): Workload {
  const { nodes, bound, pending, objects } = input;
  if (pending.length === 0) {
    throw new InputError(
      `${files.map((file) => file.name).join(', ')}: no pod without spec.nodeName is there, so nothing would be scheduled (${bound.length} pods are on nodes)`,
    );
  }
  const shapes = new Shapes();
  const rows = new PodRowsBuilder();
  for (const pod of byAge(pending)) {
    rows.add(pod.metadata?.name ?? '', shapes.indexOf(pod), rows.count, Number.POSITIVE_INFINITY);
  }
  return {
    name,
    nodes,
    shapes: shapes.list,
    pods: rows.build(),
    hasTimes: false,
    source: {
      description: `objects of a cluster: ${bound.length} pods on its nodes, ${pending.length} to place`,
      files,
    },
    bound,
    objects,
  };
}

function byAge(pods: readonly Pod[]): Pod[] {
  const createdMs = ({ metadata }: Pod): number => {
    const time = metadata?.creationTimestamp;
    return time === undefined ? Number.POSITIVE_INFINITY : Date.parse(String(time));
  };
  return pods
    .map((pod) => ({ pod, ms: createdMs(pod) }))
    .sort((a, b) => (a.ms === b.ms ? 0 : a.ms - b.ms))
    .map(({ pod }) => pod);
}

type Kept = Pick<ObjectMeta, 'labels' | 'namespace' | 'annotations' | 'ownerReferences'>;

/** Pods that differ in name alone are of one shape. */
class Shapes {
  readonly list: PodShape[] = [];
  private readonly byText = new Map<string, number>();
  private readonly titles = new Map<string, number>();

  indexOf({ metadata, spec }: Pod): number {
    const { labels, namespace, annotations, ownerReferences } = metadata ?? {};
    const kept: Kept = { labels, namespace, annotations, ownerReferences };
    const text = JSON.stringify([kept, spec]);
    const known = this.byText.get(text);
    if (known !== undefined) return known;
    const index = this.list.length;
    this.list.push({ name: this.title(kept, spec), ...kept, spec: spec ?? ({ containers: [] } as PodSpec) });
    this.byText.set(text, index);
    return index;
  }

  /** The controller's name or the app's, and what it requests; numbered where that is not enough. */
  private title({ labels, ownerReferences }: Kept, spec: PodSpec | undefined): string {
    const owner = ownerReferences?.find(({ controller }) => controller)?.name;
    const app = owner ?? labels?.['app.kubernetes.io/name'] ?? labels?.app ?? 'pod';
    const requests = spec?.containers?.[0]?.resources?.requests ?? {};
    const amounts = Object.entries(requests).map(([resource, amount]) => `${resource}=${amount}`);
    const base = [app, ...amounts].join(' ');
    const number = (this.titles.get(base) ?? 0) + 1;
    this.titles.set(base, number);
    return number === 1 ? base : `${base} #${number}`;
  }
}
