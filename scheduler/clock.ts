/**
 * Time as the scheduler sees it. Whoever runs the scheduler brings the clock: one that jumps from event to event, or one
 * that follows the time of day (`cluster/clock.ts` has both).
 */

/** What runs first at one moment. Source: the rules of the clock in `conformance/golden-dynamics`. */
export const Lane = {
  /** The scheduler's own timers. */
  Timer: 0,
  /** What components around the scheduler do: kubelets, volume controllers. */
  Component: 1,
  /** Changes from outside. */
  Input: 2,
  /** Scheduling attempts. */
  Attempt: 3,
} as const;
export type Lane = (typeof Lane)[keyof typeof Lane];

/** Takes a task back; harmless when it has run. */
export type Cancel = () => void;

export interface Clock {
  /** Milliseconds since the epoch; never goes back. */
  readonly nowMs: number;
  /** Runs the task at that time, or next if that has passed. */
  at(timeMs: number, task: () => void, lane?: Lane): void;
  /** As `at`, for a task that may be taken back. */
  timer(timeMs: number, task: () => void, lane?: Lane): Cancel;
  /** Runs the task at this moment, after the one that is running and those that were put off before it. */
  soon(task: () => void): void;
  /** Runs the task at this moment, once everything else that can happen has happened; one such task at a time. */
  whenSettled(task: () => void): void;
}
