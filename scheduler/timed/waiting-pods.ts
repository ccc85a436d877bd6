/**
 * Pods that a Permit plugin makes wait after they were assumed. Source: `framework/runtime/waiting_pods_map.go`, v1.37.2.
 * The first answer wins: all plugins allow, one rejects, a preemptor takes the room, or the time is over.
 */
import type { Cancel, Clock } from '../clock.ts';
import { permitTimeout } from '../cycle-steps.ts';
import type { PodInfo, Status } from '../plugin.ts';

/** Undefined lets the pod go on. `plugin` is whoever ended the wait. */
export type PermitAnswer = (status: Status | undefined, plugin: string) => void;

export class WaitingPod {
  readonly pod: PodInfo;
  private readonly timers: Map<string, Cancel>;
  private answer: PermitAnswer | undefined;
  private ended: { readonly status: Status | undefined; readonly plugin: string } | undefined;
  private readonly leave: () => void;

  constructor(pod: PodInfo, waits: ReadonlyMap<string, number>, clock: Clock, leave: () => void) {
    this.pod = pod;
    this.leave = leave;
    this.timers = new Map(
      [...waits].map(([plugin, timeoutMs]) => [
        plugin,
        clock.timer(clock.nowMs + timeoutMs, () => this.end(permitTimeout(plugin, timeoutMs), plugin)),
      ]),
    );
  }

  get pendingPlugins(): string[] {
    return [...this.timers.keys()];
  }

  /** Calls back with the outcome, at once if there is one. */
  onEnd(answer: PermitAnswer): void {
    this.answer = answer;
    if (this.ended !== undefined) this.finish();
  }

  allow(plugin: string): void {
    this.timers.get(plugin)?.();
    this.timers.delete(plugin);
    if (this.timers.size === 0) this.end(undefined, plugin);
  }

  reject(plugin: string, message: string): boolean {
    return this.end({ code: 'Unschedulable', reasons: [message] }, plugin);
  }

  /** An Error, not a rejection: the pod is to be tried again. */
  preempt(plugin: string, message: string): boolean {
    return this.end({ code: 'Error', reasons: [message] }, plugin);
  }

  private end(status: Status | undefined, plugin: string): boolean {
    if (this.ended !== undefined) return false;
    this.ended = { status, plugin };
    for (const cancel of this.timers.values()) cancel();
    this.finish();
    return true;
  }

  private finish(): void {
    if (this.answer === undefined) return;
    this.leave();
    this.answer(this.ended!.status, this.ended!.plugin);
  }
}

export class WaitingPods {
  private readonly pods = new Map<string, WaitingPod>();
  private readonly clock: Clock;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  get size(): number {
    return this.pods.size;
  }

  add(pod: PodInfo, waits: ReadonlyMap<string, number>): WaitingPod {
    const waiting = new WaitingPod(pod, waits, this.clock, () => this.pods.delete(pod.uid));
    this.pods.set(pod.uid, waiting);
    return waiting;
  }

  get(uid: string): WaitingPod | undefined {
    return this.pods.get(uid);
  }

  list(): WaitingPod[] {
    return [...this.pods.values()];
  }
}
