/** What `berth trace stats` measures of a trace's columns. */
import { parseQuantity } from '../api/index.ts';
import {
  type ArrivalStatistics,
  arrivalStatistics,
  type LifetimeStatistics,
  lifetimeStatistics,
  spearman,
} from '../statistics/index.ts';
import type { TraceColumns } from '../workloads/index.ts';

/** Pods one by one; a gang once; or whatever an owner has, once, when it first comes. */
export const UNITS = ['gang', 'pod', 'owner'] as const;
export type Unit = (typeof UNITS)[number];

export const WINDOWS_SECONDS = [60, 600, 3600, 86_400];
const SHAPES_SHOWN = 12;
const CORRELATED_MAX = 100_000;
/** So many pods at second 0, and this share of all, are a state that the trace found, not an arrival. */
const INITIAL_LEAST = 10;
const INITIAL_SHARE = 0.01;

export interface ShapeRow {
  readonly cpuMilli: number;
  readonly memoryMib: number;
  readonly gpus: number;
  readonly priority: number;
  readonly pods: number;
  readonly share: number;
}

export interface TraceStatistics {
  /** For pictures: arrivals in equal bins, and lifetimes at even ranks; ascending. */
  readonly series: { readonly binSeconds: number; readonly counts: readonly number[] };
  readonly curve: readonly number[];
  readonly unit: Unit;
  readonly pods: number;
  readonly nodes: number;
  readonly pools: readonly { readonly name: string; readonly nodes: number }[];
  readonly units: number;
  /** Units that were there when the trace began; not among the arrivals, nor among the lifetimes. */
  readonly initial: number;
  /** Units without end. */
  readonly endless: number;
  /** Units of lifetime 0; not among the lifetimes. */
  readonly instant: number;
  readonly arrivals: ArrivalStatistics | undefined;
  readonly lifetimes: LifetimeStatistics | undefined;
  readonly gangs: readonly { readonly size: number; readonly share: number }[];
  readonly shapes: readonly ShapeRow[];
  readonly distinctShapes: number;
  readonly correlations: readonly { readonly of: string; readonly and: string; readonly spearman: number }[];
}

interface Units {
  readonly rows: Int32Array;
  /** Pods in each. */
  readonly sizes: Int32Array;
}

export function traceStatistics(columns: TraceColumns, unit: Unit, clockSeconds = 0): TraceStatistics {
  const { arrivalSeconds, lifetimeSeconds } = columns;
  const units = unitsOf(columns, unit);
  const { rows } = units;
  const atZero = rows.reduce((count, row) => count + (arrivalSeconds[row] === 0 ? 1 : 0), 0);
  const initial = atZero > INITIAL_LEAST && atZero > rows.length * INITIAL_SHARE ? atZero : 0;
  const came = initial === 0 ? rows : rows.filter((row) => arrivalSeconds[row] !== 0);
  const arrivals = Float64Array.from(came, (row) => arrivalSeconds[row]!).sort();
  let endless = 0;
  let instant = 0;
  const lifetimes: number[] = [];
  // What was there at the beginning had lived already: what is left of it is no lifetime.
  for (const row of came) {
    const lifetime = lifetimeSeconds[row]!;
    if (lifetime === Number.POSITIVE_INFINITY) endless++;
    else if (lifetime === 0) instant++;
    else lifetimes.push(lifetime);
  }
  const shapes = shapeRows(columns);
  return {
    series: series(arrivals),
    curve: curve(lifetimes),
    unit,
    pods: columns.shape.length,
    nodes: columns.nodes.reduce((sum, count) => sum + count, 0),
    pools: columns.pools
      .map(({ name }, i) => ({ name, nodes: columns.nodes[i] ?? 0 }))
      .sort((a, b) => b.nodes - a.nodes),
    units: rows.length,
    initial,
    endless,
    instant,
    arrivals:
      arrivals.length < 2 || arrivals[0] === arrivals.at(-1)
        ? undefined
        : arrivalStatistics(arrivals, WINDOWS_SECONDS, clockSeconds),
    lifetimes:
      lifetimes.length < 2 || lifetimes.every((value) => value === lifetimes[0])
        ? undefined
        : lifetimeStatistics(lifetimes),
    gangs: gangShares(units),
    shapes: shapes.slice(0, SHAPES_SHOWN),
    distinctShapes: shapes.length,
    correlations: correlations(columns, units),
  };
}

const BINS_SECONDS = [60, 300, 900, 3600, 10_800, 21_600, 43_200, 86_400, 259_200, 604_800];
const BINS_MAX = 300;
const CURVE_POINTS = 200;

function series(arrivals: Float64Array): TraceStatistics['series'] {
  const first = arrivals[0] ?? 0;
  const span = (arrivals.at(-1) ?? 0) - first;
  const binSeconds = BINS_SECONDS.find((seconds) => span / seconds <= BINS_MAX) ?? 2_592_000;
  const counts = new Array<number>(Math.floor(span / binSeconds) + 1).fill(0);
  for (const second of arrivals) counts[Math.floor((second - first) / binSeconds)]!++;
  return { binSeconds, counts };
}

function curve(lifetimes: readonly number[]): number[] {
  if (lifetimes.length === 0) return [];
  const sorted = Float64Array.from(lifetimes).sort();
  return Array.from(
    { length: CURVE_POINTS },
    (_, i) => sorted[Math.floor(((i + 0.5) * sorted.length) / CURVE_POINTS)]!,
  );
}

function unitsOf({ shape, owner, gang, arrivalSeconds }: TraceColumns, unit: Unit): Units {
  const count = shape.length;
  if (unit === 'pod')
    return { rows: Int32Array.from({ length: count }, (_, i) => i), sizes: new Int32Array(count).fill(1) };
  const rows: number[] = [];
  const sizes: number[] = [];
  const unitOf = new Map<number, number>();
  for (let row = 0; row < count; row++) {
    const key = unit === 'owner' || gang[row]! > 0 ? owner[row]! : -1;
    const known = key < 0 ? undefined : unitOf.get(key);
    if (known !== undefined) {
      sizes[known]!++;
      if (arrivalSeconds[row]! < arrivalSeconds[rows[known]!]!) rows[known] = row;
      continue;
    }
    if (key >= 0) unitOf.set(key, rows.length);
    rows.push(row);
    sizes.push(1);
  }
  return { rows: Int32Array.from(rows), sizes: Int32Array.from(sizes) };
}

function gangShares({ sizes }: Units): TraceStatistics['gangs'] {
  const counts = new Map<number, number>();
  for (const size of sizes) counts.set(size, (counts.get(size) ?? 0) + 1);
  return [...counts]
    .map(([size, count]) => ({ size, share: count / sizes.length }))
    .sort((a, b) => b.share - a.share || a.size - b.size)
    .slice(0, SHAPES_SHOWN);
}

interface Size {
  readonly cpuMilli: number;
  readonly memoryMib: number;
  readonly gpus: number;
  readonly priority: number;
}

const NANO_PER_MILLI = 1_000_000n;
const NANO_PER_MIB = 1_000_000_000n * 2n ** 20n;

function sizesOf({ shapes }: TraceColumns): Size[] {
  return shapes.map(({ spec }) => {
    let cpu = 0n;
    let memory = 0n;
    let gpus = 0;
    for (const { resources } of spec.containers) {
      for (const [name, amount] of Object.entries(resources?.requests ?? {})) {
        const { nano } = parseQuantity(amount);
        if (name === 'cpu') cpu += nano;
        else if (name === 'memory') memory += nano;
        else if (name.endsWith('/gpu')) gpus += Number(nano / 1_000_000_000n);
      }
    }
    return {
      cpuMilli: Number(cpu / NANO_PER_MILLI),
      memoryMib: Number(memory / NANO_PER_MIB),
      gpus,
      priority: spec.priority ?? 0,
    };
  });
}

/** Shapes that ask for the same are one row, whatever else tells them apart. */
function shapeRows(columns: TraceColumns): ShapeRow[] {
  const sizes = sizesOf(columns);
  const pods = new Float64Array(sizes.length);
  for (const shape of columns.shape) pods[shape]!++;
  const bySize = new Map<string, Size & { pods: number }>();
  for (const [i, size] of sizes.entries()) {
    const key = `${size.cpuMilli} ${size.memoryMib} ${size.gpus} ${size.priority}`;
    const row = bySize.get(key) ?? { ...size, pods: 0 };
    row.pods += pods[i]!;
    bySize.set(key, row);
  }
  return [...bySize.values()]
    .filter((row) => row.pods > 0)
    .map((row) => ({ ...row, share: row.pods / columns.shape.length }))
    .sort((a, b) => b.pods - a.pods || a.cpuMilli - b.cpuMilli || a.memoryMib - b.memoryMib);
}

/** Spearman's, of the pairs where both change, over at most so many units at even distances. */
function correlations(columns: TraceColumns, { rows, sizes }: Units): TraceStatistics['correlations'] {
  const step = Math.max(1, Math.ceil(rows.length / CORRELATED_MAX));
  const picked = Array.from({ length: Math.ceil(rows.length / step) }, (_, i) => i * step);
  const byShape = sizesOf(columns);
  const of = (value: (row: number, unit: number) => number) => picked.map((unit) => value(rows[unit]!, unit));
  const measures: [string, number[]][] = [
    ['cpu', of((row) => byShape[columns.shape[row]!]!.cpuMilli)],
    ['memory', of((row) => byShape[columns.shape[row]!]!.memoryMib)],
    ['gpu', of((row) => byShape[columns.shape[row]!]!.gpus)],
    ['pods', of((_, unit) => sizes[unit]!)],
    ['lifetime', of((row) => columns.lifetimeSeconds[row]!)],
  ];
  const result: { of: string; and: string; spearman: number }[] = [];
  for (const [i, [a, x]] of measures.entries()) {
    for (const [b, y] of measures.slice(i + 1)) {
      const both = x.flatMap((value, at) =>
        Number.isFinite(value) && Number.isFinite(y[at]!) && y[at]! > 0 ? [[value, y[at]!] as const] : [],
      );
      const left = both.map(([value]) => value);
      const right = both.map(([, value]) => value);
      const changes = (values: number[]) => values.some((value) => value !== values[0]);
      if (both.length > 2 && changes(left) && changes(right))
        result.push({ of: a, and: b, spearman: spearman(left, right).r });
    }
  }
  return result;
}
