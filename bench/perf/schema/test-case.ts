/**
 * Test cases and their workloads. Source: `testCase`, `Workload`, `validateTestCases` in
 * `test/integration/scheduler_perf/scheduler_perf.go`, v1.37.2.
 */
import { decodeOp } from './decode-op.ts';
import { type Fields, itemsOf, type SuiteText } from './fields.ts';
import { type CollectedMetrics, checkSelector, DEFAULT_METRICS } from './metrics.ts';
import { collectsMetrics, type Op } from './ops.ts';
import { Params } from './params.ts';
import { type RunnableOp, resolveOps } from './resolve-op.ts';

export interface MetricSelector {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly dataBucket: string;
  /** The threshold is the most that is allowed. */
  readonly expectLower: boolean;
}

export interface Threshold {
  readonly value: number;
  /** Topic → value; a topic that is not here has `value`. */
  readonly byTopic: Readonly<Record<string, number>>;
}

type Gates = Readonly<Record<string, boolean>>;

export interface Workload {
  readonly path: string;
  readonly name: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly labels: readonly string[];
  readonly threshold: Threshold;
  readonly selector: MetricSelector;
  readonly featureGates: Gates;
}

export interface TestCase {
  readonly source: SuiteText;
  readonly name: string;
  readonly featureGates: Gates;
  readonly metrics: CollectedMetrics;
  readonly ops: readonly Op[];
  readonly workloads: readonly Workload[];
  readonly schedulerConfigPath?: string;
  /** Field path of the above. */
  readonly path: string;
  readonly defaultPodTemplatePath?: string;
  readonly labels: readonly string[];
}

const THROUGHPUT: MetricSelector = {
  name: 'SchedulingThroughput',
  labels: {},
  dataBucket: 'Average',
  expectLower: false,
};

/** Throws InputError. */
export function readTestCases(source: SuiteText): TestCase[] {
  const cases = itemsOf(source).map(testCase);
  if (cases.length === 0) throw source.error('', 'no test cases defined');
  checkUnique(cases, (name, path) => source.error(`${path}.name`, `${name}: name is not unique`));
  return cases;
}

function testCase(fields: Fields): TestCase {
  const selector = metricSelector(fields.object('defaultThresholdMetricSelector')) ?? THROUGHPUT;
  const name = fields.text('name') ?? '';
  const read: TestCase = {
    source: fields.source,
    path: fields.path,
    name,
    featureGates: fields.flagMap('featureGates'),
    metrics: collectedMetrics(fields.object('metricsCollectorConfig')),
    ops: fields.objects('workloadTemplate').map(decodeOp),
    workloads: fields.objects('workloads').map((workload) => readWorkload(workload, selector)),
    schedulerConfigPath: fields.text('schedulerConfigPath') || undefined,
    defaultPodTemplatePath: fields.text('defaultPodTemplatePath'),
    labels: fields.texts('labels'),
  };
  fields.finish();
  if (read.workloads.length === 0) throw fields.error(`${name}: no workloads defined`);
  checkUnique(read.workloads, (twice, path) =>
    fields.source.error(`${path}.name`, `${name}: workload name ${twice} is not unique`),
  );
  if (read.ops.length === 0) throw fields.error(`${name}: no ops defined`);
  if (!read.ops.some(collectsMetrics)) {
    throw fields.error(`${name}: no op in the workload template collects metrics`, 'workloadTemplate');
  }
  return read;
}

function checkUnique(
  named: ReadonlyArray<{ readonly name: string; readonly path: string }>,
  error: (name: string, path: string) => Error,
): void {
  const seen = new Set<string>();
  for (const { name, path } of named) {
    if (seen.has(name)) throw error(name, path);
    seen.add(name);
  }
}

function readWorkload(fields: Fields, defaultSelector: MetricSelector): Workload {
  const read: Workload = {
    path: fields.path,
    name: fields.text('name') ?? '',
    params: fields.anyMap('params'),
    labels: fields.texts('labels'),
    threshold: threshold(fields),
    selector: metricSelector(fields.object('thresholdMetricSelector')) ?? defaultSelector,
    featureGates: fields.flagMap('featureGates'),
  };
  fields.finish();
  return read;
}

function threshold(fields: Fields): Threshold {
  const byTopic = fields.isMap('threshold') ? fields.floatMap('threshold') : {};
  const value = fields.isMap('threshold') ? 0 : (fields.float('threshold') ?? 0);
  if (value < 0) throw fields.error(`invalid Threshold=${value}; should be non-negative`, 'threshold');
  for (const [topic, least] of Object.entries(byTopic)) {
    if (least < 0) {
      throw fields.error(`invalid Threshold=${least} for topic "${topic}"; should be non-negative`, 'threshold');
    }
  }
  return { value, byTopic };
}

export const thresholdFor = ({ value, byTopic }: Threshold, topic: string): number =>
  Object.hasOwn(byTopic, topic) ? byTopic[topic]! : value;

function metricSelector(fields: Fields | undefined): MetricSelector | undefined {
  if (fields === undefined) return undefined;
  const selector = {
    name: fields.text('name') ?? '',
    labels: fields.textMap('labels'),
    dataBucket: fields.text('dataBucket') ?? '',
    expectLower: fields.flag('expectLower'),
  };
  fields.finish();
  return selector;
}

function collectedMetrics(fields: Fields | undefined): CollectedMetrics {
  if (fields === undefined) return DEFAULT_METRICS;
  const metrics = fields.object('metrics');
  const read = fields.keys('metrics').map((name) => {
    const labels = metrics!.objects(name).map((label) => {
      const values = [label.text('label') ?? '', label.texts('values')] as const;
      label.finish();
      return values;
    });
    return [name, new Map(labels)] as const;
  });
  fields.finish();
  return new Map(read);
}

/** A workload with its operations as they are run. */
export interface ResolvedWorkload {
  readonly testCase: TestCase;
  readonly workload: Workload;
  readonly ops: readonly RunnableOp[];
  readonly gates: Gates;
}

/** @param used Names of parameters that somebody beside the operations reads. Throws InputError. */
export function resolveWorkload(
  testCase: TestCase,
  workload: Workload,
  used: readonly string[] = [],
): ResolvedWorkload {
  const { source, name } = testCase;
  const wrong = checkSelector(workload.selector, testCase.metrics);
  if (wrong !== undefined) throw source.error(workload.path, `workload ${workload.name} is not valid: ${wrong}`);
  const params = new Params(workload.params);
  const ops = resolveOps(testCase.ops, params, source, `${name}/${workload.name}`);
  const unused = params.unused.filter((param) => !used.includes(param));
  if (unused.length > 0) {
    throw source.error(
      `${workload.path}.params.${unused[0]}`,
      `the parameters [${unused.join(' ')}] are defined on workload ${workload.name}, but unused; make sure there are no typos`,
    );
  }
  return { testCase, workload, ops, gates: { ...testCase.featureGates, ...workload.featureGates } };
}
