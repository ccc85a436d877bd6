/**
 * What one sync of a Job knows, and what it has found out. Source: `pkg/controller/job/job_controller.go` (`syncJobCtx`,
 * `syncJob`), v1.37.2.
 */
import { isActive, isReady } from '../pod-state.ts';
import type { JobCondition, JobStatus } from '../types.ts';
import { type Failures, failuresAfter } from './backoff.ts';
import * as intervals from './intervals.ts';
import {
  failuresOf,
  finishedMs,
  hasLimitPerIndex,
  ignoredOf,
  indexOf,
  isFailed,
  isGoing,
  isIndexed,
  isSucceeded,
  isTracked,
  type JobObject,
  type JobPod,
  uidOf,
  validIndexOf,
} from './job-pods.ts';
import { verdictOn } from './policies.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** As it will be written; what is left undefined is left out. */
export type NextStatus = Mutable<Omit<JobStatus, 'conditions' | 'uncountedTerminatedPods'>> & {
  conditions: readonly JobCondition[];
  uncounted: { succeeded: string[]; failed: string[] };
};

export interface Indexes {
  /** As the status has it. */
  readonly before: intervals.Intervals;
  succeeded: intervals.Intervals;
  /** Undefined without a limit per index. */
  readonly failed: intervals.Intervals | undefined;
  /** The last failed pod of each index that waits to be tried again: its count of failures is still needed. */
  readonly retried: ReadonlyMap<number, JobPod>;
}

export interface Picture {
  readonly key: string;
  readonly job: JobObject;
  readonly status: NextStatus;
  readonly conditionsBefore: readonly JobCondition[];
  readonly pods: readonly JobPod[];
  readonly active: readonly JobPod[];
  /** UIDs that the status had not counted yet. */
  readonly uncountedSucceeded: ReadonlySet<string>;
  readonly uncountedFailed: ReadonlySet<string>;
  /** With those that the status does not have yet. */
  succeeded: number;
  readonly failed: number;
  readonly failures: Failures;
  /** Of Indexed jobs. */
  readonly indexes: Indexes | undefined;
  finished: JobCondition | undefined;
  activeCount: number;
  readyCount: number;
  goingCount: number;
}

function nextStatus({ status }: JobObject): NextStatus {
  const { uncountedTerminatedPods, conditions = [], ...rest } = status ?? {};
  const { succeeded = [], failed = [] } = uncountedTerminatedPods ?? {};
  return { ...rest, conditions, uncounted: { succeeded: [...succeeded], failed: [...failed] } };
}

/** Zeros and empty lists are left out where upstream leaves them out. */
export function written({ conditions, uncounted, ...status }: NextStatus): JobStatus {
  const { active, succeeded, failed, completedIndexes } = status;
  return {
    ...status,
    active: active || undefined,
    succeeded: succeeded || undefined,
    failed: failed || undefined,
    completedIndexes: completedIndexes || undefined,
    conditions: conditions.length > 0 ? [...conditions] : undefined,
    uncountedTerminatedPods: {
      ...(uncounted.succeeded.length > 0 ? { succeeded: uncounted.succeeded } : {}),
      ...(uncounted.failed.length > 0 ? { failed: uncounted.failed } : {}),
    },
  };
}

export function pictureOf(key: string, job: JobObject, pods: readonly JobPod[], before: Failures | undefined): Picture {
  const status = nextStatus(job);
  const active = pods.filter(isActive);
  const uncountedSucceeded = new Set(status.uncounted.succeeded);
  const uncountedFailed = new Set(status.uncounted.failed);
  const isNew = (pod: JobPod, uncounted: ReadonlySet<string>): boolean =>
    isTracked(pod) && !uncounted.has(uidOf(pod)) && (!isIndexed(job) || validIndexOf(job, pod) !== undefined);
  const newSucceeded = pods.filter((pod) => isNew(pod, uncountedSucceeded) && isSucceeded(pod));
  const newFailed = pods.filter((pod) => isNew(pod, uncountedFailed) && isFailed(job, pod));
  const counted = newFailed.filter((pod) => verdictOn(job.spec, pod).isCounted).length;
  const indexes = isIndexed(job) ? indexesOf(job, pods, active) : undefined;
  return {
    key,
    job,
    status,
    conditionsBefore: status.conditions,
    pods,
    active,
    uncountedSucceeded,
    uncountedFailed,
    succeeded:
      indexes === undefined
        ? (status.succeeded ?? 0) + newSucceeded.length + uncountedSucceeded.size
        : intervals.total(indexes.succeeded),
    failed: (status.failed ?? 0) + counted + uncountedFailed.size,
    failures: failuresAfter(before, newSucceeded, newFailed),
    indexes,
    finished: undefined,
    activeCount: active.length,
    readyCount: active.filter(isReady).length,
    goingCount: pods.filter(isGoing).length,
  };
}

function indexesOf(job: JobObject, pods: readonly JobPod[], active: readonly JobPod[]): Indexes {
  const { completions = 0 } = job.spec;
  const of = (isOne: (pod: JobPod) => boolean): intervals.Intervals =>
    intervals.ofIndexes(
      pods.filter((pod) => isTracked(pod) && isOne(pod)).flatMap((pod) => validIndexOf(job, pod) ?? []),
    );
  const before = intervals.parseIntervals(job.status?.completedIndexes, completions);
  const succeeded = intervals.merged(before, of(isSucceeded));
  if (!hasLimitPerIndex(job)) return { before, succeeded, failed: undefined, retried: new Map() };
  const failedBefore = intervals.parseIntervals(job.status?.failedIndexes, completions);
  const failed = intervals.merged(
    failedBefore,
    of((pod) => isIndexFailed(job, pod)),
  );
  return { before, succeeded, failed, retried: retriedPods(job, pods, active, [succeeded, failed]) };
}

function isIndexFailed(job: JobObject, pod: JobPod): boolean {
  if (!isFailed(job, pod)) return false;
  const { isCounted, action } = verdictOn(job.spec, pod);
  return action === 'FailIndex' || (isCounted && failuresOf(pod) >= (job.spec.backoffLimitPerIndex ?? 0));
}

function retriedPods(
  job: JobObject,
  pods: readonly JobPod[],
  active: readonly JobPod[],
  done: readonly intervals.Intervals[],
): Map<number, JobPod> {
  const activeIndexes = new Set(active.map(indexOf));
  const last = new Map<number, JobPod>();
  for (const pod of pods) {
    const index = validIndexOf(job, pod);
    if (index === undefined || !isTracked(pod) || !isFailed(job, pod)) continue;
    if (activeIndexes.has(index) || done.some((each) => intervals.has(each, index))) continue;
    const before = last.get(index);
    const isLater =
      before === undefined ||
      (failuresOf(before) + ignoredOf(before) <= failuresOf(pod) + ignoredOf(pod) &&
        finishedMs(pod) >= finishedMs(before));
    if (isLater) last.set(index, pod);
  }
  return last;
}
