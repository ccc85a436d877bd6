/** Where a trace goes: into a folder in the project's own format, or into a workload in memory; and what stands before. */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { InputError, type Node } from '../../api/index.ts';
import { NODE_HEADER, type NodePool, nodeMaker, OWNED_POD_HEADER, POD_HEADER } from '../trace-folder.ts';
import { type PodRows, PodRowsBuilder, type PodShape } from '../workload.ts';
import { Interning } from './interning.ts';
import type { TraceSink } from './model.ts';
import type { Tally } from './refusals.ts';
import { RowWriter } from './row-writer.ts';

export const TRACE_FILE = 'trace.json';

/** Writes beside the folder and moves it into place when it is whole: a reader sees all of it or none. */
export class FolderSink implements TraceSink {
  readonly names = new Interning();
  nodes = 0;
  pods = 0;
  private readonly dir: string;
  private readonly part: string;
  private readonly hasOwners: boolean;
  private readonly nodeRows: RowWriter;
  private readonly podRows: RowWriter;

  /** Throws InputError when the folder is there and not empty. */
  constructor(dir: string, hasOwners: boolean) {
    this.dir = path.resolve(dir);
    if (existsSync(this.dir) && readdirSync(this.dir).length > 0) {
      throw new InputError(`${dir} is there already; name a folder that is not, or is empty`);
    }
    this.part = `${this.dir}.part`;
    this.hasOwners = hasOwners;
    rmSync(this.part, { recursive: true, force: true });
    mkdirSync(this.part, { recursive: true });
    this.nodeRows = new RowWriter(path.join(this.part, 'nodes.csv'), NODE_HEADER);
    this.podRows = new RowWriter(path.join(this.part, 'pods.csv'), hasOwners ? OWNED_POD_HEADER : POD_HEADER);
  }

  pool(pool: NodePool): number {
    return this.names.pool(pool);
  }

  node(name: string, pool: number): void {
    const nodes = this.nodeRows;
    this.nodes++;
    nodes.plainText(name);
    nodes.comma();
    nodes.number(pool);
    nodes.endRow();
  }

  shape(shape: PodShape): number {
    return this.names.shape(shape);
  }

  pod(name: string, shape: number, arrivalSeconds: number, lifetimeSeconds: number, owner: string, gang: number): void {
    const pods = this.podRows;
    this.pods++;
    pods.plainText(name);
    pods.comma();
    pods.number(shape);
    pods.comma();
    pods.number(arrivalSeconds);
    pods.comma();
    if (lifetimeSeconds !== Number.POSITIVE_INFINITY) pods.number(lifetimeSeconds);
    if (this.hasOwners) {
      pods.comma();
      pods.plainText(owner);
      pods.comma();
      if (gang > 0) pods.number(gang);
    }
    pods.endRow();
  }

  finish(about: object): void {
    this.nodeRows.close();
    this.podRows.close();
    this.json('pools.json', this.names.pools);
    this.json('shapes.json', this.names.shapes);
    this.json(TRACE_FILE, about);
    rmSync(this.dir, { recursive: true, force: true });
    renameSync(this.part, this.dir);
  }

  abandon(): void {
    this.nodeRows.close();
    this.podRows.close();
    rmSync(this.part, { recursive: true, force: true });
  }

  private json(name: string, value: unknown): void {
    writeFileSync(path.join(this.part, name), `${JSON.stringify(value, null, 2)}\n`);
  }
}

/** Collects a trace in memory. */
export class WorkloadSink implements TraceSink {
  readonly names = new Interning();
  readonly nodes: Node[] = [];
  private readonly makers: ((name: string) => Node)[] = [];
  private readonly rows = new PodRowsBuilder();

  pool(pool: NodePool): number {
    const index = this.names.pool(pool);
    this.makers[index] ??= nodeMaker(pool);
    return index;
  }

  node(name: string, pool: number): void {
    this.nodes.push(this.makers[pool]!(name));
  }

  shape(shape: PodShape): number {
    return this.names.shape(shape);
  }

  pod(name: string, shape: number, arrivalSeconds: number, lifetimeSeconds: number): void {
    this.rows.add(name, shape, arrivalSeconds, lifetimeSeconds);
  }

  pods(): PodRows {
    return this.rows.build();
  }
}

/** Looks for the earliest arrival and keeps nothing. */
export class EarliestSink implements TraceSink {
  seconds = Number.POSITIVE_INFINITY;
  private readonly names = new Interning();

  pool(pool: NodePool): number {
    return this.names.pool(pool);
  }

  node(): void {}

  shape(shape: PodShape): number {
    return this.names.shape(shape);
  }

  pod(_name: string, _shape: number, arrivalSeconds: number): void {
    if (arrivalSeconds < this.seconds) this.seconds = arrivalSeconds;
  }
}

/** Counts what passes and moves arrivals to the trace's own time. */
export class CountingSink implements TraceSink {
  private readonly sink: TraceSink;
  private readonly tally: Tally;
  private readonly startSeconds: number;

  constructor(sink: TraceSink, tally: Tally, startSeconds: number) {
    this.sink = sink;
    this.tally = tally;
    this.startSeconds = startSeconds;
  }

  pool(pool: NodePool): number {
    return this.sink.pool(pool);
  }

  node(name: string, pool: number): void {
    this.tally.node();
    this.sink.node(name, pool);
  }

  shape(shape: PodShape): number {
    return this.sink.shape(shape);
  }

  pod(name: string, shape: number, arrivalSeconds: number, lifetimeSeconds: number, owner: string, gang: number): void {
    const arrival = arrivalSeconds - this.startSeconds;
    if (!(arrival >= 0 && arrival < Number.POSITIVE_INFINITY)) {
      throw new InputError(`pod ${name} would arrive at second ${arrival}; a time of at least 0 is expected`);
    }
    if (!(lifetimeSeconds >= 0))
      throw new InputError(`pod ${name} would live for ${lifetimeSeconds} s; 0 or more are expected`);
    this.tally.pod();
    this.sink.pod(name, shape, arrival, lifetimeSeconds, owner, gang);
  }
}
