/** One small hand-made file set per family: what its rows become, and what is counted. Quirks are in quirks.test.ts. */
import { describe, expect, test } from 'vitest';
import { TRACE_FAMILIES } from './families.ts';
import { imported, type PodRow, requestsOf, withFiles } from './import.fixture.ts';
import { familiesOf } from './import-trace.ts';

const times = (pods: readonly PodRow[]) =>
  pods.map(({ name, arrival, lifetime, owner, gang }) => [name, arrival, lifetime, owner, gang]);
const END = Number.POSITIVE_INFINITY;

test('names of families are unique and fit a command line', () => {
  const names = TRACE_FAMILIES.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(name).toMatch(/^[a-z0-9-]+$/);
});

test('openb: nodes with GPUs, pods with whole GPUs and priorities by QoS', async () => {
  const { list, files } = await imported('openb', {
    'nodes.csv': 'sn,cpu_milli,memory_mib,gpu,model\na,96000,786432,8,G2\nb,32000,131072,0,\n',
    'pods.csv':
      'name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,creation_time,deletion_time,scheduled_time\np-0,11300,49152,1,810,T4|G2,LS,Running,100,700,101\np-1,2000,1024,0,0,,BE,Succeeded,200,200,200\n',
  });
  expect(list.nodes.map(({ name, pool }) => [name, pool.allocatable['nvidia.com/gpu']])).toEqual([
    ['a', '8'],
    ['b', undefined],
  ]);
  expect(times(list.pods)).toEqual([
    ['p-0', 100, 600, '', 0],
    ['p-1', 200, 0, '', 0],
  ]);
  expect(list.pods.map(({ shape }) => shape.spec.priority)).toEqual([1000, 0]);
  expect(files.map(({ table, rowsIn, nodesOut, podsOut }) => [table, rowsIn, nodesOut, podsOut])).toEqual([
    ['nodes', 2, 2, 0],
    ['pods', 2, 0, 2],
  ]);
});

test('Alibaba DLRM: role, RDMA, disk, limit per node', async () => {
  const header =
    'instance_sn,role,app_name,cpu_request,cpu_limit,gpu_request,gpu_limit,rdma_request,rdma_limit,memory_request,memory_limit,disk_request,disk_limit,max_instance_per_node,creation_time,scheduled_time,deletion_time\n';
  const { list } = await imported('alibaba-dlrm-2025', {
    'trace.csv': `${header}instance_0,HN,app_0,12,12,1,1,25,25,120.0,120.0,640.0,800.0,8,100,101,160\ninstance_1,CN,app_0,64,64,0,0,1,1,320.0,320.0,255.0,300.0,-1,7,8,\n`,
  });
  const [gpu, cpu] = list.pods;
  expect(requestsOf(gpu!.shape)).toEqual({
    cpu: '12000m',
    memory: '122880Mi',
    'nvidia.com/gpu': '1',
    'berth.dev/rdma': '25',
    'ephemeral-storage': '655360Mi',
  });
  expect(gpu!.shape.spec.containers[0]!.resources!.limits).toEqual({ 'nvidia.com/gpu': '1', 'berth.dev/rdma': '25' });
  expect(gpu!.shape.spec.topologySpreadConstraints).toEqual([
    {
      maxSkew: 8,
      topologyKey: 'kubernetes.io/hostname',
      whenUnsatisfiable: 'DoNotSchedule',
      labelSelector: { matchLabels: { 'berth.dev/owner': 'app-0' } },
    },
  ]);
  expect(gpu!.shape.labels).toEqual({ 'berth.dev/owner': 'app-0', 'berth.dev/role': 'HN' });
  expect(cpu!.shape.spec.topologySpreadConstraints).toBeUndefined();
  expect(times(list.pods)).toEqual([
    ['instance-0', 100, 60, 'app-0', 0],
    ['instance-1', 7, END, 'app-0', 0],
  ]);
});

test('Alibaba spot: nodes by model, jobs as gangs, HP over Spot', async () => {
  const { list } = await imported('alibaba-spot-2026', {
    'node_info_df.csv': 'gpu_model,gpu_capacity_num,cpu_num,node_name\nA10,1,128,0\n',
    'job_info_df.csv':
      'job_name,organization,gpu_model,cpu_request,gpu_request,worker_num,submit_time,duration,job_type\n239255,13,A10,20,1,1,0,2764799,HP\n437260,57,A100-SXM4-80GB,15,1,3,9589663,41060,Spot\n',
  });
  expect(list.nodes[0]).toMatchObject({
    name: 'node-0',
    pool: { allocatable: { cpu: '128000m', memory: '1048576Mi', 'nvidia.com/gpu': '1' } },
  });
  expect(times(list.pods)).toEqual([
    ['job-239255-0', 0, 2764799, 'job-239255', 0],
    ['job-437260-0', 9589663, 41060, 'job-437260', 3],
    ['job-437260-1', 9589663, 41060, 'job-437260', 3],
    ['job-437260-2', 9589663, 41060, 'job-437260', 3],
  ]);
  expect(list.pods.map(({ shape }) => shape.spec.priority)).toEqual([1000, 0, 0, 0]);
  expect(JSON.stringify(list.pods[1]!.shape.spec.affinity)).toContain('A100-SXM4-80GB');
});

test('Alibaba 2017: servers, containers, tasks in hundredths of cores and fractions of memory', async () => {
  const { list, files } = await imported('alibaba-2017', {
    'server_event.csv': '0,7,add,,64,0.5,1\n10,7,softerror,disk,,,\n0,8,add,,64,1,1\n',
    'container_event.csv': '-5,Create,1,7,4,0.25,0.1,1|2|3|4\n',
    'batch_task.csv':
      '100,160,12,67,2,Terminated,50,0.005\n100,100,12,68,1,Terminated,,\n200,0,12,69,1,Running,1,0.01\n',
  });
  expect(list.nodes.map(({ name, pool }) => [name, pool.allocatable.cpu, pool.allocatable.memory])).toEqual([
    ['machine-7', '64000m', '131072Mi'],
    ['machine-8', '64000m', '262144Mi'],
  ]);
  expect(times(list.pods)).toEqual([
    ['container-1', 0, END, '', 0],
    ['job-12-67-0', 100, 60, 'job-12', 0],
    ['job-12-67-1', 100, 60, 'job-12', 0],
    ['job-12-69-0', 200, END, 'job-12', 0],
  ]);
  expect(list.pods.map(({ shape }) => requestsOf(shape).cpu)).toEqual(['4000m', '500m', '500m', '1000m']);
  expect(files.map(({ table, rowsIn, passedOver }) => [table, rowsIn, Object.fromEntries(passedOver)])).toEqual([
    ['server_event', 3, { 'an event of a server other than its addition': 1 }],
    ['container_event', 1, {}],
    ['batch_task', 3, { 'a task without requests': 1 }],
  ]);
});

describe('Alibaba 2018', () => {
  test('machines with failure domains, containers spread over them, tasks by job', async () => {
    const { list } = await imported('alibaba-2018', {
      'machine_meta.csv': 'm_1,0,3,f2,96,100,USING\nm_1,50,3,f2,96,100,USING\n',
      'container_meta.csv': 'c_1,m_1,0,app_5,started,400,800,1.56\nc_1,m_1,9,app_5,started,400,800,1.56\n',
      'batch_task.csv': 'R4_2,2,j_7,1,Terminated,86400,86500,100,0.39\nM1,0,j_7,1,Failed,1,2,50,0.2\n',
    });
    expect(list.nodes).toHaveLength(1);
    expect(list.nodes[0]!.pool.labels).toEqual({
      'berth.dev/failure-domain-1': '3',
      'berth.dev/failure-domain-2': 'f2',
    });
    expect(times(list.pods)).toEqual([
      ['c-1', 0, END, 'app-5', 0],
      ['task-0-0', 86400, 100, 'j-7', 0],
      ['task-0-1', 86400, 100, 'j-7', 0],
    ]);
    expect(requestsOf(list.pods[0]!.shape)).toEqual({ cpu: '4000m', memory: '4089Mi' });
    expect(
      list.pods[0]!.shape.spec.topologySpreadConstraints?.map(({ topologyKey, whenUnsatisfiable }) => [
        topologyKey,
        whenUnsatisfiable,
      ]),
    ).toEqual([
      ['berth.dev/failure-domain-1', 'ScheduleAnyway'],
      ['berth.dev/failure-domain-2', 'ScheduleAnyway'],
    ]);
  });

  const INSTANCE = 'i_1,R4_2,j_7,1,Terminated,86400,86460,m_1,1,1,30,55,0.1,0.2\n';

  test('single instances ask for the peak of their use; earlier attempts are passed over', async () => {
    const { list, files } = await imported('alibaba-2018', {
      'batch_instance.csv': `${INSTANCE}i_2,R4_2,j_7,1,Failed,86400,86410,m_1,1,2,30,55,0.1,0.2\n`,
    });
    expect(times(list.pods)).toEqual([['instance-0', 86400, 60, 'j-7', 0]]);
    expect(requestsOf(list.pods[0]!.shape).cpu).toBe('550m');
    expect([...files[0]!.passedOver]).toEqual([['an earlier attempt of an instance', 1]]);
  });

  test('tasks and instances together would count the same work twice', async () => {
    const files = {
      'batch_instance.csv': INSTANCE,
      'batch_task.csv': 'R4_2,2,j_7,1,Terminated,86400,86500,100,0.39\n',
    };
    await expect(imported('alibaba-2018', files)).rejects.toThrow('batch_task and batch_instance hold the same work');
  });

  test('-1 and 101 are measurements that failed', async () => {
    await expect(imported('alibaba-2018', { 'batch_task.csv': 'M1,1,j_7,1,Terminated,1,2,100,101\n' })).rejects.toThrow(
      'batch_task.csv:1, column plan_mem: "101" is not between 0 and 100',
    );
  });
});

test('PAI: a part of a GPU, required models through the job table, tasks that never started', async () => {
  const { list, files } = await imported('pai', {
    'pai_machine_spec.csv': '471dda9ed84965451e042145,V100M32,96,512,8\n',
    'pai_group_tag_table.csv': 'inst-a,user,V100,group-1,nmt\ninst-b,user,,group-2,\n',
    'pai_job_table.csv': 'job-a,inst-a,user,Terminated,1.0,9.0\njob-b,inst-b,user,Failed,1.0,9.0\n',
    'pai_task_table.csv':
      'job-a,worker,2.0,Terminated,4550879.0,4551416.0,600.0,29.296875,50.0,V100\njob-b,ps,1.0,Waiting,,,600.0,29.0,,\njob-b,worker,1.0,Running,10.0,,400.0,8.0,200.0,MISC\n',
  });
  expect(list.nodes[0]).toMatchObject({
    pool: { allocatable: { cpu: '96000m', memory: '524288Mi', 'nvidia.com/gpu': '8' } },
  });
  expect(times(list.pods)).toEqual([
    ['task-0-0', 4550879, 537, 'job-a', 0],
    ['task-0-1', 4550879, 537, 'job-a', 0],
    ['task-1-0', 10, END, 'job-b', 0],
  ]);
  expect(list.pods[0]!.shape.name).toContain('gpu1x500-V100');
  expect(requestsOf(list.pods[0]!.shape)).toEqual({ cpu: '6000m', memory: '30000Mi', 'nvidia.com/gpu': '1' });
  expect(requestsOf(list.pods[2]!.shape)['nvidia.com/gpu']).toBe('2');
  expect(list.pods[2]!.shape.spec.affinity).toBeUndefined();
  expect([...files.at(-1)!.passedOver]).toEqual([['a task that never started', 1]]);
});

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

describe('Google 2011', () => {
  const task = (seconds: number, index: number, type: number, rest = 'user,0,9,0.125,0.5,0.001,0') =>
    `${(600 + seconds) * 1e6},,6251,${index},,${type},${rest}\n`;
  const MACHINES = {
    'machine_events/part-00000-of-00001.csv': '0,5,0,plat,0.5,0.25\n700000000,5,1,plat,0.5,0.25\n0,6,0,plat,1,1\n',
  };

  test('a task is its last run; evicted it waits again; submitted again after its end it is another pod', async () => {
    const { list, files } = await imported('google-2011', {
      ...MACHINES,
      'task_events/part-00000-of-00001.csv':
        task(0, 0, 0) +
        task(10, 0, 1) +
        task(0, 1, 0) +
        task(20, 0, 2) +
        task(20, 0, 0) +
        task(30, 0, 1) +
        task(90, 0, 4) +
        task(100, 0, 0) +
        task(101, 0, 1) +
        task(111, 0, 3) +
        task(120, 2, 4),
    });
    expect(times(list.pods)).toEqual([
      ['6251-0', 0, 60, '6251', 0],
      ['6251-0-r1', 100, 10, '6251', 0],
      ['6251-1', 0, END, '6251', 0],
    ]);
    expect(requestsOf(list.pods[0]!.shape)).toEqual({ cpu: '8000m', memory: '131072Mi' });
    expect(list.pods[0]!.shape.spec.priority).toBe(9);
    expect(list.nodes.map(({ name, pool }) => [name, pool.allocatable.cpu])).toEqual([
      ['machine-5', '32000m'],
      ['machine-6', '64000m'],
    ]);
    expect(Object.fromEntries(files.flatMap(({ passedOver }) => [...passedOver]))).toEqual({
      'a removal of a machine': 1,
      'an end of a task that was not submitted': 1,
    });
  });

  test('constraints and different machines', async () => {
    const { list } = await imported('google-2011', {
      'machine_attributes/part-00000-of-00001.csv': '0,5,rs,3,0\n',
      ...MACHINES,
      'task_constraints/part-00000-of-00001.csv': '600000000,6251,0,0,rs,3\n600000000,6251,0,3,speed,7\n',
      'task_events/part-00000-of-00001.csv': task(0, 0, 0, 'user,0,0,0.1,0.1,0,1'),
    });
    expect(list.nodes[0]!.pool.labels).toMatchObject({ 'borg.berth.dev/rs': '3' });
    const { affinity, topologySpreadConstraints } = list.pods[0]!.shape.spec;
    expect(affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms).toEqual([
      {
        matchExpressions: [
          { key: 'borg.berth.dev/rs', operator: 'In', values: ['3'] },
          { key: 'borg.berth.dev/speed', operator: 'Gt', values: ['7'] },
        ],
      },
    ]);
    expect(topologySpreadConstraints?.[0]).toMatchObject({ maxSkew: 1, whenUnsatisfiable: 'DoNotSchedule' });
  });
});

test('Google 2019: allocs, limits per machine and switch, flat and nested amounts, ids of 64 bits', async () => {
  const lines = (...rows: object[]) =>
    rows
      .map((row) => JSON.stringify(row))
      .join('\n')
      .replaceAll('"@', '')
      .replaceAll('@"', '');
  const event = (type: number | string, seconds: number, rest: object) => ({
    time: String((600 + seconds) * 1e6),
    type,
    priority: 200,
    ...rest,
  });
  const { list, files } = await imported('google-2019', {
    'machine_events.json': lines({
      time: '0',
      machine_id: '@9223372036854775001@',
      type: 1,
      switch_id: 'sw=',
      capacity: { cpus: 0.5, memory: 0.25 },
    }),
    'collection_events.json': lines({ time: '0', type: 0, collection_id: '7', max_per_machine: 2, max_per_switch: 4 }),
    'instance_events.json': lines(
      event(0, 0, {
        collection_id: '3',
        collection_type: 1,
        instance_index: 0,
        resource_request: { cpus: 0.25, memory: 0.5 },
      }),
      event('SUBMIT', 1, {
        collection_id: '7',
        instance_index: 0,
        alloc_collection_id: '3',
        alloc_instance_index: 0,
        resource_request_cpus: 0.1,
        resource_request_memory: 0.1,
        constraint: [{ name: 'a', relation: 6 }],
      }),
      event('SCHEDULE', 2, { collection_id: '7', instance_index: 0 }),
      event('UPDATE_RUNNING', 3, { collection_id: '7', instance_index: 0 }),
      event('FINISH', 12, { collection_id: '7', instance_index: 0 }),
    ),
  });
  expect(list.nodes[0]).toMatchObject({
    name: 'machine-9223372036854775001',
    pool: { labels: { 'topology.kubernetes.io/rack': 'sw' }, allocatable: { cpu: '64000m' } },
  });
  expect(times(list.pods)).toEqual([
    ['7-0', 1, 10, '7', 0],
    ['3-0', 0, END, '3', 0],
  ]);
  const [inside, alloc] = list.pods;
  expect(alloc!.shape.labels).toEqual({ 'berth.dev/reservation': '3-0' });
  expect(requestsOf(alloc!.shape)).toEqual({ cpu: '32000m', memory: '262144Mi' });
  expect(requestsOf(inside!.shape)).toEqual({});
  expect(inside!.shape.spec.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution).toEqual([
    { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { 'berth.dev/reservation': '3-0' } } },
  ]);
  expect(
    inside!.shape.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms,
  ).toEqual([{ matchExpressions: [{ key: 'borg.berth.dev/a', operator: 'Exists' }] }]);
  expect(
    inside!.shape.spec.topologySpreadConstraints?.map(({ maxSkew, topologyKey }) => [maxSkew, topologyKey]),
  ).toEqual([
    [2, 'kubernetes.io/hostname'],
    [4, 'topology.kubernetes.io/rack'],
  ]);
  expect([...files.at(-1)!.passedOver]).toEqual([['a UPDATE_RUNNING of an instance', 1]]);
});

test('KWOK: what was there, what came, what ended', async () => {
  const pod = (name: string, owner = '') => `apiVersion: v1
kind: Pod
metadata:
  name: ${name}
  namespace: default
  labels: {app: web}${owner}
spec:
  nodeName: gone
  containers:
  - {name: main, image: app, resources: {requests: {cpu: 500m}}, volumeMounts: []}
`;
  const patch = (
    seconds: number,
    method: string,
    name: string,
    template = '',
  ) => `apiVersion: action.kwok.x-k8s.io/v1alpha1
kind: ResourcePatch
resource: {version: v1, resource: pods}
target: {name: ${name}, namespace: default}
durationNanosecond: ${seconds * 1e9}
method: ${method}
${template}`;
  const owner = (kind: string) =>
    `\n  ownerReferences: [{kind: ${kind}, name: web-abc, controller: true, apiVersion: v1, uid: x}]`;
  const { list, files } = await imported('kwok', {
    'recording.yaml': [
      'apiVersion: v1\nkind: Node\nmetadata: {name: n1, labels: {zone: a}}\nspec: {taints: [{key: k, effect: NoSchedule}]}\nstatus: {allocatable: {cpu: "4"}}\n',
      pod('a', owner('ReplicaSet')),
      pod('d', owner('DaemonSet')),
      'apiVersion: v1\nkind: Namespace\nmetadata: {name: default}\n',
      patch(5, 'create', 'b', `template:\n  metadata: {name: b}\n  spec: {containers: [{name: main}]}\n`),
      patch(8, 'patch', 'b', 'template: {status: {phase: Succeeded}}\n'),
      patch(9, 'delete', 'a'),
      patch(10, 'create', 'a', `template:\n  metadata: {name: a}\n  spec: {containers: [{name: main}]}\n`),
    ].join('---\n'),
  });
  expect(list.nodes).toEqual([
    {
      name: 'n1',
      pool: {
        name: 'pool-of-n1',
        labels: { zone: 'a' },
        taints: [{ key: 'k', effect: 'NoSchedule' }],
        allocatable: { cpu: '4' },
      },
    },
  ]);
  expect(times(list.pods)).toEqual([
    ['default.b', 5, 3, '', 0],
    ['default.a', 0, 9, 'web-abc', 0],
    ['default.a-r1', 10, END, '', 0],
  ]);
  expect(list.pods[1]!.shape).toMatchObject({
    labels: { app: 'web' },
    spec: { containers: [{ name: 'main', image: 'app', resources: { requests: { cpu: '500m' } } }] },
  });
  expect(list.pods[1]!.shape.spec.nodeName).toBeUndefined();
  expect([...files[0]!.passedOver]).toEqual([
    ['a pod of a DaemonSet', 1],
    ['a Namespace', 1],
  ]);
});

test('SimKube: replicas, scaling, lifecycles of the index', async () => {
  const deployment = (replicas: number) => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'prod' },
    spec: {
      replicas,
      template: {
        metadata: { labels: { app: 'web' } },
        spec: { containers: [{ name: 'main', resources: { requests: { cpu: '1' } } }] },
      },
    },
  });
  const { list, startUnixSeconds } = await imported('simkube', {
    'trace.json': JSON.stringify({
      version: 3,
      config: {},
      events: [
        {
          ts: 1_700_000_000,
          applied_objs: [deployment(2), { kind: 'ConfigMap', metadata: { name: 'c' } }],
          deleted_objs: [],
        },
        { ts: 1_700_000_010, applied_objs: [deployment(3)], deleted_objs: [] },
        { ts: 1_700_000_030, applied_objs: [deployment(2)], deleted_objs: [] },
        { ts: 1_700_000_040, applied_objs: [], deleted_objs: [deployment(2)] },
      ],
      index: {
        'apps/v1.Deployment': {
          'prod/web': {
            1700000000: [
              { lifecycle: { Finished: [1_700_000_001, 1_700_000_008] } },
              { lifecycle: { Running: [1_700_000_001] } },
            ],
          },
        },
      },
    }),
  });
  expect(startUnixSeconds).toBe(1_700_000_000);
  expect(times(list.pods)).toEqual([
    ['deployment-prod-web-2', 10, 20, 'deployment-prod-web', 0],
    ['deployment-prod-web-0', 0, 7, 'deployment-prod-web', 0],
    ['deployment-prod-web-1', 0, 40, 'deployment-prod-web', 0],
  ]);
  await expect(imported('simkube', { 'trace.json': '{"version": 1, "events": []}' })).rejects.toThrow(
    'trace.json: version: version 1; 2 and 3 are known',
  );
});

test('a file that a family does not know is refused with what it does know', async () => {
  await expect(imported('pai', { 'other.csv': 'a,b\n1,2\n' })).rejects.toThrow(
    /other\.csv: none of the files that pai knows; it knows\n {2}job: pai_job_table\.csv/,
  );
});

test('one line is enough to tell the families apart', async () => {
  await withFiles(
    {
      'log.swf': '1 0 1 2 1 -1 -1 1 -1 -1 1 1 1 -1 -1 1 -1 -1\n',
      'nodes.csv': 'gpu_model,gpu_capacity_num,cpu_num,node_name\n',
    },
    async (dir) => {
      expect((await familiesOf(`${dir}/log.swf`, TRACE_FAMILIES)).map(({ name }) => name)).toEqual(['swf']);
      expect((await familiesOf(`${dir}/nodes.csv`, TRACE_FAMILIES)).map(({ name }) => name)).toEqual([
        'alibaba-spot-2026',
      ]);
    },
  );
});
