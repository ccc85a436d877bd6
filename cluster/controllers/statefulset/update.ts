/**
 * One pass over the pods of a StatefulSet: what is missing is made, what is surplus goes, and what is old is replaced, in
 * order or all at a time. Source: `pkg/controller/statefulset/stateful_set_control.go`, v1.37.2.
 */
import type { Pod } from '../../../api/index.ts';
import { isTerminating } from '../owners.ts';
import { isFinished } from '../pod-state.ts';
import { type Steps, together } from '../steps.ts';
import {
  identityMatches,
  isAvailable,
  isCreated,
  isInRange,
  isParallel,
  isRunningAndReady,
  isUnavailable,
  ordinalOf,
  plannedPod,
  replicasOf,
  revisionOf,
  type SetObject,
  startOf,
  storageMatches,
} from './identity.ts';
import type { StatefulPods } from './stateful-pods.ts';
import type { Counts, Revisions } from './status.ts';

const BATCH_MAX = 500;

export interface Update {
  readonly pods: StatefulPods;
  readonly set: SetObject;
  /** The set with the template of the current and of the new revision. */
  readonly currentSet: SetObject;
  readonly updateSet: SetObject;
  readonly revisions: Revisions;
  readonly nowMs: number;
}

/** Where the pods of a set are. */
export interface Places {
  /** One for each ordinal; those that are not there are planned. */
  readonly replicas: Pod[];
  /** Too many, the highest ordinal first. */
  readonly condemned: Pod[];
}

export function placesOf(update: Update, pods: readonly Pod[]): Places {
  const { set } = update;
  const start = startOf(set);
  const replicas: Array<Pod | undefined> = new Array(replicasOf(set)).fill(undefined);
  const condemned: Pod[] = [];
  for (const pod of pods) {
    if (isInRange(set, pod)) replicas[ordinalOf(pod) - start] = pod;
    else if (ordinalOf(pod) >= 0) condemned.push(pod);
  }
  condemned.sort((a, b) => ordinalOf(b) - ordinalOf(a));
  return { replicas: replicas.map((pod, i) => pod ?? planned(update, start + i)), condemned };
}

/** Below the partition a pod is made as before. */
function planned({ set, currentSet, updateSet, revisions }: Update, ordinal: number): Pod {
  const { type, rollingUpdate } = set.spec?.updateStrategy ?? {};
  const kept = rollingUpdate === undefined ? (set.status?.currentReplicas ?? 0) : (rollingUpdate.partition ?? 0);
  const isOld = (type === 'RollingUpdate' || rollingUpdate !== undefined) && ordinal < startOf(set) + kept;
  return isOld ? plannedPod(currentSet, ordinal, revisions.current) : plannedPod(updateSet, ordinal, revisions.update);
}

/** Answers true when the rest has to wait. */
type Work = (pod: Pod) => Steps<boolean>;

/** The pods one after the other until one has to be waited for; or 1, 2, 4, … at a time as long as all is well. */
function* forAll(pods: readonly Pod[], isInOrder: boolean, work: Work): Steps<boolean> {
  if (isInOrder) {
    for (const pod of pods) if (yield* work(pod)) return true;
    return false;
  }
  const one = function* (pod: Pod): Steps {
    yield* work(pod);
  };
  for (let next = 0, batch = 1; next < pods.length; batch = Math.min(batch * 2, BATCH_MAX)) {
    const refusals = yield* together(pods.slice(next, next + batch).map(one));
    const refusal = refusals.find((each) => each !== undefined);
    if (refusal !== undefined) throw refusal;
    next += batch;
  }
  return false;
}

/** @returns The deletions for the sake of the update; undefined when the set is not yet as it should be. */
export function* bringAbout(update: Update, { replicas, condemned }: Places): Steps<boolean> {
  const { set, updateSet, pods, nowMs } = update;
  const isInOrder = !isParallel(set);
  if (yield* forAll(replicas, isInOrder, (pod) => bringUp(update, pod))) return false;
  const mendClaims = function* (pod: Pod): Steps<boolean> {
    if (!pods.claimOwnersAreRight(updateSet, pod)) yield* pods.mendClaimOwners(updateSet, pod);
    return false;
  };
  if (yield* forAll(condemned, isInOrder, mendClaims)) return false;
  const ascending = [...replicas, ...[...condemned].reverse()];
  const firstUnavailable = ascending.find((pod) => isUnavailable(set, pod, nowMs));
  return !(yield* forAll(condemned, isInOrder, (pod) => bringDown(update, pod, pod === firstUnavailable)));
}

function* bringUp({ set, updateSet, pods, nowMs }: Update, pod: Pod): Steps<boolean> {
  const isInOrder = !isParallel(set);
  if (isFinished(pod)) {
    if (!isTerminating(pod)) yield* pods.delete(set, pod);
    return true;
  }
  if (!isCreated(pod)) {
    if (!pods.claimIsStale(set, pod)) yield* pods.create(set, pod);
    return true;
  }
  if (pod.status?.phase === 'Pending') yield* pods.createMissingClaims(set, pod);
  const isDone = !isTerminating(pod) && isRunningAndReady(pod) && isAvailable(set, pod, nowMs);
  if (isInOrder && !isDone) return true;
  if (identityMatches(set, pod) && storageMatches(set, pod) && pods.claimOwnersAreRight(updateSet, pod)) return false;
  yield* pods.mend(updateSet, pod);
  return false;
}

function* bringDown({ set, pods, nowMs }: Update, pod: Pod, isFirstUnavailable: boolean): Steps<boolean> {
  const isInOrder = !isParallel(set);
  if (isTerminating(pod)) return isInOrder;
  const isWell = isRunningAndReady(pod) && isAvailable(set, pod, nowMs);
  if (isInOrder && !isWell && !isFirstUnavailable) return true;
  yield* pods.delete(set, pod);
  return true;
}

/** Deletes old pods, the highest ordinal first, as many as may be unavailable. */
export function* replaceOld(update: Update, { replicas }: Places, counts: Counts): Steps {
  const { set, pods, revisions, nowMs } = update;
  const { type, rollingUpdate } = set.spec?.updateStrategy ?? {};
  if (type === 'OnDelete') return;
  const least = rollingUpdate?.partition ?? 0;
  const isOld = (pod: Pod): boolean => revisionOf(pod) !== revisions.update;
  const unavailable = replicas.filter((pod) => isUnavailable(set, pod, nowMs));
  const room = maxUnavailableOf(set) - unavailable.length;
  const stuck = isParallel(set) ? unavailable.filter((pod) => isOld(pod) && !isTerminating(pod)) : [];
  if (room <= 0 && stuck.length === 0) return;
  const candidates = replicas
    .slice(least)
    .reverse()
    .filter((pod) => isOld(pod) && !isTerminating(pod));
  // What is unavailable already costs no availability, where the order does not matter.
  const free = isParallel(set) ? candidates.filter((pod) => !isAvailable(set, pod, nowMs)) : [];
  const others = isParallel(set) ? candidates.filter((pod) => isAvailable(set, pod, nowMs)) : candidates;
  for (const pod of [...free, ...others.slice(0, Math.max(0, room))]) {
    yield* pods.delete(set, pod);
    counts.currentReplicas--;
  }
}

function maxUnavailableOf(set: SetObject): number {
  const value = set.spec?.updateStrategy?.rollingUpdate?.maxUnavailable ?? 1;
  if (typeof value === 'number') return Math.max(1, value);
  return Math.max(1, Math.floor((Number.parseInt(value, 10) * replicasOf(set)) / 100));
}
