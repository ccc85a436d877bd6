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
    this.registers = registers;
  }

  private readonly registers: Registry[];

  /** The lengths of the queues are looked up when somebody asks. */
  attach({ queue }: TimedScheduler): void {
    new Gauge({
      name: 'scheduler_pending_pods',
      help: 'Pods that wait, by queue.',
      labelNames: ['queue'],
      registers: this.registers,
      collect() {
        this.set({ queue: 'active' }, queue.active.size);
        this.set({ queue: 'backoff' }, queue.backoff.rejected.size + queue.backoff.failed.size);
      },
    });
  }
}
