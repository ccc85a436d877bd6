/**
 * Runs a task when asked, but leaves a least time between two runs, and runs it unasked after a longest time. Source:
 * `pkg/proxy/runner/bounded_frequency_runner.go`, v1.37.2.
 */
import { type Cancel, type Clock, Lane } from '../../scheduler/clock.ts';

export interface RunBounds {
  readonly minIntervalMs: number;
  /** After a run that failed. */
  readonly retryIntervalMs: number;
  readonly maxIntervalMs: number;
}

/** Sources: `pkg/proxy/apis/config/v1alpha1/defaults.go` (minSyncPeriod, syncPeriod), `FullSyncPeriod` in `pkg/proxy/util`. */
export const SYNC_BOUNDS: RunBounds = { minIntervalMs: 1000, retryIntervalMs: 30_000, maxIntervalMs: 3_600_000 };

export class BoundedRunner {
  private readonly clock: Clock;
  private readonly bounds: RunBounds;
  private readonly task: () => boolean;
  private earliestMs: number;
  private isAsked = false;
  private cancel: Cancel = () => {};

  /** @param task Answers whether it succeeded. */
  constructor(clock: Clock, bounds: RunBounds, task: () => boolean) {
    this.clock = clock;
    this.bounds = bounds;
    this.task = task;
    this.earliestMs = clock.nowMs;
    this.plan(clock.nowMs + bounds.maxIntervalMs);
  }

  /** As soon as allowed; asking again before that changes nothing. */
  ask(): void {
    if (this.isAsked) return;
    this.isAsked = true;
    this.plan(Math.max(this.clock.nowMs, this.earliestMs));
  }

  stop(): void {
    this.isAsked = true;
    this.cancel();
  }

  private plan(timeMs: number): void {
    this.cancel();
    this.cancel = this.clock.timer(timeMs, () => this.run(), Lane.Component);
  }

  private run(): void {
    this.isAsked = false;
    const { minIntervalMs, retryIntervalMs, maxIntervalMs } = this.bounds;
    const succeeded = this.task();
    this.earliestMs = this.clock.nowMs + minIntervalMs;
    // The task itself may have asked; that holds, as soon as allowed.
    if (this.isAsked) this.plan(this.earliestMs);
    else this.plan(this.clock.nowMs + (succeeded ? maxIntervalMs : Math.min(retryIntervalMs, maxIntervalMs)));
  }
}
