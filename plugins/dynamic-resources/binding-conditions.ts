/**
 * Devices that have to be made ready before a pod that uses them is bound.
 * Source: `isClaimReadyForBinding` and `isClaimTimeout` in `plugins/dynamicresources/dynamicresources.go`, v1.37.2.
 */
import type { AllocatedDeviceStatus, DeviceRequestResult, ResourceClaim } from '../../api/index.ts';

const resultsOf = ({ status }: ResourceClaim): readonly DeviceRequestResult[] =>
  status?.allocation?.devices.results ?? [];

const waits = ({ bindingConditions = [] }: DeviceRequestResult): boolean => bindingConditions.length > 0;

export const hasBindingConditions = (claim: ResourceClaim): boolean => resultsOf(claim).some(waits);

type Readiness = { readonly isReady: boolean; readonly failure?: string };

/** The first device that is not ready, or has failed, decides. */
export function readinessOf(claim: ResourceClaim): Readiness {
  if (claim.status?.allocation === undefined) return { isReady: false };
  for (const result of resultsOf(claim)) {
    if (!waits(result)) continue;
    const device = claim.status.devices?.find((status) => isSameDevice(status, result));
    if (device === undefined) return { isReady: false };
    const failed = (result.bindingFailureConditions ?? []).find((type) => isTrue(device, type));
    if (failed !== undefined) {
      const { reason = '', message = '' } = device.conditions!.find(({ type }) => type === failed)!;
      const claimName = claim.metadata?.name ?? '';
      return {
        isReady: false,
        failure: `device binding failed: claim=${claimName}, reason=${reason}, message=${JSON.stringify(message)}`,
      };
    }
    if (!(result.bindingConditions ?? []).every((type) => isTrue(device, type))) return { isReady: false };
  }
  return { isReady: true };
}

export const hasFailedBinding = (claim: ResourceClaim): boolean => readinessOf(claim).failure !== undefined;

/** Not ready, and given up on. */
export function isOverdue(claim: ResourceClaim, timeoutMs: number, nowMs: number): boolean {
  const { allocationTimestamp } = claim.status?.allocation ?? {};
  if (allocationTimestamp === undefined || !hasBindingConditions(claim) || readinessOf(claim).isReady) return false;
  return Date.parse(allocationTimestamp) + timeoutMs < nowMs;
}

const isSameDevice = (status: AllocatedDeviceStatus, { driver, pool, device }: DeviceRequestResult): boolean =>
  status.driver === driver && status.pool === pool && status.device === device;

const isTrue = ({ conditions = [] }: AllocatedDeviceStatus, type: string): boolean =>
  conditions.find((condition) => condition.type === type)?.status === 'True';
