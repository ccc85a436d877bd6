/**
 * The project's own format for large traces: a folder with
 *
 *   pools.json   [{"name", "labels", "taints", "allocatable"}, …]      kinds of nodes
 *   nodes.csv    name,pool                                              pool: index into pools.json
 *   shapes.json  [{"name", "labels", "spec"}, …]                        kinds of pods
 *   pods.csv     name,shape,arrival_seconds,lifetime_seconds            shape: index; no lifetime: to the end of the trace
 *                or the same with ,owner,gang                           who created it; pods of it that start together
 *
 * Fields have no quotes and lines end with a line feed, so that the bytes go straight into columns. Files in any other CSV go
 * through `csv-rows.ts`.
 *
 * Cost: one pass over the bytes, and a string per name.
 */
import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { InputError } from '../api/index.ts';
import { missing, type NodePool, nodeMaker, readPools, readShapes } from './trace-kinds.ts';
import type { PodRows, PodShape, SourceFile, Workload } from './workload.ts';

export { type NodePool, nodeMaker } from './trace-kinds.ts';

/** Nodes by name and index of their pool. */
export interface NodeRows {
  readonly names: readonly string[];
  readonly pool: Int32Array;
}

export const NODE_HEADER = 'name,pool';
export const POD_HEADER = 'name,shape,arrival_seconds,lifetime_seconds';
export const OWNED_POD_HEADER = `${POD_HEADER},owner,gang`;
const CHUNK_BYTES = 1 << 22;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const COMMA = 44;
const DOT = 46;
const QUOTE = 34;

/** Throws InputError for a missing file, for what an API server would refuse, and for every malformed row. */
export function fromTraceFolder(dir: string): Workload {
  const kinds = readPools(dir);
  const nodes = readNodeRows(dir, kinds.pools.length);
  const makers = kinds.pools.map(nodeMaker);
  const { shapes, source } = readShapes(dir);
  const pods = readPodRows(dir, shapes.length);
  return {
    name: path.basename(path.resolve(dir)),
    nodes: nodes.rows.names.map((name, i) => makers[nodes.rows.pool[i]!]!(name)),
    shapes,
    pods: pods.rows,
    hasTimes: true,
    source: {
      description: "trace in berth's own format",
      files: [kinds.source, nodes.source, source, pods.source],
    },
  };
}

export function readNodeRows(dir: string, poolCount: number): { rows: NodeRows; source: SourceFile } {
  const names: string[] = [];
  const pools = new Column(Int32Array);
  const source = readRows(dir, 'nodes.csv', NODE_HEADER, (row) => {
    names.push(row.text());
    pools.push(row.index(poolCount, 'pools.json'));
  });
  return { rows: { names, pool: pools.values() }, source };
}

export function readPodRows(dir: string, shapeCount: number): { rows: PodRows; source: SourceFile } {
  const names: string[] = [];
  const shape = new Column(Int32Array);
  const arrivalSeconds = new Column(Float64Array);
  const lifetimeSeconds = new Column(Float64Array);
  const source = readRows(dir, 'pods.csv', POD_HEADER, (row) => {
    names.push(row.text());
    shape.push(row.index(shapeCount, 'shapes.json'));
    arrivalSeconds.push(row.amount());
    lifetimeSeconds.push(row.amount(Number.POSITIVE_INFINITY));
  });
  const rows = {
    count: names.length,
    names,
    shape: shape.values(),
    arrivalSeconds: arrivalSeconds.values(),
    lifetimeSeconds: lifetimeSeconds.values(),
  };
  return { rows, source };
}

export interface TraceParts {
  readonly pools: readonly NodePool[];
  readonly nodes: NodeRows;
  readonly shapes: readonly PodShape[];
  readonly pods: PodRows;
}

/** @param dir A folder that is there. */
export function writeTraceFolder(dir: string, { pools, nodes, shapes, pods }: TraceParts): void {
  writeFileSync(path.join(dir, 'pools.json'), `${JSON.stringify(pools, null, 2)}\n`);
  writeFileSync(path.join(dir, 'shapes.json'), `${JSON.stringify(shapes, null, 2)}\n`);
  writeRows(dir, 'nodes.csv', NODE_HEADER, nodes.names.length, (i) => `${nodes.names[i]},${nodes.pool[i]}`);
  writeRows(dir, 'pods.csv', POD_HEADER, pods.count, (i) => {
    const lifetime = pods.lifetimeSeconds[i]!;
    return `${pods.names[i]},${pods.shape[i]},${pods.arrivalSeconds[i]},${Number.isFinite(lifetime) ? lifetime : ''}`;
  });
}

const ROWS_PER_WRITE = 10_000;

function writeRows(dir: string, name: string, header: string, count: number, row: (index: number) => string): void {
  const file = openSync(path.join(dir, name), 'w');
  let lines = [header];
  for (let i = 0; i < count; i++) {
    lines.push(row(i));
    if (lines.length < ROWS_PER_WRITE) continue;
    writeSync(file, `${lines.join('\n')}\n`);
    lines = [];
  }
  if (lines.length > 0) writeSync(file, `${lines.join('\n')}\n`);
  closeSync(file);
}

/** Reads a file line by line; `onRow` takes its fields in the order of the header. */
function readRows(dir: string, name: string, header: string, onRow: (row: RowReader) => void): SourceFile {
  let file: number;
  try {
    file = openSync(path.join(dir, name), 'r');
  } catch (error) {
    throw missing(error, name);
  }
  const hash = createHash('sha256');
  const row = new RowReader(name, header);
  let bytes = Buffer.allocUnsafe(CHUNK_BYTES);
  let kept = 0;
  let total = 0;
  try {
    for (;;) {
      const read = readSync(file, bytes, kept, bytes.length - kept, null);
      hash.update(bytes.subarray(kept, kept + read));
      total += read;
      const end = kept + read;
      // The last line may lack its line feed.
      const whole = read === 0 ? end : bytes.lastIndexOf(LINE_FEED, end - 1) + 1;
      row.readAll(bytes, whole, onRow);
      kept = end - whole;
      if (read === 0) break;
      if (kept === bytes.length) bytes = Buffer.concat([bytes, Buffer.allocUnsafe(bytes.length)]);
      else bytes.copyWithin(0, whole, end);
    }
  } finally {
    closeSync(file);
  }
  row.checkHeader();
  return { name, bytes: total, sha256: hash.digest('hex') };
}

class RowReader {
  private readonly file: string;
  private readonly header: string;
  private bytes: Buffer = Buffer.alloc(0);
  private at = 0;
  private end = 0;
  private line = 0;
  private field = 0;
  private ignoresRest = false;

  constructor(file: string, header: string) {
    this.file = file;
    this.header = header;
  }

  readAll(bytes: Buffer, end: number, onRow: (row: RowReader) => void): void {
    this.bytes = bytes;
    this.at = 0;
    while (this.at < end) {
      const feed = bytes.indexOf(LINE_FEED, this.at);
      let stop = feed < 0 || feed >= end ? end : feed;
      const next = stop + 1;
      if (bytes[stop - 1] === CARRIAGE_RETURN) stop--;
      this.end = stop;
      this.line++;
      this.field = 0;
      if (this.line === 1) {
        const given = bytes.toString('utf8', 0, stop).replace(/^\ufeff/, '');
        // Scheduling pod by pod has no use for owners.
        this.ignoresRest = given === OWNED_POD_HEADER && this.header === POD_HEADER;
        if (given !== this.header && !this.ignoresRest) {
          throw this.fail(`the header is "${given}"; it should be "${this.header}"`);
        }
      } else if (stop > this.at) {
        onRow(this);
        if (this.at <= stop && !this.ignoresRest) throw this.fail(`more fields than the header has: ${this.header}`);
      }
      this.at = next;
    }
  }

  checkHeader(): void {
    if (this.line === 0) throw this.fail(`the file is empty; its first line should be "${this.header}"`);
  }

  text(): string {
    const { bytes, end } = this;
    const from = this.begin();
    let at = from;
    let isPlain = true;
    for (; at < end; at++) {
      const byte = bytes[at]!;
      if (byte === COMMA) break;
      if (byte === QUOTE) throw this.fail('quotes are not part of this format; write the field without');
      if (byte > 127) isPlain = false;
    }
    if (at === from) throw this.fail('a name is expected');
    this.at = at + 1;
    return isPlain ? bytes.toString('latin1', from, at) : bytes.toString('utf8', from, at);
  }

  /** A whole number below `count`. */
  index(count: number, list: string): number {
    const from = this.begin();
    const value = this.number(from);
    if (value < count && Number.isInteger(value)) return value;
    throw this.fail(`"${this.shown(from)}" is not an index into ${list}, which has ${count} entries`);
  }

  /** A number of at least 0, in decimals. @param ifEmpty What no text stands for; an error when undefined. */
  amount(ifEmpty?: number): number {
    const from = this.begin();
    const value = this.number(from);
    if (value >= 0) return value;
    if (ifEmpty !== undefined && this.shown(from) === '') return ifEmpty;
    throw this.fail(`"${this.shown(from)}" is not a number of seconds, 0 or more`);
  }

  private begin(): number {
    this.field++;
    if (this.at <= this.end) return this.at;
    throw this.fail(`fewer fields than the header has: ${this.header}`);
  }

  /** NaN for what is no number. */
  private number(from: number): number {
    const { bytes, end } = this;
    let whole = 0;
    let at = from;
    for (; at < end; at++) {
      const digit = bytes[at]! - 48;
      if (digit < 0 || digit > 9) break;
      whole = whole * 10 + digit;
    }
    const isWhole = at > from && (at === end || bytes[at] === COMMA) && whole <= Number.MAX_SAFE_INTEGER;
    if (isWhole) {
      this.at = at + 1;
      return whole;
    }
    while (at < end && bytes[at] !== COMMA) at++;
    this.at = at + 1;
    const text = bytes.toString('latin1', from, at);
    return bytes.indexOf(DOT, from) < at && /^\d+\.\d+$/.test(text) ? Number(text) : Number.NaN;
  }

  private shown(from: number): string {
    return this.bytes.toString('utf8', from, Math.max(from, this.at - 1));
  }

  private fail(problem: string): InputError {
    const column = this.header.split(',')[this.field - 1];
    return new InputError(problem, { file: this.file, line: Math.max(1, this.line), column });
  }
}

type Numbers = Int32Array | Float64Array;

/** Numbers on shared memory, so that they cross to workers uncopied. */
class Column<T extends Numbers> {
  private readonly type: { new (buffer: SharedArrayBuffer): T; readonly BYTES_PER_ELEMENT: number };
  private array: T;
  private count = 0;

  constructor(type: Column<T>['type']) {
    this.type = type;
    this.array = this.make(1024);
  }

  push(value: number): void {
    if (this.count === this.array.length) {
      const wider = this.make(this.count * 2);
      wider.set(this.array);
      this.array = wider;
    }
    this.array[this.count++] = value;
  }

  values(): T {
    const values = this.make(this.count);
    values.set(this.array.subarray(0, this.count));
    return values;
  }

  private make(length: number): T {
    return new this.type(new SharedArrayBuffer(length * this.type.BYTES_PER_ELEMENT));
  }
}
