/** A trace as columns of numbers, for statistics: 40 bytes a pod. */
import type { NodePool } from '../trace-folder.ts';
import type { PodShape } from '../workload.ts';
import { Interning } from './interning.ts';
import type { TraceSink } from './model.ts';

type Numbers = Int32Array | Float64Array;

class Growing<T extends Numbers> {
  private readonly type: new (
    length: number,
  ) => T;
  private array: T;
  count = 0;

  constructor(type: new (length: number) => T) {
    this.type = type;
    this.array = new type(1024);
  }

  push(value: number): void {
    if (this.count === this.array.length) {
      const wider = new this.type(this.count * 2);
      wider.set(this.array);
      this.array = wider;
    }
    this.array[this.count++] = value;
  }

  values(): T {
    return this.array.subarray(0, this.count) as T;
  }
}

export interface TraceColumns {
  readonly pools: readonly NodePool[];
  /** Nodes by pool. */
  readonly nodes: readonly number[];
  readonly shapes: readonly PodShape[];
  readonly shape: Int32Array;
  readonly arrivalSeconds: Float64Array;
  /** Infinity for pods that outlive the trace. */
  readonly lifetimeSeconds: Float64Array;
  /** A number per owner, -1 without one. */
  readonly owner: Int32Array;
  readonly owners: number;
  readonly gang: Int32Array;
}

export class ColumnSink implements TraceSink {
  private readonly names = new Interning();
  private readonly nodes: number[] = [];
  private readonly shapeColumn = new Growing(Int32Array);
  private readonly arrivals = new Growing(Float64Array);
  private readonly lifetimes = new Growing(Float64Array);
  private readonly ownerColumn = new Growing(Int32Array);
  private readonly gangs = new Growing(Int32Array);
  private readonly owners = new Map<string, number>();

  pool(pool: NodePool): number {
    const index = this.names.pool(pool);
    this.nodes[index] ??= 0;
    return index;
  }

  node(_name: string, pool: number): void {
    this.nodes[pool]!++;
  }

  shape(shape: PodShape): number {
    return this.names.shape(shape);
  }

  pod(
    _name: string,
    shape: number,
    arrivalSeconds: number,
    lifetimeSeconds: number,
    owner: string,
    gang: number,
  ): void {
    this.shapeColumn.push(shape);
    this.arrivals.push(arrivalSeconds);
    this.lifetimes.push(lifetimeSeconds);
    this.ownerColumn.push(owner === '' ? -1 : this.ownerNumber(owner));
    this.gangs.push(gang);
  }

  private ownerNumber(owner: string): number {
    let number = this.owners.get(owner);
    if (number === undefined) {
      number = this.owners.size;
      this.owners.set(owner, number);
    }
    return number;
  }

  columns(): TraceColumns {
    return {
      pools: this.names.pools,
      nodes: this.nodes,
      shapes: this.names.shapes,
      shape: this.shapeColumn.values(),
      arrivalSeconds: this.arrivals.values(),
      lifetimeSeconds: this.lifetimes.values(),
      owner: this.ownerColumn.values(),
      owners: this.owners.size,
      gang: this.gangs.values(),
    };
  }
}
