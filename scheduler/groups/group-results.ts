/** What a group cycle found out, by group. Source: `pkg/scheduler/schedule_one_podgroup.go`, v1.37.2. */
import type { Failure } from '../cycle-steps.ts';
import type { GroupInfo, GroupKey } from '../plugin.ts';
import type { QueuedEntity } from '../queue/entity.ts';
import { GroupStatus } from './group-status.ts';
import type { MemberFilters } from './member-filters.ts';

/** What was looked at to find a pod's node. */
export interface Found {
  readonly feasibleCount: number;
  readonly evaluatedCount: number;
  /** Absent for pods of groups, and where nothing was scored. */
  readonly topScore?: number;
  readonly margin?: number;
}

/** A pod of the group: where it would go, or why not. */
export type PodResult =
  | { readonly member: QueuedEntity; readonly row: number; readonly found: Found; readonly filters?: MemberFilters }
  | { readonly member: QueuedEntity; readonly failure: Failure };

export interface GroupResult {
  readonly group: GroupInfo;
  /** Of a PodGroup; those never tried are missing until `complete`. */
  pods: PodResult[];
  status: GroupStatus;
  /** Set when evictions for the group are under way. */
  waitsForPreemption: boolean;
  /** A pod found a node in this cycle. */
  anyPlaced: boolean;
}

export type GroupResults = Map<GroupKey, GroupResult>;

export const resultOf = (group: GroupInfo, status: GroupStatus): GroupResult => ({
  group,
  pods: [],
  status,
  waitsForPreemption: false,
  anyPlaced: false,
});

/**
 * Fills in what the cycle left out: groups that were not tried have their parent's status, so have groups that would do
 * under a parent that does not, and so have pods that were not tried.
 */
export function complete(
  root: GroupInfo,
  results: GroupResults,
  membersOf: (leaf: GroupKey) => readonly QueuedEntity[],
): void {
  completeGroups(root, results, new GroupStatus('Success'));
  for (const { group, pods, status } of results.values()) {
    if (group.podGroup === undefined) continue;
    for (const member of membersOf(group.key).slice(pods.length)) {
      pods.push({ member, failure: status.toFailure(undefined) });
    }
  }
}

function completeGroups(group: GroupInfo, results: GroupResults, parent: GroupStatus): void {
  let result = results.get(group.key);
  if (result === undefined || (!parent.isSuccess && result.status.isSuccess)) {
    result = resultOf(group, parent);
    results.set(group.key, result);
  }
  for (const child of group.children) completeGroups(child, results, result.status);
}

/** The PodGroups under a group that are to be placed as found: they and everything above them up to the group did well. */
export function* placedLeaves(group: GroupInfo, results: GroupResults): Generator<GroupResult> {
  const result = results.get(group.key);
  if (result === undefined || !result.status.isSuccess) return;
  for (const child of group.children) yield* placedLeaves(child, results);
  if (result.pods.length > 0) yield result;
}
