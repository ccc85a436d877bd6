/**
 * Where the variance comes from: the configuration, the trace, what the two have together, and the luck of tie-breaks.
 * Method of moments, components cut at zero; in balanced data with none at zero this is what REML finds.
 */
import { mean } from './descriptive.ts';
import { fCdf } from './distributions.ts';

const cut = (value: number): number => Math.max(0, value);
const squares = (values: readonly number[], around: number): number =>
  values.reduce((sum, value) => sum + (value - around) ** 2, 0);

export interface OneWay {
  readonly msBetween: number;
  readonly msWithin: number;
  /** Group size, as unequal groups count together. */
  readonly n0: number;
  readonly betweenRaw: number;
  readonly between: number;
  readonly within: number;
  /** Share of the variance that is between groups. */
  readonly icc: number;
  readonly f: number;
  readonly dfBetween: number;
  readonly dfWithin: number;
  readonly p: number;
}

/** y ~ 1 + (1 | group), balanced or not. */
export function oneWay(groups: ReadonlyArray<readonly number[]>): OneWay {
  const all = groups.flat();
  const middle = mean(all);
  const dfBetween = groups.length - 1;
  const dfWithin = all.length - groups.length;
  const msBetween =
    groups.reduce((sum, group) => sum + group.length * (mean(group) - middle) ** 2, 0) / Math.max(1, dfBetween);
  const msWithin = groups.reduce((sum, group) => sum + squares(group, mean(group)), 0) / Math.max(1, dfWithin);
  const n0 =
    (all.length - groups.reduce((sum, group) => sum + group.length ** 2, 0) / all.length) / Math.max(1, dfBetween);
  const betweenRaw = n0 > 0 ? (msBetween - msWithin) / n0 : 0;
  const between = cut(betweenRaw);
  const f = msWithin > 0 ? msBetween / msWithin : 0;
  return {
    msBetween,
    msWithin,
    n0,
    betweenRaw,
    between,
    within: msWithin,
    icc: between + msWithin > 0 ? between / (between + msWithin) : 0,
    f,
    dfBetween,
    dfWithin,
    p: f > 0 && dfWithin > 0 ? fCdf(1 / f, dfWithin, dfBetween) : 1,
  };
}

/** cells[configuration][trace][tie-break seed], balanced. */
export type Cells = ReadonlyArray<ReadonlyArray<readonly number[]>>;

export interface Nested {
  readonly msConfig: number;
  readonly msTrace: number;
  readonly msTieBreak: number;
  readonly configRaw: number;
  readonly traceRaw: number;
  readonly config: number;
  readonly trace: number;
  readonly tieBreak: number;
}

/** Every configuration has traces of its own. */
export function nested(cells: Cells): Nested {
  const [a, b, c] = shapeOf(cells);
  const traceMeans = cells.map((traces) => traces.map(mean));
  const configMeans = traceMeans.map(mean);
  const msConfig = (b * c * squares(configMeans, mean(configMeans))) / (a - 1);
  const msTrace =
    (c * traceMeans.reduce((sum, means, i) => sum + squares(means, configMeans[i] as number), 0)) / (a * (b - 1));
  const msTieBreak = tieBreakSquares(cells, traceMeans) / (a * b * (c - 1));
  const configRaw = (msConfig - msTrace) / (b * c);
  const traceRaw = (msTrace - msTieBreak) / c;
  return {
    msConfig,
    msTrace,
    msTieBreak,
    configRaw,
    traceRaw,
    config: cut(configRaw),
    trace: cut(traceRaw),
    tieBreak: msTieBreak,
  };
}

export interface Crossed {
  readonly msTrace: number;
  readonly msInteraction: number;
  readonly msTieBreak: number;
  readonly trace: number;
  readonly interaction: number;
  readonly tieBreak: number;
}

/** The same traces for every configuration: the paired design. */
export function crossed(cells: Cells): Crossed {
  const [a, b, c] = shapeOf(cells);
  const cellMeans = cells.map((traces) => traces.map(mean));
  const configMeans = cellMeans.map(mean);
  const traceMeans = Array.from({ length: b }, (_, j) => mean(cellMeans.map((means) => means[j] as number)));
  const middle = mean(configMeans);
  let interactionSquares = 0;
  for (const [i, means] of cellMeans.entries()) {
    for (const [j, value] of means.entries()) {
      interactionSquares += (value - (configMeans[i] as number) - (traceMeans[j] as number) + middle) ** 2;
    }
  }
  const msTrace = (a * c * squares(traceMeans, middle)) / (b - 1);
  const msInteraction = (c * interactionSquares) / ((a - 1) * (b - 1));
  const msTieBreak = c > 1 ? tieBreakSquares(cells, cellMeans) / (a * b * (c - 1)) : 0;
  return {
    msTrace,
    msInteraction,
    msTieBreak,
    trace: cut((msTrace - msInteraction) / (a * c)),
    interaction: cut((msInteraction - msTieBreak) / c),
    tieBreak: msTieBreak,
  };
}

function tieBreakSquares(cells: Cells, means: ReadonlyArray<readonly number[]>): number {
  return cells.reduce(
    (sum, traces, i) => sum + traces.reduce((inner, values, j) => inner + squares(values, means[i]?.[j] as number), 0),
    0,
  );
}

/** Throws a RangeError where cells are missing or uneven. */
function shapeOf(cells: Cells): [number, number, number] {
  const b = cells[0]?.length ?? 0;
  const c = cells[0]?.[0]?.length ?? 0;
  const isEven = cells.every((traces) => traces.length === b && traces.every((values) => values.length === c));
  if (!isEven || c === 0) throw new RangeError('every configuration needs the same traces, each with as many runs');
  return [cells.length, b, c];
}
