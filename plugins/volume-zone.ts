/**
 * VolumeZone: the zone and region labels of a pod's bound volumes must be those of the node.
 * Source: `plugins/volumezone/volume_zone.go`, v1.37.2.
 *
 * Cost: nothing for a pod whose volumes carry no such labels; per node four label look-ups, and one or two per label of a volume.
 */
import { claimClassName, goQuote, type PersistentVolume } from '../api/index.ts';
import {
  Action,
  type ClusterView,
  type CompiledFilter,
  type EventRegistration,
  type PluginDefinition,
  type PodInfo,
  type PreFilterResult,
  type Status,
  unresolvable,
} from '../scheduler/plugin.ts';
import { notFoundMessage, referencesClaim, volumesOf } from './helper/volume-claims.ts';

const ZONE_MISMATCH = unresolvable('node(s) had no available volume zone');
const MISMATCH_CODE = 1;

/** A label that volumes and nodes share; nodes may have only its successor. */
interface TopologyLabel {
  readonly key: string;
  readonly successor: string;
}

const ZONE = 'topology.kubernetes.io/zone';
const REGION = 'topology.kubernetes.io/region';
const TOPOLOGY_LABELS: readonly TopologyLabel[] = [
  { key: 'failure-domain.beta.kubernetes.io/zone', successor: ZONE },
  { key: 'failure-domain.beta.kubernetes.io/region', successor: REGION },
  { key: ZONE, successor: ZONE },
  { key: REGION, successor: REGION },
];

/** Values of one label that one volume accepts. */
interface Topology extends TopologyLabel {
  readonly values: ReadonlySet<string>;
}

const SKIP = { skip: true };

const zonesOf = (volume: PersistentVolume): string =>
  JSON.stringify(topologiesOf(volume).map(({ key, values }) => [key, [...values].sort()]));

const EVENTS: readonly EventRegistration[] = [
  {
    resource: 'storage.k8s.io/StorageClass',
    action: Action.Add,
    hint: (_pod, _before, after) => (after?.volumeBindingMode === 'WaitForFirstConsumer' ? 'Queue' : 'Skip'),
  },
  { resource: 'Node', action: Action.Add | Action.UpdateNodeLabel },
  {
    resource: 'PersistentVolumeClaim',
    action: Action.Add | Action.Update,
    hint: (pod, _before, after) => (referencesClaim(pod, after, false) ? 'Queue' : 'Skip'),
  },
  {
    resource: 'PersistentVolume',
    action: Action.Add | Action.Update,
    hint: (_pod, before, after) =>
      before !== undefined && after !== undefined && zonesOf(before) === zonesOf(after) ? 'Skip' : 'Queue',
  },
];

export const volumeZone: PluginDefinition = {
  name: 'VolumeZone',
  points: ['preFilter', 'filter'],
  create: () => ({
    events: EVENTS,
    concerns: ({ pod }) => volumesOf(pod).some((volume) => volume.persistentVolumeClaim),
    preFilter: (pod, cluster): PreFilterResult => {
      const found = findTopologies(pod, cluster);
      if ('code' in found) return { reject: found };
      return found.length === 0 ? SKIP : { state: found };
    },
    compileFilter: (pod, cluster, state) => {
      if (state !== undefined) return compile(state as readonly Topology[], cluster);
      // Without PreFilter upstream looks the volumes up for every node.
      const found = findTopologies(pod, cluster);
      return 'code' in found ? rejectAll(found) : compile(found, cluster);
    },
  }),
};

function compile(topologies: readonly Topology[], cluster: ClusterView): CompiledFilter {
  return {
    filter: (row) => {
      const labels = cluster.labels(row);
      if (!hasTopology(labels)) return 0;
      for (const { key, successor, values } of topologies) {
        const value = labels[key] ?? labels[successor];
        if (value === undefined || !values.has(value)) return MISMATCH_CODE;
      }
      return 0;
    },
    status: () => ZONE_MISMATCH,
  };
}

/** A node without any such label is in a cluster of one zone. */
function hasTopology(labels: Readonly<Record<string, string>>): boolean {
  for (const { key } of TOPOLOGY_LABELS) if (labels[key] !== undefined) return true;
  return false;
}

const rejectAll = (status: Status): CompiledFilter => ({ filter: () => MISMATCH_CODE, status: () => status });

/** The labels of all bound volumes of the pod, or why the pod cannot be scheduled at all. */
function findTopologies(pod: PodInfo, cluster: ClusterView): readonly Topology[] | Status {
  const topologies: Topology[] = [];
  for (const { persistentVolumeClaim } of volumesOf(pod.pod)) {
    if (!persistentVolumeClaim) continue;
    const { claimName = '' } = persistentVolumeClaim;
    if (claimName === '') return unresolvable('PersistentVolumeClaim had no name');
    const volume = boundVolume(pod.namespace, claimName, cluster);
    if (volume === undefined) continue;
    if ('code' in volume) return volume;
    topologies.push(...topologiesOf(volume));
  }
  return topologies;
}

/** Undefined for a claim that will be bound once its pod has a node. */
function boundVolume(
  namespace: string,
  claimName: string,
  cluster: ClusterView,
): PersistentVolume | Status | undefined {
  const { persistentVolumeClaims, persistentVolumes, storageClasses } = cluster.objects;
  const claim = persistentVolumeClaims.get(`${namespace}/${claimName}`);
  if (claim === undefined) return unresolvable(notFoundMessage('persistentvolumeclaim', claimName));
  const volumeName = claim.spec?.volumeName ?? '';
  if (volumeName !== '') {
    return persistentVolumes.get(volumeName) ?? unresolvable(notFoundMessage('persistentvolume', volumeName));
  }
  const className = claimClassName(claim);
  if (className === '') return unresolvable('PersistentVolumeClaim had no pv name and storageClass name');
  const storageClass = storageClasses.get(className);
  if (storageClass === undefined) return unresolvable(notFoundMessage('storageclass.storage.k8s.io', className));
  const mode = storageClass.volumeBindingMode ?? undefined;
  if (mode === undefined) return unresolvable(`VolumeBindingMode not set for StorageClass ${goQuote(className)}`);
  return mode === 'WaitForFirstConsumer' ? undefined : unresolvable('PersistentVolume had no name');
}

function topologiesOf(volume: PersistentVolume): Topology[] {
  const labels = volume.metadata?.labels ?? {};
  return TOPOLOGY_LABELS.flatMap((label) => {
    const zones = (labels[label.key] ?? '').split('__').map((zone) => zone.trim());
    // A label with a gap in its list is ignored, as an absent one is.
    return zones.includes('') ? [] : { ...label, values: new Set(zones) };
  });
}
