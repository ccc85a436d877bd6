/**
 * CPU and memory of every node by position, side by side, so that a class that catches up on a changed node reads two lines of
 * memory instead of ten columns. Kept up to date from the cluster's log of changed rows.
 *
 * Layout: 20 bytes per node, or 36 once requests with defaults are something else than requests; nodes come in few sizes, which
 * are told once. Cost: a change of a node about 20 ns.
 */
import type { Cluster } from '../cluster.ts';
import { balancePoints, EXACT_CAPACITY_MAX } from './resource-form.ts';

/** A note holds `balancePoints` of the node as it is, whether no pod slot is left, and the node's size. */
export const BALANCE_MASK = 0x7f;
export const IS_FULL = 0x80;
export const SIZE_SHIFT = 8;
/** Of the note of a node whose capacities need the long formulas: it is below 0. */
const IS_ODD = 1 << 31;
const SIZES_MAX = 1 << 23;
const FIRST_SIZES = 8;

export class NodeRecords {
  /** What is left of CPU and memory, by requests; where defaults are told apart by requests with defaults, too. */
  left = new Float64Array(0);
  /** As a power of two: numbers per node. */
  bits = 1;
  notes = new Int32Array(0);
  /** CPU and memory of each size. */
  sizes = new Float64Array(2 * FIRST_SIZES);
  private readonly sizeIds = new Map<string, number>();
  private readonly cluster: Cluster;
  private layoutGeneration = -1;
  private seenChanges = 0;

  constructor(cluster: Cluster) {
    this.cluster = cluster;
  }

  catchUp(): void {
    const { cluster } = this;
    const { changes, position } = cluster;
    const { sequence } = changes;
    if (this.layoutGeneration !== cluster.layoutGeneration || sequence - this.seenChanges > changes.capacity) {
      this.readAll();
    } else {
      for (let at = this.seenChanges; at < sequence; at++) {
        const row = changes.at(at);
        this.read(position[row]!, row);
      }
    }
    this.seenChanges = sequence;
  }

  /** Asserts that the records say what the columns say. For tests. */
  check(): void {
    const { left, notes } = this;
    const kept = [left.slice(), notes.slice()] as const;
    this.readAll();
    const stale = left.findIndex((amount, i) => amount !== kept[0][i]);
    if (stale >= 0) throw new Error(`amount ${stale} of the records is stale`);
    const staleNote = notes.findIndex((note, i) => note !== kept[1][i]);
    if (staleNote >= 0) throw new Error(`the note at ${staleNote} is stale`);
  }

  private readAll(): void {
    const { cluster } = this;
    const { order, nodeCount, layoutGeneration } = cluster;
    this.layoutGeneration = layoutGeneration;
    this.bits = cluster.tellsDefaultsApart ? 2 : 1;
    if (this.left.length !== nodeCount << this.bits) this.left = new Float64Array(nodeCount << this.bits);
    if (this.notes.length !== nodeCount) this.notes = new Int32Array(nodeCount);
    for (let position = 0; position < nodeCount; position++) this.read(position, order[position]!);
  }

  private read(position: number, row: number): void {
    const { cluster, left, bits } = this;
    const cpu = cluster.allocatableCpuMilli[row]!;
    const memory = cluster.allocatableMemoryBytes[row]!;
    const usedCpu = cluster.requestedCpuMilli[row]!;
    const usedMemory = cluster.requestedMemoryBytes[row]!;
    const at = position << bits;
    left[at] = cpu - usedCpu;
    left[at + 1] = memory - usedMemory;
    if (bits === 2) {
      left[at + 2] = cpu - cluster.nonZeroRequestedCpuMilli[row]!;
      left[at + 3] = memory - cluster.nonZeroRequestedMemoryBytes[row]!;
    }
    const isFull = cluster.podCount[row]! < cluster.allocatablePods[row]! ? 0 : IS_FULL;
    const size = this.sizeOf(cpu, memory, this.notes[position]! >> SIZE_SHIFT);
    this.notes[position] =
      size < 0 ? IS_ODD | isFull : (size << SIZE_SHIFT) | isFull | balancePoints(usedCpu / cpu, usedMemory / memory);
  }

  /** −1 where the long formulas are needed. @param likely What it was, mostly. */
  private sizeOf(cpu: number, memory: number, likely: number): number {
    const { sizes } = this;
    if (likely >= 0 && sizes[2 * likely] === cpu && sizes[2 * likely + 1] === memory && cpu > 0) return likely;
    if (!(cpu > 0 && memory > 0 && cpu <= EXACT_CAPACITY_MAX && memory <= EXACT_CAPACITY_MAX)) return -1;
    const key = `${cpu},${memory}`;
    const known = this.sizeIds.get(key);
    if (known !== undefined) return known;
    const made = this.sizeIds.size;
    if (made === SIZES_MAX) return -1;
    this.sizeIds.set(key, made);
    if (2 * made === sizes.length) {
      this.sizes = new Float64Array(4 * made);
      this.sizes.set(sizes);
    }
    this.sizes[2 * made] = cpu;
    this.sizes[2 * made + 1] = memory;
    return made;
  }
}
