/**
 * Which of the best nodes is taken, found through the index. The best nodes are those in marked buckets.
 *
 * Heap rule (`host-selection.ts`): the winner comes first in pre-order of the implicit binary tree over the feasible list.
 * Within one level of the tree, pre-order is the order of the list, so that only the first of the best nodes of each
 * level can win, and what is found on one level bounds the search on the others: O(log n) short looks at the index.
 */
import type { Cluster } from '../cluster.ts';
import type { TieBreak } from '../host-selection.ts';
import type { Random } from '../random.ts';
import type { ClassIndex } from './class-index.ts';
import type { FeasibleList } from './feasible-view.ts';
import type { GroupPass } from './group-pass.ts';
import type { NodeIndex } from './node-index.ts';

/** Returns a position. `start` is where the feasible list begins; the pass knows which groups are not on it. */
export type TiePicker = (nodes: NodeIndex, start: number, ties: number, pass: GroupPass) => number;

export interface TieOptions {
  readonly cluster: Cluster;
  readonly tieBreak: TieBreak;
  readonly random: Random;
  readonly nodeRank?: (nodeName: string) => number;
}

/**
 * Orders places of a list as pre-order does: how far to the right in its level the place is, as a fraction, and for
 * places straight below each other the upper one first.
 */
export function heapKey(place: number): number {
  const level = 31 - Math.clz32(place + 1);
  return (place + 1) * LEVEL_UNIT[level]! + level;
}

/** What a place of each level is worth, so that a level spans from 2^40 to 2^41. */
const LEVEL_UNIT = Float64Array.from({ length: 32 }, (_, level) => 2 ** (40 - level));

export function tiePicker({ cluster, tieBreak, random, nodeRank }: TieOptions): TiePicker {
  switch (tieBreak) {
    case 'first':
      return ({ index }, start) => nextAround(index, start, start);
    case 'random':
      return ({ index }, start, ties) => nthAround(index, start, ties === 1 ? 0 : random.below(ties));
    case 'rank':
      return ({ index }, start, ties) =>
        lowestRank(index, start, ties, (position) => nodeRank?.(cluster.nodeName(cluster.order[position]!)) ?? 0);
    case 'heap':
      return (nodes, start, ties, pass) => pickByHeap(cluster, nodes, start, ties, pass);
  }
}

/** The first marked position from `from` around to `until`, which is not included; the whole circle when they are equal. */
export function nextAround(index: ClassIndex, from: number, until: number): number {
  if (from < until) return index.next(from, until);
  const found = index.next(from, index.nodeCount);
  return found >= 0 || until === 0 ? found : index.next(0, until);
}

function nthAround(index: ClassIndex, start: number, n: number): number {
  let position = nextAround(index, start, start);
  for (let i = 0; i < n; i++) position = nextAround(index, (position + 1) % index.nodeCount, start);
  return position;
}

function lowestRank(index: ClassIndex, start: number, ties: number, rankOf: (position: number) => number): number {
  let position = nextAround(index, start, start);
  let best = position;
  let lowest = rankOf(position);
  for (let i = 1; i < ties; i++) {
    position = nextAround(index, (position + 1) % index.nodeCount, start);
    const rank = rankOf(position);
    if (rank < lowest) {
      lowest = rank;
      best = position;
    }
  }
  return best;
}

function pickByHeap(
  cluster: Cluster,
  { index, lists }: NodeIndex,
  start: number,
  ties: number,
  pass: GroupPass,
): number {
  if (ties === 1) return nextAround(index, start, start);
  const list = lists.without(pass.isRejected, pass.rejectedCount);
  list.startAt(start);
  const listKey = list.key;
  const first = listKey < 0 ? -1 : list.memory.pick({ index, list, listKey, start, cluster });
  if (first >= 0) return first;
  return firstInPreOrder(index, list, start, list.count, start);
}

/**
 * The marked node that comes first in pre-order among the first `count` entries of a list that begins at `start`; `end` is
 * the position of the entry after these. −1 when there is none.
 */
export function firstInPreOrder(
  index: ClassIndex,
  list: FeasibleList,
  start: number,
  count: number,
  end: number,
): number {
  if (list.count === index.nodeCount) return firstFromAll(index, start, count);
  list.startAt(start);
  // Pre-order begins with the first place of each level.
  const lastLevel = 31 - Math.clz32(count);
  for (let level = 0; level <= lastLevel; level++) {
    const first = list.levelStart(level);
    if (index.has(first)) return first;
  }
  return firstBelow(index, list, count, end);
}

/** As below, where all nodes are feasible: places and positions are the same but for the start. */
function firstFromAll(index: ClassIndex, start: number, count: number): number {
  const { nodeCount } = index;
  const lastLevel = 31 - Math.clz32(count);
  for (let level = 0; level <= lastLevel; level++) {
    const first = start + (1 << level) - 1;
    const position = first < nodeCount ? first : first - nodeCount;
    if (index.has(position)) return position;
  }
  let chosen = -1;
  let fraction = 1;
  for (let level = lastLevel; level > 0; level--) {
    const size = 1 << level;
    const places = level === lastLevel ? count - (size - 1) : size;
    const furthest = chosen < 0 ? places - 1 : Math.floor(fraction * size);
    if (furthest < 1) {
      if (chosen < 0) continue;
      break;
    }
    const from = start + size;
    const place = nextFrom(index, from, from + furthest);
    if (place < 0) continue;
    fraction = (place - from + 1) / size;
    chosen = place < nodeCount ? place : place - nodeCount;
  }
  return chosen;
}

/** The first marked position in [from, until), where positions beyond the last go on with the first. */
function nextFrom(index: ClassIndex, from: number, until: number): number {
  const { nodeCount } = index;
  if (until <= nodeCount) return index.next(from, until);
  if (from < nodeCount) {
    const found = index.next(from, nodeCount);
    if (found >= 0) return found;
  }
  const found = index.next(Math.max(0, from - nodeCount), until - nodeCount);
  return found < 0 ? -1 : found + nodeCount;
}

/**
 * From the lowest level up: what has been found bounds how far into the next level a node may lie to go before it, as the
 * upper one does where both lie equally far.
 */
function firstBelow(index: ClassIndex, list: FeasibleList, count: number, end: number): number {
  let chosen = -1;
  /** How far into its level the best so far is, as a fraction. */
  let fraction = 1;
  const lastLevel = 31 - Math.clz32(count);
  for (let level = lastLevel; level > 0; level--) {
    const size = 1 << level;
    const places = level === lastLevel ? count - (size - 1) : size;
    // The first place is known not to be one of the best.
    const furthest = chosen < 0 ? places - 1 : Math.floor(fraction * size);
    if (furthest < 1) {
      if (chosen < 0) continue;
      break;
    }
    const next = list.levelStart(level) + 1;
    const from = next < index.nodeCount ? next : 0;
    let until = end;
    if (furthest < places - 1) until = list.at(size + furthest);
    else if (level < lastLevel) until = list.levelStart(level + 1);
    const found = nextAround(index, from, until);
    if (found < 0) continue;
    fraction = (list.place(found) - (size - 1)) / size;
    chosen = found;
  }
  return chosen;
}

/** What the heap rule needs to know of the nodes, by position. */
export interface RankedNodes {
  readonly nodeCount: number;
  readonly feasibleCount: number;
  /** Feasible nodes before the position. */
  rank(position: number): number;
  /** Position of the k-th feasible node. */
  select(k: number): number;
  /** The first of the best nodes in [from, end); −1 when there is none. */
  nextBest(from: number, end: number): number;
}

/** As `pickByHeap`, over the outcome of a single pass. */
export function heapBest(nodes: RankedNodes, start: number): number {
  const { feasibleCount, nodeCount } = nodes;
  const before = nodes.rank(start);
  const at = (place: number): number => nodes.select((place + before) % feasibleCount);
  let chosen = -1;
  let least = Number.POSITIVE_INFINITY;
  for (let level = 0; (1 << level) - 1 < feasibleCount; level++) {
    const size = 1 << level;
    const from = at(size - 1);
    const until = 2 * size - 1 >= feasibleCount ? start : at(2 * size - 1);
    let found = nodes.nextBest(from, from < until ? until : nodeCount);
    if (found < 0 && from >= until) found = nodes.nextBest(0, until);
    if (found < 0) continue;
    if (found === from) return found;
    const turned = nodes.rank(found) - before;
    const fraction = ((turned < 0 ? turned + feasibleCount : turned) - (size - 1)) / size;
    if (fraction < least) {
      least = fraction;
      chosen = found;
    }
  }
  return chosen;
}
