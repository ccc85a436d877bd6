/** For tests: one small set of files per family, in its published form. */
import type { Files } from './import.fixture.ts';

const DLRM =
  'instance_sn,role,app_name,cpu_request,cpu_limit,gpu_request,gpu_limit,rdma_request,rdma_limit,memory_request,memory_limit,disk_request,disk_limit,max_instance_per_node,creation_time,scheduled_time,deletion_time\n';

const PHILLY = [
  {
    status: 'Pass',
    vc: 'ee9e8c',
    jobid: 'application_1',
    submitted_time: '2017-10-07 01:11:39',
    attempts: [
      {
        start_time: '2017-10-07 01:12:09',
        end_time: '2017-10-07 01:13:23',
        detail: [{ ip: 'm1', gpus: ['gpu0', 'gpu1'] }],
      },
    ],
  },
  { status: 'Killed', vc: 'x', jobid: 'b', submitted_time: '2017-10-07 01:11:40', attempts: [] },
];

const SIMKUBE = {
  version: 3,
  config: {},
  events: [
    {
      ts: 1_700_000_000,
      applied_objs: [
        {
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          metadata: { name: 'web', namespace: 'prod' },
          spec: { replicas: 2, template: { spec: { containers: [{ name: 'main' }] } } },
        },
      ],
      deleted_objs: [],
    },
    {
      ts: 1_700_000_040,
      applied_objs: [],
      deleted_objs: [{ kind: 'Deployment', metadata: { name: 'web', namespace: 'prod' } }],
    },
  ],
  index: {
    'apps/v1.Deployment': { 'prod/web': { 1700000000: [{ lifecycle: { Finished: [1_700_000_001, 1_700_000_008] } }] } },
  },
};

const borg = (type: string, seconds: number, index: number, rest: object = {}) =>
  `${JSON.stringify({ time: String((600 + seconds) * 1e6), type, collection_id: '7', instance_index: index, priority: 200, ...rest })}\n`;

const lines = (...rows: string[]) => rows.map((row) => `${row}\n`).join('');

export const SAMPLES: Readonly<Record<string, Files>> = {
  openb: {
    'nodes.csv': 'sn,cpu_milli,memory_mib,gpu,model\na,96000,786432,8,G2\nb,32000,131072,0,\n',
    'pods.csv':
      'name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,creation_time,deletion_time,scheduled_time\np-0,11300,49152,1,810,T4|G2,LS,Running,100,700,101\np-1,2000,1024,0,0,,BE,Succeeded,200,200,200\n',
  },
  'alibaba-dlrm-2025': {
    'trace.csv': `${DLRM}instance_0,HN,app_0,12,12,1,1,25,25,120.0,120.0,640.0,800.0,8,100,101,160\ninstance_1,CN,app_0,64,64,0,0,1,1,320.0,320.0,255.0,300.0,-1,7,8,\n`,
  },
  'alibaba-spot-2026': {
    'node_info_df.csv': 'gpu_model,gpu_capacity_num,cpu_num,node_name\nA10,1,128,0\n',
    'job_info_df.csv':
      'job_name,organization,gpu_model,cpu_request,gpu_request,worker_num,submit_time,duration,job_type\n239255,13,A10,20,1,1,0,2764799,HP\n437260,57,A100-SXM4-80GB,15,1,3,9589663,41060,Spot\n',
  },
  'alibaba-2017': {
    'server_event.csv': '0,7,add,,64,0.5,1\n10,7,softerror,disk,,,\n',
    'container_event.csv': '-5,Create,1,7,4,0.25,0.1,1|2|3|4\n',
    'batch_task.csv': lines('100,160,12,67,2,Terminated,50,0.005', '200,0,12,69,1,Running,1,0.01'),
  },
  'alibaba-2018': {
    'machine_meta.csv': 'm_1,0,3,f2,96,100,USING\n',
    'container_meta.csv': 'c_1,m_1,0,app_5,started,400,800,1.56\n',
    'batch_task.csv': lines('R4_2,2,j_7,1,Terminated,86400,86500,100,0.39', 'M1,1,j_7,1,Failed,1,2,50,0.2'),
  },
  pai: {
    'pai_machine_spec.csv': '471dda9ed84965451e042145,V100M32,96,512,8\n',
    'pai_group_tag_table.csv': 'inst-a,u,V100,group-1,nmt\n',
    'pai_job_table.csv': 'job-a,inst-a,u,Terminated,1.0,9.0\n',
    'pai_task_table.csv': lines(
      'job-a,worker,2.0,Terminated,4550879.0,4551416.0,600.0,29.296875,50.0,V100',
      'job-b,worker,1.0,Running,10.0,,400.0,8.0,200.0,MISC',
    ),
  },
  'azure-vm': {
    'vmtable.csv': lines(
      'a,s,d1,0,2591700,99.3,3.4,10.1,Delay-insensitive,1,1.75',
      'b,s,d2,2188800,2189100,99.5,3.5,7.9,Interactive,8,56',
      'c,s,d1,300,600,9,3,7,Unknown,>24,>64',
    ),
    'flav_map.txt': '1,1.75 b\n2,3.5 g\n',
    'v1.interval_map.txt': '0 0\n300 1\n600 2\n900 2\n',
    'v1.dev.txt': '300 g,|,b,b,|,\n900 b,|,\n',
    'v1.dev.c2100000.txt': '300 U0,|,C2,U2,|,\n900 U1,|,\n',
  },
  philly: {
    cluster_job_log: JSON.stringify(PHILLY, null, 1),
    cluster_machine_list: 'machineId,number of GPUs,single GPU mem\nm31,8, 24GB\n',
    'x.trace': 'Recommendation (batch size 8192)\tpython3 train.py, x\t-n\t1\t779751\t336541.5\t2\n',
  },
  helios: {
    'cluster_log.csv':
      'job_id,user,vc,gpu_num,cpu_num,node_num,state,submit_time,start_time,end_time,duration,queue\n1,u,vc1,16,64,2,COMPLETED,2020-04-01 00:00:10,2020-04-01 00:00:12,2020-04-01 00:01:12,60,2\n2,u,vc1,0,1,1,CANCELLED,2020-04-01 00:00:00+08:00,,,,\n',
  },
  swf: {
    'a.swf': lines(
      '; UnixStartTime: 1027839845',
      '; MaxProcs: 4',
      '1 0 0 60 2 -1 -1 2 -1 2048 1 1 1 -1 -1 1 -1 -1',
      '2 9 0 30 1 -1 -1 -1 -1 -1 0 1 1 -1 -1 1 -1 -1 {12} q',
    ),
    'a.machines': '0\tseth\t2\t2\t1\t1048576\n',
  },
  opendc: {
    'tasks.csv':
      'id,submission_time,duration,cpu_count,cpu_capacity,mem_capacity\n1,1665093600000,27930000,16,33600.0,100000\n',
    'meta.csv':
      'id,start_time,stop_time,cpu_count,cpu_capacity,mem_capacity\n1019,2022-10-07 13:35:46+00:00,2022-10-08 15:36:46+01:00,1,2926.0,181352\n',
    'trace.gwf':
      'WorkflowID, JobID , SubmitTime, RunTime, NProcs, ReqNProcs, Dependencies\n0, 1, 1665093700, 11, 1, 2, \n',
    'topology.json': JSON.stringify({
      clusters: [{ hosts: [{ name: 'H01', cpu: { coreCount: 8 }, memory: { memorySize: 128000 } }] }],
    }),
  },
  'google-2011': {
    'machine_events/part-00000-of-00001.csv': '0,5,0,plat,0.5,0.25\n',
    'machine_attributes/part-00000-of-00001.csv': '0,5,rs,3,0\n',
    'task_constraints/part-00000-of-00001.csv': '600000000,6251,0,0,rs,3\n',
    'task_events/part-00000-of-00001.csv': lines(
      '600000000,,6251,0,,0,user,0,9,0.125,0.5,0.001,0',
      '610000000,,6251,0,5,1,user,0,9,0.125,0.5,0.001,0',
      '690000000,,6251,0,5,4,user,0,9,0.125,0.5,0.001,0',
      '600000000,,6251,1,,0,user,0,9,0.125,0.5,0.001,1',
    ),
  },
  'google-2019': {
    'machine_events.json':
      '{"time":"0","machine_id":"9","type":1,"switch_id":"sw=","capacity":{"cpus":0.5,"memory":0.25}}\n',
    'collection_events.json': '{"time":"0","type":0,"collection_id":"7","max_per_machine":2,"max_per_switch":4}\n',
    'instance_events.json':
      borg('SUBMIT', 1, 0, { resource_request: { cpus: 0.1, memory: 0.1 }, constraint: [{ name: 'a', relation: 6 }] }) +
      borg('SCHEDULE', 2, 0) +
      borg('FINISH', 12, 0),
  },
  kwok: {
    'recording.yaml': `apiVersion: v1
kind: Node
metadata: {name: n1}
status: {allocatable: {cpu: "4"}}
---
apiVersion: v1
kind: Pod
metadata: {name: a, namespace: default}
spec: {containers: [{name: main, resources: {requests: {cpu: 500m}}}]}
---
kind: ResourcePatch
resource: {version: v1, resource: pods}
target: {name: a, namespace: default}
durationNanosecond: 9000000000
method: delete
`,
  },
  simkube: { 'trace.json': JSON.stringify(SIMKUBE, null, 1) },
};
