/**
 * Which claims a pod uses. Source: `foreachPodResourceClaim` in `plugins/dynamicresources/dynamicresources.go`, v1.37.2, and
 * `dynamic-resource-allocation/resourceclaim/resourceclaim.go`, v0.37.2.
 */
import { goQuote, type PodResourceClaim, type ResourceClaim } from '../../api/index.ts';
import type { PodInfo } from '../../scheduler/plugin.ts';
import type { ClaimTracker } from '../helper/devices/claim-tracker.ts';

/** Upstream's text for what keeps the pod waiting, whatever nodes there are. */
export class ClaimProblem extends Error {
  override readonly name = 'ClaimProblem';
}

export const claimsInSpec = ({ pod }: PodInfo): readonly PodResourceClaim[] => pod.spec?.resourceClaims ?? [];

/** In the order of the pod's spec. Throws ClaimProblem. */
export function claimsOfPod(pod: PodInfo, tracker: ClaimTracker): ResourceClaim[] {
  const claims: ResourceClaim[] = [];
  for (const entry of claimsInSpec(pod)) {
    const { name, isGenerated } = nameOf(pod, entry);
    if (name === undefined) continue;
    const key = `${pod.namespace}/${name}`;
    const claim = tracker.get(key);
    if (claim === undefined) throw new ClaimProblem(`could not find ResourceClaim ${goQuote(key)}`);
    if (claim.metadata?.deletionTimestamp) throw new ClaimProblem(`resourceclaim ${goQuote(name)} is being deleted`);
    if (isGenerated && !isControlledBy(claim, pod)) {
      throw new ClaimProblem(`ResourceClaim ${key} was not created for Pod ${pod.key} (Pod is not owner)`);
    }
    claims.push(claim);
  }
  return claims;
}

/** Undefined when a template turned out to need no claim. */
function nameOf(pod: PodInfo, entry: PodResourceClaim): { name: string | undefined; isGenerated: boolean } {
  if (entry.resourceClaimName !== undefined) return { name: entry.resourceClaimName, isGenerated: false };
  if (entry.resourceClaimTemplateName === undefined) {
    const which = `pod "${pod.key}", spec.resourceClaim ${goQuote(entry.name)}`;
    throw new ClaimProblem(`${which}: none of the supported fields are set`);
  }
  const status = pod.pod.status?.resourceClaimStatuses?.find(({ name }) => name === entry.name);
  if (status === undefined) throw new ClaimProblem(`pod "${pod.key}": ResourceClaim not created yet`);
  return { name: status.resourceClaimName, isGenerated: true };
}

const isControlledBy = ({ metadata }: ResourceClaim, { uid }: PodInfo): boolean =>
  metadata?.ownerReferences?.find(({ controller }) => controller === true)?.uid === uid;

export const isReservedFor = ({ status }: ResourceClaim, podUid: string): boolean =>
  (status?.reservedFor ?? []).some(({ uid }) => uid === podUid);
