/**
 * Alibaba's cluster trace of 2017: the tables `server_event`, `container_event`, `batch_task` and `batch_instance` as they are
 * published (no header), and the list of batch tasks that the CloudSimPy authors extracted (with one).
 * Memory is a fraction of the largest machine; times are seconds, 0 or less for before the trace.
 */
import { hasColumns, readTable } from './trace/csv-table.ts';
import { COMMA, type Layout, readFields } from './trace/fields.ts';
import type { FileHead, ImportContext, TraceFamily } from './trace/model.ts';
import { poolOf, ShapeCache, wholeUnits } from './trace/shapes.ts';

const EXTRACT_COLUMNS = ['submit_time', 'duration', 'cpu', 'memory', 'job_id', 'task_id', 'instances_num'] as const;
const INSTANCES_MAX = 1_000_000;
const ONLINE_PRIORITY = 1000;
/**
 * The schema says whole cores, the extract has halves: the published column counts hundredths. No instance asks for ten
 * cores, nor for less than a tenth of one, so both ways of writing can be told apart.
 */
const HUNDREDTHS_FROM = 10;

const SERVER_EVENT: Layout = {
  table: 'server_event',
  columns: ['timestamp', 'machine_id', 'event_type', 'event_detail', 'cpus', 'memory', 'disk'],
  fieldsMin: 3,
  fieldsMax: 7,
  separator: COMMA,
};
const CONTAINER_EVENT: Layout = {
  table: 'container_event',
  columns: ['timestamp', 'event_type', 'instance_id', 'machine_id', 'cpus', 'memory', 'disk', 'cpu_ids'],
  fieldsMin: 6,
  fieldsMax: 8,
  separator: COMMA,
};
const BATCH_TASK: Layout = {
  table: 'batch_task',
  columns: ['create_time', 'end_time', 'job_id', 'task_id', 'instance_num', 'status', 'plan_cpu', 'plan_mem'],
  fieldsMin: 6,
  fieldsMax: 8,
  separator: COMMA,
};

const named = (head: FileHead, name: string): boolean => head.name.toLowerCase().startsWith(name);

export const batch2017Family: TraceFamily = {
  name: 'alibaba-2017',
  title: 'Alibaba cluster trace 2017',
  tables: [
    {
      name: 'tasks',
      looks: `CSV with the columns ${EXTRACT_COLUMNS.join(', ')} (CloudSimPy's jobs.csv)`,
      is: (head) => hasColumns(head, EXTRACT_COLUMNS),
    },
    { name: 'server_event', looks: 'server_event.csv', is: (head) => named(head, 'server_event') },
    { name: 'container_event', looks: 'container_event.csv', is: (head) => named(head, 'container_event') },
    { name: 'batch_task', looks: 'batch_task.csv', is: (head) => named(head, 'batch_task') },
  ],
  mapping:
    'task → as many pods as it has instances, all arriving with it, owned by its job; container → pod of priority 1000 without end; memory is a fraction of a machine (--machine-memory, taken as 256 GiB); server_event add → node',
  sources: [
    {
      what: 'server_event, container_event, batch_task',
      where: 'github.com/alibaba/clusterdata, cluster-trace-v2017 (download after a survey)',
      licence: 'research or study purpose',
    },
    {
      what: 'jobs.csv, 31,756 batch tasks',
      where: 'github.com/RobertLexis/CloudSimPy, playground/Non_DAG/jobs_files',
      licence: 'MIT',
      checksums: { 'jobs.csv.gz': '90b3af6ced6c712ef582f485219fcaabcebc189f85599f9636bc3823e6c76b38' },
    },
  ],
  hasOwners: true,
  // Machines had 64 cores; their memory is not published.
  machine: { cpuMilli: 64_000, memoryMib: 256 * 1024 },
  read,
};

async function read(context: ImportContext): Promise<void> {
  const { machineMemoryMib = batch2017Family.machine!.memoryMib } = context.options;
  const shapes = new ShapeCache(context.sink);
  await readServers(context, machineMemoryMib);
  await readExtract(context, shapes, machineMemoryMib);
  await readContainers(context, shapes, machineMemoryMib);
  await readTasks(context, shapes, machineMemoryMib);
}

async function readExtract({ of, sink, tally }: ImportContext, shapes: ShapeCache, memoryMib: number): Promise<void> {
  for (const file of of('tasks')) {
    await readTable(file, 'tasks', EXTRACT_COLUMNS, tally, (row) => {
      const instances = row.whole('instances_num', 1, INSTANCES_MAX);
      const shape = shapes.of(wholeUnits(row.number('cpu', 0) * 1000), wholeUnits(row.number('memory', 0) * memoryMib));
      const arrival = row.number('submit_time', 0);
      const lifetime = row.number('duration', 0);
      const owner = `job-${row.whole('job_id', 0, Number.MAX_SAFE_INTEGER)}`;
      const task = `${owner}-${row.whole('task_id', 0, Number.MAX_SAFE_INTEGER)}`;
      for (let i = 0; i < instances; i++) sink.pod(`${task}-${i}`, shape, arrival, lifetime, owner, 0);
    });
  }
}

async function readServers({ of, sink, tally }: ImportContext, memoryMib: number): Promise<void> {
  const seen = new Set<number>();
  for (const file of of('server_event')) {
    await readFields(file, SERVER_EVENT, tally, (row) => {
      const machine = row.whole(1);
      if (!row.is(2, 'add')) return tally.passOver('an event of a server other than its addition');
      if (seen.has(machine)) return tally.passOver('a server added again');
      seen.add(machine);
      const pool = poolOf({ cpuMilli: row.whole(4, 1) * 1000, memoryMib: wholeUnits(row.amount(5) * memoryMib) });
      sink.node(`machine-${machine}`, sink.pool(pool));
    });
  }
}

async function readContainers(
  { of, sink, tally }: ImportContext,
  shapes: ShapeCache,
  memoryMib: number,
): Promise<void> {
  for (const file of of('container_event')) {
    await readFields(file, CONTAINER_EVENT, tally, (row) => {
      if (!row.is(1, 'Create')) return tally.passOver('an event of a container other than its creation');
      const shape = shapes.of(wholeUnits(row.amount(4) * 1000), wholeUnits(row.amount(5) * memoryMib), ONLINE_PRIORITY);
      const arrival = row.seconds(0);
      sink.pod(`container-${row.whole(2)}`, shape, arrival, Number.POSITIVE_INFINITY, '', 0);
    });
  }
}

async function readTasks({ of, sink, tally }: ImportContext, shapes: ShapeCache, memoryMib: number): Promise<void> {
  for (const file of of('batch_task')) {
    await readFields(file, BATCH_TASK, tally, (row) => {
      if (row.count < 8 || row.isEmpty(6) || row.isEmpty(7)) return tally.passOver('a task without requests');
      const instances = row.whole(4, 0, INSTANCES_MAX);
      if (instances === 0) return tally.passOver('a task without instances');
      const cpu = row.amount(6);
      const shape = shapes.of(
        wholeUnits(cpu >= HUNDREDTHS_FROM ? cpu * 10 : cpu * 1000),
        wholeUnits(row.amount(7) * memoryMib),
      );
      const start = row.seconds(0);
      const end = row.number(1);
      const isDone = row.is(5, 'Terminated') && end > 0;
      if (isDone && end < start) throw row.fail(1, `${end} is before the creation at ${start}`);
      const owner = `job-${row.whole(2)}`;
      const task = `${owner}-${row.whole(3)}`;
      const lifetime = isDone ? end - start : Number.POSITIVE_INFINITY;
      for (let i = 0; i < instances; i++) sink.pod(`${task}-${i}`, shape, start, lifetime, owner, 0);
    });
  }
}
