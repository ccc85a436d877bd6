/** The condition of a pod that its kubelet ends. */
import type { PodCondition } from './conditions.ts';
import type { KubeletPodStatus } from './pod-status.ts';
import { Seconds } from './seconds.ts';

export function withDisruption(status: KubeletPodStatus, message: string, nowMs: number): KubeletPodStatus {
  const condition: PodCondition = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'TerminationByKubelet',
    message,
    lastProbeTime: null as never,
    lastTransitionTime: Seconds.of(nowMs) as never,
  };
  if (status.observedGeneration !== undefined) condition.observedGeneration = status.observedGeneration;
  const others = (status.conditions ?? []).filter(({ type }) => type !== condition.type);
  return { ...status, conditions: [...others, condition] };
}
