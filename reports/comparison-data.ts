/** A comparison for programs. Shares are fractions of 1 here, whatever people are shown. */
import type { Comparison } from './comparison.ts';
import { type Column, csvHeader, csvLines } from './to-csv.ts';

/** A comparison and what it is about. */
export interface WorkloadComparison {
  readonly workload: string;
  readonly comparison: Comparison;
}

interface TidyRow {
  readonly workload: string;
  readonly profile: string;
  readonly metric: string;
  readonly mean: number;
  readonly standardDeviation: number | undefined;
  readonly runs: number;
}

const TIDY_COLUMNS: ReadonlyArray<Column<TidyRow>> = [
  { name: 'workload', value: (row) => row.workload },
  { name: 'profile', value: (row) => row.profile },
  { name: 'metric', value: (row) => row.metric },
  { name: 'mean', value: (row) => row.mean },
  { name: 'standard_deviation', value: (row) => row.standardDeviation },
  { name: 'runs', value: (row) => row.runs },
];

/** A row per workload, configuration and metric. */
export function comparisonCsv(comparisons: readonly WorkloadComparison[]): string {
  const rows = comparisons.flatMap(({ workload, comparison: { profiles, metrics } }) =>
    profiles.flatMap(({ profile, estimates }) =>
      metrics.flatMap(({ name }): TidyRow[] => {
        const estimate = estimates.get(name);
        return estimate === undefined ? [] : [{ workload, profile, metric: name, ...estimate }];
      }),
    ),
  );
  return csvHeader(TIDY_COLUMNS) + csvLines(TIDY_COLUMNS, rows);
}

export function comparisonJson(comparisons: readonly WorkloadComparison[]): string {
  const document = {
    profiles: comparisons.flatMap(({ workload, comparison }) =>
      comparison.profiles.map(({ profile, runs, estimates }) => ({
        workload,
        profile,
        runs,
        metrics: Object.fromEntries(estimates),
      })),
    ),
    equalDecisions: comparisons.flatMap(({ workload, comparison }) =>
      comparison.equalDecisions.map((equal) => ({ workload, ...equal })),
    ),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}
