/**
 * NodeResourcesFit: the pod's requests must fit into what a node has left; full, empty or chosen utilizations score best.
 * Source: `plugins/noderesources/fit.go`, `least_allocated.go`, `most_allocated.go`, `requested_to_capacity_ratio.go`,
 * v1.37.2.
 *
 * Cost: Filter one comparison per requested resource; Score one division per configured resource.
 */
import {
  cpuMilliOf,
  type DeviceClass,
  isExtendedResourceName,
  type Node,
  podRequests,
  wholeUnitsOf as quantityOf,
} from '../api/index.ts';
import {
  Action,
  type ClusterView,
  type CompiledFilter,
  type EventRegistration,
  type Plugin,
  type PluginDefinition,
  PluginError,
  type PodInfo,
  type ResourceAmounts,
  type ResourceForm,
  requireState,
  type Status,
} from '../scheduler/plugin.ts';
import { brokenLinear, type ShapePoint } from './helper/broken-linear.ts';
import { CLASS_RESOURCE_PREFIX } from './helper/devices/device-classes.ts';
import { deviceStateOf } from './helper/devices/device-state.ts';
import { FLOAT_EXACT_MAX, percentOf } from './helper/percent.ts';
import { placementUsage } from './helper/placement-usage.ts';
import { lineUp, podAmounts, type ResourceSpec, type ScoredResource } from './helper/scored-resources.ts';

interface NodeResourcesFitArgs {
  readonly ignoredResources?: readonly string[];
  readonly ignoredResourceGroups?: readonly string[];
  readonly scoringStrategy: {
    readonly type: 'LeastAllocated' | 'MostAllocated' | 'RequestedToCapacityRatio';
    readonly resources: readonly ResourceSpec[];
    readonly requestedToCapacityRatio?: { readonly shape: readonly ShapePoint[] };
  };
}

export const nodeResourcesFit: PluginDefinition = {
  name: 'NodeResourcesFit',
  points: ['preFilter', 'filter', 'preScore', 'score', 'placementScore'],
  dependsOn: { filter: 'usage', score: 'usage' },
  reads: ['deviceClasses'],
  create: (args) => createFit(args as NodeResourcesFitArgs),
};

function createFit(args: NodeResourcesFitArgs): Plugin {
  const ignores = ignoredResourceTest(args);
  const { resources, type } = args.scoringStrategy;
  const isLeastAllocated = type === 'LeastAllocated';
  const scorer = nodeScorer(args);
  // Pods of a class share their `requests`, so that the amounts to score are worked out once per class.
  const amountsByClass = new WeakMap<ResourceAmounts, number[]>();
  const scoredAmounts = (pod: PodInfo): number[] => {
    if (countsAsUsed(pod)) return resources.map(({ name }) => defaultedAmount(pod, name));
    let amounts = amountsByClass.get(pod.requests);
    if (amounts === undefined) {
      // Upstream's scorer knows neither pod-level resources nor resize status.
      amounts = podAmounts(resources, podRequests(pod.pod, { podLevel: false, nonMissing: true }));
      amountsByClass.set(pod.requests, amounts);
    }
    return amounts;
  };
  return {
    events: EVENTS,
    preFilter: ({ requests }) => ({ state: requests }),
    compileFilter: (_pod, cluster, state) =>
      compileFit(
        requireState<ResourceAmounts>(state, 'error reading "PreFilterNodeResourcesFit" from cycleState'),
        cluster,
        ignores,
      ),
    filterForm: ({ requests }) => {
      const { cpuMilli, memoryBytes, ephemeralStorageBytes, scalars } = requests;
      if (cpuMilli <= 0 || memoryBytes <= 0 || ephemeralStorageBytes > 0) return undefined;
      if (scalars.some(([name, amount]) => amount > 0 && !ignores(name))) return undefined;
      return { kind: 'fits', cpuMilli, memoryBytes };
    },
    preScore: (pod) => ({ state: scoredAmounts(pod) }),
    scoreForm: (pod) => (isLeastAllocated ? leastAllocatedForm(resources, scoredAmounts(pod)) : undefined),
    compileScore: (pod, cluster, state) => {
      const amounts = (state as number[] | undefined) ?? scoredAmounts(pod);
      const form = isLeastAllocated ? leastAllocatedForm(resources, amounts) : undefined;
      return { score: scorer(lineUp(resources, amounts, cluster, true)), form };
    },
    // Groups go where they leave the fewest resources over, whatever single pods prefer.
    placementScore: (_group, { pods, rows }, cluster) => {
      const amounts = resources.map(() => 0);
      for (const pod of pods) for (const [i, amount] of scoredAmounts(pod).entries()) amounts[i]! += amount;
      return placementUsage(resources, amounts, rows, cluster);
    },
  };
}

function leastAllocatedForm(resources: readonly ResourceSpec[], amounts: readonly number[]): ResourceForm | undefined {
  if (resources.length !== 2 || resources[0]!.weight !== resources[1]!.weight) return undefined;
  const cpu = resources.findIndex(({ name }) => name === 'cpu');
  const memory = resources.findIndex(({ name }) => name === 'memory');
  if (cpu < 0 || memory < 0) return undefined;
  return { kind: 'leastAllocated', cpuMilli: amounts[cpu]!, memoryBytes: amounts[memory]! };
}

/** Neither pod-level resources nor a resize make the amounts to score differ from what the pod takes. */
const countsAsUsed = ({ pod, usage, requests }: PodInfo): boolean =>
  usage === requests && (pod.spec?.resources ?? undefined) === undefined;

function defaultedAmount({ usage, nonZeroCpuMilli, nonZeroMemoryBytes }: PodInfo, name: string): number {
  if (name === 'cpu') return nonZeroCpuMilli;
  if (name === 'memory') return nonZeroMemoryBytes;
  if (name === 'ephemeral-storage') return usage.ephemeralStorageBytes;
  return usage.scalars.find(([scalar]) => scalar === name)?.[1] ?? 0;
}

function ignoredResourceTest({ ignoredResources, ignoredResourceGroups }: NodeResourcesFitArgs) {
  const names = new Set(ignoredResources ?? []);
  const groups = new Set(ignoredResourceGroups ?? []);
  return (name: string): boolean =>
    isExtendedResourceName(name) && (names.has(name) || groups.has(name.slice(0, name.indexOf('/'))));
}

// --- Filter ----------------------------------------------------------------------------------------------------------

/** A rejection is a set of bits: what is short, and whether preemption could ever help. */
const TOO_MANY_PODS = 1;
const UNRESOLVABLE = 2;
const FIRST_RESOURCE_BIT = 2;
const MAX_RESOURCES = 28;

interface Demand {
  readonly name: string;
  readonly amount: number;
  readonly allocatable: Float64Array | undefined;
  readonly requested: Float64Array | undefined;
  /** Where the node has none of it, devices serve it, and DynamicResources sees to that. */
  readonly byDevices: boolean;
}

function compileFit(
  requests: ResourceAmounts,
  cluster: ClusterView,
  ignores: (name: string) => boolean,
): CompiledFilter {
  const { allocatablePods, podCount } = cluster;
  const demands = demandsOf(requests, cluster, ignores);
  if (demands.length > MAX_RESOURCES) {
    throw new PluginError(
      `the pod requests ${demands.length} kinds of resources; at most ${MAX_RESOURCES} can be told apart`,
    );
  }
  const [first, second] = demands;
  const plain = demands.length === 2 && isPlain(first!) && isPlain(second!);
  const isShort = plain ? shortOfTwo(first as PlainDemand, second as PlainDemand) : () => true;
  return {
    form:
      plain && first!.name === 'cpu' && second!.name === 'memory'
        ? { kind: 'fits', cpuMilli: first!.amount, memoryBytes: second!.amount }
        : undefined,
    filter: (row) => {
      // Most pods ask for CPU and memory alone, and most nodes have room.
      if (podCount[row]! < allocatablePods[row]! && !isShort(row)) return 0;
      let code = podCount[row]! + 1 > allocatablePods[row]! ? TOO_MANY_PODS : 0;
      for (let i = 0; i < demands.length; i++) {
        const { amount, allocatable, requested, byDevices } = demands[i]!;
        const capacity = allocatable === undefined ? 0 : allocatable[row]!;
        if (byDevices && capacity === 0) continue;
        const used = requested === undefined ? 0 : requested[row]!;
        if (amount <= capacity - used) continue;
        code |= 1 << (FIRST_RESOURCE_BIT + i);
        if (amount > capacity) code |= UNRESOLVABLE;
      }
      return code;
    },
    status: (code) => fitStatus(code, demands),
  };
}

interface PlainDemand extends Demand {
  readonly allocatable: Float64Array;
  readonly requested: Float64Array;
}

const isPlain = (demand: Demand): demand is PlainDemand =>
  demand.allocatable !== undefined && demand.requested !== undefined;

function shortOfTwo(a: PlainDemand, b: PlainDemand): (row: number) => boolean {
  const { amount: amountA, allocatable: capacityA, requested: usedA } = a;
  const { amount: amountB, allocatable: capacityB, requested: usedB } = b;
  return (row) => amountA > capacityA[row]! - usedA[row]! || amountB > capacityB[row]! - usedB[row]!;
}

/** What is asked for, in the order of upstream's reasons; a request of 0 is never checked. */
function demandsOf(requests: ResourceAmounts, cluster: ClusterView, ignores: (name: string) => boolean): Demand[] {
  const demands: Demand[] = [
    {
      name: 'cpu',
      amount: requests.cpuMilli,
      allocatable: cluster.allocatableCpuMilli,
      requested: cluster.requestedCpuMilli,
      byDevices: false,
    },
    {
      name: 'memory',
      amount: requests.memoryBytes,
      allocatable: cluster.allocatableMemoryBytes,
      requested: cluster.requestedMemoryBytes,
      byDevices: false,
    },
  ];
  // Its columns are made when somebody takes them.
  if (requests.ephemeralStorageBytes > 0) {
    demands.push({
      name: 'ephemeral-storage',
      amount: requests.ephemeralStorageBytes,
      allocatable: cluster.allocatableEphemeralStorageBytes,
      requested: cluster.requestedEphemeralStorageBytes,
      byDevices: false,
    });
  }
  for (const [name, amount] of requests.scalars) {
    if (ignores(name)) continue;
    demands.push({
      name,
      amount,
      allocatable: cluster.scalarAllocatable(name),
      requested: cluster.scalarRequested(name),
      byDevices: isServedByDevices(name, cluster),
    });
  }
  return demands.filter(({ amount }) => amount > 0);
}

/** A device class stands for the resource. */
const isServedByDevices = (name: string, cluster: ClusterView): boolean =>
  deviceStateOf(cluster).classOfResource.get(name) !== undefined;

function fitStatus(code: number, demands: readonly Demand[]): Status {
  const reasons = demands
    .filter((_, i) => code & (1 << (FIRST_RESOURCE_BIT + i)))
    .map(({ name }) => `Insufficient ${name}`);
  if (code & TOO_MANY_PODS) reasons.unshift('Too many pods');
  return { code: code & UNRESOLVABLE ? 'UnschedulableAndUnresolvable' : 'Unschedulable', reasons };
}

// --- events ----------------------------------------------------------------------------------------------------------

interface Capacity {
  readonly pods: number;
  readonly cpuMilli: number;
  readonly memoryBytes: number;
  readonly ephemeralStorageBytes: number;
  scalar(name: string): number;
}

/** Objects are immutable, and one is compared with many kinds of pods. */
const capacities = new WeakMap<Node, Capacity>();

function capacityOf(node: Node): Capacity {
  let capacity = capacities.get(node);
  if (capacity === undefined) {
    const { pods = '0', cpu = '0', memory = '0', ...others } = node.status?.allocatable ?? {};
    const scalars = new Map(Object.entries(others).map(([name, amount]) => [name, quantityOf(amount)]));
    const scalar = (name: string) => scalars.get(name) ?? 0;
    capacity = {
      pods: quantityOf(pods),
      cpuMilli: cpuMilliOf(cpu),
      memoryBytes: quantityOf(memory),
      ephemeralStorageBytes: scalar('ephemeral-storage'),
      scalar,
    };
    capacities.set(node, capacity);
  }
  return capacity;
}

/** A request of 0 is met by any node. */
const isMet = (amount: number, capacity: number): boolean => amount === 0 || amount <= capacity;

function fitsEmptyNode({ requests }: PodInfo, node: Node, cluster: ClusterView): boolean {
  const capacity = capacityOf(node);
  return (
    capacity.pods >= 1 &&
    isMet(requests.cpuMilli, capacity.cpuMilli) &&
    isMet(requests.memoryBytes, capacity.memoryBytes) &&
    isMet(requests.ephemeralStorageBytes, capacity.ephemeralStorageBytes) &&
    requests.scalars.every(
      ([name, amount]) =>
        isMet(amount, capacity.scalar(name)) || (capacity.scalar(name) <= 0 && isServedByDevices(name, cluster)),
    )
  );
}

function hasGrown({ requests }: PodInfo, before: Node, after: Node, cluster: ClusterView): boolean {
  const [had, has] = [capacityOf(before), capacityOf(after)];
  return (
    has.pods > had.pods ||
    (requests.cpuMilli > 0 && has.cpuMilli > had.cpuMilli) ||
    (requests.memoryBytes > 0 && has.memoryBytes > had.memoryBytes) ||
    (requests.ephemeralStorageBytes > 0 && has.ephemeralStorageBytes > had.ephemeralStorageBytes) ||
    requests.scalars.some(
      ([name, amount]) =>
        amount > 0 &&
        (has.scalar(name) > had.scalar(name) || (has.scalar(name) <= 0 && isServedByDevices(name, cluster))),
    )
  );
}

function hasFreed({ requests }: PodInfo, before: PodInfo, after: PodInfo): boolean {
  if (!after.pod.spec?.nodeName) return false;
  const [had, has] = [before.usage, after.usage];
  if (requests.cpuMilli > 0 && had.cpuMilli > has.cpuMilli) return true;
  if (requests.memoryBytes > 0 && had.memoryBytes > has.memoryBytes) return true;
  if (requests.ephemeralStorageBytes > 0 && had.ephemeralStorageBytes > has.ephemeralStorageBytes) return true;
  const amountIn = ({ scalars }: ResourceAmounts, name: string) => scalars.find(([own]) => own === name)?.[1] ?? 0;
  return requests.scalars.some(([name, amount]) => amount > 0 && amountIn(had, name) > amountIn(has, name));
}

/** Devices of a class can stand in for an extended resource, under the class's own name or one that it gives. */
const classResource = (deviceClass: DeviceClass | undefined): string | undefined =>
  deviceClass?.spec?.extendedResourceName;

function asksFor({ pod }: PodInfo, name: string): boolean {
  return podRequests(pod, { podLevel: true }).has(name);
}

const EVENTS: readonly EventRegistration[] = [
  {
    resource: 'AssignedPod',
    action: Action.Delete,
    hint: (_pod, before) => (before?.pod.spec?.nodeName || before?.pod.status?.nominatedNodeName ? 'Queue' : 'Skip'),
  },
  {
    resource: 'Node',
    action: Action.Add | Action.UpdateNodeAllocatable,
    hint: (pod, before, after, cluster) => {
      if (after === undefined || !fitsEmptyNode(pod, after, cluster)) return 'Skip';
      return before === undefined || hasGrown(pod, before, after, cluster) ? 'Queue' : 'Skip';
    },
  },
  {
    resource: 'resource.k8s.io/DeviceClass',
    action: Action.Add | Action.Update,
    hint: (pod, before, after) => {
      const name = classResource(after);
      if (before !== undefined && (classResource(before) ?? '') === (name ?? '')) return 'Skip';
      const implicit = `${CLASS_RESOURCE_PREFIX}${after?.metadata?.name ?? ''}`;
      if (before === undefined && asksFor(pod, implicit)) return 'Queue';
      return name !== undefined && asksFor(pod, name) ? 'Queue' : 'Skip';
    },
  },
  {
    resource: 'AssignedPod',
    action: Action.UpdatePodScaleDown,
    hint: (pod, before, after) => (before && after && hasFreed(pod, before, after) ? 'Queue' : 'Skip'),
  },
  { resource: 'TargetPod', action: Action.UpdatePodScaleDown },
];

// --- Score -----------------------------------------------------------------------------------------------------------

type NodeScorer = (resources: readonly ScoredResource[]) => (row: number) => number;

function nodeScorer({ scoringStrategy }: NodeResourcesFitArgs): NodeScorer {
  switch (scoringStrategy.type) {
    case 'LeastAllocated':
      return (resources) => leastOfTwo(resources) ?? leastAllocated(resources);
    case 'MostAllocated':
      // Pods without requests count with defaults, so more can be used than there is.
      return weightedMean((used, capacity) => percentOf(Math.min(used, capacity), capacity));
    case 'RequestedToCapacityRatio':
      return ratioScorer(scoringStrategy.requestedToCapacityRatio?.shape ?? []);
    default:
      throw new Error(`scoring strategy ${scoringStrategy.type} is not supported`);
  }
}

const leastAllocated: NodeScorer = (resources) =>
  weightedMean((used, capacity) => (used > capacity ? 0 : percentOf(capacity - used, capacity)))(resources);

/** The default, CPU and memory with equal weights, without a loop over resources; undefined for anything else. */
function leastOfTwo(resources: readonly ScoredResource[]): ((row: number) => number) | undefined {
  if (resources.length !== 2 || resources[0]!.weight !== resources[1]!.weight) return undefined;
  const [{ podAmount: amountA, allocatable: capacityA, requested: usedA }, b] = resources as [
    ScoredResource,
    ScoredResource,
  ];
  const { podAmount: amountB, allocatable: capacityB, requested: usedB } = b;
  const general = leastAllocated(resources);
  return (row) => {
    const ofA = capacityA[row]!;
    const ofB = capacityB[row]!;
    const freeA = ofA - usedA[row]! - amountA;
    const freeB = ofB - usedB[row]! - amountB;
    if (!(freeA >= 0 && freeB >= 0 && ofA > 0 && ofB > 0 && ofA <= FLOAT_EXACT_MAX && ofB <= FLOAT_EXACT_MAX)) {
      return general(row);
    }
    return (Math.floor((freeA * 100) / ofA) + Math.floor((freeB * 100) / ofB)) >> 1;
  };
}

const weightedMean =
  (scoreOf: (used: number, capacity: number) => number): NodeScorer =>
  (resources) =>
  (row) => {
    let sum = 0;
    let weights = 0;
    for (let i = 0; i < resources.length; i++) {
      const { weight, podAmount, allocatable, requested } = resources[i]!;
      const capacity = allocatable[row]!;
      if (capacity === 0) continue;
      sum += scoreOf(requested[row]! + podAmount, capacity) * weight;
      weights += weight;
    }
    return weights === 0 ? 0 : Math.floor(sum / weights);
  };

/** Resources that score 0 drop out of the mean altogether, and the mean is rounded: upstream's way for this strategy alone. */
function ratioScorer(shape: readonly ShapePoint[]): NodeScorer {
  // Utilization is a whole percentage, so the shape is a table.
  const scoreAt = Float64Array.from({ length: 101 }, (_, utilization) => brokenLinear(shape)(utilization));
  return (resources) => (row) => {
    let sum = 0;
    let weights = 0;
    for (let i = 0; i < resources.length; i++) {
      const { weight, podAmount, allocatable, requested } = resources[i]!;
      const capacity = allocatable[row]!;
      if (capacity === 0) continue;
      const used = requested[row]! + podAmount;
      const score = scoreAt[used > capacity ? 100 : percentOf(used, capacity)]!;
      if (score <= 0) continue;
      sum += score * weight;
      weights += weight;
    }
    return weights === 0 ? 0 : Math.round(sum / weights);
  };
}
