/** What `berth bench` prints: a line per cell, how cost grows with the cluster, and the comparison with an earlier run. */
import { InputError } from '../../api/index.ts';
import type { BenchRow, MeasuredRow } from './sweep.ts';

const COLUMNS = [
  ['workload', 38],
  ['nodes', 9],
  ['engine', 10],
  ['pods/CPU s', 12],
  ['± %', 6],
  ['us/pod', 10],
  ['CPU s', 8],
  ['wall s', 8],
  ['pods', 9],
  ['B/node', 8],
  ['ratio', 9],
] as const;

/** The first and third columns are text, the others numbers. */
const line = (cells: readonly string[]): string =>
  cells.map((cell, i) => (i === 0 || i === 2 ? cell.padEnd(COLUMNS[i]![1]) : cell.padStart(COLUMNS[i]![1]))).join(' ');

export const headLine = (): string => line(COLUMNS.map(([title]) => title));

export function rowLine(row: MeasuredRow): string {
  const { podsPerCpuSecond, ratioToReference, spread } = row;
  return line([
    row.workload,
    row.nodes.toLocaleString('en-US'),
    row.engine,
    short(podsPerCpuSecond),
    (spread * 100).toFixed(0),
    (1e6 / podsPerCpuSecond).toFixed(1),
    row.cpuSeconds.toFixed(2),
    row.wallSeconds.toFixed(2),
    row.pods.toLocaleString('en-US'),
    String(row.bytesPerNode),
    ratioToReference === null ? '-' : `${short(ratioToReference)}x`,
  ]);
}

const short = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toPrecision(3);

/** Time per pod grows as nodes to this power; a line per workload and engine that has two sizes or more. */
export function exponentLines(rows: readonly BenchRow[]): string[] {
  return groups(rows).flatMap((ofOne) => {
    if (ofOne.length < 2) return [];
    const points = ofOne.map(({ nodes, podsPerCpuSecond }) => [Math.log(nodes), -Math.log(podsPerCpuSecond)] as const);
    const mean = (index: 0 | 1) => points.reduce((sum, point) => sum + point[index], 0) / points.length;
    const [x, y] = [mean(0), mean(1)];
    const slope =
      points.reduce((sum, p) => sum + (p[0] - x) * (p[1] - y), 0) / points.reduce((sum, p) => sum + (p[0] - x) ** 2, 0);
    return [`${ofOne[0]!.workload.padEnd(38)} ${ofOne[0]!.engine.padEnd(10)} N^${slope.toFixed(2)}`];
  });
}

function groups(rows: readonly BenchRow[]): BenchRow[][] {
  const byKey = new Map<string, BenchRow[]>();
  for (const row of rows) {
    const key = `${row.workload}|${row.engine}`;
    byKey.set(key, [...(byKey.get(key) ?? []), row]);
  }
  return [...byKey.values()];
}

/** Old against new, cell by cell. A difference within the spread of the new run is none. */
export function comparisonLines(before: readonly BenchRow[], after: readonly MeasuredRow[]): string[] {
  const lines: string[] = [];
  for (const row of after) {
    const old = before.find(
      (one) => one.workload === row.workload && one.nodes === row.nodes && one.engine === row.engine,
    );
    if (old === undefined) continue;
    const change = row.podsPerCpuSecond / old.podsPerCpuSecond - 1;
    const verdict = Math.abs(change) <= 2 * row.spread ? '~' : `${change > 0 ? '+' : ''}${(change * 100).toFixed(1)} %`;
    const rates = `${short(old.podsPerCpuSecond).padStart(12)} ${short(row.podsPerCpuSecond).padStart(12)}`;
    lines.push(
      `${row.workload.padEnd(38)} ${row.nodes.toLocaleString('en-US').padStart(9)} ${row.engine.padEnd(10)} ${rates} ${verdict.padStart(9)}`,
    );
  }
  return lines;
}

export const jsonOf = (rows: readonly MeasuredRow[]): string =>
  `${JSON.stringify(
    rows.map(({ spread: _, ...row }): BenchRow => row),
    null,
    2,
  )}\n`;

export function csvOf(rows: readonly MeasuredRow[]): string {
  const names = [
    'workload',
    'nodes',
    'engine',
    'pods',
    'cpuSeconds',
    'wallSeconds',
    'podsPerCpuSecond',
    'ratioToReference',
    'bytesPerNode',
  ] as const;
  const cell = (value: string | number | null): string =>
    value === null ? '' : typeof value === 'string' && value.includes(',') ? `"${value}"` : String(value);
  return [names.join(','), ...rows.map((row) => names.map((name) => cell(row[name])).join(','))]
    .map((text) => `${text}\r\n`)
    .join('');
}

/** Throws InputError for a text that is no output of `--json`. */
export function readBaseline(text: string, file: string): BenchRow[] {
  let rows: unknown;
  try {
    rows = JSON.parse(text);
  } catch (error) {
    throw new InputError(`${file}: not JSON: ${(error as Error).message}`);
  }
  const isRow = (row: unknown): row is BenchRow =>
    typeof row === 'object' &&
    row !== null &&
    typeof (row as BenchRow).workload === 'string' &&
    (row as BenchRow).podsPerCpuSecond > 0;
  if (!Array.isArray(rows) || !rows.every(isRow))
    throw new InputError(`${file}: not a file that \`berth bench --json\` wrote`);
  return rows;
}
