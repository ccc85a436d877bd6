/** Score: the earlier the alternatives taken, the better. Source: `computeScore`, v1.37.2. */
import type { AllocationResult, ResourceClaim } from '../../api/index.ts';
import { isToAllocate, type PodDevices } from './pod-devices.ts';

/** `FirstAvailableDeviceRequestMaxSize`. */
const ALTERNATIVES_MAX = 8;

/** 0 where nothing had to be found. */
export function scoreOf({ claims, onNode }: PodDevices, row: number): number {
  const onThisNode = onNode.get(row);
  if (onThisNode === undefined || !claims.some(hasLists)) return 0;
  const found = onThisNode.found.results();
  let next = 0;
  let score = 0;
  for (const claim of claims) {
    const allocation = isToAllocate(claim) ? found[next++] : claim.status?.allocation;
    score += alternativesScore(claim, allocation);
  }
  return score;
}

const hasLists = ({ spec }: ResourceClaim): boolean =>
  spec?.devices?.requests?.some(({ exactly }) => exactly === undefined) === true;

function alternativesScore({ spec }: ResourceClaim, allocation: AllocationResult | undefined): number {
  const lists = (spec?.devices?.requests ?? []).filter(({ exactly }) => exactly === undefined);
  if (lists.length === 0) return 0;
  const taken = new Set(allocation?.devices.results?.map(({ request }) => request));
  let score = 0;
  for (const { name, firstAvailable = [] } of lists) {
    firstAvailable.forEach((alternative, i) => {
      if (taken.has(`${name}/${alternative.name}`)) score += ALTERNATIVES_MAX - i;
    });
  }
  return score;
}
