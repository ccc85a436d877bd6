/** A cell run again up to one attempt on one pod, which is then looked at in full. Nothing is kept while cells run. */
import type { Pod } from '../api/index.ts';
import type { PodOutcome, Scheduler } from '../scheduler/index.ts';
import type { CellInput } from './cell-input.ts';
import type { CellOutput } from './cell-output.ts';
import { ClusterCell } from './cluster-cell.ts';
import { Explained } from './explained.ts';
import { StaticCell } from './static-cell.ts';
import { TimedCell } from './timed-cell.ts';

export interface ExplainedAttempt {
  /** With the one attempt that was asked for. */
  readonly outcome: PodOutcome;
  readonly attempt: number;
  readonly timeSeconds: number;
  /** Attempts before it, all pods counted. */
  readonly decidedBefore: number;
  readonly priority: number;
  /** What the evaluation took, apart from running up to it. */
  readonly evaluationMs: number;
  /** The pod has been placed on it; only where the decision can be made again. */
  readonly again?: { readonly scheduler: Scheduler; readonly pod: Pod };
}

const NOWHERE: CellOutput = { write: () => {} };

/** Undefined when the cell never comes to that attempt. Throws CellError. */
export function explainCell(input: CellInput, row: number, attempt: number): ExplainedAttempt | undefined {
  const { evaluation } = input;
  const asked: CellInput = { ...input, explain: { row, attempt } };
  const cell =
    evaluation.kind === 'static'
      ? new StaticCell(asked, NOWHERE)
      : evaluation.kind === 'timed'
        ? new TimedCell(asked, evaluation, NOWHERE)
        : new ClusterCell(asked, evaluation, NOWHERE);
  try {
    cell.run();
  } catch (error) {
    if (error instanceof Explained) return error.attempt;
    throw error;
  }
  return undefined;
}
