/** Makes and deletes pods until a Job has as many as it wants. Source: `pkg/controller/job/job_controller.go` (`manageJob`), v1.37.2. */
import type { KubeObject } from '../../../api/index.ts';
import type { ApiClient } from '../../apiserver/client.ts';
import type { Expectations } from '../expectations.ts';
import type { Informer } from '../informer.ts';
import type { OwnWrites } from '../own-writes.ts';
import { keyOf } from '../owners.ts';
import { isNamespaceGoing, type PodControl } from '../pod-control.ts';
import { isReady } from '../pod-state.ts';
import { call, type Refusal, type Steps, together } from '../steps.ts';
import { PODS } from '../types.ts';
import { remainingForIndexMs, remainingMs } from './backoff.ts';
import * as intervals from './intervals.ts';
import {
  FINALIZER,
  hasLimitPerIndex,
  indexOf,
  isGoing,
  isIndexed,
  isSuspended,
  isTracked,
  type JobObject,
  type JobPod,
  replacesFailedOnly,
  uidOf,
} from './job-pods.ts';
import { newIndexedPod, newPod } from './new-pods.ts';
import type { Picture } from './picture.ts';
import { forRemoval } from './removal.ts';

/** How many pods at most are made or deleted in one sync. */
const BURST = 500;

export interface JobTools {
  readonly client: ApiClient;
  readonly podControl: PodControl;
  readonly podInformer: Informer<JobPod>;
  readonly expectations: Expectations;
  readonly writes: OwnWrites;
  /** Syncs the Job again, after a second at the earliest. */
  again(key: string, afterMs: number): void;
}

/** @returns What was refused. */
export function* manage(tools: JobTools, picture: Picture, nowMs: number): Steps<Refusal | undefined> {
  const { job, active } = picture;
  if (isSuspended(job)) return yield* remove(tools, picture, forRemoval(job, active, active.length));
  const wanted = wantedActive(picture);
  const surplus = forRemoval(job, active, Math.max(0, active.length - wanted)).slice(0, BURST);
  if (surplus.length > 0) return yield* remove(tools, picture, surplus);
  // A pod that is about to end is replaced at once, or when it has ended.
  const going = replacesFailedOnly(job) ? picture.goingCount : 0;
  const missing = wanted - going - active.length;
  return missing > 0 ? yield* make(tools, picture, Math.min(missing, BURST), nowMs) : undefined;
}

function wantedActive({ job: { spec }, succeeded, activeCount }: Picture): number {
  const parallelism = spec.parallelism ?? 1;
  // Without a number of completions one success says that there is nothing left to do.
  if (spec.completions === undefined) return succeeded > 0 ? activeCount : parallelism;
  return Math.max(0, Math.min(parallelism, spec.completions - succeeded));
}

function* make(tools: JobTools, picture: Picture, count: number, nowMs: number): Steps<Refusal | undefined> {
  const { job, key, failures } = picture;
  const waitMs = hasLimitPerIndex(job) ? 0 : remainingMs(failures, nowMs);
  if (waitMs > 0) {
    tools.again(key, waitMs);
    return undefined;
  }
  const pods = isIndexed(job) ? indexedPods(tools, picture, count, nowMs) : new Array(count).fill(newPod(job));
  picture.activeCount += pods.length;
  const refusal = yield* tools.podControl.create(job, pods, (missing) => {
    picture.activeCount -= missing;
  });
  return refusal !== undefined && isNamespaceGoing(refusal) ? undefined : refusal;
}

function indexedPods(tools: JobTools, picture: Picture, count: number, nowMs: number): KubeObject[] {
  const { job, key, active, pods } = picture;
  const { succeeded, failed = [], retried } = picture.indexes!;
  const blocking = replacesFailedOnly(job) ? [...active, ...pods.filter(isGoing)] : active;
  const busy = intervals.ofIndexes(blocking.flatMap((pod) => indexOf(pod) ?? []));
  const taken = intervals.merged(intervals.merged(succeeded, busy), failed);
  const gaps = intervals.firstGaps(taken, count, job.spec.completions ?? 0);
  if (!hasLimitPerIndex(job)) return gaps.map((index) => newIndexedPod(job, index, undefined));
  const waits = gaps.map((index) => remainingForIndexMs(retried.get(index), nowMs));
  const now = gaps.filter((_, i) => waits[i] === 0);
  if (now.length === 0 && gaps.length > 0) tools.again(key, Math.min(...waits));
  return now.map((index) => newIndexedPod(job, index, retried.get(index)));
}

/** They are not counted: they lose the finalizer first. */
function* remove(tools: JobTools, picture: Picture, pods: readonly JobPod[]): Steps<Refusal | undefined> {
  const { expectations } = tools;
  const { job, key } = picture;
  expectations.expectDeletions(key, pods.map(uidOf));
  const { refusals } = yield* untrack(tools, job, pods);
  const free = pods.filter((_, i) => refusals[i] === undefined);
  pods.forEach((pod, i) => {
    if (refusals[i] !== undefined) expectations.deleted(key, uidOf(pod));
  });
  const { refusal, count } = yield* deleteAll(tools, job, free, (pod) => expectations.deleted(key, uidOf(pod)));
  const gone = refusals.filter((each) => each?.isNotFound).length;
  picture.activeCount -= count + gone;
  picture.goingCount += count + gone;
  picture.readyCount -= free.filter(isReady).length;
  return refusals.find((each) => each !== undefined && !each.isNotFound) ?? refusal;
}

/** What was deleted, or gone already. */
export function* deleteAll(
  { podControl }: JobTools,
  job: JobObject,
  pods: readonly JobPod[],
  notDeleted: (pod: JobPod) => void = () => {},
): Steps<{ readonly count: number; readonly refusal: Refusal | undefined }> {
  let count = pods.length;
  const refusal = yield* podControl.delete(job, pods, (pod, why) => {
    notDeleted(pod as JobPod);
    if (!why.isNotFound) count--;
  });
  return { count, refusal };
}

/** Takes the finalizer away. @returns One refusal or undefined for each pod. */
export function* untrack(
  { client, writes, podInformer }: JobTools,
  job: JobObject | undefined,
  pods: readonly JobPod[],
): Steps<{ readonly refusals: ReadonlyArray<Refusal | undefined> }> {
  const one = function* (pod: JobPod): Steps {
    if (!isTracked(pod)) return;
    const { namespace, name } = pod.metadata ?? {};
    const patch = { metadata: { '$deleteFromPrimitiveList/finalizers': [FINALIZER] } };
    const target = { ...PODS, namespace, name };
    const patched = yield* call<KubeObject>((answer) => client.patch(target, 'strategic', patch, {}, answer));
    if (job !== undefined) writes.wrote(keyOf(job), podInformer, patched);
  };
  return { refusals: yield* together(pods.map(one)) };
}
