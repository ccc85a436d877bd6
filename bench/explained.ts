/** Thrown to end a cell that has come to the attempt which is to be explained. */
import type { ExplainedAttempt } from './explain-cell.ts';

export class Explained extends Error {
  override readonly name = 'Explained';
  /** Undefined when there was no such attempt on the pod. */
  readonly attempt: ExplainedAttempt | undefined;

  constructor(attempt: ExplainedAttempt | undefined) {
    super('explained');
    this.attempt = attempt;
  }
}
