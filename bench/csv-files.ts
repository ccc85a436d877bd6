/** The CSV files of a run, and the headers that they start with. */
import { csvHeader, PLACEMENT_COLUMNS, PLUGIN_COLUMNS, SUMMARY_COLUMNS, TIMESERIES_COLUMNS } from '../reports/index.ts';

export const CSV_FILES = {
  'summary.csv': csvHeader(SUMMARY_COLUMNS),
  'placements.csv': csvHeader(PLACEMENT_COLUMNS),
  'timeseries.csv': csvHeader(TIMESERIES_COLUMNS),
  'plugins.csv': csvHeader(PLUGIN_COLUMNS),
} as const;
export type CsvFile = keyof typeof CSV_FILES;
export const CSV_FILE_NAMES = Object.keys(CSV_FILES) as CsvFile[];
