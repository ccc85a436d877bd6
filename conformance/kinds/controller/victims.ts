/**
 * Which pods were deleted, where several may be: those of one class in any order, the classes one after the other; or those
 * of the nodes that had the most.
 */
import type { Projected, Scenario, State } from './scenario.ts';

const isActive = (object: Projected | undefined): boolean =>
  object !== undefined &&
  object.metadata.deletionTimestamp === undefined &&
  object.status?.phase !== 'Failed' &&
  object.status?.phase !== 'Succeeded';

const nodeOf = ({ spec }: Projected): string => String(spec?.nodeName ?? '');

/** What is wrong with the pods that went in each step; undefined where nothing is. */
export function* wrongVictims({ compare, victimClasses = [] }: Scenario, states: readonly State[]) {
  let before: State = {};
  const seen = new Set<string>();
  for (const state of states) {
    for (const key of Object.keys(state)) seen.add(key);
    if (compare === 'victims') yield outOfTurn(victimClasses, seen, state);
    else if (compare === 'victims-by-node') yield fromEmptierNode(before, state);
    else yield undefined;
    before = state;
  }
}

function outOfTurn(
  classes: ReadonlyArray<readonly string[]>,
  seen: ReadonlySet<string>,
  state: State,
): string | undefined {
  let waiting: string | undefined;
  for (const names of classes) {
    const known = names.filter((name) => seen.has(`Pod/${name}`));
    const gone = known.find((name) => !isActive(state[`Pod/${name}`]));
    if (waiting !== undefined && gone !== undefined) return `${gone} went before ${waiting}`;
    waiting ??= known.find((name) => isActive(state[`Pod/${name}`]));
  }
  return undefined;
}

function fromEmptierNode(before: State, state: State): string | undefined {
  const pods = Object.entries(before).filter(([key, pod]) => key.startsWith('Pod/') && isActive(pod));
  const counts = new Map<string, number>();
  for (const [, pod] of pods) counts.set(nodeOf(pod), (counts.get(nodeOf(pod)) ?? 0) + 1);
  const rank = (pod: Projected): number => counts.get(nodeOf(pod))!;
  const gone = pods.filter(([key]) => !isActive(state[key]));
  const left = pods.filter(([key]) => isActive(state[key]));
  const fullest = Math.max(0, ...left.map(([, pod]) => rank(pod)));
  const [wrong] = gone.filter(([, pod]) => rank(pod) < fullest);
  return wrong && `${wrong[0]} went from a node with ${rank(wrong[1])} of up to ${fullest}`;
}
