import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fromTraceFolder, type TraceParts, writeTraceFolder } from './trace-folder.ts';

const dir = mkdtempSync(path.join(tmpdir(), 'berth-trace-'));
afterAll(() => rmSync(dir, { recursive: true }));

const POOL = { name: 'all', labels: { zone: 'a' }, allocatable: { cpu: '32', memory: '128Gi', pods: '110' } };
const SHAPE = { name: 'web', labels: { app: 'web' }, spec: { containers: [{ name: 'main', image: 'app:1' }] } };

const COUNT = 300_000;
const parts: TraceParts = {
  pools: [POOL],
  nodes: { names: ['n-1', 'ñ-2'], pool: Int32Array.of(0, 0) },
  shapes: [SHAPE, { ...SHAPE, name: 'batch' }],
  pods: {
    count: COUNT,
    names: Array.from({ length: COUNT }, (_, i) => `pod-${i}`),
    shape: Int32Array.from({ length: COUNT }, (_, i) => i % 2),
    arrivalSeconds: Float64Array.from({ length: COUNT }, (_, i) => i / 4),
    lifetimeSeconds: Float64Array.from({ length: COUNT }, (_, i) => (i % 3 === 0 ? Number.POSITIVE_INFINITY : i)),
  },
};

describe("berth's own trace", () => {
  it('comes back as it was written, over many chunks', () => {
    writeTraceFolder(dir, parts);
    const { nodes, shapes, pods } = fromTraceFolder(dir);
    expect(shapes).toEqual(parts.shapes);
    expect(pods.count).toBe(COUNT);
    expect(pods.names.join()).toBe(parts.pods.names.join());
    for (const column of ['shape', 'arrivalSeconds', 'lifetimeSeconds'] as const) {
      expect(pods[column].join()).toBe(parts.pods[column].join());
    }
    expect(nodes.map(({ metadata }) => metadata!.name)).toEqual(['n-1', 'ñ-2']);
    expect(nodes[0]).toEqual({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: 'n-1', labels: { zone: 'a', 'kubernetes.io/hostname': 'n-1' } },
      spec: undefined,
      status: { allocatable: POOL.allocatable },
    });
  });

  const HEADER = 'name,shape,arrival_seconds,lifetime_seconds\n';

  it('takes carriage returns, empty lines and a last line without line feed', () => {
    writeTraceFolder(dir, { ...parts, pods: { ...parts.pods, count: 0 } });
    writeFileSync(path.join(dir, 'pods.csv'), `${HEADER.replace('\n', '\r\n')}a,0,0,\r\n\r\nb,1,2.5,3`);
    const { pods } = fromTraceFolder(dir);
    expect([...pods.names]).toEqual(['a', 'b']);
    expect([...pods.arrivalSeconds]).toEqual([0, 2.5]);
    expect([...pods.lifetimeSeconds]).toEqual([Number.POSITIVE_INFINITY, 3]);
  });

  it.each([
    ['', `pods.csv:1: the file is empty; its first line should be "${HEADER.trim()}"`],
    ['name,shape\n', `pods.csv:1: the header is "name,shape"; it should be "${HEADER.trim()}"`],
    [
      `${HEADER}a,0,0,1\nb,2,0,1\n`,
      'pods.csv:3, column shape: "2" is not an index into shapes.json, which has 2 entries',
    ],
    [`${HEADER}a,0,soon,1\n`, 'pods.csv:2, column arrival_seconds: "soon" is not a number of seconds, 0 or more'],
    [`${HEADER}a,0,-1,1\n`, 'pods.csv:2, column arrival_seconds: "-1" is not a number of seconds, 0 or more'],
    [`${HEADER}a,0,0\n`, 'pods.csv:2, column lifetime_seconds: fewer fields than the header has'],
    [`${HEADER}a,0,0,1,2\n`, 'pods.csv:2, column lifetime_seconds: more fields than the header has'],
    [`${HEADER}"a",0,0,1\n`, 'pods.csv:2, column name: quotes are not part of this format; write the field without'],
    [`${HEADER},0,0,1\n`, 'pods.csv:2, column name: a name is expected'],
  ])('%j', (text, message) => {
    writeFileSync(path.join(dir, 'pods.csv'), text);
    expect(() => fromTraceFolder(dir)).toThrow(message);
  });

  const NODE = '{"name": "a", "allocatable": {"cpu": "1"}}';

  it.each([
    [
      'pools.json',
      '[{"name": "a",]',
      "pools.json:1:15: not JSON: invalid character ']' looking for beginning of object key string",
    ],
    ['pools.json', '[] []', 'pools.json:1:4: not JSON: something follows after the list'],
    ['pools.json', '{}', 'pools.json:1:1: a list is expected'],
    ['pools.json', '[7]', 'pools.json:1:2: [0]: a map is expected'],
    ['pools.json', '[{}]', 'pools.json:1:2: [0].name: Required value: a name is expected'],
    ['pools.json', '[{"name": "a"}]', 'pools.json:1:2: [0].allocatable: Required value: what a node offers'],
    [
      'pools.json',
      '[{"name": "a", "allocatable": {"cpu": "1x"}}]',
      'pools.json:1:39: [0].allocatable[cpu]: Invalid value: "1x": quantities must match',
    ],
    [
      'pools.json',
      `[${NODE},\n {"name": "b", "allocatable": {}, "taints": [{"key": "k", "effect": "Never"}]}]`,
      'pools.json:2:69: [1].taints[0].effect: Unsupported value: "Never"',
    ],
    ['pools.json', `[${NODE},${NODE}]`, 'pools.json:1:54: [1].name: entry 0 has the name "a" already'],
    ['shapes.json', '[{"name": "a"}]', 'shapes.json:1:2: [0].spec: Required value: the spec of the pods'],
    [
      'shapes.json',
      '[{"name": "a", "spec": {"containers": [{"name": "c", "resources": {"requests": {"cpu": "-1"}}}]}}]',
      'shapes.json:1:88: [0].spec.containers[0].resources.requests[cpu]: Invalid value: "-1": must be greater than or equal to 0',
    ],
    [
      'shapes.json',
      '[{"name": "a", "labels": {"app": 1}, "spec": {"containers": [{"name": "c"}]}}]',
      'shapes.json:1:34: [0].labels[app]: Invalid value: 1: must be a string: put it in quotes',
    ],
    [
      'shapes.json',
      '[{"name": "a", "spec": {"priorityClassName": "high", "containers": [{"name": "c"}]}}]',
      'shapes.json:1:46: [0].spec.priorityClassName: Forbidden: no PriorityClass with name high was found',
    ],
  ])('%s: %s', (name, text, message) => {
    writeTraceFolder(dir, { ...parts, pods: { ...parts.pods, count: 0 } });
    writeFileSync(path.join(dir, name), text);
    expect(() => fromTraceFolder(dir)).toThrow(message);
  });

  it('requests that are not given are the limits, as the API server has it', () => {
    const [container] = SHAPE.spec.containers;
    const limited = { ...SHAPE, spec: { containers: [{ ...container, resources: { limits: { cpu: '2' } } }] } };
    writeTraceFolder(dir, { ...parts, shapes: [limited], pods: { ...parts.pods, count: 0 } });
    expect(fromTraceFolder(dir).shapes[0]!.spec.containers[0]!.resources!.requests).toEqual({ cpu: '2' });
  });

  it('says which file is not there', () => {
    rmSync(path.join(dir, 'nodes.csv'));
    expect(() => fromTraceFolder(dir)).toThrow('nodes.csv: no such file');
  });
});
