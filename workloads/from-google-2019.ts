/**
 * Google's cluster trace of 2019, tables of one cell as BigQuery exports them (JSON lines): `machine_events`,
 * `machine_attributes`, `collection_events`, `instance_events`. Source: google/cluster-data, clusterdata_trace_format_v3.proto.
 *
 * Times are microseconds; 0 is before the trace, 2⁶³ − 1 after it. Numbers may be written as text.
 */
import { InputError, type NodeSelectorRequirement } from '../api/index.ts';
import { attributeKey, RELATIONS, requirementOf } from './trace/borg-constraints.ts';
import { readJsonLines } from './trace/json-lines.ts';
import { LiveTasks } from './trace/live-tasks.ts';
import type { FileHead, ImportContext, TraceFamily } from './trace/model.ts';
import { labelValueOf, OWNER_LABEL, poolOf, RACK_LABEL, ShapeCache, wholeUnits } from './trace/shapes.ts';

const MICROS_PER_SECOND = 1e6;
const START_SECONDS = 600;
const EVENT_TYPES = [
  'SUBMIT',
  'QUEUE',
  'ENABLE',
  'SCHEDULE',
  'EVICT',
  'FAIL',
  'FINISH',
  'KILL',
  'LOST',
  'UPDATE_PENDING',
  'UPDATE_RUNNING',
] as const;
const MACHINE_TYPES = ['EVENT_TYPE_UNKNOWN', 'ADD', 'REMOVE', 'UPDATE'] as const;
const ALLOC_SET = 1;
const RESERVATION_LABEL = 'berth.dev/reservation';

const has = ({ lines }: FileHead, ...fields: string[]): boolean =>
  fields.every((field) => (lines[0] ?? '').includes(`"${field}"`));

export const google2019Family: TraceFamily = {
  name: 'google-2019',
  title: 'Google cluster trace 2019',
  tables: [
    {
      name: 'instance_events',
      looks: 'JSON lines with instance_index and type',
      is: (head) => has(head, 'instance_index', 'type'),
    },
    {
      name: 'machine_attributes',
      looks: 'JSON lines with machine_id and name',
      is: (head) => has(head, 'machine_id', 'name') && !has(head, 'collection_id'),
    },
    {
      name: 'machine_events',
      looks: 'JSON lines with machine_id and type',
      is: (head) => has(head, 'machine_id', 'type') && !has(head, 'collection_id'),
    },
    {
      name: 'collection_events',
      looks: 'JSON lines with collection_id and without instance_index',
      is: (head) => has(head, 'collection_id'),
    },
  ],
  mapping:
    'instance → pod owned by its collection, priority as in the trace; lifetime = its last run; an evicted instance waits again and is the same pod; alloc instance → a pod that reserves, its tasks → pods without requests that must sit on its node; max_per_machine and max_per_switch → hard spread over hostnames and racks; constraints → node affinity; machine → node from its first ADD; fractions are of --machine-cpu and --machine-memory (taken as 128 cores and 512 GiB)',
  sources: [
    {
      what: 'clusterdata-2019, cells a to h (2.4 TiB)',
      where: 'github.com/google/cluster-data, ClusterData2019.md (BigQuery google.com:google-cluster-data)',
      licence: 'CC-BY 4.0',
    },
  ],
  hasOwners: true,
  machine: { cpuMilli: 128_000, memoryMib: 512 * 1024 },
  read,
};

type Row = Readonly<Record<string, unknown>>;
interface Limits {
  readonly perMachine: number;
  readonly perSwitch: number;
}

async function read(context: ImportContext): Promise<void> {
  await readMachines(context);
  const limits = await readCollections(context);
  await readInstances(context, limits);
}

async function readMachines({ of, sink, tally, options }: ImportContext): Promise<void> {
  const attributes = new Map<string, Record<string, string>>();
  for (const file of of('machine_attributes')) {
    await readJsonLines(file, 'machine_attributes', tally, (row) => {
      if (row.deleted === true || row.deleted === 'true') return tally.passOver('an attribute that is taken away');
      const machine = id(row, 'machine_id');
      const known = attributes.get(machine) ?? {};
      attributes.set(machine, known);
      known[attributeKey(text(row, 'name'))] ??= labelValueOf(String(row.value ?? ''));
    });
  }
  const { cpuMilli, memoryMib } = google2019Family.machine!;
  const seen = new Set<string>();
  const suffixes = new Map<string, string>();
  for (const file of of('machine_events')) {
    await readJsonLines(file, 'machine_events', tally, (row) => {
      const machine = id(row, 'machine_id');
      const type = oneOf(row, 'type', MACHINE_TYPES);
      if (type !== 'ADD') return tally.passOver(`a ${type} of a machine`);
      if (seen.has(machine)) return tally.passOver('a machine added again');
      const capacity = resources(row, 'capacity');
      if (capacity.cpus === undefined || capacity.memory === undefined)
        return tally.passOver('a machine without capacity');
      seen.add(machine);
      const rack: Record<string, string> =
        row.switch_id === undefined || row.switch_id === null
          ? {}
          : { [RACK_LABEL]: labelValueOf(String(row.switch_id)) };
      const labels = { ...rack, ...attributes.get(machine) };
      const key = JSON.stringify(labels);
      const suffix = suffixes.get(key) ?? `kind${suffixes.size}`;
      suffixes.set(key, suffix);
      const kind = {
        cpuMilli: wholeUnits(capacity.cpus * (options.machineCpuMilli ?? cpuMilli)),
        memoryMib: wholeUnits(capacity.memory * (options.machineMemoryMib ?? memoryMib)),
        labels,
        suffix,
      };
      sink.node(`machine-${machine}`, sink.pool(poolOf(kind)));
    });
  }
}

async function readCollections({ of, tally }: ImportContext): Promise<ReadonlyMap<string, Limits>> {
  const limits = new Map<string, Limits>();
  for (const file of of('collection_events')) {
    await readJsonLines(file, 'collection_events', tally, (row) => {
      const perMachine = number(row, 'max_per_machine') ?? 0;
      const perSwitch = number(row, 'max_per_switch') ?? 0;
      if (perMachine <= 0 && perSwitch <= 0) return tally.passOver('an event of a collection without limits');
      limits.set(id(row, 'collection_id'), { perMachine, perSwitch });
    });
  }
  return limits;
}

async function readInstances(context: ImportContext, limits: ReadonlyMap<string, Limits>): Promise<void> {
  const { of, sink, tally } = context;
  const tasks = new LiveTasks(sink);
  const shapes = new ShapeCache(sink);
  for (const file of of('instance_events')) {
    await readJsonLines(file, 'instance_events', tally, (row) => {
      const type = oneOf(row, 'type', EVENT_TYPES);
      const seconds = Math.max(0, required(row, 'time') / MICROS_PER_SECOND - START_SECONDS);
      const collection = id(row, 'collection_id');
      const key = `${collection}-${id(row, 'instance_index')}`;
      if (type === 'SUBMIT')
        tasks.submit(key, collection, shapeOf(row, collection, key, limits.get(collection), shapes, context), seconds);
      else if (type === 'SCHEDULE') {
        if (!tasks.start(key, seconds)) tally.passOver('a start of an instance that was not submitted');
      } else if (type === 'EVICT') {
        if (!tasks.evict(key)) tally.passOver('an eviction of an instance that was not submitted');
      } else if (type === 'FAIL' || type === 'FINISH' || type === 'KILL' || type === 'LOST') {
        const ended = tasks.end(key, seconds);
        if (ended !== 'pod')
          tally.passOver(
            ended === 'unknown'
              ? 'an end of an instance that was not submitted'
              : 'an end of an instance that never started',
          );
      } else tally.passOver(`a ${type} of an instance`);
    });
  }
  tasks.finish();
}

function shapeOf(
  row: Row,
  collection: string,
  key: string,
  limits: Limits | undefined,
  shapes: ShapeCache,
  { options, tally }: ImportContext,
): number {
  const whole = google2019Family.machine!;
  const request = resources(row, 'resource_request');
  const priority = number(row, 'priority') ?? 0;
  const alloc = String(row.alloc_collection_id ?? '0');
  const allocIndex = number(row, 'alloc_instance_index') ?? -1;
  const isInAlloc = alloc !== '0' && alloc !== '' && allocIndex >= 0;
  const isAlloc = number(row, 'collection_type') === ALLOC_SET || row.collection_type === 'ALLOC_SET';
  const requirements: NodeSelectorRequirement[] = [];
  for (const constraint of Array.isArray(row.constraint) ? (row.constraint as Row[]) : []) {
    const requirement = requirementOf(
      String(constraint.name ?? ''),
      RELATIONS.indexOf(oneOf(constraint, 'relation', RELATIONS)),
      String(constraint.value ?? ''),
    );
    if (requirement === undefined)
      tally.passOver('a constraint that compares with what is no whole number (its instance counts)');
    else requirements.push(requirement);
  }
  // What runs in a reservation uses what that has requested.
  const cpuMilli = isInAlloc ? 0 : scaled(request.cpus, options.machineCpuMilli ?? whole.cpuMilli);
  const memoryMib = isInAlloc ? 0 : scaled(request.memory, options.machineMemoryMib ?? whole.memoryMib);
  if (!isInAlloc && !isAlloc && requirements.length === 0 && limits === undefined)
    return shapes.of(cpuMilli, memoryMib, priority);
  const wanted = JSON.stringify(requirements);
  const place = isInAlloc ? `in-${alloc}-${allocIndex}` : isAlloc ? `alloc-${key}` : '';
  const owner = limits === undefined ? undefined : collection;
  const limit = (most: number) => (most > 0 ? { most, owner: collection } : undefined);
  return shapes.keyed(`${cpuMilli} ${memoryMib} ${priority} ${wanted} ${place} ${owner}`, () => ({
    cpuMilli,
    memoryMib,
    priority,
    requirements,
    perNode: limit(limits?.perMachine ?? 0),
    perRack: limit(limits?.perSwitch ?? 0),
    labels: {
      ...(owner === undefined ? {} : { [OWNER_LABEL]: labelValueOf(owner) }),
      ...(isAlloc ? { [RESERVATION_LABEL]: labelValueOf(key) } : {}),
    },
    beside: isInAlloc ? { [RESERVATION_LABEL]: labelValueOf(`${alloc}-${allocIndex}`) } : undefined,
    suffix:
      [
        place,
        requirements
          .map(({ key: attribute, operator, values = [] }) => `${attribute.split('/')[1]}${operator}${values[0] ?? ''}`)
          .join(','),
      ]
        .filter((part) => part !== '')
        .join('-') || undefined,
  }));
}

const scaled = (fraction: number | undefined, whole: number): number =>
  fraction === undefined ? 0 : wholeUnits(fraction * whole);

/** Nested (`{"resource_request": {"cpus": 0.1}}`), or flat as some exports have it (`resource_request_cpus`). */
function resources(row: Row, field: string): { cpus: number | undefined; memory: number | undefined } {
  const nested = row[field];
  const from =
    typeof nested === 'object' && nested !== null
      ? (nested as Row)
      : { cpus: row[`${field}_cpus`], memory: row[`${field}_memory`] };
  return { cpus: number(from, 'cpus'), memory: number(from, 'memory') };
}

function number(row: Row, field: string): number | undefined {
  const value = row[field];
  if (value === undefined || value === null || value === '') return undefined;
  const result = Number(value);
  if (!Number.isFinite(result)) throw new InputError(`${JSON.stringify(value)} is not a number`, { path: field });
  return result;
}

function required(row: Row, field: string): number {
  const value = number(row, field);
  if (value === undefined) throw new InputError('a number is expected', { path: field });
  return value;
}

/** A whole number, which may be too large for a double. */
function id(row: Row, field: string): string {
  const value = text(row, field);
  if (/^\d+$/.test(value)) return value;
  throw new InputError(`${JSON.stringify(value)} is not a whole number`, { path: field });
}

function text(row: Row, field: string): string {
  const value = row[field];
  if (value === undefined || value === null || value === '')
    throw new InputError('a value is expected', { path: field });
  return String(value);
}

function oneOf<T extends string>(row: Row, field: string, names: readonly T[]): T {
  const value = row[field] ?? 0;
  const name = names.includes(value as T) ? (value as T) : names[Number(value)];
  if (name === undefined)
    throw new InputError(`${JSON.stringify(value)} is not one of ${names.join(', ')}, nor a number of one`, {
      path: field,
    });
  return name;
}
