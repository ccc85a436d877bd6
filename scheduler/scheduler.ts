/**
 * The scheduler without time: pods are handed in one after another, each is decided, assumed and bound at once. What
 * happens over time (queues, back-off, waiting) is in `timed/`, on the same core.
 * Source: `scheduleOnePod` in `pkg/scheduler/schedule_one.go`, v1.37.2.
 */
import type { Pod } from '../api/index.ts';
import { type CoreOptions, SchedulerCore } from './core.ts';
import type { Cycle } from './cycle.ts';
import {
  chooseBinder,
  errorFailure,
  type Failure,
  failureOf,
  isRejection,
  NO_NODES,
  permit,
  permitTimeout,
  rejectionFailure,
  reserve,
  unreserve,
} from './cycle-steps.ts';
import type { AttemptSummary, PodOutcome, PostFilterRecord } from './decision.ts';
import type { Framework } from './framework.ts';
import { LocalApi } from './local-api.ts';
import type { PodInfo, PostFilterResult, Status } from './plugin.ts';
import { postFilterRecord, recordOf, statusRecord } from './record.ts';

/** A preemptor is tried again once its victims are gone; more often than this it gives up. */
const MAX_ATTEMPTS = 3;

export interface SchedulerOptions extends CoreOptions {
  /** Fill `AttemptSummary.record`. @default false */
  readonly explain?: boolean;
  /** Start time in ms since the epoch of the n-th pod placed; without it placed pods count as started "now". */
  readonly startTimeMs?: (placement: number) => number;
}

export class Scheduler extends SchedulerCore {
  /** UID of an evicted pod → key of the pod that it made room for. */
  readonly evictedBy = new Map<string, string>();
  placements = 0;

  private readonly options: SchedulerOptions;

  constructor(options: SchedulerOptions) {
    const api = new LocalApi();
    super(options, { api });
    api.attach(this.cluster.objects);
    this.options = options;
  }

  /** An unscheduled pod with `status.nominatedNodeName`: the node is kept for it against pods of lower priority. */
  addNominated(pod: Pod): void {
    this.nominator.add(this.cluster.classes.info(pod));
  }

  /** Gates, decides, preempts and binds one pod. What it evicts is gone at once. */
  schedule(pod: Pod): PodOutcome {
    return this.scheduleInfo(this.cluster.classes.info(pod));
  }

  /** As `schedule`, for a pod that has been taken in. */
  scheduleInfo(info: PodInfo): PodOutcome {
    const framework = this.frameworkOf(info);
    if (framework === undefined) return { pod: info.key, outcome: 'ignored', attempts: [] };
    const gate = this.preEnqueue(framework, info);
    if (gate !== undefined) return { pod: info.key, outcome: 'gated', gate: statusRecord(gate), attempts: [] };
    return this.attemptUntilPlaced(framework, info, info.pod.status?.nominatedNodeName ?? '');
  }

  private preEnqueue(framework: Framework, pod: PodInfo): Status | undefined {
    for (const { name, plugin } of framework.preEnqueue) {
      const status = plugin.preEnqueue?.(pod, this.cluster);
      if (status !== undefined && status.code !== 'Success') return { ...status, plugin: name };
    }
    return undefined;
  }

  private attemptUntilPlaced(framework: Framework, pod: PodInfo, nominated: string): PodOutcome {
    const attempts: AttemptSummary[] = [];
    let nominatedNodeName = nominated;
    for (;;) {
      const cycle = this.engine.schedulePod(framework, pod, nominatedNodeName);
      if (cycle.chosen >= 0) return this.bind(cycle, attempts);
      if (cycle.error !== '') {
        attempts.push(this.summarize(cycle, { message: cycle.error }));
        const errorNode = cycle.errorRow < 0 ? undefined : this.cluster.nodeName(cycle.errorRow);
        return { pod: pod.key, outcome: 'error', error: cycle.error, errorNode, message: cycle.error, attempts };
      }
      if (cycle.nodeCount === 0) {
        attempts.push(this.summarize(cycle, { message: NO_NODES }));
        return { pod: pod.key, outcome: 'unschedulable', message: NO_NODES, attempts };
      }
      const result = this.postFilter(cycle, nominatedNodeName);
      const message = this.failureMessage(cycle, result?.status.reasons.join(', ') ?? '');
      const victims = result?.victims ?? [];
      let cleared: string[] = [];
      if (result?.nominatedNodeName !== undefined) {
        nominatedNodeName = result.nominatedNodeName;
        if (nominatedNodeName !== '') cleared = this.preempt(pod, nominatedNodeName, victims);
        else this.nominator.delete(pod.uid);
      }
      attempts.push(this.summarizeFailure(cycle, result, message, victims, cleared));
      const retry = result !== undefined && Boolean(result.nominatedNodeName) && attempts.length < MAX_ATTEMPTS;
      if (!retry) return { pod: pod.key, outcome: 'unschedulable', message, attempts };
    }
  }

  /** Evicts the victims, takes the node from lower-priority nominees and gives it to the preemptor. Returns who lost it. */
  private preempt(pod: PodInfo, nodeName: string, victims: readonly PodInfo[]): string[] {
    for (const victim of victims) {
      this.cluster.removePod(victim.uid);
      this.evictedBy.set(victim.uid, pod.key);
    }
    const losers = this.nominator
      .podsOn(nodeName)
      .filter((other) => other.uid !== pod.uid && other.priority < pod.priority);
    for (const loser of losers) this.nominator.delete(loser.uid);
    this.nominator.add(pod, nodeName);
    return losers.map((loser) => loser.key).sort();
  }

  /** Assume, Reserve, Permit, PreBind, Bind, PostBind: all at once, since nothing here takes time. */
  private bind(cycle: Cycle, attempts: AttemptSummary[]): PodOutcome {
    const { framework, pod } = cycle;
    const row = cycle.chosenRow;
    const node = this.cluster.nodeName(row);
    const summary = this.summarize(cycle, { node });
    attempts.push(summary);
    const assumed = this.assumed(pod);
    this.cluster.addPodInfo(assumed, node);
    const failure = this.bindingFailure(framework, assumed, row);
    if (failure !== undefined) {
      unreserve(framework, assumed, row, this.cluster);
      this.cluster.removePod(pod.uid);
      const { message } = failure;
      attempts[attempts.length - 1] = { ...summary, node: undefined, message };
      return isRejection(failure)
        ? { pod: pod.key, outcome: 'unschedulable', message, attempts }
        : { pod: pod.key, outcome: 'error', error: message, message, attempts };
    }
    this.nominator.delete(pod.uid);
    this.placements++;
    for (const { plugin } of framework.postBind) plugin.postBind?.(assumed, row, this.cluster);
    return { pod: pod.key, outcome: 'scheduled', node, attempts };
  }

  private assumed(pod: PodInfo): PodInfo {
    const startTimeMs = this.options.startTimeMs?.(this.placements);
    return startTimeMs === undefined ? pod : { ...pod, startTimeMs };
  }

  private bindingFailure(framework: Framework, pod: PodInfo, row: number): Failure | undefined {
    const { cluster, extenders } = this;
    const reserved = reserve(framework, pod, row, cluster);
    if (reserved !== undefined) return reserved;
    const { failure, waits } = permit(framework, pod, row, cluster);
    if (failure !== undefined) return failure;
    // Nothing else happens while this pod waits, so whoever waits here waits until the timeout.
    for (const [plugin, timeoutMs] of waits) return rejectionFailure(permitTimeout(plugin, timeoutMs), plugin);
    for (const { name, plugin } of framework.preBind) {
      const failed = failureOf('PreBind', name, plugin.preBind?.(pod, row, cluster));
      if (failed !== undefined) return failed;
    }
    const byExtender = extenders.bind(pod, cluster.nodeName(row));
    if (byExtender !== undefined) return byExtender === '' ? undefined : errorFailure(byExtender);
    const chosen = chooseBinder(framework, pod, row, cluster);
    return 'failure' in chosen ? chosen.failure : undefined;
  }

  private summarizeFailure(
    cycle: Cycle,
    result: PostFilterResult | undefined,
    message: string,
    victims: readonly PodInfo[],
    cleared: readonly string[],
  ): AttemptSummary {
    let postFilter: PostFilterRecord | undefined;
    if (this.options.explain && result !== undefined) {
      postFilter = postFilterRecord(result, result.status.reasons.join(', '), this.cluster);
      if (cleared.length > 0) postFilter = { ...postFilter, clearedNominations: cleared };
    }
    return this.summarize(cycle, {
      message,
      fitError: this.options.explain ? this.failureMessage(cycle, '') : undefined,
      postFilter,
      nominatedNode: result?.nominatedNodeName || undefined,
      victims: victims.length > 0 ? victims.map((victim) => victim.key) : undefined,
    });
  }

  private summarize(
    cycle: Cycle,
    end: {
      node?: string;
      message?: string;
      fitError?: string;
      postFilter?: PostFilterRecord;
      nominatedNode?: string;
      victims?: readonly string[];
    },
  ): AttemptSummary {
    const { node, message, nominatedNode, victims, fitError, postFilter } = end;
    return {
      feasibleCount: cycle.feasibleCount,
      evaluatedCount: cycle.evaluatedCount,
      topScore: cycle.topScore,
      margin: cycle.margin,
      message,
      unschedulablePlugins: node === undefined ? cycle.unschedulablePlugins() : [],
      node,
      nominatedNode,
      victims,
      record: this.options.explain ? recordOf(cycle, this.cluster, { message, fitError, postFilter }) : undefined,
    };
  }
}

/** Throws ConfigError (stage `build`) when a plugin cannot be made from its arguments. */
export const createScheduler = (options: SchedulerOptions): Scheduler => new Scheduler(options);
