/**
 * What a scheduler takes for granted about volumes and claims between choosing a node and hearing back from the API.
 * Source: `plugins/volumebinding/{passive_assume_cache,assume_cache,binder}.go`, v1.37.2, and
 * `component-helpers/storage/volume/pv_helpers.go`, v0.37.2. As upstream, every profile has assumptions of its own.
 */
import type { KubeObject, PersistentVolume, PersistentVolumeClaim } from '../../api/index.ts';
import type { Lister, ObjectListers } from '../../scheduler/plugin.ts';
import { claimKey } from './volume-claims.ts';

/** A claim and the existing volume that it gets. */
export interface StaticBinding {
  readonly claim: PersistentVolumeClaim;
  readonly volume: PersistentVolume;
}

/** What one pod's unbound claims get on one node. */
export interface PodVolumes {
  readonly bindings: readonly StaticBinding[];
  /** Claims for which a volume will be made. */
  readonly provisions: readonly PersistentVolumeClaim[];
}

export const SELECTED_NODE = 'volume.kubernetes.io/selected-node';
const BOUND_BY_CONTROLLER = 'pv.kubernetes.io/bound-by-controller';

/** Objects as they will be once the API has taken the scheduler's update. */
class AssumeCache<T extends KubeObject> {
  private readonly assumed = new Map<string, { readonly object: T; readonly basis: T }>();

  /** A change that came in after the assumption was made overrides it; the same version seen again does not. */
  get(key: string, stored: T): T {
    const entry = this.assumed.get(key);
    if (entry === undefined) return stored;
    if (entry.basis === stored || isSameVersion(entry.basis, stored)) return entry.object;
    this.assumed.delete(key);
    return stored;
  }

  assume(key: string, object: T, basis: T): void {
    this.assumed.set(key, { object, basis });
  }

  /** Leaves alone what others have assumed of a newer version. */
  restore(key: string, object: T): void {
    const entry = this.assumed.get(key);
    if (entry !== undefined && entry.basis.metadata?.resourceVersion === object.metadata?.resourceVersion) {
      this.assumed.delete(key);
    }
  }

  get isEmpty(): boolean {
    return this.assumed.size === 0;
  }
}

/** An object without a version says nothing about its age. */
function isSameVersion(a: KubeObject, b: KubeObject): boolean {
  const version = a.metadata?.resourceVersion;
  return version !== undefined && version === b.metadata?.resourceVersion;
}

export class VolumeAssumptions {
  private readonly volumes = new AssumeCache<PersistentVolume>();
  private readonly claims = new AssumeCache<PersistentVolumeClaim>();

  volume(name: string, objects: ObjectListers): PersistentVolume | undefined {
    return lookUp(name, objects.persistentVolumes, this.volumes);
  }

  claim(key: string, objects: ObjectListers): PersistentVolumeClaim | undefined {
    return lookUp(key, objects.persistentVolumeClaims, this.claims);
  }

  volumesOfClass(className: string, objects: ObjectListers): PersistentVolume[] {
    const stored = [...objects.persistentVolumes.by(className)];
    return this.volumes.isEmpty ? stored : stored.map((volume) => this.volumes.get(nameOf(volume), volume));
  }

  /** Takes it that the pod's volumes are bound, and provisioned on the node; returns the objects as they will be. */
  assume({ bindings, provisions }: PodVolumes, nodeName: string, objects: ObjectListers): PodVolumes {
    const assumedBindings = bindings.map(({ claim, volume }) => {
      const bound = bindToClaim(volume, claim);
      if (bound !== volume) this.volumes.assume(nameOf(volume), bound, objects.persistentVolumes.get(nameOf(volume))!);
      return { claim, volume: bound };
    });
    const assumedProvisions = provisions.map((claim) => {
      const selected = annotate(claim, SELECTED_NODE, nodeName);
      this.claims.assume(claimKey(claim), selected, objects.persistentVolumeClaims.get(claimKey(claim))!);
      return selected;
    });
    return { bindings: assumedBindings, provisions: assumedProvisions };
  }

  /** Takes back what `assume` returned. */
  revert({ bindings, provisions }: PodVolumes): void {
    for (const { volume } of bindings) this.volumes.restore(nameOf(volume), volume);
    for (const claim of provisions) this.claims.restore(claimKey(claim), claim);
  }
}

/** The updates that PreBind sends to the API, in this order, for what `assume` returned. */
export const bindingUpdates = ({ bindings, provisions }: PodVolumes): KubeObject[] => [
  ...bindings.map(({ volume }) => volume),
  ...provisions,
];

function lookUp<T extends KubeObject>(key: string, lister: Lister<T>, cache: AssumeCache<T>): T | undefined {
  const stored = lister.get(key);
  return stored === undefined ? undefined : cache.get(key, stored);
}

const nameOf = ({ metadata }: PersistentVolume): string => metadata?.name ?? '';

/** Bound to the claim, or on the way: a claim reference may leave the UID open. */
export function isBoundTo(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  const reference = volume.spec?.claimRef;
  if (!reference || !refersTo(reference, claim)) return false;
  return !reference.uid || reference.uid === claim.metadata?.uid;
}

const refersTo = (reference: { name?: string; namespace?: string }, { metadata }: PersistentVolumeClaim): boolean =>
  reference.name === metadata?.name && (reference.namespace ?? '') === (metadata?.namespace ?? 'default');

/** The volume bound to the claim; the volume itself when it is already. */
function bindToClaim(volume: PersistentVolume, claim: PersistentVolumeClaim): PersistentVolume {
  const { name, namespace = 'default', uid, resourceVersion } = claim.metadata ?? {};
  const { claimRef } = volume.spec ?? {};
  let bound = volume;
  if (!claimRef || !refersTo(claimRef, claim) || (claimRef.uid ?? '') !== (uid ?? '')) {
    const reference = { kind: 'PersistentVolumeClaim', apiVersion: 'v1', namespace, name, uid, resourceVersion };
    bound = { ...volume, spec: { ...volume.spec, claimRef: reference } };
  }
  // A volume that its owner has set aside for the claim is left without this mark.
  if (isBoundTo(volume, claim) || volume.metadata?.annotations?.[BOUND_BY_CONTROLLER] !== undefined) return bound;
  return annotate(bound, BOUND_BY_CONTROLLER, 'yes');
}

const annotate = <T extends KubeObject>(object: T, key: string, value: string): T => ({
  ...object,
  metadata: { ...object.metadata, annotations: { ...object.metadata?.annotations, [key]: value } },
});
