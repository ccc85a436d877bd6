/** The counts of a StatefulSet. Source: `pkg/controller/statefulset/{stateful_set_control,stateful_set_utils}.go`, v1.37.2. */
import type { Pod } from '../../../api/index.ts';
import { isTerminating } from '../owners.ts';
import type { StatefulSetStatus } from '../types.ts';
import { isAvailable, isCreated, isRunningAndReady, replicasOf, revisionOf, type SetObject } from './identity.ts';

export interface Revisions {
  readonly current: string;
  readonly update: string;
  readonly collisionCount: number;
}

export type Counts = Required<
  Pick<StatefulSetStatus, 'replicas' | 'readyReplicas' | 'availableReplicas' | 'currentReplicas' | 'updatedReplicas'>
>;

export function countsOf(set: SetObject, pods: Iterable<Pod>, { current, update }: Revisions, nowMs: number): Counts {
  const counts = { replicas: 0, readyReplicas: 0, availableReplicas: 0, currentReplicas: 0, updatedReplicas: 0 };
  for (const pod of pods) {
    if (!isCreated(pod)) continue;
    counts.replicas++;
    if (isRunningAndReady(pod)) {
      counts.readyReplicas++;
      if (isAvailable(set, pod, nowMs)) counts.availableReplicas++;
    }
    if (isTerminating(pod)) continue;
    const revision = revisionOf(pod);
    if (revision === current) counts.currentReplicas++;
    if (revision === update) counts.updatedReplicas++;
  }
  return counts;
}

/** Zeros are left out where upstream leaves them out. When all pods are of the new revision, it is the current one. */
export function statusOf(set: SetObject, counts: Counts, revisions: Revisions): StatefulSetStatus {
  const { replicas, readyReplicas, availableReplicas, updatedReplicas } = counts;
  const isComplete = [updatedReplicas, readyReplicas, replicas].every((count) => count === replicasOf(set));
  const currentReplicas = isComplete ? updatedReplicas : counts.currentReplicas;
  return {
    observedGeneration: set.metadata?.generation,
    replicas,
    readyReplicas: readyReplicas || undefined,
    currentReplicas: currentReplicas || undefined,
    updatedReplicas: updatedReplicas || undefined,
    currentRevision: isComplete ? revisions.update : revisions.current,
    updateRevision: revisions.update,
    collisionCount: revisions.collisionCount,
    conditions: set.status?.conditions,
    availableReplicas,
  };
}

const FIELDS = [
  'observedGeneration',
  'replicas',
  'readyReplicas',
  'currentReplicas',
  'updatedReplicas',
  'availableReplicas',
] as const;

export const isSameStatus = (a: StatefulSetStatus | undefined, b: StatefulSetStatus): boolean =>
  FIELDS.every((field) => (a?.[field] ?? 0) === (b[field] ?? 0)) &&
  a?.currentRevision === b.currentRevision &&
  a?.updateRevision === b.updateRevision;
