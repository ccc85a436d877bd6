/** The published tables: one row per list, policy and seed, a column per percent of arrived load. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { InputError } from '../../../api/index.ts';
import { readCsv } from '../../../workloads/index.ts';
import { type Curves, LOAD_COLUMNS } from './curves.ts';

/** Measure of a run → name in the file names. */
export const MEASURES: Readonly<Record<keyof Curves, string>> = {
  allocation: 'allo',
  fragmentation: 'frag',
  fragmentationRatio: 'frag_ratio',
};
export const MEASURE_NAMES = Object.keys(MEASURES) as ReadonlyArray<keyof Curves>;

export const tableName = (measure: keyof Curves): string => `analysis_${MEASURES[measure]}_discrete.csv`;

const FOLDERS = ['openb/expected', 'expected', 'experiments/analysis/expected_results', 'expected_results', '.'];

export const runKey = (list: string, policy: string, seed: number): string => `${list} ${policy} ${seed}`;

export interface PublishedTables {
  /** By `runKey`; the texts as printed, per load. */
  readonly rows: Readonly<Record<keyof Curves, ReadonlyMap<string, readonly string[]>>>;
  readonly lists: readonly string[];
}

/** Throws InputError where a table is missing or malformed. */
export async function readPublished(dir: string): Promise<PublishedTables> {
  const rows = {} as Record<keyof Curves, Map<string, readonly string[]>>;
  const lists = new Set<string>();
  for (const measure of MEASURE_NAMES) {
    const table = new Map<string, readonly string[]>();
    const loads = Array.from({ length: LOAD_COLUMNS }, (_, load) => String(load));
    await readCsv(findTable(dir, tableName(measure)), ['workload', 'sc_policy', 'seed', ...loads], (row) => {
      const list = row.text('workload').replace(/^openb_pod_list_/, '');
      lists.add(list);
      const seed = row.whole('seed', 0, Number.MAX_SAFE_INTEGER);
      table.set(
        runKey(list, row.text('sc_policy'), seed),
        loads.map((load) => row.text(load)),
      );
    });
    rows[measure] = table;
  }
  return { rows, lists: [...lists] };
}

function findTable(dir: string, name: string): string {
  for (const folder of FOLDERS) {
    for (const ending of ['', '.gz']) {
      const file = path.join(dir, folder, name + ending);
      if (existsSync(file)) return file;
    }
  }
  const places = FOLDERS.map((folder) => path.join(folder, name)).join(', ');
  throw new InputError(`${dir}: the published table ${name} is not there; looked for ${places}, plain and .gz`);
}
