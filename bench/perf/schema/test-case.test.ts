/** What a suite file may say, and how it is told that it says something else. */
import { describe, expect, test } from 'vitest';
import { SuiteText } from './fields.ts';
import type { Op, Opcode } from './ops.ts';
import { readTestCases, resolveWorkload } from './test-case.ts';

const read = (text: string) => readTestCases(new SuiteText(text, 'suite.yaml'));

/** A case around operations that are indented by two. */
const caseOf = (ops: string, params = '{}') => `- name: Case
  workloadTemplate:
${ops}
  - opcode: stopCollectingMetrics
  workloads:
  - name: one
    params: ${params}
`;

const opOf = (lines: string): Op => {
  const indented = lines
    .split('\n')
    .map((line, i) => `  ${i === 0 ? '- ' : '  '}${line}`)
    .join('\n');
  return read(caseOf(indented))[0]!.ops[0]!;
};

const resolved = (ops: string, params: string) => {
  const [testCase] = read(caseOf(ops, params));
  return resolveWorkload(testCase!, testCase!.workloads[0]!).ops;
};

describe('operations', () => {
  const EVERY: ReadonlyArray<readonly [Opcode, string, object]> = [
    ['allocResourceClaims', 'namespace: a', { namespace: 'a' }],
    [
      'barrier',
      'namespaces: [a, b]\nlabelSelector: {app: web}\nstageRequirement: Attempted',
      { namespaces: ['a', 'b'], labelSelector: { app: 'web' }, stageRequirement: 'Attempted' },
    ],
    [
      'churn',
      'mode: recreate\nnumber: 2\ntemplatePaths: [a.yaml]\nnamespace: ns',
      { mode: 'recreate', number: 2, templatePaths: ['a.yaml'], namespace: 'ns', intervalMilliseconds: 500 },
    ],
    [
      'createAny',
      'templatePath: a.yaml\nnamespace: ns\ntemplateParams: {a: 1, b: [x], c: $d}',
      { templatePath: 'a.yaml', namespace: 'ns', count: 1, templateParams: { a: 1, b: ['x'], c: '$d' } },
    ],
    [
      'createNamespaces',
      'prefix: ns\ncount: 2\nnamespaceTemplatePath: a.yaml',
      { prefix: 'ns', count: 2, namespaceTemplatePath: 'a.yaml' },
    ],
    [
      'createNodes',
      'countParam: $nodes\nnodeAllocatableStrategy: {nodeAllocatable: {a: "1"}, csiNodeAllocatable: {d: {count: 3}}, migratedPlugins: [p]}',
      {
        countParam: '$nodes',
        nodeAllocatable: { nodeAllocatable: { a: '1' }, csiNodeAllocatable: { d: 3 }, migratedPlugins: ['p'] },
      },
    ],
    [
      'createPodGroups',
      'count: 2\nnamespace: ns\ntemplatePath: a.yaml',
      { count: 2, namespace: 'ns', templatePath: 'a.yaml' },
    ],
    [
      'createPods',
      'count: 3\nnamespace: ns\nduration: 1m30s\nsteadyStateParam: $s\nsignatureBatchSizeParam: $b\ncountMultiplierParam: $m',
      {
        count: 3,
        namespace: 'ns',
        durationMs: 90_000,
        steadyStateParam: '$s',
        signatureBatchSizeParam: '$b',
        countMultiplierParam: '$m',
        collectMetrics: false,
        skipWaitToCompletion: false,
      },
    ],
    [
      'createPodSets',
      'count: 2\nnamespacePrefix: ns\ncreatePodsOp: {opcode: createPods, count: 4}',
      { count: 2, namespacePrefix: 'ns', createPodsOp: expect.objectContaining({ count: 4 }) },
    ],
    ['createResourceClaims', 'namespace: ns\ntemplatePath: a.yaml\ncount: 2', { namespace: 'ns', count: 2 }],
    [
      'deletePods',
      'namespace: ns\ndeletePodsPerSecond: 5\nskipWaitToCompletion: true\nlabelSelector: {a: b}',
      { namespace: 'ns', deletePodsPerSecond: 5, skipWaitToCompletion: true, labelSelector: { a: 'b' } },
    ],
    ['sleep', 'duration: 250ms', { durationMs: 250 }],
    ['startCollectingMetrics', 'name: x\nnamespaces: [a]', { name: 'x', namespaces: ['a'], labelSelector: {} }],
    ['startCollectingProfile', 'type: cpu\nfilePath: a.prof', { filePath: 'a.prof' }],
    ['stopCollectingMetrics', 'opcode: stopCollectingMetrics', {}],
    ['stopCollectingProfile', 'type: CPU', {}],
    [
      'updateAny',
      'templatePath: a.yaml\nupdatePerSecond: 10\nsubresources: [status]',
      { templatePath: 'a.yaml', updatePerSecond: 10, subresources: ['status'], count: 1 },
    ],
  ];

  test.each(EVERY)('%s', (opcode, fields, expected) => {
    const lines = fields.startsWith('opcode') ? fields : `opcode: ${opcode}\n${fields}`;
    expect(opOf(lines)).toMatchObject({ opcode, path: '[0].workloadTemplate[0]', ...expected });
  });

  test('names of fields may be written in any case', () => {
    expect(opOf('OPCODE: sleep\nDuration: 1s')).toMatchObject({ opcode: 'sleep', durationMs: 1000 });
  });
});

describe('what is wrong is told with its place', () => {
  test.each([
    [
      'opcode: createNodez',
      '3:13: [0].workloadTemplate[0].opcode: unknown opcode "createNodez"; must be one of allocResourceClaims, ',
    ],
    ['count: 1', '3:5: [0].workloadTemplate[0]: unknown opcode ""'],
    ['opcode: createNodes\ncuont: 1', '4:12: [0].workloadTemplate[0].cuont: json: unknown field "cuont"'],
    [
      'opcode: createNodes\ncount: five',
      '4:12: [0].workloadTemplate[0].count: json: cannot unmarshal string into a field of type int',
    ],
    ['opcode: createNodes\ncount: 1.5', 'json: cannot unmarshal number 1.5 into a field of type int'],
    ['opcode: createNodes\ncount: -1', 'invalid Count=-1 / CountParam=""; count must not be negative'],
    ['opcode: createNodes\ncountParam: nodes', 'invalid Count=0 / CountParam="nodes"; countParam must start with $'],
    ['opcode: createPods\ncollectMetrics: "yes"', 'cannot unmarshal string into a field of type bool'],
    [
      'opcode: createPods\ncollectMetrics: true\nskipWaitToCompletion: true',
      'collectMetrics and skipWaitToCompletion cannot be true at the same time',
    ],
    [
      'opcode: createPods\nskipWaitToCompletion: true\nsteadyState: true',
      'skipWaitToCompletion and steadyState cannot be true at the same time',
    ],
    ['opcode: createPods\nduration: 5', 'cannot unmarshal number 5 into a field of type string'],
    ['opcode: sleep\nduration: 5 s', 'time: unknown unit " s" in duration "5 s"'],
    ['opcode: createAny', 'TemplatePath must be set'],
    ['opcode: createPodGroups\ntemplatePath: a', 'namespace must be set'],
    ['opcode: churn\nmode: spin', 'invalid mode: spin. must be one of [recreate create]'],
    ['opcode: churn\nmode: recreate\ntemplatePaths: [a]', 'number cannot be 0 when mode is recreate'],
    ['opcode: churn\nmode: create', 'at least one template spec file needs to be specified'],
    ['opcode: barrier\nstageRequirement: Bound', 'invalid StageRequirement Bound; must be Scheduled or Attempted'],
    ['opcode: startCollectingMetrics', 'namespaces cannot be empty'],
    ['opcode: startCollectingProfile\ntype: MEM\nfilePath: a', 'only CPU profile type is supported, got "MEM"'],
    ['opcode: deletePods\ndeletePodsPerSecond: -1', 'invalid DeletePodsPerSecond=-1; should be non-negative'],
    ['opcode: updateAny\ntemplatePath: a\nupdatePerSecond: -1', 'invalid UpdatePerSecond=-1; should be non-negative'],
    ['opcode: createPodSets\ncount: 1', 'createPodsOp must be set'],
    ['opcode: createNodes\nlabelNodePrepareStrategy: {labelKey: a}', 'labelValues cannot be empty'],
  ])('%j', (lines, message) => {
    expect(() => opOf(lines)).toThrow(message.match(/^\d/) ? `suite.yaml:${message}` : message);
  });

  test.each([
    ['', 'no test cases defined'],
    ['a: 1', 'suite.yaml:1:1: json: cannot unmarshal object into a field of type array'],
    ['- name: a\n  workloads: [{name: w}]', 'a: no ops defined'],
    ['- name: a\n  workloadTemplate: [{opcode: stopCollectingMetrics}]', 'a: no workloads defined'],
    [
      '- name: a\n  workloadTemplate: [{opcode: barrier}]\n  workloads: [{name: w}]',
      'no op in the workload template collects metrics',
    ],
    [
      `${caseOf('  - opcode: barrier')}${caseOf('  - opcode: barrier')}`,
      'suite.yaml:8:9: [1].name: Case: name is not unique',
    ],
    [`${caseOf('  - opcode: barrier')}  - name: one\n`, 'Case: workload name one is not unique'],
    [`${caseOf('  - opcode: barrier')}    threshold: -1\n`, 'invalid Threshold=-1; should be non-negative'],
    [
      `${caseOf('  - opcode: barrier')}    threshold: {a: -1}\n`,
      'invalid Threshold=-1 for topic "a"; should be non-negative',
    ],
    [`${caseOf('  - opcode: barrier')}    lables: [a]\n`, 'json: unknown field "lables"'],
    ['- name: a\n  name: b', 'suite.yaml:2:3: key "name" already set in map'],
    ['- name: [', 'suite.yaml'],
  ])('%j', (text, message) => {
    expect(() => read(text)).toThrow(message);
  });
});

describe('parameters', () => {
  test('take the place of counts, flags and durations', () => {
    const ops = `  - {opcode: createPods, countParam: $size, countMultiplierParam: $m, steadyStateParam: $s, durationParam: $d, signatureBatchSizeParam: $b}`;
    expect(resolved(ops, '{size: 3.9, m: 2, s: true, d: 2s, b: 7}')[0]).toMatchObject({
      count: 6,
      steadyState: true,
      durationMs: 2000,
      signatureBatchSize: 7,
    });
  });

  test('pod sets become one operation per namespace', () => {
    const ops =
      '  - {opcode: createPodSets, countParam: $size, namespacePrefix: ns, createPodsOp: {opcode: createPods, countParam: $p}}';
    expect(resolved(ops, '{size: 2, p: 5}').slice(0, 2)).toMatchObject([
      { opcode: 'createPods', namespace: 'ns-0', count: 5, signatureBatchSize: 1 },
      { opcode: 'createPods', namespace: 'ns-1', count: 5 },
    ]);
  });

  test('in templates may have defaults, which are YAML', () => {
    const ops =
      '  - {opcode: createAny, templatePath: a, templateParams: {a: $a, b: "$b|2", c: "$c|", d: $$, e: "$a|9"}}';
    expect(resolved(ops, '{a: [1], "$": x}')[0]).toMatchObject({
      templateParams: { a: [1], b: 2, c: null, d: 'x', e: [1] },
    });
  });

  test.each([
    [
      '{opcode: createNodes, countParam: $size}',
      '{}',
      'suite.yaml:3:39: [0].workloadTemplate[0].countParam: parameter size is undefined (workload Case/one)',
    ],
    [
      '{opcode: createNodes, countParam: $size}',
      '{size: "5"}',
      'parameter size has the wrong type string; must be a number (workload Case/one)',
    ],
    ['{opcode: createNodes, countParam: $size}', '{size: [5]}', 'parameter size has the wrong type []interface {}'],
    ['{opcode: createNodes, countParam: $size}', '{size: -5}', 'invalid Count=-5 / CountParam="$size"'],
    [
      '{opcode: createPods, steadyStateParam: $s}',
      '{s: 1}',
      'parameter s has the wrong type float64; must be a boolean',
    ],
    [
      '{opcode: createPods, steadyStateParam: $s}',
      '{s: true}',
      'when creating pods in a steady state, the test duration must be > 0',
    ],
    ['{opcode: sleep, durationParam: $d}', '{d: soon}', 'time: invalid duration "soon"'],
    [
      '{opcode: createAny, templatePath: a, templateParams: {x: $other}}',
      '{}',
      '[0].workloadTemplate[0].templateParams.x: parameter "other" not found',
    ],
    ['{opcode: createPodGroups, templatePath: a, namespace: ns}', '{}', 'count must be greater than 0, got 0'],
    [
      '{opcode: barrier}',
      '{size: 5, m: 1}',
      '[0].workloads[0].params.m: the parameters [m size] are defined on workload one, but unused',
    ],
  ])('%s with %s', (op, params, message) => {
    expect(() => resolved(`  - ${op}`, params)).toThrow(message);
  });

  test('a threshold must be about a metric that is collected', () => {
    const text = (selector: string) => `${caseOf('  - opcode: barrier')}    thresholdMetricSelector: ${selector}\n`;
    const check = (selector: string) => {
      const [testCase] = read(text(selector));
      return () => resolveWorkload(testCase!, testCase!.workloads[0]!);
    };
    expect(
      check('{name: scheduler_scheduling_attempt_duration_seconds, dataBucket: Perc99, labels: {result: scheduled}}'),
    ).not.toThrow();
    expect(check('{name: SchedulingThroughput}')).toThrow('dataBucket should be set for metric SchedulingThroughput');
    expect(check('{name: x, dataBucket: Average}')).toThrow("the metric x is targeted, but it's not collected");
    expect(
      check('{name: scheduler_scheduling_attempt_duration_seconds, dataBucket: Average, labels: {result: odd}}'),
    ).toThrow('no matching labels found');
  });
});
