/**
 * Cluster events: what happened to which kind of resource, and which registrations of plugins an event matches.
 * Source: `staging/src/k8s.io/kube-scheduler/framework/types.go` and `pkg/scheduler/framework/types.go`, v1.37.2.
 */
import type { EventResource } from './plugin.ts';

export { Action, type EventRegistration, type EventResource, type Hint } from './plugin.ts';

import { Action } from './plugin.ts';

export interface ClusterEvent {
  readonly resource: EventResource;
  /** A set of `Action` bits. */
  readonly action: number;
  /** As in upstream's metrics and logs: `NodeAdd`, `AssignedPodDelete`, `UnschedulableTimeout`. */
  readonly label: string;
}

const ACTION_NAMES: ReadonlyArray<readonly [action: number, name: string]> = [
  [Action.Update, 'Update'],
  ...Object.entries(Action).flatMap(([name, action]) =>
    name === 'Update' || name === 'All' ? [] : [[action, name] as const],
  ),
];

const known = new Map<string, ClusterEvent>();

/** The one event object for a resource and an action, so that tables can be keyed by it. */
export function clusterEvent(resource: EventResource, action: number): ClusterEvent {
  const key = `${resource} ${action}`;
  let event = known.get(key);
  if (event === undefined) {
    const name = ACTION_NAMES.find(([bits]) => bits === action)?.[1] ?? '';
    event = { resource, action, label: `${resource}${name}` };
    known.set(key, event);
  }
  return event;
}

export const UNSCHEDULED_POD_ADD = clusterEvent('UnscheduledPod', Action.Add);
export const UNSCHEDULED_POD_UPDATE = clusterEvent('UnscheduledPod', Action.Update);
export const ASSIGNED_POD_ADD = clusterEvent('AssignedPod', Action.Add);
export const ASSIGNED_POD_DELETE = clusterEvent('AssignedPod', Action.Delete);
export const NODE_ADD = clusterEvent('Node', Action.Add);
export const NODE_DELETE = clusterEvent('Node', Action.Delete);

/** Events that stand for "look again, whatever it was". */
export const UNSCHEDULABLE_TIMEOUT: ClusterEvent = { resource: '*', action: Action.All, label: 'UnschedulableTimeout' };
export const FORCE_ACTIVATE: ClusterEvent = { resource: '*', action: Action.All, label: 'ForceActivate' };

/** Labels of moves that no cluster event causes. */
export const SCHEDULE_ATTEMPT_FAILURE = 'ScheduleAttemptFailure';
export const BACKOFF_COMPLETE = 'BackoffComplete';

export const isWildcard = ({ resource, action }: { resource: string; action: number }): boolean =>
  resource === '*' && action === Action.All;

/**
 * Whether a registration covers an event. A general Update that no specific bit explains reaches only those who registered
 * for at least all updates, which is what the numeric comparison of the bit sets says.
 */
export function covers(
  registered: { readonly resource: EventResource; readonly action: number },
  event: ClusterEvent,
): boolean {
  if (isWildcard(registered)) return true;
  const { resource } = registered;
  const sameResource =
    resource === '*' || resource === event.resource || (resource === 'Pod' && POD_RESOURCES.has(event.resource));
  return sameResource && (registered.action & event.action) !== 0 && event.action <= registered.action;
}

const POD_RESOURCES: ReadonlySet<EventResource> = new Set(['AssignedPod', 'UnscheduledPod', 'TargetPod']);

/** What a plugin hears of that declares no events: everything, since nobody knows what would help. */
export const EVERY_RESOURCE: readonly EventResource[] = [
  'AssignedPod',
  'UnscheduledPod',
  'TargetPod',
  'Node',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'storage.k8s.io/CSINode',
  'storage.k8s.io/CSIDriver',
  'storage.k8s.io/CSIStorageCapacity',
  'storage.k8s.io/StorageClass',
  'resource.k8s.io/ResourceClaim',
  'resource.k8s.io/DeviceClass',
  'scheduling.k8s.io/PodGroup',
];

/** Kinds that reach plugins only through events of their own resource. */
export const RESOURCE_OF_KIND: Readonly<Record<string, EventResource>> = {
  PersistentVolume: 'PersistentVolume',
  PersistentVolumeClaim: 'PersistentVolumeClaim',
  CSINode: 'storage.k8s.io/CSINode',
  CSIDriver: 'storage.k8s.io/CSIDriver',
  CSIStorageCapacity: 'storage.k8s.io/CSIStorageCapacity',
  StorageClass: 'storage.k8s.io/StorageClass',
  VolumeAttachment: 'storage.k8s.io/VolumeAttachment',
  ResourceClaim: 'resource.k8s.io/ResourceClaim',
  ResourceSlice: 'resource.k8s.io/ResourceSlice',
  DeviceClass: 'resource.k8s.io/DeviceClass',
  PodGroup: 'scheduling.k8s.io/PodGroup',
  CompositePodGroup: 'scheduling.k8s.io/CompositePodGroup',
};
