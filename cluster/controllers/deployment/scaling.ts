/** How the pods of a Deployment are shared out over its ReplicaSets. Source: `pkg/controller/deployment/{rolling,sync}.go`, v1.37.2. */
import { isTerminating } from '../owners.ts';
import { boundsOf, type DeploymentObject, MAX_REPLICAS, oldestFirst, type SetObject, sum, wanted } from './bounds.ts';

export type Sizes = ReadonlyMap<SetObject, number>;

/** What a ReplicaSet is about to give up does not count, though its status may still say so. */
const available = (set: SetObject): number => Math.min(wanted(set), set.status?.availableReplicas ?? 0);

/** The size of the new ReplicaSet: as much as the surge leaves room for. */
export function newSize(deployment: DeploymentObject, all: readonly SetObject[], current: number): number {
  const room = wanted(deployment) + boundsOf(deployment).surge - sum(all, wanted);
  if (current > wanted(deployment)) return wanted(deployment);
  return room <= 0 ? current : Math.min(wanted(deployment), current + room);
}

/** The sizes of the old ones while the rollout goes on: those that are not healthy go first, then the oldest. */
export function shrunk(deployment: DeploymentObject, old: readonly SetObject[], fresh: SetObject): Sizes {
  const sizes = new Map(old.map((set) => [set, wanted(set)]));
  const total = sum(old, wanted) + wanted(fresh);
  const least = wanted(deployment) - boundsOf(deployment).unavailable;
  const freshMissing = wanted(fresh) - available(fresh);
  let left = total - least - freshMissing;
  if (left <= 0) return sizes;
  const ordered = old.filter((set) => wanted(set) > 0).sort(oldestFirst);
  for (const set of ordered) {
    const count = Math.min(left, Math.max(0, wanted(set) - available(set)));
    sizes.set(set, wanted(set) - count);
    left -= count;
  }
  let spare = sum(old, available) + available(fresh) - least;
  for (const set of ordered) {
    const count = Math.max(0, Math.min(spare, sizes.get(set)!));
    sizes.set(set, sizes.get(set)! - count);
    spare -= count;
  }
  return sizes;
}

/** When the wanted number changes in the middle of a rollout, every ReplicaSet gets its share of the change. */
export function proportional(deployment: DeploymentObject, sets: readonly SetObject[]): Sizes {
  const allowed = wanted(deployment) > 0 ? wanted(deployment) + boundsOf(deployment).surge : 0;
  const active = sets.filter((set) => wanted(set) > 0);
  const change = allowed - sum(active, wanted);
  const growing = change > 0;
  const ordered = [...active].sort(
    (a, b) => wanted(b) - wanted(a) || (growing ? oldestFirst(b, a) : oldestFirst(a, b)),
  );
  let left = change;
  const sizes = new Map(
    ordered.map((set) => {
      const share = left === 0 ? 0 : shareOf(deployment, set, allowed, left);
      left -= share;
      return [set, wanted(set) + share] as const;
    }),
  );
  const first = ordered[0];
  if (first !== undefined) sizes.set(first, Math.max(0, sizes.get(first)! + left));
  return sizes;
}

function shareOf(deployment: DeploymentObject, set: SetObject, allowed: number, left: number): number {
  const before = Number(set.metadata?.annotations?.[MAX_REPLICAS] ?? wanted(deployment)) || wanted(deployment);
  const fraction = Math.round((wanted(set) * allowed) / before) - wanted(set);
  return left > 0 ? Math.min(fraction, left) : Math.max(fraction, left);
}

/** The one ReplicaSet that has pods, or the newest where none has; undefined where several have. */
export function onlyActive(sets: readonly SetObject[], fresh: SetObject | undefined): SetObject | undefined {
  const active = sets.filter((set) => wanted(set) > 0);
  if (active.length === 1) return active[0];
  if (active.length > 1) return undefined;
  return fresh ?? [...sets].sort(oldestFirst).at(-1);
}

/** Old ReplicaSets that the history has no more room for. */
export function superfluous(
  deployment: DeploymentObject,
  old: readonly SetObject[],
  revision: (set: SetObject) => number,
): SetObject[] {
  const limit = deployment.spec?.revisionHistoryLimit ?? 10;
  const alive = old.filter((set) => !isTerminating(set)).sort((a, b) => revision(a) - revision(b));
  return alive
    .slice(0, Math.max(0, alive.length - limit))
    .filter((set) => wanted(set) === 0 && (set.status?.replicas ?? 0) === 0 && isObserved(set));
}

const isObserved = ({ metadata, status }: SetObject): boolean =>
  (status?.observedGeneration ?? 0) >= (metadata?.generation ?? 0);
