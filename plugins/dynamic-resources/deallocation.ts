/**
 * PostFilter: a claim that kept the pod from every node, and that nobody uses, is freed.
 * Source: `deallocateOrDeletePodClaims` in `plugins/dynamicresources/dynamicresources.go`, v1.37.2, which picks one of
 * several claims by chance; here it is the first.
 */
import type { ResourceClaim } from '../../api/index.ts';
import { type PluginApi, type Status, unschedulable } from '../../scheduler/plugin.ts';
import { changeClaim, deleteClaim } from './claim-writes.ts';
import { extendedClaimOf, isUnstored, type PodDevices } from './pod-devices.ts';

/** Nothing is there to be freed, and nothing said about it. */
const NOTHING_TO_FREE: Status = unschedulable();
const FREED = unschedulable('deallocation of ResourceClaim completed');
const DELETED = unschedulable('deletion of ResourceClaim completed');

export interface Deallocation {
  readonly status: Status;
  readonly found: boolean;
}

export function deallocate(devices: PodDevices, podUid: string, api: PluginApi): Deallocation {
  const extended = extendedClaimOf(devices);
  const isLeftOver = extended !== undefined && !isUnstored(extended);
  for (const index of [...devices.unavailable].sort((a, b) => a - b)) {
    const claim = devices.claims[index]!;
    if (claim === extended) {
      if (isLeftOver) break;
      continue;
    }
    const reservedFor = claim.status?.reservedFor ?? [];
    const isFree = reservedFor.length === 0 || (reservedFor.length === 1 && reservedFor[0]!.uid === podUid);
    if (isFree) return { found: true, status: free(claim, api) };
  }
  if (!isLeftOver) return { found: false, status: NOTHING_TO_FREE };
  let status = DELETED;
  deleteClaim(extended, api, (problem) => {
    if (problem !== undefined) status = { code: 'Error', reasons: [problem] };
  });
  return { found: true, status };
}

/** An answer that comes later is not waited for: the claim's event, or its absence, tells the same. */
function free(claim: ResourceClaim, api: PluginApi): Status {
  let status = FREED;
  changeClaim(
    claim,
    {
      steps: [
        (now) => {
          const { allocation: _allocation, reservedFor: _reservedFor, devices: _devices, ...rest } = now.status ?? {};
          return { ...now, status: rest };
        },
      ],
      explain: (_step, error) => error,
    },
    api,
    (_, problem) => {
      if (problem !== undefined) status = { code: 'Error', reasons: [problem] };
    },
  );
  return status;
}
