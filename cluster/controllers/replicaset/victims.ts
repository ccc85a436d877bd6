/**
 * Which pods go first when there are too many. Source: `pkg/controller/controller_utils.go` (`ActivePodsWithRanks`) and
 * `pkg/controller/replicaset/replica_set.go` (`getPodsToDelete`), v1.37.2.
 */
import type { Pod } from '../../../api/index.ts';
import { isReady, readySinceMs } from '../pod-state.ts';

const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';
const PHASE_ORDER: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 };

type Compare = (a: Pod, b: Pod) => number;

const isAssigned = ({ spec }: Pod): number => (spec?.nodeName ? 1 : 0);
const phaseOrder = ({ status }: Pod): number => PHASE_ORDER[status?.phase ?? ''] ?? 0;
const createdMs = ({ metadata }: Pod): number => Date.parse((metadata?.creationTimestamp as string) ?? 0);

function deletionCost({ metadata }: Pod): number {
  const text = metadata?.annotations?.[DELETION_COST];
  return text !== undefined && /^[+-]?\d+$/.test(text) ? Number(text) : 0;
}

const restarts = ({ status }: Pod): number =>
  Math.max(0, ...(status?.containerStatuses ?? []).map(({ restartCount }) => restartCount));

/** Ages are told apart by their order of magnitude only, so that the newest are not always the ones to go. */
const magnitude = (ageMs: number): number => (ageMs <= 0 ? 0 : Math.floor(Math.log2(ageMs * 1e6)));

const byUid: Compare = (a, b) => ((a.metadata?.uid ?? '') < (b.metadata?.uid ?? '') ? -1 : 1);

/** @param rankOf How many pods of the same owner are on the pod's node. */
export function victims(pods: readonly Pod[], count: number, nowMs: number, rankOf: (pod: Pod) => number): Pod[] {
  const compare: Compare = (a, b) => {
    const first =
      isAssigned(a) - isAssigned(b) ||
      phaseOrder(a) - phaseOrder(b) ||
      Number(isReady(a)) - Number(isReady(b)) ||
      deletionCost(a) - deletionCost(b) ||
      rankOf(b) - rankOf(a);
    if (first !== 0) return first;
    if (isReady(a) && readySinceMs(a) !== readySinceMs(b)) {
      return magnitude(nowMs - readySinceMs(a)) - magnitude(nowMs - readySinceMs(b)) || byUid(a, b);
    }
    return (
      restarts(b) - restarts(a) ||
      magnitude(nowMs - createdMs(a)) - magnitude(nowMs - createdMs(b)) ||
      (createdMs(a) === createdMs(b) ? 0 : byUid(a, b))
    );
  };
  return count < pods.length ? [...pods].sort(compare).slice(0, count) : [...pods];
}
