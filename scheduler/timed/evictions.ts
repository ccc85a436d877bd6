/**
 * Carries preemptions out: takes nominations from pods of lower priority, marks the victims and deletes them.
 * Source: `pkg/scheduler/framework/preemption/executor.go`, v1.37.2.
 *
 * With asynchronous preemption the victims go after the cycle, the last one apart from the others, and until that is seen
 * to go the preemptor is held back by its gate.
 */
import type { Clock } from '../clock.ts';
import type { Nominator } from '../nominator.ts';
import type { PodInfo } from '../plugin.ts';
import type { ApiError, PodCondition, SchedulerApi } from './api.ts';
import type { PodCache } from './pod-cache.ts';
import type { WaitingPods } from './waiting-pods.ts';

const PLUGIN = 'DefaultPreemption';

export interface EvictionsOptions {
  readonly api: SchedulerApi;
  /** Where nominations are taken away. */
  readonly statusApi: Pick<SchedulerApi, 'patchPodStatus'>;
  readonly clock: Clock;
  readonly pods: PodCache;
  readonly nominator: Nominator;
  readonly waitingPods: WaitingPods;
  /** Stops a binding that is under way; false when it is too late for that. */
  readonly cancelBinding: (uid: string, reason: string) => boolean | undefined;
  readonly activate: (pods: readonly PodInfo[]) => void;
}

/** For whom room is made: a pod, or a group with the pods of it that wait. */
export interface Preemptor {
  readonly uid: string;
  readonly kind: 'pod' | 'podgroup' | 'compositepodgroup';
  readonly priority: number;
  readonly pods: readonly PodInfo[];
}

interface Preemption {
  readonly preemptor: Preemptor;
  readonly schedulerName: string;
  /** For groups the whole `cluster`. */
  readonly nodeName: string;
}

type VictimDone = (error: ApiError | undefined, inMemory: boolean) => void;

export class Evictions {
  private readonly options: EvictionsOptions;
  private readonly preempting = new Set<string>();
  /** Preemptor's UID → key of its last victim, once that is being evicted. */
  private readonly lastVictims = new Map<string, string>();
  /** Preemptors whose last victim the API has agreed to delete. */
  private readonly almostDone = new Set<string>();

  constructor(options: EvictionsOptions) {
    this.options = options;
  }

  isPreempting(preemptorUid: string): boolean {
    if (!this.preempting.has(preemptorUid)) return false;
    const lastVictim = this.lastVictims.get(preemptorUid);
    if (lastVictim === undefined) return true;
    const pod = this.options.pods.get(lastVictim);
    if (pod === undefined || pod.terminating) return false;
    // The mark and the deletion follow each other so closely that whoever sees the one can see the other.
    return !(this.almostDone.has(preemptorUid) && isMarked(pod));
  }

  /** Within the cycle. Returns why it failed; the API must answer at once. */
  evictNow(preemption: Preemption, victims: readonly PodInfo[]): ApiError | undefined {
    let failure: ApiError | undefined;
    for (const victim of victims) {
      if (victim.terminating || failure !== undefined) continue;
      this.evict(preemption, victim, (error) => {
        failure = error;
      });
    }
    if (failure === undefined) this.clearNominations(preemption);
    return failure;
  }

  /** After the cycle, one victim at a time. */
  evictLater(preemption: Preemption, victims: readonly PodInfo[]): void {
    const { clock } = this.options;
    const { preemptor } = preemption;
    const remaining = victims.filter((victim) => !victim.terminating);
    if (remaining.length === 0) return;
    this.preempting.add(preemptor.uid);
    const finish = (mayRetry: boolean): void => {
      this.preempting.delete(preemptor.uid);
      this.lastVictims.delete(preemptor.uid);
      this.almostDone.delete(preemptor.uid);
      if (mayRetry) this.options.activate(preemptor.pods);
    };
    const next = (index: number): void => {
      const victim = remaining[index]!;
      const isLast = index === remaining.length - 1;
      if (isLast) this.lastVictims.set(preemptor.uid, victim.key);
      this.evict(preemption, victim, (error, inMemory) => {
        if (isLast && error === undefined && !inMemory) this.almostDone.add(preemptor.uid);
        clock.whenSettled(() => {
          if (error !== undefined || isLast) finish(error !== undefined || inMemory);
          else next(index + 1);
        });
      });
    };
    // Behind what the cycle itself has put off: its own report goes out first.
    clock.soon(() =>
      clock.soon(() => {
        this.clearNominations(preemption);
        next(0);
      }),
    );
  }

  /** Pods of lower priority that were promised the node lose it. */
  private clearNominations({ preemptor, nodeName }: Preemption): void {
    const { nominator, statusApi } = this.options;
    for (const nominee of nominator.podsOn(nodeName)) {
      if (nominee.priority >= preemptor.priority || !nominee.pod.status?.nominatedNodeName) continue;
      statusApi.patchPodStatus(nominee.pod, { nominatedNodeName: '' }, () => {});
    }
  }

  private evict(preemption: Preemption, victim: PodInfo, done: VictimDone): void {
    const { api } = this.options;
    if (this.preemptInMemory(victim)) {
      this.recordPreempted(preemption, victim, ' (in kube-scheduler memory).');
      done(undefined, true);
      return;
    }
    const gone = (error: ApiError | undefined): boolean => {
      if (error === undefined) return false;
      done(error.reason === 'NotFound' ? undefined : error, false);
      return true;
    };
    const remove = (): void =>
      api.deletePod(victim.pod, (error) => {
        if (gone(error)) return;
        this.recordPreempted(preemption, victim, '');
        done(undefined, false);
      });
    const condition: PodCondition = {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'PreemptionByScheduler',
      message: `${preemption.schedulerName}: preempting to accommodate a higher priority ${preemption.preemptor.kind}`,
    };
    if (hasCondition(victim, condition)) remove();
    else {
      api.patchPodStatus(victim.pod, { condition }, (error) => {
        if (!gone(error)) remove();
      });
    }
  }

  private preemptInMemory(victim: PodInfo): boolean {
    const waiting = this.options.waitingPods.get(victim.uid);
    if (waiting !== undefined) return waiting.preempt(PLUGIN, 'preempted');
    return this.options.cancelBinding(victim.uid, `preempted by ${PLUGIN}`) === true;
  }

  private recordPreempted({ preemptor, schedulerName, nodeName }: Preemption, victim: PodInfo, how: string): void {
    this.options.api.record({
      object: victim.pod,
      type: 'Normal',
      reason: 'Preempted',
      action: 'Preempting',
      note: `Preempted by ${preemptor.kind} ${preemptor.uid} on node ${nodeName}${how}`,
      from: schedulerName,
    });
  }
}

const isMarked = ({ pod }: PodInfo): boolean =>
  pod.status?.conditions?.some(({ type, status }) => type === 'DisruptionTarget' && status === 'True') ?? false;

export function hasCondition({ pod }: PodInfo, wanted: PodCondition): boolean {
  const present = pod.status?.conditions?.find(({ type }) => type === wanted.type);
  return (
    present !== undefined &&
    present.status === wanted.status &&
    (present.reason ?? '') === (wanted.reason ?? '') &&
    (present.message ?? '') === (wanted.message ?? '')
  );
}
