/**
 * The CSI volumes of a pod, as NodeVolumeLimits counts them.
 * Source: `filterAttachableVolumes` and `getCSIDriverInfo` in `plugins/nodevolumelimits/csi.go`, v1.37.2.
 */
import { claimClassName, type PersistentVolume, type PersistentVolumeClaim, type Volume } from '../../api/index.ts';
import { type ObjectListers, PluginError, type PodInfo } from '../../scheduler/plugin.ts';
import { inTreePluginNamed, inTreePluginOf, translateVolume } from './csi-migration.ts';
import { claimReference, foreignClaimMessage, notFoundMessage, volumesOf } from './volume-claims.ts';

/** Attached volumes: driver by `driver/handle`. */
export type Attachments = Map<string, string>;

/** Names for volumes that are still to be made; no driver uses a NUL. Upstream takes a random prefix. */
const FUTURE_HANDLE = '\0';

export const uniqueName = (driver: string, handle: string): string => `${driver}/${handle}`;

/**
 * Adds the pod's CSI volumes to `into`. Returns what to say about a claim that does not exist when the pod is new; that of
 * a pod on a node is passed over. Throws PluginError.
 */
export function collectVolumes(
  pod: PodInfo,
  objects: ObjectListers,
  onCsiNode: boolean,
  isNew: boolean,
  into: Attachments,
): string | undefined {
  for (const volume of volumesOf(pod.pod)) {
    const reference = claimReference(volume, pod.name);
    if (reference === undefined) {
      if (onCsiNode) collectInline(volume, into);
      continue;
    }
    const { claimName, ephemeral } = reference;
    if (claimName === '') throw new PluginError('PersistentVolumeClaim had no name');
    const key = `${pod.namespace}/${claimName}`;
    const claim = objects.persistentVolumeClaims.get(key);
    if (claim === undefined) {
      if (isNew) return `looking up PVC ${key}: ${notFoundMessage('persistentvolumeclaim', claimName)}`;
      continue;
    }
    const foreign = ephemeral ? foreignClaimMessage(pod, claim) : undefined;
    if (foreign !== undefined) throw new PluginError(foreign);
    collectClaim(claim, key, objects, onCsiNode, into);
  }
  return undefined;
}

function collectInline(volume: Volume, into: Attachments): void {
  const plugin = inTreePluginOf(volume);
  if (plugin?.handleOf === undefined) return;
  try {
    into.set(uniqueName(plugin.driver, plugin.handleOf(volume, '')), plugin.driver);
  } catch (error) {
    throw new PluginError(`converting volume(${volume.name}) from inline to csi: ${(error as Error).message}`);
  }
}

function collectClaim(
  claim: PersistentVolumeClaim,
  key: string,
  objects: ObjectListers,
  onCsiNode: boolean,
  into: Attachments,
): void {
  const volumeName = claim.spec?.volumeName;
  const volume = volumeName ? objects.persistentVolumes.get(volumeName) : undefined;
  if (volume !== undefined) {
    const identity = identityOf(volume);
    if (identity !== undefined && (onCsiNode || !identity.isMigrated)) into.set(identity.name, identity.driver);
    return;
  }
  // No volume yet: the class tells whose it will be.
  const provisioner = objects.storageClasses.get(claimClassName(claim))?.provisioner;
  if (!provisioner) return;
  const plugin = inTreePluginNamed(provisioner);
  if (plugin !== undefined && (plugin.handleOf === undefined || !onCsiNode)) return;
  const driver = plugin?.driver ?? provisioner;
  into.set(uniqueName(driver, `${FUTURE_HANDLE}${key}`), driver);
}

interface CsiIdentity {
  readonly driver: string;
  /** `driver/handle`. */
  readonly name: string;
  readonly isMigrated: boolean;
}

/** Objects are immutable, so an answer holds as long as its volume. */
const identities = new WeakMap<PersistentVolume, CsiIdentity | 'none'>();

/** Undefined for a volume that no CSI driver attaches. */
function identityOf(volume: PersistentVolume): CsiIdentity | undefined {
  let identity = identities.get(volume);
  if (identity === undefined) {
    identity = readIdentity(volume) ?? 'none';
    identities.set(volume, identity);
  }
  return identity === 'none' ? undefined : identity;
}

function readIdentity(volume: PersistentVolume): CsiIdentity | undefined {
  const { csi } = volume.spec ?? {};
  if (csi) {
    const { driver = '', volumeHandle = '' } = csi;
    return driver && volumeHandle ? { driver, name: uniqueName(driver, volumeHandle), isMigrated: false } : undefined;
  }
  const plugin = inTreePluginOf(volume.spec);
  if (plugin?.handleOf === undefined) return undefined;
  try {
    const { driver, volumeHandle } = translateVolume(volume, plugin);
    return volumeHandle ? { driver, name: uniqueName(driver, volumeHandle), isMigrated: true } : undefined;
  } catch {
    return undefined; // upstream does not count what it cannot translate
  }
}
