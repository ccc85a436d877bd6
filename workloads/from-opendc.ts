/**
 * The formats of OpenDC: tasks (CSV or Parquet; SURF Lisa is published so), VM metadata, topologies (JSON), and the Grid Workload
 * Format of the Grid Workloads Archive. Tasks count milliseconds and MiB, metadata timestamps and KiB, GWF seconds.
 */
import { readFileSync } from 'node:fs';
import { InputError } from '../api/index.ts';
import type { CsvRow } from './csv-rows.ts';
import { hasColumns, readTable } from './trace/csv-table.ts';
import type { ImportContext, TraceFamily } from './trace/model.ts';
import { readParquet } from './trace/parquet.ts';
import { Names, nameOf, poolOf, ShapeCache, timestampSeconds, wholeUnits } from './trace/shapes.ts';

const TASK_COLUMNS = ['id', 'submission_time', 'duration', 'cpu_count', 'mem_capacity'] as const;
const META_COLUMNS = ['id', 'start_time', 'stop_time', 'cpu_count', 'mem_capacity'] as const;
const GWF_COLUMNS = ['WorkflowID', 'JobID', 'SubmitTime', 'RunTime', 'NProcs', 'ReqNProcs'] as const;
const MS_PER_SECOND = 1000;
const KIB_PER_MIB = 1024;
const BYTES_PER_MIB = 2 ** 20;
const CPUS_MAX = 1_000_000;
/** Topologies give memory in bytes, older ones in MB: no host has less than 100 MB, none 100 TB. */
const BYTES_FROM = 1e8;

export const opendcFamily: TraceFamily = {
  name: 'opendc',
  title: 'OpenDC formats (SURF Lisa, Bitbrains, GWF)',
  tables: [
    {
      name: 'tasks',
      looks: `CSV with the columns ${TASK_COLUMNS.join(', ')}`,
      is: (head) => hasColumns(head, TASK_COLUMNS),
    },
    { name: 'parquet', looks: 'tasks.parquet with the same columns', is: ({ magic }) => magic.startsWith('PAR1') },
    {
      name: 'meta',
      looks: `CSV with the columns ${META_COLUMNS.join(', ')}`,
      is: (head) => hasColumns(head, META_COLUMNS),
    },
    {
      name: 'gwf',
      looks: `.gwf: padded CSV with the columns ${GWF_COLUMNS.join(', ')}`,
      is: (head) => hasColumns(head, GWF_COLUMNS),
    },
    {
      name: 'topology',
      looks: 'topology JSON with clusters of hosts',
      is: ({ lines }) => /^\s*\{/.test(lines[0] ?? '') && /"clusters"/.test(lines.join('\n')),
    },
  ],
  mapping:
    'task or VM → pod with cpu_count cores and mem_capacity; GWF task → gang of one-core pods owned by its workflow (dependencies are not kept); topology host → node',
  sources: [
    {
      what: 'SURF Lisa: surf_week.tasks (CSV and Parquet), surf_month',
      where: 'github.com/atlarge-research/opendc, demo and benchmark resources',
      licence: 'MIT',
      checksums: {
        'surf_week.tasks.csv.gz': '62fb4739a651e4300b3322c9c8d08dd64bf0bb94777a3054a1d39d85e2020c3a',
        'surf_week.tasks.parquet': 'd3e7c247cccb9201601d45e7cdb322db8dd8059d162e246cf74474e3669129a4',
        'surf_month.tasks.csv.gz': '694f9e785d36f670188d32d4848069933e0f15e2f0617f3a5442e08eca5858a9',
      },
    },
  ],
  hasOwners: true,
  mayBeClockTimes: true,
  read,
};

async function read(context: ImportContext): Promise<void> {
  const shapes = new ShapeCache(context.sink);
  const names = new Names();
  readTopologies(context);
  await readTasks(context, shapes, names);
  await readMeta(context, shapes, names);
  await readGwf(context, shapes);
}

async function readTasks({ of, sink, tally }: ImportContext, shapes: ShapeCache, names: Names): Promise<void> {
  const onRow = (row: CsvRow) => {
    const shape = shapes.of(row.whole('cpu_count', 0, CPUS_MAX) * 1000, wholeUnits(row.number('mem_capacity', 0)));
    const arrival = row.number('submission_time', 0) / MS_PER_SECOND;
    sink.pod(names.of(`task-${row.text('id')}`), shape, arrival, row.number('duration', 0) / MS_PER_SECOND, '', 0);
  };
  for (const file of of('tasks')) await readTable(file, 'tasks', TASK_COLUMNS, tally, onRow);
  for (const file of of('parquet')) await readParquet(file, TASK_COLUMNS, tally, onRow);
}

async function readMeta({ of, sink, tally }: ImportContext, shapes: ShapeCache, names: Names): Promise<void> {
  for (const file of of('meta')) {
    await readTable(file, 'meta', META_COLUMNS, tally, (row) => {
      const start = timeOf(row, 'start_time');
      const stop = timeOf(row, 'stop_time');
      if (stop < start)
        throw row.fail('stop_time', `${row.text('stop_time')} is before start_time ${row.text('start_time')}`);
      const shape = shapes.of(
        row.whole('cpu_count', 0, CPUS_MAX) * 1000,
        wholeUnits(row.number('mem_capacity', 0) / KIB_PER_MIB),
      );
      sink.pod(names.of(`vm-${row.text('id')}`), shape, start, stop - start, '', 0);
    });
  }
}

function timeOf(row: CsvRow, column: string): number {
  const seconds = timestampSeconds(row.text(column));
  if (seconds === undefined)
    throw row.fail(column, `${JSON.stringify(row.text(column))} is not a time such as 2013-08-12 13:35:46+00:00`);
  return seconds;
}

async function readGwf({ of, sink, tally }: ImportContext, shapes: ShapeCache): Promise<void> {
  for (const file of of('gwf')) {
    await readTable(
      file,
      'gwf',
      GWF_COLUMNS,
      tally,
      (row) => {
        const requested = row.number('ReqNProcs', -1);
        const procs = requested > 0 ? requested : row.number('NProcs', -1);
        const run = row.number('RunTime', -1);
        if (run < 0) return tally.passOver('a task that never ran: run time -1');
        if (procs <= 0) return tally.passOver('a task without processors');
        if (!Number.isInteger(procs) || procs > CPUS_MAX)
          throw row.fail('ReqNProcs', `${procs} is not a whole number of processors`);
        const owner = `workflow-${row.whole('WorkflowID', 0, Number.MAX_SAFE_INTEGER)}`;
        const task = `${owner}-task-${row.whole('JobID', 0, Number.MAX_SAFE_INTEGER)}`;
        const shape = shapes.of(1000, 0);
        const arrival = row.number('SubmitTime', 0);
        for (let i = 0; i < procs; i++)
          sink.pod(`${task}-${i}`, shape, arrival, run, procs > 1 ? task : owner, procs > 1 ? procs : 0);
      },
      { trim: true },
    );
  }
}

interface Host {
  readonly name?: string;
  readonly count?: number;
  readonly cpu?: Cpu;
  readonly cpus?: readonly Cpu[];
  readonly memory?: { readonly memorySize?: number };
}

interface Cpu {
  readonly coreCount?: number;
  readonly count?: number;
}

function readTopologies({ of, sink, tally }: ImportContext): void {
  for (const [index, file] of of('topology').entries()) {
    const name = file.split(/[\\/]/).at(-1)!;
    tally.begin('topology', name);
    let number = 0;
    for (const [c, cluster] of parseTopology(file, name).entries()) {
      for (const [h, host] of (cluster.hosts ?? []).entries()) {
        tally.row();
        const at = { file: name, path: `clusters[${c}].hosts[${h}]` };
        try {
          const cores = (host.cpus ?? (host.cpu === undefined ? [] : [host.cpu])).reduce(
            (sum, cpu) => sum + (cpu.coreCount ?? 0) * (cpu.count ?? 1),
            0,
          );
          const memory = host.memory?.memorySize;
          if (!(cores > 0) || memory === undefined || !(memory > 0)) {
            throw new InputError('a host with cores (coreCount) and memory (memorySize) is expected', at);
          }
          const pool = sink.pool(
            poolOf({
              cpuMilli: cores * 1000,
              memoryMib: wholeUnits(memory >= BYTES_FROM ? memory / BYTES_PER_MIB : memory),
            }),
          );
          const count = (cluster.count ?? 1) * (host.count ?? 1);
          if (!(count >= 0 && count <= CPUS_MAX))
            throw new InputError(`${count} hosts; at most ${CPUS_MAX} are possible`, at);
          for (let i = 0; i < count; i++) sink.node(`${nameOf(host.name ?? 'host')}-${index}-${number++}`, pool);
        } catch (error) {
          tally.refuse(error);
        }
      }
    }
  }
}

function parseTopology(file: string, name: string): { readonly count?: number; readonly hosts?: readonly Host[] }[] {
  try {
    const { clusters } = JSON.parse(readFileSync(file, 'utf8')) as { clusters?: unknown };
    if (Array.isArray(clusters)) return clusters;
  } catch (error) {
    throw new InputError(`not JSON: ${(error as Error).message}`, { file: name });
  }
  throw new InputError('a list of clusters is expected', { file: name, path: 'clusters' });
}
