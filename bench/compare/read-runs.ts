/** Columns to compare, read from the summary.csv of run folders: one per folder and configuration. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { InputError } from '../../api/index.ts';
import { readCsv } from '../../workloads/index.ts';
import { COMPARED_METRICS } from './metrics.ts';

/** One configuration of one run folder. */
export interface RunColumn {
  /** The configuration, with its folder where several folders are compared. */
  readonly name: string;
  /** What two columns are paired by: workload and seed. Values by metric; a metric without a value is absent. */
  readonly cells: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

/** Throws InputError where a folder holds no run, or one that did not finish a single cell. */
export async function readRuns(folders: readonly string[]): Promise<RunColumn[]> {
  const columns: RunColumn[] = [];
  for (const folder of folders) columns.push(...(await readRun(folder, folders.length > 1)));
  return columns;
}

async function readRun(folder: string, isOneOfMany: boolean): Promise<RunColumn[]> {
  const file = path.join(folder, 'summary.csv');
  if (!existsSync(file))
    throw new InputError(`${folder}: no summary.csv there; name a folder that berth run has written`);
  const byProfile = new Map<string, Map<string, Map<string, number>>>();
  await readCsv(file, ['workload', 'profile', 'seed'], (row) => {
    const profile = row.text('profile');
    const values = new Map<string, number>();
    for (const { name } of COMPARED_METRICS) {
      const text = row.has(name) ? row.text(name) : '';
      const value = Number(text);
      if (text !== '' && !Number.isFinite(value)) throw row.fail(name, `${JSON.stringify(text)} is not a number`);
      if (text !== '') values.set(name, value);
    }
    const cells = byProfile.get(profile) ?? new Map<string, Map<string, number>>();
    cells.set(`${row.text('workload')} seed ${row.text('seed')}`, values);
    byProfile.set(profile, cells);
  });
  if (byProfile.size === 0) throw new InputError(`${file}: no finished cell in it`);
  const prefix = isOneOfMany ? `${path.basename(path.resolve(folder))}:` : '';
  return [...byProfile].map(([profile, cells]) => ({ name: prefix + profile, cells }));
}
