/** What can cure a rejection. Source: `EventsToRegister` in `plugins/dynamicresources/dynamicresources.go`, v1.37.2. */
import { isDeepStrictEqual } from 'node:util';
import type { ResourceClaim } from '../../api/index.ts';
import { Action, type ClusterView, type EventRegistration, type Hint, type PodInfo } from '../../scheduler/plugin.ts';
import { claimUid } from '../helper/devices/claim-tracker.ts';
import { deviceStateOf } from '../helper/devices/device-state.ts';
import { claimsOfPod, refersTo } from './pod-claims.ts';

const isAllocated = (claim: ResourceClaim | undefined): boolean => claim?.status?.allocation !== undefined;

/** False while something about the pod's claims keeps it waiting. */
const hasClaims = (pod: PodInfo, cluster: ClusterView): boolean =>
  claimsOfPod(pod, deviceStateOf(cluster).claims).problem === undefined;

/** Asked of every pod that waits, so what is cheap to tell comes first. */
function afterClaimChange(
  pod: PodInfo,
  before: ResourceClaim | undefined,
  after: ResourceClaim | undefined,
  cluster: ClusterView,
): Hint {
  if (after === undefined) return isAllocated(before) ? 'Queue' : 'Skip';
  // Devices are free that any claim may get.
  if (isAllocated(before) && !isAllocated(after)) return hasClaims(pod, cluster) ? 'Queue' : 'Skip';
  if (!refersTo(pod, after)) return 'Skip';
  const { claims, problem } = claimsOfPod(pod, deviceStateOf(cluster).claims);
  if (problem !== undefined || !claims.some((claim) => claimUid(claim) === claimUid(after))) return 'Skip';
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
    hint: (_pod, _before, after, cluster) => (after !== undefined && hasClaims(after, cluster) ? 'Queue' : 'Skip'),
  },
  { resource: 'resource.k8s.io/DeviceClass', action: Action.Add | Action.Update },
  { resource: 'resource.k8s.io/ResourceSlice', action: Action.Add | Action.Update },
];
