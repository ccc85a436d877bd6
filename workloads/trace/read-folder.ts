/** A folder in berth's own format, row by row into a sink: what `berth trace` does with traces of any size. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { InputError } from '../../api/index.ts';
import { NODE_HEADER, type NodePool, OWNED_POD_HEADER, POD_HEADER } from '../trace-folder.ts';
import type { PodShape } from '../workload.ts';
import { firstBytes } from './byte-source.ts';
import { COMMA, type Layout, readFields } from './fields.ts';
import type { TraceSink } from './model.ts';
import { Tally } from './refusals.ts';
import { TRACE_FILE } from './sinks.ts';

export interface AboutTrace {
  readonly family?: string;
  readonly title?: string;
  readonly hasTimes?: boolean;
  readonly startUnixSeconds?: number;
  readonly [key: string]: unknown;
}

const NODES: Layout = { table: 'nodes', columns: NODE_HEADER.split(','), separator: COMMA, header: true, fieldsMax: 2 };
const PODS: Layout = {
  table: 'pods',
  columns: OWNED_POD_HEADER.split(','),
  separator: COMMA,
  header: true,
  fieldsMin: 4,
  fieldsMax: 6,
};

/** What `trace.json` says; nothing for a folder that somebody else wrote. */
export function aboutOf(dir: string): AboutTrace {
  const file = path.join(dir, TRACE_FILE);
  return existsSync(file) ? (json(dir, TRACE_FILE) as AboutTrace) : {};
}

export function hasOwners(dir: string): boolean {
  return headerOf(dir) === OWNED_POD_HEADER;
}

/** Throws InputError for what is missing or malformed. @param tally Stops at the first bad row unless it says otherwise. */
export async function readFolder(dir: string, sink: TraceSink, tally = new Tally('stop')): Promise<void> {
  const pools = list<NodePool>(dir, 'pools.json').map((pool) => sink.pool(pool));
  const shapes = list<PodShape>(dir, 'shapes.json').map((shape) => sink.shape(shape));
  const header = headerOf(dir);
  if (header !== POD_HEADER && header !== OWNED_POD_HEADER) {
    throw new InputError(`the header is "${header}"; it should be "${POD_HEADER}" or "${OWNED_POD_HEADER}"`, {
      file: 'pods.csv',
      line: 1,
    });
  }
  await readFields(path.join(dir, 'nodes.csv'), NODES, tally, (row) =>
    sink.node(row.text(0), pools[row.whole(1, 0, pools.length - 1)]!),
  );
  const owned = header === OWNED_POD_HEADER;
  await readFields(path.join(dir, 'pods.csv'), PODS, tally, (row) => {
    const shape = shapes[row.whole(1, 0, shapes.length - 1)]!;
    const arrival = row.amount(2);
    const lifetime = row.isEmpty(3) ? Number.POSITIVE_INFINITY : row.amount(3);
    const gang = owned && row.count > 5 && !row.isEmpty(5) ? row.whole(5) : 0;
    sink.pod(row.text(0), shape, arrival, lifetime, owned && row.count > 4 ? row.text(4) : '', gang);
  });
}

function headerOf(dir: string): string {
  const file = path.join(dir, 'pods.csv');
  if (!existsSync(file))
    throw new InputError(`${dir}: no pods.csv; a folder that berth trace import wrote is expected`);
  const text = Buffer.from(firstBytes(file, 256)).toString('latin1');
  return text.slice(0, text.indexOf('\n')).replace(/\r$/, '');
}

function list<T>(dir: string, name: string): T[] {
  const value = json(dir, name);
  if (Array.isArray(value)) return value as T[];
  throw new InputError('a list is expected', { file: name });
}

function json(dir: string, name: string): unknown {
  const file = path.join(dir, name);
  if (!existsSync(file)) throw new InputError(`${dir}: no ${name}; a folder that berth trace import wrote is expected`);
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new InputError(`not JSON: ${(error as Error).message}`, { file: name });
  }
}
