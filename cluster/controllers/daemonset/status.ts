/** The counts of a DaemonSet. Source: `pkg/controller/daemon/daemon_controller.go` (`updateDaemonSetStatus`), v1.37.2. */
import type { Node } from '../../../api/index.ts';
import { isReady } from '../pod-state.ts';
import type { DaemonSet } from '../types.ts';
import { type DaemonPod, isAvailable, isUpdated, oldestFirst, type SetObject } from './daemon-pods.ts';
import type { Fit } from './fit.ts';

type Status = NonNullable<DaemonSet['status']>;

export interface StatusInput {
  readonly set: SetObject;
  readonly hash: string;
  readonly nodes: Iterable<Node>;
  readonly podsOn: ReadonlyMap<string, readonly DaemonPod[]>;
  readonly nowMs: number;
  readonly observedGeneration: number | undefined;
  fitOf(node: Node): Fit;
}

/** Of each node the oldest pod counts. Zeros are left out where upstream leaves them out. */
export function statusOf(input: StatusInput): Status {
  const { set, hash, nodes, podsOn, nowMs, observedGeneration, fitOf } = input;
  const count = { desired: 0, current: 0, misplaced: 0, ready: 0, updated: 0, available: 0 };
  for (const node of nodes) {
    const pods = podsOn.get(node.metadata?.name ?? '');
    const { shouldRun } = fitOf(node);
    if (!shouldRun && pods !== undefined) count.misplaced++;
    if (!shouldRun) continue;
    count.desired++;
    if (pods === undefined) continue;
    count.current++;
    const pod = [...pods].sort(oldestFirst)[0]!;
    if (isReady(pod)) count.ready++;
    if (isAvailable(set, pod, nowMs)) count.available++;
    if (isUpdated(set, pod, hash)) count.updated++;
  }
  return {
    ...set.status,
    currentNumberScheduled: count.current,
    numberMisscheduled: count.misplaced,
    desiredNumberScheduled: count.desired,
    numberReady: count.ready,
    observedGeneration,
    updatedNumberScheduled: count.updated || undefined,
    numberAvailable: count.available || undefined,
    numberUnavailable: count.desired - count.available || undefined,
  };
}

const FIELDS = [
  'currentNumberScheduled',
  'numberMisscheduled',
  'desiredNumberScheduled',
  'numberReady',
  'observedGeneration',
  'updatedNumberScheduled',
  'numberAvailable',
  'numberUnavailable',
] as const;

export const isSameStatus = (a: Status | undefined, b: Status): boolean =>
  FIELDS.every((field) => (a?.[field] ?? 0) === (b[field] ?? 0));
