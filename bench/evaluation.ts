/** How a cell treats time. */
import type { RuntimeName } from '../cluster/runtimes/index.ts';
import type { Fault } from '../cluster/whole/index.ts';

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

/** Pods run in a whole cluster in virtual time: API server, scheduler, controllers, and kubelets with a modelled runtime. */
export interface ClusterEvaluation extends Omit<TimedEvaluation, 'kind'> {
  readonly kind: 'cluster';
  readonly runtime: RuntimeName;
  readonly faults: readonly Fault[];
}

export type Evaluation = StaticEvaluation | TimedEvaluation | ClusterEvaluation;

export const STATIC: StaticEvaluation = { kind: 'static' };

/** What an attempt takes unless something else is asked for. */
export const ATTEMPT_TIME = 'upstream';
