/** What becomes of a collection: items, threshold, figure, progress. */
import { describe, expect, test } from 'vitest';
import type { Collected } from './collector.ts';
import { type Reported, report } from './data-items.ts';
import { exponentialBounds, Histogram } from './histogram.ts';
import { SuiteText } from './schema/fields.ts';
import { readTestCases, resolveWorkload } from './schema/test-case.ts';

const suite = (workload: string) => `- name: Case
  workloadTemplate: [{opcode: createPods, count: 1, collectMetrics: true}]
  workloads: [{name: w, ${workload}}]`;

/** A hundred pods in each of three seconds, from 10.5 s on; the collection starts at 10 s and ends at 20 s. */
const COLLECTED: Collected = {
  name: 'namespace-2',
  startMs: 10_000,
  stopMs: 20_000,
  bindings: Array.from({ length: 300 }, (_, i) => ({
    atMs: 10_500 + Math.floor(i / 100) * 1000,
    scheduled: i + 1,
    attempts: i + 2,
    active: 7,
    backoff: 6,
    unschedulable: 5,
    gated: 4,
  })),
  heap: [
    { atMs: 10_000, megabytes: 100 },
    { atMs: 16_000, megabytes: 130 },
  ],
  cpuSeconds: 3,
  busySeconds: 2,
};

function reportOf(workload: string, topic = 'misc'): Reported {
  const [testCase] = readTestCases(new SuiteText(suite(workload), 'suite.yaml'));
  const histogram = () => new Histogram(exponentialBounds(0.001, 2, 15));
  const attempts = { scheduled: histogram(), unschedulable: histogram(), error: histogram() };
  attempts.scheduled.observe(0.0005);
  const resolved = resolveWorkload(testCase!, testCase!.workloads[0]!);
  return report(COLLECTED, { resolved, topic, attempts, intervalMs: 1000 });
}

const itemOf = ({ items }: Reported, metric: string) => items.find(({ labels }) => labels.Metric === metric)!;

describe('a collection', () => {
  test('gives the items that upstream gives', () => {
    const { items } = reportOf('threshold: 0');
    const name = 'BenchmarkPerfScheduling/Case/w/namespace-2';
    expect(items).toEqual([
      {
        data: { Average: 100, Perc50: 100, Perc90: 100, Perc95: 100, Perc99: 100 },
        unit: 'pods/s',
        labels: { Name: name, Metric: 'SchedulingThroughput' },
      },
      {
        data: {
          Average: 0.5,
          Perc50: 0.5,
          Perc90: expect.closeTo(0.9, 9),
          Perc95: expect.closeTo(0.95, 9),
          Perc99: expect.closeTo(0.99, 9),
        },
        unit: 'ms',
        labels: { Name: name, Metric: 'scheduler_scheduling_attempt_duration_seconds', result: 'scheduled' },
      },
      {
        data: { Average: 115, Perc50: 100, Perc90: 130, Perc95: 130, Perc99: 130, Max: 130 },
        unit: 'MB',
        labels: { Name: name, Metric: 'heap_memory_usage' },
      },
      { data: { GrowthRate: 300 }, unit: 'MB/min', labels: { Name: name, Metric: 'memory_growth_rate' } },
      { data: { Duration: 10 }, unit: 's', labels: { Name: name, Metric: 'SchedulingDuration' } },
    ]);
  });

  test('and figures beside them', () => {
    expect(reportOf('threshold: 0').figure).toMatchObject({
      pods: 300,
      seconds: 2.5,
      busySeconds: 2,
      podsPerSecond: 120,
      podsPerCpuSecond: 100,
      samples: 2,
      intervalMs: 1000,
    });
  });

  test('and a row per sample', () => {
    const counts = { activePods: 7, backoffPods: 6, unschedulable: 5, gatedPods: 4 };
    expect(reportOf('threshold: 0').progress).toEqual([
      { seconds: 1, completed: 200, attempts: 201, observedTotal: 200, observedRate: 100, ...counts },
      { seconds: 2, completed: 300, attempts: 301, observedTotal: 300, observedRate: 100, ...counts },
    ]);
  });
});

describe('thresholds', () => {
  test.each([
    ['threshold: 99', true, 99],
    // A value at the threshold does not pass.
    ['threshold: 100', false, 100],
    ['threshold: {misc: 50, other: 500}', true, 50],
    [
      'threshold: 0.9, thresholdMetricSelector: {name: SchedulingThroughput, dataBucket: Perc99, expectLower: true}',
      false,
      0.9,
    ],
  ])('%s: %s', (workload, passed, threshold) => {
    const reported = reportOf(workload);
    expect(reported.figure).toMatchObject({ passed, threshold, value: 100 });
    const bucket = reported.figure.bucket;
    expect(itemOf(reported, 'SchedulingThroughput').data).toMatchObject({ [`${bucket}Threshold`]: threshold });
  });

  test.each(['threshold: 0', 'threshold: {other: 500}'])('%s: none', (workload) => {
    const reported = reportOf(workload);
    expect(reported.figure.passed).toBeUndefined();
    expect(itemOf(reported, 'SchedulingThroughput').data).not.toHaveProperty('AverageThreshold');
  });

  test('on a metric with labels', () => {
    const selector = (result: string) =>
      `threshold: 1, thresholdMetricSelector: {name: scheduler_scheduling_attempt_duration_seconds, dataBucket: Perc50, labels: {result: ${result}}, expectLower: true}`;
    expect(reportOf(selector('scheduled')).figure).toMatchObject({ value: 0.5, unit: 'ms', passed: true });
    // Nothing was unschedulable, so there is nothing to judge.
    expect(reportOf(selector('unschedulable')).figure.passed).toBeUndefined();
  });

  test('a bucket that the metric does not have is missed', () => {
    const selector = 'thresholdMetricSelector: {name: SchedulingThroughput, dataBucket: Median}';
    expect(reportOf(`threshold: 1, ${selector}`).figure).toMatchObject({ value: undefined, passed: false });
  });
});
