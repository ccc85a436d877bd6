/** How long a Job waits before it replaces failed pods. Source: `pkg/controller/job/backoff_utils.go`, v1.37.2. */
import type { JobPod } from './job-pods.ts';
import { failuresOf, finishedMs, ignoredOf } from './job-pods.ts';

const FIRST_MS = 10_000;
const MAX_MS = 10 * 60_000;

export interface Failures {
  /** Since the last success. */
  readonly count: number;
  readonly lastMs: number;
}

const NONE: Failures = { count: 0, lastMs: 0 };

/** @param before As of the last sync that was written down. */
export function failuresAfter(
  before: Failures = NONE,
  succeeded: readonly JobPod[],
  failed: readonly JobPod[],
): Failures {
  if (succeeded.length === 0) {
    if (failed.length === 0) return before;
    return { count: before.count + failed.length, lastMs: Math.max(...failed.map(finishedMs)) };
  }
  const successMs = Math.max(...succeeded.map(finishedMs));
  const later = failed.map(finishedMs).filter((ms) => ms > successMs);
  return later.length === 0 ? NONE : { count: later.length, lastMs: Math.max(...later) };
}

/** 10 s, 20 s, 40 s, … after the last failure, at most 10 minutes. */
export function remainingMs({ count, lastMs }: Failures, nowMs: number): number {
  if (count === 0) return 0;
  return Math.max(0, lastMs + Math.min(FIRST_MS * 2 ** (count - 1), MAX_MS) - nowMs);
}

/** @param lastFailed The pod that is to be replaced. */
export function remainingForIndexMs(lastFailed: JobPod | undefined, nowMs: number): number {
  if (lastFailed === undefined) return 0;
  const count = failuresOf(lastFailed) + ignoredOf(lastFailed) + 1;
  return remainingMs({ count, lastMs: finishedMs(lastFailed) }, nowMs);
}
