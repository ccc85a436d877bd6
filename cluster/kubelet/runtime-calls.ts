/** Calls of the runtime as steps that can be given up: a pod that is deleted does not wait for its image. */

import type { Steps } from '../controllers/steps.ts';
import { Code, type CriAnswer, CriError } from '../cri/index.ts';
import type { CallDeadlines } from './call-deadlines.ts';

export type CallResult<T> =
  | { readonly error: CriError; readonly value?: undefined }
  | { readonly error?: undefined; readonly value: T };

type Start<T> = (answer: CriAnswer<T>) => void;

export class RuntimeCalls {
  /** Most pods never have one that waits. */
  private open: Set<() => void> | undefined;
  private readonly deadlines: CallDeadlines;

  constructor(deadlines: CallDeadlines) {
    this.deadlines = deadlines;
  }

  /** @param timeoutMs Infinity for no limit. */
  *call<T>(timeoutMs: number, start: Start<T>): Steps<CallResult<T>> {
    let result: CallResult<T> | undefined;
    yield (resume) =>
      this.begin(timeoutMs, start, (answered) => {
        result = answered;
        resume();
      });
    return result!;
  }

  *all<T>(timeoutMs: number, starts: ReadonlyArray<Start<T>>): Steps<CallResult<T>[]> {
    const results: CallResult<T>[] = [];
    if (starts.length === 0) return results;
    yield (resume) => {
      let left = starts.length;
      starts.forEach((start, i) => {
        this.begin(timeoutMs, start, (answered) => {
          results[i] = answered;
          if (--left === 0) resume();
        });
      });
    };
    return results;
  }

  /** Everything that is still open is refused as cancelled, and what comes later is ignored. */
  cancel(): void {
    for (const refuse of [...(this.open ?? [])]) refuse();
  }

  private begin<T>(timeoutMs: number, start: Start<T>, done: (result: CallResult<T>) => void): void {
    let isOver = false;
    let end: (() => void) | undefined;
    const answer: CriAnswer<T> = (error, value) => {
      if (isOver) return;
      isOver = true;
      end?.();
      done(error === undefined ? { value } : { error });
    };
    start(answer);
    if (isOver) return;
    const refuse = (): void => answer(CANCELLED, undefined as T);
    this.open ??= new Set();
    this.open.add(refuse);
    const expired = (): void => answer(EXPIRED, undefined as T);
    const deadline = timeoutMs === Number.POSITIVE_INFINITY ? undefined : this.deadlines.begin(timeoutMs, expired);
    end = () => {
      this.open?.delete(refuse);
      if (deadline !== undefined) this.deadlines.end(deadline);
    };
  }
}

const CANCELLED = new CriError(Code.CANCELLED, 'context canceled');
const EXPIRED = new CriError(Code.DEADLINE_EXCEEDED, 'context deadline exceeded');
