/** One small hand-made file set per family: what its rows become, and what is counted. */
import { describe, expect, test } from 'vitest';
import { imported, requestsOf, times, withFiles } from './import.fixture.ts';

const END = Number.POSITIVE_INFINITY;

test('Azure V1 and V2: still there at the end, open buckets, deployments as owners', async () => {
  const { list } = await imported('azure-vm', {
    'vmtable.csv':
      'a,s,d1,0,2591700,99.3,3.4,10.1,Delay-insensitive,1,1.75\nb,s,d2,2188800,2189100,99.5,3.5,7.9,Interactive,8,56\nc,s,d1,300,600,9,3,7,Unknown,>24,>64\n',
  });
  expect(times(list.pods)).toEqual([
    ['vm-0', 0, END, 'deployment-0', 0],
    ['vm-1', 2188800, 300, 'deployment-1', 0],
    ['vm-2', 300, 300, 'deployment-0', 0],
  ]);
  expect(list.pods.map(({ shape }) => [requestsOf(shape).cpu, requestsOf(shape).memory, shape.spec.priority])).toEqual([
    ['1000m', '1792Mi', 0],
    ['8000m', '57344Mi', 1000],
    ['30000m', '71680Mi', 0],
  ]);
});

describe('Azure V1 reduced', () => {
  const MAPS = { 'flav_map.txt': '1,1.75 b\n2,3.5 g\n', 'v1.interval_map.txt': '0 0\n300 1\n600 2\n900 2\n' };

  test('arrivals spread over 300 s, batches as owners, lifetimes within their bins', async () => {
    const { list } = await imported('azure-vm', {
      ...MAPS,
      'v1.dev.txt': '300 g,|,b,b,|,\n900 b,|,\n',
      'v1.dev.c2100000.txt': '300 U0,|,C2,U2,|,\n900 U1,|,\n',
    });
    expect(times(list.pods)).toEqual([
      ['v1-dev-0', 300, 0, 'v1-dev-batch-0', 0],
      ['v1-dev-1', 400, END, 'v1-dev-batch-1', 0],
      ['v1-dev-2', 500, 1000, 'v1-dev-batch-1', 0],
      ['v1-dev-3', 900, 300, 'v1-dev-batch-3', 0],
    ]);
    expect(requestsOf(list.pods[0]!.shape)).toEqual({ cpu: '2000m', memory: '3584Mi' });
  });

  test('without durations nothing ends; with durations of other lines it is said', async () => {
    const { list } = await imported('azure-vm', { ...MAPS, 'v1.train.txt': '300 g,|,\n' });
    expect(list.pods[0]!.lifetime).toBe(END);
    await expect(
      imported('azure-vm', { ...MAPS, 'v1.dev.txt': '300 g,b,|,\n', 'v1.dev.c9.txt': '300 U0,|,\n' }),
    ).rejects.toThrow('v1.dev.txt:1: 2 VMs where v1.dev.c9.txt has 1 at second 300');
    await expect(imported('azure-vm', { ...MAPS, 'v1.dev.txt': '300 z,|,\n' })).rejects.toThrow(
      'v1.dev.txt:1:1: "z" is not a letter of flav_map.txt',
    );
  });
});

test('Azure packing: fractions of the first hardware, days, two priorities', async () => {
  const { Database } = (await import('node-sqlite3-wasm')).default;
  const bytes = await withFiles({}, async (dir) => {
    const file = `${dir}/made.sqlite`;
    const database = new Database(file);
    database.exec(
      'CREATE TABLE vmType (id INTEGER PRIMARY KEY, vmTypeId INTEGER, machineId INTEGER, core REAL, memory REAL, hdd REAL, ssd REAL, nic REAL);' +
        'CREATE TABLE vm (vmId INTEGER, tenantId INTEGER, vmTypeId INTEGER, priority INTEGER, starttime REAL, endtime REAL);' +
        'INSERT INTO vmType VALUES (0, 5, 0, 0.125, 0.25, NULL, 0, 0), (1, 5, 1, 0.5, 0.5, NULL, 0, 0);' +
        'INSERT INTO vm VALUES (0, 9, 5, 0, -1.5, 0.5), (1, 9, 5, 1, 0.25, NULL), (2, 9, 6, 1, 0.25, NULL);',
    );
    database.close();
    return (await import('node:fs')).readFileSync(file);
  });
  const { list, refused, messages } = await imported('azure-packing', { 'trace.sqlite': bytes }, { onError: 'skip' });
  expect(times(list.pods)).toEqual([
    ['vm-0', 0, 43200, 'tenant-9', 0],
    ['vm-1', 21600, END, 'tenant-9', 0],
  ]);
  expect(list.pods.map(({ shape }) => [requestsOf(shape).cpu, requestsOf(shape).memory, shape.spec.priority])).toEqual([
    ['8000m', '131072Mi', 1000],
    ['8000m', '131072Mi', 0],
  ]);
  expect([refused, messages]).toEqual([1, ['trace.sqlite:3: vm: vmTypeId 6 is not in vmType']]);
});

test('Philly: machines, gangs of the last attempt, times that are null, "None", or missing', async () => {
  const attempt = (start: string | null, end: string | null, ...gpus: number[]) => ({
    start_time: start,
    end_time: end,
    detail: gpus.map((count, i) => ({ ip: `m${i}`, gpus: Array.from({ length: count }, (_, gpu) => `gpu${gpu}`) })),
  });
  const jobs = [
    {
      status: 'Pass',
      vc: 'ee9e8c',
      jobid: 'application_1506638472019_14199',
      submitted_time: '2017-10-07 01:11:39',
      attempts: [
        attempt('2017-10-07 01:12:09', '2017-10-07 01:13:23', 8),
        attempt('2017-10-07 01:13:30', '2017-10-07 02:12:09', 8, 4),
      ],
    },
    { status: 'Killed', vc: 'x', jobid: 'b', submitted_time: '2017-10-07 01:11:40', attempts: [] },
    {
      status: 'Failed',
      vc: 'x',
      jobid: 'c',
      submitted_time: '2017-10-07 01:11:41',
      attempts: [attempt('2017-10-07 01:12:00', 'None', 1)],
    },
  ];
  const { list, files, startUnixSeconds } = await imported('philly', {
    cluster_job_log: JSON.stringify(jobs, null, 1),
    cluster_machine_list: 'machineId,number of GPUs,single GPU mem\nm31,8, 24GB\n',
  });
  expect(times(list.pods)).toEqual([
    ['application-1506638472019-14199-0', 0, 3600, 'application-1506638472019-14199', 2],
    ['application-1506638472019-14199-1', 0, 3600, 'application-1506638472019-14199', 2],
    ['c-0', 2, END, 'c', 0],
  ]);
  expect(list.pods.map(({ shape }) => requestsOf(shape)['nvidia.com/gpu'])).toEqual(['8', '4', '1']);
  expect(list.nodes[0]).toMatchObject({ name: 'm31', pool: { labels: { 'berth.dev/gpu-memory': '24GB' } } });
  expect(startUnixSeconds).toBe(Date.UTC(2017, 9, 7, 1, 11, 39) / 1000);
  expect([...files.find(({ table }) => table === 'jobs')!.passedOver]).toEqual([
    ['a job without attempts, so without a size', 1],
  ]);
});

test('Helios and Acme: pods per node, local and zoned timestamps', async () => {
  const header = 'job_id,user,vc,gpu_num,cpu_num,node_num,state,submit_time,start_time,end_time,duration,queue\n';
  const helios = await imported('helios', {
    'cluster_log.csv': `${header}1,u,vc1,16,64,2,COMPLETED,2020-04-01 00:00:10,2020-04-01 00:00:12,2020-04-01 00:01:12,60,2\n2,u,vc1,0,1,1,CANCELLED,2020-04-01 00:00:00,,,,\n`,
  });
  expect(times(helios.list.pods)).toEqual([
    ['job-1-0', 10, 60, 'job-1', 2],
    ['job-1-1', 10, 60, 'job-1', 2],
    ['job-2-0', 0, END, 'job-2', 0],
  ]);
  expect(requestsOf(helios.list.pods[0]!.shape)).toEqual({ cpu: '32000m', memory: '131072Mi', 'nvidia.com/gpu': '8' });
  const acme = await imported('helios', {
    'trace_seren.csv': `${header.replace('vc', 'type')}5,u,Other,0.0,8.0,1.0,FAILED,2023-03-01 00:00:00+08:00,2023-03-01 00:00:01+08:00,2023-03-01 00:00:05+08:00,4.0,1.0\n`,
  });
  expect(acme.startUnixSeconds).toBe(Date.UTC(2023, 1, 28, 16) / 1000);
});

test('OpenDC: tasks, metadata, topology', async () => {
  const { list } = await imported('opendc', {
    'tasks.csv':
      'id,submission_time,duration,cpu_count,cpu_capacity,mem_capacity\n1,1665093600000,27930000,16,33600.0,100000\n2,1665093607500,0,1,1.0,0\n',
    'topology.json': JSON.stringify({
      clusters: [
        {
          name: 'C01',
          hosts: [{ name: 'H01', count: 2, cpu: { coreCount: 8, coreSpeed: 3200 }, memory: { memorySize: 128000 } }],
        },
      ],
    }),
  });
  expect(times(list.pods)).toEqual([
    ['task-1', 0, 27930, '', 0],
    ['task-2', 7.5, 0, '', 0],
  ]);
  expect(list.nodes.map(({ name, pool }) => [name, pool.allocatable.cpu, pool.allocatable.memory])).toEqual([
    ['h01-0-0', '8000m', '128000Mi'],
    ['h01-0-1', '8000m', '128000Mi'],
  ]);
  await expect(imported('opendc', { 'topology.json': '{"clusters": [{"hosts": [{"cpu": {}}]}]}' })).rejects.toThrow(
    'topology.json: clusters[0].hosts[0]: a host with cores (coreCount) and memory (memorySize) is expected',
  );
});
