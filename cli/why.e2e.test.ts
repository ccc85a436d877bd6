import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BuiltCli } from './built-cli.fixture.ts';

let cli: BuiltCli;

const node = (name: string, cpu: string) => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, labels: { 'kubernetes.io/hostname': name } },
  status: { allocatable: { cpu, memory: '16Gi', pods: '110' } },
});
const pod = (name: string, cpu: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default' },
  spec: { containers: [{ name: 'c', image: 'i', resources: { requests: { cpu, memory: '1Gi' } } }] },
});
const list = (items: object[]) => JSON.stringify({ apiVersion: 'v1', kind: 'List', items });

// Least allocated alternates between the two large nodes, most allocated fills one; nothing but the last fits on `small`.
const SUITE = `
workloads: [{name: ours, nodes: nodes.json, pods: pods.json}]
profiles:
- name: spread
- name: packing
  config: {profiles: [{pluginConfig: [{name: NodeResourcesFit, args: {scoringStrategy: {type: MostAllocated}}}]}]}
settings: {shuffle: none}
`;

beforeAll(async () => {
  cli = new BuiltCli();
  writeFileSync(
    path.join(cli.cwd, 'nodes.json'),
    list([node('large-a', '8'), node('large-b', '8'), node('small', '1')]),
  );
  writeFileSync(
    path.join(cli.cwd, 'pods.json'),
    list([...[1, 2, 3, 4].map((i) => pod(`p-${i}`, '2')), pod('huge', '16')]),
  );
  writeFileSync(path.join(cli.cwd, 'suite.yaml'), SUITE);
  await cli.run('run', 'suite.yaml', '--out', 'run', '-q', '--no-report');
  await cli.run('run', 'suite.yaml', '--out', 'over-time', '-q', '--no-report', '--timed', '--until', '1h');
}, 60_000);
afterAll(() => cli.remove());

describe('berth explain', () => {
  test.each(['run', 'over-time'])('%s: who won and by what, and who was rejected', async (folder) => {
    const { code, stdout, stderr } = await cli.run('explain', folder, '--pod', 'p-2');
    expect(code).toBe(0);
    expect(stderr).toMatch(/^ours · spread · seed 1 · at \d+ s · evaluated in [\d.]+ ms\n$/);
    expect(stdout).toMatch(/^default\/p-2 → large-[ab] {3}attempt 1 {3}decided by NodeResources/);
    expect(stdout).toContain('rejected 1 of 3 looked at: 1 Insufficient cpu (NodeResourcesFit)');
    expect(stdout).toMatch(/to win, large-[ab] needs \d+ points more/);
  });

  test('what a node lacks to win, with the configuration that is asked for', async () => {
    const { stdout } = await cli.run('explain', 'run', '--pod', 'p-2', '--profile', 'packing', '--node', 'large-b');
    const [chosen] = /large-[ab]/.exec(stdout)!;
    const other = chosen === 'large-a' ? 'large-b' : 'large-a';
    const { stdout: lost } = await cli.run('explain', 'run', '--pod', 'p-2', '--profile', 'packing', '--node', other);
    expect(lost).toMatch(new RegExp(`${other}: \\d+ points, place 2 of 2`));
    expect(lost).toMatch(/NodeResourcesFit +×1 .* −\d+\n/);
    expect(lost).toMatch(/to win it needs \d+ points more .*; .* (less|more) requested on it would do/);
    const { stdout: rejected } = await cli.run('explain', 'run', '--pod', 'p-2', '--node', 'small');
    expect(rejected).toContain('small: rejected by NodeResourcesFit: Insufficient cpu');
  });

  test('failed attempts too, the last one unless another is asked for', async () => {
    const { stdout } = await cli.run('explain', 'over-time', '--pod', 'huge', '-o', 'json');
    const explained = JSON.parse(stdout);
    expect(explained.outcome).toBe('unschedulable');
    expect(explained.attempts[0].message).toContain('0/3 nodes are available: 3 Insufficient cpu.');
    const first = await cli.run('explain', 'over-time', '--pod', 'huge', '--attempt', '1');
    expect(first.stdout).toContain('default/huge not placed   attempt 1');
  });

  test.each([
    [['--pod', 'p-9'], '--pod p-9: the workload has no such pod; some that it has: p-1'],
    [['--pod', 'p-1', '--node', 'x'], '--node x: the workload has no such node'],
    [['--pod', 'p-1', '--profile', 'x'], '--profile x: the run has no such profile; there are spread, packing'],
    [['--pod', 'p-1', '--seed', '7'], 'the run has no such cell; its seeds are 1'],
    [['--pod', 'p-1', '--attempt', '7'], '--attempt 7: there is no such attempt on p-1'],
  ])('%j is refused', async (args, message) => {
    const { code, stderr } = await cli.run('explain', 'run', ...args);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });
});

describe('berth diff', () => {
  test.each(['run', 'over-time'])('%s: the first that parts, and who was turned by what', async (folder) => {
    const { code, stdout } = await cli.run('diff', folder);
    expect(code).toBe(0);
    expect(stdout).toContain('packing against spread, ours seed 1');
    expect(stdout).toMatch(/first: decision 2, p-2 at \d+ s: large-[ab] → large-[ab]/);
    expect(stdout).toMatch(/p-2 +\d+ s +large-[ab] +large-[ab] +turned by NodeResourcesFit/);
    expect(stdout).not.toContain('would not repeat');
    const { stdout: csv } = await cli.run('diff', folder, '-o', 'csv');
    expect(csv.split('\r\n')[0]).toBe('time_seconds,pod,base_node,node,kind,plugin');
    expect(csv).toMatch(/,p-2,large-[ab],large-[ab],turned,NodeResourcesFit/);
  });

  test('a run against itself', async () => {
    const { stdout } = await cli.run('diff', 'run', '--new', 'spread');
    expect(stdout).toBe('spread decided all 5 decisions as spread did (ours seed 1)\n');
  });

  test('no counterpart', async () => {
    const { code, stderr } = await cli.run('diff', 'run', '--seed', '9');
    expect(stderr).toContain('--seed 9: not in both; both have 1');
    expect(code).toBe(2);
  });
});
