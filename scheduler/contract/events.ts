/** What happens in a cluster, and which of it may help a pod that waits. */
import type {
  CSIDriver,
  CSINode,
  CSIStorageCapacity,
  DeviceClass,
  KubeObject,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  ResourceClaim,
  StorageClass,
  VolumeAttachment,
} from '../../api/index.ts';
import type { ClusterView } from './cluster-view.ts';
import type { PodInfo } from './pod.ts';

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
