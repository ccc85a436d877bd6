/** The attempts of one cell, read back from placements.csv. */
import path from 'node:path';
import type { CellKey } from '../../reports/index.ts';
import { CsvStream } from '../report/csv-stream.ts';

export interface Decision {
  readonly timeSeconds: number;
  readonly pod: string;
  /** '' when the attempt failed. */
  readonly node: string;
  readonly attempt: number;
  /** As `namespace/name`. */
  readonly victims: readonly string[];
}

export async function readDecisions(dir: string, cell: CellKey): Promise<Decision[]> {
  const wanted = [cell.workload, cell.profile, String(cell.seed), String(cell.tieSeed ?? ''), String(cell.repeat ?? 1)];
  const columns = ['workload', 'profile', 'seed', 'tie_seed', 'repeat'];
  const decisions: Decision[] = [];
  await new CsvStream(path.join(dir, 'placements.csv')).each((row) => {
    if (columns.some((column, i) => row.text(column) !== wanted[i])) return;
    const victims = row.text('victims');
    decisions.push({
      timeSeconds: row.number('time_seconds') ?? 0,
      pod: row.text('pod'),
      node: row.text('node'),
      attempt: row.number('attempt') ?? 1,
      victims: victims === '' ? [] : victims.split(' '),
    });
  });
  return decisions;
}
