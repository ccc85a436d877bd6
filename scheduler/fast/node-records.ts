/**
 * CPU and memory of every node by position, in one record per node, so that a class that catches up on a changed node reads
 * one line of memory instead of ten columns. Kept up to date from the cluster's log of changed rows.
 *
 * Layout: 8 numbers, 64 bytes per node. Cost: a change of a node about 20 ns.
 */
import type { Cluster } from '../cluster.ts';
import { balancePoints, EXACT_CAPACITY_MAX } from './resource-form.ts';

export const RECORD_BITS = 3;
/** What is left by real requests; −1 for CPU where no pod slot is left. */
export const FREE_CPU = 0;
export const FREE_MEMORY = 1;
/** What is left by requests with defaults. */
export const LEFT_CPU = 2;
export const LEFT_MEMORY = 3;
export const CPU = 4;
export const MEMORY = 5;
/** `balancePoints` as the node is; NaN where the capacities need the long formulas. */
export const BALANCE = 6;

export class NodeRecords {
  values = new Float64Array(0);
  private readonly cluster: Cluster;
  private nodeGeneration = -1;
  private seenChanges = 0;

  constructor(cluster: Cluster) {
    this.cluster = cluster;
  }

  catchUp(): void {
    const { cluster } = this;
    const { changes, position } = cluster;
    const { sequence } = changes;
    if (this.nodeGeneration !== cluster.nodeGeneration || sequence - this.seenChanges > changes.capacity) {
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
    const { values } = this;
    const kept = values.slice();
    this.readAll();
    for (let i = 0; i < values.length; i++) {
      if (!Object.is(kept[i], values[i]))
        throw new Error(`number ${i & 7} of the record at ${i >> RECORD_BITS} is stale`);
    }
  }

  private readAll(): void {
    const { order, nodeCount, nodeGeneration } = this.cluster;
    this.nodeGeneration = nodeGeneration;
    if (this.values.length !== nodeCount << RECORD_BITS) this.values = new Float64Array(nodeCount << RECORD_BITS);
    for (let position = 0; position < nodeCount; position++) this.read(position, order[position]!);
  }

  private read(position: number, row: number): void {
    const { cluster, values } = this;
    const cpu = cluster.allocatableCpuMilli[row]!;
    const memory = cluster.allocatableMemoryBytes[row]!;
    const usedCpu = cluster.requestedCpuMilli[row]!;
    const usedMemory = cluster.requestedMemoryBytes[row]!;
    const at = position << RECORD_BITS;
    values[at + FREE_CPU] = cluster.podCount[row]! < cluster.allocatablePods[row]! ? cpu - usedCpu : -1;
    values[at + FREE_MEMORY] = memory - usedMemory;
    values[at + LEFT_CPU] = cpu - cluster.nonZeroRequestedCpuMilli[row]!;
    values[at + LEFT_MEMORY] = memory - cluster.nonZeroRequestedMemoryBytes[row]!;
    values[at + CPU] = cpu;
    values[at + MEMORY] = memory;
    const isOrdinary = cpu > 0 && memory > 0 && cpu <= EXACT_CAPACITY_MAX && memory <= EXACT_CAPACITY_MAX;
    values[at + BALANCE] = isOrdinary ? balancePoints(usedCpu / cpu, usedMemory / memory) : Number.NaN;
  }
}
