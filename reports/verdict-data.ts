/** Verdicts for programs: a row per configuration and metric. */
import { type Column, csvHeader, csvLines } from './to-csv.ts';
import type { VerdictRecord } from './verdict-records.ts';

const COLUMNS: ReadonlyArray<Column<VerdictRecord>> = [
  { name: 'base', value: (row) => row.base },
  { name: 'other', value: (row) => row.other },
  { name: 'metric', value: (row) => row.metric },
  { name: 'primary', value: (row) => (row.isPrimary ? 1 : 0) },
  { name: 'pairs', value: (row) => row.pairs },
  { name: 'base_mean', value: (row) => row.baseMean },
  { name: 'base_stddev', value: (row) => row.baseDeviation },
  { name: 'other_mean', value: (row) => row.otherMean },
  { name: 'other_stddev', value: (row) => row.otherDeviation },
  { name: 'effect', value: (row) => row.effect },
  { name: 'effect_low', value: (row) => row.low },
  { name: 'effect_high', value: (row) => row.high },
  { name: 'effect_unit', value: (row) => row.unit },
  { name: 'threshold', value: (row) => row.threshold },
  { name: 'verdict', value: (row) => row.verdict },
  { name: 'p', value: (row) => row.p },
  { name: 'p_adjusted', value: (row) => row.pAdjusted },
  { name: 'detectable_effect', value: (row) => row.detectable },
  { name: 'pairs_needed', value: (row) => row.pairsNeeded },
];

export const verdictCsv = (records: readonly VerdictRecord[]): string =>
  csvHeader(COLUMNS) + csvLines(COLUMNS, records);

export const verdictJson = (records: readonly VerdictRecord[]): string => `${JSON.stringify(records, null, 2)}\n`;
