/**
 * The scheduling cycle of a group: all of it is tried, then either everybody who found a node goes there, or nobody does,
 * and where that helps others are evicted. Source: `pkg/scheduler/schedule_one_podgroup.go`, v1.37.2.
 */

import type { Condition, PodGroup } from '../../api/index.ts';
import type { SchedulerCore } from '../core.ts';
import { errorFailure, type Failure } from '../cycle-steps.ts';
import type { Framework } from '../framework.ts';
import type { GroupInfo, GroupKey, PodInfo } from '../plugin.ts';
import type { QueuedEntity } from '../queue/entity.ts';
import type { SchedulingQueue } from '../queue/scheduling-queue.ts';
import type { SchedulerApi } from '../timed/api.ts';
import { ClusterWhatIf } from './cluster-what-if.ts';
import { GroupAlgorithm, type GroupAlgorithmOptions } from './group-algorithm.ts';
import { groupInfo, groupsIn } from './group-info.ts';
import { complete, type Found, type GroupResult, type GroupResults } from './group-results.ts';
import { GroupStatus, UNSCHEDULABLE } from './group-status.ts';
import { faultOf } from './group-validation.ts';
import type { QueuedGroup } from './queued-group.ts';
import { remindPlugins } from './tentative.ts';

export interface GroupCyclesOptions {
  readonly core: SchedulerCore;
  readonly queue: SchedulingQueue;
  readonly api: SchedulerApi;
  /** True for a pod that is not to be tried any more. */
  readonly isSkipped: (pod: PodInfo, framework: Framework) => boolean;
  /** Takes the node for the pod; what comes back starts its binding, or says why not. */
  readonly take: (member: QueuedEntity, framework: Framework, nodeName: string) => (() => void) | Failure;
  /** Puts the pod back into the queue; true when its status was written. */
  readonly fail: (member: QueuedEntity, framework: Framework, failure: Failure) => boolean;
  /** Evicts for the group; an error when that fails at once. */
  readonly evict: (group: GroupInfo, framework: Framework, victims: readonly PodInfo[]) => string | undefined;
  /** Runs after the cycle. */
  readonly soon: (task: () => void) => void;
  readonly observer?: {
    chosen?(pod: PodInfo, nodeName: string, found: Found): void;
    proposed?(pod: PodInfo, nodeName: string, found: Found): void;
  };
}

const INITIALLY_SCHEDULED = 'PodGroupInitiallyScheduled';

type Placed = Exclude<GroupResult['pods'][number], { readonly failure: Failure }>;

/** What one cycle works on. */
interface Attempt {
  readonly group: QueuedGroup;
  readonly framework: Framework;
  readonly info: GroupInfo;
  readonly membersOf: (leaf: GroupKey) => readonly QueuedEntity[];
  /** Whom the cycle is about, by UID. */
  readonly tried: ReadonlySet<string>;
}

export class GroupCycles {
  private readonly options: GroupCyclesOptions;

  constructor(options: GroupCyclesOptions) {
    this.options = options;
  }

  /** Decides about the group. What comes back carries that out. */
  run(group: QueuedGroup): () => void {
    const { core, queue } = this.options;
    const { groups } = core.cluster;
    const members = new Map(groups.leaves(group.rootKey).map((leaf) => [leaf, group.membersOf(leaf)]));
    const all = group.members;
    const uids = (list: readonly QueuedEntity[]): Set<string> => new Set(list.map(({ pod }) => pod.uid));
    const fault = faultOf(group, all, core);
    if (fault !== undefined) {
      return () => {
        for (const member of all) this.options.fail(member, core.frameworkOf(member.pod)!, errorFailure(fault));
        for (const { key, podGroup } of groupsIn(groupInfo(group.rootKey, groups, () => []))) {
          if (podGroup !== undefined) this.report(key, condition('False', 'SchedulerError', fault));
        }
        queue.groups!.attempted(group, 'error', uids(all));
      };
    }
    const framework = core.frameworkOf(all[0]!.pod)!;
    for (const [leaf, list] of members)
      members.set(
        leaf,
        list.filter((member) => !this.skips(member, framework)),
      );
    const left = [...members.values()].flat();
    if (left.length === 0) return () => queue.groups!.attempted(group, 'success', new Set());
    const membersOf = (leaf: GroupKey): readonly QueuedEntity[] => members.get(leaf) ?? [];
    const info = groupInfo(group.rootKey, groups, (leaf) => membersOf(leaf).map(({ pod }) => pod));
    const attempt = { group, framework, info, membersOf, tried: uids(left) };
    return core.nominator.withStandIns(this.standIns(all), () => this.schedule(attempt));
  }

  /**
   * Upstream looks up in its queue who is promised a node. Members of a group that is being tried are not there, and count
   * as pods that ask for nothing. Source: `nominatedPodToInfo` in `pkg/scheduler/backend/queue/scheduling_queue.go`, v1.37.2.
   */
  private standIns(members: readonly QueuedEntity[]): ReadonlyMap<string, PodInfo> {
    const { nominator, cluster } = this.options.core;
    const promised = members.filter(({ pod }) => nominator.nodeOf(pod.uid) !== '');
    return new Map(
      promised.map(({ pod: { uid, name, namespace, pod } }) => {
        const spec = { containers: [], schedulingGroup: pod.spec?.schedulingGroup };
        return [uid, cluster.classes.info({ metadata: { name, namespace, uid }, spec })];
      }),
    );
  }

  private skips({ pod }: QueuedEntity, framework: Framework): boolean {
    if (!this.options.isSkipped(pod, framework)) return false;
    this.options.queue.done(pod.uid);
    return true;
  }

  private schedule(attempt: Attempt): () => void {
    const { queue } = this.options;
    const { group, info, membersOf, tried } = attempt;
    const algorithm = this.algorithm(attempt, false);
    const results = algorithm.run(info);
    const { status } = results.get(info.key)!;
    complete(info, results, membersOf);
    const nominations = status.code === 'Unschedulable' ? this.postFilter(attempt, algorithm, results) : new Map();
    const outcome = status.isSuccess ? 'success' : status.isRejected ? 'rejected' : 'error';
    return () => {
      this.submit(attempt, results, nominations);
      queue.groups!.attempted(group, outcome, tried);
    };
  }

  private algorithm({ framework, membersOf }: Attempt, keepFilters: boolean): GroupAlgorithm {
    const { core, observer } = this.options;
    const proposed: GroupAlgorithmOptions['proposed'] = (...args) => observer?.proposed?.(...args);
    return new GroupAlgorithm({ core, framework, membersOf, proposed, keepFilters });
  }

  // --- preemption ------------------------------------------------------------------------------------------------------

  /** UID → node name of whom room is being made for. */
  private postFilter(attempt: Attempt, algorithm: GroupAlgorithm, results: GroupResults): ReadonlyMap<string, string> {
    const { status, nominatedNodeNames } = this.runPostFilters(attempt, algorithm);
    for (const result of results.values()) {
      if (status.isError) result.status = status;
      else {
        result.waitsForPreemption = status.isSuccess;
        result.status.append(status.message);
      }
    }
    return status.isSuccess ? nominatedNodeNames : new Map();
  }

  private runPostFilters(
    attempt: Attempt,
    { preFilterRan }: GroupAlgorithm,
  ): { readonly status: GroupStatus; readonly nominatedNodeNames: ReadonlyMap<string, string> } {
    const { framework, info } = attempt;
    const { cluster } = this.options.core;
    const reasons: string[] = [];
    const ended = (status: GroupStatus, nominatedNodeNames: ReadonlyMap<string, string> = new Map()) => ({
      status,
      nominatedNodeNames,
    });
    for (const { name, plugin } of framework.podGroupPostFilter) {
      const whatIf = new ClusterWhatIf(cluster, framework, info, this.algorithm(attempt, true));
      const result = plugin.podGroupPostFilter?.({
        group: info,
        cluster,
        preFilterRan: preFilterRan.has(name),
        whatIf,
      });
      if (result === undefined) continue;
      let status = GroupStatus.of(result.status);
      if (status.isSuccess && result.victims !== undefined) {
        const error = this.options.evict(info, framework, result.victims);
        if (error !== undefined) status = GroupStatus.failed(`pod group preemption: ${error}`);
      }
      if (status.isSuccess) return ended(status, result.nominatedNodeNames);
      if (status.code === 'UnschedulableAndUnresolvable') return ended(status);
      if (status.code !== 'Unschedulable') {
        return ended(GroupStatus.failed(`error in "${name}" PodGroupPostFilter plugins: ${status.message}`));
      }
      reasons.push(...result.status.reasons);
    }
    return ended(new GroupStatus('Unschedulable', reasons));
  }

  // --- what becomes of it ----------------------------------------------------------------------------------------------

  private submit(attempt: Attempt, results: GroupResults, nominations: ReadonlyMap<string, string>): void {
    const starts = new Starts();
    for (const { key } of groupsIn(attempt.info)) {
      const result = results.get(key)!;
      if (result.group.podGroup === undefined) continue;
      for (const pod of result.pods) {
        const next = failureOf(pod, result, nominations) ?? this.take(pod as Placed, attempt.framework);
        if (typeof next === 'function') starts.add(next);
        else if (this.options.fail(pod.member, attempt.framework, next)) starts.wroteTo('Pod');
      }
      if (this.report(key, conditionOf(result.status))) starts.wroteTo('PodGroup');
    }
    for (const start of starts.inOrder()) this.options.soon(start);
  }

  private take({ member, row, found }: Placed, framework: Framework): (() => void) | Failure {
    const { core, take, observer } = this.options;
    const nodeName = core.cluster.nodeName(row);
    observer?.chosen?.(member.pod, nodeName, found);
    remindPlugins(core, framework, member.pod, row);
    return take(member, framework, nodeName);
  }

  /** True when the condition was written. Once a group has been scheduled it stays so. */
  private report(key: GroupKey, reported: Condition): boolean {
    const { core, api } = this.options;
    const group = core.cluster.groups.podGroup(key) as PodGroup;
    const known = group.status?.conditions?.find(({ type }) => type === reported.type);
    if (known?.status === 'True' && reported.status !== 'True') return false;
    const { generation } = group.metadata ?? {};
    const isSame =
      known !== undefined &&
      known.status === reported.status &&
      (known.reason ?? '') === reported.reason &&
      (known.message ?? '') === reported.message &&
      known.observedGeneration === generation;
    if (isSame) return false;
    api.patchGroupCondition(group, { ...reported, observedGeneration: generation }, () => {});
    return true;
  }
}

/** Why the pod does not go to its node, if so. */
function failureOf(
  pod: GroupResult['pods'][number],
  { status, waitsForPreemption }: GroupResult,
  nominations: ReadonlyMap<string, string>,
): Failure | undefined {
  const own = 'failure' in pod ? pod.failure : undefined;
  if (status.isError) {
    return { ...(own?.code === 'Error' ? own : status.toFailure('')), nominatedNodeName: '' };
  }
  const nominated = waitsForPreemption ? nominations.get(pod.member.pod.uid) : undefined;
  if (own !== undefined) return nominated === undefined ? own : { ...own, nominatedNodeName: nominated };
  if (status.isSuccess) return undefined;
  if (!status.isRejected) {
    return errorFailure(`received unexpected pod group scheduling algorithm status code: ${status.code}`);
  }
  if (waitsForPreemption) return status.toFailure(nominated);
  return { ...status.toFailure(''), code: 'Unschedulable', message: `${UNSCHEDULABLE}, ${status.message}` };
}

const condition = (status: 'True' | 'False', reason: string, message: string): Condition => ({
  type: INITIALLY_SCHEDULED,
  status,
  reason,
  message,
});

function conditionOf(status: GroupStatus): Condition {
  if (status.isSuccess) return condition('True', 'Scheduled', status.message);
  if (status.isRejected) return condition('False', 'Unschedulable', status.message);
  return condition('False', 'SchedulerError', status.errorText);
}

/**
 * The bindings of a group in the order in which they begin. Upstream gives each a goroutine and leaves the order open; on one
 * thread, as the golden timelines were recorded, the last one goes first unless the first write to an object of some kind, of
 * which somebody else has to hear, comes after it.
 */
class Starts {
  private readonly starts: Array<() => void> = [];
  private readonly heardOf = new Set<string>();
  private lastGoesFirst = false;

  add(start: () => void): void {
    this.starts.push(start);
    this.lastGoesFirst = true;
  }

  wroteTo(kind: string): void {
    if (this.heardOf.has(kind)) return;
    this.heardOf.add(kind);
    this.lastGoesFirst = false;
  }

  inOrder(): ReadonlyArray<() => void> {
    const { starts } = this;
    return this.lastGoesFirst && starts.length > 1 ? [starts.at(-1)!, ...starts.slice(0, -1)] : starts;
  }
}
