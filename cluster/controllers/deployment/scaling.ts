/** How the pods of a Deployment are shared out over its ReplicaSets. Source: `pkg/controller/deployment/{rolling,sync}.go`, v1.37.2. */
import { isTerminating } from '../owners.ts';
import {
  boundsOf,
  countIn,
  type DeploymentObject,
  MAX_REPLICAS,
  oldestFirst,
  type SetObject,
  sum,
  wanted,
} from './bounds.ts';

export type Sizes = ReadonlyMap<SetObject, number>;

/** The size of the new ReplicaSet: as much as the surge leaves room for. */
export function newSize(deployment: DeploymentObject, all: readonly SetObject[], current: number): number {
  const room = wanted(deployment) + boundsOf(deployment).surge - sum(all, wanted);
  if (current > wanted(deployment)) return wanted(deployment);
  return room <= 0 ? current : Math.min(wanted(deployment), current + room);
}

const least = (deployment: DeploymentObject): number => wanted(deployment) - boundsOf(deployment).unavailable;

/** How many pods may go altogether: those that the new ReplicaSet lacks are missing already. */
const spareOf = (deployment: DeploymentObject, all: readonly SetObject[], fresh: SetObject): number =>
  sum(all, wanted) - least(deployment) - (wanted(fresh) - (fresh.status?.availableReplicas ?? 0));

export const mayShrink = (deployment: DeploymentObject, all: readonly SetObject[], fresh: SetObject): boolean =>
  spareOf(deployment, all, fresh) > 0;

/**
 * The sizes of the old ones, the oldest first to lose what is not available. A ReplicaSet whose status still tells of
 * more available pods than it wants ends the list: the rest waits until the status is of today.
 */
export function withoutUnavailable(deployment: DeploymentObject, old: SetObject[], fresh: SetObject): number[] {
  let left = spareOf(deployment, [...old, fresh], fresh);
  old.sort(oldestFirst);
  const sizes: number[] = [];
  for (const set of old) {
    const missing = wanted(set) - (set.status?.availableReplicas ?? 0);
    if (left > 0 && missing < 0) return sizes;
    const count = Math.max(0, Math.min(left, missing));
    left -= count;
    sizes.push(wanted(set) - count);
  }
  return sizes;
}

/** The sizes of the old ones, the oldest first to lose what may be missing. */
export function withoutSurplus(deployment: DeploymentObject, old: SetObject[], fresh: SetObject): number[] {
  let left = sum([...old, fresh], ({ status }) => status?.availableReplicas ?? 0) - least(deployment);
  return old.map((set) => {
    const count = Math.max(0, Math.min(left, wanted(set)));
    left -= count;
    return wanted(set) - count;
  });
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
      const share = left === 0 ? 0 : shareOf(deployment, set, left, growing);
      left -= share;
      return [set, wanted(set) + share] as const;
    }),
  );
  const first = ordered[0];
  if (first !== undefined) sizes.set(first, Math.max(0, sizes.get(first)! + left));
  return sizes;
}

function shareOf(deployment: DeploymentObject, set: SetObject, left: number, growing: boolean): number {
  const fraction = fractionOf(deployment, set);
  return growing ? Math.min(fraction, left) : Math.max(fraction, left);
}

/** As the whole changed since the ReplicaSet was last sized. */
function fractionOf(deployment: DeploymentObject, set: SetObject): number {
  const total = wanted(deployment);
  if (total === 0) return -wanted(set);
  const before = countIn(set, MAX_REPLICAS) || (deployment.status?.replicas ?? 0);
  if (before === 0) return 0;
  return Math.round((wanted(set) * (total + boundsOf(deployment).surge)) / before) - wanted(set);
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
