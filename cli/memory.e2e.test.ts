/** What runs out of memory fails alone, and says what to do. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BuiltCli } from './built-cli.fixture.ts';

const HEADER = 'apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n';
const HOARDER = `const kept = [];
export default {
  name: 'Hoarder',
  points: ['score'],
  create: () => ({ compileScore: () => ({ score() { for (;;) kept.push(new Array(10000).fill({})); } }) }),
};
`;

let cli: BuiltCli;
beforeAll(() => {
  cli = new BuiltCli();
});
afterAll(() => cli.remove());

test('a worker that runs out of memory fails its cell; the others go on', async () => {
  const at = (...parts: string[]) => path.join(cli.cwd, ...parts);
  writeFileSync(at('hoarder.mjs'), HOARDER);
  writeFileSync(at('hoarder.yaml'), `${HEADER}profiles:\n- plugins: {score: {enabled: [{name: ./hoarder.mjs}]}}\n`);
  writeFileSync(at('plain.yaml'), HEADER);
  writeFileSync(
    at('openb_node_list_all_node.csv'),
    'sn,cpu_milli,memory_mib,gpu,model\nn-1,32000,131072,0,\nn-2,32000,131072,0,\n',
  );
  writeFileSync(
    at('openb_pod_list_default.csv'),
    'name,cpu_milli,memory_mib,num_gpu,gpu_milli\np-1,1000,1024,0,0\np-2,1000,1024,0,0\n',
  );
  const configs = ['--config', 'hoarder.yaml', '--config', 'plain.yaml', '--seeds', '1..2', '--workers', '2'];
  const args = ['run', '--trace', 'openb', '--data', '.', ...configs, '--out', 'out'];
  const { code, stderr } = await cli.start(args, '--max-old-space-size=80').done;
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /error: hoarder seed 1: the worker thread ran out of memory; give Node more \(NODE_OPTIONS=--max-old-space-size=\d+\)/,
  );
  const { cells } = JSON.parse(readFileSync(at('out', 'run.json'), 'utf8')) as { cells: Array<{ state: string }> };
  expect(cells.map(({ state }) => state)).toEqual(['failed', 'finished', 'failed', 'finished']);
});

test('a workload of berth perf that runs out of memory fails alone', async () => {
  const nodes = { small: 2, large: 5_000_000, 'small-again': 2 };
  writeFileSync(
    path.join(cli.cwd, 'suite.yaml'),
    `- name: Nodes
  workloadTemplate:
  - {opcode: createNodes, countParam: $nodes}
  - {opcode: createPods, count: 3, collectMetrics: true}
  workloads:
${Object.entries(nodes)
  .map(([name, count]) => `  - {name: ${name}, params: {nodes: ${count}}}\n`)
  .join('')}`,
  );
  const args = ['perf', '--label', '', '--out', 'perf', '-o', 'json', 'suite.yaml'];
  const { code, stdout } = await cli.start(args, '--max-old-space-size=80').done;
  expect(code).toBe(1);
  const { results } = JSON.parse(stdout) as { results: Array<{ state: string; reason?: string }> };
  expect(results.map(({ state }) => state)).toEqual(['ran', 'failed', 'ran']);
  expect(results[1]!.reason).toMatch(
    /^out of memory \(a heap of \d+ MB\); give Node more .*, or choose a smaller workload/,
  );
});

describe('berth bench', () => {
  test('a cell without enough memory says what would fit; the others go on', async () => {
    const args = ['bench', '--workload', 'identical pods, d', '--nodes', '200,500000', '--seconds', '0.05'];
    const { code, stdout, stderr } = await cli.run(
      ...args,
      '--memory',
      '60',
      '--reference-up-to',
      '0',
      '--json',
      'b.json',
    );
    expect(code).toBe(1);
    expect(stdout).toMatch(/\nidentical pods, default percentage +200 fast /);
    expect(stderr).toMatch(/500,000 fast +failed: out of memory .* would fit: --max-nodes \d+\n/);
    const rows = JSON.parse(readFileSync(path.join(cli.cwd, 'b.json'), 'utf8')) as Array<{ nodes: number }>;
    expect(rows.map(({ nodes }) => nodes)).toEqual([200]);
  });

  test('--max-nodes leaves out what is larger; a baseline is compared with', async () => {
    const args = ['bench', '--workload', 'identical pods, d', '--nodes', '200,200000', '--seconds', '0.05'];
    const { code, stdout } = await cli.run(...args, '--max-nodes', '1000', '--baseline', 'b.json');
    expect(code).toBe(0);
    expect(stdout).toMatch(/identical pods, default percentage +200 reference /);
    expect(stdout).not.toContain('200,000');
    expect(stdout).toMatch(
      /before and now.*\nidentical pods, default percentage +200 fast .* \(p=\d\.\d{3} n=\d+\+\d+\)\n$/,
    );
  });

  test('million and loading print their figures', async () => {
    const million = await cli.run('bench', '--million', '--nodes', '1000', '--pods', '2000');
    expect([million.code, million.stderr]).toEqual([0, '']);
    expect(million.stdout).toMatch(/\n2,000 of 2,000 pods on 1,000 nodes, from files to the last decision: .* MB\n$/);
    const loading = await cli.run('bench', '--loading', '--nodes', '50', '--pods', '3000');
    expect([loading.code, loading.stderr]).toEqual([0, '']);
    expect(loading.stdout.match(/ 3,000 /g)).toHaveLength(8);
  });
});
