/** What controllers ask about pods. Source: `pkg/controller/controller_utils.go`, `pkg/api/v1/pod/util.go`, v1.37.2. */
import type { Pod } from '../../api/index.ts';
import { isTerminating } from './owners.ts';

export const isFinished = ({ status }: Pod): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed';

export const isActive = (pod: Pod): boolean => !isFinished(pod) && !isTerminating(pod);

const readyCondition = ({ status }: Pod) => status?.conditions?.find(({ type }) => type === 'Ready');

export const isReady = (pod: Pod): boolean => readyCondition(pod)?.status === 'True';

/** When it became ready; 0 where nobody wrote it down. */
export function readySinceMs(pod: Pod): number {
  const time = readyCondition(pod)?.lastTransitionTime;
  return time === undefined ? 0 : Date.parse(time as string);
}

/** How long until a ready pod counts as available: 0 when it does, infinity when it is not ready. */
export function untilAvailableMs(pod: Pod, minReadySeconds: number, nowMs: number): number {
  if (!isReady(pod)) return Number.POSITIVE_INFINITY;
  if (minReadySeconds === 0) return 0;
  return Math.max(0, readySinceMs(pod) + minReadySeconds * 1000 - nowMs);
}
