/**
 * The feasible list of a cycle for a class whose groups rest on the nodes' own objects (zones, say): which groups are on the
 * list changes from cycle to cycle, the nodes of a group hardly do. So each group keeps its nodes as bits with running
 * counts, and rank and select over any set of groups are sums over the groups.
 *
 * Layout: per group one bit per node and the number of bits before each word, a quarter of a byte per node and group.
 * Cost: rank O(groups), select O(groups) for a few guesses, as nodes of a group lie evenly; a node that joins or leaves
 * makes one pass over its group's words due.
 */
import type { FeasibleList } from './feasible-view.ts';
import { PickMemory } from './level-firsts.ts';
import { popcount } from './popcount.ts';

class GroupBits {
  readonly words: Int32Array;
  readonly before: Int32Array;
  count = 0;
  isStale = true;

  constructor(words: number) {
    this.words = new Int32Array(words);
    this.before = new Int32Array(words);
  }

  set(position: number, isFeasible: boolean): void {
    this.words[position >> 5]! ^= 1 << (position & 31);
    this.count += isFeasible ? 1 : -1;
    this.isStale = true;
  }

  refresh(): void {
    if (!this.isStale) return;
    this.isStale = false;
    const { words, before } = this;
    let sum = 0;
    for (let word = 0; word < words.length; word++) {
      before[word] = sum;
      sum += popcount(words[word]!);
    }
  }
}

/** Sets of the first groups are numbers with a bit for each. */
const SET_BITS = 31;
const NO_SET = -1;
const MAX_SETS = 1024;

export class GroupedView implements FeasibleList {
  count = 0;
  private readonly nodeCount: number;
  private readonly wordCount: number;
  private readonly all: GroupBits;
  private readonly groups: Array<GroupBits | undefined> = [];
  /** What the list is made of: these groups, or all nodes without them. */
  private readonly listed: GroupBits[] = [];
  private isComplement = false;
  /** First positions of the levels by the set of groups, which come back in turns, for lists that start at `startsAt`. */
  private readonly levelsOfSet = new Map<number, Int32Array>();
  private startsAt = -1;
  private listedSet = NO_SET;
  private levels: Int32Array | undefined;
  readonly memory = new PickMemory();
  private rankOfStart = 0;

  constructor(nodeCount: number) {
    this.nodeCount = nodeCount;
    this.wordCount = (nodeCount + 31) >> 5;
    this.all = new GroupBits(this.wordCount);
  }

  get bytes(): number {
    let bytes = this.wordCount * 8 + this.levelsOfSet.size * 128 + this.memory.bytes;
    for (const group of this.groups) if (group !== undefined) bytes += this.wordCount * 8;
    return bytes;
  }

  set(group: number, position: number, isFeasible: boolean): void {
    let bits = this.groups[group];
    if (bits === undefined) {
      bits = new GroupBits(this.wordCount);
      this.groups[group] = bits;
    }
    bits.set(position, isFeasible);
    this.all.set(position, isFeasible);
    if (this.levelsOfSet.size > 0) this.forgetSets();
  }

  /** Makes the list: the nodes of all these groups but the rejected ones. */
  list(activeGroups: readonly number[], isRejected: Uint8Array): void {
    let rejectedCount = 0;
    let set = 0;
    for (let i = 0; i < activeGroups.length; i++) {
      const group = activeGroups[i]!;
      rejectedCount += isRejected[group]!;
      if (isRejected[group] === 0) set |= group < SET_BITS ? 1 << group : NO_SET;
    }
    this.listedSet = set < 0 ? NO_SET : set;
    this.isComplement = rejectedCount * 2 < activeGroups.length;
    const wanted = this.isComplement ? 1 : 0;
    this.listed.length = 0;
    let count = 0;
    for (let i = 0; i < activeGroups.length; i++) {
      if (isRejected[activeGroups[i]!] !== wanted) continue;
      const bits = this.groups[activeGroups[i]!]!;
      bits.refresh();
      count += bits.count;
      this.listed.push(bits);
    }
    if (this.isComplement) this.all.refresh();
    this.count = this.isComplement ? this.all.count - count : count;
  }

  has(group: number, position: number): boolean {
    return ((this.groups[group]?.words[position >> 5] ?? 0) & (1 << (position & 31))) !== 0;
  }

  startAt(position: number): void {
    this.rankOfStart = position === 0 ? 0 : this.rank(position);
    if (position !== this.startsAt) {
      this.startsAt = position;
      this.forgetSets();
    }
    this.levels = this.listedSet === NO_SET ? undefined : (this.levelsOfSet.get(this.listedSet) ?? this.findLevels());
  }

  get key(): number {
    return this.listedSet;
  }

  private forgetSets(): void {
    this.levelsOfSet.clear();
    this.memory.forget();
  }

  place(position: number): number {
    const place = this.rank(position) - this.rankOfStart;
    return place < 0 ? place + this.count : place;
  }

  at(place: number): number {
    const k = place + this.rankOfStart;
    return this.select(k < this.count ? k : k - this.count);
  }

  levelStart(level: number): number {
    return this.levels === undefined ? this.at((1 << level) - 1) : this.levels[level]!;
  }

  private findLevels(): Int32Array {
    const levels = new Int32Array(32 - Math.clz32(this.count));
    for (let level = 0; level < levels.length; level++) levels[level] = this.at((1 << level) - 1);
    if (this.levelsOfSet.size >= MAX_SETS) this.forgetSets();
    this.levelsOfSet.set(this.listedSet, levels);
    return levels;
  }

  rank(position: number): number {
    const word = position >> 5;
    const partial = position & 31;
    const before = this.before(word);
    return partial === 0 ? before : before + popcount(this.wordAt(word) & ((1 << partial) - 1));
  }

  /** Nodes of the list before the word. */
  private before(word: number): number {
    const { listed } = this;
    let sum = 0;
    for (let i = 0; i < listed.length; i++) sum += listed[i]!.before[word]!;
    return this.isComplement ? this.all.before[word]! - sum : sum;
  }

  private wordAt(word: number): number {
    const { listed } = this;
    let bits = 0;
    for (let i = 0; i < listed.length; i++) bits |= listed[i]!.words[word]!;
    return this.isComplement ? this.all.words[word]! & ~bits : bits;
  }

  /** Guesses by proportion between bounds that close in, halving now and then so that uneven lists take no longer. */
  select(k: number): number {
    if (this.count === this.nodeCount) return k;
    let low = 0;
    let high = this.wordCount;
    let lowRank = 0;
    let highRank = this.count;
    for (let turn = 0; high - low > 1; turn++) {
      const share = turn < 6 || (turn & 1) === 1 ? (k - lowRank) / (highRank - lowRank) : 0.5;
      const guess = Math.min(high - 1, Math.max(low + 1, low + Math.floor(share * (high - low))));
      const rank = this.before(guess);
      if (rank <= k) {
        low = guess;
        lowRank = rank;
        // Most often the next word is already beyond.
        if (guess + 1 < high) {
          const next = this.before(guess + 1);
          if (next > k) break;
          low = guess + 1;
          lowRank = next;
        }
      } else {
        high = guess;
        highRank = rank;
      }
    }
    let bits = this.wordAt(low);
    for (let left = k - lowRank; left > 0; left--) bits &= bits - 1;
    return (low << 5) + 31 - Math.clz32(bits & -bits);
  }
}
