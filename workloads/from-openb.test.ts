import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { InputError } from '../api/index.ts';
import { fromOpenb } from './from-openb.ts';
import { podOf } from './workload.ts';

const NODES = `sn,cpu_milli,memory_mib,gpu,model
n-0,32000,65536,0,
n-1,48000,131072,4,T4
`;
const PODS = `name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,creation_time,deletion_time,scheduled_time
p-0,2000,4096,0,0,,LS,Running,10,70,10
p-1,4000,8192,1,300,,BE,Failed,20,20,21
p-2,2000,4096,0,0,,LS,Pending,30,12902960,
p-3,4000,8192,2,1000,V100M32|T4|V100M32,Burstable,Succeeded,30,40,35
`;

const dir = mkdtempSync(path.join(tmpdir(), 'berth-openb-'));
afterAll(() => rmSync(dir, { recursive: true }));

const write = (name: string, content: string | Buffer) => writeFileSync(path.join(dir, name), content);
const remove = (name: string) => rmSync(path.join(dir, name), { force: true });

beforeEach(() => {
  write('openb_node_list_all_node.csv', NODES);
  write('openb_pod_list_default.csv', PODS);
});

describe('nodes', () => {
  test('a row becomes a node with allocatable resources and labels', async () => {
    const { nodes } = await fromOpenb({ dir });
    expect(nodes.map((node) => node.metadata)).toEqual([
      {
        name: 'n-0',
        labels: { 'kubernetes.io/hostname': 'n-0', 'node.kubernetes.io/instance-type': '32cpu-64Gi' },
      },
      {
        name: 'n-1',
        labels: {
          'kubernetes.io/hostname': 'n-1',
          'node.kubernetes.io/instance-type': '48cpu-128Gi-4xT4',
          'nvidia.com/gpu.product': 'T4',
        },
      },
    ]);
    expect(nodes.map((node) => node.status?.allocatable)).toEqual([
      { cpu: '32000m', memory: '65536Mi', pods: '110' },
      { cpu: '48000m', memory: '131072Mi', pods: '110', 'nvidia.com/gpu': '4' },
    ]);
  });
});

describe('pods', () => {
  test('rows keep their order, names and times; equal rows share a shape', async () => {
    const { pods, shapes, hasTimes } = await fromOpenb({ dir });
    expect(pods.names).toEqual(['p-0', 'p-1', 'p-2', 'p-3']);
    expect([...pods.shape]).toEqual([0, 1, 0, 2]);
    expect(shapes.map((shape) => shape.name)).toEqual([
      'cpu2000-mem4096-LS',
      'cpu4000-mem8192-gpu1x300-BE',
      'cpu4000-mem8192-gpu2x1000-T4|V100M32-Burstable',
    ]);
    expect(hasTimes).toBe(true);
    expect([...pods.arrivalSeconds]).toEqual([10, 20, 30, 30]);
  });

  test('a lifetime runs from creation to deletion and has no end when the deletion is cut off at the end of the trace', async () => {
    const { pods } = await fromOpenb({ dir });
    expect([...pods.lifetimeSeconds]).toEqual([60, 0, Number.POSITIVE_INFINITY, 10]);
  });

  test('QoS becomes priority: LS 1000, Guaranteed and Burstable 500, BE 0', async () => {
    const workload = await fromOpenb({ dir });
    expect([0, 1, 3].map((row) => podOf(workload, row).spec?.priority)).toEqual([1000, 0, 500]);
  });

  test('a pod that shares a GPU takes a whole device', async () => {
    const workload = await fromOpenb({ dir });
    expect(podOf(workload, 1).spec?.containers[0]?.resources?.requests).toEqual({
      cpu: '4000m',
      memory: '8192Mi',
      'nvidia.com/gpu': '1',
    });
  });

  test('gpu_spec becomes required node affinity on the GPU model, each model once', async () => {
    const workload = await fromOpenb({ dir });
    const required = podOf(workload, 3).spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
    expect(required?.nodeSelectorTerms).toEqual([
      { matchExpressions: [{ key: 'nvidia.com/gpu.product', operator: 'In', values: ['T4', 'V100M32'] }] },
    ]);
  });

  test('a list that ends after gpu_milli has no times, no QoS and no constraint', async () => {
    write(
      'openb_pod_list_multigpu20.csv',
      'name,cpu_milli,memory_mib,num_gpu,gpu_milli\np-0,1000,0,8,1000\np-1,1000,0,0,0\n',
    );
    const workload = await fromOpenb({ dir, podList: 'multigpu20' });
    expect(workload.hasTimes).toBe(false);
    expect([...workload.pods.arrivalSeconds]).toEqual([0, 1]);
    expect(podOf(workload, 0)).toEqual({
      metadata: { name: 'p-0', namespace: 'default', labels: undefined },
      spec: {
        priority: 0,
        containers: [
          {
            name: 'main',
            resources: {
              requests: { cpu: '1000m', memory: '0Mi', 'nvidia.com/gpu': '8' },
              limits: { 'nvidia.com/gpu': '8' },
            },
          },
        ],
      },
    });
  });
});

describe('files', () => {
  test('gzip files read like plain ones and are recorded with size and digest', async () => {
    const zipped = gzipSync(PODS);
    write('openb_pod_list_zipped.csv.gz', zipped);
    const plain = await fromOpenb({ dir });
    const workload = await fromOpenb({ dir, podList: 'zipped' });
    expect(workload.pods).toEqual(plain.pods);
    expect(workload.source.files.map(({ name, bytes }) => [name, bytes])).toEqual([
      ['openb_node_list_all_node.csv', NODES.length],
      ['openb_pod_list_zipped.csv.gz', zipped.length],
    ]);
    expect(workload.source.files[1]?.sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  test('a byte-order mark, CRLF and another column order change nothing', async () => {
    const reordered = `\uFEFFmodel,gpu,sn,memory_mib,cpu_milli\r\n,0,n-0,65536,32000\r\nT4,4,n-1,131072,48000\r\n`;
    const expected = await fromOpenb({ dir });
    write('openb_node_list_all_node.csv', reordered);
    expect((await fromOpenb({ dir })).nodes).toEqual(expected.nodes);
  });

  test('a missing folder', async () => {
    const missing = path.join(dir, 'nowhere');
    await expect(fromOpenb({ dir: missing })).rejects.toThrow(`there is no folder ${missing}`);
  });

  test('a missing list says which files were looked for and which lists are there', async () => {
    write('openb_pod_list_cpu100.csv.gz', gzipSync(PODS));
    await expect(fromOpenb({ dir, podList: 'cpu999' })).rejects.toThrow(
      /found neither openb_pod_list_cpu999\.csv nor openb_pod_list_cpu999\.csv\.gz; the lists there are cpu100, default/,
    );
    remove('openb_node_list_all_node.csv');
    await expect(fromOpenb({ dir })).rejects.toThrow(
      /found neither openb_node_list_all_node\.csv .*; no such list is there/,
    );
  });
});

const replaced = (text: string, line: number, content: string) =>
  text
    .split('\n')
    .map((old, index) => (index === line - 1 ? content : old))
    .join('\n');

describe('a malformed pod row says file, line, column and what would be right', () => {
  test.each([
    ['p-1,4000,8192,1,abc,,BE,Failed,20,20,21', 'column gpu_milli: "abc" is not a whole number between 0 and 1000'],
    ['p-1,4000,8192,1,1001,,BE,Failed,20,20,21', 'column gpu_milli: "1001" is not a whole number between 0 and 1000'],
    ['p-1,4000,8192,1,,,BE,Failed,20,20,21', 'column gpu_milli: "" is not a whole number between 0 and 1000'],
    ['p-1,4000,8192,0,300,,BE,Failed,20,20,21', 'column gpu_milli: 300 of no GPU; with num_gpu 0 it should be 0'],
    ['p-1,4000,8192,1,0,,BE,Failed,20,20,21', 'column gpu_milli: 0 of each of 1 GPUs; it should be between 1 and 1000'],
    [
      'p-1,4000,8192,2,300,,BE,Failed,20,20,21',
      'column gpu_milli: 300 of each of 2 GPUs; only a single GPU can be shared',
    ],
    ['p-1,4e3,8192,1,300,,BE,Failed,20,20,21', 'column cpu_milli: "4e3" is not a whole number between 0'],
    ['p-1,4000,-1,1,300,,BE,Failed,20,20,21', 'column memory_mib: "-1" is not a whole number between 0'],
    ['p-1,4000,8192,1.5,300,,BE,Failed,20,20,21', 'column num_gpu: "1.5" is not a whole number between 0 and 1024'],
    ['p-1,4000,8192,1,300,T4||P100,BE,Failed,20,20,21', 'column gpu_spec: "T4||P100" has an empty alternative'],
    ['p-1,4000,8192,1,300,T 4,BE,Failed,20,20,21', 'column gpu_spec: "T 4" cannot be a GPU model'],
    ['p-1,4000,8192,1,300,,XX,Failed,20,20,21', 'column qos: "XX" is not one of LS, Guaranteed, Burstable, BE'],
    ['p-1,4000,8192,1,300,,BE,Failed,,20,21', 'column creation_time: "" is not a whole number of at least 0'],
    ['p-1,4000,8192,1,300,,BE,Failed,20,19,21', 'column deletion_time: 19 is before the creation time 20'],
    ['p-0,4000,8192,1,300,,BE,Failed,20,20,21', 'column name: "p-0" stands in line 2 already; names are unique'],
    ['P_1,4000,8192,1,300,,BE,Failed,20,20,21', 'column name: "P_1" cannot be a name'],
    ['p-1,4000,8192,1,300', ': 5 fields where the header has 11; write one value, possibly empty, per column'],
    ['p-1,4000,8192,1,300,,BE,Failed,20,20,21,9', ': 12 fields where the header has 11'],
    ['p-1,40"00,8192,1,300,,BE,Failed,20,20,21', ': a quote in the middle of a field'],
    ['"p-1"x,4000,8192,1,300,,BE,Failed,20,20,21', ': a quoted field goes on after its closing quote'],
  ])('%s', async (row, message) => {
    write('openb_pod_list_default.csv', replaced(PODS, 3, row));
    const failure: unknown = await fromOpenb({ dir }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(InputError);
    const separator = message.startsWith(':') ? '' : ', ';
    expect((failure as Error).message).toContain(`openb_pod_list_default.csv:3${separator}${message}`);
  });

  test('a quote that never closes', async () => {
    write('openb_pod_list_default.csv', replaced(PODS, 5, '"p-3,1,1,0,0'));
    await expect(fromOpenb({ dir })).rejects.toThrow(
      /openb_pod_list_default\.csv:\d+: the file ends inside a quoted field/,
    );
  });
});

describe('a malformed node list', () => {
  test.each([
    ['n-1,48000,131072,4,', 'column model: a node with 4 GPUs needs a GPU model'],
    ['n-1,48000,131072,0,T4', 'column model: "T4" on a node without GPUs; leave it empty'],
    ['n-1,x,131072,4,T4', 'column cpu_milli: "x" is not a whole number between 0'],
    ['n-0,48000,131072,4,T4', 'column sn: "n-0" stands in line 2 already; names are unique'],
    [',48000,131072,4,T4', 'column sn: "" cannot be a name'],
  ])('%s', async (row, message) => {
    write('openb_node_list_all_node.csv', replaced(NODES, 3, row));
    await expect(fromOpenb({ dir })).rejects.toThrow(`openb_node_list_all_node.csv:3, ${message}`);
  });

  test.each([
    ['', 'openb_node_list_all_node.csv: the file is empty; its first line should name the columns sn, cpu_milli'],
    [
      'sn,cpu_milli,gpu,model\n',
      'openb_node_list_all_node.csv:1: the header lacks the column memory_mib; it has sn, cpu_milli',
    ],
    [
      'sn,sn,cpu_milli,memory_mib,gpu,model\n',
      'openb_node_list_all_node.csv:1, column sn: the header names this column twice',
    ],
    ['sn,cpu_milli,memory_mib,gpu,model\n', 'openb_node_list_all_node.csv: the list has no nodes'],
  ])('%j', async (content, message) => {
    write('openb_node_list_all_node.csv', content);
    await expect(fromOpenb({ dir })).rejects.toThrow(message);
  });

  test('a gzip file that is cut off; a plain file with the ending .gz is what its bytes say', async () => {
    remove('openb_node_list_all_node.csv');
    write('openb_node_list_all_node.csv.gz', gzipSync(NODES).subarray(0, 40));
    await expect(fromOpenb({ dir })).rejects.toThrow('openb_node_list_all_node.csv.gz: not a whole gzip file');
    write('openb_node_list_all_node.csv.gz', NODES);
    expect((await fromOpenb({ dir })).nodes.length).toBeGreaterThan(0);
    remove('openb_node_list_all_node.csv.gz');
  });
});
