/**
 * The scheduler over time: it hears of the cluster through watch events, tries one pod after another from its queue, and
 * binds, evicts and reports through the API. The clock that it is given decides whether an hour takes an hour.
 * Source: `pkg/scheduler/schedule_one.go`, v1.37.2.
 */
import { goQuote } from '../../api/index.ts';
import { type Clock, Lane } from '../clock.ts';
import { type CoreOptions, DEFAULT_SCHEDULER, SchedulerCore } from '../core.ts';
import type { Cycle } from '../cycle.ts';
import {
  errorFailure,
  type Failure,
  isRejection,
  NO_NODES,
  permit,
  rejectorsOf,
  reserve,
  unreserve,
} from '../cycle-steps.ts';
import { ASSIGNED_POD_DELETE } from '../events.ts';
import type { Framework } from '../framework.ts';
import { GroupCycles } from '../groups/group-cycle.ts';
import type { Found } from '../groups/group-results.ts';
import type { QueuedGroup } from '../groups/queued-group.ts';
import { onNode } from '../groups/tentative.ts';
import type { GroupInfo, PodInfo, PostFilterResult } from '../plugin.ts';
import type { QueuedEntity } from '../queue/entity.ts';
import { HintTable } from '../queue/hints.ts';
import { type QueueObserver, SchedulingQueue } from '../queue/scheduling-queue.ts';
import { type PodCondition, type PodStatusPatch, type SchedulerApi, truncateNote, type WatchEvent } from './api.ts';
import { type Binding, BindingCycles } from './binding-cycle.ts';
import { ClusterEvents } from './cluster-events.ts';
import { DispatchedApi } from './dispatched-api.ts';
import { Evictions, hasCondition, type Preemptor } from './evictions.ts';
import { HeldChanges } from './held-changes.ts';
import { PodCache } from './pod-cache.ts';
import { WaitingPods } from './waiting-pods.ts';

const BACKOFF_FLUSH_MS = 1000;
const WAITING_FLUSH_MS = 30_000;

/** Told of every attempt; for records and metrics. */
export interface TimedObserver extends QueueObserver {
  /** `from`: `backoff` when it was taken before its back-off was over. */
  attemptBegan?(entity: QueuedEntity, from: 'active' | 'backoff'): void;
  /** The pod is looked at; without it the attempt was over before. */
  cycleBegan?(pod: PodInfo): void;
  /** A node was chosen; binding follows. */
  chosen?(pod: PodInfo, nodeName: string, found: Found): void;
  /** No node will do, or the cycle ended in an error; whether preemption helps is not known yet. */
  unfit?(pod: PodInfo, cycle: Cycle): void;
  /** A node was found for a pod of a group; whether the pod goes there depends on the others. */
  proposed?(pod: PodInfo, nodeName: string, found: Found): void;
  /** In the attempt, or later in its binding. */
  failed?(pod: PodInfo, failure: Failure): void;
  bound?(pod: PodInfo, nodeName: string): void;
  attemptEnded?(entity: QueuedEntity): void;
}

export interface TimedSchedulerOptions extends CoreOptions {
  readonly clock: Clock;
  readonly api: SchedulerApi;
  /** How long an attempt keeps the scheduler busy. @default 0 */
  readonly attemptMs?: (nodeCount: number) => number;
  /**
   * When an attempt begins that could begin at `earliestMs`, for whoever drives the scheduler by moments of its own.
   * @default then
   */
  readonly attemptAtMs?: (earliestMs: number) => number;
  /** How long the call that binds takes. @default 0 */
  readonly bindingDelayMs?: number;
  /** A pod that has waited for longer is tried again whatever happened. @default 300000 */
  readonly maxWaitMs?: number;
  readonly observer?: TimedObserver;
}

export class TimedScheduler {
  readonly core: SchedulerCore;
  readonly queue: SchedulingQueue;
  readonly pods: PodCache;
  readonly waitingPods: WaitingPods;
  private readonly options: TimedSchedulerOptions;
  private readonly events: ClusterEvents;
  private readonly evictions: Evictions;
  private readonly bindings: BindingCycles;
  private readonly groupCycles: GroupCycles;
  private readonly assumed = new Set<string>();
  private readonly changes = new HeldChanges();
  private readonly podApi: Pick<SchedulerApi, 'bind' | 'patchPodStatus'>;
  private isStarted = false;
  private attemptIsDue = false;
  private isTrying = false;
  private busyUntilMs = Number.NEGATIVE_INFINITY;

  constructor(options: TimedSchedulerOptions) {
    this.options = options;
    const { clock, api, config } = options;
    const core = new SchedulerCore(options, {
      isPending: ({ key }) => {
        const pod = this.pods.get(key);
        return pod !== undefined && !pod.pod.spec?.nodeName;
      },
      isPreempting: (uid) => this.evictions.isPreempting(uid),
      activate: (pods) => this.queue.activate(pods),
      allow: (uid, plugin) => this.waitingPods.get(uid)?.allow(plugin),
      api: api.plugins,
    });
    this.core = core;
    this.pods = new PodCache(core.cluster.classes);
    this.waitingPods = new WaitingPods(clock);
    const [firstFramework] = core.frameworks.values();
    const sort = firstFramework!.queueSort[0]!.plugin;
    this.queue = new SchedulingQueue({
      profiles: new Map(
        [...core.frameworks].map(([name, framework]) => [
          name,
          { preEnqueue: framework.preEnqueue, hints: new HintTable(framework.eventPlugins) },
        ]),
      ),
      less: (a, b) => sort.less!(a, b),
      cluster: core.cluster,
      nominator: core.nominator,
      now: () => clock.nowMs,
      profileOf: schedulerNameOf,
      initialBackoffMs: config.podInitialBackoffSeconds * 1000,
      maxBackoffMs: config.podMaxBackoffSeconds * 1000,
      popFromBackoff: core.gates.SchedulerPopFromBackoffQ,
      maxWaitMs: options.maxWaitMs,
      groups: core.gates.GenericWorkload ? { hasComposites: core.gates.CompositePodGroup } : undefined,
      onReady: () => this.planAttempt(),
      observer: options.observer,
    });
    this.podApi = core.gates.SchedulerAsyncAPICalls ? new DispatchedApi(api, clock) : api;
    const { queue, pods, waitingPods, assumed, changes, podApi } = this;
    this.events = new ClusterEvents({ core, queue, pods, waitingPods, assumed, changes });
    this.bindings = new BindingCycles({
      api,
      podApi,
      clock,
      cluster: core.cluster,
      pods,
      waitingPods,
      extenders: core.extenders,
      nominateFirst: core.gates.NominatedNodeNameForExpectation,
      bindingDelayMs: options.bindingDelayMs ?? 0,
      onPermitted: (uid) => queue.done(uid),
      onBound: (binding) => this.bound(binding),
      onFailed: (binding, failure) => this.bindingFailed(binding, failure),
    });
    this.evictions = new Evictions({
      api,
      statusApi: podApi,
      clock,
      pods,
      nominator: core.nominator,
      waitingPods,
      cancelBinding: (uid, reason) => this.bindings.cancel(uid, reason),
      activate: (pods) => queue.activate(pods),
    });
    this.groupCycles = new GroupCycles({
      core,
      queue,
      api,
      isSkipped: (pod, framework) => this.isSkipped(pod, framework),
      take: (member, framework, nodeName) => this.take(member, framework, nodeName),
      fail: (member, framework, failure) => this.fail(member, framework, failure),
      evict: (group, framework, victims) => this.evictForGroup(group, framework, victims),
      soon: (task) => clock.soon(task),
      observer: options.observer,
    });
  }

  /** What the watch reports, in order. */
  handle(event: WatchEvent): void {
    this.events.handle(event);
  }

  /** Attempts and flushes begin. */
  start(): void {
    const { clock } = this.options;
    this.isStarted = true;
    const every = (periodMs: number, firstMs: number, flush: () => void): void => {
      const tick = (dueMs: number): void => {
        flush();
        clock.at(dueMs + periodMs, () => tick(dueMs + periodMs));
      };
      clock.at(firstMs, () => tick(firstMs));
    };
    const { nowMs } = clock;
    const firstFlushMs = this.core.gates.SchedulerPopFromBackoffQ
      ? Math.floor(nowMs / BACKOFF_FLUSH_MS + 1) * BACKOFF_FLUSH_MS
      : nowMs + BACKOFF_FLUSH_MS;
    every(BACKOFF_FLUSH_MS, firstFlushMs, () => this.queue.flushBackoff());
    this.queue.flushWaiting();
    every(WAITING_FLUSH_MS, nowMs + WAITING_FLUSH_MS, () => this.queue.flushWaiting());
    if (this.queue.poppable !== '') this.planAttempt();
  }

  // --- attempts --------------------------------------------------------------------------------------------------------

  private planAttempt(): void {
    if (!this.isStarted || this.attemptIsDue || this.isTrying) return;
    this.attemptIsDue = true;
    const { clock, attemptAtMs } = this.options;
    const earliestMs = Math.max(clock.nowMs, this.busyUntilMs);
    clock.at(attemptAtMs?.(earliestMs) ?? earliestMs, () => this.attempt(), Lane.Attempt);
  }

  private attempt(): void {
    this.attemptIsDue = false;
    const { clock, observer, attemptMs } = this.options;
    const startMs = clock.nowMs;
    const from = this.queue.poppable;
    const entity = from === '' ? undefined : this.queue.pop();
    if (entity === undefined) return;
    this.isTrying = true;
    observer?.attemptBegan?.(entity, from as 'active' | 'backoff');
    if (entity.members === undefined) this.tryPod(entity);
    else this.tryGroup(entity as QueuedGroup);
    observer?.attemptEnded?.(entity);
    this.isTrying = false;
    // An extender may have taken longer than attempts usually do.
    this.busyUntilMs = Math.max(clock.nowMs, startMs + (attemptMs?.(this.core.cluster.nodeCount) ?? 0));
    if (this.queue.poppable !== '') this.planAttempt();
  }

  private tryPod(entity: QueuedEntity): void {
    const { pod } = entity;
    const framework = this.core.frameworkOf(pod);
    if (framework === undefined || this.isSkipped(pod, framework)) {
      this.queue.done(pod.uid);
      return;
    }
    this.options.observer?.cycleBegan?.(pod);
    const nominated = pod.pod.status?.nominatedNodeName ?? '';
    this.changes.hold();
    const cycle = this.core.engine.schedulePod(framework, pod, nominated);
    const nodeName = cycle.chosen < 0 ? '' : this.core.cluster.nodeName(cycle.chosenRow);
    if (nodeName !== '') this.options.observer?.chosen?.(pod, nodeName, cycle);
    else this.options.observer?.unfit?.(pod, cycle);
    let failure = nodeName === '' ? this.unfit(cycle) : undefined;
    this.changes.release();
    if (nodeName !== '') failure = this.assume(entity, framework, nodeName);
    if (failure !== undefined) this.fail(entity, framework, failure);
  }

  private tryGroup(group: QueuedGroup): void {
    this.options.observer?.cycleBegan?.(group.pod);
    this.changes.hold();
    const submit = this.groupCycles.run(group);
    this.changes.release();
    submit();
  }

  private isSkipped(pod: PodInfo, framework: Framework): boolean {
    if (!pod.terminating) return this.assumed.has(pod.uid);
    this.options.api.record({
      object: pod.pod,
      type: 'Warning',
      reason: 'FailedScheduling',
      action: 'Scheduling',
      note: `skip schedule deleting pod: ${pod.key}`,
      from: framework.name,
    });
    return true;
  }

  /** No node would do: preempts if that helps, and says why. */
  private unfit(cycle: Cycle): Failure {
    if (cycle.error !== '') return errorFailure(cycle.error);
    if (cycle.nodeCount === 0) return { ...errorFailure(NO_NODES), code: 'UnschedulableAndUnresolvable' };
    const { pod, framework } = cycle;
    // PostFilter looks the pod up afresh; the one being tried may be older.
    const current = this.pods.get(pod.key);
    const result = this.postFilter(cycle, current);
    let message = result?.status.reasons.join(', ') ?? '';
    let nominatedNodeName = result === undefined ? '' : result.nominatedNodeName;
    if (current !== undefined && result?.victims !== undefined && nominatedNodeName) {
      const { uid, priority } = current;
      const preemptor = { uid, kind: 'pod', priority, pods: [current] } as const;
      const preemption = { preemptor, schedulerName: framework.name, nodeName: nominatedNodeName };
      if (this.core.gates.SchedulerAsyncPreemption) this.evictions.evictLater(preemption, result.victims);
      else {
        const error = this.evictions.evictNow(preemption, result.victims);
        if (error !== undefined) {
          message = `preemption: ${error.message}`;
          nominatedNodeName = undefined;
        }
      }
    }
    return {
      code: 'Unschedulable',
      message: this.core.failureMessage(cycle, message),
      ...rejectorsOf(cycle),
      nominatedNodeName,
    };
  }

  /** A pod that has gone in the meantime is past helping. */
  private postFilter(cycle: Cycle, current: PodInfo | undefined): PostFilterResult | undefined {
    if (current !== undefined) return this.core.postFilter(cycle, current.pod.status?.nominatedNodeName ?? '');
    if (cycle.framework.postFilter.length === 0) return undefined;
    return { status: { code: 'Error', reasons: [`preemption: pod ${goQuote(cycle.pod.name)} not found`] } };
  }

  /** Evicts what makes room for a whole group, wherever it is; returns why that failed. */
  private evictForGroup(group: GroupInfo, framework: Framework, victims: readonly PodInfo[]): string | undefined {
    const { uid, priority, pods, podGroup } = group;
    const kind = podGroup === undefined ? 'compositepodgroup' : 'podgroup';
    const preemptor: Preemptor = { uid, kind, priority, pods };
    const preemption = { preemptor, schedulerName: framework.name, nodeName: 'cluster' };
    if (!this.core.gates.SchedulerAsyncPreemption) return this.evictions.evictNow(preemption, victims)?.message;
    this.evictions.evictLater(preemption, victims);
    return undefined;
  }

  /** Takes the node for the pod and starts its binding; the reason when a plugin objects. */
  private assume(entity: QueuedEntity, framework: Framework, nodeName: string): Failure | undefined {
    const start = this.take(entity, framework, nodeName);
    if (typeof start !== 'function') return start;
    this.options.clock.soon(start);
    return undefined;
  }

  /** Takes the node for the pod. What comes back starts the pod's binding, or says why a plugin objects. */
  private take(entity: QueuedEntity, framework: Framework, nodeName: string): (() => void) | Failure {
    const { cluster, nominator } = this.core;
    const { pod } = entity;
    const assumed = onNode(pod, nodeName);
    if (cluster.podByUid(pod.uid) !== undefined) {
      return errorFailure(`pod ${pod.uid}(${pod.key}) is in the cache, so can't be assumed`);
    }
    cluster.addPodInfo(assumed, nodeName);
    cluster.groups.assume(assumed);
    this.assumed.add(pod.uid);
    nominator.delete(pod.uid);
    const row = cluster.rowOf(nodeName);
    const takeBack = (failure: Failure): Failure => {
      unreserve(framework, assumed, row, cluster);
      this.forget(assumed);
      return failure;
    };
    // Plugins read a node's columns, and one that has gone during the cycle has none.
    if (row >= 0) {
      const refused = reserve(framework, assumed, row, cluster);
      if (refused !== undefined) return takeBack(refused);
      const { failure, waits } = permit(framework, assumed, row, cluster);
      if (failure !== undefined) return takeBack(failure);
      if (waits.size > 0) this.waitingPods.add(assumed, waits);
    }
    return () => this.bindings.start({ entity, framework, pod: assumed, nodeName, row });
  }

  private forget(pod: PodInfo): void {
    if (!this.assumed.delete(pod.uid)) return;
    this.changes.make(() => this.core.cluster.removePod(pod.uid));
    this.core.cluster.groups.forget(pod);
  }

  // --- ends of bindings ------------------------------------------------------------------------------------------------

  private bound({ framework, pod, row, nodeName }: Binding): void {
    const { api, observer } = this.options;
    api.record({
      object: pod.pod,
      type: 'Normal',
      reason: 'Scheduled',
      action: 'Binding',
      note: `Successfully assigned ${pod.key} to ${nodeName}`,
      from: framework.name,
    });
    observer?.bound?.(pod, nodeName);
    for (const { plugin } of framework.postBind) plugin.postBind?.(pod, row, this.core.cluster);
  }

  private bindingFailed({ entity, framework, pod, row }: Binding, failure: Failure): void {
    unreserve(framework, pod, row, this.core.cluster);
    this.forget(pod);
    if (isRejection(failure)) {
      this.fail(entity, framework, failure);
      this.queue.moveAll(ASSIGNED_POD_DELETE, pod, undefined, ({ uid }) => uid !== pod.uid);
    } else {
      this.queue.moveAll(ASSIGNED_POD_DELETE, pod, undefined);
      this.fail(entity, framework, failure);
    }
  }

  // --- failures --------------------------------------------------------------------------------------------------------

  /** Puts the pod back into the queue and reports why; true when that was written to it. Source: `handleSchedulingFailure`. */
  private fail(entity: QueuedEntity, framework: Framework, failure: Failure): boolean {
    const { api, observer } = this.options;
    observer?.failed?.(entity.pod, failure);
    const current = this.pods.get(entity.key);
    let isRequeued = false;
    if (current !== undefined && !current.pod.spec?.nodeName) {
      if (current.uid !== entity.pod.uid) {
        this.queue.done(entity.pod.uid);
        return false;
      }
      entity.pod = current;
      isRequeued = this.queue.requeue(entity, failure.rejectors, failure.pendingPlugins);
    }
    const { pod } = entity;
    this.core.nominator.add(pod, failure.nominatedNodeName);
    api.record({
      object: pod.pod,
      type: 'Warning',
      reason: 'FailedScheduling',
      action: 'Scheduling',
      note: truncateNote(failure.message),
      from: framework.name,
    });
    const patch = statusPatch(pod, failure);
    if (patch !== undefined) this.podApi.patchPodStatus(pod.pod, patch, () => {});
    if (!isRequeued) this.queue.done(pod.uid);
    return patch !== undefined;
  }
}

const schedulerNameOf = ({ pod }: PodInfo): string => pod.spec?.schedulerName ?? DEFAULT_SCHEDULER;

/** Only what differs from the pod's status as the scheduler knows it; undefined when nothing does. */
function statusPatch(pod: PodInfo, failure: Failure): PodStatusPatch | undefined {
  const condition: PodCondition = {
    type: 'PodScheduled',
    status: 'False',
    reason: isRejection(failure) ? 'Unschedulable' : 'SchedulerError',
    message: failure.message,
  };
  const { nominatedNodeName } = failure;
  const changesNomination =
    nominatedNodeName !== undefined && nominatedNodeName !== (pod.pod.status?.nominatedNodeName ?? '');
  const changesCondition = !hasCondition(pod, condition);
  if (!changesNomination && !changesCondition) return undefined;
  return {
    condition: changesCondition ? condition : undefined,
    nominatedNodeName: changesNomination ? nominatedNodeName : undefined,
  };
}
