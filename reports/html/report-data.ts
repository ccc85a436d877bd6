/** Everything that a report shows, already summed up and thinned out: pages are made of this alone. */
import type { VerdictRecord } from '../verdict-records.ts';

export interface ReportSource {
  readonly folder: string;
  readonly startedAt: string;
  readonly berth: string;
  readonly semantics: string;
  readonly host: string;
}

/** A metric of one cell. */
export interface CellMetric {
  readonly profile: string;
  readonly seed: string;
  readonly metric: string;
  readonly value: number;
}

/** Means over the seeds of a profile, at a moment. */
export interface SeriesPoint {
  readonly profile: string;
  readonly timeSeconds: number;
  readonly values: Readonly<Record<string, number>>;
}

/** Waits of the bound pods of a profile, over all seeds: `share` of them waited at most so long. */
export interface WaitQuantile {
  readonly profile: string;
  readonly share: number;
  readonly seconds: number;
}

/** How many pods were placed on a group of nodes in a span of time; the first seed. */
export interface PlacementBin {
  readonly profile: string;
  readonly nodeGroup: number;
  readonly timeSeconds: number;
  readonly pods: number;
}

export interface PluginShare {
  readonly profile: string;
  readonly plugin: string;
  readonly decidedShare: number;
  readonly microsecondsPerCall: number | undefined;
}

/** Where a configuration first decides otherwise than the base, with the same seed. */
export interface Divergence {
  readonly profile: string;
  readonly seed: string;
  readonly decisions: number;
  readonly different: number;
  readonly firstPod: string;
  readonly firstTimeSeconds: number;
  readonly baseNode: string;
  readonly node: string;
}

export interface WorkloadReport {
  readonly workload: string;
  readonly nodes: number;
  readonly pods: number;
  readonly evaluation: string;
  readonly profiles: readonly string[];
  readonly verdicts: readonly VerdictRecord[];
  readonly level: number;
  readonly cells: readonly CellMetric[];
  readonly series: readonly SeriesPoint[];
  /** Rows of timeseries.csv that `series` was made of. */
  readonly seriesRows: number;
  readonly waits: readonly WaitQuantile[];
  readonly bins: readonly PlacementBin[];
  readonly nodesPerGroup: number;
  readonly plugins: readonly PluginShare[];
  readonly divergences: readonly Divergence[];
}

export interface ReportConfig {
  readonly name: string;
  readonly text: string;
  readonly set: string;
}

export interface ReportData {
  readonly title: string;
  readonly sources: readonly ReportSource[];
  readonly workloads: readonly WorkloadReport[];
  readonly configs: readonly ReportConfig[];
  readonly inputs: ReadonlyArray<{
    readonly name: string;
    readonly description: string;
    readonly files: readonly string[];
  }>;
}
