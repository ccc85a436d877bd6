/** What the Job controller asks about pods. Source: `pkg/controller/job/{job_controller,indexed_job_utils,backoff_utils}.go`, v1.37.2. */
import type { KubeObject, Pod } from '../../../api/index.ts';
import { isTerminating } from '../owners.ts';
import { isFinished } from '../pod-state.ts';
import type { Job, JobSpec } from '../types.ts';

export type JobObject = Job & KubeObject & { readonly spec: JobSpec };
export type JobPod = Pod & KubeObject;

export const FINALIZER = 'batch.kubernetes.io/job-tracking';
export const INDEX = 'batch.kubernetes.io/job-completion-index';
export const INDEX_FAILURES = 'batch.kubernetes.io/job-index-failure-count';
export const INDEX_IGNORED = 'batch.kubernetes.io/job-index-ignored-failure-count';
const INT32_MAX = 2 ** 31 - 1;

export const isIndexed = ({ spec }: Job): boolean => spec?.completionMode === 'Indexed';
export const isSuspended = ({ spec }: Job): boolean => spec?.suspend === true;
export const hasLimitPerIndex = ({ spec }: Job): boolean => spec?.backoffLimitPerIndex !== undefined;
export const replacesFailedOnly = ({ spec }: Job): boolean => spec?.podReplacementPolicy === 'Failed';

/** Finished: nothing more is done about it. */
export const isJobFinished = ({ status }: Job): boolean =>
  status?.conditions?.some(
    ({ type, status: value }) => (type === 'Complete' || type === 'Failed') && value === 'True',
  ) === true;

export const uidOf = ({ metadata }: KubeObject): string => metadata?.uid ?? '';

export const isTracked = ({ metadata }: Pod): boolean => metadata?.finalizers?.includes(FINALIZER) === true;
export const isSucceeded = ({ status }: Pod): boolean => status?.phase === 'Succeeded';
export const isGoing = (pod: Pod): boolean => !isFinished(pod) && isTerminating(pod);

/** A pod that is being deleted counts as failed, unless the Job waits for the end of it. */
export function isFailed(job: Job, pod: Pod): boolean {
  if (pod.status?.phase === 'Failed') return true;
  return !replacesFailedOnly(job) && isTerminating(pod) && !isSucceeded(pod);
}

function numberIn({ metadata }: Pod, annotation: string): number | undefined {
  const text = metadata?.annotations?.[annotation];
  return text !== undefined && /^[+-]?\d+$/.test(text) && Number(text) >= 0 ? Number(text) : undefined;
}

/** Undefined for pods that have none. */
export const indexOf = (pod: Pod): number | undefined => numberIn(pod, INDEX);

/** Undefined also for indexes that are too high by now. */
export function validIndexOf({ spec }: JobObject, pod: Pod): number | undefined {
  const index = indexOf(pod);
  return index !== undefined && index < (spec.completions ?? 0) ? index : undefined;
}

const countIn = (pod: Pod, annotation: string): number => {
  const count = numberIn(pod, annotation) ?? 0;
  return count > INT32_MAX ? 0 : count;
};
export const failuresOf = (pod: Pod): number => countIn(pod, INDEX_FAILURES);
export const ignoredOf = (pod: Pod): number => countIn(pod, INDEX_IGNORED);

const msOf = (time: unknown): number | undefined => (time ? Date.parse(time as string) : undefined);

/** When it was over, as well as can be told. */
export function finishedMs(pod: Pod): number {
  const ready = pod.status?.conditions?.find(({ type, status }) => type === 'Ready' && status === 'False');
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, creationTimestamp } = pod.metadata ?? {};
  const deletedMs = msOf(deletionTimestamp);
  return (
    containersFinishedMs(pod) ??
    msOf(ready?.lastTransitionTime) ??
    (deletedMs === undefined ? undefined : deletedMs - deletionGracePeriodSeconds * 1000) ??
    msOf(creationTimestamp) ??
    0
  );
}

/** Undefined while one of them runs. */
function containersFinishedMs({ spec, status }: Pod): number | undefined {
  const sidecars = new Set(
    (spec?.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always').map(({ name }) => name),
  );
  const init = (status?.initContainerStatuses ?? []).filter(({ name }) => sidecars.has(name));
  const lasting = latest(status?.containerStatuses ?? [], undefined);
  return latest(init, lasting);
}

function latest(statuses: NonNullable<NonNullable<Pod['status']>['containerStatuses']>, beforeMs: number | undefined) {
  let lastMs = beforeMs;
  for (const { state } of statuses) {
    const ms = msOf(state?.terminated?.finishedAt);
    if (ms === undefined) return undefined;
    lastMs = Math.max(lastMs ?? ms, ms);
  }
  return lastMs;
}
