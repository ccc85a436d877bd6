/**
 * Microsoft's Philly trace: the job log (JSON), the machine list, and single virtual clusters in the format of Gavel (tabs, a
 * command line inside). Attempts may be missing, and so may their times.
 */
import { InputError, type InputLocation } from '../api/index.ts';
import { ByteSource } from './trace/byte-source.ts';
import { COMMA, type Layout, readFields, TAB } from './trace/fields.ts';
import type { ImportContext, TraceFamily } from './trace/model.ts';
import { labelValueOf, Names, poolOf, ShapeCache, timestampSeconds } from './trace/shapes.ts';

/** Neither log says what a worker needs beside its GPU: servers had 8 or 2 of them and some 10 cores and 60 GiB for each. */
const CPU_MILLI_PER_GPU = 8000;
const MEMORY_MIB_PER_GPU = 48 * 1024;
const NODE_CPU_MILLI_PER_GPU = 10_000;
const NODE_MEMORY_MIB_PER_GPU = 60 * 1024;

const MACHINES: Layout = {
  table: 'machines',
  columns: ['machineId', 'number of GPUs', 'single GPU mem'],
  fieldsMax: 3,
  separator: COMMA,
};
const GAVEL: Layout = {
  table: 'gavel',
  columns: ['job_type', 'command', 'steps_argument', 'needs_data', 'total_steps', 'arrival_time', 'scale_factor'],
  separator: TAB,
};
const GAVEL_ARRIVAL = 5;
const GAVEL_GPUS = 6;
const GPUS_MAX = 100_000;

export const phillyFamily: TraceFamily = {
  name: 'philly',
  title: 'Microsoft Philly 2017',
  tables: [
    {
      name: 'jobs',
      looks: 'cluster_job_log: JSON list of jobs with attempts',
      is: ({ lines }) => /^\s*\[/.test(lines[0] ?? '') && /"(attempts|jobid|vc)"/.test(lines.join('\n')),
    },
    {
      name: 'gavel',
      looks: 'tab-separated: type, command, argument, flag, steps, arrival, GPUs',
      is: ({ lines }) => (lines[0] ?? '').split('\t').length >= 7,
    },
    {
      name: 'machines',
      looks: 'cluster_machine_list: machineId, number of GPUs, single GPU mem',
      is: ({ lines }) =>
        /^machineId,\s*number of GPUs/.test(lines[0] ?? '') || /^m\d+,\d+,\s*\d+\s*GB/.test(lines[0] ?? ''),
    },
  ],
  mapping:
    'job → gang with one pod per machine of its last attempt, each with the GPUs it had there (Gavel: one pod per GPU); lifetime = from the first start to the last end of its attempts; no attempt or no end → until the end of the trace, and counted; 8 cores and 48 GiB per GPU, since the log does not say',
  sources: [
    {
      what: 'cluster_job_log, cluster_machine_list (in trace-data.tar.gz, 1 GB)',
      where: 'github.com/msr-fiddle/philly-traces',
      licence: 'CC-BY 4.0',
    },
    {
      what: 'one virtual cluster in Gavel’s format',
      where: 'github.com/stanford-futuredata/gavel, scheduler/traces/msr',
      licence: 'MIT',
      checksums: { 'ee9e8c.trace.gz': '773469937bb040ec61ca47e75a2698691e51f6e51d8e6cf247001de87577a680' },
    },
  ],
  hasOwners: true,
  mayBeClockTimes: true,
  read,
};

async function read(context: ImportContext): Promise<void> {
  const shapes = new ShapeCache(context.sink);
  await readMachines(context);
  await readJobs(context, shapes);
  await readGavel(context, shapes);
}

const shapeFor = (shapes: ShapeCache, gpus: number): number =>
  shapes.keyed(String(gpus), () => ({
    cpuMilli: gpus * CPU_MILLI_PER_GPU,
    memoryMib: gpus * MEMORY_MIB_PER_GPU,
    gpus,
  }));

async function readMachines({ of, sink, tally }: ImportContext): Promise<void> {
  for (const file of of('machines')) {
    await readFields(file, MACHINES, tally, (row) => {
      const gpus = row.whole(1, 0, GPUS_MAX);
      const memory = labelValueOf(row.text(2));
      const cpuMilli = Math.max(1, gpus) * NODE_CPU_MILLI_PER_GPU;
      const memoryMib = Math.max(1, gpus) * NODE_MEMORY_MIB_PER_GPU;
      const labels = { 'berth.dev/gpu-memory': memory };
      sink.node(row.text(0), sink.pool(poolOf({ cpuMilli, memoryMib, gpus, labels, suffix: memory })));
    });
  }
}

async function readGavel({ of, sink, tally }: ImportContext, shapes: ShapeCache): Promise<void> {
  let number = 0;
  for (const file of of('gavel')) {
    await readFields(file, { ...GAVEL, header: false }, tally, (row) => {
      const gpus = row.whole(GAVEL_GPUS, 1, GPUS_MAX);
      const arrival = row.amount(GAVEL_ARRIVAL);
      const owner = `job-${number++}`;
      for (let i = 0; i < gpus; i++)
        sink.pod(`${owner}-${i}`, shapeFor(shapes, 1), arrival, Number.POSITIVE_INFINITY, owner, gpus > 1 ? gpus : 0);
    });
  }
}

interface Attempt {
  readonly start_time: string | null;
  readonly end_time: string | null;
  readonly detail: readonly { readonly ip: string; readonly gpus: readonly string[] }[];
}

interface Job {
  readonly jobid: string;
  readonly submitted_time: string;
  readonly attempts: readonly Attempt[];
}

async function readJobs({ of, sink, tally }: ImportContext, shapes: ShapeCache): Promise<void> {
  const names = new Names();
  for (const file of of('jobs')) {
    const name = file.split(/[\\/]/).at(-1)!;
    tally.begin('jobs', name);
    const source = new ByteSource(file);
    const chunks: Uint8Array[] = [];
    for await (const chunk of source) chunks.push(Uint8Array.from(chunk));
    for (const [index, job] of parseJobs(Buffer.concat(chunks).toString('utf8'), name).entries()) {
      tally.row();
      try {
        const at = { file: name, path: `[${index}]` };
        checkJob(job, at);
        const arrival = timestampSeconds(String(job.submitted_time ?? ''));
        if (arrival === undefined)
          throw new InputError(
            `submitted_time ${JSON.stringify(job.submitted_time)} is not a time such as 2017-10-07 01:11:39`,
            at,
          );
        const attempts = job.attempts ?? [];
        const last = attempts.at(-1);
        if (last === undefined || last.detail.length === 0) {
          tally.passOver('a job without attempts, so without a size');
          continue;
        }
        const owner = names.of(job.jobid);
        const lifetime = lifetimeOf(attempts);
        const gang = last.detail.length > 1 ? last.detail.length : 0;
        for (const [i, { gpus }] of last.detail.entries())
          sink.pod(`${owner}-${i}`, shapeFor(shapes, gpus.length), arrival, lifetime, owner, gang);
      } catch (error) {
        tally.refuse(error);
      }
    }
    tally.end(source.source());
  }
}

function checkJob(job: Job, at: InputLocation): void {
  if (typeof job !== 'object' || job === null) throw new InputError('a job is expected', at);
  if (typeof job.jobid !== 'string') throw new InputError('a text is expected as jobid', at);
  const isList = (value: unknown): boolean => Array.isArray(value);
  const isGood = (attempt: Attempt): boolean =>
    isList(attempt?.detail) && attempt.detail.every((part) => isList(part?.gpus));
  if (job.attempts !== undefined && !(isList(job.attempts) && job.attempts.every(isGood))) {
    throw new InputError('a list of attempts is expected, each with a list detail of machines with a list of gpus', at);
  }
}

/** Some copies write Python's None as a string, some as null. */
const timeOf = (text: string | null | undefined): number | undefined =>
  typeof text !== 'string' || text === 'None' ? undefined : timestampSeconds(text);

function lifetimeOf(attempts: readonly Attempt[]): number {
  const starts = attempts.map(({ start_time }) => timeOf(start_time)).filter((time) => time !== undefined);
  const end = timeOf(attempts.at(-1)?.end_time);
  if (starts.length === 0 || end === undefined) return Number.POSITIVE_INFINITY;
  return Math.max(0, end - Math.min(...starts));
}

function parseJobs(text: string, file: string): Job[] {
  try {
    const jobs: unknown = JSON.parse(text);
    if (Array.isArray(jobs)) return jobs as Job[];
  } catch (error) {
    throw new InputError(`not JSON: ${(error as Error).message}`, { file });
  }
  throw new InputError('a list of jobs is expected', { file });
}
