/** What a scheduler follows: the resources whose watches a real one opens, as far as they decide about nodes. */
import type { Target } from '../apiserver/client.ts';

const of = (group: string, resource: string, version = 'v1'): Target => ({ group, version, resource });

export const PODS: Target = of('', 'pods');

/** Pods at last: whoever hears of a pod should know what it asks for. */
export const FOLLOWED: readonly Target[] = [
  of('', 'namespaces'),
  of('', 'nodes'),
  of('', 'services'),
  of('', 'replicationcontrollers'),
  of('apps', 'replicasets'),
  of('apps', 'statefulsets'),
  of('policy', 'poddisruptionbudgets'),
  of('scheduling.k8s.io', 'priorityclasses'),
  of('storage.k8s.io', 'storageclasses'),
  of('storage.k8s.io', 'csinodes'),
  of('storage.k8s.io', 'csidrivers'),
  of('storage.k8s.io', 'csistoragecapacities'),
  of('storage.k8s.io', 'volumeattachments'),
  of('', 'persistentvolumes'),
  of('', 'persistentvolumeclaims'),
  of('resource.k8s.io', 'deviceclasses'),
  of('resource.k8s.io', 'resourceslices'),
  of('resource.k8s.io', 'devicetaintrules'),
  of('resource.k8s.io', 'resourceclaims'),
  PODS,
];

/** As upstream's: pods that have run to their end take no room. */
export const LIVE_PODS = 'status.phase!=Succeeded,status.phase!=Failed';
