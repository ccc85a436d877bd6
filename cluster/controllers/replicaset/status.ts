/** The counts of a ReplicaSet. Source: `pkg/controller/replicaset/replica_set_utils.go`, v1.37.2. */
import type { Pod } from '../../../api/index.ts';
import { isTerminating } from '../owners.ts';
import { isActive, isFinished, isReady, untilAvailableMs } from '../pod-state.ts';
import type { ReplicaSet, ReplicaSetStatus } from '../types.ts';

export interface Counted {
  readonly status: ReplicaSetStatus;
  /** When the next ready pod becomes available; infinity when none will. */
  readonly nextAvailableMs: number;
}

/** @param failure What went wrong on the way; undefined when nothing did. */
export function statusOf(
  set: ReplicaSet,
  pods: readonly Pod[],
  failure: { readonly reason: string; readonly message: string } | undefined,
  nowMs: number,
): Counted {
  const { minReadySeconds = 0, template } = set.spec ?? {};
  const wanted = Object.entries(template?.metadata?.labels ?? {});
  let nextAvailableMs = Number.POSITIVE_INFINITY;
  const count = { replicas: 0, labelled: 0, ready: 0, available: 0, terminating: 0 };
  for (const pod of pods) {
    if (isTerminating(pod) && !isFinished(pod)) count.terminating++;
    if (!isActive(pod)) continue;
    count.replicas++;
    if (wanted.every(([key, value]) => pod.metadata?.labels?.[key] === value)) count.labelled++;
    if (!isReady(pod)) continue;
    count.ready++;
    const waitMs = untilAvailableMs(pod, minReadySeconds, nowMs);
    if (waitMs === 0) count.available++;
    else nextAvailableMs = Math.min(nextAvailableMs, nowMs + waitMs);
  }
  const conditions = conditionsOf(set, failure, nowMs);
  // Zeros and empty lists are left out, as upstream writes it.
  const status: ReplicaSetStatus = {
    replicas: count.replicas,
    fullyLabeledReplicas: count.labelled || undefined,
    readyReplicas: count.ready || undefined,
    availableReplicas: count.available || undefined,
    terminatingReplicas: count.terminating,
    observedGeneration: set.metadata?.generation,
    conditions: conditions.length > 0 ? conditions : undefined,
  };
  return { status, nextAvailableMs };
}

function conditionsOf(
  { status }: ReplicaSet,
  failure: { readonly reason: string; readonly message: string } | undefined,
  nowMs: number,
): NonNullable<ReplicaSetStatus['conditions']> {
  const before = status?.conditions ?? [];
  const known = before.find(({ type }) => type === 'ReplicaFailure');
  if (failure === undefined) return before.filter((condition) => condition !== known);
  // The first reason stays until all is well again.
  if (known !== undefined) return before;
  const lastTransitionTime = `${new Date(nowMs).toISOString().slice(0, 19)}Z`;
  return [...before, { type: 'ReplicaFailure', status: 'True', ...failure, lastTransitionTime }];
}

const COUNTS = [
  'replicas',
  'fullyLabeledReplicas',
  'readyReplicas',
  'availableReplicas',
  'terminatingReplicas',
  'observedGeneration',
] as const;

export const isSameStatus = (a: ReplicaSetStatus | undefined, b: ReplicaSetStatus): boolean =>
  COUNTS.every((field) => (a?.[field] ?? 0) === (b[field] ?? 0)) &&
  a?.terminatingReplicas !== undefined &&
  JSON.stringify(a.conditions ?? []) === JSON.stringify(b.conditions ?? []);
