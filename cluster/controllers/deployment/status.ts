/** Counts and conditions of a Deployment. Source: `pkg/controller/deployment/{sync,progress}.go`, v1.37.2. */
import type { DeploymentCondition, DeploymentStatus } from '../types.ts';
import { boundsOf, type DeploymentObject, type SetObject, sum, wanted } from './bounds.ts';

const NO_DEADLINE_S = 2 ** 31 - 1;

export function isComplete(deployment: DeploymentObject, status: DeploymentStatus): boolean {
  const replicas = wanted(deployment);
  return (
    (status.observedGeneration ?? 0) >= (deployment.metadata?.generation ?? 0) &&
    (status.updatedReplicas ?? 0) === replicas &&
    (status.replicas ?? 0) === replicas &&
    (status.availableReplicas ?? 0) === replicas
  );
}

export const hasDeadline = ({ spec }: DeploymentObject): boolean =>
  spec?.progressDeadlineSeconds !== undefined && spec.progressDeadlineSeconds !== NO_DEADLINE_S;

export function countsOf(
  deployment: DeploymentObject,
  all: readonly SetObject[],
  fresh: SetObject | undefined,
): DeploymentStatus {
  const available = sum(all, ({ status }) => status?.availableReplicas ?? 0);
  const total = sum(all, wanted);
  return {
    observedGeneration: deployment.metadata?.generation,
    replicas: sum(all, ({ status }) => status?.replicas ?? 0) || undefined,
    updatedReplicas: fresh?.status?.replicas || undefined,
    readyReplicas: sum(all, ({ status }) => status?.readyReplicas ?? 0) || undefined,
    availableReplicas: available || undefined,
    unavailableReplicas: Math.max(0, total - available) || undefined,
    terminatingReplicas: sum(all, ({ status }) => status?.terminatingReplicas ?? 0),
    collisionCount: deployment.status?.collisionCount,
  };
}

export function setCondition(
  conditions: readonly DeploymentCondition[],
  condition: Pick<DeploymentCondition, 'type' | 'status' | 'reason' | 'message'>,
  nowMs: number,
): DeploymentCondition[] {
  const before = conditions.find(({ type }) => type === condition.type);
  if (before?.status === condition.status && before.reason === condition.reason) return [...conditions];
  const now = `${new Date(nowMs).toISOString().slice(0, 19)}Z`;
  const lastTransitionTime = before?.status === condition.status ? before.lastTransitionTime : now;
  const others = conditions.filter(({ type }) => type !== condition.type);
  return [...others, { ...condition, lastUpdateTime: now, lastTransitionTime }];
}

export function availability(deployment: DeploymentObject, status: DeploymentStatus) {
  const isEnough = (status.availableReplicas ?? 0) >= wanted(deployment) - boundsOf(deployment).unavailable;
  return isEnough
    ? {
        type: 'Available',
        status: 'True',
        reason: 'MinimumReplicasAvailable',
        message: 'Deployment has minimum availability.',
      }
    : {
        type: 'Available',
        status: 'False',
        reason: 'MinimumReplicasUnavailable',
        message: 'Deployment does not have minimum availability.',
      };
}

/** The conditions after a sync, with the progress that was made since the last one. */
export function progressed(
  deployment: DeploymentObject,
  status: DeploymentStatus,
  all: readonly SetObject[],
  fresh: SetObject | undefined,
  nowMs: number,
): DeploymentCondition[] {
  let conditions = setCondition(deployment.status?.conditions ?? [], availability(deployment, status), nowMs);
  const telling = fresh === undefined ? all : [fresh, ...all];
  const failure = telling.flatMap((set) => set.status?.conditions ?? []).find(({ type }) => type === 'ReplicaFailure');
  if (failure === undefined) conditions = conditions.filter(({ type }) => type !== 'ReplicaFailure');
  else {
    const { type, status: value, reason, message } = failure;
    conditions = setCondition(conditions, { type, status: value, reason, message }, nowMs);
  }
  if (!hasDeadline(deployment)) return conditions.filter(({ type }) => type !== 'Progressing');
  const before = conditions.find(({ type }) => type === 'Progressing');
  const isOver = status.replicas === status.updatedReplicas && before?.reason === 'NewReplicaSetAvailable';
  if (isOver) return conditions;
  const name =
    fresh === undefined ? `Deployment "${deployment.metadata?.name}"` : `ReplicaSet "${fresh.metadata?.name}"`;
  const progress = (value: string, reason: string, message: string): DeploymentCondition[] =>
    setCondition(conditions, { type: 'Progressing', status: value, reason, message: `${name} ${message}` }, nowMs);
  if (isComplete(deployment, status)) return progress('True', 'NewReplicaSetAvailable', 'has successfully progressed.');
  if (hasProgressed(deployment.status ?? {}, status)) {
    // Also where the words stay the same: the deadline counts from here.
    if (before?.status === 'True') conditions = conditions.filter(({ type }) => type !== 'Progressing');
    const next = progress('True', 'ReplicaSetUpdated', 'is progressing.');
    if (before?.status !== 'True') return next;
    return next.map((each) =>
      each.type === 'Progressing' ? { ...each, lastTransitionTime: before.lastTransitionTime } : each,
    );
  }
  if (deadlineMs(deployment, conditions) < nowMs) {
    return progress('False', 'ProgressDeadlineExceeded', 'has timed out progressing.');
  }
  return conditions;
}

function hasProgressed(before: DeploymentStatus, now: DeploymentStatus): boolean {
  const old = (status: DeploymentStatus): number => (status.replicas ?? 0) - (status.updatedReplicas ?? 0);
  return (
    (now.updatedReplicas ?? 0) > (before.updatedReplicas ?? 0) ||
    old(now) < old(before) ||
    (now.readyReplicas ?? 0) > (before.readyReplicas ?? 0) ||
    (now.availableReplicas ?? 0) > (before.availableReplicas ?? 0)
  );
}

const OVER = new Set(['NewReplicaSetAvailable', 'ProgressDeadlineExceeded']);

/** When the time for progress is over; infinity where there is none to be made. */
export function deadlineMs({ spec }: DeploymentObject, conditions: readonly DeploymentCondition[]): number {
  const condition = conditions.find(({ type }) => type === 'Progressing');
  if (condition === undefined || spec?.progressDeadlineSeconds === undefined) return Number.POSITIVE_INFINITY;
  if (OVER.has(condition.reason ?? '')) return Number.POSITIVE_INFINITY;
  return Date.parse(condition.lastUpdateTime as string) + spec.progressDeadlineSeconds * 1000;
}
