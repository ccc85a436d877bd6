/** The three tables in the published format. */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { printedValue, type Row } from './compare.ts';
import { LOAD_COLUMNS } from './curves.ts';
import { MEASURE_NAMES, tableName } from './published.ts';
import { TUNING } from './run-seed.ts';

/** Returns the paths written. */
export function writeTables(dir: string, rows: readonly Row[]): string[] {
  mkdirSync(dir, { recursive: true });
  const sorted = [...rows].sort((a, b) => order(a.list, b.list) || order(a.policy, b.policy) || a.seed - b.seed);
  const loads = Array.from({ length: LOAD_COLUMNS }, (_, load) => load);
  return MEASURE_NAMES.map((measure) => {
    const extra = measure === 'allocation' ? ['total_gpus'] : [];
    const lines = [['workload', 'sc_policy', 'tune', 'seed', ...extra, ...loads].join(',')];
    for (const { list, policy, seed, gpus, curves } of sorted) {
      const head = [`openb_pod_list_${list}`, policy, TUNING, seed, ...(extra.length > 0 ? [gpus] : [])];
      lines.push([...head, ...Array.from(curves[measure], printedValue)].join(','));
    }
    const file = path.join(dir, tableName(measure));
    const temporary = `${file}.tmp`;
    writeFileSync(temporary, `${lines.join('\n')}\n`);
    renameSync(temporary, file);
    return file;
  });
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
