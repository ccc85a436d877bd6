/**
 * Measurements in the form that Kubernetes' perf dashboard reads. Source: `DataItem` and `dataItems2JSONFile` in
 * `test/integration/scheduler_perf/util.go`, v1.37.2.
 */

export interface DataItem {
  /** Bucket → value; null when nothing could be measured. */
  readonly data: Readonly<Record<string, number>> | null;
  readonly unit: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** The scheduler at a moment of a collection. */
export interface ProgressRow {
  readonly seconds: number;
  readonly completed: number;
  readonly attempts: number;
  readonly observedTotal: number;
  readonly observedRate: number;
  readonly activePods: number;
  readonly backoffPods: number;
  readonly unschedulable: number;
  readonly gatedPods: number;
}

const NOT_APPLICABLE = 'not applicable';
const HTML_SENSITIVE = /[<>&\u2028\u2029]/g;

/** The file's content: the dashboard wants every item to have the same labels. */
export function dataItemsJson(items: readonly DataItem[]): string {
  const names = [...new Set(items.flatMap(({ labels }) => Object.keys(labels)))].sort();
  const dataItems = items.map(({ data, unit, labels }) => ({
    data: data && sorted(data),
    unit,
    labels: Object.fromEntries(names.map((name) => [name, labels[name] ?? NOT_APPLICABLE])),
  }));
  const text = JSON.stringify({ version: 'v1', dataItems: dataItems.length === 0 ? null : dataItems }, null, 2);
  return text.replace(HTML_SENSITIVE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

const sorted = (data: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(Object.entries(data).sort(([a], [b]) => (a < b ? -1 : 1)));

/** Local time, as Go's layout `2006-01-02T15:04:05Z` writes it. */
export function dataItemsTimestamp(time: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  return `${day}T${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}Z`;
}

export const dataItemsFile = (topic: string, timestamp: string): string =>
  `BenchmarkPerfScheduling_benchmark_${topic}_${timestamp}.json`;

/** The file of one workload's progress. `timestamp` is that of the start of all. */
export const progressFile = (testCase: string, workload: string, topic: string, timestamp: string): string =>
  `${`${testCase}_${workload}_${topic}_${timestamp}`.replaceAll('/', '_')}.dat`;

export function progressText(rows: readonly ProgressRow[]): string {
  const lines = rows.map((row) => {
    const queues = [row.activePods, row.backoffPods, row.unschedulable, row.gatedPods];
    const counts = [row.completed, row.attempts, row.observedTotal, row.observedRate.toFixed(6), ...queues];
    return `${row.seconds.toFixed(1)}s ${counts.join(' ')}\n`;
  });
  return lines.join('');
}
