/**
 * A node that goes down in good order: its pods end first, the critical ones last. Source:
 * `pkg/kubelet/nodeshutdown/nodeshutdown_manager.go`, v1.37.2.
 */
import type { Pod } from '../../api/index.ts';
import { Lane } from '../../scheduler/clock.ts';
import { withDisruption } from './disruption.ts';
import type { Kubelet } from './kubelet.ts';
import type { KubeletPodStatus } from './pod-status.ts';

/** Of `system-cluster-critical`. */
const CRITICAL_PRIORITY = 2_000_000_000;
const POLL_MS = 500;
const MESSAGE = 'Pod was terminated in response to imminent node shutdown.';

export const isCritical = ({ spec }: Pod): boolean => (spec?.priority ?? 0) >= CRITICAL_PRIORITY;

export class Shutdown {
  private readonly kubelet: Kubelet;
  private readonly done: () => void;

  constructor(kubelet: Kubelet, done: () => void) {
    this.kubelet = kubelet;
    this.done = done;
  }

  begin(): void {
    const { shutdownGraceS, shutdownGraceCriticalS } = this.kubelet.settings;
    this.end(false, shutdownGraceS - shutdownGraceCriticalS, () => this.end(true, shutdownGraceCriticalS, this.done));
  }

  /** A group ends: on to the next one when it has, or when its time is over. */
  private end(wantsCritical: boolean, graceS: number, next: () => void): void {
    const { kubelet } = this;
    const { clock } = kubelet;
    const group = [...kubelet.activeWorkers()].filter(({ pod }) => isCritical(pod) === wantsCritical);
    const change = (status: KubeletPodStatus): KubeletPodStatus =>
      withDisruption(
        {
          ...status,
          phase: status.phase === 'Succeeded' ? 'Succeeded' : 'Failed',
          reason: 'Terminated',
          message: MESSAGE,
        },
        MESSAGE,
        kubelet.clock.nowMs,
      );
    for (const worker of group) {
      const ownS = worker.pod.spec?.terminationGracePeriodSeconds;
      worker.terminate({ graceS: ownS === undefined ? graceS : Math.min(graceS, ownS), change });
    }
    const untilMs = clock.nowMs + graceS * 1000;
    const look = (): void => {
      if (clock.nowMs >= untilMs || group.every(({ isActive }) => !isActive)) next();
      else clock.at(Math.min(clock.nowMs + POLL_MS, untilMs), look, Lane.Component);
    };
    look();
  }
}
