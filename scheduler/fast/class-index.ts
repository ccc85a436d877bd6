/**
 * What one pod class makes of every node, kept so that the best node is found without looking at all of them.
 *
 * Each node is in one *bucket*: nodes of one group (equal facts, so equal answers of everything that depends on more than
 * the node itself) and one value (the sum of the scores that need no normalization, or the reason of a rejection).
 * Nodes are numbered by *position* in the snapshot order.
 *
 * Layout: 2 bytes per node (its bucket), and per bucket a bit for each 32 nodes that says that some of them may be in it.
 * Bits are set at once and cleared when a scan finds nothing.
 * Cost: moving a node O(1); the next node of some buckets at or after a position: a scan of at most 64 entries and one word
 * per 1024 nodes and bucket.
 */
const BLOCK_BITS = 5;
const BLOCK = 1 << BLOCK_BITS;
const FIRST_BUCKETS = 32;
const MAX_BUCKETS = 0x7fff;
/** Values below this are looked up in a table, for the first groups; others in a map. */
const TABLE_VALUES = 512;
const TABLE_GROUPS = 64;

/** Group of nodes that are rejected whatever their facts. */
export const NO_GROUP = -1;

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
  /** A base score, or −1 − rejection. */
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
  private readonly rejectionBuckets = new Map<number, number>();
  private readonly blocks: Int32Array[] = [];
  private readonly words: number;
  private isMarked = new Uint8Array(FIRST_BUCKETS);
  private marked: number[] = [];

  constructor(nodeCount: number) {
    this.nodeCount = nodeCount;
    this.bucketAt = new Int16Array(nodeCount).fill(-1);
    this.words = Math.ceil(nodeCount / (BLOCK * 32));
  }

  get bytes(): number {
    return this.nodeCount * 2 + this.bucketCount * (this.words * 4 + 64) + this.groupCount * 160;
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

  /** The bucket of a group and a value; made when it is new. */
  bucket(group: number, value: number): number {
    if (value >= 0 && value < TABLE_VALUES && group < TABLE_GROUPS) {
      const known = this.tables[group]![value]!;
      if (known >= 0) return known;
    }
    const byValue = group === NO_GROUP ? this.rejectionBuckets : this.bucketByValue[group]!;
    return byValue.get(value) ?? this.addBucket(group, value, byValue);
  }

  /** All buckets of a group, empty ones included. */
  bucketsIn(group: number): readonly number[] {
    return this.bucketsOfGroup[group]!;
  }

  private addBucket(group: number, value: number, byValue: Map<number, number>): number {
    const bucket = this.bucketCount++;
    if (bucket > MAX_BUCKETS) throw new TooManyBuckets();
    if (bucket >= this.bucketGroup.length) this.grow();
    this.bucketGroup[bucket] = group;
    this.bucketValue[bucket] = value;
    this.bucketNodes[bucket] = 0;
    this.blocks.push(new Int32Array(this.words));
    byValue.set(value, bucket);
    if (value >= 0 && value < TABLE_VALUES && group < TABLE_GROUPS) this.tables[group]![value] = bucket;
    if (group !== NO_GROUP) this.bucketsOfGroup[group]!.push(bucket);
    return bucket;
  }

  private grow(): void {
    const size = this.bucketGroup.length * 2;
    const wider = (column: Int32Array) => {
      const made = new Int32Array(size);
      made.set(column);
      return made;
    };
    this.bucketGroup = wider(this.bucketGroup);
    this.bucketValue = wider(this.bucketValue);
    this.bucketNodes = wider(this.bucketNodes);
    const marks = new Uint8Array(size);
    marks.set(this.isMarked);
    this.isMarked = marks;
  }

  /** Puts a node into a bucket, out of the one it was in. */
  put(position: number, bucket: number): void {
    const before = this.bucketAt[position]!;
    if (before === bucket) return;
    if (before >= 0) this.take(before);
    this.bucketAt[position] = bucket;
    const block = position >> BLOCK_BITS;
    this.blocks[bucket]![block >> 5]! |= 1 << (block & 31);
    this.bucketNodes[bucket]!++;
    this.give(bucket);
  }

  private give(bucket: number): void {
    const value = this.bucketValue[bucket]!;
    if (value < 0) return;
    const group = this.bucketGroup[bucket]!;
    this.feasibleCount++;
    if (this.groupFeasible[group]!++ === 0) {
      this.groupPlace[group] = this.activeGroups.length;
      this.activeGroups.push(group);
    }
    if (value > this.groupBest[group]!) this.groupBest[group] = value;
  }

  private take(bucket: number): void {
    const nodes = --this.bucketNodes[bucket]!;
    const value = this.bucketValue[bucket]!;
    if (value < 0) return;
    const group = this.bucketGroup[bucket]!;
    this.feasibleCount--;
    if (--this.groupFeasible[group]! === 0) {
      const place = this.groupPlace[group]!;
      const last = this.activeGroups.pop()!;
      if (last !== group) {
        this.activeGroups[place] = last;
        this.groupPlace[last] = place;
      }
      this.groupBest[group] = -1;
    } else if (nodes === 0 && value === this.groupBest[group]) {
      this.groupBest[group] = this.bestBelow(group, value);
    }
  }

  /** The best base score in the group that is below `limit`; −1 when there is none. */
  bestBelow(group: number, limit: number): number {
    const buckets = this.bucketsOfGroup[group]!;
    let best = -1;
    for (let i = 0; i < buckets.length; i++) {
      const bucket = buckets[i]!;
      const value = this.bucketValue[bucket]!;
      if (value > best && value < limit && this.bucketNodes[bucket]! > 0) best = value;
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
      if ((this.blocks[bucket]![block >> 5]! & (1 << (block & 31))) === 0) {
        throw new Error(`position ${position} is in bucket ${bucket}, whose block is not marked`);
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
    this.marked.push(bucket);
  }

  unmarkAll(): void {
    const { marked, isMarked } = this;
    for (let i = 0; i < marked.length; i++) isMarked[marked[i]!] = 0;
    marked.length = 0;
  }

  /** The first position in [from, end) whose node is in a marked bucket; −1 when there is none. */
  next(from: number, end: number): number {
    const { bucketAt, isMarked } = this;
    const rest = Math.min(end, (from | (BLOCK - 1)) + 1);
    for (let position = from; position < rest; position++) {
      if (isMarked[bucketAt[position]!] === 1) return position;
    }
    return rest >= end ? -1 : this.nextInBlocks(rest >> BLOCK_BITS, end);
  }

  private nextInBlocks(firstBlock: number, end: number): number {
    const { bucketAt, isMarked, marked, nodeCount } = this;
    const lastWord = (end - 1) >> (BLOCK_BITS + 5);
    let mask = -1 << (firstBlock & 31);
    for (let word = firstBlock >> 5; word <= lastWord; word++) {
      let bits = this.markedBlocks(word) & mask;
      mask = -1;
      while (bits !== 0) {
        const bit = bits & -bits;
        bits ^= bit;
        const start = (word * 32 + 31 - Math.clz32(bit)) << BLOCK_BITS;
        if (start >= end) return -1;
        const blockEnd = Math.min(start + BLOCK, nodeCount);
        const stop = Math.min(blockEnd, end);
        for (let position = start; position < stop; position++) {
          if (isMarked[bucketAt[position]!] === 1) return position;
        }
        if (stop === blockEnd) for (let i = 0; i < marked.length; i++) this.blocks[marked[i]!]![word]! &= ~bit;
      }
    }
    return -1;
  }

  private markedBlocks(word: number): number {
    const { marked, blocks } = this;
    let bits = 0;
    for (let i = 0; i < marked.length; i++) bits |= blocks[marked[i]!]![word]!;
    return bits;
  }
}
