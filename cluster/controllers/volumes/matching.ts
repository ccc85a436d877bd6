/** Which volume suits a claim. Source: `component-helpers/storage/volume/pv_helpers.go` (`FindMatchingVolume`) and `pkg/controller/volume/persistentvolume/index.go`, v1.37.2. */
import { claimClassName, compareQuantity, parseQuantity, volumeClassName } from '../../../api/index.ts';
import { isTerminating } from '../owners.ts';
import { matcherOf } from '../selector-cache.ts';
import { type Claim, isBoundTo, type Volume } from './volume.ts';

const capacityOf = ({ spec }: Volume) => parseQuantity(spec?.capacity?.storage ?? '0');
const requestOf = ({ spec }: Claim) => parseQuantity(spec?.resources?.requests?.storage ?? '0');
const modesOf = ({ spec }: Claim | Volume): readonly string[] => spec?.accessModes ?? [];

export const hasOtherMode = (volume: Volume, claim: Claim): boolean =>
  (volume.spec?.volumeMode ?? 'Filesystem') !== (claim.spec?.volumeMode ?? 'Filesystem');

const hasModes = (volume: Volume, claim: Claim): boolean =>
  modesOf(claim).every((mode) => modesOf(volume).includes(mode));

const attributesClassOf = ({ spec }: Claim | Volume): string =>
  (spec as { volumeAttributesClassName?: string } | undefined)?.volumeAttributesClassName ?? '';

/** Why the volume that a claim asks for by name is not for it. */
export function mismatch(volume: Volume, claim: Claim): string | undefined {
  if (compareQuantity(capacityOf(volume), requestOf(claim)) < 0) return 'requested PV is too small';
  if (volumeClassName(volume) !== claimClassName(claim)) return 'storageClassName does not match';
  if (attributesClassOf(volume) !== attributesClassOf(claim)) return 'VolumeAttributesClassName does not match';
  if (hasOtherMode(volume, claim)) return 'incompatible volumeMode';
  return hasModes(volume, claim) ? undefined : 'incompatible accessMode';
}

/**
 * The smallest that is large enough, with the fewest access modes.
 * @param isDelayed Nothing but what was chosen for the claim already.
 */
export function bestMatch(volumes: Iterable<Volume>, claim: Claim, isDelayed: boolean): Volume | undefined {
  let best: Volume | undefined;
  for (const volume of volumes) {
    if (!hasModes(volume, claim) || hasOtherMode(volume, claim) || isTerminating(volume)) continue;
    const isLarge = compareQuantity(capacityOf(volume), requestOf(claim)) >= 0;
    if (isBoundTo(volume, claim)) {
      if (isLarge) return volume;
      continue;
    }
    if (isDelayed || !isLarge || volume.spec?.claimRef !== undefined || volume.status?.phase !== 'Available') continue;
    const { selector } = claim.spec ?? {};
    if (selector !== undefined && !matcherOf(selector).matches(volume.metadata?.labels ?? {})) continue;
    if (volumeClassName(volume) !== claimClassName(claim)) continue;
    if (attributesClassOf(volume) !== attributesClassOf(claim)) continue;
    if (best === undefined || isBetter(volume, best)) best = volume;
  }
  return best;
}

function isBetter(a: Volume, b: Volume): boolean {
  const fewer = modesOf(a).length - modesOf(b).length;
  return fewer < 0 || (fewer === 0 && compareQuantity(capacityOf(a), capacityOf(b)) < 0);
}
