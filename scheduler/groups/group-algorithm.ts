/**
 * Tries to place a group: each pod in turn as it would be alone, with those before it already there, and all of it undone in
 * the end. A group of groups tries one child after another; where placements are in use each group is tried in each.
 * Source: `pkg/scheduler/schedule_one_podgroup.go`, v1.37.2.
 *
 * Cost: one scheduling decision per pod, times the placements of the group, times those of the groups above it.
 */
import type { SchedulerCore } from '../core.ts';
import type { Cycle } from '../cycle.ts';
import { errorFailure, type Failure, NO_NODES, rejectorsOf } from '../cycle-steps.ts';
import type { Framework } from '../framework.ts';
import type { GroupInfo, GroupKey, GroupProgress, Placement, PlacementOutcome, PodInfo } from '../plugin.ts';
import type { QueuedEntity } from '../queue/entity.ts';
import { ReferenceEngine } from '../reference.ts';
import {
  type Found,
  type GroupResult,
  type GroupResults,
  type PodResult,
  placedLeaves,
  resultOf,
} from './group-results.ts';
import { GroupStatus } from './group-status.ts';
import { MemberFilters } from './member-filters.ts';
import { bestPlacement, generatePlacements } from './placements.ts';
import { placeTentatively, remindPlugins, type Undo, undoAll } from './tentative.ts';

export interface GroupAlgorithmOptions {
  readonly core: SchedulerCore;
  readonly framework: Framework;
  readonly membersOf: (leaf: GroupKey) => readonly QueuedEntity[];
  /** A node was found for a pod. */
  readonly proposed?: (pod: PodInfo, nodeName: string, found: Found) => void;
  /** Keep the Filter chain of every pod that finds a node. @default false */
  readonly keepFilters?: boolean;
}

interface Tried {
  readonly result: GroupResult;
  /** Undoes what is left in place. */
  readonly undos: Undo[];
}

export class GroupAlgorithm {
  /** Plugins whose PreFilter ran for any pod. */
  readonly preFilterRan = new Set<string>();
  private readonly options: GroupAlgorithmOptions;
  /** Where pods can go at the moment; undefined: anywhere. */
  private placement: Placement | undefined;
  private placementEngine: ReferenceEngine | undefined;

  constructor(options: GroupAlgorithmOptions) {
    this.options = options;
  }

  run(root: GroupInfo): GroupResults {
    const results: GroupResults = new Map();
    const { result, undos } = this.tryGroup(root, results);
    if (result.status.isSuccess && !result.anyPlaced) result.status = GroupStatus.unschedulable();
    undoAll(undos);
    return results;
  }

  private tryGroup(group: GroupInfo, results: GroupResults): Tried {
    if (group.podGroup === undefined) {
      const tried = this.tryPlacements(group, results, (found) => this.tryChildren(group, found));
      results.set(group.key, tried.result);
      return tried;
    }
    const tried = this.options.core.gates.TopologyAwareWorkloadScheduling
      ? this.tryPlacements(group, results, () => this.tryPods(group))
      : this.tryPods(group);
    results.set(group.key, tried.result);
    return tried;
  }

  // --- pods of one group -----------------------------------------------------------------------------------------------

  private tryPods(group: GroupInfo): Tried {
    const { core, membersOf } = this.options;
    const undos: Undo[] = [];
    const progress = {
      remaining: group.pods.length,
      scheduled: core.cluster.groups.members(group.key)?.scheduledCount ?? 0,
    };
    const result = resultOf(group, this.feasible(group, progress));
    if (result.status.isError) return { result, undos };
    if (result.status.code === 'Unschedulable') {
      result.status = GroupStatus.unschedulable([result.status.message]);
      return { result, undos };
    }
    for (const member of membersOf(group.key)) {
      const pod = this.tryPod(member, undos);
      result.pods.push(pod);
      if ('failure' in pod && pod.failure.code === 'Error') {
        result.status = GroupStatus.failed(`failed to schedule other pod from a pod group: ${pod.failure.message}`);
        break;
      }
      progress.remaining--;
      if (!('failure' in pod)) progress.scheduled++;
      result.status = this.feasible(group, progress);
      if (result.status.isError || result.status.code === 'Unschedulable') break;
      result.anyPlaced ||= !('failure' in pod);
    }
    return { result: finished(result, undos), undos };
  }

  private tryPod(member: QueuedEntity, undos: Undo[]): PodResult {
    const { core, framework, proposed, keepFilters } = this.options;
    const { pod } = member;
    const cycle = this.decide(pod);
    if (cycle.chosen < 0) return { member, failure: this.unfit(cycle) };
    const row = cycle.chosenRow;
    const { feasibleCount, evaluatedCount } = cycle;
    const found = { feasibleCount, evaluatedCount };
    proposed?.(pod, core.cluster.nodeName(row), found);
    const filters = keepFilters ? new MemberFilters(framework, pod, core.engineOptions) : undefined;
    // Whoever reserves goes by what it found out last.
    if (filters !== undefined) remindPlugins(core, framework, pod, row);
    const placed = placeTentatively(core, framework, pod, row);
    if (typeof placed !== 'function') return { member, failure: placed };
    undos.push(placed);
    return { member, row, found, filters };
  }

  private decide(pod: PodInfo): Cycle {
    const { core, framework } = this.options;
    const { engine } = core;
    const nominated = pod.pod.status?.nominatedNodeName ?? '';
    let cycle: Cycle;
    if (this.placement === undefined) cycle = engine.schedulePod(framework, pod, nominated);
    else {
      this.placementEngine ??= new ReferenceEngine(core.engineOptions);
      const { placementEngine } = this;
      placementEngine.startIndex = engine.startIndex;
      placementEngine.restrictTo(this.placement.rows);
      cycle = placementEngine.schedulePod(framework, pod, nominated);
      engine.startIndex = placementEngine.startIndex;
    }
    // An engine that keeps its answers has no list of who was asked.
    const ran = cycle.replay === undefined ? cycle.preFilterRan : framework.preFilter.map(({ name }) => name);
    for (const name of ran) this.preFilterRan.add(name);
    return cycle;
  }

  /** Nobody is preempted for a single pod of a group. */
  private unfit(cycle: Cycle): Failure {
    if (cycle.error !== '') return errorFailure(cycle.error);
    if (cycle.nodeCount === 0) return { ...errorFailure(NO_NODES), code: 'UnschedulableAndUnresolvable' };
    const message = this.options.core.failureMessage(cycle, '');
    return { code: 'Unschedulable', message, ...rejectorsOf(cycle), nominatedNodeName: undefined };
  }

  private feasible(group: GroupInfo, progress: GroupProgress): GroupStatus {
    let status = new GroupStatus('Success');
    for (const { plugin } of this.options.framework.placementFeasible) {
      const answer = GroupStatus.of(plugin.placementFeasible!(group, progress));
      if (answer.isSuccess) continue;
      if (answer.code === 'Wait') status = answer;
      else if (answer.code === 'Unschedulable') return answer;
      else {
        const where = group.podGroup === undefined ? '' : 'failed to evaluate placement feasibility: ';
        return GroupStatus.failed(`${where}running PlacementFeasible plugin: ${answer.message}`);
      }
    }
    return status;
  }

  // --- groups of a group -----------------------------------------------------------------------------------------------

  private tryChildren(group: GroupInfo, results: GroupResults): Tried {
    const undos: Undo[] = [];
    const result = resultOf(group, new GroupStatus('Success'));
    results.set(group.key, result);
    const progress = { remaining: group.children.length, scheduled: 0 };
    result.status = this.feasible(group, progress);
    if (result.status.isError || result.status.code === 'Unschedulable') return { result, undos };
    for (const child of group.children) {
      const tried = this.tryGroup(child, results);
      const { status } = tried.result;
      if (status.isError) {
        const why = `composite pod group evaluation failed due to child error: ${status.errorText}`;
        result.status = GroupStatus.failed(why);
        break;
      }
      undos.push(...tried.undos);
      result.anyPlaced ||= tried.result.anyPlaced;
      progress.remaining--;
      if (status.isSuccess) progress.scheduled++;
      result.status = this.feasible(group, progress);
      if (result.status.isError || result.status.code === 'Unschedulable') break;
    }
    return { result: finished(result, undos), undos };
  }

  // --- placements ------------------------------------------------------------------------------------------------------

  private tryPlacements(group: GroupInfo, results: GroupResults, attempt: (found: GroupResults) => Tried): Tried {
    const { core, framework } = this.options;
    const outer = this.placement;
    const placements = generatePlacements(framework, group, outer ?? this.allNodes(), core.engineOptions);
    if (placements instanceof GroupStatus) return { result: resultOf(group, placements), undos: [] };
    const found: Array<{
      readonly placement: Placement;
      readonly result: GroupResult;
      readonly results: GroupResults;
    }> = [];
    try {
      for (const placement of placements) {
        this.placement = placement.rows.length === core.cluster.nodeCount ? undefined : placement;
        const placedResults: GroupResults = new Map();
        const { result, undos } = attempt(placedResults);
        placedResults.set(group.key, result);
        undoAll(undos);
        if (result.status.isError) return { result, undos: [] };
        found.push({ placement, result, results: placedResults });
      }
    } finally {
      this.placement = outer;
    }
    const fitting = found.filter(({ result }) => result.status.isSuccess);
    if (fitting.length === 0) {
      const [first] = found;
      const why = first!.result.status.errorText;
      first!.result.status = GroupStatus.unschedulable([
        `0/${placements.length} placements are available, first placement status: ${why}`,
      ]);
      copyInto(results, first!.results);
      return { result: first!.result, undos: [] };
    }
    const outcomes = fitting.map((option) => outcomeOf(group, option.placement, option.results));
    const best = bestPlacement(framework, group, outcomes, core.engineOptions);
    if (typeof best !== 'number') return { result: resultOf(group, best), undos: [] };
    const chosen = fitting[best]!;
    copyInto(results, chosen.results);
    if (!core.gates.CompositePodGroup) return { result: chosen.result, undos: [] };
    const undos = this.placeAll(group, chosen.results);
    if (Array.isArray(undos)) return { result: chosen.result, undos };
    const status = GroupStatus.failed(`failed to assume the subtree: ${undos.message}`);
    return { result: resultOf(group, status), undos: [] };
  }

  private allNodes(): Placement {
    const { cluster } = this.options.core;
    return { name: '', rows: cluster.order.slice(0, cluster.nodeCount) };
  }

  /** Puts the pods where they were found to fit, so that the groups that come next see them there. */
  private placeAll(group: GroupInfo, results: GroupResults): Undo[] | Failure {
    const { core, framework } = this.options;
    const undos: Undo[] = [];
    for (const { pods } of placedLeaves(group, results)) {
      for (const pod of pods) {
        if ('failure' in pod) continue;
        remindPlugins(core, framework, pod.member.pod, pod.row);
        const placed = placeTentatively(core, framework, pod.member.pod, pod.row);
        if (typeof placed !== 'function') {
          undoAll(undos);
          return placed;
        }
        undos.push(placed);
      }
    }
    return undos;
  }
}

/** Waiting for more is no use when everybody has had a turn; what does not do is undone at once. */
function finished(result: GroupResult, undos: Undo[]): GroupResult {
  if (result.status.code === 'Wait') result.status = GroupStatus.unschedulable([result.status.message]);
  if (!result.status.isSuccess) {
    undoAll(undos);
    result.anyPlaced = false;
  }
  return result;
}

function outcomeOf(group: GroupInfo, { name, rows }: Placement, results: GroupResults): PlacementOutcome {
  const pods = [...placedLeaves(group, results)].flatMap((leaf) =>
    leaf.pods.flatMap((pod) => ('failure' in pod ? [] : pod.member.pod)),
  );
  return { name, rows, pods };
}

function copyInto(target: GroupResults, source: GroupResults): void {
  for (const [key, result] of source) target.set(key, result);
}
