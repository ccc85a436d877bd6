/** Columns to compare, read from the summary.csv of run folders: one per folder and configuration. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { InputError } from '../../api/index.ts';
import { mean } from '../../statistics/index.ts';
import { readCsv } from '../../workloads/index.ts';
import { COMPARED_METRICS } from './metrics.ts';

/** One configuration of one run folder. */
export interface RunColumn {
  /** The configuration, with its folder where several folders are compared. */
  readonly name: string;
  /**
   * What two columns are paired by: workload and seed. Values by metric, averaged over the draws of ties and over repeats first,
   * since these are no runs of their own; a metric without a value is absent.
   */
  readonly cells: ReadonlyMap<string, ReadonlyMap<string, number>>;
  /** The values of each draw of ties, averaged over repeats; one where ties have no seeds of their own. */
  readonly draws: ReadonlyMap<string, ReadonlyMap<string, readonly number[]>>;
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
  const byProfile = new Map<string, Map<string, Draws>>();
  await readCsv(file, ['workload', 'profile', 'seed'], (row) => {
    const values = new Map<string, number>();
    for (const { name } of COMPARED_METRICS) {
      const text = row.has(name) ? row.text(name) : '';
      const value = Number(text);
      if (text !== '' && !Number.isFinite(value)) throw row.fail(name, `${JSON.stringify(text)} is not a number`);
      if (text !== '') values.set(name, value);
    }
    const cells = entry(byProfile, row.text('profile'), () => new Map<string, Draws>());
    const draws = entry(cells, `${row.text('workload')} seed ${row.text('seed')}`, () => new Map() as Draws);
    const repeats = entry(draws, row.has('tie_seed') ? row.text('tie_seed') : '', () => []);
    repeats.push(values);
  });
  if (byProfile.size === 0) throw new InputError(`${file}: no finished cell in it`);
  const prefix = isOneOfMany ? `${path.basename(path.resolve(folder))}:` : '';
  return [...byProfile].map(([profile, cells]) => columnOf(prefix + profile, cells));
}

/** By tie seed: the values of every repeat. */
type Draws = Map<string, Array<ReadonlyMap<string, number>>>;

function columnOf(name: string, cells: ReadonlyMap<string, Draws>): RunColumn {
  const draws = new Map<string, Map<string, number[]>>();
  for (const [key, byTieSeed] of cells) {
    const values = new Map<string, number[]>();
    for (const repeats of byTieSeed.values()) {
      for (const { name: metric } of COMPARED_METRICS) {
        const there = repeats.map((repeat) => repeat.get(metric)).filter((value) => value !== undefined);
        if (there.length > 0) entry(values, metric, () => []).push(mean(there));
      }
    }
    draws.set(key, values);
  }
  const averaged = [...draws].map(
    ([key, values]) => [key, new Map([...values].map(([metric, list]) => [metric, mean(list)]))] as const,
  );
  return { name, draws, cells: new Map(averaged) };
}

function entry<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
