/**
 * DefaultPreemption: which pods of lower priority to evict, and where, so that a pod fits, or a group of pods.
 * Source: `pkg/scheduler/framework/plugins/defaultpreemption` and `pkg/scheduler/framework/preemption`, v1.37.2.
 * Where upstream is random (start of the dry run, equal candidates) this takes snapshot order.
 *
 * Cost: per candidate node one Filter chain for the emptied node and one per potential victim.
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
import { type Budget, readBudgets, splitByBudget } from './helper/disruption-budgets.ts';
import { preemptForGroup } from './helper/group-preemption.ts';
import {
  byImportance,
  isBeingPreempted,
  podsOf,
  priorityInGroup,
  singlePod,
  startOf,
  type Victim,
  victimsAmong,
} from './helper/victims.ts';

interface DefaultPreemptionArgs {
  readonly minCandidateNodesPercentage: number;
  readonly minCandidateNodesAbsolute: number;
}

/** Added to every priority in sums, so that negative ones count as victims too (MaxInt32 + 1). */
const PRIORITY_SHIFT = 2 ** 31;

export const defaultPreemption: PluginDefinition = {
  name: 'DefaultPreemption',
  points: ['preEnqueue', 'postFilter', 'podGroupPostFilter'],
  create: (args, handle) => new DefaultPreemption(args as DefaultPreemptionArgs, handle),
};

/** A deletion is listened to only because it lifts the gate below; whether the pod fits now is for others to say. */
const ASYNC_EVENTS: readonly EventRegistration[] = [
  { resource: 'AssignedPod', action: Action.Delete, hint: () => 'Skip' },
];

const BEING_PREEMPTED_FOR = unresolvable('waiting for the preemption for this pod to be finished');
const GROUP_BEING_PREEMPTED_FOR = unresolvable('waiting for the preemption for this pod group to be finished');

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
    const rows = potentialRows(context);
    const run = this.dryRun(context, rows);
    const { candidates } = run;
    const found = { candidates: run.found, dryRunRejected: run.rejected };
    if (candidates.length === 0) {
      if (run.errors.length > 0) return { status: { code: 'Error', reasons: [aggregate(run.errors)] }, ...found };
      const status = unschedulable(noCandidateMessage(context.cluster.nodeCount, run.rejected));
      return { status, nominatedNodeName: '', ...found };
    }
    const reviewed = review(context, candidates);
    if (!Array.isArray(reviewed)) return { status: reviewed as Status, ...found };
    if (reviewed.length === 0) return { status: unschedulable('no candidate node for preemption'), ...found };
    const tied = bestCandidates(reviewed);
    const best = tied.reduce((first, next) => (positionOf(context, next) < positionOf(context, first) ? next : first));
    const nodeName = context.cluster.node(best.row).metadata?.name ?? '';
    return {
      status: {
        code: 'Success',
        reasons: [`found a potential placement for pod on node ${nodeName}, preempting ${best.victims.length} victims`],
      },
      nominatedNodeName: nodeName,
      victims: best.victims,
      pdbViolations: best.pdbViolations,
      tiedRows: reviewed.length > 1 ? rowsInOrder(context, tied) : undefined,
      ...found,
    };
  }

  /** Stops once there are enough candidates, one of them without a violation. */
  private dryRun(context: PostFilterContext, rows: readonly number[]): DryRun {
    const run: DryRun = { found: [], candidates: [], rejected: [], errors: [] };
    const { minCandidateNodesPercentage, minCandidateNodesAbsolute } = this.args;
    const share = Math.trunc((rows.length * minCandidateNodesPercentage) / 100);
    const wanted = Math.min(rows.length, Math.max(share, minCandidateNodesAbsolute));
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

type Selection = PreemptionCandidate | { readonly status: Status; readonly error?: string };

/** Evicts everybody of lower priority, then takes back as many as possible, the most important first. */
function selectVictims(
  { cluster, whatIf }: PostFilterContext,
  row: number,
  pool: Victim[],
  budgets: readonly Budget[],
): Selection {
  if (pool.length === 0) return { status: unresolvable('No preemption victims found for incoming pod') };
  // Of a group that is evicted whole, pods on other nodes make no difference there; plugins that count pods hear of them.
  const rowOf = (pod: PodInfo, { pods }: Victim): number =>
    pods.length === 1 ? row : cluster.rowOf(pod.pod.spec?.nodeName ?? '');
  const remove = (victim: Victim): void => {
    for (const pod of victim.pods) whatIf.removePod(pod, rowOf(pod, victim));
  };
  whatIf.begin(row);
  try {
    for (const victim of pool) remove(victim);
    const status = whatIf.filter();
    if (status !== undefined)
      return status.code === 'Error' ? { status, error: status.reasons.join(', ') } : { status };
    pool.sort(byImportance);
    const { violating, others } = splitByBudget(pool, budgets);
    const victims: Victim[] = [];
    const reprieve = (victim: Victim): boolean => {
      for (const pod of victim.pods) whatIf.addPod(pod, rowOf(pod, victim));
      // A Filter that fails with an error counts as one that rejects.
      if (whatIf.filter() === undefined) return true;
      remove(victim);
      victims.push(victim);
      return false;
    };
    let pdbViolations = 0;
    for (const { victim, violations } of violating) if (!reprieve(victim)) pdbViolations += violations;
    for (const victim of others) reprieve(victim);
    if (violating.length > 0 && others.length > 0) victims.sort(byImportance);
    if (victims.length > 0) return { row, victims: podsOf(victims), pdbViolations };
    const error = `expected at least one victim pod on node "${cluster.node(row).metadata?.name}"`;
    return { status: { code: 'Error', reasons: [error] }, error };
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown.message : String(thrown);
    return { status: { code: 'Error', reasons: [error] }, error };
  } finally {
    whatIf.end();
  }
}

/** Each criterion keeps the best; larger is better. */
const CRITERIA: ReadonlyArray<(candidate: PreemptionCandidate) => number> = [
  ({ pdbViolations }) => -pdbViolations,
  ({ victims }) => -victims[0]!.priority,
  ({ victims }) => -victims.reduce((sum, victim) => sum + victim.priority + PRIORITY_SHIFT, 0),
  ({ victims }) => -victims.length,
  ({ victims }) => {
    const top = Math.max(...victims.map((victim) => victim.priority));
    return Math.min(...victims.filter((victim) => victim.priority === top).map(startOf));
  },
];

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
function noCandidateMessage(nodeCount: number, rejected: ReadonlyArray<{ status: Status }>): string {
  const counts = new Map<string, number>();
  const add = (reason: string, count: number) => counts.set(reason, (counts.get(reason) ?? 0) + count);
  for (const { status } of rejected) for (const reason of status.reasons) add(reason, 1);
  if (rejected.length < nodeCount) add('Preemption is not helpful for scheduling', nodeCount - rejected.length);
  const parts = [...counts].map(([reason, count]) => `${count} ${reason}`).sort();
  const histogram = parts.length > 0 ? ` ${parts.join(', ')}.` : '';
  return `0/${nodeCount} nodes are available:${histogram}`;
}

const aggregate = (errors: readonly string[]): string => {
  const distinct = [...new Set(errors)];
  return distinct.length === 1 ? distinct[0]! : `[${distinct.join(', ')}]`;
};
