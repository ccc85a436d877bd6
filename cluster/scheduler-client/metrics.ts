/**
 * What a scheduler tells Prometheus, under upstream's names. Source: `pkg/scheduler/metrics/metrics.go`, v1.37.2.
 */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { isRejection } from '../../scheduler/cycle-steps.ts';
import type { PodInfo } from '../../scheduler/plugin.ts';
import type { TimedObserver, TimedScheduler } from '../../scheduler/timed/timed-scheduler.ts';

const exponential = (start: number, factor: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => start * factor ** i);

export class SchedulerMetrics {
  readonly observer: TimedObserver;
  private readonly attempts: Counter;
  private readonly durations: Histogram;
  private readonly begun = new Map<string, number>();
  private scheduler: TimedScheduler | undefined;

  /** @param nowMs A clock that counts fractions of milliseconds. */
  constructor(registry: Registry, nowMs: () => number) {
    const registers = [registry];
    this.attempts = new Counter({
      name: 'scheduler_schedule_attempts_total',
      help: 'Attempts to schedule pods, by what came of them.',
      labelNames: ['result', 'profile'],
      registers,
    });
    this.durations = new Histogram({
      name: 'scheduler_scheduling_attempt_duration_seconds',
      help: 'Seconds from the start of an attempt to its end, binding included.',
      labelNames: ['result', 'profile'],
      buckets: exponential(0.001, 2, 15),
      registers,
    });
    const ended = (pod: PodInfo, result: string): void => {
      const labels = { result, profile: pod.pod.spec?.schedulerName ?? 'default-scheduler' };
      this.attempts.inc(labels);
      const startMs = this.begun.get(pod.uid);
      this.begun.delete(pod.uid);
      if (startMs !== undefined) this.durations.observe(labels, (nowMs() - startMs) / 1000);
    };
    this.observer = {
      cycleBegan: (pod) => void this.begun.set(pod.uid, nowMs()),
      bound: (pod) => ended(pod, 'scheduled'),
      failed: (pod, failure) => ended(pod, isRejection(failure) ? 'unschedulable' : 'error'),
    };
    const pending = new Gauge({
      name: 'scheduler_pending_pods',
      help: 'Pods that wait, by queue.',
      labelNames: ['queue'],
      registers,
      collect: () => {
        const queue = this.scheduler?.queue;
        pending.set({ queue: 'active' }, queue?.active.size ?? 0);
        pending.set(
          { queue: 'backoff' },
          queue === undefined ? 0 : queue.backoff.rejected.size + queue.backoff.failed.size,
        );
      },
    });
  }

  /** The lengths of its queues are looked up when somebody asks. Undefined: no scheduler is at work here. */
  attach(scheduler: TimedScheduler | undefined): void {
    this.scheduler = scheduler;
  }
}
