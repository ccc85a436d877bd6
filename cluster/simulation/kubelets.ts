/**
 * All kubelets of a simulation: a pod told to end is gone when its grace period is over, and a pod that has a lifetime
 * succeeds when that is over.
 */
import type { Pod } from '../../api/index.ts';
import { type Clock, Lane } from '../../scheduler/clock.ts';
import { type ApiModel, keyOfObject } from './api-model.ts';

export interface KubeletsOptions {
  readonly clock: Clock;
  readonly api: ApiModel;
  /** How long a pod runs once it has started; undefined: until it is deleted. */
  readonly lifetimeMs?: (pod: Pod) => number | undefined;
  /** From the binding to the start of the containers. @default 0 */
  readonly startDelayMs?: number;
  /** Ended pods are taken away at once. @default false: they stay, as `Succeeded` */
  readonly removeEnded?: boolean;
  /** Something was done about the pod. */
  readonly acted?: (podKey: string) => void;
  /** The pod uses its node no more. */
  readonly left?: (pod: Pod, how: Departure) => void;
}

/** By itself, or because it was told to. */
export type Departure = 'ended' | 'terminated';

export class Kubelets {
  private readonly options: KubeletsOptions;

  constructor(options: KubeletsOptions) {
    this.options = options;
  }

  terminating(pod: Pod, graceMs: number): void {
    this.later(pod, graceMs, (key) => {
      if (!this.isSame(pod, key)) return;
      this.options.left?.(pod, 'terminated');
      this.options.api.remove('Pod', key);
    });
  }

  /** The pod is on a node. */
  started(pod: Pod): void {
    const { lifetimeMs, startDelayMs = 0, removeEnded = false, left, api } = this.options;
    const runsMs = lifetimeMs?.(pod);
    if (runsMs === undefined) return;
    this.later(pod, startDelayMs + runsMs, (key) => {
      const running = this.isSame(pod, key);
      if (running === undefined || running.metadata?.deletionTimestamp) return;
      api.replace({ ...running, status: { ...running.status, phase: 'Succeeded' } } as Pod);
      left?.(running, 'ended');
      if (removeEnded) api.remove('Pod', key);
    });
  }

  private later(pod: Pod, delayMs: number, act: (key: string) => void): void {
    const { clock, acted } = this.options;
    const key = keyOfObject({ ...pod, kind: 'Pod' });
    const task = (): void => {
      act(key);
      acted?.(key);
    };
    clock.at(clock.nowMs + delayMs, task, Lane.Component);
  }

  /** The pod as it is now; undefined when it is gone, even if another has its name. */
  private isSame(pod: Pod, key: string): Pod | undefined {
    const now = this.options.api.get('Pod', key) as Pod | undefined;
    return now?.metadata?.uid === pod.metadata?.uid ? now : undefined;
  }
}
