/**
 * Deletes Jobs some time after they are over (`ttlSecondsAfterFinished`). Source:
 * `pkg/controller/ttlafterfinished/ttlafterfinished_controller.go`, v1.37.2.
 */
import type { KubeObject } from '../../../api/index.ts';
import type { ControllerContext } from '../context.ts';
import type { Informer } from '../informer.ts';
import { isTerminating, keyOf, splitKey } from '../owners.ts';
import { call, Refusal, type Steps } from '../steps.ts';
import { JOBS, type Job } from '../types.ts';
import { WorkQueue } from '../work-queue.ts';

type JobObject = Job & KubeObject;

export class TtlAfterFinishedController {
  readonly queue: WorkQueue;
  private readonly context: ControllerContext;
  private readonly jobs: Informer<JobObject>;

  constructor(context: ControllerContext) {
    this.context = context;
    this.jobs = context.informer(JOBS);
    this.queue = new WorkQueue({ clock: context.clock, sync: (key) => this.sync(key) });
    this.jobs.onChange((_, now) => {
      if (now !== undefined && expiryMs(now) !== undefined) this.queue.add(keyOf(now));
    });
  }

  private *sync(key: string): Steps {
    const [namespace, name] = splitKey(key);
    const job = this.jobs.get(namespace, name);
    if (job === undefined || !this.isExpired(key, job)) return;
    const { client } = this.context;
    const target = { ...JOBS, namespace, name };
    try {
      // Its time may have been changed just now.
      const fresh = (yield* call<KubeObject>((answer) => client.get(target, answer))) as JobObject;
      if (!this.isExpired(key, fresh)) return;
      const preconditions = { uid: fresh.metadata?.uid };
      const options = { propagationPolicy: 'Foreground', preconditions } as const;
      yield* call<unknown>((answer) => client.delete(target, options, answer));
    } catch (error) {
      if (!(error instanceof Refusal && error.isNotFound)) throw error;
    }
  }

  private isExpired(key: string, job: JobObject): boolean {
    const dueMs = expiryMs(job);
    const leftMs = (dueMs ?? Number.POSITIVE_INFINITY) - this.context.clock.nowMs;
    if (leftMs > 0 && dueMs !== undefined) this.queue.addAfter(key, leftMs);
    return leftMs <= 0;
  }
}

/** Undefined for Jobs that stay. */
function expiryMs(job: JobObject): number | undefined {
  const ttlSeconds = job.spec?.ttlSecondsAfterFinished;
  if (ttlSeconds === undefined || isTerminating(job)) return undefined;
  const last = job.status?.conditions?.find(
    ({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True',
  );
  return last && Date.parse(last.lastTransitionTime as string) + ttlSeconds * 1000;
}
