/**
 * What a workload runs in, mode `core`: the scheduler with its queue, the API by reference, and what stands for the
 * controllers of volumes and resource claims. No kubelets: a bound pod runs nothing, and one that is deleted with a grace
 * period stays terminating.
 */
import type { KubeObject } from '../../api/index.ts';
import { Claims } from '../../cluster/simulation/claims.ts';
import { Volumes } from '../../cluster/simulation/volumes.ts';
import { isRejection } from '../../scheduler/cycle-steps.ts';
import type { FeatureGates } from '../../scheduler/feature-gates.ts';
import {
  ENGINES,
  type EngineName,
  type PluginRegistry,
  type ResolvedConfig,
  type TieBreak,
} from '../../scheduler/index.ts';
import { TimedScheduler } from '../../scheduler/timed/timed-scheduler.ts';
import { BusyClock } from './busy-clock.ts';
import type { Collector, QueueCounts } from './collector.ts';
import { exponentialBounds, Histogram } from './histogram.ts';
import { PerfApi } from './perf-api.ts';

export type AttemptResult = 'scheduled' | 'unschedulable' | 'error';

/** Seconds. Source: `scheduler_scheduling_attempt_duration_seconds` in `pkg/scheduler/metrics/metrics.go`, v1.37.2. */
const ATTEMPT_BOUNDS = exponentialBounds(0.001, 2, 15);

export interface PerfClusterOptions {
  readonly config: ResolvedConfig;
  readonly registry: PluginRegistry;
  readonly engine: EngineName;
  readonly tieBreak: TieBreak;
  readonly featureGates: Partial<FeatureGates>;
}

export class PerfCluster {
  readonly clock = new BusyClock(Date.now());
  readonly api: PerfApi;
  readonly scheduler: TimedScheduler;
  readonly attempts: Readonly<Record<AttemptResult, Histogram>> = {
    scheduled: new Histogram(ATTEMPT_BOUNDS),
    unschedulable: new Histogram(ATTEMPT_BOUNDS),
    error: new Histogram(ATTEMPT_BOUNDS),
  };
  /** The collection that is under way. */
  collector: Collector | undefined;
  /** Told of every pod that gets a node. */
  onBound: ((namespace: string, key: string) => void) | undefined;
  private readonly gated = new Set<string>();
  /** When the attempt began whose outcome is still open. */
  private readonly begunMs = new Map<string, number>();

  constructor({ config, registry, engine, tieBreak, featureGates }: PerfClusterOptions) {
    const { clock } = this;
    this.api = new PerfApi({
      clock,
      watch: (event) => {
        this.scheduler.handle(event);
        claims.handle(event);
        if (event.type === 'deleted' && this.gated.size > 0) this.gated.delete(event.object.metadata?.uid ?? '');
      },
      observer: {
        wrote: ({ verb, object, error }) => {
          if (error !== undefined) return;
          if (verb === 'bind') this.podBound(object);
          else if (verb === 'update') volumes.updated(object);
        },
      },
    });
    const claims = new Claims(this.api);
    const volumes = new Volumes({ clock, api: this.api, volumeMs: 0 });
    this.scheduler = new TimedScheduler({
      config,
      registry,
      featureGates,
      engine: ENGINES[engine],
      tieBreak,
      seed: 1,
      clock,
      api: this.api,
      observer: {
        moved: ({ pod: { uid } }, _event, queue) => {
          if (queue === 'gated') this.gated.add(uid);
          else if (this.gated.size > 0) this.gated.delete(uid);
        },
        attemptBegan: (entity) => {
          const nowMs = performance.now();
          for (const { pod } of entity.members ?? [entity]) this.begunMs.set(pod.uid, nowMs);
        },
        bound: ({ uid }) => this.attemptOver(uid, 'scheduled'),
        failed: ({ uid }, failure) => this.attemptOver(uid, isRejection(failure) ? 'unschedulable' : 'error'),
      },
    });
    this.scheduler.start();
  }

  /** A pod that is created on its node counts as bound, too. */
  podBound({ metadata }: KubeObject): void {
    const { namespace = 'default', name = '', labels } = metadata ?? {};
    this.collector?.bound(namespace, labels);
    this.onBound?.(namespace, `${namespace}/${name}`);
  }

  readonly counts = (): QueueCounts => {
    const { scheduled, unschedulable, error } = this.attempts;
    const { active, backoff, waiting } = this.scheduler.queue;
    return {
      scheduled: scheduled.count,
      attempts: scheduled.count + unschedulable.count + error.count,
      active: active.size,
      backoff: backoff.rejected.size + backoff.failed.size,
      unschedulable: waiting.size - this.gated.size,
      gated: this.gated.size,
    };
  };

  private attemptOver(uid: string, result: AttemptResult): void {
    const begunMs = this.begunMs.get(uid);
    if (begunMs === undefined) return;
    this.begunMs.delete(uid);
    this.attempts[result].observe((performance.now() - begunMs) / 1000);
  }
}
