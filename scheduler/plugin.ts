/**
 * The plugin contract: the whole vocabulary that plugins share with the engines, and nothing of an engine.
 *
 * A plugin is written once and serves two engines. For one pod it is *compiled* against the cluster's columns
 * (`preFilter` + `compileFilter`, `preScore` + `compileScore`); what comes back answers by node row, reading typed
 * arrays, and allocates nothing per node. Names and order of the extension points are those of kube-scheduler
 * v1.37 (`staging/src/k8s.io/kube-scheduler/framework/interface.go`).
 *
 * A *row* is a node's stable place in the columns. Rows of removed nodes are reused; `ClusterView.order` lists the
 * rows of the snapshot in node-tree order.
 */
import type {
  CompositePodGroup,
  CSIDriver,
  CSINode,
  CSIStorageCapacity,
  DeviceClass,
  DeviceTaintRule,
  KubeObject,
  LabelMatcher,
  Namespace,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  PodDisruptionBudget,
  PodGroup,
  PriorityClass,
  ReplicaSet,
  ReplicationController,
  ResourceClaim,
  ResourceClaimTemplate,
  ResourceSlice,
  Service,
  StatefulSet,
  StorageClass,
  Taint,
  VolumeAttachment,
  Workload,
} from '../api/index.ts';

/** Status codes of the scheduling framework, by upstream's names. */
export type Code = 'Success' | 'Error' | 'Unschedulable' | 'UnschedulableAndUnresolvable' | 'Wait' | 'Skip' | 'Pending';

export interface Status {
  readonly code: Code;
  readonly reasons: readonly string[];
  /** The plugin that said so; the engine fills it in. */
  readonly plugin?: string;
}

/** The node or pod is rejected; preempting pods may help. */
export const unschedulable = (...reasons: string[]): Status => ({ code: 'Unschedulable', reasons });
/** The node or pod is rejected and preemption cannot help. */
export const unresolvable = (...reasons: string[]): Status => ({ code: 'UnschedulableAndUnresolvable', reasons });

/** A plugin met something it cannot work with; the cycle of this pod ends in an error (code `Error`). */
export class PluginError extends Error {
  override readonly name = 'PluginError';
}

/** The state that PreFilter or PreScore left; a profile can enable Filter or Score without them. `what` is upstream's wording. */
export function requireState<S>(state: unknown, what: string): S {
  if (state === undefined) throw new PluginError(`${what}: not found`);
  return state as S;
}

export type ExtensionPoint =
  | 'preEnqueue'
  | 'queueSort'
  | 'preFilter'
  | 'filter'
  | 'postFilter'
  | 'preScore'
  | 'score'
  | 'reserve'
  | 'permit'
  | 'preBind'
  | 'bind'
  | 'postBind'
  | 'placementGenerate'
  | 'placementScore'
  | 'podGroupPostFilter';

/**
 * What can change a plugin's answer for one node, from the narrowest to the widest. This is all the caches know.
 *
 * `node`: the node's own object. `usage`: also the pods on that node. `nodes`: the objects of all nodes, and how many
 * there are. `domain`: also pods anywhere; the plugin then offers `liveFilter` and `liveScore`. `cluster`: anything.
 *
 * Below `cluster`, what PreFilter and PreScore answer depends on the pod's class and on the kinds of objects that the
 * definition names in `reads`, not on nodes or pods, so that an engine asks them once per class.
 */
export type Dependency = 'node' | 'usage' | 'nodes' | 'domain' | 'cluster';

/** Whole amounts of resources: cpu in milli-cores, everything else in its own unit (bytes, counts). */
export interface ResourceAmounts {
  readonly cpuMilli: number;
  readonly memoryBytes: number;
  readonly ephemeralStorageBytes: number;
  /** Extended resources, hugepages and the like, by name, sorted by name. Entries of 0 stay. */
  readonly scalars: ReadonlyArray<readonly [name: string, amount: number]>;
}

export interface HostPort {
  readonly ip: string;
  readonly protocol: string;
  readonly port: number;
}

/** One (anti-)affinity term of a pod, as `GetAffinityTerms` compiles it. */
export interface AffinityTerm {
  /** The named namespaces, or the pod's own when the term names none and has no namespaceSelector. */
  readonly namespaces: ReadonlySet<string>;
  /** A nil namespaceSelector matches nothing. */
  readonly namespaceSelector: LabelMatcher;
  readonly labelSelector: LabelMatcher;
  readonly topologyKey: string;
  /** 1..100 for preferred terms, 0 for required ones. */
  readonly weight: number;
}

export interface PodAffinityTerms {
  readonly requiredAffinity: readonly AffinityTerm[];
  readonly requiredAntiAffinity: readonly AffinityTerm[];
  readonly preferredAffinity: readonly AffinityTerm[];
  readonly preferredAntiAffinity: readonly AffinityTerm[];
}

/**
 * A pod as plugins see it. Two pods with the same `classId` get the same answers from every plugin; the class covers
 * namespace, labels, spec (without the node it is bound to) and controller, not name, UID or status.
 */
export interface PodInfo {
  readonly pod: Pod;
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  /** `namespace/name`. */
  readonly key: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly priority: number;
  readonly classId: number;
  /** Pods of one shape differ at most in the resources of their containers. */
  readonly shapeId: number;
  /** What Filter asks for: spec requests with init containers, sidecars, pod-level resources and overhead. */
  readonly requests: ResourceAmounts;
  /** What the pod takes from a node once on it: the same object as `requests` unless a resize in place is under way. */
  readonly usage: ResourceAmounts;
  /** As `usage`, with 100m / 200 MiB for containers that request nothing. */
  readonly nonZeroCpuMilli: number;
  readonly nonZeroMemoryBytes: number;
  readonly hostPorts: readonly HostPort[];
  readonly affinity: PodAffinityTerms;
  /** A term that cannot be parsed (`parsing pod: …` in InterPodAffinity). */
  readonly affinityError?: string;
  readonly terminating: boolean;
  /** Milliseconds since the epoch; undefined when the pod has not started. */
  readonly startTimeMs?: number;
}

export interface Lister<T> {
  /** `name`, or `namespace/name` for namespaced kinds. */
  get(key: string): T | undefined;
  /** In the order of first addition. */
  list(): Iterable<T>;
}

/** A lister that also finds objects by one property of theirs. */
export interface IndexedLister<T> extends Lister<T> {
  /** The objects whose property has this value, in the order in which they first had it. */
  by(value: string): Iterable<T>;
}

/** A lister that reports changes. */
export interface WatchedLister<T> extends Lister<T> {
  /** Called for what there is, and then for every change. `before` is undefined for what is new, `after` for what is gone. */
  watch(listener: (before: T | undefined, after: T | undefined) => void): void;
}

/** Cluster objects beside nodes and pods. */
export interface ObjectListers {
  readonly namespaces: Lister<Namespace>;
  readonly priorityClasses: Lister<PriorityClass>;
  readonly podDisruptionBudgets: Lister<PodDisruptionBudget>;
  readonly services: Lister<Service>;
  readonly replicationControllers: Lister<ReplicationController>;
  readonly replicaSets: Lister<ReplicaSet>;
  readonly statefulSets: Lister<StatefulSet>;
  /** `by` storage class. */
  readonly persistentVolumes: IndexedLister<PersistentVolume>;
  readonly persistentVolumeClaims: Lister<PersistentVolumeClaim>;
  readonly storageClasses: Lister<StorageClass>;
  readonly csiNodes: Lister<CSINode>;
  readonly csiDrivers: Lister<CSIDriver>;
  /** `by` storage class. */
  readonly csiStorageCapacities: IndexedLister<CSIStorageCapacity>;
  /** `by` node name. */
  readonly volumeAttachments: IndexedLister<VolumeAttachment>;
  readonly resourceClaims: WatchedLister<ResourceClaim>;
  readonly resourceClaimTemplates: Lister<ResourceClaimTemplate>;
  readonly resourceSlices: WatchedLister<ResourceSlice>;
  readonly deviceClasses: WatchedLister<DeviceClass>;
  readonly deviceTaintRules: WatchedLister<DeviceTaintRule>;
  readonly podGroups: Lister<PodGroup>;
  readonly compositePodGroups: Lister<CompositePodGroup>;
  readonly workloads: Lister<Workload>;
}

/**
 * The cluster as plugins read it. Columns are indexed by row and replaced when the cluster grows or learns a new
 * resource, so take them afresh in every compile. Nothing here may be changed by a plugin.
 */
export interface ClusterView {
  /** Number of nodes in the snapshot. */
  readonly nodeCount: number;
  /** Position in the snapshot (node-tree order) → row; only the first `nodeCount` entries count. */
  readonly order: Int32Array;
  /** Length of every column. */
  readonly rowCount: number;
  /** Goes up when a node is added, removed or changed: everything with dependency `node` may differ. */
  readonly nodeGeneration: number;

  node(row: number): Node;
  /** −1 when there is no such node. */
  rowOf(nodeName: string): number;
  labels(row: number): Readonly<Record<string, string>>;
  /** Label values by row as interned ids, −1 where the node lacks the key. Equal ids, equal values. */
  labelColumn(key: string): Int32Array;
  /** The string behind an id of `labelColumn`. */
  labelValue(id: number): string;
  /** Nodes with equal taints share an id; `taintSets[id]` is their list. */
  readonly taintSetId: Int32Array;
  readonly taintSets: ReadonlyArray<readonly Taint[]>;
  /** 1 where `spec.unschedulable`. */
  readonly unschedulable: Uint8Array;

  readonly allocatableCpuMilli: Float64Array;
  readonly allocatableMemoryBytes: Float64Array;
  readonly allocatableEphemeralStorageBytes: Float64Array;
  readonly allocatablePods: Float64Array;
  readonly requestedCpuMilli: Float64Array;
  readonly requestedMemoryBytes: Float64Array;
  readonly requestedEphemeralStorageBytes: Float64Array;
  readonly nonZeroRequestedCpuMilli: Float64Array;
  readonly nonZeroRequestedMemoryBytes: Float64Array;
  readonly podCount: Int32Array;
  /** Column of a scalar resource; undefined when no node and no pod ever named it (all zero). */
  scalarAllocatable(name: string): Float64Array | undefined;
  scalarRequested(name: string): Float64Array | undefined;

  pods(row: number): readonly PodInfo[];
  /** Pods with any (anti-)affinity, required or preferred. */
  podsWithAffinity(row: number): readonly PodInfo[];
  podsWithRequiredAntiAffinity(row: number): readonly PodInfo[];
  /** How many pods on nodes have any (anti-)affinity, and required anti-affinity: 0 lets a plugin skip its scan. */
  readonly affinityPodCount: number;
  readonly requiredAntiAffinityPodCount: number;
  portConflicts(row: number, port: HostPort): boolean;

  hasImage(row: number, name: string): boolean;
  /** Size and number of nodes of an image name (as listed in `node.status.images[].names`). */
  image(name: string): { readonly sizeBytes: number; readonly nodeCount: number } | undefined;
  /** How many pods on nodes use the claim `namespace/name`. */
  claimUserCount(key: string): number;

  readonly objects: ObjectListers;
  readonly groups: GroupView;
}

/**
 * State of one PreFilter, changed by what-ifs (nominated pods, preemption dry runs). The engine calls `checkpoint`
 * before the first change and `restore` with what it returned afterwards; the state must then be exactly as before.
 */
export interface FilterState {
  addPod?(pod: PodInfo, row: number): void;
  removePod?(pod: PodInfo, row: number): void;
  checkpoint?(): unknown;
  restore?(checkpoint: unknown): void;
}

/** Answer of PreFilter. `reject` ends or spoils the cycle; `skip` drops the plugin's Filter for this pod. */
export interface PreFilterResult<S = unknown> {
  readonly reject?: Status;
  readonly skip?: boolean;
  /** Only these nodes (by name) can do. */
  readonly nodeNames?: ReadonlySet<string>;
  readonly state?: S;
}

/**
 * One of the usual formulas over CPU and memory, which an engine can work out for many nodes at once. A Filter or Score that
 * carries a form must say exactly what the form says.
 *
 * `fits`: a pod slot is free, and both amounts (above 0) are left of what is allocatable; nothing else matters.
 * `leastAllocated`: the mean, rounded down, of the percentages of CPU and memory that are left after the pod, rounded down
 * each, over `nonZeroRequested…`; 0 for one that is overdrawn.
 * `balanced`: 50 + (50 + with − without) / 2, rounded down, where `with` and `without` the pod are 100 · (1 − |a − b| / 2),
 * rounded down, and a and b the used fractions of CPU and memory, at most 1.
 */
export interface ResourceForm {
  readonly kind: 'fits' | 'leastAllocated' | 'balanced';
  readonly cpuMilli: number;
  readonly memoryBytes: number;
}

export interface CompiledFilter {
  readonly form?: ResourceForm;
  /**
   * For dependencies `node` and `nodes`: all that was read of the pod. Pods with equal texts get equal answers from the plugin,
   * so that what it says of the nodes is worked out once for all of them. Without it every class is asked about every node.
   */
  readonly signature?: string;
  /** 0 when the pod fits the node, else a code of this plugin's own, to be read by `status`. */
  filter(row: number): number;
  /** What a non-zero code means. Must not depend on the state of the cluster. */
  status(code: number): Status;
}

/**
 * How raw scores become 0..100 over the feasible nodes (`plugins/helper/normalize_score.go` and each plugin).
 * `max`: 100·raw/max; `reversedMax`: 100 − 100·raw/max; `minMax`: trunc(100·((raw−min)/(max−min)));
 * `spread`: 100·(max+min−raw)/max over the nodes that are not ignored.
 */
export type Normalization =
  | { readonly kind: 'max' }
  | { readonly kind: 'reversedMax' }
  | { readonly kind: 'minMax' }
  | { readonly kind: 'spread'; ignored(row: number): boolean }
  | { readonly kind: 'custom'; apply(scores: Float64Array, rows: Int32Array, count: number): void };

export interface CompiledScore {
  readonly form?: ResourceForm;
  /** As for Filters. */
  readonly signature?: string;
  /** Raw score, an integer; in 0..100 when `normalization` is absent. */
  score(row: number): number;
  readonly normalization?: Normalization;
}

// --- live answers ----------------------------------------------------------------------------------------------------

/**
 * A small whole number per node. Nodes with equal facts get equal answers from whoever named the facts, so that an engine
 * can ask once for all of them. `of` changes only with the node's object (`node`) or with the pods on it (`usage`).
 */
export interface NodeFact {
  readonly changes: 'node' | 'usage';
  /** For facts that change with the node's object: equal texts, equal facts, whichever plugin names them. */
  readonly signature?: string;
  of(row: number): number;
}

/** What a counter counts. Queries with the same `signature` must count the same: they share a counter. */
export interface CountQuery {
  readonly signature: string;
  /** Label whose values are the domains; undefined counts by node. */
  readonly topologyKey: string | undefined;
  /** Nodes without the label form the domain of the empty value. By default they are in no domain, and count nothing. */
  readonly missingIsEmpty?: boolean;
  /** How much a pod on a node counts; depends on its class and on `terminating`. */
  weight(pod: PodInfo): number;
  /** Nodes that take part; by default all. Depends on the node's object. */
  includes?(row: number): boolean;
}

/** Sums over the pods of each topology domain, kept up to date as pods come and go. */
export interface DomainCounter {
  /** Sum of the domain that the node is in; 0 when it is in none. */
  valueAt(row: number): number;
  /** Which domain the node is in: a number from 0 on, −1 for none. */
  domainAt(row: number): number;
  /** Sum over all domains. */
  readonly total: number;
  /** Every domain is a single node; nodes with equal facts are then in domains of their own all the same. */
  readonly isPerNode: boolean;
  /** Domains that hold an included node, and the smallest sum of these (infinite when there are none). */
  readonly domainCount: number;
  readonly minimum: number;
  /** The fact on which an answer rests that reads no more than `valueAt`, up to `atMost`, and whether there is a domain. */
  fact(atMost?: number): NodeFact;
}

/** Counters that live as long as somebody uses them. */
export interface DomainCounters {
  /** Of the pods with (anti-)affinity terms that are or ever were on a node, one for all that have the same terms. */
  readonly classesWithTerms: readonly PodInfo[];
  counter(query: CountQuery): DomainCounter;
}

/** A Filter that stays valid while pods come and go; it reads counters when asked. No what-ifs reach it. */
export interface LiveFilter extends CompiledFilter {
  readonly facts: readonly NodeFact[];
  /** True while PreFilter would skip the plugin. Without it PreFilter never does. */
  isIdle?(): boolean;
  /** True when a pod whose terms are new to the nodes (`classesWithTerms`) makes it necessary to compile anew. */
  outdatedBy?(pod: PodInfo): boolean;
  /**
   * True when the change of a node's object makes it necessary to compile anew; counters have it already, and the node itself
   * is asked about again in any case. Without it every change does. Columns that were taken are still the ones.
   */
  outdatedByNode?(row: number): boolean;
}

/** A Score that stays valid while pods come and go. */
export interface LiveScore extends CompiledScore {
  readonly facts: readonly NodeFact[];
  /**
   * PreScore of one cycle: `rows[i]` stands for `nodes[i]` feasible nodes with equal facts (`i` below `count`). False
   * skips the plugin for this cycle.
   */
  prepare(rows: Int32Array, nodes: Float64Array, count: number): boolean;
  outdatedBy?(pod: PodInfo): boolean;
  outdatedByNode?(row: number): boolean;
}

/** Answer of PreScore. */
export interface PreScoreResult<S = unknown> {
  readonly skip?: boolean;
  readonly state?: S;
}

/**
 * A what-if on one node. Everything done between `begin` and `end` is undone by `end`. For a pod on another node, whose row
 * is given, only what PreFilter has counted changes: that is as far as upstream goes.
 */
export interface WhatIf {
  begin(row: number): void;
  removePod(pod: PodInfo, row?: number): void;
  addPod(pod: PodInfo, row?: number): void;
  /** Runs the Filter chain, nominated pods included; undefined when the pod fits. Code `Error` for a Filter that failed. */
  filter(): Status | undefined;
  end(): void;
  /** The form that decides alone what `filter` says of the node, whichever single pods are moved; undefined when none does. */
  roomFor?(row: number): ResourceForm | undefined;
}

/**
 * Lets a PostFilter plugin keep what it finds out about nodes from one pod of a class to the next. Offered where a node's
 * status and what-ifs about it depend on the node, the pods on it and those promised to it, and on nothing else.
 */
export interface NodeMemory {
  /** Nodes whose status is exactly Unschedulable. */
  readonly unschedulableCount: number;
  /**
   * What `make` made earlier for this class, after `forget` of every position (in `ClusterView.order`) that may have changed
   * since; made anew when nodes have come, gone or changed, or objects of the kinds that the plugin's definition `reads`.
   */
  recall<T extends { forget(position: number): void }>(make: () => T): T;
}

export interface PostFilterContext<S = unknown> {
  readonly pod: PodInfo;
  readonly cluster: ClusterView;
  /** This plugin's own PreFilter state; undefined when its PreFilter did not run. */
  readonly state: S | undefined;
  /** The status of a node in this cycle (nodes that were not evaluated share one). */
  statusOf(row: number): Status;
  readonly nominatedNodeName: string;
  readonly whatIf: WhatIf;
  /** Undefined where nothing can be kept, or every node's outcome is to be told. */
  readonly memory?: NodeMemory;
  /** What extenders leave of the candidates, or make of them. Throws an Error when one fails that has to answer. */
  reviewCandidates(candidates: readonly PreemptionCandidate[]): readonly PreemptionCandidate[];
}

/** A node on which evicting `victims` (most important first) would make room. */
export interface PreemptionCandidate {
  readonly row: number;
  readonly victims: readonly PodInfo[];
  readonly pdbViolations: number;
}

export interface PostFilterResult {
  readonly status: Status;
  /** A decision on the nomination: a node name, or '' to clear it. Absent: keep what there is. */
  readonly nominatedNodeName?: string;
  readonly victims?: readonly PodInfo[];
  /** For explanations: everything the dry run found. */
  readonly candidates?: readonly PreemptionCandidate[];
  readonly dryRunRejected?: ReadonlyArray<{ readonly row: number; readonly status: Status }>;
  /** Candidates that were equal on all criteria, when there was a choice. */
  readonly tiedRows?: readonly number[];
  readonly pdbViolations?: number;
}

// --- groups of pods --------------------------------------------------------------------------------------------------

/**
 * Groups are told apart by keys: `podgroup/<namespace>/<name>` and `compositepodgroup/<namespace>/<name>`, as upstream
 * writes them (`EntityKey` in `staging/src/k8s.io/kube-scheduler/framework/types.go`).
 */
export type GroupKey = string;

export const podGroupKey = (namespace: string, name: string): GroupKey => `podgroup/${namespace}/${name}`;
export const compositePodGroupKey = (namespace: string, name: string): GroupKey =>
  `compositepodgroup/${namespace}/${name}`;

/** The key of the group that the pod names; undefined when it names none. */
export function groupKeyOf({ pod, namespace }: PodInfo): GroupKey | undefined {
  const name = pod.spec?.schedulingGroup?.podGroupName;
  return name === undefined ? undefined : podGroupKey(namespace, name);
}

/** The pods of a PodGroup, as far as the scheduler knows of them. */
export interface GroupMembers {
  readonly podCount: number;
  /** Pods that are on a node or on their way to one. */
  readonly scheduledCount: number;
  scheduledPods(): readonly PodInfo[];
  /** On their way. */
  assumedPods(): readonly PodInfo[];
  unscheduledPods(): readonly PodInfo[];
}

/** Groups and their pods; empty while the gate GenericWorkload is off. */
export interface GroupView {
  /** Undefined while the object is not there. */
  podGroup(key: GroupKey): PodGroup | undefined;
  compositePodGroup(key: GroupKey): CompositePodGroup | undefined;
  /** Of a PodGroup; undefined when neither the group nor any of its pods is known. */
  members(key: GroupKey): GroupMembers | undefined;
  /** The groups that name this one as their parent. */
  children(key: GroupKey): readonly GroupKey[];
  /** The group at the top, above this one or this one itself; undefined while one on the way there is missing. */
  root(key: GroupKey): GroupKey | undefined;
}

/** A group as a scheduling cycle works on it. */
export interface GroupInfo {
  readonly key: GroupKey;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly priority: number;
  /** One of the two. */
  readonly podGroup?: PodGroup;
  readonly compositePodGroup?: CompositePodGroup;
  /** In the order in which they are tried; only composite groups have any. */
  readonly children: readonly GroupInfo[];
  /** Members that the cycle is to place, those of children included. */
  readonly pods: readonly PodInfo[];
}

/** How far the placing of a group has come: in pods, or for a composite group in groups. */
export interface GroupProgress {
  readonly remaining: number;
  readonly scheduled: number;
}

/** Nodes on which a group could be placed as a whole. */
export interface Placement {
  readonly name: string;
  /** In snapshot order. */
  readonly rows: Int32Array;
}

/** A placement and the pods of the group that fit there. */
export interface PlacementOutcome extends Placement {
  readonly pods: readonly PodInfo[];
}

/** A what-if about a whole group. Everything done between `begin` and `end` is undone by `end`. */
export interface GroupWhatIf {
  begin(): void;
  /** Takes pods off their nodes, or puts them back. */
  removePods(pods: readonly PodInfo[]): void;
  addPods(pods: readonly PodInfo[]): void;
  /** Tries to place the group on what is left; undefined when that works. */
  schedule(): Status | undefined;
  /** Whether everybody whom `schedule` placed still fits there. */
  stillFits(): boolean;
  /** UID → node name of whom `schedule` placed. */
  readonly nodeNames: ReadonlyMap<string, string>;
  end(): void;
}

export interface GroupPostFilterContext {
  readonly group: GroupInfo;
  readonly cluster: ClusterView;
  /** Whether the plugin's own PreFilter ran for any pod of the group in this cycle. */
  readonly preFilterRan: boolean;
  readonly whatIf: GroupWhatIf;
}

export interface GroupPostFilterResult {
  readonly status: Status;
  /** UID → node name. With Success: where the pods go once the victims are gone; '' for nowhere in particular. */
  readonly nominatedNodeNames?: ReadonlyMap<string, string>;
  readonly victims?: readonly PodInfo[];
}

export interface QueuedPod {
  readonly pod: PodInfo;
  readonly priority: number;
  /** When the pod was (re-)added to the queue; any monotone unit. */
  readonly timestamp: number;
}

/** Kinds of resources that events are about. `Pod` stands for the next three in registrations. */
export type EventResource =
  | 'Pod'
  /** A pod on a node. */
  | 'AssignedPod'
  /** A pod that waits, other than the one being asked about. */
  | 'UnscheduledPod'
  /** The very pod being asked about. */
  | 'TargetPod'
  | 'Node'
  | 'PersistentVolume'
  | 'PersistentVolumeClaim'
  | 'storage.k8s.io/CSINode'
  | 'storage.k8s.io/CSIDriver'
  | 'storage.k8s.io/VolumeAttachment'
  | 'storage.k8s.io/CSIStorageCapacity'
  | 'storage.k8s.io/StorageClass'
  | 'resource.k8s.io/ResourceClaim'
  | 'resource.k8s.io/ResourceSlice'
  | 'resource.k8s.io/DeviceClass'
  | 'scheduling.k8s.io/PodGroup'
  | 'scheduling.k8s.io/CompositePodGroup'
  | '*';

/** What can happen to a resource, as a set of bits in upstream's order (the order decides what a registration covers). */
export const Action = {
  Add: 1 << 0,
  Delete: 1 << 1,
  UpdateNodeAllocatable: 1 << 2,
  UpdateNodeLabel: 1 << 3,
  /** Taints, or `spec.unschedulable` from true to false. */
  UpdateNodeTaint: 1 << 4,
  UpdateNodeCondition: 1 << 5,
  UpdateNodeAnnotation: 1 << 6,
  UpdateNodeDeclaredFeature: 1 << 7,
  UpdateNodePreemptionPolicy: 1 << 8,
  UpdatePodLabel: 1 << 9,
  UpdatePodScaleDown: 1 << 10,
  UpdatePodScaleUp: 1 << 11,
  UpdatePodToleration: 1 << 12,
  UpdatePodSchedulingGatesEliminated: 1 << 13,
  UpdatePodGeneratedResourceClaim: 1 << 14,
  All: (1 << 15) - 1,
  /** Every kind of update. */
  Update: (1 << 15) - 1 - 3,
} as const;

/** Whether an event may make a waiting pod schedulable as far as the plugin can tell. */
export type Hint = 'Queue' | 'Skip';

/**
 * Asked when a pod waits that the plugin has rejected and something happens that the plugin registered for. `before` is
 * undefined for additions, `after` for deletions. The answer must be the same for all pods of a class (it is asked once per
 * class), except for `TargetPod` events. What it throws counts as Queue.
 */
export type QueueingHint<T> = (pod: PodInfo, before: T | undefined, after: T | undefined, cluster: ClusterView) => Hint;

type Registered<R extends EventResource, T> = {
  readonly resource: R;
  /** `Action` bits. */
  readonly action: number;
  /** Absent: always Queue. */
  readonly hint?: QueueingHint<T>;
};

/** An event that can cure a rejection by the plugin. */
export type EventRegistration =
  | Registered<'Pod' | 'AssignedPod' | 'UnscheduledPod' | 'TargetPod', PodInfo>
  | Registered<'Node', Node>
  | Registered<'PersistentVolume', PersistentVolume>
  | Registered<'PersistentVolumeClaim', PersistentVolumeClaim>
  | Registered<'storage.k8s.io/CSINode', CSINode>
  | Registered<'storage.k8s.io/CSIDriver', CSIDriver>
  | Registered<'storage.k8s.io/VolumeAttachment', VolumeAttachment>
  | Registered<'storage.k8s.io/CSIStorageCapacity', CSIStorageCapacity>
  | Registered<'storage.k8s.io/StorageClass', StorageClass>
  | Registered<'resource.k8s.io/ResourceClaim', ResourceClaim>
  | Registered<'resource.k8s.io/DeviceClass', DeviceClass>
  | Registered<
      'resource.k8s.io/ResourceSlice' | 'scheduling.k8s.io/PodGroup' | 'scheduling.k8s.io/CompositePodGroup' | '*',
      KubeObject
    >;

/** Outcome of Permit: undefined lets the pod through at once. */
export interface PermitResult {
  readonly status: Status;
  readonly timeoutMs?: number;
}

/** What a PreBind that takes time may use. Its calls answer later, or before they return. */
export interface PreBindContext {
  readonly nowMs: number;
  /** Runs the task after a while; what comes back takes it away. */
  after(delayMs: number, task: () => void): () => void;
  /** Sends an object to the API; `done` gets the object as stored, or why it was refused. */
  update(object: KubeObject, done: (stored: KubeObject | undefined, error: string | undefined) => void): void;
  /** False once the pod is gone from the API, as far as the scheduler has heard. */
  podExists(): boolean;
  /** Ends this PreBind; no status means success. */
  finish(status?: Status): void;
}

/** A plugin of one profile. Implement the methods of the extension points that the definition lists. */
export interface Plugin {
  /**
   * What can cure a rejection by this plugin. Without it every event may; an empty list says that none can. Counts for
   * plugins that can reject: those with preEnqueue, preFilter, filter, reserve or permit among their points.
   */
  readonly events?: readonly EventRegistration[];
  preEnqueue?(pod: PodInfo, cluster: ClusterView): Status | undefined;
  less?(a: QueuedPod, b: QueuedPod): boolean;
  preFilter?(pod: PodInfo, cluster: ClusterView): PreFilterResult;
  /** `state` is what this plugin's PreFilter returned, undefined when PreFilter is not enabled in the profile. */
  compileFilter?(pod: PodInfo, cluster: ClusterView, state: unknown): CompiledFilter;
  /**
   * The form that the outcome of PreFilter and `compileFilter` carries, without the work of compiling; `skip` where PreFilter
   * skips. For pods that are all different. Undefined: it carries none.
   */
  filterForm?(pod: PodInfo, cluster: ClusterView): ResourceForm | 'skip' | undefined;
  postFilter?(context: PostFilterContext): PostFilterResult;
  /** `rows[0..count)` are the feasible nodes, in the order they were found. */
  preScore?(pod: PodInfo, cluster: ClusterView, rows: Int32Array, count: number): PreScoreResult;
  /** `state` is what this plugin's PreScore returned, undefined when PreScore is not enabled in the profile. */
  compileScore?(pod: PodInfo, cluster: ClusterView, state: unknown): CompiledScore;
  /** As `filterForm`, for PreScore and `compileScore`. */
  scoreForm?(pod: PodInfo, cluster: ClusterView): ResourceForm | 'skip' | undefined;
  /**
   * False when no pod of this class is ever rejected, scored above 0 or reserved for by this plugin, whatever is in the
   * cluster, as long as no object of the kinds in `reads` changes: an engine need not ask then. By default every pod
   * concerns it.
   */
  concerns?(pod: PodInfo, cluster: ClusterView): boolean;
  /**
   * The Filter of a plugin with dependency `domain`, PreFilter included, in a form that outlives the cycle. `skip` is
   * PreFilter's. Undefined: this pod can only be served the long way.
   */
  liveFilter?(pod: PodInfo, cluster: ClusterView, counters: DomainCounters): LiveFilter | 'skip' | undefined;
  /** As `liveFilter`, for PreScore and Score. */
  liveScore?(pod: PodInfo, cluster: ClusterView, counters: DomainCounters): LiveScore | 'skip' | undefined;
  reserve?(pod: PodInfo, row: number, cluster: ClusterView): Status | undefined;
  unreserve?(pod: PodInfo, row: number, cluster: ClusterView): void;
  permit?(pod: PodInfo, row: number, cluster: ClusterView): PermitResult | undefined;
  /**
   * Asked before and during the placing of a group whether it can still come to something: undefined when there is enough
   * already, `Wait` when there may be, `Unschedulable` when there cannot be. Upstream keeps this to GangScheduling.
   */
  placementFeasible?(group: GroupInfo, progress: GroupProgress): Status | undefined;
  /** The placements to try, all within the one given; the first one is tried first. */
  placementGenerate?(group: GroupInfo, within: Placement, cluster: ClusterView): readonly Placement[] | Status;
  /** 0..100, or a whole number that `normalizePlacementScores` brings there. */
  placementScore?(group: GroupInfo, outcome: PlacementOutcome, cluster: ClusterView): number | Status;
  normalizePlacementScores?(scores: Float64Array): Status | undefined;
  /** For a group that could not be placed. */
  podGroupPostFilter?(context: GroupPostFilterContext): GroupPostFilterResult;
  preBind?(pod: PodInfo, row: number, cluster: ClusterView): Status | undefined;
  /** Before PreBind: undefined when there is work, code `Skip` when there is none. Without it a PreBind always works. */
  preBindPreFlight?(pod: PodInfo, row: number, cluster: ClusterView): Status | undefined;
  /** Its PreBind may go on while that of others does. @default false */
  readonly allowsParallelPreBind?: boolean;
  /**
   * PreBind for a scheduler that lives in time, instead of `preBind`: it calls `finish` once. The returned function stops
   * the work early; `finish` must not be called after that.
   */
  startPreBind?(pod: PodInfo, row: number, cluster: ClusterView, context: PreBindContext): () => void;
  /** Return code `Skip` to pass the pod on to the next Bind plugin. */
  bind?(pod: PodInfo, row: number, cluster: ClusterView): Status | undefined;
  postBind?(pod: PodInfo, row: number, cluster: ClusterView): void;
}

export interface WriteError {
  readonly reason: 'NotFound' | 'Conflict' | 'BadRequest' | 'Other';
  readonly message: string;
}

/** The object as stored now, or why not. */
export type WriteAnswer = (stored: KubeObject | undefined, error: WriteError | undefined) => void;

/** The API as plugins write to it. Every call answers through its last argument, before it returns or later. */
export interface PluginApi {
  get(object: KubeObject, answer: WriteAnswer): void;
  /** The name may be left to the API (`generateName`), UID and version are. */
  create(object: KubeObject, answer: WriteAnswer): void;
  /** Refused (`Conflict`) when the object has been changed since it was read. */
  update(object: KubeObject, answer: WriteAnswer): void;
  delete(object: KubeObject, answer: WriteAnswer): void;
  /** Sets fields of a pod's status. */
  patchPodStatus(pod: Pod, fields: Readonly<Record<string, unknown>>, answer: WriteAnswer): void;
}

/** What else a plugin may be told when it is made. */
export interface PluginHandle {
  readonly profileName: string;
  /** Whether a feature gate is on, by upstream's name. */
  isEnabled(gate: string): boolean;
  /** True while victims are being evicted for the pod or group, until the last one is known to go. */
  isPreempting(uid: string): boolean;
  /** Sends pods that wait back to the queue, whatever they wait for. */
  activate(pods: readonly PodInfo[]): void;
  /** Lets a pod go on that this plugin made wait at Permit; harmless for others. */
  allow(podUid: string, plugin: string): void;
  /** Without time the writes are done at once. */
  readonly api: PluginApi;
}

/** A plugin as the registry knows it. */
export interface PluginDefinition<Args = unknown> {
  readonly name: string;
  /** The extension points that it implements, whether or not a method of the same name is needed. */
  readonly points: readonly ExtensionPoint[];
  /** What can change the answer of Filter, and of Score, for a node. Defaults to `cluster`: correct, never cached. */
  readonly dependsOn?: { readonly filter?: Dependency; readonly score?: Dependency };
  /**
   * True when no answer depends on what the pod requests, so that pods of equal `shapeId` can share answers. For
   * dependencies `node`, `nodes` and `domain`. @default false
   */
  readonly ignoresRequests?: boolean;
  /** Kinds of other objects that `concerns`, and for dependencies below `cluster` PreFilter and PreScore, look at. @default none */
  readonly reads?: ReadonlyArray<keyof ObjectListers>;
  /** Makes the instance for one profile. Throws an Error with upstream's text when the arguments cannot be used. */
  create(args: Args, handle: PluginHandle): Plugin;
}
