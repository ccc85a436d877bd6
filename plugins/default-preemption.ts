/**
 * DefaultPreemption: which pods of lower priority to evict, and where, so that a pod fits, or a group of pods.
 * Source: `pkg/scheduler/framework/plugins/defaultpreemption` and `pkg/scheduler/framework/preemption`, v1.37.2.
 * Where upstream is random (start of the dry run, equal candidates) this takes snapshot order.
 *
 * Cost: per candidate node one Filter chain for the emptied node and one per potential victim. Where an engine lets the plugin
 * keep what it finds out about nodes, this is spent on nodes that have changed, and the choice is O(log nodes).
 */
import {
  Action,
  type ClusterView,
  type EventRegistration,
  type GroupPostFilterContext,
  type GroupPostFilterResult,
  groupKeyOf,
  type Plugin,
  type PluginDefinition,
  type PluginHandle,
  type PodInfo,
  type PostFilterContext,
  type PostFilterResult,
  type PreemptionCandidate,
  type Status,
  unresolvable,
  unschedulable,
} from '../scheduler/plugin.ts';
import { CandidateIndex, CRITERIA, type DryRunOutcome } from './helper/candidate-index.ts';
import { type Budget, readBudgets } from './helper/disruption-budgets.ts';
import { preemptForGroup } from './helper/group-preemption.ts';
import { selectByRoom, selectVictims } from './helper/select-victims.ts';
import { isBeingPreempted, priorityInGroup, singlePod, type Victim, victimsAmong } from './helper/victims.ts';

interface DefaultPreemptionArgs {
  readonly minCandidateNodesPercentage: number;
  readonly minCandidateNodesAbsolute: number;
}

export const defaultPreemption: PluginDefinition = {
  name: 'DefaultPreemption',
  points: ['preEnqueue', 'postFilter', 'podGroupPostFilter'],
  reads: ['podDisruptionBudgets'],
  create: (args, handle) => new DefaultPreemption(args as DefaultPreemptionArgs, handle),
};

/** A deletion is listened to only because it lifts the gate below; whether the pod fits now is for others to say. */
const ASYNC_EVENTS: readonly EventRegistration[] = [
  { resource: 'AssignedPod', action: Action.Delete, hint: () => 'Skip' },
];

const BEING_PREEMPTED_FOR = unresolvable('waiting for the preemption for this pod to be finished');
const GROUP_BEING_PREEMPTED_FOR = unresolvable('waiting for the preemption for this pod group to be finished');

/** What is kept from one pod of a class to the next. */
class KeptRuns {
  readonly index: CandidateIndex;
  readonly budgets: readonly Budget[];
  /** A group of pods that go together is somewhere among the potential victims. */
  hasGroups = false;

  constructor(cluster: ClusterView) {
    this.index = new CandidateIndex(cluster.nodeCount);
    this.budgets = readBudgets(cluster);
  }

  forget(position: number): void {
    this.index.forget(position);
  }
}

interface DryRun {
  /** In the order they were found. */
  readonly found: PreemptionCandidate[];
  /** Those to choose from: as many as wanted without a violation and as many with one; what is found later is dropped. */
  readonly candidates: PreemptionCandidate[];
  readonly rejected: Array<{ row: number; status: Status }>;
  readonly errors: string[];
}

class DefaultPreemption implements Plugin {
  readonly events: readonly EventRegistration[];
  private readonly args: DefaultPreemptionArgs;
  private readonly handle: PluginHandle;
  private readonly isAsync: boolean;
  private readonly hasGroups: boolean;

  constructor(args: DefaultPreemptionArgs, handle: PluginHandle) {
    this.args = args;
    this.handle = handle;
    this.isAsync = handle.isEnabled('SchedulerAsyncPreemption');
    this.hasGroups = handle.isEnabled('GenericWorkload');
    this.events = this.isAsync ? ASYNC_EVENTS : [];
  }

  /** The pod would find its victims still there and evict more. */
  preEnqueue(pod: PodInfo, { groups }: ClusterView): Status | undefined {
    if (!this.isAsync) return undefined;
    const key = this.hasGroups ? groupKeyOf(pod) : undefined;
    if (key === undefined) return this.handle.isPreempting(pod.uid) ? BEING_PREEMPTED_FOR : undefined;
    const root = groups.root(key);
    if (root === undefined) return undefined;
    const { uid = '' } = (groups.podGroup(root) ?? groups.compositePodGroup(root))?.metadata ?? {};
    return this.handle.isPreempting(uid) ? GROUP_BEING_PREEMPTED_FOR : undefined;
  }

  postFilter(context: PostFilterContext): PostFilterResult {
    const result = this.preempt(context);
    const message = result.status.reasons.join(', ');
    return message === '' ? result : { ...result, status: { ...result.status, reasons: [`preemption: ${message}`] } };
  }

  podGroupPostFilter(context: GroupPostFilterContext): GroupPostFilterResult {
    const result = preemptForGroup(context, this.handle.isEnabled('PodGroupPreemptionPolicy'));
    const { code, reasons } = result.status;
    return { ...result, status: { code, reasons: [`pod group preemption: ${reasons.join(', ')}`] } };
  }

  private preempt(context: PostFilterContext): PostFilterResult {
    const ineligible = this.whyIneligible(context);
    if (ineligible !== undefined) return { status: unschedulable(ineligible) };
    return this.preemptFromMemory(context) ?? this.preemptByDryRun(context);
  }

  /** Undefined where what is kept does not tell. */
  private preemptFromMemory(context: PostFilterContext): PostFilterResult | undefined {
    const { cluster, memory, statusOf } = context;
    if (memory === undefined) return undefined;
    if (memory.unschedulableCount === 0) return noCandidate(cluster, []);
    const wanted = this.wantedOf(memory.unschedulableCount);
    if (wanted === 0) return undefined;
    const kept = memory.recall(() => new KeptRuns(cluster));
    if (kept.hasGroups) return undefined;
    const { order } = cluster;
    const judge = (position: number): DryRunOutcome => {
      const row = order[position]!;
      if (statusOf(row).code !== 'Unschedulable') return undefined;
      if (this.hasGroups) kept.hasGroups ||= cluster.pods(row).some((pod) => groupKeyOf(pod) !== undefined);
      if (kept.hasGroups) return undefined;
      const room = context.whatIf.roomFor?.(row);
      const quick = room && selectByRoom(context, row, room, kept.budgets);
      return quick ?? selectVictims(context, row, this.potentialVictims(context, row) as Victim[], kept.budgets);
    };
    const best = kept.index.best(wanted, judge);
    // Where victims take others along, nodes depend on each other.
    if (kept.hasGroups) return undefined;
    if (best !== undefined) return this.chosen(context, best);
    if (kept.index.hasFailed) return undefined;
    return noCandidate(cluster, kept.index.rejected);
  }

  private preemptByDryRun(context: PostFilterContext): PostFilterResult {
    const rows = potentialRows(context);
    const run = this.dryRun(context, rows);
    const { candidates } = run;
    const found = { candidates: run.found, dryRunRejected: run.rejected };
    if (candidates.length === 0) {
      if (run.errors.length > 0) return { status: { code: 'Error', reasons: [aggregate(run.errors)] }, ...found };
      const rejected = run.rejected.map(({ status }) => ({ status, count: 1 }));
      return { ...noCandidate(context.cluster, rejected), ...found };
    }
    const reviewed = review(context, candidates);
    if (!Array.isArray(reviewed)) return { status: reviewed as Status, ...found };
    if (reviewed.length === 0) return { status: unschedulable('no candidate node for preemption'), ...found };
    const tied = bestCandidates(reviewed);
    const best = tied.reduce((first, next) => (positionOf(context, next) < positionOf(context, first) ? next : first));
    const tiedRows = reviewed.length > 1 ? rowsInOrder(context, tied) : undefined;
    return { ...this.chosen(context, best), tiedRows, ...found };
  }

  private chosen(
    { cluster }: PostFilterContext,
    { row, victims, pdbViolations }: PreemptionCandidate,
  ): PostFilterResult {
    const nodeName = cluster.node(row).metadata?.name ?? '';
    const reason = `found a potential placement for pod on node ${nodeName}, preempting ${victims.length} victims`;
    return { status: { code: 'Success', reasons: [reason] }, nominatedNodeName: nodeName, victims, pdbViolations };
  }

  /** How many candidates are enough. */
  private wantedOf(rows: number): number {
    const { minCandidateNodesPercentage, minCandidateNodesAbsolute } = this.args;
    const share = Math.trunc((rows * minCandidateNodesPercentage) / 100);
    return Math.min(rows, Math.max(share, minCandidateNodesAbsolute));
  }

  /** Stops once there are enough candidates, one of them without a violation. */
  private dryRun(context: PostFilterContext, rows: readonly number[]): DryRun {
    const run: DryRun = { found: [], candidates: [], rejected: [], errors: [] };
    const wanted = this.wantedOf(rows.length);
    const budgets = readBudgets(context.cluster);
    let violating = 0;
    let nonViolating = 0;
    for (const row of rows) {
      const pool = this.potentialVictims(context, row);
      if (typeof pool === 'string') {
        run.errors.push(pool);
        continue;
      }
      const outcome = selectVictims(context, row, pool, budgets);
      if ('victims' in outcome) {
        run.found.push(outcome);
        if ((outcome.pdbViolations === 0 ? nonViolating++ : violating++) < wanted) run.candidates.push(outcome);
        if (Math.min(nonViolating, wanted) > 0 && nonViolating + violating >= wanted) break;
      } else {
        run.rejected.push({ row, status: outcome.status });
        if (outcome.error !== undefined) run.errors.push(outcome.error);
      }
    }
    return run;
  }

  /** Everybody of lower priority on the node, with whom they would take along from others; an error when that is not known. */
  private potentialVictims({ pod, cluster }: PostFilterContext, row: number): Victim[] | string {
    const pods = cluster.pods(row);
    if (!this.hasGroups) return pods.filter((other) => other.priority < pod.priority).map(singlePod);
    try {
      return victimsAmong(pods, cluster).filter(({ priority }) => priority < pod.priority);
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  private whyIneligible({ pod, cluster, nominatedNodeName, statusOf }: PostFilterContext): string | undefined {
    if (pod.pod.spec?.preemptionPolicy === 'Never') return 'not eligible due to preemptionPolicy=Never.';
    const row = nominatedNodeName === '' ? -1 : cluster.rowOf(nominatedNodeName);
    if (row < 0 || statusOf(row).code === 'UnschedulableAndUnresolvable') return undefined;
    const priorityOf = (other: PodInfo): number =>
      this.hasGroups ? priorityInGroup(other, cluster.groups) : other.priority;
    // Room is already being made there: wait for it rather than evict more.
    const leaving = cluster.pods(row).some((other) => isBeingPreempted(other) && priorityOf(other) < pod.priority);
    return leaving ? 'not eligible due to a terminating pod on the nominated node.' : undefined;
  }
}

/** The candidates that extenders leave; the status when one of them fails. */
function review(
  context: PostFilterContext,
  candidates: readonly PreemptionCandidate[],
): readonly PreemptionCandidate[] | Status {
  try {
    return context.reviewCandidates(candidates);
  } catch (error) {
    return { code: 'Error', reasons: [error instanceof Error ? error.message : String(error)] };
  }
}

/** Nodes whose status is exactly Unschedulable, in snapshot order. */
function potentialRows({ cluster, statusOf }: PostFilterContext): number[] {
  const rows: number[] = [];
  const { order, nodeCount } = cluster;
  for (let i = 0; i < nodeCount; i++) if (statusOf(order[i]!).code === 'Unschedulable') rows.push(order[i]!);
  return rows;
}

function bestCandidates(candidates: readonly PreemptionCandidate[]): readonly PreemptionCandidate[] {
  let best = candidates;
  for (const criterion of CRITERIA) {
    if (best.length === 1) break;
    const values = best.map(criterion);
    const top = values.reduce((a, b) => Math.max(a, b));
    best = best.filter((_, i) => values[i] === top);
  }
  return best;
}

function positionOf({ cluster }: PostFilterContext, candidate: PreemptionCandidate): number {
  return cluster.order.subarray(0, cluster.nodeCount).indexOf(candidate.row);
}

function rowsInOrder(context: PostFilterContext, candidates: readonly PreemptionCandidate[]): number[] {
  return [...candidates].sort((a, b) => positionOf(context, a) - positionOf(context, b)).map(({ row }) => row);
}

/** The text for a pod that no eviction helps: a FitError over the dry run, with one reason for all other nodes. */
function noCandidate(
  { nodeCount }: ClusterView,
  rejected: Iterable<{ readonly status: Status; readonly count: number }>,
): PostFilterResult {
  const counts = new Map<string, number>();
  const add = (reason: string, count: number) => counts.set(reason, (counts.get(reason) ?? 0) + count);
  let others = nodeCount;
  for (const { status, count } of rejected) {
    others -= count;
    for (const reason of status.reasons) add(reason, count);
  }
  if (others > 0) add('Preemption is not helpful for scheduling', others);
  const parts = [...counts].map(([reason, count]) => `${count} ${reason}`).sort();
  const histogram = parts.length > 0 ? ` ${parts.join(', ')}.` : '';
  return { status: unschedulable(`0/${nodeCount} nodes are available:${histogram}`), nominatedNodeName: '' };
}

const aggregate = (errors: readonly string[]): string => {
  const distinct = [...new Set(errors)];
  return distinct.length === 1 ? distinct[0]! : `[${distinct.join(', ')}]`;
};
