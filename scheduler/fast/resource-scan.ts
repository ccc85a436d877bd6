/**
 * The nodes' CPU and memory in the kernel's memory, and one pass over all of them for one pod (`kernel/scan.as`).
 *
 * Layout: 52 bytes per node, in snapshot order. Cost: a change of a node 50 ns; a pass about 3 ns per node.
 */
import { readFileSync } from 'node:fs';
import type { Cluster } from '../cluster.ts';
import { popcount } from './popcount.ts';
import { balancePoints, EXACT_CAPACITY_MAX, fusedScore, type PodForm } from './resource-form.ts';

interface Kernel {
  readonly memory: WebAssembly.Memory;
  scan(
    columns: number,
    capacity: number,
    mask: number,
    bounds: number,
    bits: number,
    defaultedCpu: number,
    defaultedMemory: number,
    cpu: number,
    memory: number,
    cpuMilli: number,
    memoryBytes: number,
    balanced: number,
  ): number;
  collect(bounds: number, capacity: number, threshold: number, out: number): number;
  feasible(): number;
}

const FIRST_BYTE = 1024;
const PAGE = 65536;
const MAX_INT32 = 2 ** 31 - 1;

let kernelModule: WebAssembly.Module | null | undefined;

/** Undefined where the kernel was not built, or SIMD is missing. */
function newKernel(): Kernel | undefined {
  if (kernelModule === undefined) {
    try {
      const bytes = readFileSync(new URL('./kernel/scan.wasm', import.meta.url));
      kernelModule = WebAssembly.validate(bytes) ? new WebAssembly.Module(bytes) : null;
    } catch {
      kernelModule = null;
    }
  }
  if (kernelModule === null) return undefined;
  return new WebAssembly.Instance(kernelModule, { env: { abort: () => undefined } }).exports as unknown as Kernel;
}

export class ResourceScan {
  /** Of the last pass. */
  feasibleCount = 0;
  topScore = 0;
  nodeCount = 0;

  private readonly cluster: Cluster;
  private readonly kernel: Kernel | undefined;
  private nodeGeneration = -1;
  private seenChanges = 0;
  private capacity = 0;
  private masked: Int32Array | undefined;
  private floats = new Float32Array(0);
  private integers = new Int32Array(0);
  private doubles = new Float64Array(0);
  /** Positions whose capacities need the long formulas; the kernel passes them over. */
  private readonly odd = new Set<number>();
  private bitCount: Int32Array | undefined;
  private score: (row: number) => number = () => -1;

  constructor(cluster: Cluster) {
    this.cluster = cluster;
    this.kernel = newKernel();
  }

  get isAvailable(): boolean {
    return this.kernel !== undefined;
  }

  /**
   * Finds the best score for a pod among those that `mask` lets through (−1, else 0, by position). False when a node would
   * need a score that the form does not give.
   */
  run(form: PodForm, mask: Int32Array): boolean {
    const kernel = this.kernel!;
    this.catchUp();
    if (this.masked !== mask) {
      this.integers.set(mask, this.maskAt >> 2);
      this.masked = mask;
    }
    const { cpuMilli, memoryBytes, defaultedCpuMilli, defaultedMemoryBytes, balanced } = form;
    if (this.odd.size > 0 || cpuMilli > MAX_INT32) return false;
    const low = kernel.scan(
      FIRST_BYTE,
      this.capacity,
      this.maskAt,
      this.boundsAt,
      this.bitsAt,
      defaultedCpuMilli,
      defaultedMemoryBytes,
      balanced?.cpuMilli ?? 0,
      balanced?.memoryBytes ?? 0,
      cpuMilli,
      memoryBytes,
      balanced === undefined ? 0 : 1,
    );
    this.feasibleCount = kernel.feasible();
    this.bitCount = undefined;
    this.score = fusedScore(form, this.cluster);
    this.topScore = this.feasibleCount > 0 ? this.findTop(low) : -1;
    return true;
  }

  /** The first of the best nodes in [from, end), by position; −1 when there is none. */
  nextBest(from: number, end: number): number {
    const { floats, topScore, cluster } = this;
    const bounds = this.boundsAt >> 2;
    for (let position = from; position < end; position++) {
      const bound = floats[bounds + position]!;
      if (bound < topScore) continue;
      if (bound === topScore || this.score(cluster.order[position]!) === topScore) return position;
    }
    return -1;
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
    const { topScore } = this;
    let second = -1;
    for (let distance = 1; ; distance *= 4) {
      const threshold = Math.max(0, topScore - distance);
      const count = this.kernel!.collect(this.boundsAt, this.capacity, threshold, this.outAt);
      for (let i = 0; i < count; i++) {
        const position = this.integers[(this.outAt >> 2) + i]!;
        if (position !== only) second = Math.max(second, this.score(this.cluster.order[position]!));
      }
      // Whatever was not looked at is below the threshold.
      if (second >= threshold || threshold === 0) return second;
    }
  }

  /** Feasible nodes before the position. */
  rank(position: number): number {
    if (this.feasibleCount === this.nodeCount) return position;
    const bits = this.bitsAt >> 2;
    const word = position >> 5;
    this.bitCount ??= this.countBits();
    const partial = position & 31;
    return this.bitCount[word]! + (partial === 0 ? 0 : popcount(this.integers[bits + word]! & ((1 << partial) - 1)));
  }

  /** Position of the k-th feasible node, counted from 0. */
  select(k: number): number {
    if (this.feasibleCount === this.nodeCount) return k;
    this.bitCount ??= this.countBits();
    let low = 0;
    let high = this.bitCount.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.bitCount[middle]! <= k) low = middle;
      else high = middle - 1;
    }
    let bits = this.integers[(this.bitsAt >> 2) + low]!;
    for (let left = k - this.bitCount[low]!; left > 0; left--) bits &= bits - 1;
    return (low << 5) + 31 - Math.clz32(bits & -bits);
  }

  /** The best score, from the best lower bound: only nodes whose upper bound is above that can be better. */
  private findTop(low: number): number {
    const { cluster, integers } = this;
    let top = low;
    const count = this.kernel!.collect(this.boundsAt, this.capacity, low + 1, this.outAt);
    for (let i = 0; i < count; i++) {
      const score = this.score(cluster.order[integers[(this.outAt >> 2) + i]!]!);
      if (score > top) top = score;
    }
    return top;
  }

  private countBits(): Int32Array {
    const words = this.capacity >> 5;
    const counts = new Int32Array(words);
    const bits = this.bitsAt >> 2;
    let sum = 0;
    for (let word = 0; word < words; word++) {
      counts[word] = sum;
      sum += popcount(this.integers[bits + word]!);
    }
    return counts;
  }

  private get maskAt(): number {
    return FIRST_BYTE + this.capacity * 40;
  }
  private get boundsAt(): number {
    return FIRST_BYTE + this.capacity * 44;
  }
  private get outAt(): number {
    return FIRST_BYTE + this.capacity * 48;
  }
  private get bitsAt(): number {
    return FIRST_BYTE + this.capacity * 52;
  }

  private catchUp(): void {
    const { cluster } = this;
    const { changes, position } = cluster;
    const { sequence } = changes;
    if (this.nodeGeneration !== cluster.nodeGeneration) {
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

  private layOut(): void {
    const { cluster, kernel } = this;
    this.nodeGeneration = cluster.nodeGeneration;
    this.nodeCount = cluster.nodeCount;
    this.capacity = Math.ceil(this.nodeCount / 32) * 32;
    this.masked = undefined;
    this.odd.clear();
    const bytes = this.bitsAt + this.capacity / 8;
    const { memory } = kernel!;
    if (memory.buffer.byteLength < bytes) memory.grow(Math.ceil((bytes - memory.buffer.byteLength) / PAGE));
    this.floats = new Float32Array(memory.buffer);
    this.integers = new Int32Array(memory.buffer);
    this.doubles = new Float64Array(memory.buffer);
    this.floats.fill(0, FIRST_BYTE >> 2, bytes >> 2);
    this.readAll();
  }

  private readAll(): void {
    const { order } = this.cluster;
    for (let position = 0; position < this.nodeCount; position++) this.read(position, order[position]!);
  }

  private read(position: number, row: number): void {
    const { cluster, capacity, floats, integers, doubles } = this;
    const cpu = cluster.allocatableCpuMilli[row]!;
    const memory = cluster.allocatableMemoryBytes[row]!;
    const usedCpu = cluster.requestedCpuMilli[row]!;
    const usedMemory = cluster.requestedMemoryBytes[row]!;
    const at = (FIRST_BYTE >> 2) + position;
    const hasSlot = cluster.podCount[row]! < cluster.allocatablePods[row]!;
    const isOdd = !(cpu > 0 && memory > 0 && cpu <= EXACT_CAPACITY_MAX && memory <= EXACT_CAPACITY_MAX);
    if (isOdd) this.odd.add(position);
    floats[at] = 100 * (1 - cluster.nonZeroRequestedCpuMilli[row]! / cpu);
    floats[at + capacity] = 100 * (1 - cluster.nonZeroRequestedMemoryBytes[row]! / memory);
    floats[at + 2 * capacity] = 1 / cpu;
    floats[at + 3 * capacity] = 1 / memory;
    floats[at + 4 * capacity] = usedCpu / cpu;
    floats[at + 5 * capacity] = usedMemory / memory;
    floats[at + 6 * capacity] = balancePoints(usedCpu / cpu, usedMemory / memory);
    integers[at + 7 * capacity] = hasSlot ? Math.max(-1, Math.min(cpu - usedCpu, MAX_INT32)) : -1;
    doubles[((FIRST_BYTE + 32 * capacity) >> 3) + position] = memory - usedMemory;
  }
}
