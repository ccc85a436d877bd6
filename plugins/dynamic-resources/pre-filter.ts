/** PreFilter. Source: `plugins/dynamicresources/dynamicresources.go`, v1.37.2. */
import type { ResourceClaim } from '../../api/index.ts';
import { type ClusterView, type PodInfo, type PreFilterResult, unresolvable } from '../../scheduler/plugin.ts';
import { claimUid } from '../helper/devices/claim-tracker.ts';
import { canBeServedByDevices } from '../helper/devices/device-classes.ts';
import { type DeviceState, deviceStateOf } from '../helper/devices/device-state.ts';
import { matcherOf } from '../helper/devices/node-matching.ts';
import { Allocator } from './allocation/allocator.ts';
import { claimText } from './allocation/ask.ts';
import { unstoredClaim } from './extended-resources.ts';
import { claimsOfPod } from './pod-claims.ts';
import { isToAllocate, isUnstored, type PodDevices } from './pod-devices.ts';

const NOTHING_TO_DO: PreFilterResult<PodDevices> = { skip: true };

/** @param maxSteps How long the search for devices may take on a node. */
export function preFilter(pod: PodInfo, cluster: ClusterView, maxSteps: number): PreFilterResult<PodDevices> {
  const state = deviceStateOf(cluster);
  const { claims: userClaims, problem } = claimsOfPod(pod, state.claims);
  if (problem !== undefined) return { reject: unresolvable(problem) };
  const extendedRequests = requestsForDevices(pod, state);
  const extendedClaim =
    extendedRequests.length === 0 ? undefined : (state.claims.extendedClaimOf(pod.uid, pod.name) ?? unstoredClaim(pod));
  const claims = extendedClaim === undefined ? [...userClaims] : [...userClaims, extendedClaim];
  if (claims.length === 0) return NOTHING_TO_DO;
  for (const claim of claims) {
    if (!isToAllocate(claim)) continue;
    const obstacle = whyNotAllocated(claim, claim === extendedClaim, state, cluster);
    if (obstacle !== undefined) return { reject: unresolvable(obstacle) };
  }
  const classNamed = (name: string) => cluster.objects.deviceClasses.get(name);
  return {
    state: {
      claims,
      userClaimCount: userClaims.length,
      selectors: claims.map(({ status }) => {
        const selector = status?.allocation?.nodeSelector;
        return selector && matcherOf(selector);
      }),
      decided: claims.map(() => undefined),
      allocator: claims.some(isToAllocate) ? new Allocator({ state, classNamed, maxSteps }) : undefined,
      extendedRequests,
      extendedUid: extendedClaim === undefined ? '' : claimUid(extendedClaim),
      unavailable: new Set(),
      onNode: new Map(),
      variants: new Map(),
    },
  };
}

/** True when a device class serves an extended resource that the pod asks for. */
export const asksForDevices = ({ requests }: PodInfo, { classOfResource }: DeviceState): boolean =>
  requests.scalars.some(
    ([name, amount]) => amount !== 0 && canBeServedByDevices(name) && classOfResource.get(name) !== undefined,
  );

/** All of the pod's extended resources, if devices serve any of them. */
function requestsForDevices(pod: PodInfo, state: DeviceState): PodDevices['extendedRequests'] {
  if (!asksForDevices(pod, state)) return [];
  return pod.requests.scalars.filter(([name, amount]) => amount !== 0 && canBeServedByDevices(name));
}

function whyNotAllocated(
  claim: ResourceClaim,
  isForExtendedResources: boolean,
  { claims }: DeviceState,
  { objects }: ClusterView,
): string | undefined {
  if (claims.pendingAllocation(claimUid(claim)) !== undefined) {
    const which = isUnstored(claim) ? `${claim.metadata?.namespace}/${claim.metadata?.name}` : claimText(claim);
    return `resource claim ${which} is in the process of being allocated`;
  }
  if (isForExtendedResources) return undefined;
  for (const { name, exactly, firstAvailable = [] } of claim.spec?.devices?.requests ?? []) {
    const asked =
      exactly !== undefined
        ? [{ request: name, className: exactly.deviceClassName }]
        : firstAvailable.map((one) => ({ request: `${name}/${one.name}`, className: one.deviceClassName }));
    if (asked.length === 0) return `resource claim ${claimText(claim)}, request ${name}: unknown request type`;
    for (const { request, className = '' } of asked) {
      if (className === '') throw new Error(`request ${request}: unsupported request type`);
      if (objects.deviceClasses.get(className) === undefined) {
        return `request ${request}: device class ${className} does not exist`;
      }
    }
  }
  return undefined;
}
