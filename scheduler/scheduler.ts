/**
 * The scheduler without time: pods are handed in one after another, each is decided, assumed and bound at once. What
 * happens over time (queues, back-off, waiting) is built around it.
 * Source: `scheduleOnePod` in `pkg/scheduler/schedule_one.go`, v1.37.2.
 */
import { InputError, type Pod } from '../api/index.ts';
import { Cluster } from './cluster.ts';
import type { PluginRegistry, ResolvedConfig } from './config/types.ts';
import type { Cycle } from './cycle.ts';
import type { AttemptSummary, PodOutcome, PostFilterRecord } from './decision.ts';
import { fitErrorMessage } from './fit-error.ts';
import { Framework } from './framework.ts';
import type { TieBreak } from './host-selection.ts';
import { marginOf } from './margin.ts';
import { type Meter, PluginMeter, type PluginStat } from './meter.ts';
import { Nominator } from './nominator.ts';
import type { PodInfo, PostFilterResult, Status } from './plugin.ts';
import { Random } from './random.ts';
import { postFilterRecord, recordOf, statusRecord } from './record.ts';
import { type Engine, ReferenceEngine } from './reference.ts';

/** A preemptor is tried again once its victims are gone; more often than this it gives up. */
const MAX_ATTEMPTS = 3;

const DEFAULT_SCHEDULER = 'default-scheduler';

export interface SchedulerOptions {
  readonly config: ResolvedConfig;
  readonly registry: PluginRegistry;
  /** @default 'heap' */
  readonly tieBreak?: TieBreak;
  /** For `tieBreak: 'random'`. @default 0 */
  readonly seed?: number;
  /** Used where the configuration does not name a global percentage. @default the configuration's own (0, adaptive) */
  readonly percentageOfNodesToScore?: number;
  /** Fill `AttemptSummary.record`. @default false */
  readonly explain?: boolean;
  /** Start time in ms since the epoch of the n-th pod placed; without it placed pods count as started "now". */
  readonly startTimeMs?: (placement: number) => number;
  /** Times the plugins in sampled cycles. */
  readonly meter?: Meter;
}

export class Scheduler {
  readonly cluster = new Cluster();
  readonly nominator = new Nominator();
  readonly frameworks: ReadonlyMap<string, Framework>;
  /** UID of an evicted pod → key of the pod that it made room for. */
  readonly evictedBy = new Map<string, string>();
  placements = 0;

  private readonly options: SchedulerOptions;
  private readonly engine: Engine;
  private readonly meter: PluginMeter;

  constructor(options: SchedulerOptions) {
    const { config, registry } = options;
    if (config.extenders.length > 0) {
      throw new InputError(
        `extenders[0]: ${config.extenders[0]!.urlPrefix}: calling HTTP extenders is not built yet; remove "extenders" from the configuration`,
      );
    }
    this.options = options;
    this.frameworks = new Map(
      config.profiles.map((profile) => [profile.schedulerName, new Framework(profile, registry)]),
    );
    this.meter = new PluginMeter(options.meter);
    this.engine = new ReferenceEngine({
      cluster: this.cluster,
      nominator: this.nominator,
      tieBreak: options.tieBreak ?? 'heap',
      random: new Random(options.seed ?? 0),
      percentageOfNodesToScore: config.percentageIsExplicit
        ? config.percentageOfNodesToScore
        : (options.percentageOfNodesToScore ?? config.percentageOfNodesToScore),
      meter: this.meter,
    });
  }

  /** An unscheduled pod with `status.nominatedNodeName`: the node is kept for it against pods of lower priority. */
  addNominated(pod: Pod): void {
    this.nominator.set(this.cluster.classes.info(pod), pod.status?.nominatedNodeName ?? '');
  }

  /** Gates, decides, preempts and binds one pod. What it evicts is gone at once. */
  schedule(pod: Pod): PodOutcome {
    const info = this.cluster.classes.info(pod);
    const framework = this.frameworks.get(pod.spec?.schedulerName ?? DEFAULT_SCHEDULER);
    if (framework === undefined) return { pod: info.key, outcome: 'ignored', attempts: [] };
    const gate = this.preEnqueue(framework, info);
    if (gate !== undefined) return { pod: info.key, outcome: 'gated', gate: statusRecord(gate), attempts: [] };
    return this.attemptUntilPlaced(framework, info, pod.status?.nominatedNodeName ?? '');
  }

  pluginStats(): PluginStat[] {
    return this.meter.list();
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
        return { pod: pod.key, outcome: 'error', error: cycle.error, message: cycle.error, attempts };
      }
      if (cycle.nodeCount === 0) {
        const message = 'no nodes available to schedule pods';
        attempts.push(this.summarize(cycle, { message }));
        return { pod: pod.key, outcome: 'unschedulable', message, attempts };
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

  /** Runs the PostFilter plugins until one succeeds; undefined when the profile has none. */
  private postFilter(cycle: Cycle, nominatedNodeName: string): PostFilterResult | undefined {
    const { framework, pod } = cycle;
    if (framework.postFilter.length === 0) return undefined;
    const { cluster, engine } = this;
    const statuses = new Map<number, Status>();
    for (let i = 0; i < cycle.rejectedCount; i++) statuses.set(cycle.rejectedRows[i]!, cycle.rejection(i));
    const { absentStatus } = cycle;
    const reasons: string[] = [];
    let rejector = '';
    let last: PostFilterResult | undefined;
    for (const { name, plugin } of framework.postFilter) {
      const result = plugin.postFilter?.({
        pod,
        cluster,
        state: cycle.preFilterRan.has(name) ? (cycle.preFilterStates.get(name) ?? {}) : undefined,
        statusOf: (row) => statuses.get(row) ?? absentStatus,
        nominatedNodeName,
        whatIf: engine.filterRunner,
      });
      if (result === undefined) continue;
      const { status } = result;
      if (status.code === 'Success') return result;
      if (status.code === 'UnschedulableAndUnresolvable' || status.code === 'Error') {
        return { ...result, status: { ...status, plugin: name } };
      }
      if (result.nominatedNodeName !== undefined || last === undefined) last = result;
      reasons.push(...status.reasons);
      if (rejector === '') rejector = name;
    }
    return { ...last, status: { code: 'Unschedulable', reasons, plugin: rejector } };
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
    this.nominator.set(pod, nodeName);
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
      for (const { plugin } of [...framework.reserve].reverse()) plugin.unreserve?.(assumed, row, this.cluster);
      this.cluster.removePod(pod.uid);
      const rejected = failure.code !== 'Error';
      const text = failure.reasons.join(', ');
      const message = rejected ? fitErrorMessage(1, undefined, new Map([[text, 1]]), '') : text;
      attempts[attempts.length - 1] = { ...summary, node: undefined, message };
      return rejected
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

  private bindingFailure(framework: Framework, pod: PodInfo, row: number): Status | undefined {
    const { cluster } = this;
    const run = (step: string, name: string, status: Status | undefined): Status | undefined => {
      if (status === undefined || status.code === 'Success') return undefined;
      if (status.code === 'Unschedulable' || status.code === 'UnschedulableAndUnresolvable') return status;
      return { code: 'Error', reasons: [`running ${step} plugin "${name}": ${status.reasons.join(', ')}`] };
    };
    for (const { name, plugin } of framework.reserve) {
      const failed = run('Reserve', name, plugin.reserve?.(pod, row, cluster));
      if (failed) return failed;
    }
    for (const { name, plugin } of framework.permit) {
      const permit = plugin.permit?.(pod, row, cluster);
      // Nothing else happens while this pod waits, so whoever waits here waits until the timeout.
      const status: Status | undefined =
        permit?.status.code === 'Wait'
          ? { code: 'Unschedulable', reasons: [`rejected due to timeout after waiting ${permit.timeoutMs ?? 0}ms at plugin ${name}`] }
          : permit?.status;
      const failed = run('Permit', name, status);
      if (failed) return failed;
    }
    for (const { name, plugin } of framework.preBind) {
      const failed = run('PreBind', name, plugin.preBind?.(pod, row, cluster));
      if (failed) return failed;
    }
    for (const { name, plugin } of framework.bind) {
      const status = plugin.bind?.(pod, row, cluster);
      if (status?.code !== 'Skip') return run('Bind', name, status);
    }
    return { code: 'Error', reasons: [`no Bind plugin of profile "${framework.name}" bound the pod`] };
  }

  private failureMessage(cycle: Cycle, postFilterMessage: string): string {
    const preFilter = cycle.preFilterReject?.reasons.join(', ');
    const counts = preFilter ? new Map<string, number>() : cycle.reasonCounts();
    return fitErrorMessage(cycle.nodeCount, preFilter, counts, postFilterMessage);
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
    const margin = marginOf(cycle);
    return {
      feasibleCount: cycle.feasibleCount,
      evaluatedCount: cycle.evaluatedCount,
      topScore: margin === undefined ? undefined : cycle.totals[cycle.chosen],
      margin: margin?.margin,
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
