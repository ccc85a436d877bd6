/**
 * Work in steps: a controller is written as if every call answered at once, and runs with answers that come before the call
 * returns (virtual time) or later (HTTP), without an event loop of its own.
 */
import type { ApiAnswer } from '../apiserver/client.ts';
import type { Status } from '../apiserver/status.ts';

/** What a step waits for: it is started, and tells when it is over. */
export type Pending = (resume: () => void) => void;
export type Steps<T = void> = Generator<Pending, T, undefined>;

/** The API has refused something. */
export class Refusal extends Error {
  readonly status: Status;

  constructor(status: Status) {
    super(status.message ?? status.reason ?? `code ${status.code}`);
    this.status = status;
  }

  get isNotFound(): boolean {
    return this.status.code === 404;
  }
}

/** Runs to the end; a Refusal that nobody caught is handed to `done`, every other error is a fault of the program. */
export function runSteps(steps: Steps, done: (refusal: Refusal | undefined) => void): void {
  let isRunning = false;
  let isAnswered = true;
  const advance = (): void => {
    isAnswered = true;
    if (isRunning) return;
    isRunning = true;
    try {
      while (isAnswered) {
        isAnswered = false;
        const { done: isOver, value } = steps.next();
        if (isOver) {
          done(undefined);
          return;
        }
        value(advance);
      }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      done(error);
    } finally {
      isRunning = false;
    }
  };
  advance();
}

/** One call of the API. Throws Refusal. */
export function* call<T>(start: (answer: ApiAnswer<T>) => void): Steps<T> {
  let refused: Status | undefined;
  let answered: T | undefined;
  yield (resume) =>
    start((error, result) => {
      refused = error;
      answered = result;
      resume();
    });
  if (refused !== undefined) throw new Refusal(refused);
  return answered as T;
}

export type Outcome<T> = { readonly result: T; readonly refusal?: undefined } | { readonly refusal: Refusal };

/** Several calls at a time, to the end of all of them. */
export function* callAll<T>(starts: ReadonlyArray<(answer: ApiAnswer<T>) => void>): Steps<Outcome<T>[]> {
  const outcomes: Outcome<T>[] = [];
  if (starts.length === 0) return outcomes;
  yield (resume) => {
    let left = starts.length;
    starts.forEach((start, i) => {
      start((error, result) => {
        outcomes[i] = error === undefined ? { result } : { refusal: new Refusal(error) };
        if (--left === 0) resume();
      });
    });
  };
  return outcomes;
}

/** Several pieces of work at a time, to the end of all of them: what each was refused, in their order. */
export function* together(works: readonly Steps[]): Steps<Array<Refusal | undefined>> {
  const refusals: Array<Refusal | undefined> = [];
  if (works.length === 0) return refusals;
  yield (resume) => {
    let left = works.length;
    works.forEach((work, i) => {
      runSteps(work, (refusal) => {
        refusals[i] = refusal;
        if (--left === 0) resume();
      });
    });
  };
  return refusals;
}
