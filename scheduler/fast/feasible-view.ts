/**
 * The feasible list of a cycle as a set of positions that answers rank and select: which node is the k-th feasible one, and
 * how many come before a node. One view per class and set of rejected groups; it is kept up to date node by node.
 *
 * Layout: one bit per node, the number of set bits of every 1024, and while the list does not change the number of bits
 * before each word.
 * Cost: a change O(1), plus a step for each level of the heap whose first node moves; rank and select O(N / 1024 + 32), on
 * lists that have been asked often enough since the last change O(1) and O(log N).
 */
import { PickMemory } from './level-firsts.ts';
import { popcount } from './popcount.ts';

const LEVELS = 32;
/** Counting before every word pays after one question for this many words. */
const WORDS_PER_QUESTION = 8;

/** A feasible list as the heap rule sees it: an implicit binary tree of places from 0 on. */
export interface FeasibleList {
  readonly count: number;
  /** Starts the list at this position; the list then has `count` entries, the last ones before it. */
  startAt(position: number): void;
  /** Place in the list of a feasible position. */
  place(position: number): number;
  /** Position of a place. */
  at(place: number): number;
  /** First position of a level of the tree (places 2^level − 1 and on). The level must not be empty. */
  levelStart(level: number): number;
  /** Position of the k-th entry of the list without a start, counted from 0. */
  select(k: number): number;
  /** Entries of the list without a start that come before the position. */
  rank(position: number): number;
  /** Tells the lists that one object stands for apart; −1 where they are too many. */
  readonly key: number;
  /** What is kept of picks from these lists. */
  readonly memory: PickMemory;
}

export class FeasibleView implements FeasibleList {
  readonly key = 0;
  readonly memory = new PickMemory();
  /** Group → 1 when its nodes are not feasible. Groups that came later are. */
  readonly rejectedGroups: Uint8Array;
  count = 0;
  private readonly nodeCount: number;
  private readonly words: Int32Array;
  private readonly blockCounts: Int32Array;
  /** Set bits before each word, while `isCounted`. */
  private before: Int32Array | undefined;
  private isCounted = false;
  private questions = 0;
  /** First position of each level of the heap over the list that starts at `levelsFrom`. */
  private readonly levels = new Int32Array(LEVELS);
  private levelsKnown = 0;
  private levelsFrom = -1;
  private rankOfStart = 0;

  constructor(nodeCount: number, rejectedGroups: Uint8Array) {
    this.nodeCount = nodeCount;
    this.rejectedGroups = rejectedGroups;
    const words = (nodeCount + 31) >> 5;
    this.words = new Int32Array(words);
    this.blockCounts = new Int32Array((words + 31) >> 5);
  }

  get bytes(): number {
    return (this.words.length + this.blockCounts.length + (this.before?.length ?? 0)) * 4 + this.memory.bytes;
  }

  rejects(group: number): boolean {
    return this.rejectedGroups[group] === 1;
  }

  has(position: number): boolean {
    return (this.words[position >> 5]! & (1 << (position & 31))) !== 0;
  }

  set(position: number, isFeasible: boolean): void {
    this.memory.forget();
    const word = position >> 5;
    this.words[word]! ^= 1 << (position & 31);
    const delta = isFeasible ? 1 : -1;
    this.blockCounts[word >> 5]! += delta;
    this.count += delta;
    this.isCounted = false;
    this.questions = 0;
    if (this.levelsKnown > 0) this.shiftLevels(position, isFeasible);
  }

  /** Makes the list, which must be empty, of the positions whose bucket is listed. */
  fill(bucketAt: Int16Array, isListed: Uint8Array): void {
    const { words, blockCounts, nodeCount } = this;
    for (let word = 0; word < words.length; word++) {
      const first = word << 5;
      const size = Math.min(32, nodeCount - first);
      let bits = 0;
      for (let i = 0; i < size; i++) bits |= isListed[bucketAt[first + i]!]! << i;
      words[word] = bits;
      const count = popcount(bits);
      blockCounts[word >> 5]! += count;
      this.count += count;
    }
  }

  /** Feasible positions before this one. */
  rank(position: number): number {
    if (this.count === this.nodeCount) return position;
    const { words, blockCounts } = this;
    const word = position >> 5;
    if (this.knowsCounts()) {
      return this.before![word]! + popcount(words[word]! & ((1 << (position & 31)) - 1));
    }
    const block = word >> 5;
    let rank = 0;
    for (let i = 0; i < block; i++) rank += blockCounts[i]!;
    for (let i = block << 5; i < word; i++) rank += popcount(words[i]!);
    const partial = position & 31;
    return partial === 0 ? rank : rank + popcount(words[word]! & ((1 << partial) - 1));
  }

  /** Position of the k-th feasible node, counted from 0. */
  select(k: number): number {
    if (this.count === this.nodeCount) return k;
    const { words, blockCounts } = this;
    if (this.knowsCounts()) return this.selectCounted(k);
    let left = k;
    let block = 0;
    while (left >= blockCounts[block]!) left -= blockCounts[block++]!;
    let word = block << 5;
    for (;;) {
      const here = popcount(words[word]!);
      if (left < here) break;
      left -= here;
      word++;
    }
    let bits = words[word]!;
    for (; left > 0; left--) bits &= bits - 1;
    return (word << 5) + 31 - Math.clz32(bits & -bits);
  }

  private knowsCounts(): boolean {
    if (this.isCounted) return true;
    const { words } = this;
    if (++this.questions * WORDS_PER_QUESTION < words.length) return false;
    this.before ??= new Int32Array(words.length);
    let sum = 0;
    for (let word = 0; word < words.length; word++) {
      this.before[word] = sum;
      sum += popcount(words[word]!);
    }
    this.isCounted = true;
    return true;
  }

  private selectCounted(k: number): number {
    const { words } = this;
    const before = this.before!;
    let low = 0;
    let high = words.length;
    // Nodes lie evenly most often, so that the first guess is close.
    let guess = Math.floor((k / this.count) * high);
    for (let step = 1; high - low > 1; step *= 2) {
      if (before[guess]! <= k) {
        low = guess;
        guess = Math.min(low + step, (low + high + 1) >> 1);
      } else {
        high = guess;
        guess = Math.max(high - step, (low + high) >> 1);
      }
    }
    let bits = words[low]!;
    for (let left = k - before[low]!; left > 0; left--) bits &= bits - 1;
    return (low << 5) + 31 - Math.clz32(bits & -bits);
  }

  /** Starts the list at this position; the list then has `count` entries, the last ones before it. */
  startAt(position: number): void {
    if (this.levelsFrom === position && this.levelsKnown > 0) return;
    this.levelsFrom = position;
    this.levelsKnown = 0;
    this.rankOfStart = this.rank(position);
  }

  /** Place in the list of a feasible position. */
  place(position: number): number {
    const place = this.rank(position) - this.rankOfStart;
    return place < 0 ? place + this.count : place;
  }

  at(place: number): number {
    const k = place + this.rankOfStart;
    return this.select(k < this.count ? k : k - this.count);
  }

  /** First position of a level of the heap (places 2^level − 1 and on). The level must not be empty. */
  levelStart(level: number): number {
    while (this.levelsKnown <= level) {
      const k = ((1 << this.levelsKnown) - 1 + this.rankOfStart) % this.count;
      this.levels[this.levelsKnown++] = this.select(k);
    }
    return this.levels[level]!;
  }

  private turned(position: number): number {
    const turned = position - this.levelsFrom;
    return turned < 0 ? turned + this.nodeCount : turned;
  }

  private shiftLevels(position: number, isFeasible: boolean): void {
    if (position < this.levelsFrom) this.rankOfStart += isFeasible ? 1 : -1;
    const turned = this.turned(position);
    for (let level = 0; level < this.levelsKnown; level++) {
      if ((1 << level) - 1 >= this.count) {
        this.levelsKnown = level;
        return;
      }
      const first = this.levels[level]!;
      const turnedFirst = this.turned(first);
      if (isFeasible ? turned < turnedFirst : turned <= turnedFirst) {
        this.levels[level] = isFeasible ? this.previous(first) : this.following(first);
      }
    }
  }

  /** The nearest feasible position after this one, all around. There must be one. */
  private following(position: number): number {
    const { words } = this;
    let word = position >> 5;
    let bits = words[word]! & (-2 << (position & 31));
    while (bits === 0) {
      word = word + 1 === words.length ? 0 : word + 1;
      bits = words[word]!;
    }
    return (word << 5) + 31 - Math.clz32(bits & -bits);
  }

  private previous(position: number): number {
    const { words } = this;
    let word = position >> 5;
    let bits = words[word]! & ((1 << (position & 31)) - 1);
    while (bits === 0) {
      word = word === 0 ? words.length - 1 : word - 1;
      bits = words[word]!;
    }
    return (word << 5) + 31 - Math.clz32(bits);
  }
}
