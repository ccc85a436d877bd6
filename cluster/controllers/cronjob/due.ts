/** When a CronJob is due, and when it has been. Source: `pkg/controller/cronjob/utils.go`, v1.37.2. */
import type { Schedule } from '../../../api/cron/schedule.ts';
import type { CronJob } from '../types.ts';

/** The queue is a bit late, so that the moment has surely come. */
const DELTA_MS = 100;
const MANY = 100;

export interface Due {
  /** Where the search began. */
  readonly earliestMs: number;
  /** The last time that it was due; undefined when it was not since then. */
  readonly lastMs: number | undefined;
  readonly missed: 'none' | 'few' | 'many';
}

export const TOO_DENSE = 'time difference between two schedules is less than 1 second';

/** Undefined where the schedule makes no sense. @param hasDeadline Starts that are too late do not count. */
export function dueOf(cronJob: CronJob, schedule: Schedule, nowMs: number, hasDeadline: boolean): Due | undefined {
  const { metadata, spec, status } = cronJob;
  let earliestMs = Date.parse((status?.lastScheduleTime ?? metadata?.creationTimestamp) as string);
  if (hasDeadline && spec?.startingDeadlineSeconds !== undefined) {
    earliestMs = Math.max(earliestMs, nowMs - spec.startingDeadlineSeconds * 1000);
  }
  const firstMs = schedule.nextMs(earliestMs);
  if (firstMs === undefined) return undefined;
  if (nowMs < firstMs) return { earliestMs, lastMs: undefined, missed: 'none' };
  const secondMs = schedule.nextMs(firstMs);
  if (secondMs === undefined) return undefined;
  if (nowMs < secondMs) return { earliestMs, lastMs: firstMs, missed: 'none' };
  const betweenS = Math.round((secondMs - firstMs) / 1000);
  if (betweenS < 1) return undefined;
  const count = Math.floor(Math.floor((nowMs - firstMs) / 1000) / betweenS) + 1;
  return {
    earliestMs,
    lastMs: lastBefore(schedule, firstMs + (count - 2) * betweenS * 1000, nowMs),
    missed: wordFor(count),
  };
}

const wordFor = (count: number): Due['missed'] => (count > MANY ? 'many' : count > 0 ? 'few' : 'none');

function lastBefore(schedule: Schedule, fromMs: number, nowMs: number): number | undefined {
  let lastMs: number | undefined;
  for (let next = schedule.nextMs(fromMs); next !== undefined && next <= nowMs; next = schedule.nextMs(next)) {
    lastMs = next;
  }
  return lastMs;
}

/** How long until the next start; undefined when there is none. */
export function untilNextMs(cronJob: CronJob, schedule: Schedule, nowMs: number): number | undefined {
  const due = dueOf(cronJob, schedule, nowMs, false);
  const fromMs = due?.lastMs ?? (due?.missed === 'none' ? due.earliestMs : nowMs);
  const nextMs = schedule.nextMs(fromMs);
  return nextMs === undefined ? undefined : nextMs + DELTA_MS - nowMs;
}
