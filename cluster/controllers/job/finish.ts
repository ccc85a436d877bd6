/** Whether a Job is over, and why. Source: `pkg/controller/job/job_controller.go` (`syncJob`), v1.37.2. */
import type { JobCondition } from '../types.ts';
import { condition, trueConditionOf } from './conditions.ts';
import { total } from './intervals.ts';
import { isFailed, isSuspended, type JobPod } from './job-pods.ts';
import type { Picture } from './picture.ts';
import { successOf, verdictOn } from './policies.ts';

/** `SuccessCriteriaMet` or `FailureTarget`; a success by the number of completions is seen later. */
export function finishedOf(picture: Picture, nowMs: number): JobCondition | undefined {
  const { job } = picture;
  const told = trueConditionOf(job, 'SuccessCriteriaMet') ?? trueConditionOf(job, 'FailureTarget');
  if (told !== undefined) return told;
  const [reason, message] = failureOf(picture, nowMs) ?? [];
  if (reason !== undefined) return condition('FailureTarget', 'True', reason, message!, nowMs);
  const success = picture.indexes && successOf(job.spec, picture.indexes.succeeded);
  return success === undefined ? undefined : condition('SuccessCriteriaMet', 'True', 'SuccessPolicy', success, nowMs);
}

type Why = readonly [reason: string, message: string];

function failureOf(picture: Picture, nowMs: number): Why | undefined {
  const { job, pods, failed, status } = picture;
  const { spec } = job;
  for (const pod of spec.podFailurePolicy === undefined ? [] : pods) {
    const message = isFailed(job, pod) ? verdictOn(spec, pod).message : undefined;
    if (message !== undefined) return ['PodFailurePolicy', message];
  }
  if (failed > (spec.backoffLimit ?? 6) || hasRestartedTooOften(picture)) {
    return ['BackoffLimitExceeded', 'Job has reached the specified backoff limit'];
  }
  const { activeDeadlineSeconds } = spec;
  if (activeDeadlineSeconds !== undefined && status.startTime !== undefined && !isSuspended(job)) {
    const ranMs = nowMs - Date.parse(status.startTime as string);
    if (ranMs >= activeDeadlineSeconds * 1000) {
      return ['DeadlineExceeded', 'Job was active longer than specified deadline'];
    }
  }
  return indexFailureOf(picture);
}

function indexFailureOf({ job: { spec }, indexes }: Picture): Why | undefined {
  if (indexes?.failed === undefined) return undefined;
  const failed = total(indexes.failed);
  if (spec.maxFailedIndexes !== undefined && failed > spec.maxFailedIndexes) {
    return ['MaxFailedIndexesExceeded', 'Job has exceeded the specified maximal number of failed indexes'];
  }
  if (failed > 0 && failed + total(indexes.succeeded) >= (spec.completions ?? 0)) {
    return ['FailedIndexes', 'Job has failed indexes'];
  }
  return undefined;
}

/** Where containers start again in their pods, their restarts count instead of pods. */
function hasRestartedTooOften({ job: { spec }, pods }: Picture): boolean {
  if (spec.template.spec?.restartPolicy !== 'OnFailure') return false;
  const restarts = pods.reduce((sum, pod) => sum + restartsOf(pod), 0);
  return (spec.backoffLimit ?? 6) === 0 ? restarts > 0 : restarts >= (spec.backoffLimit ?? 6);
}

function restartsOf({ status }: JobPod): number {
  if (status?.phase !== 'Running' && status?.phase !== 'Pending') return 0;
  const all = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  return all.reduce((sum, { restartCount }) => sum + restartCount, 0);
}
