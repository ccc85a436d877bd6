/** The metrics that a case collects, as far as a threshold may ask for them. */
import type { MetricSelector } from './test-case.ts';

/** Metric → label → values; no values: any. */
export type CollectedMetrics = ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>;

const ANY: readonly string[] = [];
const labels = (...names: readonly string[]): ReadonlyMap<string, readonly string[]> =>
  new Map(names.map((name) => [name, ANY]));

/** Source: `defaultMetricsCollectorConfig` in `test/integration/scheduler_perf/scheduler_perf.go`, v1.37.2. */
export const DEFAULT_METRICS: CollectedMetrics = new Map([
  ['scheduler_framework_extension_point_duration_seconds', labels('extension_point')],
  ['scheduler_scheduling_attempt_duration_seconds', new Map([['result', ['scheduled', 'unschedulable', 'error']]])],
  ['scheduler_pod_scheduling_duration_seconds', labels()],
  ['scheduler_plugin_execution_duration_seconds', labels('plugin', 'extension_point')],
  ['scheduler_queueing_hint_execution_duration_seconds', labels('plugin', 'event')],
  ['scheduler_event_handling_duration_seconds', labels('event')],
  ['scheduler_podgroup_scheduling_attempt_duration_seconds', labels('result')],
  ['scheduler_podgroup_scheduling_algorithm_duration_seconds', labels()],
]);

/** What is wrong with a selector; undefined when it can be met. */
export function checkSelector(selector: MetricSelector, metrics: CollectedMetrics): string | undefined {
  const { name, dataBucket, labels: wanted } = selector;
  if (dataBucket === '') return `dataBucket should be set for metric ${name}`;
  if (name === 'SchedulingThroughput') return undefined;
  const known = metrics.get(name);
  if (known === undefined) {
    return `the metric ${name} is targeted, but it's not collected during the test. Make sure the MetricsCollectorConfig is valid`;
  }
  const matches = Object.entries(wanted).every(([label, value]) => {
    const values = known.get(label);
    return values !== undefined && (values === ANY || values.includes(value));
  });
  return matches ? undefined : `no matching labels found for metric ${name}`;
}
