/**
 * Alibaba's recommendation-model trace of 2025: instances of services on CPU nodes (role CN) and GPU nodes (HN), with RDMA
 * and a limit per node. Times are seconds with float noise; no creation means before the trace, no deletion after it.
 */
import type { CsvRow } from './csv-rows.ts';
import { hasColumns, optionalNumber, readTable } from './trace/csv-table.ts';
import type { ImportContext, TraceFamily } from './trace/model.ts';
import { labelValueOf, Names, ShapeCache } from './trace/shapes.ts';

const COLUMNS = [
  'instance_sn',
  'role',
  'app_name',
  'cpu_request',
  'gpu_request',
  'rdma_request',
  'memory_request',
  'disk_request',
  'max_instance_per_node',
  'creation_time',
  'deletion_time',
] as const;
/** Percent of one network card. */
export const RDMA_RESOURCE = 'berth.dev/rdma';
const ROLES = ['CN', 'HN'];
/** All instances are latency-sensitive, by the repository's README. */
const PRIORITY = 1000;
const MIB_PER_GIB = 1024;

export const dlrmFamily: TraceFamily = {
  name: 'alibaba-dlrm-2025',
  title: 'Alibaba DLRM inference 2025',
  tables: [
    { name: 'instances', looks: `CSV with the columns ${COLUMNS.join(', ')}`, is: (head) => hasColumns(head, COLUMNS) },
  ],
  mapping:
    'instance → pod of its application with CPU, memory, ephemeral storage, GPU and berth.dev/rdma (percent of a card); max_instance_per_node → hard spread over hostnames; empty creation → there at time 0, empty deletion → outlives the trace; nodes are not in the file',
  sources: [
    {
      what: 'disaggregated_DLRM_trace.csv',
      where: 'github.com/alibaba/clusterdata, cluster-trace-gpu-v2025',
      licence: 'research or study purpose, cite the NSDI ’25 paper',
      checksums: {
        'disaggregated_DLRM_trace.csv.gz': '7c51226c8efb01512e0502f505db47bc7e56d2767a34226d6adb54602ef965cf',
      },
    },
  ],
  hasOwners: true,
  read,
};

async function read({ of, sink, tally }: ImportContext): Promise<void> {
  const shapes = new ShapeCache(sink);
  const names = new Names();
  for (const file of of('instances')) {
    await readTable(file, 'instances', COLUMNS, tally, (row) => {
      const owner = names.of(row.text('app_name'));
      const shape = shapeOf(row, owner, shapes);
      const creation = optionalNumber(row, 'creation_time');
      const deletion = optionalNumber(row, 'deletion_time');
      const arrival = Math.round(creation ?? 0);
      if (deletion !== undefined && Math.round(deletion) < arrival) {
        throw row.fail('deletion_time', `${deletion} is before the creation time ${arrival}`);
      }
      const lifetime = deletion === undefined ? Number.POSITIVE_INFINITY : Math.round(deletion) - arrival;
      sink.pod(names.of(row.text('instance_sn')), shape, arrival, lifetime, owner, 0);
    });
  }
}

function shapeOf(row: CsvRow, owner: string, shapes: ShapeCache): number {
  const role = row.text('role');
  if (!ROLES.includes(role)) throw row.fail('role', `${JSON.stringify(role)} is neither CN nor HN`);
  const cpuMilli = Math.round(row.number('cpu_request', 0) * 1000);
  const gpus = row.whole('gpu_request', 0, 64);
  const rdma = Math.round(row.number('rdma_request', 0));
  const memoryMib = Math.round(row.number('memory_request', 0) * MIB_PER_GIB);
  const diskMib = Math.round(row.number('disk_request', 0) * MIB_PER_GIB);
  const most = row.number('max_instance_per_node', -1);
  if (!Number.isInteger(most) || most === 0)
    throw row.fail('max_instance_per_node', `${most} is neither -1 (no limit) nor a whole number of at least 1`);
  const key = `${cpuMilli} ${gpus} ${rdma} ${memoryMib} ${diskMib} ${most} ${owner} ${role}`;
  return shapes.keyed(key, () => ({
    cpuMilli,
    memoryMib,
    gpus,
    priority: PRIORITY,
    labels: { 'berth.dev/owner': labelValueOf(owner), 'berth.dev/role': role },
    others: {
      ...(rdma > 0 ? { [RDMA_RESOURCE]: String(rdma) } : {}),
      ...(diskMib > 0 ? { 'ephemeral-storage': `${diskMib}Mi` } : {}),
    },
    perNode: most === -1 ? undefined : { most, owner },
    suffix: most === -1 ? `${owner}-${role}` : role,
  }));
}
