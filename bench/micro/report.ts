/** What `berth bench` prints: a line per cell, how cost grows with the cluster, and the comparison with an earlier run. */
import { InputError } from '../../api/index.ts';
import { median, powerLaw } from '../../statistics/index.ts';
import { mannWhitneyP, relativeInterval } from './sample.ts';
import { type BenchRow, type FailedCell, spreadOf } from './sweep.ts';

interface Column {
  readonly title: string;
  readonly width: number;
  readonly isText?: boolean;
  /** Columns of the highest rank go first where the terminal is narrow. */
  readonly rank: number;
  cell(row: BenchRow): string;
}

const whole = (value: number): string => Math.round(value).toLocaleString('en-US');

const short = (value: number): string => (value >= 100 ? whole(value) : value.toPrecision(3));

const orDash = (value: number | null | undefined, shown: (value: number) => string): string =>
  value === null || value === undefined ? '-' : shown(value);

const COLUMNS: readonly Column[] = [
  { title: 'workload', width: 37, isText: true, rank: 0, cell: ({ workload }) => workload },
  { title: 'nodes', width: 9, rank: 0, cell: ({ nodes }) => whole(nodes) },
  { title: 'engine', width: 9, isText: true, rank: 0, cell: ({ engine }) => engine },
  { title: 'pods/CPU s', width: 10, rank: 0, cell: ({ podsPerCpuSecond }) => short(podsPerCpuSecond) },
  { title: '± %', width: 4, rank: 1, cell: (row) => (spreadOf(row) * 100).toFixed(0) },
  { title: 'pods/s', width: 10, rank: 5, cell: ({ pods, wallSeconds }) => short(pods / wallSeconds) },
  { title: 'us/pod', width: 8, rank: 1, cell: ({ podsPerCpuSecond }) => short(1e6 / podsPerCpuSecond) },
  { title: 'looks/pod', width: 9, rank: 2, cell: ({ evaluationsPerPod }) => orDash(evaluationsPerPod, short) },
  { title: 'CPU s', width: 6, rank: 6, cell: ({ cpuSeconds }) => cpuSeconds.toFixed(2) },
  { title: 'wall s', width: 6, rank: 7, cell: ({ wallSeconds }) => wallSeconds.toFixed(2) },
  { title: 'pods', width: 9, rank: 8, cell: ({ pods }) => whole(pods) },
  { title: 'B/node', width: 6, rank: 3, cell: ({ bytesPerNode }) => whole(bytesPerNode) },
  {
    title: 'B/node·class',
    width: 12,
    rank: 3,
    cell: ({ bytesPerNodeAndClass }) => orDash(bytesPerNodeAndClass, (value) => value.toFixed(2)),
  },
  { title: 'B/pod', width: 6, rank: 4, cell: ({ bytesPerPod }) => orDash(bytesPerPod, whole) },
  {
    title: 'ratio',
    width: 8,
    rank: 0,
    cell: ({ ratioToReference }) => orDash(ratioToReference, (value) => `${short(value)}x`),
  },
];

/** The lines of the table, as wide as the terminal allows. */
export class BenchTable {
  /** What the terminal is too narrow for. */
  readonly dropped: readonly string[];
  private readonly columns: readonly Column[];

  constructor(width: number) {
    let columns = [...COLUMNS];
    const taken = () => columns.reduce((sum, column) => sum + column.width + 1, -1);
    for (let rank = 8; rank > 0 && taken() > width; rank--) columns = columns.filter((column) => column.rank < rank);
    this.columns = columns;
    this.dropped = COLUMNS.filter((column) => !columns.includes(column)).map(({ title }) => title);
  }

  head(): string {
    return this.line(({ title }) => title);
  }

  row(row: BenchRow): string {
    return this.line((column) => column.cell(row));
  }

  private line(text: (column: Column) => string): string {
    const cells = this.columns.map((column) => {
      const shown = text(column);
      return column.isText ? shown.padEnd(column.width) : shown.padStart(column.width);
    });
    return cells.join(' ').trimEnd();
  }
}

export const failureLine = ({ task: { workload, nodes, engine }, failure }: FailedCell): string =>
  `${workload.padEnd(37)} ${whole(nodes).padStart(9)} ${engine.padEnd(9)} failed: ${failure}`;

/** Time per pod grows as nodes to this power; a line per workload and engine that has two sizes or more. */
export function exponentLines(rows: readonly BenchRow[]): string[] {
  return groups(rows).flatMap((ofOne) => {
    if (ofOne.length < 2) return [];
    const { workload, engine } = ofOne[0]!;
    const sizes = ofOne.map(({ nodes }) => whole(nodes)).join(', ');
    return [`${workload.padEnd(37)} ${engine.padEnd(9)} N^${fittedExponent(ofOne).toFixed(2)}   (${sizes} nodes)`];
  });
}

/** Slope of the least-squares line through the logarithms of nodes and seconds per pod. */
export const fittedExponent = (rows: ReadonlyArray<Pick<BenchRow, 'nodes' | 'podsPerCpuSecond'>>): number =>
  powerLaw(
    rows.map(({ nodes }) => nodes),
    rows.map(({ podsPerCpuSecond }) => 1 / podsPerCpuSecond),
  ).exponent;

function groups(rows: readonly BenchRow[]): BenchRow[][] {
  const byKey = new Map<string, BenchRow[]>();
  for (const row of rows) {
    const key = `${row.workload}|${row.engine}`;
    byKey.set(key, [...(byKey.get(key) ?? []), row]);
  }
  return [...byKey.values()];
}

// --- comparison ------------------------------------------------------------------------------------------------------

const SIGNIFICANT = 0.05;

/** Old against new, cell by cell: medians with their intervals, the change, and how likely chance alone makes it. */
export function comparisonLines(before: readonly BenchRow[], after: readonly BenchRow[]): string[] {
  const lines: string[] = [];
  const ratios: number[] = [];
  for (const row of after) {
    const old = before.find(
      (one) => one.workload === row.workload && one.nodes === row.nodes && one.engine === row.engine,
    );
    if (old === undefined) continue;
    const name = `${row.workload.padEnd(37)} ${whole(row.nodes).padStart(9)} ${row.engine.padEnd(9)}`;
    lines.push(`${name} ${withInterval(old)} ${withInterval(row)} ${verdict(sampleOf(old), sampleOf(row))}`);
    ratios.push(row.podsPerCpuSecond / old.podsPerCpuSecond);
  }
  if (ratios.length > 1) {
    const mean = Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);
    lines.push(`${'geometric mean'.padEnd(93)} ${percent(mean - 1).padStart(9)}`);
  }
  return lines;
}

/** A file of an earlier version has one figure per cell. */
const sampleOf = ({ samples, podsPerCpuSecond }: BenchRow): readonly number[] => samples ?? [podsPerCpuSecond];

const withInterval = (row: BenchRow): string => {
  const sample = sampleOf(row);
  const interval = sample.length < 2 ? '' : `±${(relativeInterval(sample) * 100).toFixed(0)} %`;
  return `${short(row.podsPerCpuSecond).padStart(10)} ${interval.padEnd(6)}`;
};

const percent = (change: number): string => `${change > 0 ? '+' : ''}${(change * 100).toFixed(1)} %`;

function verdict(before: readonly number[], after: readonly number[]): string {
  const p = mannWhitneyP(before, after);
  const change = p < SIGNIFICANT ? percent(median(after) / median(before) - 1) : '~';
  return `${change.padStart(9)} (p=${p.toFixed(3)} n=${before.length}+${after.length})`;
}

// --- files -----------------------------------------------------------------------------------------------------------

export const jsonOf = (rows: readonly BenchRow[]): string => `${JSON.stringify(rows, null, 2)}\n`;

export function csvOf(rows: readonly BenchRow[]): string {
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
    'evaluationsPerPod',
    'bytesPerNodeAndClass',
    'bytesPerPod',
  ] as const;
  const cell = (value: string | number | null | undefined): string =>
    (value ?? null) === null ? '' : typeof value === 'string' && value.includes(',') ? `"${value}"` : String(value);
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
