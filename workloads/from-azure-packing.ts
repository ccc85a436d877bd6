/**
 * Azure's packing trace of 2020 from its SQLite file. A VM type has a row per hardware that may hold it, in fractions of that
 * hardware; times are days, negative for before the trace, empty for beyond its 90 days.
 * The fractions become cores and memory of one machine size, so that every machine is a node of that size.
 */
import { InputError } from '../api/index.ts';
import { ByteSource } from './trace/byte-source.ts';
import type { ImportContext, TraceFamily } from './trace/model.ts';
import { ShapeCache } from './trace/shapes.ts';

const DAY_SECONDS = 86_400;
const HIGH_PRIORITY = 1000;
const SQLITE_MAGIC = 'SQLite format 3';

export const azurePackingFamily: TraceFamily = {
  name: 'azure-packing',
  title: 'Azure packing trace 2020',
  tables: [
    {
      name: 'sqlite',
      looks: 'packing_trace_zone_a_v1.sqlite: tables vm and vmType',
      is: ({ magic }) => magic.startsWith(SQLITE_MAGIC),
    },
  ],
  mapping:
    'vm → pod owned by its tenant; its size is that on the first hardware that may hold it, times the machine (--machine-cpu, --machine-memory; taken as 64 cores and 512 GiB); priority 0 → 1000, 1 → 0; low-priority lifetimes are evictions, not wishes; nodes are not in the file',
  sources: [
    {
      what: 'packing_trace_zone_a_v1.sqlite',
      where: 'github.com/Azure/AzurePublicDataset, AzureTracesForPacking2020.md',
      licence: 'CC-BY 4.0',
    },
  ],
  hasOwners: true,
  machine: { cpuMilli: 64_000, memoryMib: 512 * 1024 },
  read,
};

interface VmType {
  readonly core: number;
  readonly memory: number;
}

async function read({ of, sink, tally, options }: ImportContext): Promise<void> {
  const { cpuMilli, memoryMib } = azurePackingFamily.machine!;
  const machineCpu = options.machineCpuMilli ?? cpuMilli;
  const machineMemory = options.machineMemoryMib ?? memoryMib;
  const { Database } = (await import('node-sqlite3-wasm')).default;
  const shapes = new ShapeCache(sink);
  for (const file of of('sqlite')) {
    const name = file.split(/[\\/]/).at(-1)!;
    tally.begin('vm', name);
    const database = new Database(file, { readOnly: true, fileMustExist: true });
    try {
      const types = readTypes(database.prepare('SELECT vmTypeId, core, memory FROM vmType ORDER BY id').iterate());
      const vms = database
        .prepare('SELECT vmId, tenantId, vmTypeId, priority, starttime, endtime FROM vm ORDER BY rowid')
        .iterate();
      let line = 0;
      for (const row of vms) {
        line++;
        tally.row();
        try {
          const type = types.get(Number(row.vmTypeId));
          const at = { file: name, line, path: 'vm' };
          if (type === undefined) throw new InputError(`vmTypeId ${row.vmTypeId} is not in vmType`, at);
          const start = row.starttime;
          const end = row.endtime;
          if (typeof start !== 'number') throw new InputError('starttime is empty; days are expected', at);
          if (end !== null && (typeof end !== 'number' || end < start))
            throw new InputError(`endtime ${end} is not a day after starttime ${start}`, at);
          const arrival = Math.max(0, start * DAY_SECONDS);
          const lifetime = end === null ? Number.POSITIVE_INFINITY : Math.max(0, Number(end) * DAY_SECONDS - arrival);
          const priority = Number(row.priority) === 0 ? HIGH_PRIORITY : 0;
          const shape = shapes.of(
            Math.max(1, Math.round(type.core * machineCpu)),
            Math.max(1, Math.round(type.memory * machineMemory)),
            priority,
          );
          sink.pod(`vm-${row.vmId}`, shape, arrival, lifetime, `tenant-${row.tenantId}`, 0);
        } catch (error) {
          tally.refuse(error);
        }
      }
    } catch (error) {
      if (error instanceof InputError) throw error;
      throw new InputError(`the tables vm and vmType are expected: ${(error as Error).message}`, { file: name });
    } finally {
      database.close();
    }
    const source = new ByteSource(file);
    for await (const _ of source);
    tally.end(source.source());
  }
}

function readTypes(rows: Iterable<Record<string, unknown>>): Map<number, VmType> {
  const types = new Map<number, VmType>();
  for (const { vmTypeId, core, memory } of rows) {
    // One row per hardware; the first counts.
    if (!types.has(Number(vmTypeId))) types.set(Number(vmTypeId), { core: Number(core), memory: Number(memory) });
  }
  return types;
}
