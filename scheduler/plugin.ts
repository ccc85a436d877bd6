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
  CSIDriver,
  CSINode,
  CSIStorageCapacity,
  LabelMatcher,
  Namespace,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  PodDisruptionBudget,
  PriorityClass,
  ReplicaSet,
  ReplicationController,
  ResourceClaim,
  Service,
  StatefulSet,
  StorageClass,
  Taint,
  VolumeAttachment,
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

/** What can change a plugin's answer for one node, from the narrowest to the widest. This is all the caches know. */
export type Dependency = 'node' | 'usage' | 'domain' | 'cluster';

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
  /** What Filter asks for: spec requests with init containers, sidecars, pod-level resources and overhead. */
  readonly requests: ResourceAmounts;
  /** What the pod takes from a node once on it (as `requests`, but in-place resize status counts too). */
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

/** Cluster objects beside nodes and pods. */
export interface ObjectListers {
  readonly namespaces: Lister<Namespace>;
  readonly priorityClasses: Lister<PriorityClass>;
  readonly podDisruptionBudgets: Lister<PodDisruptionBudget>;
  readonly services: Lister<Service>;
  readonly replicationControllers: Lister<ReplicationController>;
  readonly replicaSets: Lister<ReplicaSet>;
  readonly statefulSets: Lister<StatefulSet>;
  readonly persistentVolumes: Lister<PersistentVolume>;
  readonly persistentVolumeClaims: Lister<PersistentVolumeClaim>;
  readonly storageClasses: Lister<StorageClass>;
  readonly csiNodes: Lister<CSINode>;
  readonly csiDrivers: Lister<CSIDriver>;
  readonly csiStorageCapacities: Lister<CSIStorageCapacity>;
  readonly volumeAttachments: Lister<VolumeAttachment>;
  readonly resourceClaims: Lister<ResourceClaim>;
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

export interface CompiledFilter {
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
  /** Raw score, an integer; in 0..100 when `normalization` is absent. */
  score(row: number): number;
  readonly normalization?: Normalization;
}

/** Answer of PreScore. */
export interface PreScoreResult<S = unknown> {
  readonly skip?: boolean;
  readonly state?: S;
}

/** A what-if on one node. Everything done between `begin` and `end` is undone by `end`. */
export interface WhatIf {
  begin(row: number): void;
  removePod(pod: PodInfo): void;
  addPod(pod: PodInfo): void;
  /** Runs the Filter chain, nominated pods included; undefined when the pod fits. */
  filter(): Status | undefined;
  end(): void;
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

export interface QueuedPod {
  readonly pod: PodInfo;
  /** When the pod was (re-)added to the queue; any monotone unit. */
  readonly timestamp: number;
}

/** Outcome of Permit: undefined lets the pod through at once. */
export interface PermitResult {
  readonly status: Status;
  readonly timeoutMs?: number;
}

/** A plugin of one profile. Implement the methods of the extension points that the definition lists. */
export interface Plugin {
  preEnqueue?(pod: PodInfo, cluster: ClusterView): Status | undefined;
  less?(a: QueuedPod, b: QueuedPod): boolean;
  preFilter?(pod: PodInfo, cluster: ClusterView): PreFilterResult;
  /** `state` is what this plugin's PreFilter returned, undefined when PreFilter is not enabled in the profile. */
  compileFilter?(pod: PodInfo, cluster: ClusterView, state: unknown): CompiledFilter;
  postFilter?(context: PostFilterContext): PostFilterResult;
  /** `rows[0..count)` are the feasible nodes, in the order they were found. */
  preScore?(pod: PodInfo, cluster: ClusterView, rows: Int32Array, count: number): PreScoreResult;
  /** `state` is what this plugin's PreScore returned, undefined when PreScore is not enabled in the profile. */
  compileScore?(pod: PodInfo, cluster: ClusterView, state: unknown): CompiledScore;
  reserve?(pod: PodInfo, row: number, cluster: ClusterView): Status | undefined;
  unreserve?(pod: PodInfo, row: number, cluster: ClusterView): void;
  permit?(pod: PodInfo, row: number, cluster: ClusterView): PermitResult | undefined;
  preBind?(pod: PodInfo, row: number, cluster: ClusterView): Status | undefined;
  /** Return code `Skip` to pass the pod on to the next Bind plugin. */
  bind?(pod: PodInfo, row: number, cluster: ClusterView): Status | undefined;
  postBind?(pod: PodInfo, row: number, cluster: ClusterView): void;
}

/** What else a plugin may be told when it is made. */
export interface PluginHandle {
  readonly profileName: string;
}

/** A plugin as the registry knows it. */
export interface PluginDefinition<Args = unknown> {
  readonly name: string;
  /** The extension points that it implements, whether or not a method of the same name is needed. */
  readonly points: readonly ExtensionPoint[];
  /** What can change the answer of Filter, and of Score, for a node. Defaults to `cluster`: correct, never cached. */
  readonly dependsOn?: { readonly filter?: Dependency; readonly score?: Dependency };
  /** Makes the instance for one profile. Throws an Error with upstream's text when the arguments cannot be used. */
  create(args: Args, handle: PluginHandle): Plugin;
}
