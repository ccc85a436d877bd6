/** A comparison for programs. Shares are fractions of 1 here, whatever people are shown. */
import type { Comparison } from './comparison.ts';
import { type Column, csvHeader, csvLines } from './to-csv.ts';

interface TidyRow {
  readonly profile: string;
  readonly metric: string;
  readonly mean: number;
  readonly standardDeviation: number | undefined;
  readonly runs: number;
}

const TIDY_COLUMNS: ReadonlyArray<Column<TidyRow>> = [
  { name: 'profile', value: (row) => row.profile },
  { name: 'metric', value: (row) => row.metric },
  { name: 'mean', value: (row) => row.mean },
  { name: 'standard_deviation', value: (row) => row.standardDeviation },
  { name: 'runs', value: (row) => row.runs },
];

/** A row per configuration and metric. */
export function comparisonCsv({ profiles, metrics }: Comparison): string {
  const rows = profiles.flatMap(({ profile, estimates }) =>
    metrics.flatMap(({ name }): TidyRow[] => {
      const estimate = estimates.get(name);
      return estimate === undefined ? [] : [{ profile, metric: name, ...estimate }];
    }),
  );
  return csvHeader(TIDY_COLUMNS) + csvLines(TIDY_COLUMNS, rows);
}

export function comparisonJson({ profiles, equalDecisions }: Comparison): string {
  const document = {
    profiles: profiles.map(({ profile, runs, estimates }) => ({
      profile,
      runs,
      metrics: Object.fromEntries(estimates),
    })),
    equalDecisions,
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}
