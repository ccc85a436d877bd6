/**
 * For the heap rule: the first of the best nodes on each level of the tree, kept from pick to pick. The node that was taken
 * leaves the best ones, and few others join them, so that the next pick goes on where this one ended instead of looking at
 * every level again.
 *
 * Layout: at most 20 kB per feasible list. Cost: a step per level, a look at each node that has changed since, and a search on the
 * levels whose first node has gone.
 */
import type { Cluster } from '../cluster.ts';
import type { ClassIndex } from './class-index.ts';
import type { FeasibleList } from './feasible-view.ts';

const LEVELS = 32;
const NONE = -1;
/** Lists and buckets that come back in turns. */
const SLOTS = 32;
const FIRSTS_BYTES = 600;
/** A new start looks at every level once. */
const CHANGES_MAX = 100;
/** Where one start after the other comes to nothing, so many picks do without. */
const PICKS_WITHOUT = 31;
const TRUST_MAX = 8;

/** The best nodes of a cycle: those of these feasible nodes that are in marked buckets. */
export interface BestNodes {
  readonly index: ClassIndex;
  readonly list: FeasibleList;
  /** Tells lists apart that are kept in one place. */
  readonly listKey: number;
  /** Where the list starts. */
  readonly start: number;
  readonly cluster: Pick<Cluster, 'changes' | 'position'>;
}

/** What is kept of the last picks from some lists. */
export class PickMemory {
  private readonly slots: Array<LevelFirsts | undefined> = new Array(SLOTS);
  private count = 0;
  /** Below 0 where what was kept was of no use of late. */
  private trust = 0;
  private picksWithout = 0;

  get bytes(): number {
    return SLOTS * 8 + this.count * FIRSTS_BYTES;
  }

  /** A list has changed. */
  forget(): void {
    if (this.count === 0) return;
    for (let slot = 0; slot < SLOTS; slot++) this.slots[slot]?.forget();
  }

  /** The position that comes first in pre-order; −1 where it is not worth while to keep anything. */
  pick(best: BestNodes): number {
    const slot = (best.index.firstMark + Math.imul(best.listKey, 0x9e3779b1)) & (SLOTS - 1);
    const known = this.slots[slot];
    if (known?.isOf(best) === true) {
      if (this.trust < TRUST_MAX) this.trust++;
      return known.pickNext(best);
    }
    if (this.trust < 0 && this.picksWithout-- > 0) return NONE;
    const first = firstOfLevels(best);
    if (first >= 0) return first;
    this.picksWithout = PICKS_WITHOUT;
    if (this.trust >= 0) this.trust--;
    if (known !== undefined) return known.pickFirst(best);
    const firsts = new LevelFirsts();
    this.slots[slot] = firsts;
    this.count++;
    return firsts.pickFirst(best);
  }
}

const lastLevelOf = ({ count }: FeasibleList): number => 31 - Math.clz32(count);

/** Pre-order begins with the first place of each level. −1 where none of them is one of the best. */
function firstOfLevels({ index, list }: BestNodes): number {
  const lastLevel = lastLevelOf(list);
  for (let level = 0; level <= lastLevel; level++) {
    const first = list.levelStart(level);
    if (index.has(first)) return first;
  }
  return NONE;
}

class LevelFirsts {
  /** Position of the first of the best nodes on the level; `NONE` where none has been found. */
  private readonly found = new Int32Array(LEVELS).fill(NONE);
  /** How far into the level it is; where there is none, as far as has been searched. */
  private readonly offset = new Int32Array(LEVELS);
  /** Where the search goes on. */
  private readonly resumeAt = new Int32Array(LEVELS);
  private marks = new Int32Array(0);
  private marksCount = 0;
  private start = NONE;
  private listKey = 0;
  private seenChanges = 0;

  forget(): void {
    this.start = NONE;
  }

  isOf({ index, listKey, start, cluster }: BestNodes): boolean {
    return (
      this.start === start &&
      this.listKey === listKey &&
      cluster.changes.sequence - this.seenChanges <= CHANGES_MAX &&
      index.isMarking(this.marks, this.marksCount)
    );
  }

  /** None of the first places of levels is one of the best. */
  pickFirst(best: BestNodes): number {
    const { index, list, listKey, start, cluster } = best;
    const lastLevel = lastLevelOf(list);
    this.start = start;
    this.listKey = listKey;
    this.seenChanges = cluster.changes.sequence;
    if (this.marks.length < index.markedCount) this.marks = new Int32Array(2 * index.markedCount);
    this.marksCount = index.copyMarks(this.marks);
    for (let level = 0; level <= lastLevel; level++) {
      this.found[level] = NONE;
      this.offset[level] = 1;
      const next = list.levelStart(level) + 1;
      this.resumeAt[level] = next < index.nodeCount ? next : 0;
    }
    return this.walk(best, lastLevel);
  }

  pickNext(best: BestNodes): number {
    this.takeIn(best);
    return this.walk(best, lastLevelOf(best.list));
  }

  /** Nodes that have changed may be among the best by now. */
  private takeIn({ index, list, cluster: { changes, position } }: BestNodes): void {
    const { sequence } = changes;
    for (let at = this.seenChanges; at < sequence; at++) {
      const changed = position[changes.at(at)]!;
      if (!index.has(changed)) continue;
      const place = list.place(changed);
      const level = 31 - Math.clz32(place + 1);
      const offset = place + 1 - (1 << level);
      if (offset >= this.offset[level]!) continue;
      this.found[level] = changed;
      this.offset[level] = offset;
    }
    this.seenChanges = sequence;
  }

  private walk(best: BestNodes, lastLevel: number): number {
    const { index, list } = best;
    const { offset } = this;
    let chosen = NONE;
    /** How far into its level the best so far is. */
    let fraction = 1;
    for (let level = lastLevel; level >= 0; level--) {
      const size = 1 << level;
      const places = level === lastLevel ? list.count - (size - 1) : size;
      // Of places straight below each other the upper one goes first.
      const furthest = chosen < 0 ? places - 1 : Math.floor(fraction * size);
      let found = this.found[level]!;
      if (found >= 0 && !index.has(found)) {
        this.pass(level, found, index.nodeCount);
        found = NONE;
      }
      if (offset[level]! > furthest) continue;
      if (found < 0) found = this.search(best, level, furthest, level === lastLevel && furthest === places - 1);
      if (found < 0) continue;
      fraction = offset[level]! / size;
      chosen = found;
    }
    return chosen;
  }

  /** The node is no longer one of the best. */
  private pass(level: number, position: number, nodeCount: number): void {
    this.found[level] = NONE;
    this.offset[level]!++;
    this.resumeAt[level] = position + 1 < nodeCount ? position + 1 : 0;
  }

  /** @param isToEnd Whether the places from here on are the last of the list. */
  private search({ index, list, start }: BestNodes, level: number, furthest: number, isToEnd: boolean): number {
    const from = this.resumeAt[level]!;
    const until = isToEnd ? start : list.at((1 << level) + furthest);
    const found = from < until ? index.next(from, until) : nextOver(index, from, until);
    this.found[level] = found;
    this.offset[level] = found < 0 ? furthest + 1 : list.place(found) + 1 - (1 << level);
    if (found < 0) this.resumeAt[level] = until;
    return found;
  }
}

/** The first marked position from `from` over the last one to before `until`. */
function nextOver(index: ClassIndex, from: number, until: number): number {
  const found = index.next(from, index.nodeCount);
  return found >= 0 || until === 0 ? found : index.next(0, until);
}
