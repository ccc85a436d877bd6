/** Alibaba's spot GPU trace of 2026: GPU nodes, and jobs of high priority (HP) or preemptible (Spot). */
import type { CsvRow } from './csv-rows.ts';
import { hasColumns, readTable } from './trace/csv-table.ts';
import type { ImportContext, TraceFamily } from './trace/model.ts';
import { labelValueOf, Names, poolOf, ShapeCache } from './trace/shapes.ts';

const NODE_COLUMNS = ['gpu_model', 'gpu_capacity_num', 'cpu_num', 'node_name'] as const;
const JOB_COLUMNS = [
  'job_name',
  'gpu_model',
  'cpu_request',
  'gpu_request',
  'worker_num',
  'submit_time',
  'duration',
  'job_type',
] as const;
/** The node list has no memory: what machines of this kind commonly have. */
const MEMORY_MIB_PER_CPU = 8 * 1024;
const PRIORITY = { HP: 1000, Spot: 0 } as const;
const WHOLE_GPU_MILLI = 1000;
const WORKERS_MAX = 100_000;

export const spotFamily: TraceFamily = {
  name: 'alibaba-spot-2026',
  title: 'Alibaba spot GPU 2026',
  tables: [
    {
      name: 'nodes',
      looks: `CSV with the columns ${NODE_COLUMNS.join(', ')}`,
      is: (head) => hasColumns(head, NODE_COLUMNS),
    },
    {
      name: 'jobs',
      looks: `CSV with the columns ${JOB_COLUMNS.join(', ')}`,
      is: (head) => hasColumns(head, JOB_COLUMNS),
    },
  ],
  mapping:
    'node row → node, with 8 GiB per vCPU since the list has no memory; job → gang of worker_num pods on nodes of its GPU model; HP → priority 1000, Spot → 0 and preempted by HP',
  sources: [
    {
      what: 'node_info_df.csv, job_info_df.csv',
      where: 'github.com/alibaba/clusterdata, cluster-trace-v2026-spot-gpu',
      licence: 'research or study purpose, cite the ASPLOS ’26 paper',
      checksums: { 'node_info_df.csv.gz': '0b28b9ca5d3fb5a7647bb430e796ad944416d5e27e11a90efbd39264b75878cf' },
    },
  ],
  hasOwners: true,
  read,
};

async function read({ of, sink, tally }: ImportContext): Promise<void> {
  const names = new Names();
  for (const file of of('nodes')) {
    await readTable(file, 'nodes', NODE_COLUMNS, tally, (row) => {
      const cpus = row.whole('cpu_num', 1, 100_000);
      const kind = {
        cpuMilli: cpus * 1000,
        memoryMib: cpus * MEMORY_MIB_PER_CPU,
        gpus: row.whole('gpu_capacity_num', 0, 1024),
        model: row.text('gpu_model'),
      };
      sink.node(names.of(`node-${row.text('node_name')}`), sink.pool(poolOf(kind)));
    });
  }
  const shapes = new ShapeCache(sink);
  for (const file of of('jobs')) {
    await readTable(file, 'jobs', JOB_COLUMNS, tally, (row) => {
      const owner = names.of(`job-${row.text('job_name')}`);
      const workers = row.whole('worker_num', 1, WORKERS_MAX);
      const shape = shapeOf(row, shapes);
      const arrival = row.number('submit_time', 0);
      const lifetime = row.number('duration', 0);
      const gang = workers > 1 ? workers : 0;
      for (let i = 0; i < workers; i++) sink.pod(`${owner}-${i}`, shape, arrival, lifetime, owner, gang);
    });
  }
}

function shapeOf(row: CsvRow, shapes: ShapeCache): number {
  const cpus = row.number('cpu_request', 0);
  const gpus = row.number('gpu_request', 0);
  const model = row.text('gpu_model');
  const type = row.text('job_type');
  if (type !== 'HP' && type !== 'Spot') throw row.fail('job_type', `${JSON.stringify(type)} is neither HP nor Spot`);
  return shapes.keyed(`${cpus} ${gpus} ${model} ${type}`, () => ({
    cpuMilli: Math.round(cpus * 1000),
    memoryMib: Math.round(cpus * MEMORY_MIB_PER_CPU),
    gpus: Math.ceil(gpus),
    gpuMilli: gpus > 0 && gpus < 1 ? Math.round(gpus * WHOLE_GPU_MILLI) : undefined,
    models: model === '' || gpus === 0 ? [] : [labelValueOf(model)],
    priority: PRIORITY[type],
    labels: { 'berth.dev/job-type': type },
    suffix: type,
  }));
}
