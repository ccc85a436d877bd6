/**
 * Starts Jobs at their times. Source: `pkg/controller/cronjob/cronjob_controllerv2.go`, v1.37.2.
 */
import { parseSchedule, ScheduleError } from '../../../api/cron/parse-schedule.ts';
import type { Schedule } from '../../../api/cron/schedule.ts';
import { UTC, zoneOf } from '../../../api/cron/time-zone.ts';
import type { KubeObject } from '../../../api/index.ts';
import type { ControllerContext } from '../context.ts';
import type { Dependents } from '../dependents.ts';
import type { EventRecorder } from '../event-recorder.ts';
import type { Informer } from '../informer.ts';
import { OwnWrites } from '../own-writes.ts';
import { controllerOf, isControlledBy, isTerminating, keyOf, splitKey } from '../owners.ts';
import { isNamespaceGoing } from '../pod-control.ts';
import { call, Refusal, type Steps } from '../steps.ts';
import { timestamp } from '../timestamp.ts';
import { CRON_JOBS, type CronJob, JOBS, type Job } from '../types.ts';
import { WorkQueue } from '../work-queue.ts';
import { dueOf, TOO_DENSE, untilNextMs } from './due.ts';
import { type CronJobObject, jobName, newJob } from './new-job.ts';

type JobObject = Job & KubeObject;
type Status = NonNullable<CronJob['status']>;
type Reference = NonNullable<Status['active']>[number];

/** A CronJob in the course of a sync. */
interface Pass {
  readonly key: string;
  readonly cronJob: CronJobObject;
  /** As it will be written; the same object while there is nothing to write. */
  status: Status;
}

export class CronJobController {
  readonly queue: WorkQueue;
  private readonly context: ControllerContext;
  private readonly cronJobs: Informer<CronJobObject>;
  private readonly jobs: Informer<JobObject>;
  private readonly jobsOf: Dependents<JobObject>;
  private readonly events: EventRecorder;
  private readonly writes = new OwnWrites();

  constructor(context: ControllerContext) {
    this.context = context;
    this.cronJobs = context.informer(CRON_JOBS);
    this.jobs = context.informer(JOBS);
    this.jobsOf = context.dependents(JOBS);
    this.events = context.recorder('cronjob-controller');
    this.queue = new WorkQueue({ clock: context.clock, sync: (key) => this.sync(key) });
    this.cronJobs.onChange((before, now) => this.cronJobChanged(before, now));
    this.jobs.onChange((before, now) => {
      for (const job of [before, now]) {
        const owner = job && controllerOf(job);
        if (owner?.kind === 'CronJob') this.queue.add(`${job?.metadata?.namespace}/${owner.name}`);
      }
    });
  }

  private cronJobChanged(before: CronJobObject | undefined, now: CronJobObject | undefined): void {
    const isRescheduled =
      before !== undefined &&
      now !== undefined &&
      (before.spec?.schedule !== now.spec?.schedule || before.spec?.timeZone !== now.spec?.timeZone);
    if (!isRescheduled) {
      this.queue.add(keyOf((now ?? before)!));
      return;
    }
    const schedule = scheduleOf(now);
    if (schedule instanceof ScheduleError) {
      const message = `unparseable schedule for cronjob: ${now.spec?.schedule}`;
      this.events.record(now, 'Warning', 'UnParseableCronJobSchedule', message);
    } else this.next(now, schedule);
  }

  private next(cronJob: CronJobObject, schedule: Schedule): void {
    const waitMs = untilNextMs(cronJob, schedule, this.context.clock.nowMs);
    if (waitMs !== undefined) this.queue.addAfter(keyOf(cronJob), waitMs);
  }

  private *sync(key: string): Steps {
    const cronJob = this.cronJobs.get(...splitKey(key));
    if (cronJob === undefined) {
      this.writes.forget(key);
      return;
    }
    this.writes.mustBeSeen(key);
    const pass: Pass = { key, cronJob, status: cronJob.status ?? {} };
    const before = pass.status;
    const jobs = [...this.jobsOf.controlledBy(cronJob.metadata?.uid)];
    yield* this.cleanUp(pass, jobs);
    yield* this.lookAt(pass, jobs);
    let refusal: Refusal | undefined;
    if (!isTerminating(cronJob)) {
      try {
        yield* this.startDue(pass);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        refusal = error;
      }
    }
    if (pass.status !== before) yield* this.writeStatus(pass);
    if (refusal !== undefined) throw refusal;
  }

  /** So many finished Jobs of either kind are kept. */
  private *cleanUp(pass: Pass, jobs: readonly JobObject[]): Steps {
    const { successfulJobsHistoryLimit, failedJobsHistoryLimit } = pass.cronJob.spec ?? {};
    const limits = { Complete: successfulJobsHistoryLimit, Failed: failedJobsHistoryLimit };
    for (const [type, limit] of Object.entries(limits)) {
      if (limit === undefined) continue;
      const finished = jobs.filter((job) => finishedAs(job) === type).sort(oldestFirst);
      for (const job of finished.slice(0, Math.max(0, finished.length - limit))) yield* this.deleteJob(pass, job);
    }
  }

  private *deleteJob(pass: Pass, { metadata }: JobObject): Steps<Refusal | undefined> {
    const target = { ...JOBS, namespace: metadata?.namespace, name: metadata?.name };
    try {
      const options = { propagationPolicy: 'Background' } as const;
      yield* call<unknown>((answer) => this.context.client.delete(target, options, answer));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.events.record(pass.cronJob, 'Warning', 'FailedDelete', `Deleted job: ${error.message}`);
      return error;
    }
    forget(pass, metadata?.uid);
    this.events.record(pass.cronJob, 'Normal', 'SuccessfulDelete', `Deleted job ${metadata?.name}`);
    return undefined;
  }

  /** What has become of the Jobs that were running. */
  private *lookAt(pass: Pass, jobs: readonly JobObject[]): Steps {
    const { cronJob } = pass;
    for (const job of jobs) {
      const { uid, name } = job.metadata ?? {};
      const isKnown = (pass.status.active ?? []).some((each) => each.uid === uid);
      const outcome = finishedAs(job);
      if (outcome === undefined) {
        if (isKnown) continue;
        const message = `Saw a job that the controller did not create or forgot: ${name}`;
        this.events.record(cronJob, 'Warning', 'UnexpectedJob', message);
        continue;
      }
      if (isKnown) {
        forget(pass, uid);
        const message = `Saw completed job: ${name}, condition: ${outcome}`;
        this.events.record(cronJob, 'Normal', 'SawCompletedJob', message);
      }
      const completed = job.status?.completionTime as string | undefined;
      const last = pass.status.lastSuccessfulTime as string | undefined;
      const isLater = completed !== undefined && (last === undefined || Date.parse(completed) > Date.parse(last));
      if (outcome === 'Complete' && isLater) pass.status = { ...pass.status, lastSuccessfulTime: completed };
    }
    const children = new Set(jobs.map(({ metadata }) => metadata?.uid));
    for (const active of pass.status.active ?? []) {
      if (children.has(active.uid) || (yield* this.find(active)) !== undefined) continue;
      this.events.record(cronJob, 'Normal', 'MissingJob', `Active job went missing: ${active.name}`);
      forget(pass, active.uid);
    }
  }

  private *find({ namespace, name }: Reference): Steps<JobObject | undefined> {
    try {
      const target = { ...JOBS, namespace, name };
      return (yield* call<KubeObject>((answer) => this.context.client.get(target, answer))) as JobObject;
    } catch (error) {
      if (error instanceof Refusal && error.isNotFound) return undefined;
      throw error;
    }
  }

  private *startDue(pass: Pass): Steps {
    const { cronJob } = pass;
    const { spec } = cronJob;
    const { nowMs } = this.context.clock;
    const warn = (reason: string, message: string): void => this.events.record(cronJob, 'Warning', reason, message);
    const { timeZone, schedule: text = '' } = spec!;
    if (timeZone !== undefined && zoneOf(timeZone) === undefined) {
      warn('UnknownTimeZone', `invalid timeZone: ${JSON.stringify(timeZone)}: unknown time zone ${timeZone}`);
      return;
    }
    if (spec?.suspend) return;
    if (text.includes('TZ')) {
      const where = 'https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/';
      const what = `CRON_TZ or TZ used in schedule ${JSON.stringify(text)} is not officially supported`;
      warn('UnsupportedSchedule', `${what}, see ${where} for more details`);
    }
    const schedule = scheduleOf(cronJob);
    if (schedule instanceof ScheduleError) {
      warn('UnparseableSchedule', `unparseable schedule: ${JSON.stringify(text)} : ${schedule.message}`);
      return;
    }
    const due = dueOf(cronJob, schedule, nowMs, true);
    if (due === undefined) {
      warn('InvalidSchedule', `invalid schedule: ${text} : ${TOO_DENSE}`);
      return;
    }
    if (due.lastMs !== undefined) {
      if (due.missed === 'many') {
        const advice = 'Set or decrease .spec.startingDeadlineSeconds or check clock skew';
        warn('TooManyMissedTimes', `too many missed start times. ${advice}`);
      }
      yield* this.start(pass, due.lastMs);
    }
    this.next({ ...cronJob, status: pass.status }, schedule);
  }

  private *start(pass: Pass, scheduledMs: number): Steps {
    const { cronJob } = pass;
    const { startingDeadlineSeconds, concurrencyPolicy } = cronJob.spec!;
    const { nowMs } = this.context.clock;
    if (startingDeadlineSeconds !== undefined && scheduledMs + startingDeadlineSeconds * 1000 < nowMs) {
      const message = `Missed scheduled time to start a job: ${rfc1123(scheduledMs)}`;
      this.events.record(cronJob, 'Warning', 'MissSchedule', message);
      return;
    }
    const { active = [], lastScheduleTime } = pass.status;
    const name = jobName(cronJob, scheduledMs);
    const isStarted = lastScheduleTime !== undefined && Date.parse(lastScheduleTime as string) === scheduledMs;
    if (isStarted || active.some((each) => each.name === name)) return;
    if (concurrencyPolicy === 'Forbid' && active.length > 0) {
      const message = 'Not starting job because prior execution is running and concurrency policy is Forbid';
      this.events.record(cronJob, 'Normal', 'JobAlreadyActive', message);
      return;
    }
    if (concurrencyPolicy === 'Replace') yield* this.stopAll(pass, active);
    const made = yield* this.create(pass, scheduledMs);
    if (made === undefined) return;
    const { apiVersion, kind, metadata } = made;
    const { namespace, uid, resourceVersion } = metadata ?? {};
    const reference: Reference = { kind, namespace, name, uid, apiVersion, resourceVersion };
    pass.status = {
      ...pass.status,
      active: [...(pass.status.active ?? []), reference],
      lastScheduleTime: timestamp(scheduledMs),
    };
  }

  private *stopAll(pass: Pass, active: readonly Reference[]): Steps {
    for (const each of active) {
      const target = { ...JOBS, namespace: each.namespace, name: each.name };
      let job: JobObject;
      try {
        job = (yield* call<KubeObject>((answer) => this.context.client.get(target, answer))) as JobObject;
      } catch (error) {
        if (error instanceof Refusal) {
          this.events.record(pass.cronJob, 'Warning', 'FailedGet', `Get job: ${error.message}`);
        }
        throw error;
      }
      const refusal = yield* this.deleteJob(pass, job);
      if (refusal !== undefined) throw refusal;
    }
  }

  /** Undefined where there is one of that name that is noted already, or another's. */
  private *create(pass: Pass, scheduledMs: number): Steps<JobObject | undefined> {
    const { cronJob, key } = pass;
    const wanted = newJob(cronJob, scheduledMs);
    const target = { ...JOBS, namespace: cronJob.metadata?.namespace };
    const { client } = this.context;
    try {
      const made = yield* call<KubeObject>((answer) => client.create(target, wanted, {}, answer));
      this.writes.wrote(key, this.jobs, made);
      this.events.record(cronJob, 'Normal', 'SuccessfulCreate', `Created job ${made.metadata?.name}`);
      return made as JobObject;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (error.status.reason !== 'AlreadyExists') {
        if (isNamespaceGoing(error)) throw error;
        this.events.record(cronJob, 'Warning', 'FailedCreate', `Error creating job: ${error.message}`);
        throw error;
      }
      const there = yield* call<KubeObject>((answer) => client.get({ ...target, name: wanted.metadata?.name }, answer));
      const isNoted = (pass.status.active ?? []).some(({ uid }) => uid === there.metadata?.uid);
      return isControlledBy(there, cronJob) && !isNoted ? (there as JobObject) : undefined;
    }
  }

  private *writeStatus({ key, cronJob, status }: Pass): Steps {
    const { namespace, name } = cronJob.metadata ?? {};
    const target = { ...CRON_JOBS, namespace, name, subresource: 'status' };
    const active = (status.active ?? []).length > 0 ? status.active : undefined;
    const object = { ...cronJob, status: { ...status, active } } as KubeObject;
    const updated = yield* call<KubeObject>((answer) => this.context.client.update(target, object, {}, answer));
    this.writes.wrote(key, this.cronJobs, updated);
  }
}

function forget(pass: Pass, uid: string | undefined): void {
  const active = pass.status.active ?? [];
  const others = active.filter((each) => each.uid !== uid);
  if (others.length !== active.length) pass.status = { ...pass.status, active: others };
}

function finishedAs({ status }: JobObject): string | undefined {
  const isLast = (type: string): boolean => type === 'Complete' || type === 'Failed';
  return status?.conditions?.find(({ type, status: value }) => isLast(type) && value === 'True')?.type;
}

/** Those that never started last. */
function oldestFirst(a: JobObject, b: JobObject): number {
  const start = ({ status }: JobObject): number =>
    status?.startTime === undefined ? Number.POSITIVE_INFINITY : Date.parse(status.startTime as string);
  if (start(a) !== start(b)) return start(a) < start(b) ? -1 : 1;
  return (a.metadata?.name ?? '') < (b.metadata?.name ?? '') ? -1 : 1;
}

function scheduleOf({ spec }: CronJobObject): Schedule | ScheduleError {
  try {
    return parseSchedule(spec?.schedule ?? '', zoneOf(spec?.timeZone ?? '') ?? UTC);
  } catch (error) {
    if (error instanceof ScheduleError) return error;
    throw error;
  }
}

/** `Mon, 02 Jan 2006 15:04:05 +0000`. */
const rfc1123 = (timeMs: number): string => new Date(timeMs).toUTCString().replace('GMT', '+0000');
