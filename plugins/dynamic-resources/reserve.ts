/** Reserve and Unreserve: allocations that are decided and not yet written. Source: `dynamicresources.go`, v1.37.2. */
import type { AllocationResult, ResourceClaim } from '../../api/index.ts';
import type { PluginApi, Status } from '../../scheduler/plugin.ts';
import { claimKeyOf, claimUid } from '../helper/devices/claim-tracker.ts';
import type { DeviceState } from '../helper/devices/device-state.ts';
import { deleteClaim } from './claim-writes.ts';
import { isReservedFor } from './pod-claims.ts';
import { extendedClaimOf, isToAllocate, isUnstored, type PodDevices } from './pod-devices.ts';

export const PROTECTION = 'resource.kubernetes.io/delete-protection';

const failed = (text: string): Status => ({ code: 'Error', reasons: [text] });

export function reserve(devices: PodDevices, row: number, { claims: tracker }: DeviceState): Status | undefined {
  const waiting = devices.claims.filter(isToAllocate);
  if (waiting.length === 0) return undefined;
  const extended = extendedClaimOf(devices);
  const onNode = devices.onNode.get(row);
  const allocations = onNode?.found.results() ?? [];
  if (onNode === undefined || allocations.length === 0) {
    // A node may have the extended resources itself.
    return waiting.some((claim) => claim !== extended) ? failed('claim allocation not found for node') : undefined;
  }
  if (allocations.length !== waiting.length) {
    return failed(
      `internal error, have ${allocations.length} allocations, ${waiting.length} claims to allocate, want ${waiting.length} claims`,
    );
  }
  let next = 0;
  devices.claims.forEach((claim, index) => {
    if (!isToAllocate(claim)) return;
    const allocation = allocations[next++]!;
    devices.decided[index] = allocation;
    const allocated = withAllocation(claim === extended ? onNode.extendedClaim! : claim, allocation);
    tracker.beginFlight(claimUid(claim), allocated, !isUnstored(claim));
  });
  return undefined;
}

/** As it will be stored. */
export const withAllocation = (claim: ResourceClaim, allocation: AllocationResult): ResourceClaim => ({
  ...withProtection(claim),
  status: { ...claim.status, allocation },
});

export function withProtection(claim: ResourceClaim): ResourceClaim {
  const finalizers = claim.metadata?.finalizers ?? [];
  if (finalizers.includes(PROTECTION)) return claim;
  return { ...claim, metadata: { ...claim.metadata, finalizers: [...finalizers, PROTECTION] } };
}

/** Also for a pod whose claims were written already: the pod is taken out of them again. */
export function unreserve(devices: PodDevices, podUid: string, { claims: tracker }: DeviceState, api: PluginApi): void {
  devices.claims.slice(0, devices.userClaimCount).forEach((claim) => {
    if (tracker.endFlight(claimUid(claim), false)) tracker.restore(claimKeyOf(claim));
    if (!isToAllocate(claim) && isReservedFor(claim, podUid)) removeConsumer(claim, podUid, api);
  });
  const extended = extendedClaimOf(devices);
  if (extended === undefined) return;
  if (tracker.endFlight(devices.extendedUid, false)) tracker.restore(claimKeyOf(extended));
  if (!isUnstored(extended)) deleteClaim(extended, api, () => {});
}

/** Whoever else uses the claim stays in it, so the latest version is asked for. */
function removeConsumer(claim: ResourceClaim, podUid: string, api: PluginApi): void {
  api.get({ ...claim, kind: 'ResourceClaim' }, (stored) => {
    if (stored === undefined || stored.metadata?.uid !== claim.metadata?.uid) return;
    const { status } = stored as ResourceClaim;
    const reservedFor = (status?.reservedFor ?? []).filter(({ uid }) => uid !== podUid);
    // A failure shows when the pod is tried again.
    api.update({ ...stored, status: { ...status, reservedFor } } as ResourceClaim, () => {});
  });
}
