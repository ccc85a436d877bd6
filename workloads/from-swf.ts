/**
 * The Standard Workload Format of the Parallel Workloads Archive: `;` comments, then 18 fields separated by blanks, -1 for
 * unknown. Some logs have further fields (ragged), no header, submit times of the clock, or memory of the whole job in bytes.
 */
import { InputError } from '../api/index.ts';
import { type Fields, type Layout, readFields, SEMICOLON } from './trace/fields.ts';
import type { ImportContext, TraceFamily } from './trace/model.ts';
import { nameOf, poolOf, ShapeCache, wholeUnits } from './trace/shapes.ts';

const COLUMNS = [
  'job',
  'submit',
  'wait',
  'run',
  'procs',
  'cpu_used',
  'memory_used',
  'procs_requested',
  'time_requested',
  'memory_requested',
  'status',
  'user',
  'group',
  'executable',
  'queue',
  'partition',
  'preceding_job',
  'think_time',
];
const SWF: Layout = { table: 'log', columns: COLUMNS, separator: 'blank', comment: SEMICOLON, header: false };
const MACHINES: Layout = {
  table: 'machines',
  columns: ['id', 'name', 'nodes', 'cpus', 'speed', 'memory_kib'],
  separator: 'blank',
  header: false,
};
const JOB = 0;
const SUBMIT = 1;
const RUN = 3;
const PROCS = 4;
const MEMORY_USED = 6;
const PROCS_REQUESTED = 7;
const MEMORY_REQUESTED = 9;
const STATUS = 10;
const PROCS_MAX = 1_000_000;
const KIB_PER_MIB = 1024;
const BYTES_PER_MIB = 2 ** 20;
/** No processor has a tebibyte to itself: what is more KiB than that are bytes, and of the whole job. */
const BYTES_FROM_KIB = 2 ** 30;
const MEMORY_MIB_PER_CPU = 4096;
/** The log repeats such jobs under their summary line: parts of jobs that were checkpointed. */
const PARTIAL = new Set([2, 3, 4]);

export const swfFamily: TraceFamily = {
  name: 'swf',
  title: 'Standard Workload Format',
  tables: [
    {
      name: 'log',
      looks: '.swf: comments with ; and 18 fields separated by blanks',
      is: ({ lines }) => lines.some((line) => isLog(line)),
    },
    {
      name: 'machines',
      looks: '.machines: id, name, nodes, CPUs per node, speed, KiB per node',
      is: ({ name, lines }) => name.endsWith('.machines') && /^\d+\s+\S+\s+\d+\s+\d+\s/.test(lines[0] ?? ''),
    },
  ],
  mapping:
    'job → gang of one-core pods, as many as it requested (or used) processors; memory per processor where the log has it; lifetime = run; the start of the trace is UnixStartTime, or the first submit where that is a clock time; nodes from a .machines file, else MaxProcs one-core shares on MaxNodes nodes of the header with 4 GiB per core',
  sources: [
    {
      what: 'NASA-iPSC-1993, LCG-2005, HPC2N-2002 and some 40 more logs',
      where:
        'the Parallel Workloads Archive (cs.huji.ac.il/labs/parallel/workload); wagap-2013 in github.com/aleasimulator/alea, Alea/data-set',
      licence: 'free use; acknowledge the archive and the people named in each header',
      checksums: {
        'NASA-iPSC-1993-3.1-cln.swf.gz': '579f51db3ca5628dd7134f18d647b28f987f8e790fe7acc8a8241d5e971dd469',
        'LCG-2005-1.swf.gz': 'cda5d512febf84a3e07b3ad7b9481f8a0ba0f4c6e10f5d639aae73d2587448d9',
        'HPC2N-2002-head.swf.gz': '065e19d8f1a5e39bfc08ed010c21cefcd33120077b4ad4d374eb158dccfed852',
        'wagap-2013.swf.gz': '804d7733b7fd033dce1d11611816eb7098e76fc7d35d209e7fd8a9ef75bc6afd',
      },
    },
  ],
  hasOwners: true,
  mayBeClockTimes: true,
  read,
};

function isLog(line: string): boolean {
  const fields = line.trim().split(/\s+/);
  return (
    fields.length >= COLUMNS.length && fields.slice(0, COLUMNS.length).every((field) => /^-?\d+(\.\d*)?$/.test(field))
  );
}

async function read({ of, sink, tally, options, startsAt }: ImportContext): Promise<void> {
  for (const file of of('machines')) {
    await readFields(file, MACHINES, tally, (row) => {
      const pool = sink.pool(
        poolOf({ cpuMilli: row.whole(3, 1) * 1000, memoryMib: wholeUnits(row.amount(5) / KIB_PER_MIB) }),
      );
      const name = nameOf(row.text(1));
      const count = row.whole(2, 1, PROCS_MAX);
      for (let i = 0; i < count; i++) sink.node(`${name}-${i}`, pool);
    });
  }
  const shapes = new ShapeCache(sink);
  const needsNodes = of('machines').length === 0 && options.nodes === undefined;
  for (const [index, file] of of('log').entries()) {
    const header = new Map<string, number>();
    await readFields(
      file,
      SWF,
      tally,
      (row) => readJob(row, index, shapes, { sink, tally }),
      (comment) => {
        const match = /^(\w+):\s*(\d+)/.exec(comment);
        if (match !== null) header.set(match[1]!, Number(match[2]));
      },
    );
    const start = header.get('UnixStartTime');
    if (start !== undefined) startsAt(start);
    if (needsNodes) addNodes(header, index, sink);
  }
}

function readJob(
  row: Fields,
  log: number,
  shapes: ShapeCache,
  { sink, tally }: Pick<ImportContext, 'sink' | 'tally'>,
): void {
  const run = row.amount(RUN, -1);
  const procs = processors(row);
  const reason = passedOver(row, run, procs);
  if (reason !== undefined) {
    tally.passOver(reason);
    return;
  }
  if (procs > PROCS_MAX) throw row.fail(PROCS, `${procs} is more than ${PROCS_MAX} processors`);
  const submit = row.amount(SUBMIT);
  const shape = shapes.of(1000, memoryMib(row, procs));
  const owner = log === 0 ? `job-${row.whole(JOB)}` : `log-${log}-job-${row.whole(JOB)}`;
  const gang = procs > 1 ? procs : 0;
  for (let i = 0; i < procs; i++) sink.pod(`${owner}-${i}`, shape, submit, run, owner, gang);
}

function passedOver(row: Fields, run: number, procs: number): string | undefined {
  if (PARTIAL.has(row.number(STATUS))) return 'a part of a job; its summary line counts';
  if (run < 0) return 'a job that never ran: run time -1';
  return procs === 0 ? 'a job without processors' : undefined;
}

function processors(row: Fields): number {
  const requested = row.number(PROCS_REQUESTED);
  const used = row.number(PROCS);
  const procs = requested > 0 ? requested : used;
  if (Number.isInteger(procs)) return Math.max(0, procs);
  throw notWhole(row, requested > 0 ? PROCS_REQUESTED : PROCS);
}

const notWhole = (row: Fields, field: number): InputError =>
  row.fail(field, `${JSON.stringify(row.text(field))} is not a whole number of processors, nor -1`);

/** 0 where the log does not say. */
function memoryMib(row: Fields, procs: number): number {
  const requested = row.number(MEMORY_REQUESTED);
  const memory = requested > 0 ? requested : row.number(MEMORY_USED);
  if (!(memory > 0)) return 0;
  return wholeUnits(memory >= BYTES_FROM_KIB ? memory / procs / BYTES_PER_MIB : memory / KIB_PER_MIB);
}

function addNodes(header: ReadonlyMap<string, number>, log: number, sink: ImportContext['sink']): void {
  const procs = header.get('MaxProcs') ?? 0;
  const nodes = header.get('MaxNodes') || procs;
  if (procs === 0) return;
  if (nodes > PROCS_MAX) throw new InputError(`the header speaks of ${nodes} nodes; at most ${PROCS_MAX} are possible`);
  const cpus = Math.max(1, Math.round(procs / nodes));
  const pool = sink.pool(poolOf({ cpuMilli: cpus * 1000, memoryMib: cpus * MEMORY_MIB_PER_CPU }));
  for (let i = 0; i < nodes; i++) sink.node(log === 0 ? `node-${i}` : `log-${log}-node-${i}`, pool);
}
