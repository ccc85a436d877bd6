/**
 * Alibaba's PAI trace of 2020 (cluster-trace-gpu-v2020), tables without header: CPU and GPU of plans in hundredths, memory in
 * GB. A task's `gpu_type` is what it got; what it must have stands in the group tag of its job.
 */
import { COMMA, type Fields, type Layout, readFields } from './trace/fields.ts';
import type { FileHead, ImportContext, TraceFamily } from './trace/model.ts';
import { labelValueOf, Names, poolOf, ShapeCache, wholeUnits } from './trace/shapes.ts';

const MIB_PER_GIB = 1024;
const INSTANCES_MAX = 1_000_000;
const HUNDRED = 100;

const JOB: Layout = {
  table: 'job',
  columns: ['job_name', 'inst_id', 'user', 'status', 'start_time', 'end_time'],
  separator: COMMA,
};
const TASK: Layout = {
  table: 'task',
  columns: [
    'job_name',
    'task_name',
    'inst_num',
    'status',
    'start_time',
    'end_time',
    'plan_cpu',
    'plan_mem',
    'plan_gpu',
    'gpu_type',
  ],
  fieldsMax: 10,
  separator: COMMA,
};
const MACHINE: Layout = {
  table: 'machine_spec',
  columns: ['machine', 'gpu_type', 'cap_cpu', 'cap_mem', 'cap_gpu'],
  fieldsMax: 5,
  separator: COMMA,
};
const GROUP_TAG: Layout = {
  table: 'group_tag',
  columns: ['inst_id', 'user', 'gpu_type_spec', 'group', 'workload'],
  fieldsMin: 4,
  separator: COMMA,
};

const named = (head: FileHead, table: string): boolean => head.name.toLowerCase().startsWith(`pai_${table}`);
const layouts = [JOB, TASK, MACHINE, GROUP_TAG];

export const paiFamily: TraceFamily = {
  name: 'pai',
  title: 'Alibaba PAI 2020',
  tables: layouts.map(({ table }) => ({
    name: table,
    looks: `pai_${table}${table === 'machine_spec' ? '' : '_table'}.csv`,
    is: (head: FileHead) => named(head, table),
  })),
  mapping:
    'task → inst_num pods with plan_cpu/100 cores, plan_mem GB and plan_gpu/100 GPUs (a part of a GPU is a whole one for stock Kubernetes); owner = job; gpu_type_spec of the group tag (with the job table) → required GPU model; machine_spec → node; tasks that never started are passed over',
  sources: [
    {
      what: 'pai_{job,task,group_tag}_table, pai_machine_spec (tar.gz, 1.4 GB with the usage tables)',
      where: 'github.com/alibaba/clusterdata, cluster-trace-gpu-v2020 (Aliyun OSS)',
      licence: 'research or study purpose, cite the NSDI ’22 paper',
      checksums: {
        'pai_job_table.csv': '379ecb3becaba347f44a53bf7eb53e54b185221b2a0338a3f828828d269ba96c',
        'pai_task_table.csv': '6954802b457305f8a9e480ef97c40060baee59649fd3adc62c5a1e048aa058de',
        'pai_machine_spec.csv': '251e9e33649155a6a935fdc1dc0e90cd4698206936b60bd8fce60ff2ccd51439',
        'pai_group_tag_table.csv': 'd23fcb56d88b2976fda4a62708d77b2a8c98635c4b443f100ed5553d4cd07fbe',
      },
    },
  ],
  hasOwners: true,
  read,
};

async function read(context: ImportContext): Promise<void> {
  await readMachines(context);
  const models = await readModels(context);
  await readTasks(context, models);
}

async function readMachines({ of, sink, tally }: ImportContext): Promise<void> {
  const names = new Names();
  for (const file of of('machine_spec')) {
    await readFields(file, MACHINE, tally, (row) => {
      const gpus = row.whole(4, 0, 1024);
      const kind = { cpuMilli: row.whole(2, 1) * 1000, memoryMib: Math.round(row.amount(3) * MIB_PER_GIB), gpus };
      const model = row.text(1);
      sink.node(names.of(row.text(0)), sink.pool(poolOf(gpus > 0 && model !== '' ? { ...kind, model } : kind)));
    });
  }
}

/** Required GPU model by job name; kept for the few jobs that require one. */
async function readModels({ of, tally }: ImportContext): Promise<ReadonlyMap<string, string>> {
  const byInstance = new Map<string, string>();
  for (const file of of('group_tag')) {
    await readFields(file, GROUP_TAG, tally, (row) => {
      if (row.isEmpty(2)) return tally.passOver('a group without a required GPU model');
      byInstance.set(row.text(0), labelValueOf(row.text(2)));
    });
  }
  const byJob = new Map<string, string>();
  for (const file of of('job')) {
    await readFields(file, JOB, tally, (row) => {
      const model = byInstance.get(row.text(1));
      if (model === undefined) return tally.passOver('a job without a required GPU model');
      byJob.set(row.text(0), model);
    });
  }
  return byJob;
}

async function readTasks({ of, sink, tally }: ImportContext, models: ReadonlyMap<string, string>): Promise<void> {
  const shapes = new ShapeCache(sink);
  let number = 0;
  for (const file of of('task')) {
    await readFields(file, TASK, tally, (row) => {
      if (row.isEmpty(4)) return tally.passOver('a task that never started');
      if (row.isEmpty(2)) return tally.passOver('a task without a number of instances');
      const instances = row.whole(2, 1, INSTANCES_MAX);
      const job = row.text(0);
      const shape = shapeFor(row, models.get(job), shapes);
      const start = row.amount(4);
      const end = row.number(5);
      if (end < start) throw row.fail(5, `${end} is before the start at ${start}`);
      const lifetime = Number.isNaN(end) ? Number.POSITIVE_INFINITY : end - start;
      const task = `task-${number++}`;
      for (let i = 0; i < instances; i++) sink.pod(`${task}-${i}`, shape, start, lifetime, job, 0);
    });
  }
}

function shapeFor(row: Fields, model: string | undefined, shapes: ShapeCache): number {
  const cpuMilli = row.isEmpty(6) ? 0 : wholeUnits(row.amount(6) * 10);
  const memoryMib = row.isEmpty(7) ? 0 : wholeUnits(row.amount(7) * MIB_PER_GIB);
  const gpuPercent = row.isEmpty(8) ? 0 : row.amount(8);
  if (gpuPercent === 0 && model === undefined) return shapes.of(cpuMilli, memoryMib);
  return shapes.keyed(`${cpuMilli} ${memoryMib} ${gpuPercent} ${model}`, () => ({
    cpuMilli,
    memoryMib,
    gpus: Math.ceil(gpuPercent / HUNDRED),
    gpuMilli: gpuPercent > 0 && gpuPercent < HUNDRED ? Math.round(gpuPercent * 10) : undefined,
    models: model === undefined || gpuPercent === 0 ? [] : [model],
  }));
}
