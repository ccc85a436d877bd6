/**
 * VolumeRestrictions: disks that two pods cannot mount at once, and claims that only one pod in the cluster may use.
 * Source: `plugins/volumerestrictions/volume_restrictions.go`, v1.37.2.
 *
 * Cost: nothing for a pod that uses neither; per node, the pod's disks times the volumes of the pods there.
 */
import type { Pod, Volume } from '../api/index.ts';
import {
  Action,
  type EventRegistration,
  type FilterState,
  type Plugin,
  type PluginDefinition,
  PluginError,
  type PodInfo,
  unresolvable,
  unschedulable,
} from '../scheduler/plugin.ts';
import { notFoundMessage, referencesClaim, volumesOf } from './helper/volume-claims.ts';

const DISK_CONFLICT = unschedulable('node(s) had no available disk');
const CLAIM_IN_USE = unschedulable(
  'node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod',
);
const DISK_CODE = 1;
const CLAIM_CODE = 2;

const SKIP = { skip: true };

export const volumeRestrictions: PluginDefinition = {
  name: 'VolumeRestrictions',
  points: ['preFilter', 'filter'],
  create: () => createVolumeRestrictions(),
};

/** How often the pod's ReadWriteOncePod claims are in use. */
class ClaimUse implements FilterState {
  count: number;
  private readonly claimNames: ReadonlySet<string>;

  constructor(claimNames: ReadonlySet<string>, count: number) {
    this.claimNames = claimNames;
    this.count = count;
  }

  addPod({ pod }: PodInfo): void {
    this.count += this.references(pod);
  }
  removePod({ pod }: PodInfo): void {
    this.count -= this.references(pod);
  }
  checkpoint(): number {
    return this.count;
  }
  restore(checkpoint: unknown): void {
    this.count = checkpoint as number;
  }

  /** Upstream compares names alone, so a claim of the same name in another namespace counts too. */
  private references(pod: Pod): number {
    let references = 0;
    for (const { persistentVolumeClaim } of volumesOf(pod)) {
      if (persistentVolumeClaim && this.claimNames.has(persistentVolumeClaim.claimName)) references++;
    }
    return references;
  }
}

const claimNamesOf = ({ pod }: PodInfo): string[] =>
  volumesOf(pod).flatMap(({ persistentVolumeClaim }) =>
    persistentVolumeClaim ? [persistentVolumeClaim.claimName ?? ''] : [],
  );

const EVENTS: readonly EventRegistration[] = [
  {
    resource: 'AssignedPod',
    action: Action.Delete,
    hint: (pod, before) => {
      if (before === undefined || before.namespace !== pod.namespace) return 'Skip';
      if (conflictsWithAny(volumesOf(pod.pod).filter(isExclusiveDisk), [before])) return 'Queue';
      const freed = claimNamesOf(before);
      return claimNamesOf(pod).some((name) => freed.includes(name)) ? 'Queue' : 'Skip';
    },
  },
  { resource: 'Node', action: Action.Add },
  {
    resource: 'PersistentVolumeClaim',
    action: Action.Add,
    hint: (pod, _before, after) => (referencesClaim(pod, after, false) ? 'Queue' : 'Skip'),
  },
];

function createVolumeRestrictions(): Plugin {
  return {
    events: EVENTS,
    concerns: ({ pod }) => volumesOf(pod).some((volume) => volume.persistentVolumeClaim || isExclusiveDisk(volume)),
    preFilter: (pod, cluster) => {
      const volumes = volumesOf(pod.pod);
      if (volumes.length === 0) return SKIP;
      const exclusive = new Set<string>();
      for (const { persistentVolumeClaim } of volumes) {
        if (!persistentVolumeClaim) continue;
        const { claimName = '' } = persistentVolumeClaim;
        const claim = cluster.objects.persistentVolumeClaims.get(`${pod.namespace}/${claimName}`);
        if (claim === undefined) return { reject: unresolvable(notFoundMessage('persistentvolumeclaim', claimName)) };
        if (claim.spec?.accessModes?.includes('ReadWriteOncePod')) exclusive.add(claimName);
      }
      let inUse = 0;
      for (const claimName of exclusive) if (cluster.claimUserCount(`${pod.namespace}/${claimName}`) > 0) inUse++;
      return inUse === 0 && !volumes.some(isExclusiveDisk) ? SKIP : { state: new ClaimUse(exclusive, inUse) };
    },
    compileFilter: (pod, cluster, state) => {
      const disks = volumesOf(pod.pod).filter(isExclusiveDisk);
      const claimUse = state as ClaimUse | undefined;
      return {
        filter: (row) => {
          if (disks.length > 0 && conflictsWithAny(disks, cluster.pods(row))) return DISK_CODE;
          if (claimUse === undefined)
            throw new PluginError('cannot read "PreFilterVolumeRestrictions" from cycleState');
          return claimUse.count > 0 ? CLAIM_CODE : 0;
        },
        status: (code) => (code === DISK_CODE ? DISK_CONFLICT : CLAIM_IN_USE),
      };
    },
  };
}

const isExclusiveDisk = ({ gcePersistentDisk, awsElasticBlockStore, rbd, iscsi }: Volume): boolean =>
  Boolean(gcePersistentDisk ?? awsElasticBlockStore ?? rbd ?? iscsi);

function conflictsWithAny(disks: readonly Volume[], pods: readonly PodInfo[]): boolean {
  for (const { pod } of pods) {
    for (const other of volumesOf(pod)) {
      for (const disk of disks) if (conflict(disk, other)) return true;
    }
  }
  return false;
}

/** Read-only mounts of the same disk get along, except on EBS. */
function conflict(a: Volume, b: Volume): boolean {
  if (a.gcePersistentDisk && b.gcePersistentDisk) {
    if (a.gcePersistentDisk.pdName === b.gcePersistentDisk.pdName) {
      if (!(a.gcePersistentDisk.readOnly && b.gcePersistentDisk.readOnly)) return true;
    }
  }
  if (a.awsElasticBlockStore && b.awsElasticBlockStore) {
    if (a.awsElasticBlockStore.volumeID === b.awsElasticBlockStore.volumeID) return true;
  }
  if (a.iscsi && b.iscsi && a.iscsi.iqn === b.iscsi.iqn && !(a.iscsi.readOnly && b.iscsi.readOnly)) return true;
  return Boolean(a.rbd && b.rbd && isSameImage(a.rbd, b.rbd) && !(a.rbd.readOnly && b.rbd.readOnly));
}

type RadosImage = NonNullable<Volume['rbd']>;

/** One common monitor makes it the same Ceph cluster. */
const isSameImage = (a: RadosImage, b: RadosImage): boolean =>
  (a.pool ?? '') === (b.pool ?? '') &&
  (a.image ?? '') === (b.image ?? '') &&
  (a.monitors ?? []).some((monitor) => (b.monitors ?? []).includes(monitor));
