/** A CronJob starts Jobs at its times, and keeps few of those that are over. */
import { describe, expect, it } from 'vitest';
import { smallCluster, template } from '../controllers.fixture.ts';
import { isActive } from '../pod-state.ts';
import { CRON_JOBS, JOBS, PODS } from '../types.ts';

type Cluster = ReturnType<typeof smallCluster>;

const MINUTE_MS = 60_000;

const cronJob = (schedule: string, more: object = {}) => ({
  apiVersion: 'batch/v1',
  kind: 'CronJob',
  metadata: { name: 'c' },
  spec: {
    schedule,
    jobTemplate: {
      metadata: { labels: { a: 'b' } },
      spec: { template: { ...template('x'), spec: { ...template('x').spec, restartPolicy: 'Never' } } },
    },
    ...more,
  },
});

/** The clock stands at some seconds past midnight UTC. */
function start(schedule: string, more: object = {}): Cluster {
  const each = smallCluster();
  each.create(CRON_JOBS, cronJob(schedule, more));
  return each;
}

interface AnyJob {
  readonly metadata: { readonly name: string; readonly annotations: Readonly<Record<string, string>> };
}

const jobs = (each: Cluster): AnyJob[] => [...each.server.core.cachedAll('Job', 'default')] as unknown as AnyJob[];
const times = (each: Cluster): string[] =>
  jobs(each).map(({ metadata }) => metadata.annotations['batch.kubernetes.io/cronjob-scheduled-timestamp']!);
const reasons = (each: Cluster): string[] =>
  (
    [...each.server.core.cachedAll('Event', 'default')] as unknown as Array<{
      reason: string;
      involvedObject: { kind: string };
    }>
  )
    .filter(({ involvedObject }) => involvedObject.kind === 'CronJob')
    .map(({ reason }) => reason);
const status = (each: Cluster) => each.get('CronJob', 'c').status;

function endAll(each: Cluster, phase: 'Succeeded' | 'Failed'): void {
  for (const pod of each.pods().filter(isActive)) {
    each.patch(PODS, pod.metadata!.name!, { status: { phase } }, 'status');
  }
  each.wait(3000);
}

describe('CronJob', () => {
  it('starts a Job at each of its times, named after the minute', () => {
    const each = start('*/2 * * * *');
    each.wait(5 * MINUTE_MS);
    expect(times(each)).toEqual(['2026-03-04T00:02:00Z', '2026-03-04T00:04:00Z']);
    const minute = Date.UTC(2026, 2, 4, 0, 2) / MINUTE_MS;
    expect(jobs(each)[0]).toMatchObject({
      metadata: { name: `c-${minute}`, labels: { a: 'b' }, ownerReferences: [{ kind: 'CronJob', name: 'c' }] },
    });
    expect(status(each)).toMatchObject({ lastScheduleTime: '2026-03-04T00:04:00Z', active: [{ kind: 'Job' }, {}] });
  });

  it('goes by the clocks of its zone', () => {
    const each = start('30 9 * * *', { timeZone: 'Asia/Kolkata' });
    each.wait(24 * 60 * MINUTE_MS);
    expect(times(each)).toEqual(['2026-03-04T09:30:00+05:30']);
  });

  it.each([
    { policy: 'Allow', count: 3, active: 3 },
    { policy: 'Forbid', count: 1, active: 1 },
    { policy: 'Replace', count: 1, active: 1 },
  ])('with the policy $policy has $active Jobs after three times', ({ policy, count, active }) => {
    const each = start('* * * * *', { concurrencyPolicy: policy });
    each.wait(3.5 * MINUTE_MS);
    expect(jobs(each)).toHaveLength(count);
    expect(status(each).active).toHaveLength(active);
    const minute = policy === 'Forbid' ? 1 : 3;
    expect(times(each).at(-1)).toBe(`2026-03-04T00:0${minute}:00Z`);
  });

  it('starts none while it is suspended, and the last that it has missed afterwards', () => {
    const each = start('* * * * *', { suspend: true });
    each.wait(5 * MINUTE_MS + 10_000);
    expect(jobs(each)).toEqual([]);
    each.patch(CRON_JOBS, 'c', { spec: { suspend: false } });
    expect(times(each)).toEqual(['2026-03-04T00:05:00Z']);
  });

  it('does not start what is too late', () => {
    const each = start('0 * * * *', { suspend: true, startingDeadlineSeconds: 60 });
    each.wait(90 * MINUTE_MS);
    each.patch(CRON_JOBS, 'c', { spec: { suspend: false } });
    expect(jobs(each)).toEqual([]);
    each.wait(40 * MINUTE_MS);
    expect(times(each)).toEqual(['2026-03-04T02:00:00Z']);
  });

  it('keeps few Jobs that are over, and tells of the last success', () => {
    const each = start('* * * * *', { successfulJobsHistoryLimit: 2, failedJobsHistoryLimit: 1 });
    for (const phase of ['Succeeded', 'Succeeded', 'Succeeded'] as const) {
      each.wait(MINUTE_MS);
      endAll(each, phase);
    }
    expect(times(each)).toEqual(['2026-03-04T00:02:00Z', '2026-03-04T00:03:00Z']);
    expect(status(each).active).toBeUndefined();
    expect(status(each).lastSuccessfulTime).toBeDefined();
    expect(reasons(each)).toEqual(expect.arrayContaining(['SuccessfulCreate', 'SawCompletedJob', 'SuccessfulDelete']));
  });

  it('misses a Job that somebody has deleted', () => {
    const each = start('0 * * * *');
    each.wait(61 * MINUTE_MS);
    each.remove(JOBS, jobs(each)[0]!.metadata.name);
    each.wait(5000);
    expect(status(each).active).toBeUndefined();
    expect(reasons(each)).toContain('MissingJob');
  });

  it('follows another schedule from when it is given', () => {
    const each = start('0 12 * * *');
    each.patch(CRON_JOBS, 'c', { spec: { schedule: '*/10 * * * *' } });
    each.wait(15 * MINUTE_MS);
    expect(times(each)).toEqual(['2026-03-04T00:10:00Z']);
  });

  it('says how much it has missed when that is much', () => {
    const each = start('* * * * *', { suspend: true });
    each.wait(200 * MINUTE_MS);
    each.patch(CRON_JOBS, 'c', { spec: { suspend: false } });
    expect(reasons(each)).toContain('TooManyMissedTimes');
    expect(jobs(each)).toHaveLength(1);
  });

  it('that never comes is told so, and nothing spins', () => {
    const each = start('59 23 31 2 *');
    each.wait(60 * MINUTE_MS);
    expect(reasons(each)).toEqual(['InvalidSchedule']);
    expect(each.running.queues.cronjob!.syncs).toBeLessThan(5);
  });
});
