/** One small hand-made file set per family: what its rows become, and what is counted. */
import { describe, expect, test } from 'vitest';
import { imported, requestsOf, times } from './import.fixture.ts';

const END = Number.POSITIVE_INFINITY;

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
