/**
 * Which existing volume a claim gets on a node: the one set aside for it, else the smallest that is large enough.
 * Source: `FindMatchingVolume` in `component-helpers/storage/volume/pv_helpers.go`, v0.37.2. Upstream walks a map, so that
 * equally small volumes are a matter of chance; here the first one added is taken.
 *
 * Cost: per pod one look at each volume of the class; per node the volumes whose affinity names a label value of the node,
 * and those that name none.
 */
import {
  compareQuantity,
  compileLabelSelector,
  EVERYTHING,
  type LabelMatcher,
  type Node,
  type PersistentVolume,
  type PersistentVolumeClaim,
  parseQuantity,
  type Quantity,
  ZERO_QUANTITY,
} from '../../api/index.ts';
import { PluginError } from '../../scheduler/plugin.ts';
import { volumeAffinity } from './volume-affinity.ts';
import { isBoundTo, type StaticBinding } from './volume-assumptions.ts';
import { claimKey } from './volume-claims.ts';

export const requestedStorage = ({ spec }: PersistentVolumeClaim): Quantity => {
  const text = spec?.resources?.requests?.storage;
  return text === undefined ? ZERO_QUANTITY : parseQuantity(text);
};

export const storageCapacity = ({ spec }: PersistentVolume): Quantity => {
  const text = spec?.capacity?.storage;
  return text === undefined ? ZERO_QUANTITY : parseQuantity(text);
};

export class ClaimMatcher {
  readonly claim: PersistentVolumeClaim;
  private readonly setAside: readonly PersistentVolume[];
  /** The smallest first. */
  private readonly candidates: readonly PersistentVolume[];
  /** Indices into `candidates`, ascending. */
  private readonly anywhere: number[] = [];
  private readonly byLabel = new Map<string, Map<string, number[]>>();
  private readonly selectorError: string | undefined;

  /** `volumes` are those of the claim's class. */
  constructor(claim: PersistentVolumeClaim, volumes: readonly PersistentVolume[]) {
    this.claim = claim;
    let selector = EVERYTHING;
    try {
      if (claim.spec?.selector) selector = compileLabelSelector(claim.spec.selector);
    } catch (error) {
      const reason = (error as Error).message;
      this.selectorError = `error creating internal label selector for claim: ${claimKey(claim)}: ${reason}`;
    }
    const requested = requestedStorage(claim);
    const usable = volumes.filter((volume) => isUsable(volume, claim, requested));
    this.setAside = usable.filter((volume) => isBoundTo(volume, claim));
    this.candidates = usable
      .filter((volume) => isCandidate(volume, claim, selector))
      .map((volume) => ({ volume, capacity: storageCapacity(volume) }))
      .sort((a, b) => compareQuantity(a.capacity, b.capacity))
      .map(({ volume }) => volume);
    this.candidates.forEach((volume, i) => {
      this.index(volume, i);
    });
  }

  /** Undefined when no volume will do. Throws PluginError for a claim with an invalid selector. */
  find(node: Node, taken: readonly StaticBinding[]): PersistentVolume | undefined {
    if (this.selectorError !== undefined) throw new PluginError(this.selectorError);
    for (const volume of this.setAside) {
      if (isTaken(volume, taken)) continue;
      return volumeAffinity(volume).matches(node) ? volume : undefined;
    }
    const { candidates } = this;
    let best = this.firstFit(this.anywhere, candidates.length, node, taken);
    const labels = node.metadata?.labels;
    if (labels !== undefined) {
      for (const [key, byValue] of this.byLabel) {
        const value = labels[key];
        const indices = value === undefined ? undefined : byValue.get(value);
        if (indices !== undefined) best = this.firstFit(indices, best, node, taken);
      }
    }
    return candidates[best];
  }

  private firstFit(indices: readonly number[], limit: number, node: Node, taken: readonly StaticBinding[]): number {
    for (const index of indices) {
      if (index >= limit) break;
      const volume = this.candidates[index]!;
      if (!isTaken(volume, taken) && volumeAffinity(volume).matches(node)) return index;
    }
    return limit;
  }

  /** Local volumes name their node, so most nodes need not look at most volumes. */
  private index(volume: PersistentVolume, index: number): void {
    const terms = volume.spec?.nodeAffinity?.required?.nodeSelectorTerms ?? [];
    const named =
      terms.length === 1 ? terms[0]!.matchExpressions?.find(({ operator }) => operator === 'In') : undefined;
    if (named === undefined) {
      this.anywhere.push(index);
      return;
    }
    let byValue = this.byLabel.get(named.key);
    if (byValue === undefined) {
      byValue = new Map();
      this.byLabel.set(named.key, byValue);
    }
    for (const value of new Set(named.values)) {
      const indices = byValue.get(value);
      if (indices === undefined) byValue.set(value, [index]);
      else indices.push(index);
    }
  }
}

function isTaken(volume: PersistentVolume, taken: readonly StaticBinding[]): boolean {
  for (const binding of taken) if (binding.volume === volume) return true;
  return false;
}

/** What a volume needs even when it is set aside for the claim. */
function isUsable(volume: PersistentVolume, claim: PersistentVolumeClaim, requested: Quantity): boolean {
  if (volume.spec?.claimRef && !isBoundTo(volume, claim)) return false;
  if (compareQuantity(storageCapacity(volume), requested) < 0) return false;
  if ((volume.spec?.volumeMode ?? 'Filesystem') !== (claim.spec?.volumeMode ?? 'Filesystem')) return false;
  const attributes = volume.spec?.volumeAttributesClassName ?? '';
  if (attributes !== (claim.spec?.volumeAttributesClassName ?? '')) return false;
  return !volume.metadata?.deletionTimestamp;
}

function isCandidate(volume: PersistentVolume, claim: PersistentVolumeClaim, selector: LabelMatcher): boolean {
  if (isBoundTo(volume, claim) || volume.status?.phase !== 'Available') return false;
  if (!selector.matches(volume.metadata?.labels)) return false;
  const modes = volume.spec?.accessModes ?? [];
  return (claim.spec?.accessModes ?? []).every((mode) => modes.includes(mode));
}
