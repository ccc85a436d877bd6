import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PerfResult } from '../reports/index.ts';
import { BuiltCli } from './built-cli.fixture.ts';

let cli: BuiltCli;
const at = (...parts: string[]) => path.join(cli.cwd, ...parts);

const POD = `apiVersion: v1
kind: Pod
metadata: {generateName: pod-, labels: {index: "i-{{.Index}}"}}
spec:
  terminationGracePeriodSeconds: 0
  containers: [{name: main, image: app:1, resources: {requests: {cpu: {{or .cpu "10m"}}}}}]
`;

const file = (name: string, text: string): string => {
  mkdirSync(path.dirname(at(name)), { recursive: true });
  writeFileSync(at(name), text);
  return name;
};

/** Everything that an operation can be asked for, on a few nodes. */
const EVERY_OPCODE = `
- name: Every
  defaultPodTemplatePath: pod.yaml
  labels: [all]
  workloadTemplate:
  - {opcode: startCollectingProfile, type: cpu, filePath: cpu.cpuprofile}
  - {opcode: createNodes, countParam: $nodes, labelNodePrepareStrategy: {labelKey: zone, labelValues: [east, west]}}
  - {opcode: createNodes, count: 1, uniqueNodeLabelStrategy: {labelKey: serial}}
  - {opcode: createNodes, count: 1, nodeAllocatableStrategy: {nodeAllocatable: {example.com/slots: "2"}, csiNodeAllocatable: {d: {count: 1}}}}
  - {opcode: createNamespaces, count: 2, prefix: set}
  - {opcode: createPodSets, count: 2, namespacePrefix: set, createPodsOp: {opcode: createPods, count: 3}}
  - {opcode: churn, mode: recreate, number: 1, intervalMilliseconds: 5, templatePaths: [churned.yaml]}
  - {opcode: createAny, namespace: waiting, templatePath: quiet.yaml, count: 2}
  - {opcode: createPods, count: 2, namespace: waiting, podTemplatePath: picky.yaml, skipWaitToCompletion: true}
  - {opcode: barrier, namespaces: [waiting], stageRequirement: Attempted}
  - {opcode: updateAny, templatePath: node-0.yaml, updatePerSecond: 10}
  - {opcode: barrier}
  - {opcode: createPods, count: 6, namespace: leaving, podTemplatePath: pod.yaml, templateParams: {cpu: $cpu}}
  - {opcode: deletePods, namespace: leaving, labelSelector: {index: i-1}}
  - {opcode: deletePods, namespace: leaving, deletePodsPerSecond: 100}
  - {opcode: deletePods, namespace: set-0, deletePodsPerSecond: 100, skipWaitToCompletion: true}
  - {opcode: sleep, duration: 50ms}
  - {opcode: createAny, templatePath: class.yaml}
  - {opcode: createAny, count: 2, templatePath: slice.yaml}
  - {opcode: createResourceClaims, namespace: claims, templatePath: claim.yaml, count: 1}
  - {opcode: allocResourceClaims}
  - {opcode: startCollectingMetrics, name: both, namespaces: [a, b], labelSelector: {index: i-0}}
  - {opcode: createPods, count: 2, namespace: a}
  - {opcode: createPods, count: 2, namespace: b, signatureBatchSize: 2}
  - {opcode: stopCollectingMetrics}
  - {opcode: createPods, count: 2, namespace: steady, steadyState: true, durationParam: $time, collectMetrics: true}
  - {opcode: stopCollectingProfile, type: CPU}
  workloads:
  - {name: few/nodes, labels: [small], params: {nodes: 3, cpu: 20m, time: 300ms}}
- name: Groups
  featureGates: {GenericWorkload: true}
  workloadTemplate:
  - {opcode: createNodes, count: 2}
  - {opcode: createPodGroups, count: 2, namespace: crew, templatePath: group.yaml}
  - {opcode: createPods, count: 2, countMultiplierParam: $size, namespace: crew, podTemplatePath: member.yaml, templateParams: {size: $size}, collectMetrics: true}
  workloads:
  - {name: two, labels: [small], params: {size: 2}}
`;

const TEMPLATES: Readonly<Record<string, string>> = {
  'pod.yaml': POD,
  'churned.yaml': 'apiVersion: v1\nkind: Service\nmetadata: {generateName: s-}\nspec: {ports: [{port: 80}]}\n',
  'quiet.yaml': 'apiVersion: v1\nkind: Service\nmetadata: {name: "quiet-{{.Index}}"}\nspec: {ports: [{port: 80}]}\n',
  'picky.yaml':
    'apiVersion: v1\nkind: Pod\nmetadata: {generateName: picky-}\nspec:\n  nodeSelector: {mood: good}\n  containers: [{name: main, image: app:1}]\n',
  'node-0.yaml':
    'apiVersion: v1\nkind: Node\nmetadata: {name: in-good-mood, labels: {mood: good}}\nspec: {}\nstatus: {capacity: {cpu: "1", memory: 1Gi, pods: "9"}}\n',
  'class.yaml': 'apiVersion: resource.k8s.io/v1\nkind: DeviceClass\nmetadata: {name: card}\n',
  'slice.yaml': `apiVersion: resource.k8s.io/v1
kind: ResourceSlice
metadata: {name: "slice-{{.Index}}"}
spec: {driver: d.example.com, allNodes: true, pool: {name: "slice-{{.Index}}", resourceSliceCount: 1, generation: 1}, devices: [{name: card}]}
`,
  'claim.yaml':
    'metadata: {generateName: claim-}\nspec: {devices: {requests: [{name: one, exactly: {deviceClassName: card}}]}}\n',
  'group.yaml': 'metadata: {name: "group-{{.Index}}"}\nspec: {schedulingPolicy: {gang: {minCount: 2}}}\n',
  'member.yaml':
    'metadata: {generateName: member-}\nspec:\n  schedulingGroup: {podGroupName: "group-{{DivideInt .Index .size}}"}\n  containers: [{name: main, image: app:1}]\n',
};

/** A case with one workload; `more` is indented as a field of the workload. */
const simple = (
  name: string,
  { labels = '[small]', pods = 3, template = 'pod.yaml', more = '', gates = '{}' } = {},
) => `
- name: ${name}
  featureGates: ${gates}
  workloadTemplate:
  - {opcode: createNodes, countParam: $nodes}
  - {opcode: createPods, count: ${pods}, namespace: measured, podTemplatePath: ${template}, collectMetrics: true}
  workloads:
  - name: one
    labels: ${labels}
    params: {nodes: 2}
${more}`;

const ATTEMPT =
  '    thresholdMetricSelector: {name: scheduler_scheduling_attempt_duration_seconds, dataBucket: Average, labels: {result: scheduled}, expectLower: true}\n';

interface Output {
  readonly engine: string;
  readonly files: readonly string[];
  readonly results: readonly PerfResult[];
}

const perf = async (...args: string[]) => {
  const { code, stdout, stderr } = await cli.run('perf', '-o', 'json', ...args);
  return { code, stderr, ...(stdout === '' ? { results: [], files: [], engine: '' } : (JSON.parse(stdout) as Output)) };
};

beforeAll(() => {
  cli = new BuiltCli();
  for (const [name, text] of Object.entries(TEMPLATES)) file(`suite/${name}`, text);
  // The node that the updated one replaces must be there.
  const every = EVERY_OPCODE.replace(
    '  - {opcode: createNamespaces',
    '  - {opcode: createNodes, count: 1, nodeTemplatePath: node.yaml}\n  - {opcode: createNamespaces',
  );
  file('suite/node.yaml', TEMPLATES['node-0.yaml']!.replace('labels: {mood: good}', 'labels: {mood: bad}'));
  file('suite/performance-config.yaml', every);
});
afterAll(() => cli.remove());

describe('berth perf', () => {
  test.each(['fast', 'reference'])('runs every opcode, engine %s', async (engine) => {
    const out = `every-${engine}`;
    const args = ['--label', 'small', '--engine', engine, '--out', out, 'suite/performance-config.yaml'];
    const { code, results, files, stderr } = await perf(...args);
    expect(results.map(({ reason }) => reason)).toEqual([undefined, undefined]);
    expect(code).toBe(0);
    const [every, groups] = results;
    expect(every).toMatchObject({ topic: 'suite', testCase: 'Every', workload: 'few/nodes', state: 'ran' });
    expect(every!.figures.map(({ name, pods }) => ({ name, enough: pods >= 2 }))).toEqual([
      { name: 'both', enough: true },
      { name: 'steady', enough: true },
    ]);
    // The selector leaves the second pod of each namespace out.
    expect(every!.figures[0]!.pods).toBe(2);
    expect(groups!.figures[0]!.pods).toBe(4);
    expect(stderr).toContain(`engine ${engine} · mode core`);
    expect(existsSync(at(out, 'cpu.cpuprofile'))).toBe(true);
    expect(files.some((name) => /Every_few_nodes_suite_.*\.dat$/.test(name))).toBe(true);
  });

  test('writes the data items as upstream does', async () => {
    file('items/misc/performance-config.yaml', simple('Basic', { more: `    threshold: 100000\n${ATTEMPT}` }));
    file('items/misc/pod.yaml', POD);
    const args = ['--label', 'small', '--sample-interval', '60000', '--out', 'items/out'];
    expect((await perf(...args, 'items/misc/performance-config.yaml')).code).toBe(0);
    const [name] = readdirSync(at('items/out'));
    expect(name).toMatch(/^BenchmarkPerfScheduling_benchmark_misc_\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\.json$/);
    const text = readFileSync(at('items/out', name!), 'utf8');
    expect(text.startsWith('{\n  "version": "v1",\n  "dataItems": [\n    {\n      "data": ')).toBe(true);
    const { dataItems } = JSON.parse(text) as {
      dataItems: Array<{ data: Record<string, number> | null; unit: string; labels: Record<string, string> }>;
    };
    const NAME = 'BenchmarkPerfScheduling/Basic/one/measured';
    const number = expect.any(Number);
    const percentiles = { Average: number, Perc50: number, Perc90: number, Perc95: number, Perc99: number };
    expect(dataItems).toEqual([
      // All pods are bound before the first tick: there is no sample.
      { data: null, unit: '', labels: { Metric: 'not applicable', Name: NAME, result: 'not applicable' } },
      {
        data: { ...percentiles, AverageThreshold: 100_000 },
        unit: 'ms',
        labels: { Metric: 'scheduler_scheduling_attempt_duration_seconds', Name: NAME, result: 'scheduled' },
      },
      {
        data: { ...percentiles, Max: number },
        unit: 'MB',
        labels: { Metric: 'heap_memory_usage', Name: NAME, result: 'not applicable' },
      },
      {
        data: { GrowthRate: number },
        unit: 'MB/min',
        labels: { Metric: 'memory_growth_rate', Name: NAME, result: 'not applicable' },
      },
      {
        data: { Duration: number },
        unit: 's',
        labels: { Metric: 'SchedulingDuration', Name: NAME, result: 'not applicable' },
      },
    ]);
  });

  test('a threshold that is missed: exit 1, and the ratio in the table', async () => {
    file('missed/pod.yaml', POD);
    file('missed/suite.yaml', simple('Basic', { more: `    threshold: 0.000001\n${ATTEMPT}` }));
    const { code, stdout } = await cli.run('perf', '--label', 'small', '--out', 'missed/out', 'missed/suite.yaml');
    expect(code).toBe(1);
    expect(stdout).toMatch(/missed · Basic\n {2}one +3 +0\.000001 .* 0\.0x ! /);
    expect(stdout).toContain('1 of 1 workload ran · 0 of 1 threshold met');
  });

  test('what berth lacks is named with the reason, and the rest runs', async () => {
    file('lacking/pod.yaml', POD);
    file('lacking/suite.yaml', simple('Plain') + simple('Odd', { gates: '{FutureScheduling: true}' }));
    const args = ['--label', 'small', '--out', 'lacking/out', 'lacking/suite.yaml'];
    const { code, stdout } = await cli.run('perf', ...args);
    expect(code).toBe(0);
    expect(stdout).toContain(
      'unsupported (what the feature gate FutureScheduling=true changes is not built yet): lacking Odd/one',
    );
    expect(stdout).toContain('1 of 2 workloads ran · 1 unsupported');
    expect((await cli.run('perf', ...args, '--case', 'Odd')).code).toBe(1);
  });

  test('a workload that cannot be scheduled fails after ten minutes that nobody waits for, and the next one runs', async () => {
    file('stuck/pod.yaml', POD.replace('{{or .cpu "10m"}}', '"99"'));
    file('stuck/good.yaml', POD);
    file('stuck/suite.yaml', simple('Stuck') + simple('Good', { template: 'good.yaml' }));
    const { code, results } = await perf('--label', 'small', '--out', 'stuck/out', 'stuck/suite.yaml');
    expect(code).toBe(1);
    expect(results.map(({ state }) => state)).toEqual(['failed', 'ran']);
    expect(results[0]!.reason).toMatch(
      /^op 1: error in waiting for pods to get scheduled: at least pod measured\/pod-\w{5} is not scheduled \(0\/2 nodes are available: 2 Insufficient cpu\.(.*)\): context deadline exceeded$/,
    );
  });

  test('labels and --case choose; without a match the labels that there are', async () => {
    file('chosen/pod.yaml', POD);
    file(
      'chosen/suite.yaml',
      simple('A', { labels: '[quick, odd]' }) + simple('B', { labels: '[quick]' }) + simple('C'),
    );
    const names = async (...args: string[]) =>
      (await perf('--out', 'chosen/out', ...args, 'chosen/suite.yaml')).results.map(({ testCase }) => testCase);
    expect(await names('--label', 'quick')).toEqual(['A', 'B']);
    expect(await names('--label', 'quick,-odd')).toEqual(['B']);
    expect(await names('--label', '', '--case', '[AC]/one')).toEqual(['A', 'C']);
    const { code, stderr } = await perf('chosen/suite.yaml');
    expect(code).toBe(2);
    expect(stderr).toContain('no workload has the labels --label "performance"; the files have odd, quick, small');
  });
});

describe('what cannot be used: file, line and what would be right, exit 2', () => {
  const suite = simple('Basic');
  test.each([
    [
      'unknown opcode',
      suite.replace('createNodes', 'createNodez'),
      /suite\.yaml:5:14: \[0\]\.workloadTemplate\[0\]\.opcode: unknown opcode "createNodez"; must be one of /,
    ],
    [
      'missing template',
      suite.replace('pod.yaml', 'pot.yaml'),
      /suite\.yaml:6:74: \[0\]\.workloadTemplate\[1\]\.podTemplatePath: open pot\.yaml: no such file or directory/,
    ],
    [
      'unset parameter',
      suite.replace('params: {nodes: 2}', 'params: {}'),
      /suite\.yaml:5:39: \[0\]\.workloadTemplate\[0\]\.countParam: parameter nodes is undefined \(workload Basic\/one\)/,
    ],
    [
      'wrong type of a parameter',
      suite.replace('nodes: 2', 'nodes: two'),
      /parameter nodes has the wrong type string; must be a number/,
    ],
    [
      'unused parameter',
      suite.replace('nodes: 2', 'nodes: 2, pods: 3'),
      /suite\.yaml:10:\d+: \[0\]\.workloads\[0\]\.params\.pods: the parameters \[pods\] are defined on workload one, but unused/,
    ],
    [
      'wrong type of a field',
      suite.replace('count: 3', 'count: three'),
      /cannot unmarshal string into a field of type int/,
    ],
    ['unknown field', suite.replace('collectMetrics', 'collectMetric'), /json: unknown field "collectMetric"/],
    ['not YAML', '- name: [', /suite\.yaml(:\d+:\d+)?: not YAML: /],
  ])('%s', async (_, text, message) => {
    file('bad/pod.yaml', POD);
    file('bad/suite.yaml', text);
    const { code, stderr } = await perf('--label', 'small', '--out', 'bad/out', 'bad/suite.yaml');
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
    expect(existsSync(at('bad/out'))).toBe(false);
  });

  test.each([
    ['a template that is no template', '{{if}}', /pod\.yaml:1:3: missing value for if/],
    [
      'a template that fails',
      POD.replace('10m', '{{DivideInt 1 0}}').replace('{{or .cpu "{{DivideInt 1 0}}"}}', '{{DivideInt 1 0}}'),
      /pod\.yaml:6:\d+: executing the template: error calling DivideInt: division by zero/,
    ],
    [
      'an object that no server takes',
      POD.replace('app:1', 'app:1, ports: [{containerPort: 99999999}]'),
      /pod\.yaml:6:\d+: spec\.containers\[0\]/,
    ],
  ])('%s', async (_, template, message) => {
    file('bad/pod.yaml', template);
    file('bad/suite.yaml', suite);
    const { code, stderr } = await perf('--label', 'small', 'bad/suite.yaml');
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });

  test('one bad workload does not keep the others from running', async () => {
    file('part/pod.yaml', POD);
    file('part/suite.yaml', suite + simple('Bad').replace('params: {nodes: 2}', 'params: {}'));
    const { code, results } = await perf('--label', 'small', '--out', 'part/out', 'part/suite.yaml');
    expect(results.map(({ state }) => state)).toEqual(['ran', 'invalid']);
    expect(results[1]!.reason).toContain('part/suite.yaml:');
    expect(code).toBe(2);
  });

  test.each([
    [['--mode', 'cluster'], '--mode cluster is not there: suites run on the scheduler alone'],
    [['nowhere.yaml'], 'nowhere.yaml: no such file'],
    [['--suite', 'shipped', 'a.yaml'], '--suite shipped and files (a.yaml) exclude each other'],
    [['--case', '('], 'Invalid regular expression'],
    [['--engine', 'warp'], 'Allowed choices are reference, fast'],
  ])('%j', async (args, message) => {
    const { code, stderr } = await perf(...args);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });
});

describe('the suite that ships', () => {
  test('runs without a file, or by name', async () => {
    for (const args of [[], ['--suite', 'shipped']]) {
      const { code, results } = await perf(
        ...args,
        '--label',
        'short,-performance',
        '--case',
        '^Plain/',
        '--out',
        'shipped',
      );
      expect(code).toBe(0);
      expect(results).toMatchObject([{ topic: 'plain', testCase: 'Plain', workload: '5-nodes', state: 'ran' }]);
    }
  });
});
