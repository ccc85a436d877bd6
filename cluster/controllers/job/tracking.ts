/**
 * Counts every finished pod once: its UID is noted in the status, then the pod loses its finalizer, then the UID becomes part
 * of a number. Source: `pkg/controller/job/job_controller.go` (`trackJobStatusAndRemoveFinalizers`), v1.37.2.
 */
import * as intervals from './intervals.ts';
import {
  hasLimitPerIndex,
  indexOf,
  isFailed,
  isIndexed,
  isSucceeded,
  isTracked,
  type JobPod,
  uidOf,
  validIndexOf,
} from './job-pods.ts';
import type { NextStatus, Picture } from './picture.ts';
import { verdictOn } from './policies.ts';

/** How many pods at most are noted at a time. */
const UNCOUNTED_MAX = 500;

export interface Noted {
  /** Their finalizers may go once the status is written. */
  readonly release: readonly JobPod[];
  readonly isChanged: boolean;
  /** There is more to note. */
  readonly isFull: boolean;
}

/** Notes in the status what has finished. */
export function note(picture: Picture, tracked: ReadonlySet<string>): Noted {
  const { job, status, finished } = picture;
  const release: JobPod[] = [];
  const succeededIndexes: number[] = [];
  let isChanged = count(status, tracked);
  const pods = isIndexed(job) ? [...picture.pods].sort(byIndex) : picture.pods;
  const isFailure = finished !== undefined && finished.type !== 'SuccessCriteriaMet';
  let isFull = false;
  for (const pod of pods) {
    if (!isTracked(pod) || !mayRelease(picture, pod)) continue;
    release.push(pod);
    const uid = uidOf(pod);
    if (isSucceeded(pod) && !picture.uncountedFailed.has(uid)) {
      const index = validIndexOf(job, pod);
      if (isIndexed(job)) {
        if (index !== undefined && !intervals.has(picture.indexes!.before, index)) succeededIndexes.push(index);
      } else if (!picture.uncountedSucceeded.has(uid)) {
        status.uncounted.succeeded.push(uid);
        isChanged = true;
      }
    } else if ((isFailed(job, pod) || isFailure) && isCountedFailure(picture, pod)) {
      status.uncounted.failed.push(uid);
      isChanged = true;
    }
    const noted = succeededIndexes.length + status.uncounted.succeeded.length + status.uncounted.failed.length;
    isFull = noted >= UNCOUNTED_MAX;
    if (isFull) break;
  }
  if (isIndexed(job) && noteIndexes(picture, succeededIndexes)) isChanged = true;
  return { release, isChanged: isChanged || succeededIndexes.length > 0, isFull };
}

const byIndex = (a: JobPod, b: JobPod): number => (indexOf(a) ?? -1) - (indexOf(b) ?? -1);

function isCountedFailure({ job, uncountedFailed }: Picture, pod: JobPod): boolean {
  if (uncountedFailed.has(uidOf(pod)) || (isIndexed(job) && validIndexOf(job, pod) === undefined)) return false;
  return verdictOn(job.spec, pod).isCounted;
}

/** The last failed pod of an index stays until its successor has taken over its count. */
function mayRelease({ job, finished, indexes }: Picture, pod: JobPod): boolean {
  if (job.metadata?.deletionTimestamp !== undefined || finished !== undefined || isSucceeded(pod)) return true;
  if (!isFailed(job, pod)) return false;
  const index = indexOf(pod);
  return !hasLimitPerIndex(job) || index === undefined || indexes!.retried.get(index) !== pod;
}

function noteIndexes({ status, indexes }: Picture, succeededNow: readonly number[]): boolean {
  indexes!.succeeded = intervals.merged(indexes!.succeeded, intervals.ofIndexes(succeededNow));
  const completed = intervals.textOf(indexes!.succeeded);
  const failed = indexes!.failed && intervals.textOf(indexes!.failed);
  const isChanged = completed !== (status.completedIndexes ?? '') || failed !== status.failedIndexes;
  status.succeeded = intervals.total(indexes!.succeeded);
  status.completedIndexes = completed;
  status.failedIndexes = failed;
  return isChanged;
}

/** UIDs of pods that have no finalizer (any more) become part of the numbers. */
export function count(status: NextStatus, tracked: ReadonlySet<string>): boolean {
  const { uncounted } = status;
  const succeeded = uncounted.succeeded.filter((uid) => tracked.has(uid));
  const failed = uncounted.failed.filter((uid) => tracked.has(uid));
  const isChanged = succeeded.length !== uncounted.succeeded.length || failed.length !== uncounted.failed.length;
  status.succeeded = (status.succeeded ?? 0) + uncounted.succeeded.length - succeeded.length;
  status.failed = (status.failed ?? 0) + uncounted.failed.length - failed.length;
  status.uncounted = { succeeded, failed };
  return isChanged;
}
