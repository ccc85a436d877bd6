/** What real trace files do that a reader does not expect, each with rows like those that do it. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { imported, importedFrom, ListSink, requestsOf } from './import.fixture.ts';

const END = Number.POSITIVE_INFINITY;
const FIXTURES = path.join(path.dirname(fileURLToPath(import.meta.url)), 'fixtures');
const DLRM =
  'instance_sn,role,app_name,cpu_request,cpu_limit,gpu_request,gpu_limit,rdma_request,rdma_limit,memory_request,memory_limit,disk_request,disk_limit,max_instance_per_node,creation_time,scheduled_time,deletion_time\n';
const job = (id: number, submit: number, run: number, procs = 1, memory = -1, status = 1, extra = '') =>
  `${id} ${submit} 0 ${run} ${procs} -1 -1 ${procs} -1 ${memory} ${status} 1 1 -1 -1 1 -1 -1${extra}\n`;

describe('openb', () => {
  test('missing columns: multigpu lists end after gpu_milli, so pods come a second apart and stay', async () => {
    const { list } = await imported('openb', {
      'pods.csv': 'name,cpu_milli,memory_mib,num_gpu,gpu_milli\na,1000,1,8,1000\nb,1000,1,0,0\n',
    });
    expect(list.pods.map(({ arrival, lifetime }) => [arrival, lifetime])).toEqual([
      [0, END],
      [1, END],
    ]);
  });

  test('alternatives, and repeated alternatives, in one field', async () => {
    const { list } = await imported('openb', {
      'pods.csv':
        'name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec\na,1000,1,1,1000,V100M16|V100M32|V100M32\nb,1000,1,1,1000,V100M32|V100M16\n',
    });
    expect(list.pods[0]!.shape).toBe(list.pods[1]!.shape);
    expect(JSON.stringify(list.pods[0]!.shape.spec.affinity)).toContain('"values":["V100M16","V100M32"]');
  });

  test('the same node name means different nodes in two lists', async () => {
    const header = 'sn,cpu_milli,memory_mib,gpu,model\n';
    await expect(
      imported('openb', {
        'all.csv': `${header}openb-node-0000,64000,262144,2,P100\n`,
        'gpu.csv': `${header}openb-node-0000,96000,393216,8,G2\n`,
      }),
    ).rejects.toThrow('two node lists; each numbers its nodes anew');
  });
});

describe('DLRM', () => {
  const row = (created: string, deleted: string, perNode = '-1') =>
    `i,CN,app,1,1,0,0,0,0,1.0,1.0,0.0,0.0,${perNode},${created},,${deleted}\n`;

  test('an empty time is not 0: before the trace, or beyond it', async () => {
    const { list } = await imported('alibaba-dlrm-2025', {
      'a.csv': DLRM + row('', '50') + row('7', '') + row('', ''),
    });
    expect(list.pods.map(({ arrival, lifetime }) => [arrival, lifetime])).toEqual([
      [0, 50],
      [7, END],
      [0, END],
    ]);
  });

  test('float noise in whole seconds', async () => {
    const { list } = await imported('alibaba-dlrm-2025', { 'a.csv': DLRM + row('2043028.0000000002', '2043088') });
    expect(list.pods.map(({ arrival, lifetime }) => [arrival, lifetime])).toEqual([[2043028, 60]]);
  });

  test('-1 means no limit; 0 means nothing', async () => {
    const { list } = await imported('alibaba-dlrm-2025', { 'a.csv': DLRM + row('1', '2') });
    expect(list.pods[0]!.shape.spec.topologySpreadConstraints).toBeUndefined();
    await expect(imported('alibaba-dlrm-2025', { 'a.csv': DLRM + row('1', '2', '0') })).rejects.toThrow(
      'a.csv:2, column max_instance_per_node: 0 is neither -1 (no limit) nor a whole number of at least 1',
    );
  });
});

describe('Standard Workload Format', () => {
  test('-1 is unknown: a job that never ran, memory that nobody wrote down', async () => {
    const { list, files } = await imported('swf', { 'a.swf': job(1, 0, -1) + job(2, 5, 60) + job(3, 6, 60, 2, 2048) });
    expect(list.pods.map(({ name, lifetime, gang }) => [name, lifetime, gang])).toEqual([
      ['job-2-0', 60, 0],
      ['job-3-0', 60, 2],
      ['job-3-1', 60, 2],
    ]);
    expect(requestsOf(list.pods[0]!.shape)).toEqual({ cpu: '1000m' });
    expect(requestsOf(list.pods[1]!.shape)).toEqual({ cpu: '1000m', memory: '2Mi' });
    expect([...files[0]!.passedOver]).toEqual([['a job that never ran: run time -1', 1]]);
  });

  test('; comments, their facts, and ragged extra fields', async () => {
    const log = `; Version: 2.2\n; UnixStartTime: 1027839845\n; MaxNodes: 2\n; MaxProcs: 4\n${job(1, 0, 60, 1, -1, 1, ' {1241,1241} q_2w 1:ppn=2')}`;
    const { list, startUnixSeconds } = await imported('swf', { 'a.swf': log });
    expect(list.pods).toHaveLength(1);
    expect(list.nodes.map(({ name, pool }) => [name, pool.allocatable.cpu])).toEqual([
      ['node-0', '2000m'],
      ['node-1', '2000m'],
    ]);
    expect(startUnixSeconds).toBe(1027839845);
  });

  test('submit times of the clock begin the trace, relative ones stay', async () => {
    const clock = await imported('swf', { 'wagap.swf': job(0, 1356996147, 5) + job(1, 1356996695, 5) });
    expect([clock.startUnixSeconds, clock.list.pods.map(({ arrival }) => arrival)]).toEqual([1356996147, [0, 548]]);
    const relative = await imported('swf', { 'nasa.swf': job(0, 30, 5) + job(1, 40, 5) });
    expect([relative.startUnixSeconds, relative.list.pods.map(({ arrival }) => arrival)]).toEqual([
      undefined,
      [30, 40],
    ]);
  });

  test('memory in bytes of the whole job, where KiB per processor cannot be', async () => {
    const { list } = await imported('swf', { 'wagap.swf': job(0, 0, 5, 64, 68719476736) });
    expect(requestsOf(list.pods[0]!.shape).memory).toBe('1024Mi');
  });

  test('parts of a checkpointed job stand under its summary line', async () => {
    const { list, files } = await imported('swf', {
      'a.swf': job(1, 0, 60) + job(1, 0, 20, 1, -1, 2) + job(1, 0, 40, 1, -1, 3),
    });
    expect(list.pods.map(({ name }) => name)).toEqual(['job-1-0']);
    expect([...files[0]!.passedOver]).toEqual([['a part of a job; its summary line counts', 2]]);
  });

  test('a machine list beside the log', async () => {
    const { list } = await imported('swf', { 'a.swf': job(1, 0, 60), 'a.machines': '0\tseth\t2\t2\t1\t1048576\n' });
    expect(list.nodes.map(({ name, pool }) => [name, pool.allocatable.cpu, pool.allocatable.memory])).toEqual([
      ['seth-0', '2000m', '1024Mi'],
      ['seth-1', '2000m', '1024Mi'],
    ]);
  });

  test('a negative run time that is not -1 is a bad row, refused with its place', async () => {
    const log = { 'wagap.swf': job(1, 0, 60) + job(2, 1, -1359980917) };
    await expect(imported('swf', log)).rejects.toThrow(
      'wagap.swf:2, column run: "-1359980917" is not a number of at least -1',
    );
    const { refused, pods } = await imported('swf', log, { onError: 'skip' });
    expect([refused, pods]).toEqual([1, 1]);
  });
});

describe('OpenDC', () => {
  const TASKS = [
    ['task-1', 0, 27930],
    ['task-2', 1, 1],
    ['task-3', 7.5, 0],
  ];

  test.each(['tasks.csv', 'tasks.parquet', 'tasks.csv.zst'])(
    'milliseconds of the clock become seconds of the trace; %s has the same rows',
    async (file) => {
      const sink = new ListSink();
      const report = await importedFrom('opendc', [path.join(FIXTURES, file)], sink);
      expect(sink.pods.map(({ name, arrival, lifetime }) => [name, arrival, lifetime])).toEqual(TASKS);
      expect(sink.pods.map(({ shape }) => requestsOf(shape))).toEqual([
        { cpu: '16000m', memory: '100000Mi' },
        { cpu: '1000m', memory: '512Mi' },
        { cpu: '2000m', memory: '2048Mi' },
      ]);
      expect(report.startUnixSeconds).toBe(1665093600);
    },
  );

  test('metadata has timestamps with a zone, and KiB', async () => {
    const { list } = await imported('opendc', {
      'meta.csv':
        'id,start_time,stop_time,cpu_count,cpu_capacity,mem_capacity\n1019,2013-08-12 13:35:46+00:00,2013-08-12 15:36:46+01:00,1,2926.0,181352\n',
    });
    expect(list.pods.map(({ arrival, lifetime }) => [arrival, lifetime])).toEqual([[0, 3660]]);
    expect(requestsOf(list.pods[0]!.shape).memory).toBe('177Mi');
  });

  test('padded CSV (GWF)', async () => {
    const { list } = await imported('opendc', {
      'trace.gwf':
        'WorkflowID, JobID     , SubmitTime, RunTime   , NProcs    , ReqNProcs , Dependencies\n0         , 1         , 16        , 11        , 1         , 2         ,           \n0         , 2         , 40        , 11        , 1         , -1        , 1 2       \n',
    });
    expect(list.pods.map(({ name, arrival, owner, gang }) => [name, arrival, owner, gang])).toEqual([
      ['workflow-0-task-1-0', 16, 'workflow-0-task-1', 2],
      ['workflow-0-task-1-1', 16, 'workflow-0-task-1', 2],
      ['workflow-0-task-2-0', 40, 'workflow-0', 0],
    ]);
  });
});

test('fractions of a machine (Alibaba 2017): of the memory that the user names, or of 256 GiB', async () => {
  const files = {
    'jobs.csv':
      ',submit_time,duration,cpu,memory,job_id,task_id,instances_num,disk\n0,539,116.38162544169612,1.0,0.005404705821447985,1,1,2,0\n',
  };
  const { list } = await imported('alibaba-2017', files);
  expect(
    list.pods.map(({ name, lifetime, owner, shape }) => [name, lifetime, owner, requestsOf(shape).memory]),
  ).toEqual([
    ['job-1-1-0', 116.38162544169612, 'job-1', '1417Mi'],
    ['job-1-1-1', 116.38162544169612, 'job-1', '1417Mi'],
  ]);
  const other = await imported('alibaba-2017', files, { machineMemoryMib: 1_000_000 });
  expect(requestsOf(other.list.pods[0]!.shape).memory).toBe('5405Mi');
});

test('no header (Azure), and a header that somebody added', async () => {
  const row = 'a,s,d,0,300,9,3,7,Unknown,1,1.75\n';
  const header =
    'vm_id,subscription_id,deployment_id,created,deleted,max_cpu,avg_cpu,p95_max_cpu,category,cores,memory_gib\n';
  for (const content of [row, header + row])
    expect((await imported('azure-vm', { 'vmtable.csv': content })).pods).toBe(1);
});

test('tabs, with a command line inside (Gavel)', async () => {
  const { list } = await imported('philly', {
    'x.trace':
      'Recommendation (batch size 8192)\tcd %s/x && python3 train.py --data_dir %s/data/ml-20m, --batch_size 8192\t-n\t1\t779751\t336541.500000\t2\n',
  });
  expect(list.pods.map(({ name, arrival, lifetime, gang }) => [name, arrival, lifetime, gang])).toEqual([
    ['job-0-0', 336541.5, END, 2],
    ['job-0-1', 336541.5, END, 2],
  ]);
});

describe('bad rows', () => {
  const good = 'a,s,d,0,300,9,3,7,Unknown,1,1.75\n';
  test.each([
    ['a,s,d,x,300,9,3,7,Unknown,1,1.75\n', 'vmtable.csv:2, column created: "x" is not a number'],
    [
      'a,s,d,1.5,300,9,3,7,Unknown,1,1.75\n',
      'vmtable.csv:2, column created: "1.5" is not a whole number of at least 0',
    ],
    ['a,s,d,900,300,9,3,7,Unknown,1,1.75\n', 'vmtable.csv:2, column deleted: 300 is before the creation at 900'],
    ['a,s,d,0,300\n', 'vmtable.csv:2: 5 fields; 11 are expected: vm_id, '],
    ['a,s,d,0,300,9,3,7,Unknown,>3,1.75\n', 'vmtable.csv:2, column cores: ">3" is not one of the open buckets >24'],
  ])('%j names file, line, column and what would be right', async (bad, message) => {
    await expect(imported('azure-vm', { 'vmtable.csv': good + bad })).rejects.toThrow(message);
  });

  test('skip goes on and counts every row: read = used + passed over + refused', async () => {
    const { files, refused, messages, pods } = await imported(
      'azure-vm',
      { 'vmtable.csv': `${good}bad\n${good}a,s,d,900,300,9,3,7,Unknown,1,1.75\n` },
      { onError: 'skip' },
    );
    expect([files[0]!.rowsIn, pods, refused]).toEqual([4, 2, 2]);
    expect(messages).toHaveLength(2);
  });
});
