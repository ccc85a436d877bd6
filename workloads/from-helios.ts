/** SenseTime's Helios (2020) and Shanghai AI Lab's Acme (2023) job logs: CSV with local timestamps, Acme's with a zone. */
import type { CsvRow } from './csv-rows.ts';
import { hasColumns, optionalNumber, readTable } from './trace/csv-table.ts';
import type { ImportContext, TraceFamily } from './trace/model.ts';
import { Names, ShapeCache, timestampSeconds } from './trace/shapes.ts';

const COLUMNS = ['job_id', 'gpu_num', 'cpu_num', 'node_num', 'state', 'submit_time', 'duration'] as const;
/** The logs have no memory. */
const MEMORY_MIB_PER_CPU = 4 * 1024;
const NODES_MAX = 100_000;
const UNFINISHED = new Set(['RUNNING', 'PENDING']);

export const heliosFamily: TraceFamily = {
  name: 'helios',
  title: 'Helios 2020 and Acme 2023',
  tables: [
    {
      name: 'jobs',
      looks: `CSV with the columns ${COLUMNS.join(', ')} (cluster_log.csv, trace_seren.csv, trace_kalos.csv)`,
      is: (head) => hasColumns(head, COLUMNS),
    },
  ],
  mapping:
    'job → gang of node_num pods with gpu_num/node_num GPUs and cpu_num/node_num cores each (rounded up), 4 GiB per core since the log has no memory; owner = job; a job without duration or still running → until the end of the trace; nodes are not in the files',
  sources: [
    {
      what: 'cluster_log.csv of Venus, Earth, Saturn, Uranus',
      where: 'github.com/S-Lab-System-Group/HeliosData',
      licence: 'CC-BY 4.0',
    },
    {
      what: 'trace_seren.csv, trace_kalos.csv',
      where: 'github.com/InternLM/AcmeTrace, data/job_trace',
      licence: 'CC-BY 4.0',
    },
  ],
  hasOwners: true,
  mayBeClockTimes: true,
  read,
};

async function read({ of, sink, tally }: ImportContext): Promise<void> {
  const shapes = new ShapeCache(sink);
  const names = new Names();
  for (const file of of('jobs')) {
    await readTable(file, 'jobs', COLUMNS, tally, (row) => {
      const nodes = Math.max(1, wholeOf(row, 'node_num', NODES_MAX));
      const gpus = Math.ceil(wholeOf(row, 'gpu_num', Number.MAX_SAFE_INTEGER) / nodes);
      const cpus = Math.ceil(wholeOf(row, 'cpu_num', Number.MAX_SAFE_INTEGER) / nodes);
      const text = row.text('submit_time');
      const arrival = timestampSeconds(text);
      if (arrival === undefined)
        throw row.fail('submit_time', `${JSON.stringify(text)} is not a time such as 2020-04-01 12:00:00`);
      const duration = optionalNumber(row, 'duration', Number.NEGATIVE_INFINITY);
      const isOpen = duration === undefined || duration < 0 || UNFINISHED.has(row.text('state'));
      const owner = names.of(`job-${row.text('job_id')}`);
      const shape = shapes.keyed(`${cpus} ${gpus}`, () => ({
        cpuMilli: cpus * 1000,
        memoryMib: cpus * MEMORY_MIB_PER_CPU,
        gpus,
      }));
      const lifetime = isOpen ? Number.POSITIVE_INFINITY : duration;
      for (let i = 0; i < nodes; i++) sink.pod(`${owner}-${i}`, shape, arrival, lifetime, owner, nodes > 1 ? nodes : 0);
    });
  }
}

/** Counts may carry float noise (`8.0`). */
function wholeOf(row: CsvRow, column: string, most: number): number {
  const value = row.number(column, 0);
  if (Number.isInteger(value) && value <= most) return value;
  throw row.fail(column, `${JSON.stringify(row.text(column))} is not a whole number between 0 and ${most}`);
}
