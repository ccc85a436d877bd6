/** How a cell treats time. */

/** Pods are tried once, one after another; none ends. */
export interface StaticEvaluation {
  readonly kind: 'static';
}

/** Pods arrive, wait, run and end in virtual time, as kube-scheduler would treat them. */
export interface TimedEvaluation {
  readonly kind: 'timed';
  /** How long an attempt keeps the scheduler busy: `zero`, `upstream` or a duration. */
  readonly attemptTime: string;
  /** How long the call that binds takes. */
  readonly bindingMs: number;
  /** When to stop. @default when nothing can happen any more */
  readonly untilMs?: number;
  /** Between two rows of timeseries.csv. @default a hundredth of what the workload itself takes */
  readonly sampleMs?: number;
}

export type Evaluation = StaticEvaluation | TimedEvaluation;

export const STATIC: StaticEvaluation = { kind: 'static' };

/** What an attempt takes unless something else is asked for. */
export const ATTEMPT_TIME = 'upstream';
