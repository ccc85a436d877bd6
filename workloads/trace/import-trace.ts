/** Reads the files of a trace family into a sink: finds out which table each file is, when the trace begins, and counts. */
import { statSync } from 'node:fs';
import path from 'node:path';
import { InputError } from '../../api/index.ts';
import type { Workload } from '../workload.ts';
import { firstBytes, firstText, packingOf, readableFileError } from './byte-source.ts';
import type { FileHead, ImportContext, ImportOptions, TableFile, TraceFamily, TraceSink } from './model.ts';
import { type FileCount, Tally } from './refusals.ts';
import { CountingSink, EarliestSink, WorkloadSink } from './sinks.ts';

/** Times beyond this are clock times (1979 on), not seconds since a trace began. */
const CLOCK_SECONDS = 3e8;
const MAGIC_BYTES = 16;

export interface ImportReport {
  readonly family: string;
  readonly files: readonly FileCount[];
  readonly nodes: number;
  readonly pods: number;
  readonly refused: number;
  /** The first bad rows. */
  readonly messages: readonly string[];
  /** When the trace begins on the clock (Unix seconds); undefined when the source does not say. */
  readonly startUnixSeconds: number | undefined;
}

export async function importTrace(
  family: TraceFamily,
  files: readonly string[],
  sink: TraceSink,
  options: ImportOptions = {},
): Promise<ImportReport> {
  const tables = await tablesOf(family, files);
  let start = 0;
  let said: number | undefined;
  const startsAt = (unixSeconds: number) => {
    said ??= unixSeconds;
  };
  if (family.mayBeClockTimes === true) {
    const earliest = new EarliestSink();
    await family.read(contextOf(tables, earliest, new Tally(options.onError ?? 'stop'), options, startsAt));
    if (Number.isFinite(earliest.seconds) && earliest.seconds > CLOCK_SECONDS) start = Math.floor(earliest.seconds);
  }
  const tally = new Tally(options.onError ?? 'stop', options.onRows);
  const counting = new CountingSink(sink, tally, start);
  await family.read(contextOf(tables, counting, tally, options, startsAt));
  const added = addNodes(options, sink);
  const sum = (count: (file: FileCount) => number) => tally.files.reduce((total, file) => total + count(file), 0);
  return {
    family: family.name,
    files: tally.files,
    nodes: sum((file) => file.nodesOut) + added,
    pods: sum((file) => file.podsOut),
    refused: tally.refused,
    messages: tally.messages,
    startUnixSeconds: start === 0 ? said : start,
  };
}

function contextOf(
  files: readonly TableFile[],
  sink: TraceSink,
  tally: Tally,
  options: ImportOptions,
  startsAt: (unixSeconds: number) => void,
): ImportContext {
  const of = (table: string) => files.filter((file) => file.table === table).map(({ file }) => file);
  return { files, sink, tally, options, startsAt, of };
}

function addNodes({ nodes = [] }: ImportOptions, sink: TraceSink): number {
  let added = 0;
  for (const [index, { count, pool }] of nodes.entries()) {
    const number = sink.pool(pool);
    for (let i = 0; i < count; i++) sink.node(`added-${index}-${i}`, number);
    added += count;
  }
  return added;
}

async function tablesOf(family: TraceFamily, files: readonly string[]): Promise<TableFile[]> {
  const found: TableFile[] = [];
  for (const file of files) {
    const head = await headOf(file);
    const table = family.tables.find((candidate) => candidate.is(head));
    if (table === undefined) {
      const known = family.tables.map(({ name, looks }) => `  ${name}: ${looks}`).join('\n');
      throw new InputError(`none of the files that ${family.name} knows; it knows\n${known}`, { file: head.name });
    }
    found.push({ file, table: table.name });
  }
  return found;
}

/** The families that know a file, in the order given. */
export async function familiesOf(file: string, families: readonly TraceFamily[]): Promise<TraceFamily[]> {
  const head = await headOf(file);
  return families.filter(({ tables }) => tables.some((table) => table.is(head)));
}

export async function headOf(file: string): Promise<FileHead> {
  const name = path.basename(file);
  try {
    if (statSync(file).isDirectory()) throw new InputError('this is a directory, not a file', { file: name });
    const magic = Buffer.from(firstBytes(file, MAGIC_BYTES));
    const isBinary = packingOf(magic) === 'none' && magic.includes(0);
    const text = isBinary || magic.toString('latin1', 0, 4) === 'PAR1' ? '' : await firstText(file);
    const lines = text.split(/\r?\n/);
    return {
      name: name.replace(/\.(gz|zst|zstd)$/i, ''),
      folder: path.basename(path.dirname(path.resolve(file))),
      lines: lines.length > 1 ? lines.slice(0, -1) : lines,
      magic: magic.toString('latin1'),
    };
  } catch (error) {
    throw readableFileError(error, name);
  }
}

export interface WorkloadReport {
  readonly workload: Workload;
  readonly report: ImportReport;
}

/** A trace as a workload in memory. Throws InputError when it has no nodes or no pods. */
export async function workloadFrom(
  family: TraceFamily,
  files: readonly string[],
  options: ImportOptions = {},
): Promise<WorkloadReport> {
  const sink = new WorkloadSink();
  const report = await importTrace(family, files, sink, options);
  const pods = sink.pods();
  if (sink.nodes.length === 0) {
    throw new InputError(
      `${family.name}: the files have no nodes; import them with berth trace import --nodes, such as 100*cpu=64,memory=256Gi, and run the folder`,
    );
  }
  if (pods.count === 0) throw new InputError(`${family.name}: the files have no pods`);
  const refused = report.refused === 0 ? '' : `, ${report.refused} rows refused`;
  const workload = {
    name: family.name,
    nodes: sink.nodes,
    shapes: sink.names.shapes,
    pods,
    hasTimes: family.hasTimes ?? true,
    source: {
      description: `${family.title}, original files${refused}`,
      files: report.files.map(({ source }) => source),
    },
  };
  return { workload, report };
}
