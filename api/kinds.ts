/** The kinds that scheduling reads, and the API versions in which berth knows them. */
import { OLDER_GROUP_VERSIONS } from './older-groups.ts';

export interface KindInfo {
  /** Accepted values of `apiVersion`, the one that v1.37 writes first. */
  readonly apiVersions: readonly string[];
  readonly namespaced: boolean;
}

const kind = (apiVersions: readonly string[], namespaced: boolean): KindInfo => ({ apiVersions, namespaced });

/** Both have the same fields, as far as scheduling reads them. */
const DEVICE_VERSIONS = ['resource.k8s.io/v1', 'resource.k8s.io/v1beta2'];

export const KINDS: ReadonlyMap<string, KindInfo> = new Map([
  ['Node', kind(['v1'], false)],
  ['Pod', kind(['v1'], true)],
  ['Namespace', kind(['v1'], false)],
  ['PriorityClass', kind(['scheduling.k8s.io/v1'], false)],
  ['PodDisruptionBudget', kind(['policy/v1'], true)],
  ['Service', kind(['v1'], true)],
  ['ReplicationController', kind(['v1'], true)],
  ['ReplicaSet', kind(['apps/v1'], true)],
  ['StatefulSet', kind(['apps/v1'], true)],
  ['PersistentVolume', kind(['v1'], false)],
  ['PersistentVolumeClaim', kind(['v1'], true)],
  ['StorageClass', kind(['storage.k8s.io/v1'], false)],
  ['CSINode', kind(['storage.k8s.io/v1'], false)],
  ['CSIDriver', kind(['storage.k8s.io/v1'], false)],
  ['CSIStorageCapacity', kind(['storage.k8s.io/v1'], true)],
  ['VolumeAttachment', kind(['storage.k8s.io/v1'], false)],
  ['PodGroup', kind(['scheduling.k8s.io/v1beta1', 'scheduling.k8s.io/v1alpha3', ...OLDER_GROUP_VERSIONS], true)],
  ['CompositePodGroup', kind(['scheduling.k8s.io/v1alpha3'], true)],
  ['Workload', kind(['scheduling.k8s.io/v1beta1', 'scheduling.k8s.io/v1alpha3'], true)],
  ['ResourceClaim', kind(DEVICE_VERSIONS, true)],
  ['ResourceClaimTemplate', kind(DEVICE_VERSIONS, true)],
  ['ResourceSlice', kind(DEVICE_VERSIONS, false)],
  ['DeviceClass', kind(DEVICE_VERSIONS, false)],
  ['DeviceTaintRule', kind(DEVICE_VERSIONS, false)],
]);

const groupOf = (apiVersion: string): string => apiVersion.slice(0, Math.max(0, apiVersion.indexOf('/')));

/** Groups that once served these kinds and are gone. */
const FORMER_GROUPS: ReadonlySet<string> = new Set(['extensions']);

/** Undefined for kinds that scheduling does not read, among them those of other groups (a Knative `Service`). */
export function kindInfo(kindName: string, apiVersion: string): KindInfo | undefined {
  const info = KINDS.get(kindName);
  return info?.apiVersions.includes(apiVersion) ? info : undefined;
}

/** The API versions to use instead, when a known kind comes in one that berth does not read; else undefined. */
export function versionsInstead(kindName: string, apiVersion: string): readonly string[] | undefined {
  const info = KINDS.get(kindName);
  if (info === undefined || info.apiVersions.includes(apiVersion)) return undefined;
  const group = groupOf(apiVersion);
  return group === groupOf(info.apiVersions[0]!) || FORMER_GROUPS.has(group) ? info.apiVersions : undefined;
}
