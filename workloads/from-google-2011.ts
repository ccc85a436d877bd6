/**
 * Google's cluster trace of 2011 (clusterdata-2011-2), tables without header in many part files: `machine_events`,
 * `machine_attributes`, `task_events`, `task_constraints`. Times are microseconds, 0 for before the trace; amounts are fractions
 * of the largest machine.
 */
import type { NodeSelectorRequirement } from '../api/index.ts';
import { attributeKey, requirementOf } from './trace/borg-constraints.ts';
import { COMMA, type Fields, type Layout, readFields } from './trace/fields.ts';
import { LiveTasks } from './trace/live-tasks.ts';
import type { FileHead, ImportContext, TraceFamily } from './trace/model.ts';
import { labelValueOf, OWNER_LABEL, poolOf, ShapeCache, wholeUnits } from './trace/shapes.ts';

const MICROS_PER_SECOND = 1e6;
/** The second at which recording began. */
const START_SECONDS = 600;
const SUBMIT = 0;
const SCHEDULE = 1;
const EVICT = 2;
const LOST = 6;
const MACHINE_ADD = 0;
const MACHINE_REMOVE = 1;

const MACHINE_EVENTS: Layout = {
  table: 'machine_events',
  columns: ['time', 'machine_id', 'event_type', 'platform_id', 'cpus', 'memory'],
  separator: COMMA,
};
const MACHINE_ATTRIBUTES: Layout = {
  table: 'machine_attributes',
  columns: ['time', 'machine_id', 'attribute', 'value', 'deleted'],
  separator: COMMA,
};
const TASK_EVENTS: Layout = {
  table: 'task_events',
  columns: [
    'time',
    'missing_info',
    'job_id',
    'task_index',
    'machine_id',
    'event_type',
    'user',
    'scheduling_class',
    'priority',
    'cpu_request',
    'memory_request',
    'disk_request',
    'different_machines',
  ],
  separator: COMMA,
};
const TASK_CONSTRAINTS: Layout = {
  table: 'task_constraints',
  columns: ['time', 'job_id', 'task_index', 'operator', 'attribute', 'value'],
  separator: COMMA,
};
const layouts = [MACHINE_EVENTS, MACHINE_ATTRIBUTES, TASK_EVENTS, TASK_CONSTRAINTS];

/** Part files are called alike in every table: the folder says which, or the file when it was renamed. */
const isTable = ({ folder, name, lines }: FileHead, { table, columns }: Layout): boolean =>
  (folder === table || name.startsWith(table)) && (lines[0] ?? '').split(',').length >= columns.length;

export const google2011Family: TraceFamily = {
  name: 'google-2011',
  title: 'Google cluster trace 2011',
  tables: layouts.map((layout) => ({
    name: layout.table,
    looks: `${layout.table}/part-?????-of-?????.csv (folder or file name begins with ${layout.table})`,
    is: (head: FileHead) => isTable(head, layout),
  })),
  mapping:
    'task → pod owned by its job, priority as in the trace; lifetime = its last run, from SCHEDULE to FINISH, FAIL, KILL or LOST; an evicted task waits again and is the same pod; different-machines flag → one pod of the job per node; constraints → node affinity on machine attributes; machine → node from its first ADD; fractions are of --machine-cpu and --machine-memory (taken as 64 cores and 256 GiB)',
  sources: [
    {
      what: 'clusterdata-2011-2 (41 GB)',
      where: 'github.com/google/cluster-data, ClusterData2011_2.md (Google Cloud Storage bucket clusterdata-2011-2)',
      licence: 'CC-BY 4.0',
    },
  ],
  hasOwners: true,
  machine: { cpuMilli: 64_000, memoryMib: 256 * 1024 },
  read,
};

async function read(context: ImportContext): Promise<void> {
  await readMachines(context);
  const constraints = await readConstraints(context);
  await readTasks(context, constraints);
}

async function readMachines({ of, sink, tally, options }: ImportContext): Promise<void> {
  const { cpuMilli, memoryMib } = google2011Family.machine!;
  const attributes = new Map<number, Record<string, string>>();
  for (const file of of('machine_attributes')) {
    await readFields(file, MACHINE_ATTRIBUTES, tally, (row) => {
      const machine = row.whole(1);
      if (row.number(4) === 1) return tally.passOver('an attribute that is taken away');
      const known = attributes.get(machine) ?? {};
      attributes.set(machine, known);
      known[attributeKey(row.text(2))] ??= labelValueOf(row.text(3));
    });
  }
  const seen = new Set<number>();
  const suffixes = new Map<string, string>();
  for (const file of of('machine_events')) {
    await readFields(file, MACHINE_EVENTS, tally, (row) => {
      const machine = row.whole(1);
      const type = row.whole(2, 0, 2);
      if (type === MACHINE_REMOVE) return tally.passOver('a removal of a machine');
      if (type !== MACHINE_ADD) return tally.passOver('an update of a machine');
      if (seen.has(machine)) return tally.passOver('a machine added again');
      if (row.isEmpty(4) || row.isEmpty(5)) return tally.passOver('a machine without capacity');
      const capacity = {
        cpuMilli: wholeUnits(row.amount(4) * (options.machineCpuMilli ?? cpuMilli)),
        memoryMib: wholeUnits(row.amount(5) * (options.machineMemoryMib ?? memoryMib)),
      };
      seen.add(machine);
      const labels = { 'borg.berth.dev/platform': labelValueOf(row.text(3)), ...attributes.get(machine) };
      const text = JSON.stringify(labels);
      const suffix = suffixes.get(text) ?? `kind${suffixes.size}`;
      suffixes.set(text, suffix);
      sink.node(`machine-${machine}`, sink.pool(poolOf({ ...capacity, labels, suffix })));
    });
  }
}

const taskKey = (row: Fields, job: number): string => `${row.whole(job)}-${row.whole(job + 1)}`;

/** Sets of requirements by task; equal sets are one object. */
async function readConstraints({ of, tally }: ImportContext): Promise<Map<string, NodeSelectorRequirement[]>> {
  const byTask = new Map<string, NodeSelectorRequirement[]>();
  for (const file of of('task_constraints')) {
    await readFields(file, TASK_CONSTRAINTS, tally, (row) => {
      const requirement = requirementOf(row.text(4), row.whole(3, 0, 3), row.text(5));
      if (requirement === undefined) return tally.passOver('a comparison with what is no whole number');
      const key = taskKey(row, 1);
      const earlier = byTask.get(key) ?? [];
      const same = (other: NodeSelectorRequirement) =>
        other.key === requirement.key &&
        other.operator === requirement.operator &&
        other.values?.[0] === requirement.values?.[0];
      if (!earlier.some(same)) earlier.push(requirement);
      byTask.set(key, earlier);
    });
  }
  return byTask;
}

async function readTasks(
  context: ImportContext,
  constraints: ReadonlyMap<string, NodeSelectorRequirement[]>,
): Promise<void> {
  const { of, sink, tally } = context;
  const tasks = new LiveTasks(sink);
  const shapes = new ShapeCache(sink);
  for (const file of of('task_events')) {
    await readFields(file, TASK_EVENTS, tally, (row) => {
      const seconds = secondsOf(row);
      const type = row.whole(5, 0, 8);
      const key = taskKey(row, 2);
      if (type === SUBMIT) {
        const shape = shapeOf(row, constraints.get(key), shapes, context);
        tasks.submit(key, row.text(2), shape, seconds);
      } else if (type === SCHEDULE) {
        if (!tasks.start(key, seconds)) tally.passOver('a start of a task that was not submitted');
      } else if (type === EVICT) {
        if (!tasks.evict(key)) tally.passOver('an eviction of a task that was not submitted');
      } else if (type > LOST) tally.passOver('an update of a task');
      else {
        const ended = tasks.end(key, seconds);
        if (ended !== 'pod')
          tally.passOver(
            ended === 'unknown' ? 'an end of a task that was not submitted' : 'an end of a task that never started',
          );
      }
    });
  }
  tasks.finish();
}

/** 0 stands for before the trace; what is beyond 2⁵³ for after it. */
function secondsOf(row: Fields): number {
  return Math.max(0, row.amount(0) / MICROS_PER_SECOND - START_SECONDS);
}

function shapeOf(
  row: Fields,
  requirements: NodeSelectorRequirement[] | undefined,
  shapes: ShapeCache,
  { options }: ImportContext,
): number {
  const { cpuMilli: wholeCpu, memoryMib: wholeMemory } = google2011Family.machine!;
  const cpuMilli = row.isEmpty(9) ? 0 : wholeUnits(row.amount(9) * (options.machineCpuMilli ?? wholeCpu));
  const memoryMib = row.isEmpty(10) ? 0 : wholeUnits(row.amount(10) * (options.machineMemoryMib ?? wholeMemory));
  const priority = row.whole(8, 0, 1000);
  const isAlone = row.number(12) === 1;
  if (!isAlone && requirements === undefined) return shapes.of(cpuMilli, memoryMib, priority);
  const job = row.text(2);
  const wanted = requirements === undefined ? '' : JSON.stringify(requirements);
  return shapes.keyed(`${cpuMilli} ${memoryMib} ${priority} ${isAlone ? job : ''} ${wanted}`, () => ({
    cpuMilli,
    memoryMib,
    priority,
    requirements,
    perNode: isAlone ? { most: 1, owner: job } : undefined,
    labels: isAlone ? { [OWNER_LABEL]: labelValueOf(job) } : undefined,
    suffix:
      wanted === ''
        ? undefined
        : requirements!
            .map(({ key, operator, values = [] }) => `${key.split('/')[1]}${operator}${values[0] ?? ''}`)
            .join(','),
  }));
}
