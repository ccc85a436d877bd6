/**
 * Which of the best nodes is taken, found through the index. The best nodes are those in marked buckets.
 *
 * Heap rule (`host-selection.ts`): the winner comes first in pre-order of the implicit binary tree over the feasible list.
 * Within one level of the tree, pre-order is the order of the list, so that only the first of the best nodes of each
 * level can win: O(log n) looks at the index instead of one at every best node.
 */
import type { Cluster } from '../cluster.ts';
import type { TieBreak } from '../host-selection.ts';
import type { Random } from '../random.ts';
import type { ClassIndex } from './class-index.ts';
import type { ClassState } from './class-state.ts';
import type { FeasibleList } from './feasible-view.ts';

/** Returns a position. `start` is where the feasible list begins; `isRejected` names the groups that are not on it. */
export type TiePicker = (state: ClassState, start: number, ties: number, isRejected: Uint8Array) => number;

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
      return pickByHeap;
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

function pickByHeap(state: ClassState, start: number, ties: number, isRejected: Uint8Array): number {
  const { index } = state;
  if (ties === 1) return nextAround(index, start, start);
  const view = state.viewWithout(isRejected);
  view.startAt(start);
  let chosen = -1;
  /** How far into its level the best so far is, as a fraction. */
  let depthFirst = Number.POSITIVE_INFINITY;
  for (let level = 0; (1 << level) - 1 < view.count; level++) {
    const size = 1 << level;
    const from = view.levelStart(level);
    const isLast = 2 * size - 1 >= view.count;
    const until = isLast ? start : view.levelStart(level + 1);
    const found = nextAround(index, from, until);
    if (found < 0) continue;
    if (found === from) return found;
    const fraction = (view.place(found) - (size - 1)) / size;
    if (fraction < depthFirst) {
      depthFirst = fraction;
      chosen = found;
    }
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

/**
 * As `pickByHeap`, where ranks are not kept per start: over the outcome of a single pass, or of a limited search, whose list
 * is the first `count` feasible nodes from `start` and ends before the position `end`.
 */
export function heapBest(nodes: RankedNodes, start: number, end = start, count = nodes.feasibleCount): number {
  const { feasibleCount, nodeCount } = nodes;
  const before = nodes.rank(start);
  const at = (place: number): number => nodes.select((place + before) % feasibleCount);
  let chosen = -1;
  let least = Number.POSITIVE_INFINITY;
  for (let level = 0; (1 << level) - 1 < count; level++) {
    const size = 1 << level;
    const from = at(size - 1);
    const until = 2 * size - 1 >= count ? end : at(2 * size - 1);
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

/** A limited search as `heapBest` sees it: the best nodes are those in marked buckets. */
export class RankedWindow implements RankedNodes {
  private index!: ClassIndex;
  private view!: FeasibleList;

  begin(index: ClassIndex, view: FeasibleList): void {
    this.index = index;
    this.view = view;
  }

  get nodeCount(): number {
    return this.index.nodeCount;
  }
  get feasibleCount(): number {
    return this.view.count;
  }
  rank(position: number): number {
    return this.view.rank(position);
  }
  select(k: number): number {
    return this.view.select(k);
  }
  nextBest(from: number, end: number): number {
    return this.index.next(from, end);
  }
}
