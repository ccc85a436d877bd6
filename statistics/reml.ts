/**
 * Restricted maximum likelihood for the layouts of a comparison. Balanced layouts fall into strata with one expected mean
 * square each, so the maximum is a pooling of mean squares that are out of order; one way with unequal groups is a search
 * over one ratio.
 */
import { mean } from './descriptive.ts';
import type { Cells } from './variance-components.ts';
import { crossed, nested, oneWay } from './variance-components.ts';

export interface RemlFit {
  /** By component: `config`, `trace`, `interaction`, `tieBreak` (the residual). */
  readonly components: Readonly<Record<string, number>>;
  readonly logLikelihood: number;
  /** A component sits at zero: not distinguishable from none. */
  readonly singular: boolean;
  /** The first is the mean of the first configuration (or of all), then differences from it. */
  readonly fixed: readonly number[];
  readonly fixedStandardErrors: readonly number[];
}

interface Stratum {
  readonly meanSquare: number;
  readonly df: number;
}

/** Expected mean squares, residual first, none below the one before: pool adjacent violators. */
function pooled(strata: readonly Stratum[]): number[] {
  const blocks: Array<{ squares: number; df: number; size: number }> = [];
  for (const { meanSquare, df } of strata) {
    let block = { squares: meanSquare * df, df, size: 1 };
    for (;;) {
      const before = blocks.at(-1);
      if (before === undefined || before.squares / before.df < block.squares / block.df) break;
      blocks.pop();
      block = { squares: before.squares + block.squares, df: before.df + block.df, size: before.size + block.size };
    }
    blocks.push(block);
  }
  return blocks.flatMap(({ squares, df, size }) => new Array<number>(size).fill(squares / df));
}

function logLikelihoodOf(strata: readonly Stratum[], expected: readonly number[], logFixed: number): number {
  let twice = logFixed;
  for (const [index, { meanSquare, df }] of strata.entries()) {
    const value = expected[index] as number;
    twice += df * (Math.log(2 * Math.PI) + Math.log(value)) + (df * meanSquare) / value;
  }
  return -twice / 2;
}

/** y ~ configuration + (1 | trace) + (1 | trace : configuration). */
export function remlCrossed(cells: Cells): RemlFit {
  const [a, b, c] = sizes(cells);
  const { msTieBreak, msInteraction, msTrace } = crossed(cells);
  const strata = [
    { meanSquare: msTieBreak, df: a * b * (c - 1) },
    { meanSquare: msInteraction, df: (a - 1) * (b - 1) },
    { meanSquare: msTrace, df: b - 1 },
  ];
  const expected = pooled(strata) as [number, number, number];
  const [residual, withInteraction, withTrace] = expected;
  const interaction = (withInteraction - residual) / c;
  const trace = (withTrace - withInteraction) / (a * c);
  return {
    components: { tieBreak: residual, interaction, trace },
    singular: interaction <= 0 || trace <= 0,
    logLikelihood: logLikelihoodOf(strata, expected, a * Math.log(b * c)),
    ...fixedOf(cells, (withTrace + (a - 1) * withInteraction) / a, withInteraction),
  };
}

/** y ~ configuration + (1 | trace), every configuration with traces of its own. */
export function remlNestedFixed(cells: Cells): RemlFit {
  const [a, b, c] = sizes(cells);
  const { msTieBreak, msTrace } = nested(cells);
  const strata = [
    { meanSquare: msTieBreak, df: a * b * (c - 1) },
    { meanSquare: msTrace, df: a * (b - 1) },
  ];
  const expected = pooled(strata) as [number, number];
  const [residual, withTrace] = expected;
  const trace = (withTrace - residual) / c;
  return {
    components: { tieBreak: residual, trace },
    singular: trace <= 0,
    logLikelihood: logLikelihoodOf(strata, expected, a * Math.log(b * c)),
    ...fixedOf(cells, withTrace, withTrace),
  };
}

/** y ~ 1 + (1 | configuration) + (1 | trace), traces nested in configurations. */
export function remlNested(cells: Cells): RemlFit {
  const [a, b, c] = sizes(cells);
  const { msTieBreak, msTrace, msConfig } = nested(cells);
  const strata = [
    { meanSquare: msTieBreak, df: a * b * (c - 1) },
    { meanSquare: msTrace, df: a * (b - 1) },
    { meanSquare: msConfig, df: a - 1 },
  ];
  const expected = pooled(strata) as [number, number, number];
  const [residual, withTrace, withConfig] = expected;
  const trace = (withTrace - residual) / c;
  const config = (withConfig - withTrace) / (b * c);
  return {
    components: { tieBreak: residual, trace, config },
    singular: trace <= 0 || config <= 0,
    logLikelihood: logLikelihoodOf(strata, expected, Math.log(a * b * c)),
    fixed: [mean(cells.flat(2))],
    fixedStandardErrors: [Math.sqrt(withConfig / (a * b * c))],
  };
}

const sizes = (cells: Cells): [number, number, number] => [
  cells.length,
  cells[0]?.length ?? 0,
  cells[0]?.[0]?.length ?? 0,
];

/** Means of the configurations, with the expected mean squares that a mean and a difference of two vary by. */
function fixedOf(cells: Cells, ofMean: number, ofDifference: number): Pick<RemlFit, 'fixed' | 'fixedStandardErrors'> {
  const [, b, c] = sizes(cells);
  const means = cells.map((traces) => mean(traces.flat()));
  const first = means[0] as number;
  return {
    fixed: means.map((value, index) => (index === 0 ? value : value - first)),
    fixedStandardErrors: means.map((_, index) => Math.sqrt((index === 0 ? ofMean : 2 * ofDifference) / (b * c))),
  };
}

/** y ~ 1 + (1 | group), groups of any size. */
export function remlOneWay(groups: ReadonlyArray<readonly number[]>): RemlFit {
  const { msWithin, dfWithin } = oneWay(groups);
  const within = msWithin * dfWithin;
  const sizesOf = groups.map((group) => group.length);
  const means = groups.map(mean);
  const n = sizesOf.reduce((sum, size) => sum + size, 0);
  const at = (ratio: number) => {
    const weights = sizesOf.map((size) => size / (1 + ratio * size));
    const weight = weights.reduce((sum, value) => sum + value, 0);
    const middle = weights.reduce((sum, value, i) => sum + value * (means[i] as number), 0) / weight;
    const between = weights.reduce((sum, value, i) => sum + value * ((means[i] as number) - middle) ** 2, 0);
    const residual = (within + between) / (n - 1);
    const logs = sizesOf.reduce((sum, size) => sum + Math.log(1 + ratio * size), 0);
    const twice = (n - 1) * (Math.log(2 * Math.PI * residual) + 1) + logs + Math.log(weight);
    return { logLikelihood: -twice / 2, residual, middle, error: Math.sqrt(residual / weight) };
  };
  const ratio = highest((logRatio) => at(Math.exp(logRatio)).logLikelihood);
  const best = at(ratio).logLikelihood > at(0).logLikelihood ? ratio : 0;
  const { logLikelihood, residual, middle, error } = at(best);
  return {
    components: { tieBreak: residual, config: best * residual },
    logLikelihood,
    singular: best === 0,
    fixed: [middle],
    fixedStandardErrors: [error],
  };
}

/** Golden section over the logarithm of the ratio. */
function highest(f: (logRatio: number) => number): number {
  const golden = (Math.sqrt(5) - 1) / 2;
  let low = -25;
  let high = 15;
  for (let i = 0; i < 120; i++) {
    const left = high - golden * (high - low);
    const right = low + golden * (high - low);
    if (f(left) < f(right)) low = left;
    else high = right;
  }
  return Math.exp((low + high) / 2);
}
