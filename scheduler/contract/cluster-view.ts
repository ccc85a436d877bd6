/** The cluster as plugins see it: nodes in columns, other objects by lister. */
import type {
  CompositePodGroup,
  CSIDriver,
  CSINode,
  CSIStorageCapacity,
  DeviceClass,
  DeviceTaintRule,
  Namespace,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
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
} from '../../api/index.ts';
import type { GroupView } from './groups.ts';
import type { HostPort, PodInfo } from './pod.ts';

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
 * resource, so take them afresh in every compile. Engines may go on with what has been compiled after a node has changed: it is
 * asked again about that node, and reads what is there by then. Nothing here may be changed by a plugin.
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
