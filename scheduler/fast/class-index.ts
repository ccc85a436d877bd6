/**
 * Which nodes are worth how much to a class, kept so that the best node is found without looking at all of them.
 *
 * Each node is in one *bucket*: nodes of one group (equal facts, so equal answers of everything that depends on more than
 * the node itself) and one value (the sum of the scores that need no normalization); rejected nodes share a bucket.
 * Nodes are numbered by *position* in the snapshot order.
 *
 * Layout: 2 bytes per node (its bucket), and per bucket a bit for each 16 nodes that says that some of them may be in it,
 * and on top of that a bit for each word of such bits. Bits are set at once and cleared when a look finds nothing.
 * Cost: moving a node O(1); the next node of some buckets at or after a position: a scan of at most 32 entries, and one word
 * per 16,384 nodes and bucket.
 */
const BLOCK_BITS = 4;
const BLOCK = 1 << BLOCK_BITS;
/** A word of bits for blocks stands for this many positions, as a power of two. */
const WORD_BITS = BLOCK_BITS + 5;
const FIRST_BUCKETS = 32;
const MAX_BUCKETS = 0x7fff;
/** Values below this are looked up in a table, for the first groups; others in a map. */
const TABLE_VALUES = 512;
const TABLE_GROUPS = 128;

/** Group of the nodes that are rejected. */
export const NO_GROUP = -1;
/** Their bucket, and its value. */
export const REJECTED = 0;
const NO_VALUE = -1;

/** Thrown when a class needs more buckets than there are numbers for; the engine then serves it the long way. */
export class TooManyBuckets extends Error {
  override readonly name = 'TooManyBuckets';
}

export class ClassIndex {
  readonly nodeCount: number;
  /** Position → bucket; −1 before the node is first put somewhere. */
  readonly bucketAt: Int16Array;
  bucketCount = 0;
  bucketGroup = new Int32Array(FIRST_BUCKETS);
  /** A base score; −1 for the bucket of rejected nodes. */
  bucketValue = new Int32Array(FIRST_BUCKETS);
  bucketNodes = new Int32Array(FIRST_BUCKETS);
  /** Groups: feasible nodes, best base score among them, and whether some group holds any. */
  groupCount = 0;
  readonly groupFeasible: number[] = [];
  readonly groupBest: number[] = [];
  /** Groups with feasible nodes, in no order. */
  readonly activeGroups: number[] = [];
  feasibleCount = 0;

  private readonly groupPlace: number[] = [];
  private readonly bucketsOfGroup: number[][] = [];
  private readonly bucketByValue: Array<Map<number, number>> = [];
  /** Bucket by value; −1 for none yet. */
  private readonly tables: Int16Array[] = [];
  /** Bits of the blocks of each bucket, `words` words per bucket. */
  private blocks: Int32Array;
  private readonly words: number;
  /** A bit for each of these words that may have some, `tops` words per bucket. */
  private summary: Int32Array;
  private readonly tops: number;
  private isMarked = new Uint8Array(FIRST_BUCKETS);
  private marked = new Int32Array(FIRST_BUCKETS);
  markedCount = 0;

  constructor(nodeCount: number) {
    this.nodeCount = nodeCount;
    this.bucketAt = new Int16Array(nodeCount).fill(-1);
    this.words = Math.ceil(nodeCount / (BLOCK * 32));
    this.tops = Math.ceil(this.words / 32);
    this.blocks = new Int32Array(this.words * FIRST_BUCKETS);
    this.summary = new Int32Array(this.tops * FIRST_BUCKETS);
    this.newBucket(NO_GROUP, NO_VALUE);
  }

  get bytes(): number {
    return (
      this.nodeCount * 2 +
      (this.blocks.length + this.summary.length) * 4 +
      this.bucketCount * 64 +
      this.groupCount * 160
    );
  }

  addGroup(): number {
    const group = this.groupCount++;
    this.groupFeasible.push(0);
    this.groupBest.push(-1);
    this.groupPlace.push(-1);
    this.bucketsOfGroup.push([]);
    this.bucketByValue.push(new Map());
    if (group < TABLE_GROUPS) this.tables.push(new Int16Array(TABLE_VALUES).fill(-1));
    return group;
  }

  /** The bucket of a group and a value from 0 on; made when it is new. */
  bucket(group: number, value: number): number {
    if (value < TABLE_VALUES && group < TABLE_GROUPS) {
      const known = this.tables[group]![value]!;
      if (known >= 0) return known;
    }
    return this.bucketByValue[group]!.get(value) ?? this.addBucket(group, value);
  }

  /** All buckets of a group, empty ones included. */
  bucketsIn(group: number): readonly number[] {
    return this.bucketsOfGroup[group]!;
  }

  private addBucket(group: number, value: number): number {
    const bucket = this.newBucket(group, value);
    this.bucketByValue[group]!.set(value, bucket);
    if (value < TABLE_VALUES && group < TABLE_GROUPS) this.tables[group]![value] = bucket;
    this.bucketsOfGroup[group]!.push(bucket);
    return bucket;
  }

  private newBucket(group: number, value: number): number {
    const bucket = this.bucketCount++;
    if (bucket > MAX_BUCKETS) throw new TooManyBuckets();
    if (bucket >= this.bucketGroup.length) this.grow();
    this.bucketGroup[bucket] = group;
    this.bucketValue[bucket] = value;
    return bucket;
  }

  private grow(): void {
    const size = this.bucketGroup.length * 2;
    const wider = (column: Int32Array, length: number) => {
      const made = new Int32Array(length);
      made.set(column);
      return made;
    };
    this.bucketGroup = wider(this.bucketGroup, size);
    this.bucketValue = wider(this.bucketValue, size);
    this.bucketNodes = wider(this.bucketNodes, size);
    this.marked = wider(this.marked, size);
    this.blocks = wider(this.blocks, size * this.words);
    this.summary = wider(this.summary, size * this.tops);
    const marks = new Uint8Array(size);
    marks.set(this.isMarked);
    this.isMarked = marks;
  }

  /** Puts a node into a bucket, out of the one it was in. */
  put(position: number, bucket: number): void {
    const { bucketAt, bucketNodes, bucketGroup, bucketValue, groupBest } = this;
    const before = bucketAt[position]!;
    if (before === bucket) return;
    bucketAt[position] = bucket;
    const block = position >> BLOCK_BITS;
    const word = block >> 5;
    this.blocks[bucket * this.words + word]! |= 1 << (block & 31);
    this.summary[bucket * this.tops + (word >> 5)]! |= 1 << (word & 31);
    bucketNodes[bucket]!++;
    const group = bucketGroup[bucket]!;
    const value = bucketValue[bucket]!;
    if (before < 0) {
      if (group >= 0) this.join(group, value);
      return;
    }
    const left = --bucketNodes[before]!;
    const groupBefore = bucketGroup[before]!;
    if (group !== groupBefore) {
      if (groupBefore >= 0) this.leave(groupBefore, bucketValue[before]!, left);
      if (group >= 0) this.join(group, value);
    } else if (value > groupBest[group]!) {
      groupBest[group] = value;
    } else if (left === 0 && bucketValue[before] === groupBest[group]) {
      groupBest[group] = this.bestBelow(group, bucketValue[before]!);
    }
  }

  private join(group: number, value: number): void {
    this.feasibleCount++;
    if (this.groupFeasible[group]!++ === 0) {
      this.groupPlace[group] = this.activeGroups.length;
      this.activeGroups.push(group);
    }
    if (value > this.groupBest[group]!) this.groupBest[group] = value;
  }

  private leave(group: number, value: number, left: number): void {
    this.feasibleCount--;
    if (--this.groupFeasible[group]! === 0) {
      const place = this.groupPlace[group]!;
      const last = this.activeGroups.pop()!;
      if (last !== group) {
        this.activeGroups[place] = last;
        this.groupPlace[last] = place;
      }
      this.groupBest[group] = -1;
    } else if (left === 0 && value === this.groupBest[group]) {
      this.groupBest[group] = this.bestBelow(group, value);
    }
  }

  /** The best base score in the group that is below `limit`; −1 when there is none. */
  bestBelow(group: number, limit: number): number {
    const { bucketValue, bucketNodes } = this;
    const buckets = this.bucketsOfGroup[group]!;
    let best = -1;
    for (let i = 0; i < buckets.length; i++) {
      const bucket = buckets[i]!;
      const value = bucketValue[bucket]!;
      if (value > best && value < limit && bucketNodes[bucket]! > 0) best = value;
    }
    return best;
  }

  /** Asserts that the counts are those of the nodes. For tests. */
  check(): void {
    const nodes = new Int32Array(this.bucketCount);
    for (let position = 0; position < this.nodeCount; position++) {
      const bucket = this.bucketAt[position]!;
      nodes[bucket]!++;
      const block = position >> BLOCK_BITS;
      if ((this.blocks[bucket * this.words + (block >> 5)]! & (1 << (block & 31))) === 0) {
        throw new Error(`position ${position} is in bucket ${bucket}, whose block is not marked`);
      }
      if ((this.summary[bucket * this.tops + (block >> 10)]! & (1 << ((block >> 5) & 31))) === 0) {
        throw new Error(`position ${position} is in bucket ${bucket}, whose word of blocks is not marked`);
      }
    }
    const feasible = new Int32Array(this.groupCount);
    const best = new Int32Array(this.groupCount).fill(-1);
    for (let bucket = 0; bucket < this.bucketCount; bucket++) {
      if (nodes[bucket] !== this.bucketNodes[bucket]) throw new Error(`bucket ${bucket} holds ${nodes[bucket]} nodes`);
      const value = this.bucketValue[bucket]!;
      if (value < 0 || nodes[bucket] === 0) continue;
      const group = this.bucketGroup[bucket]!;
      feasible[group]! += nodes[bucket]!;
      if (value > best[group]!) best[group] = value;
    }
    for (let group = 0; group < this.groupCount; group++) {
      if (feasible[group] !== this.groupFeasible[group])
        throw new Error(`group ${group} has ${feasible[group]} feasible nodes`);
      if (best[group] !== this.groupBest[group]) throw new Error(`the best of group ${group} is ${best[group]}`);
      if (feasible[group]! > 0 !== this.activeGroups.includes(group))
        throw new Error(`group ${group} is listed wrongly`);
    }
  }

  // --- finding nodes ---------------------------------------------------------------------------------------------------

  /** Chooses the buckets that `next` looks for. */
  mark(bucket: number): void {
    this.isMarked[bucket] = 1;
    this.marked[this.markedCount++] = bucket;
  }

  unmarkAll(): void {
    for (let i = 0; i < this.markedCount; i++) this.isMarked[this.marked[i]!] = 0;
    this.markedCount = 0;
  }

  /** The bucket that was marked first; there must be one. */
  get firstMark(): number {
    return this.marked[0]!;
  }

  /** Writes down which buckets are marked; returns how many. */
  copyMarks(into: Int32Array): number {
    for (let i = 0; i < this.markedCount; i++) into[i] = this.marked[i]!;
    return this.markedCount;
  }

  /** Whether these are the buckets that are marked, in this order. */
  isMarking(buckets: Int32Array, count: number): boolean {
    if (count !== this.markedCount) return false;
    for (let i = 0; i < count; i++) if (buckets[i] !== this.marked[i]) return false;
    return true;
  }

  /** Whether the node at the position is in one of the chosen buckets. */
  has(position: number): boolean {
    return this.isMarked[this.bucketAt[position]!] === 1;
  }

  /** The first position in [from, end) whose node is in a marked bucket; −1 when there is none. */
  next(from: number, end: number): number {
    const { bucketAt, isMarked } = this;
    const lastWord = (end - 1) >> WORD_BITS;
    let block = from >> BLOCK_BITS;
    let word = block >> 5;
    let bits = this.markedBlocks(word) & (-1 << (block & 31));
    for (;;) {
      while (bits !== 0) {
        const bit = bits & -bits;
        bits ^= bit;
        block = (word << 5) + 31 - Math.clz32(bit);
        const blockStart = block << BLOCK_BITS;
        if (blockStart >= end) return -1;
        const start = Math.max(from, blockStart);
        const blockEnd = blockStart + BLOCK;
        const stop = Math.min(blockEnd, end);
        for (let position = start; position < stop; position++) {
          if (isMarked[bucketAt[position]!] === 1) return position;
        }
        if (start === blockStart && (stop === blockEnd || stop === this.nodeCount)) this.clearBlock(word, bit);
      }
      if (++word > lastWord) return -1;
      if (word < lastWord) {
        word = this.nextWord(word, lastWord);
        if (word < 0) return -1;
      }
      bits = this.markedBlocks(word);
    }
  }

  /** The first word from this one to the last that may have bits for a marked bucket; −1 when there is none. */
  private nextWord(from: number, last: number): number {
    let bits = this.markedWords(from >> 5) & (-1 << (from & 31));
    for (let top = from >> 5; ; bits = this.markedWords(top)) {
      if (bits !== 0) {
        const word = (top << 5) + 31 - Math.clz32(bits & -bits);
        return word > last ? -1 : word;
      }
      if (++top > last >> 5) return -1;
    }
  }

  private markedBlocks(word: number): number {
    const { marked, markedCount, blocks, words } = this;
    let bits = 0;
    for (let i = 0; i < markedCount; i++) bits |= blocks[marked[i]! * words + word]!;
    return bits;
  }

  private markedWords(top: number): number {
    const { marked, markedCount, summary, tops } = this;
    let bits = 0;
    for (let i = 0; i < markedCount; i++) bits |= summary[marked[i]! * tops + top]!;
    return bits;
  }

  private clearBlock(word: number, bit: number): void {
    const { marked, markedCount, blocks, words, summary, tops } = this;
    for (let i = 0; i < markedCount; i++) {
      const bucket = marked[i]!;
      const rest = blocks[bucket * words + word]! & ~bit;
      blocks[bucket * words + word] = rest;
      if (rest === 0) summary[bucket * tops + (word >> 5)]! &= ~(1 << (word & 31));
    }
  }
}
