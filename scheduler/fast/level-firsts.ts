/**
 * For the heap rule: the first of the best nodes on each level of the tree, kept from pick to pick. The node that was taken
 * leaves the best ones, and few others join them, so that the next pick goes on where this one ended instead of looking at
 * every level again.
 *
 * Layout: 400 bytes per feasible list. Cost: a step per level, a look at each node that has changed since, and a search on the
 * levels whose first node has gone.
 */
import type { ChangeLog } from '../change-log.ts';
import type { ClassIndex } from './class-index.ts';
import type { FeasibleList } from './feasible-view.ts';

const LEVELS = 32;
const MEMORY_SLOTS = 16;
export const FIRSTS_BYTES = 600;
const NONE = -1;
/** A new start looks at every level once. */
const CHANGES_MAX = 100;
/** Where one start after the other comes to nothing, so many picks do without. */
const PICKS_WITHOUT = 15;
const TRUST_MAX = 4;

export class LevelFirsts {
  /** Position of the first of the best nodes on the level; `NONE` where none has been found. */
  private readonly found = new Int32Array(LEVELS).fill(NONE);
  /** How far into the level it is; where there is none, as far as has been searched. */
  private readonly offset = new Int32Array(LEVELS);
  /** Where the search goes on. */
  private readonly resumeAt = new Int32Array(LEVELS);
  private marks = new Int32Array(0);
  private marksCount = 0;
  private start = NONE;
  private seenChanges = 0;
  /** Below 0 where what was kept was of no use of late. */
  private trust = 0;
  private picksWithout = 0;

  /** The list has changed. */
  forget(): void {
    this.start = NONE;
  }

  /**
   * The position that comes first in pre-order of those in marked buckets, of which there are some; the list is one that starts
   * at `start`. −1 where it is not worth while to keep anything.
   */
  pick(index: ClassIndex, list: FeasibleList, start: number, changes: ChangeLog, position: Int32Array): number {
    const lastLevel = 31 - Math.clz32(list.count);
    if (this.isOf(index, start, changes)) {
      if (this.trust < TRUST_MAX) this.trust++;
      this.takeIn(index, list, changes, position);
    } else {
      if (this.trust < 0 && this.picksWithout-- > 0) return NONE;
      this.picksWithout = PICKS_WITHOUT;
      if (this.trust >= 0) this.trust--;
      for (let level = 0; level <= lastLevel; level++) {
        const first = list.levelStart(level);
        if (index.has(first)) return first;
      }
      this.begin(index, list, start, lastLevel);
    }
    this.seenChanges = changes.sequence;
    let chosen = NONE;
    /** How far into its level the best so far is. */
    let fraction = 1;
    for (let level = lastLevel; level >= 0; level--) {
      const size = 1 << level;
      const places = level === lastLevel ? list.count - (size - 1) : size;
      // Of places straight below each other the upper one goes first.
      const furthest = chosen < 0 ? places - 1 : Math.floor(fraction * size);
      let found = this.found[level]!;
      if (found < 0 || !index.has(found)) {
        if (found >= 0) this.pass(level, found, index.nodeCount);
        if (this.offset[level]! > furthest) continue;
        found = this.search(index, list, level, furthest, level === lastLevel && furthest === places - 1);
        if (found < 0) continue;
      } else if (this.offset[level]! > furthest) continue;
      fraction = this.offset[level]! / size;
      chosen = found;
    }
    return chosen;
  }

  private isOf(index: ClassIndex, start: number, changes: ChangeLog): boolean {
    return (
      this.start === start &&
      changes.sequence - this.seenChanges <= CHANGES_MAX &&
      index.isMarking(this.marks, this.marksCount)
    );
  }

  private begin(index: ClassIndex, list: FeasibleList, start: number, lastLevel: number): void {
    this.start = start;
    if (this.marks.length < index.markedCount) this.marks = new Int32Array(2 * index.markedCount);
    this.marksCount = index.copyMarks(this.marks);
    for (let level = 0; level <= lastLevel; level++) {
      this.found[level] = NONE;
      // The first place is known not to be one of the best.
      this.offset[level] = 1;
      const next = list.levelStart(level) + 1;
      this.resumeAt[level] = next < index.nodeCount ? next : 0;
    }
  }

  /** Nodes that have changed may be among the best by now. */
  private takeIn(index: ClassIndex, list: FeasibleList, changes: ChangeLog, position: Int32Array): void {
    for (let at = this.seenChanges; at < changes.sequence; at++) {
      const changed = position[changes.at(at)]!;
      if (!index.has(changed)) continue;
      const place = list.place(changed);
      const level = 31 - Math.clz32(place + 1);
      const offset = place + 1 - (1 << level);
      if (offset >= this.offset[level]!) continue;
      this.found[level] = changed;
      this.offset[level] = offset;
    }
  }

  /** The node is no longer one of the best. */
  private pass(level: number, position: number, nodeCount: number): void {
    this.found[level] = NONE;
    this.offset[level]!++;
    this.resumeAt[level] = position + 1 < nodeCount ? position + 1 : 0;
  }

  /** @param isToEnd Whether the places from here on are the last of the list. */
  private search(index: ClassIndex, list: FeasibleList, level: number, furthest: number, isToEnd: boolean): number {
    const from = this.resumeAt[level]!;
    const until = isToEnd ? this.start : list.at((1 << level) + furthest);
    const found = from < until ? index.next(from, until) : nextOver(index, from, until);
    this.found[level] = found;
    this.offset[level] = found < 0 ? furthest + 1 : list.place(found) + 1 - (1 << level);
    if (found < 0) this.resumeAt[level] = until;
    return found;
  }
}

/** What is kept of the last picks from one list, by the bucket that is marked first: they come back in turns. */
export class PickMemory {
  private readonly slots: Array<LevelFirsts | undefined> = new Array(MEMORY_SLOTS);

  of(index: ClassIndex): LevelFirsts {
    const slot = index.firstMark & (MEMORY_SLOTS - 1);
    let firsts = this.slots[slot];
    if (firsts === undefined) {
      firsts = new LevelFirsts();
      this.slots[slot] = firsts;
    }
    return firsts;
  }

  get bytes(): number {
    return this.slots.reduce((bytes, firsts) => bytes + (firsts === undefined ? 8 : FIRSTS_BYTES), 0);
  }

  forget(): void {
    for (let slot = 0; slot < MEMORY_SLOTS; slot++) this.slots[slot]?.forget();
  }
}

/** The first marked position from `from` over the last one to before `until`. */
function nextOver(index: ClassIndex, from: number, until: number): number {
  const found = index.next(from, index.nodeCount);
  return found >= 0 || until === 0 ? found : index.next(0, until);
}
