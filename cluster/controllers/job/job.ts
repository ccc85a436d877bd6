/**
 * Runs pods to their end. Source: `pkg/controller/job/job_controller.go`, v1.37.2.
 */
import { compileLabelSelector, type KubeObject } from '../../../api/index.ts';
import type { ControllerContext } from '../context.ts';
import type { Dependents } from '../dependents.ts';
import type { EventRecorder } from '../event-recorder.ts';
import { Expectations } from '../expectations.ts';
import type { Informer } from '../informer.ts';
import { OwnWrites } from '../own-writes.ts';
import { claim, controllerOf, isTerminating, keyOf, splitKey } from '../owners.ts';
import { PodControl } from '../pod-control.ts';
import { isReady } from '../pod-state.ts';
import { call, type Refusal, type Steps } from '../steps.ts';
import { timestamp } from '../timestamp.ts';
import { JOBS, type JobCondition, PODS } from '../types.ts';
import { WorkQueue } from '../work-queue.ts';
import type { Failures } from './backoff.ts';
import { condition, withCondition } from './conditions.ts';
import { finishedOf } from './finish.ts';
import { FINALIZER, isJobFinished, isSuspended, isTracked, type JobObject, type JobPod, uidOf } from './job-pods.ts';
import { deleteAll, type JobTools, manage, untrack } from './manage.ts';
import { type Picture, pictureOf, written } from './picture.ts';
import { count, note } from './tracking.ts';

/** Changes of pods are gathered for so long. */
const BATCH_MS = 1000;
const BACKOFF = { baseMs: 1000, maxMs: 60_000, hasBucket: false };
const CONTROLLER_NAME = 'kubernetes.io/job-controller';

export class JobController {
  readonly queue: WorkQueue;
  /** Pods whose Job is over, or gone: they need nobody to count them. */
  readonly orphanQueue: WorkQueue;
  private readonly context: ControllerContext;
  private readonly jobs: Informer<JobObject>;
  private readonly pods: Informer<JobPod>;
  private readonly podsOf: Dependents<JobPod>;
  private readonly events: EventRecorder;
  private readonly writes = new OwnWrites();
  private readonly expectations: Expectations;
  private readonly failures = new Map<string, Failures>();
  private readonly tools: JobTools;

  constructor(context: ControllerContext) {
    const { client, clock } = context;
    this.context = context;
    this.jobs = context.informer(JOBS);
    this.pods = context.informer(PODS);
    this.podsOf = context.dependents(PODS);
    this.events = context.recorder('job-controller');
    this.expectations = new Expectations(clock);
    this.tools = {
      client,
      podControl: new PodControl(client, this.events, (job, pod) => this.writes.wrote(keyOf(job), this.pods, pod)),
      podInformer: this.pods,
      expectations: this.expectations,
      writes: this.writes,
      again: (key, afterMs) => this.queue.addAfter(key, Math.max(BATCH_MS, afterMs)),
    };
    this.queue = new WorkQueue({ clock, backoff: BACKOFF, sync: (key) => this.sync(key) });
    this.orphanQueue = new WorkQueue({ clock, backoff: BACKOFF, sync: (key) => this.syncOrphan(key) });
    this.jobs.onChange((before, now) => this.jobChanged(before, now));
    this.pods.onChange((before, now) => this.podChanged(before, now));
  }

  private jobChanged(before: JobObject | undefined, now: JobObject | undefined): void {
    const job = (now ?? before)!;
    const key = keyOf(job);
    if (now === undefined || isJobFinished(now)) this.offerOrphans(job);
    if (now === undefined || before === undefined) {
      this.queue.add(key);
      return;
    }
    if (isJobFinished(now)) return;
    if (before.metadata?.generation === now.metadata?.generation) this.queue.addAfter(key, BATCH_MS);
    else this.queue.add(key);
  }

  private offerOrphans(job: JobObject): void {
    const selector = compileLabelSelector(job.spec.selector);
    for (const pod of this.podsOf.candidates(job)) {
      if (isTracked(pod) && selector.matches(pod.metadata?.labels ?? {})) this.orphanQueue.add(keyOf(pod));
    }
  }

  private podChanged(before: JobPod | undefined, now: JobPod | undefined): void {
    for (const pod of [before, now]) {
      const job = pod && this.jobOf(pod);
      if (pod === undefined || job === undefined) continue;
      if (now === undefined || isTerminating(now)) this.expectations.deleted(keyOf(job), uidOf(pod));
      this.queue.addAfter(keyOf(job), BATCH_MS);
    }
    if (now === undefined) return;
    const job = this.jobOf(now);
    const owner = controllerOf(now);
    const isLeft = owner === undefined || (isTerminating(now) && (job === undefined || isJobFinished(job)));
    if (isTracked(now) && isLeft) this.orphanQueue.add(keyOf(now));
    if (owner === undefined && !isTerminating(now)) this.offer(now);
  }

  /** Some Job may want to adopt it. */
  private offer(pod: JobPod): void {
    for (const job of this.jobs.inNamespace(pod.metadata?.namespace ?? '')) {
      if (compileLabelSelector(job.spec.selector).matches(pod.metadata?.labels ?? {})) {
        this.queue.addAfter(keyOf(job), BATCH_MS);
      }
    }
  }

  private jobOf(pod: JobPod): JobObject | undefined {
    const owner = controllerOf(pod);
    if (owner?.kind !== 'Job') return undefined;
    const job = this.jobs.get(pod.metadata?.namespace ?? '', owner.name);
    return job !== undefined && uidOf(job) === owner.uid ? job : undefined;
  }

  private *syncOrphan(key: string): Steps {
    const pod = this.pods.get(...splitKey(key));
    if (pod === undefined) return;
    const owner = controllerOf(pod);
    if (owner !== undefined) {
      if (owner.kind !== 'Job' || owner.apiVersion !== 'batch/v1') return;
      const job = this.jobOf(pod);
      if (job !== undefined && (isOfOthers(job) || !isJobFinished(job))) return;
    }
    const { refusals } = yield* untrack(this.tools, undefined, [pod]);
    if (refusals[0] !== undefined && !refusals[0].isNotFound) throw refusals[0];
  }

  private *sync(key: string): Steps {
    const [namespace, name] = splitKey(key);
    const job = this.jobs.get(namespace, name);
    if (job === undefined || isJobFinished(job)) {
      this.failures.delete(key);
      this.writes.forget(key);
      if (job === undefined) this.expectations.forget(key);
      return;
    }
    if (isOfOthers(job)) return;
    this.writes.mustBeSeen(key);
    const { completionMode = 'NonIndexed' } = job.spec;
    if (completionMode !== 'NonIndexed' && completionMode !== 'Indexed') {
      const message = 'Skipped Job sync because completion mode is unknown';
      this.events.record(job, 'Warning', 'UnknownCompletionMode', message);
      return;
    }
    const pods: JobPod[] = yield* claim({
      client: this.context.client,
      owner: job,
      ownerTarget: JOBS,
      target: PODS,
      selector: compileLabelSelector(job.spec.selector),
      candidates: this.podsOf.candidates(job),
      finalizer: FINALIZER,
    });
    yield* this.syncPods(pictureOf(key, job, pods, this.failures.get(key)));
  }

  private *syncPods(picture: Picture): Steps {
    const { key, job, status } = picture;
    const { nowMs } = this.context.clock;
    if (status.startTime === undefined && !isSuspended(job)) status.startTime = timestamp(nowMs);
    picture.finished = finishedOf(picture, nowMs);
    const { activeDeadlineSeconds } = job.spec;
    if (picture.finished === undefined && activeDeadlineSeconds !== undefined && !isSuspended(job)) {
      const untilMs = Date.parse(status.startTime as string) + activeDeadlineSeconds * 1000 - nowMs;
      if (untilMs > 0) this.queue.addAfter(key, untilMs);
    }
    const isSettled = this.expectations.areMet(key);
    const refusal =
      picture.finished === undefined ? yield* this.carryOn(picture, isSettled) : yield* this.windUp(picture, isSettled);
    yield* this.track(picture);
    if (refusal !== undefined) throw refusal;
  }

  /** All pods that are still there go. */
  private *windUp(picture: Picture, isSettled: boolean): Steps<Refusal | undefined> {
    const { job, active } = picture;
    const { count: deleted, refusal } = yield* deleteAll(this.tools, job, active);
    // Not over as long as some may be left.
    if (deleted !== active.length || !isSettled) picture.finished = undefined;
    picture.activeCount -= deleted;
    picture.goingCount += deleted;
    picture.readyCount -= active.filter(isReady).length;
    return refusal;
  }

  private *carryOn(picture: Picture, isSettled: boolean): Steps<Refusal | undefined> {
    const { job, status } = picture;
    const { nowMs } = this.context.clock;
    const mayManage = isSettled && !isTerminating(job);
    const refusal = mayManage ? yield* manage(this.tools, picture, nowMs) : undefined;
    const { completions } = job.spec;
    const isEnough = completions === undefined ? picture.succeeded > 0 : picture.succeeded >= completions;
    if (isEnough && picture.activeCount === 0) {
      const message = 'Reached expected number of succeeded pods';
      picture.finished = condition('SuccessCriteriaMet', 'True', 'CompletionsReached', message, nowMs);
    } else if (mayManage) {
      const [value, verb] = isSuspended(job) ? ['True', 'suspended'] : ['False', 'resumed'];
      const [reason, word] = isSuspended(job) ? ['JobSuspended', 'Suspended'] : ['JobResumed', 'Resumed'];
      const next = withCondition(status.conditions, condition('Suspended', value!, reason!, `Job ${verb}`, nowMs));
      if (next !== status.conditions) {
        status.conditions = next;
        status.startTime = isSuspended(job) ? undefined : timestamp(nowMs);
        this.events.record(job, 'Normal', word!, `Job ${verb}`);
      }
    }
    return refusal;
  }

  private *track(picture: Picture): Steps {
    const { key, job, status, pods } = picture;
    const { nowMs } = this.context.clock;
    const before = job.status ?? {};
    let isChanged =
      picture.activeCount !== (before.active ?? 0) ||
      picture.readyCount !== before.ready ||
      picture.goingCount !== before.terminating;
    status.active = picture.activeCount;
    status.ready = picture.readyCount;
    status.terminating = picture.goingCount;
    const tracked = new Set(pods.filter(isTracked).map(uidOf));
    const noted = note(picture, tracked);
    const last = this.lastCondition(picture);
    isChanged ||= noted.isChanged || status.conditions !== picture.conditionsBefore;
    let current = job;
    if (isChanged) {
      current = yield* this.writeStatus(current, picture);
      this.failures.set(key, picture.failures);
      isChanged = false;
    }
    const { refusals } = yield* untrack(this.tools, job, noted.release);
    noted.release.forEach((pod, i) => {
      if (refusals[i] === undefined || refusals[i].isNotFound) tracked.delete(uidOf(pod));
    });
    isChanged = count(status, tracked);
    const refusal = refusals.find((each) => each !== undefined && !each.isNotFound);
    if (refusal !== undefined) {
      if (isChanged) yield* this.writeStatus(current, picture);
      throw refusal;
    }
    const { uncounted } = status;
    const isCounted = uncounted.succeeded.length + uncounted.failed.length === 0 && !noted.isFull;
    const isOver = last !== undefined && isCounted && picture.goingCount === 0;
    if (isOver) {
      status.conditions = withCondition(status.conditions, last);
      if (last.type === 'Complete') status.completionTime = timestamp(nowMs);
    }
    if (!isChanged && !isOver) return;
    current = yield* this.writeStatus(current, picture);
    if (isOver) this.tellFinished(current, last);
  }

  /** The condition that ends the Job, once all is counted; what leads to it is said before. */
  private lastCondition({ status, finished }: Picture): JobCondition | undefined {
    if (finished === undefined) return undefined;
    const { type, reason = '', message = '' } = finished;
    const isTold = status.conditions.some((each) => each.type === type && each.status === 'True');
    if (!isTold) status.conditions = [...status.conditions, finished];
    const last = type === 'SuccessCriteriaMet' ? 'Complete' : 'Failed';
    return condition(last, 'True', reason, message, this.context.clock.nowMs);
  }

  private tellFinished(job: JobObject, last: JobCondition): void {
    if (last.type === 'Failed') {
      this.events.record(job, 'Warning', last.reason ?? '', last.message ?? '');
      return;
    }
    const { completions } = job.spec;
    if (completions !== undefined && (job.status?.succeeded ?? 0) > completions) {
      const message = 'Too many succeeded pods running after completion count reached';
      this.events.record(job, 'Warning', 'TooManySucceededPods', message);
    }
    this.events.record(job, 'Normal', 'Completed', 'Job completed');
  }

  /** A picture that is old is refused and tried again. */
  private *writeStatus(job: JobObject, { key, status }: Picture): Steps<JobObject> {
    const { namespace, name } = job.metadata ?? {};
    const target = { ...JOBS, namespace, name, subresource: 'status' };
    const object = { ...job, status: written(status) } as KubeObject;
    const updated = yield* call<KubeObject>((answer) => this.context.client.update(target, object, {}, answer));
    this.writes.wrote(key, this.jobs, updated);
    return updated as JobObject;
  }
}

const isOfOthers = ({ spec }: JobObject): boolean => spec.managedBy !== undefined && spec.managedBy !== CONTROLLER_NAME;
