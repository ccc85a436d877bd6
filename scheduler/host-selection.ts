/**
 * Which of the best nodes is taken. `heap` is what v1.37 does without extenders: the root of a binary max-heap built over
 * the totals in feasible order (`framework/sorted_nodes.go`, Go's `container/heap`), which is deterministic.
 * `first` takes the earliest top scorer in evaluation order; `random` draws among them, as releases up to 1.34 did; `rank`
 * takes the one that comes first in a fixed order of all nodes.
 *
 * Cost: O(n), no allocation once the scratch array is large enough.
 */
import type { Random } from './random.ts';

export type TieBreak = 'heap' | 'first' | 'random' | 'rank';

let scratch = new Int32Array(1024);

/** Index into `totals[0..count)` that upstream's heap would pop first. */
export function heapPick(totals: Float64Array, count: number): number {
  if (scratch.length < count) scratch = new Int32Array(Math.max(count, scratch.length * 2));
  const heap = scratch;
  for (let i = 0; i < count; i++) heap[i] = i;
  for (let top = (count >> 1) - 1; top >= 0; top--) {
    let parent = top;
    for (;;) {
      let child = 2 * parent + 1;
      if (child >= count) break;
      // The left child wins unless the right one is strictly better.
      if (child + 1 < count && totals[heap[child + 1]!]! > totals[heap[child]!]!) child++;
      if (!(totals[heap[child]!]! > totals[heap[parent]!]!)) break;
      const swapped = heap[parent]!;
      heap[parent] = heap[child]!;
      heap[child] = swapped;
      parent = child;
    }
  }
  return heap[0]!;
}

/** Index of the first maximum. */
export function firstPick(totals: Float64Array, count: number): number {
  let best = 0;
  for (let i = 1; i < count; i++) if (totals[i]! > totals[best]!) best = i;
  return best;
}

/** Any of the maxima, each with the same chance. One draw where there is a choice, none where there is not. */
export function randomPick(totals: Float64Array, count: number, random: Random): number {
  const best = firstPick(totals, count);
  let ties = 0;
  for (let i = best; i < count; i++) if (totals[i] === totals[best]) ties++;
  if (ties === 1) return best;
  let skip = random.below(ties);
  for (let i = best; ; i++) if (totals[i] === totals[best] && skip-- === 0) return i;
}

/** The maximum with the lowest rank; the first of those that share it. */
export function rankPick(totals: Float64Array, count: number, rankOf: (index: number) => number): number {
  let best = firstPick(totals, count);
  let lowest = rankOf(best);
  for (let i = best + 1; i < count; i++) {
    if (totals[i] !== totals[best]) continue;
    const rank = rankOf(i);
    if (rank < lowest) {
      lowest = rank;
      best = i;
    }
  }
  return best;
}

/** Stand-ins for totals by which, of two nodes with equal totals, the one with the higher number is better. */
export function ranks(totals: Float64Array, numbers: Float64Array, count: number): Float64Array<ArrayBuffer> {
  const compare = (a: number, b: number): number => totals[a]! - totals[b]! || numbers[a]! - numbers[b]!;
  const order = Array.from({ length: count }, (_, i) => i).sort(compare);
  const result = new Float64Array(count);
  for (let i = 1; i < count; i++) {
    const rank = result[order[i - 1]!]!;
    result[order[i]!] = compare(order[i - 1]!, order[i]!) === 0 ? rank : rank + 1;
  }
  return result;
}

export function pick(
  tieBreak: TieBreak,
  totals: Float64Array,
  count: number,
  random: Random,
  rankOf: (index: number) => number,
): number {
  if (tieBreak === 'first') return firstPick(totals, count);
  if (tieBreak === 'random') return randomPick(totals, count, random);
  if (tieBreak === 'rank') return rankPick(totals, count, rankOf);
  return heapPick(totals, count);
}
