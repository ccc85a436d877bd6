/**
 * The nodes' CPU and memory in the kernel's memory, and one pass over all of them for one pod (`kernel/scan.as`).
 *
 * Layout: 14 bytes per node for what they have, in snapshot order, and 1.4 for the outcome of a pass.
 * Cost: a change of a node 50 ns; a pass about 1 ns per node.
 */
import type { Cluster } from '../cluster.ts';
import { FormScorer } from './form-scorer.ts';
import { type Kernel, newKernel } from './kernel/load.ts';
import { NodeRecords } from './node-records.ts';
import { popcount } from './popcount.ts';
import { balancePoints, EXACT_CAPACITY_MAX, type PodForm } from './resource-form.ts';
import type { StaticPart } from './static-part.ts';

/** As in `kernel/scan.as`. */
const BLOCK = 16;
const BLOCK_SHORTS = 112;
const FULL = 51_200;
const NUDGE = 2;
const MAX_INT16 = 32_767;
const MAX_UINT16 = 65_535;
/** How often amounts may be halved to fit into 16 bits; each time bounds get looser. */
const MAX_SHIFT = 5;
const INT16_SCALE = (FULL * 32_768) / 32_767;

const FIRST_BYTE = 1024;
const PAGE = 65_536;

/** What the kernel is told of a pod. */
class Amounts {
  takesCpu = 0;
  takesMemory = 0;
  addsCpu = 0;
  addsMemory = 0;
  shiftCpu = 0;
  shiftMemory = 0;
  isBalanced = true;

  /** False when the form cannot be told in these numbers. */
  read(form: PodForm, leastCpu: number, leastMemory: number): boolean {
    const { cpuMilli, memoryBytes, defaultedCpuMilli, defaultedMemoryBytes, balanced } = form;
    this.isBalanced = balanced !== undefined;
    // The kernel tests and scores the same amounts.
    if (balanced !== undefined && (balanced.cpuMilli !== cpuMilli || balanced.memoryBytes !== memoryBytes))
      return false;
    const perCpu = INT16_SCALE / leastCpu;
    const perMemory = INT16_SCALE / leastMemory;
    const shiftCpu = shiftFor(Math.max(defaultedCpuMilli, cpuMilli) * perCpu);
    const shiftMemory = shiftFor(Math.max(defaultedMemoryBytes, memoryBytes) * perMemory);
    if (shiftCpu > MAX_SHIFT || shiftMemory > MAX_SHIFT) return false;
    this.takesCpu = Math.round((defaultedCpuMilli * perCpu) / (1 << shiftCpu));
    this.takesMemory = Math.round((defaultedMemoryBytes * perMemory) / (1 << shiftMemory));
    this.addsCpu = Math.round((cpuMilli * perCpu) / (1 << shiftCpu));
    this.addsMemory = Math.round((memoryBytes * perMemory) / (1 << shiftMemory));
    this.shiftCpu = shiftCpu;
    this.shiftMemory = shiftMemory;
    return true;
  }
}

function shiftFor(amount: number): number {
  let shift = 0;
  while (shift <= MAX_SHIFT && amount / (1 << shift) > MAX_INT16 - 1) shift++;
  return shift;
}

const wordCount = (nodeCount: number): number => Math.ceil(nodeCount / 32);

/** A mask that lets through what is not rejected, as `ResourceScan.run` takes it. */
export function maskOf({ nodeCount, rejected }: Pick<StaticPart, 'nodeCount' | 'rejected'>): Int32Array {
  const mask = new Int32Array(wordCount(nodeCount)).fill(-1);
  const rest = nodeCount & 31;
  if (rest !== 0) mask[mask.length - 1] = (1 << rest) - 1;
  if (rejected === undefined) return mask;
  for (let position = 0; position < nodeCount; position++) {
    if (rejected[position] === 1) mask[position >> 5]! &= ~(1 << (position & 31));
  }
  return mask;
}

export class ResourceScan {
  /** Of the last pass. */
  feasibleCount = 0;
  topScore = 0;
  nodeCount = 0;

  private readonly cluster: Cluster;
  private readonly records: NodeRecords;
  private readonly kernel: Kernel | undefined;
  private readonly amounts = new Amounts();
  private layoutGeneration = -1;
  private seenNodes = 0;
  private seenChanges = 0;
  private blockCount = 0;
  private leastCpu = 1;
  private leastMemory = 1;
  private masked: Int32Array | undefined;
  private shorts = new Uint16Array(0);
  private bytes = new Uint8Array(0);
  private words = new Int32Array(0);
  private boundsAt = 0;
  private bitsAt = 0;
  private doubtsAt = 0;
  private maskAt = 0;
  /** Nodes whose capacities need the long formulas. */
  private oddCount = 0;
  /** Feasible nodes before each word of bits; empty where it is not yet known. */
  private bitCounts = new Int32Array(0);
  private hasBitCounts = false;
  private scorer: FormScorer | undefined;

  constructor(cluster: Cluster, records = new NodeRecords(cluster)) {
    this.cluster = cluster;
    this.records = records;
    this.kernel = newKernel();
  }

  /** False where the kernel was not built, or SIMD is missing. */
  get isAvailable(): boolean {
    return this.kernel !== undefined;
  }

  /**
   * Finds the best score for a pod among those that `mask` lets through (a bit per position). False when the form is not one
   * for the kernel, or some node needs a score that the form does not give.
   */
  run(form: PodForm, mask: Int32Array): boolean {
    if (!this.prepare(form, mask)) return false;
    const { amounts } = this;
    const highest = this.kernel!.scan(
      FIRST_BYTE,
      this.blockCount,
      this.maskAt,
      this.boundsAt,
      this.bitsAt,
      this.doubtsAt,
      amounts.takesCpu,
      amounts.takesMemory,
      amounts.addsCpu,
      amounts.addsMemory,
      amounts.shiftCpu,
      amounts.shiftMemory,
      amounts.isBalanced,
    );
    this.feasibleCount = this.kernel!.feasible();
    this.hasBitCounts = false;
    if (this.kernel!.doubtful() > 0) this.settleDoubts();
    this.topScore = this.feasibleCount > 0 ? this.bestUpTo(highest, -1) - 1 : -1;
    return true;
  }

  /**
   * Scores every node that `mask` lets through, by position plus 1, 0 where the pod does not fit; in memory of the kernel's
   * that the next pass overwrites. Undefined where `run` says false.
   */
  scoreAll(form: PodForm, mask: Int32Array): Uint8Array | undefined {
    if (!this.prepare(form, mask)) return undefined;
    const { amounts } = this;
    this.kernel!.evaluate(
      FIRST_BYTE,
      this.blockCount,
      this.maskAt,
      this.boundsAt,
      this.bitsAt,
      this.doubtsAt,
      amounts.takesCpu,
      amounts.takesMemory,
      amounts.addsCpu,
      amounts.addsMemory,
      amounts.shiftCpu,
      amounts.shiftMemory,
      amounts.isBalanced,
    );
    if (this.kernel!.doubtful() > 0) this.settleDoubts();
    return this.bytes.subarray(this.boundsAt, this.boundsAt + this.nodeCount);
  }

  /** The first of the best nodes in [from, end), by position; −1 when there is none. */
  nextBest(from: number, end: number): number {
    return this.nextWith(this.topScore + 1, from, end);
  }

  /** How many nodes are best. */
  countBest(): number {
    let count = 0;
    for (let position = this.nextBest(0, this.nodeCount); position >= 0; count++) {
      position = this.nextBest(position + 1, this.nodeCount);
    }
    return count;
  }

  /** The best score of all nodes but one; −1 when there is none. */
  bestBeside(only: number): number {
    return this.bestUpTo(this.topScore + 1, only) - 1;
  }

  /** Feasible nodes before the position. */
  rank(position: number): number {
    if (this.feasibleCount === this.nodeCount) return position;
    const word = position >> 5;
    if (!this.hasBitCounts) this.countBits();
    const partial = position & 31;
    const before = this.bitCounts[word]!;
    return partial === 0 ? before : before + popcount(this.words[(this.bitsAt >> 2) + word]! & ((1 << partial) - 1));
  }

  /** Position of the k-th feasible node, counted from 0. */
  select(k: number): number {
    if (this.feasibleCount === this.nodeCount) return k;
    if (!this.hasBitCounts) this.countBits();
    let low = 0;
    let high = wordCount(this.nodeCount) - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.bitCounts[middle]! <= k) low = middle;
      else high = middle - 1;
    }
    let bits = this.words[(this.bitsAt >> 2) + low]!;
    for (let left = k - this.bitCounts[low]!; left > 0; left--) bits &= bits - 1;
    return (low << 5) + 31 - Math.clz32(bits & -bits);
  }

  /** Asserts that no bound is below the score of its node, and that exactly the nodes with room have one. For tests. */
  check(): void {
    for (let position = 0; position < this.nodeCount; position++) {
      const bound = this.bytes[this.boundsAt + position]!;
      const isMasked = (this.masked![position >> 5]! & (1 << (position & 31))) === 0;
      const score = isMasked ? -1 : this.scorer!.score(position);
      if (bound === 0 ? score >= 0 : score < 0 || bound < score + 1)
        throw new Error(`position ${position} scores ${score}, and has the bound ${bound - 1}`);
    }
  }

  private prepare(form: PodForm, mask: Int32Array): boolean {
    if (this.kernel === undefined) return false;
    this.catchUp();
    if (this.oddCount > 0 || !this.amounts.read(form, this.leastCpu, this.leastMemory)) return false;
    if (this.masked !== mask) {
      this.words.set(mask, this.maskAt >> 2);
      this.masked = mask;
    }
    this.scorer = new FormScorer(form, this.records);
    return true;
  }

  /** The largest value, at most `value`, that some node but one has, counted as bounds are; 0 when there is none. */
  private bestUpTo(value: number, except: number): number {
    for (let wanted = value; wanted > 0; wanted--) {
      let position = this.nextWith(wanted, 0, this.nodeCount);
      if (position >= 0 && position === except) position = this.nextWith(wanted, position + 1, this.nodeCount);
      if (position >= 0) return wanted;
    }
    return 0;
  }

  /** The next node with this value, where no bound is above it but that of a node that is known to have its own. */
  private nextWith(value: number, from: number, end: number): number {
    const { bytes, boundsAt, scorer, kernel } = this;
    for (let position = from; position < end; position++) {
      position = kernel!.next(boundsAt, position, end, value);
      if (position < 0) return -1;
      const exact = scorer!.score(position) + 1;
      if (exact === value) return position;
      // A bound that was too high, or the one node that `bestBeside` leaves out.
      bytes[boundsAt + position] = exact;
    }
    return -1;
  }

  /** Nodes that are full to within the kernel's error, or whose bounds are to be scores, are looked at one by one. */
  private settleDoubts(): void {
    const { bytes, words, boundsAt, scorer } = this;
    const bits = this.bitsAt >> 2;
    const doubts = this.doubtsAt >> 2;
    const count = wordCount(this.nodeCount);
    for (let i = 0; i < count; i++) {
      for (let word = words[doubts + i]!; word !== 0; ) {
        const bit = word & -word;
        word ^= bit;
        const position = (i << 5) + 31 - Math.clz32(bit);
        const score = scorer!.score(position);
        bytes[boundsAt + position] = score < 0 ? 0 : score + 1;
        if (score >= 0) continue;
        words[bits + i]! &= ~bit;
        this.feasibleCount--;
      }
    }
  }

  private countBits(): void {
    const count = wordCount(this.nodeCount);
    if (this.bitCounts.length < count) this.bitCounts = new Int32Array(count);
    const { words, bitCounts } = this;
    const bits = this.bitsAt >> 2;
    let sum = 0;
    for (let i = 0; i < count; i++) {
      bitCounts[i] = sum;
      sum += popcount(words[bits + i]!);
    }
    this.hasBitCounts = true;
  }

  private catchUp(): void {
    const { cluster } = this;
    this.records.catchUp();
    const { changes, position } = cluster;
    const { sequence } = changes;
    if (this.layoutGeneration !== cluster.layoutGeneration || this.hasOtherExtremes()) {
      this.layOut();
    } else if (sequence - this.seenChanges > Math.min(changes.capacity, this.nodeCount)) {
      this.readAll();
    } else {
      for (let at = this.seenChanges; at < sequence; at++) {
        const row = changes.at(at);
        this.read(position[row]!, row);
      }
    }
    this.seenChanges = sequence;
  }

  /** Whether nodes have changed so that amounts are to be told in another measure. */
  private hasOtherExtremes(): boolean {
    const { changedNodes, allocatableCpuMilli, allocatableMemoryBytes } = this.cluster;
    const { sequence } = changedNodes;
    if (this.seenNodes === sequence) return false;
    let areOther = this.oddCount > 0;
    for (let at = this.seenNodes; at < sequence && !areOther; at++) {
      const row = changedNodes.at(at);
      const cpu = allocatableCpuMilli[row]!;
      const memory = allocatableMemoryBytes[row]!;
      areOther = isOdd(cpu, memory) || cpu < this.leastCpu || memory < this.leastMemory;
    }
    this.seenNodes = sequence;
    return areOther;
  }

  private layOut(): void {
    const { cluster, kernel } = this;
    this.layoutGeneration = cluster.layoutGeneration;
    this.nodeCount = cluster.nodeCount;
    // Two blocks at a time, so that bits come in whole words.
    this.blockCount = Math.ceil(this.nodeCount / (2 * BLOCK)) * 2;
    this.masked = undefined;
    this.boundsAt = FIRST_BYTE + this.blockCount * BLOCK_SHORTS * 2;
    this.bitsAt = this.boundsAt + this.blockCount * BLOCK;
    this.doubtsAt = this.bitsAt + this.blockCount * 2;
    this.maskAt = this.doubtsAt + this.blockCount * 2;
    const end = this.maskAt + this.blockCount * 2;
    const { memory } = kernel!;
    if (memory.buffer.byteLength < end) memory.grow(Math.ceil((end - memory.buffer.byteLength) / PAGE));
    this.shorts = new Uint16Array(memory.buffer);
    this.bytes = new Uint8Array(memory.buffer);
    this.words = new Int32Array(memory.buffer);
    this.bytes.fill(0, FIRST_BYTE, end);
    this.seenNodes = cluster.changedNodes.sequence;
    this.findLeast();
    this.readAll();
  }

  private findLeast(): void {
    const { allocatableCpuMilli, allocatableMemoryBytes, order } = this.cluster;
    let leastCpu = Number.POSITIVE_INFINITY;
    let leastMemory = Number.POSITIVE_INFINITY;
    this.oddCount = 0;
    for (let position = 0; position < this.nodeCount; position++) {
      const cpu = allocatableCpuMilli[order[position]!]!;
      const memory = allocatableMemoryBytes[order[position]!]!;
      if (isOdd(cpu, memory)) this.oddCount++;
      if (cpu < leastCpu) leastCpu = cpu;
      if (memory < leastMemory) leastMemory = memory;
    }
    this.leastCpu = leastCpu;
    this.leastMemory = leastMemory;
  }

  private readAll(): void {
    if (this.oddCount > 0) return;
    const { order } = this.cluster;
    for (let position = 0; position < this.nodeCount; position++) this.read(position, order[position]!);
  }

  private read(position: number, row: number): void {
    const { cluster, shorts } = this;
    const cpu = cluster.allocatableCpuMilli[row]!;
    const memory = cluster.allocatableMemoryBytes[row]!;
    const usedCpu = cluster.requestedCpuMilli[row]! / cpu;
    const usedMemory = cluster.requestedMemoryBytes[row]! / memory;
    const hasSlot = cluster.podCount[row]! < cluster.allocatablePods[row]!;
    const at = (FIRST_BYTE >> 1) + (position >> 4) * BLOCK_SHORTS + (position & 15);
    shorts[at] = leftOf(cluster.nonZeroRequestedCpuMilli[row]! / cpu);
    shorts[at + BLOCK] = leftOf(cluster.nonZeroRequestedMemoryBytes[row]! / memory);
    shorts[at + 2 * BLOCK] = Math.round((MAX_INT16 * this.leastCpu) / cpu);
    shorts[at + 3 * BLOCK] = Math.round((MAX_INT16 * this.leastMemory) / memory);
    shorts[at + 4 * BLOCK] = Math.min(Math.round(usedCpu * FULL), MAX_UINT16);
    shorts[at + 5 * BLOCK] = hasSlot ? Math.min(Math.round(usedMemory * FULL), MAX_UINT16) : MAX_UINT16;
    shorts[at + 6 * BLOCK] = 150 - balancePoints(usedCpu, usedMemory);
  }
}

const isOdd = (cpu: number, memory: number): boolean =>
  !(cpu > 0 && memory > 0 && cpu <= EXACT_CAPACITY_MAX && memory <= EXACT_CAPACITY_MAX);

/** What is overdrawn leaves as little as what is full. */
const leftOf = (used: number): number => Math.max(0, Math.round((1 - used) * FULL)) + NUDGE;
