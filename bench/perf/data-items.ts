/** Collections → data items and figures. Source: `test/integration/scheduler_perf/{util,scheduler_perf}.go`, v1.37.2. */
import type { DataItem, PerfFigure, ProgressRow } from '../../reports/index.ts';
import type { Collected } from './collector.ts';
import type { Histogram } from './histogram.ts';
import type { AttemptResult } from './perf-cluster.ts';
import { type MetricSelector, type ResolvedWorkload, thresholdFor } from './schema/test-case.ts';
import { chooseIntervalMs, mean, percentile, type Throughput, throughputOf } from './throughput.ts';

const ATTEMPTS = 'scheduler_scheduling_attempt_duration_seconds';
const MS_PER_SECOND = 1000;
const MS_PER_MINUTE = 60_000;

export interface Reported {
  readonly items: readonly DataItem[];
  readonly figure: PerfFigure;
  readonly progress: readonly ProgressRow[];
}

export interface ReportOptions {
  readonly resolved: ResolvedWorkload;
  readonly topic: string;
  readonly attempts: Readonly<Record<AttemptResult, Histogram>>;
  /** @default as long as gives enough samples */
  readonly intervalMs?: number;
}

export function report(collected: Collected, options: ReportOptions): Reported {
  const { testCase, workload } = options.resolved;
  const { startMs, stopMs, bindings } = collected;
  const boundMs = bindings.map(({ atMs }) => atMs);
  const intervalMs = options.intervalMs ?? chooseIntervalMs(boundMs);
  const throughput = throughputOf(startMs, stopMs, boundMs, intervalMs);
  const labels = { Name: `BenchmarkPerfScheduling/${testCase.name}/${workload.name}/${collected.name}` };
  const items: DataItem[] = [
    throughputItem(throughput, labels),
    ...(testCase.metrics.has(ATTEMPTS) ? attemptItems(options.attempts, labels) : []),
    ...heapItems(collected, labels),
    {
      data: { Duration: (stopMs - startMs) / MS_PER_SECOND },
      unit: 's',
      labels: { ...labels, Metric: 'SchedulingDuration' },
    },
  ];
  const threshold = thresholdFor(workload.threshold, options.topic);
  const judged = threshold === 0 ? items : items.map((item) => withThreshold(item, threshold, workload.selector));
  const figure = figureOf(collected, throughput, judged, { intervalMs, threshold, selector: workload.selector });
  return { items: judged, figure, progress: progressRows(collected, throughput) };
}

// --- items -----------------------------------------------------------------------------------------------------------

type Labels = Readonly<Record<string, string>>;

const percentiles = (sorted: readonly number[]): Record<string, number> => ({
  Average: mean(sorted),
  Perc50: percentile(sorted, 50),
  Perc90: percentile(sorted, 90),
  Perc95: percentile(sorted, 95),
  Perc99: percentile(sorted, 99),
});

function throughputItem({ rates }: Throughput, labels: Labels): DataItem {
  if (rates.length === 0) return { data: null, unit: '', labels };
  return { data: percentiles(rates), unit: 'pods/s', labels: { ...labels, Metric: 'SchedulingThroughput' } };
}

/** Of all attempts since the workload began, as upstream's are. */
function attemptItems(attempts: ReportOptions['attempts'], labels: Labels): DataItem[] {
  return (['scheduled', 'unschedulable', 'error'] as const)
    .filter((result) => attempts[result].count > 0)
    .map((result) => {
      const histogram = attempts[result];
      const at = (share: number): number => histogram.quantile(share) * MS_PER_SECOND;
      const average = histogram.average * MS_PER_SECOND;
      const data = { Average: average, Perc50: at(0.5), Perc90: at(0.9), Perc95: at(0.95), Perc99: at(0.99) };
      return { data, unit: 'ms', labels: { ...labels, Metric: ATTEMPTS, result } };
    });
}

function heapItems({ heap }: Collected, labels: Labels): DataItem[] {
  const [first, last] = [heap[0]!, heap.at(-1)!];
  const sorted = heap.map(({ megabytes }) => megabytes).sort((a, b) => a - b);
  const minutes = (last.atMs - first.atMs) / MS_PER_MINUTE;
  const growth = minutes > 0 ? (last.megabytes - first.megabytes) / minutes : 0;
  return [
    {
      data: { ...percentiles(sorted), Max: sorted.at(-1)! },
      unit: 'MB',
      labels: { ...labels, Metric: 'heap_memory_usage' },
    },
    { data: { GrowthRate: growth }, unit: 'MB/min', labels: { ...labels, Metric: 'memory_growth_rate' } },
  ];
}

// --- thresholds ------------------------------------------------------------------------------------------------------

const isMeant = ({ labels }: DataItem, selector: MetricSelector): boolean =>
  labels.Metric === selector.name && Object.entries(selector.labels).every(([label, value]) => labels[label] === value);

function withThreshold(item: DataItem, threshold: number, selector: MetricSelector): DataItem {
  if (!isMeant(item, selector)) return item;
  return { ...item, data: { ...item.data, [`${selector.dataBucket}Threshold`]: threshold } };
}

/** A value at the threshold does not pass. */
const passes = (value: number, threshold: number, { expectLower }: MetricSelector): boolean =>
  expectLower ? value < threshold : value > threshold;

// --- figures ---------------------------------------------------------------------------------------------------------

interface Judgement {
  readonly intervalMs: number;
  readonly threshold: number;
  readonly selector: MetricSelector;
}

function figureOf(
  collected: Collected,
  { rates }: Throughput,
  items: readonly DataItem[],
  { intervalMs, threshold, selector }: Judgement,
): PerfFigure {
  const { name, startMs, bindings, busySeconds, cpuSeconds } = collected;
  const item = items.find((candidate) => isMeant(candidate, selector));
  const value = item?.data?.[selector.dataBucket];
  const pods = bindings.length;
  const seconds = pods === 0 ? 0 : (bindings.at(-1)!.atMs - startMs) / MS_PER_SECOND;
  return {
    name,
    pods,
    metric: selector.name,
    bucket: selector.dataBucket,
    value,
    unit: item?.unit ?? '',
    threshold: threshold === 0 ? undefined : threshold,
    expectLower: selector.expectLower,
    // A bucket that the metric does not have fails the workload.
    passed:
      threshold === 0 || item === undefined ? undefined : value !== undefined && passes(value, threshold, selector),
    intervalMs,
    samples: rates.length,
    seconds,
    busySeconds,
    cpuSeconds,
    podsPerSecond: seconds > 0 ? pods / seconds : undefined,
    podsPerCpuSecond: pods > 0 && cpuSeconds > 0 ? pods / cpuSeconds : undefined,
  };
}

/** A row per tick that saw further pods; the counts are those at the last binding before it. */
function progressRows({ bindings }: Collected, { startMs, progress }: Throughput): ProgressRow[] {
  return progress.map(({ atMs, total, podsPerSecond }) => {
    const { scheduled, attempts, active, backoff, unschedulable, gated } = bindings[total - 1]!;
    return {
      seconds: (atMs - startMs!) / MS_PER_SECOND,
      completed: scheduled,
      attempts,
      observedTotal: total,
      observedRate: podsPerSecond,
      activePods: active,
      backoffPods: backoff,
      unschedulable,
      gatedPods: gated,
    };
  });
}
