/**
 * Who owns the claims of a StatefulSet, so that they go with the set, with the pod, or not at all
 * (`persistentVolumeClaimRetentionPolicy`). Source: `pkg/controller/statefulset/stateful_set_utils.go`, v1.37.2.
 */
import type { KubeObject, Pod } from '../../../api/index.ts';
import { controllerReference } from '../owners.ts';
import type { OwnerReference } from '../types.ts';
import { type ClaimObject, isInRange, type SetObject } from './identity.ts';

interface Policy {
  readonly withSet: boolean;
  readonly withPod: boolean;
}

function policyOf({ spec }: SetObject): Policy {
  const { whenDeleted, whenScaled } = spec?.persistentVolumeClaimRetentionPolicy ?? {};
  return { withSet: whenDeleted === 'Delete', withPod: whenScaled === 'Delete' };
}

export const goesWithPod = (set: SetObject): boolean => policyOf(set).withPod;

const ownersOf = ({ metadata }: ClaimObject): readonly OwnerReference[] => metadata?.ownerReferences ?? [];

const names = (reference: OwnerReference, owner: KubeObject): boolean =>
  reference.apiVersion === owner.apiVersion && reference.kind === owner.kind && reference.name === owner.metadata?.name;

const isOwnedBy = (claim: ClaimObject, owner: KubeObject): boolean =>
  ownersOf(claim).some(({ uid }) => uid === owner.metadata?.uid);

/** Owned by an earlier one of that name: the claim is about to be deleted. */
export function isStale(claim: ClaimObject, owner: KubeObject): boolean {
  const reference = ownersOf(claim).find((each) => names(each, owner));
  return reference !== undefined && reference.uid !== owner.metadata?.uid;
}

/** Somebody else rules over the claim: the policy is not followed for it. */
export function hasOtherController(claim: ClaimObject, set: SetObject, pod: Pod): boolean {
  const { withSet, withPod } = policyOf(set);
  if (!withSet && !withPod) return false;
  return ownersOf(claim).some((reference) => {
    for (const owner of [set, pod]) if (names(reference, owner)) return reference.uid !== owner.metadata?.uid;
    return reference.controller === true;
  });
}

/** Which of the two ought to own the claim. */
function wanted(set: SetObject, pod: Pod): { readonly bySet: boolean; readonly byPod: boolean } {
  const { withSet, withPod } = policyOf(set);
  const isScaledDown = withPod && !isInRange(set, pod);
  return { bySet: withSet && !isScaledDown, byPod: isScaledDown };
}

export function ownersAreRight(claim: ClaimObject, set: SetObject, pod: Pod): boolean {
  if (isStale(claim, set) || isStale(claim, pod)) return true;
  const isOurs = isOwnedBy(claim, set) || isOwnedBy(claim, pod);
  if (hasOtherController(claim, set, pod)) return !isOurs;
  const uids = [set.metadata?.uid, pod.metadata?.uid];
  if (ownersOf(claim).some(({ uid, controller }) => uids.includes(uid) && controller !== true)) return false;
  const { bySet, byPod } = wanted(set, pod);
  return isOwnedBy(claim, set) === bySet && isOwnedBy(claim, pod) === byPod;
}

export function rightOwners(claim: ClaimObject, set: SetObject, pod: Pod): OwnerReference[] {
  const others = ownersOf(claim).filter((reference) => !names(reference, set) && !names(reference, pod));
  if (hasOtherController(claim, set, pod)) return others;
  const { bySet, byPod } = wanted(set, pod);
  if (byPod) return [...others, controllerReference(pod)];
  return bySet ? [...others, controllerReference(set)] : others;
}
