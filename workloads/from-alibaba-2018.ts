/**
 * Alibaba's cluster trace of 2018, tables without header: `machine_meta`, `container_meta`, `batch_task`, `batch_instance`. CPU
 * of requests is in hundredths of a core, memory in hundredths of the largest machine; -1 and 101 are invalid.
 */

import { InputError } from '../api/index.ts';
import { COMMA, type Fields, type Layout, readFields } from './trace/fields.ts';
import type { FileHead, ImportContext, TraceFamily } from './trace/model.ts';
import { labelValueOf, Names, nameOf, poolOf, ShapeCache, wholeUnits } from './trace/shapes.ts';

const INSTANCES_MAX = 1_000_000;
const ONLINE_PRIORITY = 1000;
const FAILURE_DOMAINS = ['berth.dev/failure-domain-1', 'berth.dev/failure-domain-2'] as const;
const HUNDRED = 100;

const MACHINE_META: Layout = {
  table: 'machine_meta',
  columns: ['machine_id', 'time_stamp', 'failure_domain_1', 'failure_domain_2', 'cpu_num', 'mem_size', 'status'],
  fieldsMax: 7,
  separator: COMMA,
};
const CONTAINER_META: Layout = {
  table: 'container_meta',
  columns: ['container_id', 'machine_id', 'time_stamp', 'app_du', 'status', 'cpu_request', 'cpu_limit', 'mem_size'],
  fieldsMax: 8,
  separator: COMMA,
};
const BATCH_TASK: Layout = {
  table: 'batch_task',
  columns: [
    'task_name',
    'instance_num',
    'job_name',
    'task_type',
    'status',
    'start_time',
    'end_time',
    'plan_cpu',
    'plan_mem',
  ],
  fieldsMax: 9,
  separator: COMMA,
};
const BATCH_INSTANCE: Layout = {
  table: 'batch_instance',
  columns: [
    'instance_name',
    'task_name',
    'job_name',
    'task_type',
    'status',
    'start_time',
    'end_time',
    'machine_id',
    'seq_no',
    'total_seq_no',
    'cpu_avg',
    'cpu_max',
    'mem_avg',
    'mem_max',
  ],
  fieldsMax: 14,
  separator: COMMA,
};

const layouts = [MACHINE_META, CONTAINER_META, BATCH_TASK, BATCH_INSTANCE];
const named = (head: FileHead, name: string): boolean => head.name.toLowerCase().startsWith(name);

export const batch2018Family: TraceFamily = {
  name: 'alibaba-2018',
  title: 'Alibaba cluster trace 2018',
  tables: layouts.map(({ table }) => ({
    name: table,
    looks: `${table}.csv`,
    is: (head: FileHead) => named(head, table),
  })),
  mapping:
    'machine → node with its failure domains as labels; container → pod of priority 1000, spread over the failure domains by app_du; batch_task → as many pods as instances, owned by the job (the DAG in task names is kept in names alone); batch_instance → pods of single instances with the peaks of their use as requests, in place of batch_task; memory 100 = one machine (--machine-memory, taken as 256 GiB)',
  sources: [
    {
      what: 'machine_meta, container_meta, batch_task, batch_instance',
      where: 'github.com/alibaba/clusterdata, cluster-trace-v2018 (49 GB; download after a survey)',
      licence: 'research or study purpose',
    },
  ],
  hasOwners: true,
  // Memory in GiB is not published.
  machine: { cpuMilli: 96_000, memoryMib: 256 * 1024 },
  read,
};

async function read(context: ImportContext): Promise<void> {
  const { of, options } = context;
  if (of('batch_task').length > 0 && of('batch_instance').length > 0) {
    throw new InputError('alibaba-2018: batch_task and batch_instance hold the same work; give one of them');
  }
  const mibPerHundredth = (options.machineMemoryMib ?? batch2018Family.machine!.memoryMib) / HUNDRED;
  const shapes = new ShapeCache(context.sink);
  await readMachines(context, mibPerHundredth);
  await readContainers(context, shapes, mibPerHundredth);
  await readTasks(context, shapes, mibPerHundredth);
  await readInstances(context, shapes, mibPerHundredth);
}

async function readMachines({ of, sink, tally }: ImportContext, mibPerHundredth: number): Promise<void> {
  const seen = new Set<string>();
  const names = new Names();
  for (const file of of('machine_meta')) {
    await readFields(file, MACHINE_META, tally, (row) => {
      const machine = row.text(0);
      if (seen.has(machine)) return tally.passOver('a later state of a machine');
      const cpuMilli = row.whole(4, 1) * 1000;
      const memory = row.amount(5);
      const domains = [labelValueOf(row.text(2)), labelValueOf(row.text(3))];
      seen.add(machine);
      const labels = Object.fromEntries(FAILURE_DOMAINS.map((key, i) => [key, domains[i]!]));
      const memoryMib = wholeUnits(memory * mibPerHundredth);
      sink.node(names.of(machine), sink.pool(poolOf({ cpuMilli, memoryMib, labels, suffix: domains.join('-') })));
    });
  }
}

async function readContainers(
  { of, sink, tally }: ImportContext,
  shapes: ShapeCache,
  mibPerHundredth: number,
): Promise<void> {
  const seen = new Set<string>();
  const names = new Names();
  for (const file of of('container_meta')) {
    await readFields(file, CONTAINER_META, tally, (row) => {
      const container = row.text(0);
      if (seen.has(container)) return tally.passOver('a later state of a container');
      const cpu = row.amount(5);
      const memory = valid(row, 7);
      const arrival = row.seconds(2);
      const owner = names.of(row.text(3));
      seen.add(container);
      const shape = shapes.keyed(`${cpu} ${memory} ${owner}`, () => ({
        cpuMilli: wholeUnits(cpu * 10),
        memoryMib: wholeUnits(memory * mibPerHundredth),
        priority: ONLINE_PRIORITY,
        spread: { keys: FAILURE_DOMAINS, owner },
      }));
      sink.pod(names.of(container), shape, arrival, Number.POSITIVE_INFINITY, owner, 0);
    });
  }
}

async function readTasks(
  { of, sink, tally }: ImportContext,
  shapes: ShapeCache,
  mibPerHundredth: number,
): Promise<void> {
  const idName = idNamer();
  let number = 0;
  for (const file of of('batch_task')) {
    await readFields(file, BATCH_TASK, tally, (row) => {
      if (row.isEmpty(7) || row.isEmpty(8)) return tally.passOver('a task without requests');
      const instances = row.whole(1, 0, INSTANCES_MAX);
      if (instances === 0) return tally.passOver('a task without instances');
      const shape = shapes.of(wholeUnits(row.amount(7) * 10), wholeUnits(valid(row, 8) * mibPerHundredth));
      const { start, lifetime } = times(row);
      const owner = idName(row, 2);
      const task = `task-${number++}`;
      for (let i = 0; i < instances; i++) sink.pod(`${task}-${i}`, shape, start, lifetime, owner, 0);
    });
  }
}

async function readInstances(
  { of, sink, tally }: ImportContext,
  shapes: ShapeCache,
  mibPerHundredth: number,
): Promise<void> {
  const idName = idNamer();
  let number = 0;
  for (const file of of('batch_instance')) {
    await readFields(file, BATCH_INSTANCE, tally, (row) => {
      if (row.isEmpty(11) || row.isEmpty(13)) return tally.passOver('an instance without usage');
      if (row.whole(8, 0) < row.whole(9, 0)) return tally.passOver('an earlier attempt of an instance');
      const shape = shapes.of(wholeUnits(row.amount(11) * 10), wholeUnits(valid(row, 13) * mibPerHundredth));
      const { start, lifetime } = times(row);
      sink.pod(`instance-${number++}`, shape, start, lifetime, idName(row, 2), 0);
    });
  }
}

/** Ids here are `j_12`, `c_7`: one letter changed makes them names. Rows of one job stand together. */
function idNamer(): (row: Fields, field: number) => string {
  let last = Number.NaN;
  let name = '';
  return (row, field) => {
    const hash = row.hash(field);
    if (hash === last) return name;
    last = hash;
    name = nameOf(row.text(field));
    return name;
  };
}

function valid(row: Fields, field: number): number {
  const value = row.number(field);
  if (value >= 0 && value <= HUNDRED) return value;
  throw row.fail(
    field,
    `${JSON.stringify(row.text(field))} is not between 0 and 100 (-1 and 101 stand for invalid measurements)`,
  );
}

function times(row: Fields): { start: number; lifetime: number } {
  const start = row.seconds(5);
  const end = row.number(6);
  const isDone = row.is(4, 'Terminated') && end > 0;
  if (isDone && end < start) throw row.fail(6, `${end} is before the start at ${start}`);
  return { start, lifetime: isDone ? end - start : Number.POSITIVE_INFINITY };
}
