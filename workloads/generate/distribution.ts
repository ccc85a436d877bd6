/** Distributions of lifetimes, sizes and gaps: what a file says of one, and draws from it. */
import { randomExponential, randomLogNormal, randomPareto, randomWeibull } from 'd3-random';
import type { Uniform } from './random-stream.ts';

export type Distribution = (
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'uniform'; readonly from: number; readonly to: number }
  | { readonly kind: 'exponential'; readonly mean: number }
  | { readonly kind: 'lognormal'; readonly mu: number; readonly sigma: number }
  | { readonly kind: 'weibull'; readonly shape: number; readonly scale: number }
  /** The smallest value is `scale`; the tail falls with the power -alpha. */
  | { readonly kind: 'pareto'; readonly alpha: number; readonly scale: number }
  | { readonly kind: 'hyperExponential'; readonly weights: readonly number[]; readonly means: readonly number[] }
  | { readonly kind: 'table'; readonly values: readonly number[]; readonly weights: readonly number[] }
  /** Empirical: values at shares of the population, ascending, with straight lines between their logarithms. */
  | { readonly kind: 'quantiles'; readonly shares: readonly number[]; readonly values: readonly number[] }
) & {
  /** What lies outside is moved to the bound. */
  readonly min?: number;
  readonly max?: number;
};

export type Draw = () => number;

export function drawsOf(distribution: Distribution, uniform: Uniform): Draw {
  const draw = unbounded(distribution, uniform);
  const { min = 0, max = Number.POSITIVE_INFINITY } = distribution;
  return () => Math.min(max, Math.max(min, draw()));
}

/** Whole numbers of at least 1. */
export function countsOf(distribution: Distribution, uniform: Uniform): Draw {
  const draw = drawsOf(distribution, uniform);
  return () => Math.max(1, Math.round(draw()));
}

function unbounded(distribution: Distribution, uniform: Uniform): Draw {
  switch (distribution.kind) {
    case 'constant':
      return () => distribution.value;
    case 'uniform': {
      const { from, to } = distribution;
      return () => from + (to - from) * uniform();
    }
    case 'exponential':
      return randomExponential.source(uniform)(1 / distribution.mean);
    case 'lognormal':
      return randomLogNormal.source(uniform)(distribution.mu, distribution.sigma);
    case 'weibull':
      return randomWeibull.source(uniform)(distribution.shape, 0, distribution.scale);
    case 'pareto': {
      const { alpha, scale } = distribution;
      const draw = randomPareto.source(uniform)(alpha);
      return () => scale * draw();
    }
    case 'hyperExponential': {
      const phases = distribution.means.map((mean) => randomExponential.source(uniform)(1 / mean));
      const phase = chooser(distribution.weights, uniform);
      return () => phases[phase()]!();
    }
    case 'table': {
      const { values } = distribution;
      const row = chooser(distribution.weights, uniform);
      return () => values[row()]!;
    }
    case 'quantiles': {
      const { shares, values } = distribution;
      return () => quantileAt(shares, values, uniform());
    }
  }
}

/** Draws indices with probabilities in proportion to the weights. */
export function chooser(weights: readonly number[], uniform: Uniform): Draw {
  const sums = new Float64Array(weights.length);
  let sum = 0;
  for (let i = 0; i < sums.length; i++) {
    sum += weights[i]!;
    sums[i] = sum;
  }
  return () => firstAbove(sums, uniform() * sum);
}

function firstAbove(ascending: ArrayLike<number>, value: number): number {
  let low = 0;
  let high = ascending.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle]! > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

function quantileAt(shares: readonly number[], values: readonly number[], share: number): number {
  const last = shares.length - 1;
  if (share <= shares[0]!) return values[0]!;
  if (share >= shares[last]!) return values[last]!;
  const above = firstAbove(shares, share);
  const [low, high] = [values[above - 1]!, values[above]!];
  const part = (share - shares[above - 1]!) / (shares[above]! - shares[above - 1]!);
  return low > 0 ? low * (high / low) ** part : low + (high - low) * part;
}
