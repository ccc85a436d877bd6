/**
 * Made-up clusters and pods for timing engines, in the shapes that scheduler benchmarks use; same number, same objects.
 * A workload is a list of pod shapes and the order in which they come.
 */
import type { Node, Pod } from '../../api/index.ts';
import type { Random } from '../../scheduler/index.ts';

export interface MicroWorkload {
  readonly name: string;
  /** Shapes of pods; every pod is a shape of its own when undefined. */
  readonly shapeCount: number | undefined;
  shape(index: number): Pod;
  /** Shape of the n-th pod. */
  readonly next: (random: Random) => () => number;
  /** @default 100 */
  readonly percentageOfNodesToScore?: number;
  /** How many pods of the workload fit on a node, at least. @default 88 */
  readonly podsPerNode?: number;
  /** @default `benchNode` */
  node?(index: number): Node;
  /** Pods that are on every node to begin with. */
  readonly filling?: readonly Pod[];
  /** Every so many nodes are promised to a pod that waits. */
  readonly promise?: { readonly everyNodes: number; readonly pod: Pod };
  /** Pods go all the way, preemption and binding included, each by a name of its own; some find no node. @default false */
  readonly isWhole?: boolean;
}

const ZONES = 10;
const ZONE = 'topology.kubernetes.io/zone';
const HOSTNAME = 'kubernetes.io/hostname';

const SMALL_ALLOCATABLE = { cpu: '4', memory: '32Gi', pods: '110' };
const ALLOCATABLE = { cpu: '32', memory: '128Gi', pods: '110' };

/** 32 cores, 128 GiB, 110 pods; ten zones; every fourth node has fast disks. */
export const benchNode = (index: number): Node => nodeWith(ALLOCATABLE, index);

/** 4 cores, as in upstream's benchmark suite. */
const smallNode = (index: number): Node => nodeWith(SMALL_ALLOCATABLE, index);

function nodeWith(allocatable: Record<string, string>, index: number): Node {
  const name = `node-${index}`;
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: { [HOSTNAME]: name, [ZONE]: `zone-${index % ZONES}`, disk: index % 4 === 0 ? 'ssd' : 'hdd' },
    },
    status: { allocatable },
  };
}

type Extra = Omit<NonNullable<Pod['spec']>, 'containers'>;

function benchPod(name: string, app: string, cpuMilli: number, memoryMi: number, extra: Extra = {}): Pod {
  const requests = { cpu: `${cpuMilli}m`, memory: `${memoryMi}Mi` };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', uid: name, labels: { app } },
    spec: { containers: [{ name: 'main', image: 'app:1', resources: { requests } }], ...extra },
  };
}

const selecting = (app: string) => ({ matchLabels: { app } });

const spread = (app: string, keys: readonly string[], whenUnsatisfiable: string): Extra => ({
  topologySpreadConstraints: keys.map((topologyKey) => ({
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable,
    labelSelector: selecting(app),
  })),
});

const apartFromItself = (app: string): Extra => ({
  affinity: {
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: HOSTNAME, labelSelector: selecting(app) }],
    },
  },
});

const nearItself = (app: string): Extra => ({
  affinity: {
    podAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: ZONE, labelSelector: selecting(app) }],
    },
  },
});

const preferring = (app: string): Extra => ({
  affinity: {
    podAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [
        { weight: 50, podAffinityTerm: { topologyKey: ZONE, labelSelector: selecting(app) } },
      ],
    },
    podAntiAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [
        { weight: 100, podAffinityTerm: { topologyKey: HOSTNAME, labelSelector: selecting(app) } },
      ],
    },
  },
});

const nodeAffinity = (index: number): Extra => ({
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: ZONE, operator: 'NotIn', values: [`zone-${index % 5}`] }] }],
      },
      preferredDuringSchedulingIgnoredDuringExecution: [
        { weight: 10, preference: { matchExpressions: [{ key: 'disk', operator: 'In', values: ['ssd'] }] } },
      ],
    },
  },
});

/** Small, so that a node holds its 110 pods. */
const cpuOf = (index: number) => 50 + 10 * (index % 20);
const memoryOf = (index: number) => 100 + 50 * ((index * 7) % 20);

const app = (index: number) => `app-${index}`;

const appShape =
  (extra: (name: string, index: number) => Extra) =>
  (index: number): Pod =>
    benchPod(app(index), app(index), 100, 500, extra(app(index), index));

const uniformly = (shapes: number) => (random: Random) => () => random.below(shapes);

/** Shape k is drawn with a weight of 1 / k^1.1. */
const byZipf = (shapes: number) => (random: Random) => {
  const sums: number[] = [];
  let sum = 0;
  for (let k = 1; k <= shapes; k++) {
    sum += 1 / k ** 1.1;
    sums.push(sum);
  }
  return () => {
    const draw = (random.next() / 2 ** 32) * sum;
    let [low, high] = [0, shapes - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sums[middle]! < draw) low = middle + 1;
      else high = middle;
    }
    return low;
  };
};

const identical = { shapeCount: 1, shape: () => benchPod('web', 'web', 100, 500), next: () => () => 0 };

/** Four of these fill a small node. */
const lowPriority = Array.from({ length: 4 }, (_, i) => benchPod(`low-${i}`, 'low', 900, 500));
const withPriority = (name: string, cpuMilli: number) => benchPod(name, name, cpuMilli, 500, { priority: 10 });
const tooLarge = () => withPriority('too-large', 9000);

const mixed = [
  () => ({}),
  (name: string) => spread(name, [ZONE], 'DoNotSchedule'),
  (name: string) => apartFromItself(name),
  (name: string) => spread(name, [ZONE, HOSTNAME], 'ScheduleAnyway'),
  (_name: string, index: number) => nodeAffinity(index),
];

export const MICRO_WORKLOADS: readonly MicroWorkload[] = [
  { name: 'identical pods', ...identical },
  {
    name: '20 shapes, node affinity',
    shapeCount: 20,
    shape: (i) => benchPod(app(i), app(i), cpuOf(i), memoryOf(i), nodeAffinity(i)),
    next: uniformly(20),
  },
  {
    name: '200 shapes, zipf',
    shapeCount: 200,
    shape: (i) => benchPod(app(i), app(i), cpuOf(i), memoryOf(i) + i, {}),
    next: byZipf(200),
  },
  {
    name: '2000 shapes, zipf',
    shapeCount: 2000,
    shape: (i) => benchPod(app(i), app(i), cpuOf(i), memoryOf(i) + i, {}),
    next: byZipf(2000),
  },
  {
    name: 'every pod different',
    shapeCount: undefined,
    shape: (i) => benchPod(`pod-${i}`, 'web', 50 + ((i * 37) % 199), 100 + ((i * 61) % 999) + Math.floor(i / 50_000)),
    next: () => () => 0,
  },
  {
    name: 'zone spread, hard, 1 app',
    shapeCount: 1,
    shape: appShape((a) => spread(a, [ZONE], 'DoNotSchedule')),
    next: uniformly(1),
  },
  {
    name: 'zone spread, hard, 50 apps',
    shapeCount: 50,
    shape: appShape((a) => spread(a, [ZONE], 'DoNotSchedule')),
    next: uniformly(50),
  },
  // An app of these has room for one pod per node.
  {
    name: 'host anti-affinity, 1 app',
    shapeCount: 1,
    shape: appShape(apartFromItself),
    next: uniformly(1),
    podsPerNode: 0.8,
  },
  {
    name: 'host anti-affinity, 50 apps',
    shapeCount: 50,
    shape: appShape(apartFromItself),
    next: uniformly(50),
    podsPerNode: 35,
  },
  {
    name: 'zone and host spread, soft, 1 app',
    shapeCount: 1,
    shape: appShape((a) => spread(a, [ZONE, HOSTNAME], 'ScheduleAnyway')),
    next: uniformly(1),
  },
  {
    name: 'zone and host spread, soft, 100 apps',
    shapeCount: 100,
    shape: appShape((a) => spread(a, [ZONE, HOSTNAME], 'ScheduleAnyway')),
    next: uniformly(100),
  },
  { name: 'required zone affinity, 20 apps', shapeCount: 20, shape: appShape(nearItself), next: uniformly(20) },
  { name: 'preferred affinity, 20 apps', shapeCount: 20, shape: appShape(preferring), next: uniformly(20) },
  {
    name: 'mixed, 50 apps of five kinds',
    shapeCount: 50,
    shape: appShape((a, i) => mixed[i % 5]!(a, i)),
    next: uniformly(50),
  },
  { name: 'identical pods, default percentage', ...identical, percentageOfNodesToScore: 0 },
  // Each evicts three of the four pods on a node.
  {
    name: 'preemption',
    shapeCount: 1,
    shape: () => withPriority('high', 3000),
    next: uniformly(1),
    node: smallNode,
    filling: lowPriority,
    podsPerNode: 1,
    isWhole: true,
  },
  // Every other pod fits nowhere, whoever is evicted.
  {
    name: 'unschedulable pods',
    shapeCount: 2,
    shape: (i) => (i === 0 ? tooLarge() : benchPod('small', 'small', 10, 10)),
    next: () => {
      let count = 0;
      return () => count++ % 2;
    },
    node: smallNode,
    filling: lowPriority.slice(1),
    podsPerNode: 100,
    isWhole: true,
  },
  // Every tenth node has no room for anybody but the pod that it is promised to.
  {
    name: 'promised nodes',
    shapeCount: 1,
    shape: () => benchPod('web', 'web', 100, 500),
    next: uniformly(1),
    promise: { everyNodes: 10, pod: withPriority('promised', 31_950) },
    podsPerNode: 70,
  },
];
