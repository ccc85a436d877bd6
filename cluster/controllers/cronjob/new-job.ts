/** The Jobs that a CronJob makes. Source: `pkg/controller/cronjob/utils.go` (`getJobFromTemplate2`), v1.37.2. */
import { rfc3339, UTC, zoneOf } from '../../../api/cron/time-zone.ts';
import type { KubeObject } from '../../../api/index.ts';
import { controllerReference } from '../owners.ts';
import type { CronJob } from '../types.ts';

export type CronJobObject = CronJob & KubeObject;

const SCHEDULED = 'batch.kubernetes.io/cronjob-scheduled-timestamp';

/** One name for each minute: the same start is not made twice. */
export const jobName = ({ metadata }: CronJobObject, scheduledMs: number): string =>
  `${metadata?.name}-${Math.floor(scheduledMs / 60_000)}`;

export function newJob(cronJob: CronJobObject, scheduledMs: number): KubeObject {
  const { jobTemplate, timeZone = '' } = cronJob.spec!;
  const { labels, annotations } = jobTemplate.metadata ?? {};
  const scheduled = rfc3339(zoneOf(timeZone) ?? UTC, scheduledMs);
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: jobName(cronJob, scheduledMs),
      namespace: cronJob.metadata?.namespace,
      labels: { ...labels },
      annotations: { ...annotations, [SCHEDULED]: scheduled },
      ownerReferences: [controllerReference(cronJob)],
    },
    spec: jobTemplate.spec,
  } as KubeObject;
}
