/** Configurations side by side: for each metric the mean and the standard deviation over the runs of a configuration. */
import { placedShare } from './placed-share.ts';
import type { CellSummary, ClusterState, StartedSummary, TimedSummary } from './records.ts';

export interface Metric {
  /** Name in data formats, unit included. */
  readonly name: string;
  /** Title and unit for people. */
  readonly title: string;
  readonly unit: string;
  /** What to multiply with for people (100 for a share shown in %), and how many decimals that deserves. */
  readonly scale: number;
  readonly digits: number;
  value(summary: CellSummary): number | undefined;
}

/** The most important first: a narrow terminal drops from the end. Figures at the end tell little where pods come and go. */
export const METRICS: readonly Metric[] = [
  share('placed_share', 'placed', placedShare),
  seconds('p99_wait_seconds', 'wait p99', (timed) => timed.p99WaitSeconds),
  seconds('mean_wait_seconds', 'wait mean', (timed) => timed.meanWaitSeconds),
  start('p99_start_seconds', 'start p99', (row) => row.p99StartSeconds),
  start('mean_start_seconds', 'start mean', (row) => row.meanStartSeconds),
  { ...seconds('max_wait_seconds', 'wait max', (timed) => timed.maxWaitSeconds), digits: 1 },
  share('mean_gpu_allocated_share', 'gpu alloc', ({ timed }) => timed?.meanGpuAllocatedShare),
  share('mean_gpu_unusable_share', 'gpu unusable', ({ timed }) => timed?.meanGpuUnusableShare),
  share('mean_cpu_allocated_share', 'cpu alloc', ({ timed }) => timed?.meanCpuAllocatedShare),
  share('gpu_allocated_share', 'gpu alloc', atEnd('gpuAllocatedShare')),
  share('gpu_unusable_share', 'gpu unusable', atEnd('gpuUnusableShare')),
  share('cpu_allocated_share', 'cpu alloc', atEnd('cpuAllocatedShare')),
  share('cpu_imbalance_stddev', 'cpu imbalance', atEnd('cpuImbalance')),
  {
    name: 'wall_decisions_per_second',
    title: 'decisions',
    unit: 'per s',
    scale: 1,
    digits: 0,
    value: (cell) => cell.decisions / cell.wallSeconds,
  },
  count('evicted_pods', 'evicted', 'pods', (cell) => cell.evictedPods),
  count('pending_pods', 'never bound', 'pods', (cell) => (cell.timed === undefined ? undefined : cell.pendingPods)),
  { ...seconds('makespan_seconds', 'makespan', (timed) => timed.makespanSeconds), digits: 0 },
  count('used_nodes', 'nodes used', '', atEnd('nodesUsed')),
  share('memory_allocated_share', 'memory alloc', atEnd('memoryAllocatedShare')),
];

function share(name: string, title: string, value: Metric['value']): Metric {
  return { name, title, unit: '%', scale: 100, digits: 1, value };
}

function count(name: string, title: string, unit: string, value: Metric['value']): Metric {
  return { name, title, unit, scale: 1, digits: 0, value };
}

function seconds(name: string, title: string, value: (timed: TimedSummary) => number | undefined): Metric {
  return { name, title, unit: 's', scale: 1, digits: 2, value: ({ timed }) => timed && value(timed) };
}

function start(name: string, title: string, value: (row: StartedSummary) => number | undefined): Metric {
  return { name, title, unit: 's', scale: 1, digits: 2, value: ({ started }) => started && value(started) };
}

function atEnd(field: keyof ClusterState): Metric['value'] {
  return (cell) => (cell.timed === undefined ? cell[field] : undefined);
}

export interface Estimate {
  readonly mean: number;
  /** Sample standard deviation; undefined for a single run. */
  readonly standardDeviation: number | undefined;
  readonly runs: number;
}

export interface ComparedProfile {
  readonly profile: string;
  /** Runs that finished. */
  readonly runs: number;
  /** By metric name; a metric that does not exist for the workload is absent. */
  readonly estimates: ReadonlyMap<string, Estimate>;
}

export interface Comparison {
  /** The metrics that at least one run has. */
  readonly metrics: readonly Metric[];
  readonly profiles: readonly ComparedProfile[];
  /** Configurations whose every run placed every pod as the same-seed run of an earlier configuration did. */
  readonly equalDecisions: ReadonlyArray<{ readonly profile: string; readonly as: string }>;
}

/** @param profiles Names in the order in which they are shown. */
export function compareProfiles(profiles: readonly string[], summaries: readonly CellSummary[]): Comparison {
  const byProfile = new Map(profiles.map((profile) => [profile, summaries.filter((cell) => cell.profile === profile)]));
  const compared = [...byProfile].map(([profile, cells]) => ({
    profile,
    runs: cells.length,
    estimates: new Map(
      METRICS.flatMap((metric) => {
        const values = cells.map((cell) => metric.value(cell)).filter((value) => value !== undefined);
        return values.length === 0 ? [] : [[metric.name, estimate(values)] as const];
      }),
    ),
  }));
  return {
    metrics: METRICS.filter((metric) => compared.some(({ estimates }) => estimates.has(metric.name))),
    profiles: compared,
    equalDecisions: equalDecisions([...byProfile]),
  };
}

function estimate(values: readonly number[]): Estimate {
  const runs = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / runs;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, standardDeviation: runs > 1 ? Math.sqrt(squares / (runs - 1)) : undefined, runs };
}

function equalDecisions(
  profiles: ReadonlyArray<readonly [string, readonly CellSummary[]]>,
): Comparison['equalDecisions'] {
  const firstWith = new Map<string, string>();
  const equal: Array<{ profile: string; as: string }> = [];
  for (const [profile, cells] of profiles) {
    if (cells.length === 0) continue;
    const fingerprint = cells
      .map(({ seed, tieSeed = '', repeat = 1, placementDigest }) => `${seed}.${tieSeed}.${repeat}:${placementDigest}`)
      .sort()
      .join(' ');
    const as = firstWith.get(fingerprint);
    if (as === undefined) firstWith.set(fingerprint, profile);
    else equal.push({ profile, as });
  }
  return equal;
}
