import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BuiltCli } from './built-cli.fixture.ts';

let cli: BuiltCli;
const at = (...parts: string[]) => path.join(cli.cwd, ...parts);
const read = (...parts: string[]) => readFileSync(at(...parts), 'utf8');
const summary = (folder: string) =>
  parse(read(folder, 'summary.csv'), { columns: true }) as unknown as Array<Record<string, string>>;

const node = (name: string, zone: string) => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, labels: { 'kubernetes.io/hostname': name, 'topology.kubernetes.io/zone': zone } },
  status: { allocatable: { cpu: '4', memory: '16Gi', pods: '110' } },
});
const pod = (name: string, cpu: string, nodeName?: string, namespace = 'default') => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace, labels: { app: 'web' } },
  spec: { nodeName, containers: [{ name: 'c', image: 'i', resources: { requests: { cpu, memory: '1Gi' } } }] },
});
const list = (items: object[]) => JSON.stringify({ apiVersion: 'v1', kind: 'List', items });

const SUITE = `
workloads:
- {name: ours, nodes: nodes.json, pods: pods.json}
profiles:
- name: spread
- name: packing
  config: {profiles: [{pluginConfig: [{name: NodeResourcesFit, args: {scoringStrategy: {type: MostAllocated}}}]}]}
axes:
- {path: weight.NodeResourcesFit, name: fit, values: [1, 50]}
seeds: 1..3
assertions: ['placed_share >= 100%', 'packing fit=50: used_nodes <= 3']
report: {primary: used_nodes}
`;

beforeAll(() => {
  cli = new BuiltCli();
  mkdirSync(at('suites'));
  writeFileSync(at('suites', 'nodes.json'), list(['a', 'b', 'c', 'd'].map((name, i) => node(name, `z${i % 2}`))));
  const pending = Array.from({ length: 8 }, (_, i) => pod(`p-${i}`, '1', undefined, i < 4 ? 'default' : 'other'));
  writeFileSync(at('suites', 'pods.json'), list([pod('there', '2', 'a'), ...pending]));
  writeFileSync(at('suites', 'suite.yaml'), SUITE);
});
afterAll(() => cli.remove());

describe('berth run SUITE', () => {
  test('every workload under every configuration with every seed, and the verdict', async () => {
    const { code, stdout, stderr } = await cli.run('run', 'suites/suite.yaml', '--out', 'first');
    expect(code).toBe(0);
    const rows = summary('first');
    expect(rows.map(({ profile, seed }) => `${profile} ${seed}`)).toEqual(
      [1, 2, 3].flatMap((seed) =>
        ['spread fit=1', 'packing fit=1', 'spread fit=50', 'packing fit=50'].map((profile) => `${profile} ${seed}`),
      ),
    );
    for (const row of rows) expect(row).toMatchObject({ workload: 'ours', pods: '8', placed_pods: '8' });
    // 10 of 16 cores, the pod that was there from the start included.
    for (const row of rows) expect(row.cpu_allocated_share).toBe('0.625');
    expect(rows.filter(({ profile }) => profile === 'packing fit=50').map((row) => row.used_nodes)).toEqual([
      '3',
      '3',
      '3',
    ]);
    expect(stdout).toContain('packing fit=50 against spread fit=1, 3 pairs');
    expect(stdout).toMatch(/nodes used \* .* clearly better/);
    expect(stderr).toContain('holds: placed_share >= 100%: spread fit=1 has 1\n');
    expect(stderr).toContain('report in first/report.html');
    expect(read('first', 'report.html')).toContain('<b>packing fit=50</b> is <span class="good">clearly better</span>');
    expect(read('first', 'placements.csv')).toContain('other/p-4');
  });

  test('repro: the same rows again, from the folder alone', async () => {
    const { code, stdout } = await cli.run('repro', 'first');
    expect(stdout).toMatch(/^same {5}summary\.csv\n[\s\S]*12 cells run again: the same results\n$/);
    expect(code).toBe(0);
  });

  test('repro: a file that has changed, and rows that differ', async () => {
    const before = read('first', 'placements.csv');
    writeFileSync(at('first', 'placements.csv'), before.replace(',a,', ',b,'));
    const { code, stdout } = await cli.run('repro', 'first');
    expect(stdout).toContain('DIFFERS  placements.csv\n');
    expect(code).toBe(1);
    writeFileSync(at('first', 'placements.csv'), before);
    const nodes = read('suites', 'nodes.json');
    writeFileSync(at('suites', 'nodes.json'), nodes.replace('"z1"', '"z2"'));
    const changed = await cli.run('repro', 'first');
    expect(changed.code).toBe(2);
    expect(changed.stderr).toContain('nodes.json is not what it was when first was made');
    writeFileSync(at('suites', 'nodes.json'), nodes);
  });

  test('what the command line says goes first', async () => {
    const { code } = await cli.run(
      ...['run', 'suites/suite.yaml', '--out', 'second', '--seeds', '9', '--set', 'weight.NodeResourcesFit=2'],
      ...['--tie-break', 'random', '--tie-seeds', '1,2', '-q', '--assert', 'used_nodes > 4'],
    );
    expect(
      summary('second').map(({ profile, seed, tie_seed, tie_break }) => [profile, seed, tie_seed, tie_break]),
    ).toEqual([
      ['spread NodeResourcesFit=2', '9', '1', 'random'],
      ['packing NodeResourcesFit=2', '9', '1', 'random'],
      ['spread NodeResourcesFit=2', '9', '2', 'random'],
      ['packing NodeResourcesFit=2', '9', '2', 'random'],
    ]);
    expect(code).toBe(2);
  });

  test('no file at all: nodes, pods and configurations by option', async () => {
    writeFileSync(
      at('most.yaml'),
      'apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\nprofiles: [{pluginConfig: [{name: NodeResourcesFit, args: {scoringStrategy: {type: MostAllocated}}}]}]\n',
    );
    const options = [
      '--nodes',
      'suites/nodes.json',
      '--pods',
      'suites/pods.json',
      '--config',
      'default',
      '--config',
      'most.yaml',
    ];
    const { code, stdout } = await cli.run('run', ...options, '--out', 'third', '--assert', 'most: placed_share >= 1');
    expect(code).toBe(0);
    expect(stdout).toContain('next: berth compare third says which differences are sure');
    expect(summary('third').map(({ profile }) => profile)).toEqual(['default', 'most']);
    const timed = await cli.run('run', ...options, '--timed', '--until', '1h', '-q', '--out', 'fourth');
    expect(timed.code).toBe(0);
    expect(summary('fourth')[0]).toMatchObject({ evaluation: 'timed', bound_pods: '8', used_nodes: '4' });
  });

  test('an assertion that fails is exit code 1', async () => {
    const { code, stderr } = await cli.run(
      'run',
      'suites/suite.yaml',
      '--out',
      'fifth',
      '--assert',
      'packing: used_nodes < 1',
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(/FAILS: packing: used_nodes < 1: packing fit=1 has [34]/);
  });

  test.each([
    [['run'], 'what to run? Name a suite file, or --trace NAME'],
    [['run', 'gone.yaml'], 'there is no suite gone.yaml; berth init writes one to start from'],
    [['run', 'suites/suite.yaml', '--trace', 'openb'], 'the suite names its workloads; leave out --trace'],
    [['run', '--nodes', 'suites/nodes.json'], 'no pod without spec.nodeName'],
    [['run', '--trace', 'openb', '--set', 'foo'], '--set foo: write PATH=VALUE'],
    [['run', '--trace', 'openb', '--assert', 'placed_shar > 1'], 'there is no metric placed_shar; there are'],
    [['repro', 'suites'], 'there is no run in suites: run.json is missing'],
  ])('%j is refused', async (args, message) => {
    const { code, stderr } = await cli.run(...args);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });
});

describe('berth plugins', () => {
  const workload = ['--nodes', 'suites/nodes.json', '--pods', 'suites/pods.json'];

  test('compare: all, all but one, pairs and each alone', async () => {
    const plugins = 'NodeResourcesFit=2,NodeResourcesBalancedAllocation,ImageLocality';
    const { code, stdout } = await cli.run(
      'plugins',
      'compare',
      '--plugins',
      plugins,
      ...workload,
      '--out',
      'sets',
      '-q',
    );
    expect(code).toBe(0);
    expect([...new Set(summary('sets').map(({ profile }) => profile))]).toEqual([
      'all',
      'without NodeResourcesFit',
      'without NodeResourcesBalancedAllocation',
      'without ImageLocality',
      'NodeResourcesFit',
      'NodeResourcesBalancedAllocation',
      'ImageLocality',
    ]);
    expect(read('sets', 'plugins.csv')).not.toContain('TaintToleration,score');
    expect(stdout).toContain('without NodeResourcesFit against all, 3 pairs');
  });

  test('list', async () => {
    const { stdout } = await cli.run('plugins', 'list');
    expect(stdout).toMatch(/\nNodeResourcesFit +1 +.*filter.*score/);
  });

  test.each([
    [['--plugins', 'A,A', ...workload], 'A stands there twice'],
    [['--plugins', 'NodeName', ...workload], 'NodeName does not score'],
    [['--plugins', 'ImageLocality'], 'name a workload'],
    [['--plugins', 'ImageLocality', ...workload, '--design', 'x'], '--design x: there are alone'],
  ])('%j is refused', async (args, message) => {
    const { code, stderr } = await cli.run('plugins', 'compare', ...args);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });
});

describe('berth init', () => {
  test('writes a suite that runs, and never over a file', async () => {
    expect((await cli.run('init', 'new.yaml')).stdout).toBe('wrote new.yaml\nnext: berth run new.yaml\n');
    const again = await cli.run('init', 'new.yaml');
    expect(again.code).toBe(2);
    expect(again.stderr).toContain('new.yaml is there already; name another file');
    const schema = JSON.parse((await cli.run('schema')).stdout);
    expect(schema.properties.workloads.type).toBe('array');
    const checked = await cli.run('run', 'new.yaml', '--seeds', '1', '--out', 'init-run', '-q');
    expect(checked.code).toBe(0);
  });

  test('writes a plugin that works', async () => {
    const { stdout } = await cli.run('init', 'plugin', 'PreferQuiet');
    expect(stdout).toContain('wrote prefer-quiet/prefer-quiet.mjs\n');
    const options = [
      '--nodes',
      'suites/nodes.json',
      '--pods',
      'suites/pods.json',
      '--config',
      'prefer-quiet/config.yaml',
    ];
    expect((await cli.run('run', ...options, '--out', 'quiet')).code).toBe(0);
    expect(read('quiet', 'plugins.csv')).toContain('PreferQuiet,score');
  });
});

describe('mode: cluster', () => {
  const CLUSTER_SUITE = `
mode: cluster
workloads:
- {name: ours, nodes: nodes.json, pods: pods.json}
axes:
- {path: runtime, values: [instant, docker]}
seeds: 1..3
faults:
- {at: 2s, fault: apiserver-down, for: 3s}
- {at: 20s, fault: crash, zone: z1, for: 30s}
settings: {until: 2m}
`;

  test('pods go to Running through the API, and the files are the same bytes for one worker and for two', async () => {
    writeFileSync(at('suites', 'cluster.yaml'), CLUSTER_SUITE);
    const one = await cli.run('run', 'suites/cluster.yaml', '--out', 'cluster-1', '--workers', '1', '--no-report');
    expect(one).toMatchObject({ code: 0 });
    expect(one.stderr).toContain('whole cluster (instant, 2 faults)');
    const two = await cli.run('run', 'suites/cluster.yaml', '--out', 'cluster-2', '--workers', '2', '--no-report');
    expect(two).toMatchObject({ code: 0 });
    for (const file of ['placements.csv', 'timeseries.csv']) {
      expect(read('cluster-2', file), file).toBe(read('cluster-1', file));
    }
    const untimed = (folder: string) =>
      summary(folder).map((row) => Object.entries(row).filter(([name]) => !name.startsWith('wall_')));
    expect(untimed('cluster-2')).toEqual(untimed('cluster-1'));
    const rows = summary('cluster-1');
    expect(rows.map(({ evaluation, started_pods }) => [evaluation, started_pods])).toEqual(
      Array(6).fill(['cluster', '8']),
    );
    const startOf = (runtime: string) =>
      Number(rows.find(({ profile }) => profile!.includes(runtime))!.mean_start_seconds);
    expect(startOf('docker')).toBeGreaterThan(startOf('instant'));
  });

  test('a fault that cannot be, or that goes with another mode, is refused with its place', async () => {
    writeFileSync(at('suites', 'no-node.yaml'), CLUSTER_SUITE.replace('zone: z1', 'node: nowhere'));
    const missing = await cli.run('run', 'suites/no-node.yaml');
    expect(missing).toMatchObject({ code: 2 });
    expect(missing.stderr).toContain('fault crash: there is no node "nowhere"');
    writeFileSync(at('suites', 'core.yaml'), CLUSTER_SUITE.replace('mode: cluster', 'mode: core'));
    const core = await cli.run('run', 'suites/core.yaml');
    expect(core).toMatchObject({ code: 2 });
    expect(core.stderr).toContain('goes with mode cluster');
    writeFileSync(at('suites', 'odd.yaml'), CLUSTER_SUITE.replace('fault: crash', 'fault: flood'));
    const odd = await cli.run('run', 'suites/odd.yaml');
    expect(odd.stderr).toMatch(/suites\/odd\.yaml:10.*"flood" is not one of crash, hang/);
  });
});
