/** The objects of a workload as an API server takes them: what it would refuse is put right, and what it gives is left out. */
import type { KubeObject, ObjectMeta, Pod, PodSpec } from '../api/index.ts';
import { BEHAVIOUR } from '../cluster/runtimes/index.ts';
import type { Workload } from '../workloads/index.ts';

/** Of containers that name none: as small as images get. */
const IMAGE = 'registry.k8s.io/pause:3.10';
const DEFAULT_NAMESPACE = 'default';
const LARGEST_OF_USERS = 1_000_000_000;
const CONTAINERS = ['initContainers', 'containers'] as const;

type Containers = NonNullable<PodSpec['containers']>;

/** Pods of the workload, ready to be created. */
export class ClusterPods {
  private readonly workload: Workload;
  /** By shape: as it stays, and as it ends by itself. */
  private readonly staying: PodSpec[];
  private readonly ending: PodSpec[];

  constructor(workload: Workload) {
    this.workload = workload;
    this.staying = workload.shapes.map(({ spec }) => accepted(spec));
    // A container that has run to its end is not to be started again.
    this.ending = this.staying.map((spec) => ({ ...spec, restartPolicy: 'Never' }));
  }

  /** The lifetime is the containers' own, from when they start. Owners do not exist in the cluster, and are left out. */
  pod(row: number): Pod {
    const { shapes, pods } = this.workload;
    const index = pods.shape[row]!;
    const { namespace = DEFAULT_NAMESPACE, labels, annotations } = shapes[index]!;
    const seconds = pods.lifetimeSeconds[row]!;
    const ends = seconds !== Number.POSITIVE_INFINITY;
    const runs = `{runs: ${Math.max(1, Math.round(seconds * 1000))}ms}`;
    const metadata: ObjectMeta = {
      name: pods.names[row]!,
      namespace,
      labels,
      annotations: ends ? { ...annotations, [BEHAVIOUR]: runs } : annotations,
    };
    return { apiVersion: 'v1', kind: 'Pod', metadata, spec: (ends ? this.ending : this.staying)[index]! };
  }
}

/** A pod that is on a node from the start. */
export const boundPod = ({ metadata, spec }: Pod): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: unstored(metadata),
  spec: accepted(spec ?? { containers: [] }),
});

export const newObject = (object: KubeObject): KubeObject => ({ ...object, metadata: unstored(object.metadata) });

/** Namespaces that are not there from the start, and the classes for the priorities that pods ask for. */
export function framesOf(workload: Workload): KubeObject[] {
  const { shapes, bound = [], objects = [] } = workload;
  const given = new Set(objects.map(({ kind, metadata }) => `${kind}/${metadata?.name}`));
  const namespaces = new Set([
    ...shapes.map(({ namespace = DEFAULT_NAMESPACE }) => namespace),
    ...[...bound, ...objects].flatMap(({ metadata }) => metadata?.namespace ?? []),
  ]);
  const specs = [...shapes.map(({ spec }) => spec), ...bound.flatMap(({ spec }) => spec ?? [])];
  const classes = new Map(specs.filter(needsClass).map((spec) => [classOf(spec), spec]));
  return [
    ...[...namespaces]
      .filter((name) => !SEEDED.has(name) && !given.has(`Namespace/${name}`))
      .map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
    ...[...classes].map(([name, { priority, preemptionPolicy }]) => ({
      apiVersion: 'scheduling.k8s.io/v1',
      kind: 'PriorityClass',
      metadata: { name },
      value: priority ?? 0,
      preemptionPolicy: preemptionPolicy ?? 'PreemptLowerPriority',
    })),
  ] as KubeObject[];
}

const SEEDED = new Set([DEFAULT_NAMESPACE, 'kube-node-lease', 'kube-public', 'kube-system']);

/** A pod of a real API server has its priority from a class alone. */
const needsClass = ({ priority, preemptionPolicy }: PodSpec): boolean =>
  (priority ?? 0) !== 0 || (preemptionPolicy ?? 'PreemptLowerPriority') !== 'PreemptLowerPriority';

function classOf({ priority = 0, preemptionPolicy }: PodSpec): string {
  if (priority === 2_000_001_000) return 'system-node-critical';
  if (priority > LARGEST_OF_USERS) return 'system-cluster-critical';
  const value = priority < 0 ? `minus-${-priority}` : String(priority);
  return preemptionPolicy === 'Never' ? `priority-${value}-never` : `priority-${value}`;
}

function accepted({ priority, preemptionPolicy, priorityClassName, ...spec }: PodSpec): PodSpec {
  const asked = { ...spec, priority, preemptionPolicy } as PodSpec;
  const named = needsClass(asked) ? { priorityClassName: classOf(asked) } : {};
  const containers = Object.fromEntries(
    CONTAINERS.flatMap((list) =>
      spec[list] === undefined ? [] : [[list, (spec[list] as Containers).map(acceptedOne)]],
    ),
  );
  return { ...spec, ...named, ...containers } as PodSpec;
}

function acceptedOne(container: Containers[number], index: number): Containers[number] {
  const { requests, limits } = container.resources ?? {};
  // Extended resources cannot be overcommitted: the limit is the request.
  const extended = Object.entries(requests ?? {}).filter(
    ([name]) => name.includes('/') && !name.includes('kubernetes.io/') && limits?.[name] === undefined,
  );
  const resources =
    extended.length === 0
      ? container.resources
      : { ...container.resources, limits: { ...limits, ...Object.fromEntries(extended) } };
  return { ...container, name: container.name ?? `container-${index}`, image: container.image || IMAGE, resources };
}

function unstored(metadata: ObjectMeta | undefined): ObjectMeta {
  const { name, namespace, labels, annotations } = metadata ?? {};
  return { name, namespace, labels, annotations };
}
