/** What can cure a rejection. Source: `EventsToRegister` in `plugins/dynamicresources/dynamicresources.go`, v1.37.2. */
import { isDeepStrictEqual } from 'node:util';
import type { ResourceClaim } from '../../api/index.ts';
import { Action, type ClusterView, type EventRegistration, type Hint, type PodInfo } from '../../scheduler/plugin.ts';
import { claimUid } from '../helper/devices/claim-tracker.ts';
import { deviceStateOf } from '../helper/devices/device-state.ts';
import { ClaimProblem, claimsOfPod } from './pod-claims.ts';

const isAllocated = (claim: ResourceClaim | undefined): boolean => claim?.status?.allocation !== undefined;

/** Undefined while something about the pod's claims keeps it waiting. */
function usableClaims(pod: PodInfo, cluster: ClusterView): ResourceClaim[] | undefined {
  try {
    return claimsOfPod(pod, deviceStateOf(cluster).claims);
  } catch (error) {
    if (error instanceof ClaimProblem) return undefined;
    throw error;
  }
}

function afterClaimChange(
  pod: PodInfo,
  before: ResourceClaim | undefined,
  after: ResourceClaim | undefined,
  cluster: ClusterView,
): Hint {
  if (after === undefined) return isAllocated(before) ? 'Queue' : 'Skip';
  const claims = usableClaims(pod, cluster);
  if (claims === undefined) return 'Skip';
  // Devices are free that any claim may get.
  if (isAllocated(before) && !isAllocated(after)) return 'Queue';
  if (!claims.some((claim) => claimUid(claim) === claimUid(after))) return 'Skip';
  return before !== undefined && isDeepStrictEqual(before.status ?? {}, after.status ?? {}) ? 'Skip' : 'Queue';
}

export const EVENTS: readonly EventRegistration[] = [
  { resource: 'Node', action: Action.Add | Action.UpdateNodeLabel | Action.UpdateNodeAllocatable },
  {
    resource: 'resource.k8s.io/ResourceClaim',
    action: Action.Add | Action.Update | Action.Delete,
    hint: afterClaimChange,
  },
  {
    resource: 'TargetPod',
    action: Action.UpdatePodGeneratedResourceClaim,
    hint: (_pod, _before, after, cluster) =>
      after !== undefined && usableClaims(after, cluster) !== undefined ? 'Queue' : 'Skip',
  },
  { resource: 'resource.k8s.io/DeviceClass', action: Action.Add | Action.Update },
  { resource: 'resource.k8s.io/ResourceSlice', action: Action.Add | Action.Update },
];
