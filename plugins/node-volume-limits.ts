/**
 * NodeVolumeLimits: how many volumes of a CSI driver can be attached to a node, as its CSINode says.
 * Source: `plugins/nodevolumelimits/csi.go`, v1.37.2.
 *
 * Cost: nothing for a pod without claims and in-tree disks; per node with limits, one look at each volume and attachment
 * there, and near the limit one look-up of claim and volume for each.
 */
import type { CSINode, Volume } from '../api/index.ts';
import {
  Action,
  type ClusterView,
  type CompiledFilter,
  type EventRegistration,
  type ObjectListers,
  type Plugin,
  type PluginDefinition,
  type PodInfo,
  type Status,
  unresolvable,
  unschedulable,
} from '../scheduler/plugin.ts';
import { inTreePluginOf } from './helper/csi-migration.ts';
import { type Attachments, collectVolumes, uniqueName } from './helper/csi-volumes.ts';
import { referencesClaim, volumesOf } from './helper/volume-claims.ts';

const TOO_MANY = unschedulable('node(s) exceed max volume count');
const TOO_MANY_CODE = 1;
const CLAIM_MISSING_CODE = 2;
/** Plus the index of the driver that is not installed. */
const FIRST_DRIVER_CODE = 3;

const SKIP = { skip: true };
const MAY_MATTER = {};

const EVENTS: readonly EventRegistration[] = [
  { resource: 'storage.k8s.io/CSINode', action: Action.Add },
  {
    resource: 'storage.k8s.io/CSINode',
    action: Action.Update,
    hint: (_pod, before, after) => {
      const countIn = (csiNode: CSINode | undefined, name: string) =>
        driversOf(csiNode).find((driver) => driver.name === name)?.allocatable?.count ?? 0;
      return driversOf(after).some(({ name }) => countIn(after, name) > countIn(before, name)) ? 'Queue' : 'Skip';
    },
  },
  {
    resource: 'AssignedPod',
    action: Action.Delete,
    hint: (_pod, before) => {
      const wasOnNode = before?.pod.spec?.nodeName || before?.pod.status?.nominatedNodeName;
      return wasOnNode && volumesOf(before!.pod).some(isAttachable) ? 'Queue' : 'Skip';
    },
  },
  {
    resource: 'PersistentVolumeClaim',
    action: Action.Add,
    hint: (pod, _before, after) => (referencesClaim(pod, after, true) ? 'Queue' : 'Skip'),
  },
  {
    resource: 'storage.k8s.io/VolumeAttachment',
    action: Action.Delete,
    hint: ({ pod }, before) => {
      const freed = before?.spec?.attacher;
      const mayUse = (volume: Volume) => volume.persistentVolumeClaim || inTreePluginOf(volume)?.driver === freed;
      return volumesOf(pod).some(mayUse) ? 'Queue' : 'Skip';
    },
  },
];

export const nodeVolumeLimits: PluginDefinition = {
  name: 'NodeVolumeLimits',
  points: ['preFilter', 'filter'],
  create: (): Plugin => ({
    events: EVENTS,
    concerns: hasAttachable,
    preFilter: (pod) => (hasAttachable(pod) ? MAY_MATTER : SKIP),
    compileFilter: (pod, cluster) => (volumesOf(pod.pod).length === 0 ? NO_VOLUMES : new VolumeLimits(pod, cluster)),
  }),
};

const isAttachable = (volume: Volume): boolean =>
  Boolean(volume.persistentVolumeClaim ?? volume.ephemeral ?? inTreePluginOf(volume));

const hasAttachable = ({ pod }: PodInfo): boolean => volumesOf(pod).some(isAttachable);

const NO_VOLUMES: CompiledFilter = { filter: () => 0, status: () => TOO_MANY };

/** The volumes that the pod would add to a node, or why that cannot be told. */
interface NewVolumes {
  readonly volumes: Attachments;
  readonly drivers: readonly string[];
  readonly missingClaim?: string;
  readonly error?: unknown;
}

/** Reads a pod's claims and volumes once; what is on the nodes is read afresh, since pods come and go in what-ifs. */
class VolumeLimits implements CompiledFilter {
  private readonly cluster: ClusterView;
  /** In-tree disks count as their driver's only where there is a CSINode. */
  private readonly onCsiNode: NewVolumes;
  private readonly onPlainNode: NewVolumes;
  /** Drivers without which the pod must not be placed. */
  private readonly requiredDrivers: readonly string[];
  private readonly attached: Attachments = new Map();

  constructor(pod: PodInfo, cluster: ClusterView) {
    this.cluster = cluster;
    this.onCsiNode = newVolumes(pod, cluster.objects, true);
    this.onPlainNode = newVolumes(pod, cluster.objects, false);
    const drivers = new Set([...this.onCsiNode.drivers, ...this.onPlainNode.drivers]);
    const { csiDrivers } = cluster.objects;
    this.requiredDrivers = [...drivers].filter(
      (driver) => csiDrivers.get(driver)?.spec?.preventPodSchedulingIfMissing === true,
    );
  }

  filter(row: number): number {
    const { cluster, requiredDrivers } = this;
    const csiNode = cluster.objects.csiNodes.get(cluster.node(row).metadata?.name ?? '');
    const wanted = csiNode === undefined ? this.onPlainNode : this.onCsiNode;
    if (wanted.error !== undefined) throw wanted.error;
    if (wanted.missingClaim !== undefined) return CLAIM_MISSING_CODE;
    if (wanted.volumes.size === 0) return 0;
    for (let i = 0; i < requiredDrivers.length; i++) {
      const driver = requiredDrivers[i]!;
      if (wanted.drivers.includes(driver) && !hasDriver(csiNode, driver)) return FIRST_DRIVER_CODE + i;
    }
    if (csiNode === undefined || !hasLimits(csiNode) || this.hasAmpleRoom(row, csiNode, wanted)) return 0;
    this.attached.clear();
    for (const pod of cluster.pods(row)) collectVolumes(pod, cluster.objects, true, false, this.attached);
    for (const driver of wanted.drivers) {
      const limit = limitOf(csiNode, driver);
      if (limit !== undefined && this.exceeds(limit, driver, wanted.volumes, csiNode)) return TOO_MANY_CODE;
    }
    return 0;
  }

  status(code: number): Status {
    if (code === TOO_MANY_CODE) return TOO_MANY;
    if (code === CLAIM_MISSING_CODE)
      return unresolvable(this.onCsiNode.missingClaim ?? this.onPlainNode.missingClaim ?? '');
    return unschedulable(`${this.requiredDrivers[code - FIRST_DRIVER_CODE]} CSI driver is not installed on the node`);
  }

  /**
   * True when there is room for everything that may be attached, and nothing there can be wrong: then it need not be looked
   * up. False says nothing.
   */
  private hasAmpleRoom(row: number, csiNode: CSINode, wanted: NewVolumes): boolean {
    let room = Number.POSITIVE_INFINITY;
    for (const driver of wanted.drivers) room = Math.min(room, limitOf(csiNode, driver) ?? room);
    room -= wanted.volumes.size;
    for (const { pod } of this.cluster.pods(row)) {
      for (const volume of volumesOf(pod)) {
        if (volume.persistentVolumeClaim?.claimName) room--;
        else if (isAttachable(volume)) return false;
      }
    }
    for (const _ of this.cluster.objects.volumeAttachments.by(csiNode.metadata?.name ?? '')) room--;
    return room >= 0;
  }

  private exceeds(limit: number, driver: string, wanted: Attachments, csiNode: CSINode): boolean {
    const { attached } = this;
    let added = 0;
    for (const [name, itsDriver] of wanted) if (itsDriver === driver && !attached.has(name)) added++;
    // A volume that a pod there uses already needs no new attachment.
    if (added === 0) return false;
    let current = this.leftovers(csiNode.metadata?.name ?? '', driver);
    for (const itsDriver of attached.values()) if (itsDriver === driver) current++;
    return current + added > limit;
  }

  /** Volumes that are attached to the node though no pod there uses them. */
  private leftovers(nodeName: string, driver: string): number {
    const { persistentVolumes, volumeAttachments } = this.cluster.objects;
    const names = new Set<string>();
    for (const { spec } of volumeAttachments.by(nodeName)) {
      const volumeName = spec.source?.persistentVolumeName;
      if (spec.attacher !== driver || driver === '' || volumeName === undefined || volumeName === null) continue;
      const source = persistentVolumes.get(volumeName)?.spec?.csi;
      if (source) names.add(uniqueName(driver, source.volumeHandle));
    }
    let leftovers = 0;
    for (const name of names) if (!this.attached.has(name)) leftovers++;
    return leftovers;
  }
}

const driversOf = (csiNode: CSINode | undefined) => csiNode?.spec?.drivers ?? [];

function hasDriver(csiNode: CSINode | undefined, name: string): boolean {
  for (const driver of driversOf(csiNode)) if (driver.name === name) return true;
  return false;
}

function hasLimits(csiNode: CSINode): boolean {
  for (const { allocatable } of driversOf(csiNode)) if (typeof allocatable?.count === 'number') return true;
  return false;
}

function limitOf(csiNode: CSINode, name: string): number | undefined {
  let limit: number | undefined;
  for (const driver of driversOf(csiNode)) if (driver.name === name) limit = driver.allocatable?.count ?? limit;
  return limit;
}

function newVolumes(pod: PodInfo, objects: ObjectListers, onCsiNode: boolean): NewVolumes {
  const volumes: Attachments = new Map();
  try {
    const missingClaim = collectVolumes(pod, objects, onCsiNode, true, volumes);
    return { volumes, drivers: [...new Set(volumes.values())], missingClaim };
  } catch (error) {
    return { volumes, drivers: [], error };
  }
}
