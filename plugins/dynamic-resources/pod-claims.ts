/**
 * Which claims a pod uses. Source: `foreachPodResourceClaim` in `plugins/dynamicresources/dynamicresources.go`, v1.37.2, and
 * `dynamic-resource-allocation/resourceclaim/resourceclaim.go`, v0.37.2.
 */
import { goQuote, type PodResourceClaim, type ResourceClaim } from '../../api/index.ts';
import type { PodInfo } from '../../scheduler/plugin.ts';
import type { ClaimTracker } from '../helper/devices/claim-tracker.ts';

export const claimsInSpec = ({ pod }: PodInfo): readonly PodResourceClaim[] => pod.spec?.resourceClaims ?? [];

export interface PodClaims {
  /** In the order of the pod's spec. */
  readonly claims: readonly ResourceClaim[];
  /** Upstream's text for what keeps the pod waiting, whatever nodes there are. */
  readonly problem?: string;
}

const problem = (text: string): PodClaims => ({ claims: [], problem: text });

export function claimsOfPod(pod: PodInfo, tracker: ClaimTracker): PodClaims {
  const claims: ResourceClaim[] = [];
  for (const entry of claimsInSpec(pod)) {
    if (entry.resourceClaimName === undefined && entry.resourceClaimTemplateName === undefined) {
      const which = `pod "${pod.key}", spec.resourceClaim ${goQuote(entry.name)}`;
      return problem(`${which}: none of the supported fields are set`);
    }
    const name = claimName(pod, entry);
    if (name === undefined) return problem(`pod "${pod.key}": ResourceClaim not created yet`);
    if (name === '') continue;
    const key = `${pod.namespace}/${name}`;
    const claim = tracker.get(key);
    if (claim === undefined) return problem(`could not find ResourceClaim ${goQuote(key)}`);
    if (claim.metadata?.deletionTimestamp) return problem(`resourceclaim ${goQuote(name)} is being deleted`);
    if (entry.resourceClaimName === undefined && !isControlledBy(claim, pod)) {
      return problem(`ResourceClaim ${key} was not created for Pod ${pod.key} (Pod is not owner)`);
    }
    claims.push(claim);
  }
  return { claims };
}

/** Undefined when the claim is still to be made; '' when a template turned out to need none. */
function claimName({ pod }: PodInfo, { name, resourceClaimName }: PodResourceClaim): string | undefined {
  if (resourceClaimName !== undefined) return resourceClaimName;
  const status = pod.status?.resourceClaimStatuses?.find((one) => one.name === name);
  return status && (status.resourceClaimName ?? '');
}

/** By name: the claim need not be the one that the pod means. */
export const refersTo = (pod: PodInfo, { metadata }: ResourceClaim): boolean =>
  (metadata?.namespace ?? 'default') === pod.namespace &&
  claimsInSpec(pod).some((entry) => claimName(pod, entry) === metadata?.name);

const isControlledBy = ({ metadata }: ResourceClaim, { uid }: PodInfo): boolean =>
  metadata?.ownerReferences?.find(({ controller }) => controller === true)?.uid === uid;

export const isReservedFor = ({ status }: ResourceClaim, podUid: string): boolean =>
  (status?.reservedFor ?? []).some(({ uid }) => uid === podUid);
