/** What is measured of lifetimes that span many decades: quantiles, families that fit, and how heavy the tail is. */
import { normalCdf } from './distributions.ts';
import { fitLognormal, fitWeibull, type HyperExponentialFit, type LognormalFit, type WeibullFit } from './fits.ts';
import { ksDistanceFrom } from './kolmogorov-smirnov.ts';
import { ascending, quantileSorted } from './quantile.ts';

export interface LifetimeStatistics {
  readonly count: number;
  readonly mean: number;
  /** Squared coefficient of variation; 1 for an exponential. */
  readonly scv: number;
  readonly quantiles: readonly { readonly p: number; readonly value: number }[];
  readonly lognormal: Pick<LognormalFit, 'mu' | 'sigma'> & { readonly ks: number };
  readonly weibull: Pick<WeibullFit, 'shape' | 'scale'> & { readonly ks: number };
  readonly exponential: { readonly mean: number; readonly ks: number };
  /** With two and three phases. */
  readonly hyperExponential: readonly (Pick<HyperExponentialFit, 'weights' | 'means'> & { readonly ks: number })[];
  /** Hill's tail exponent of the largest tenth and hundredth; below 1 the mean is infinite in the fitted range. */
  readonly hillTenth: number;
  readonly hillHundredth: number;
  /** Of the whole time, held by the longest hundredth. */
  readonly topShare: number;
}

export const LIFETIME_QUANTILES = [0, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1] as const;
/** Fits that look at every value many times see at most so many, taken at even ranks. */
const FIT_VALUES_MAX = 50_000;

/** @param values Above 0; at least two. */
export function lifetimeStatistics(values: Iterable<number>): LifetimeStatistics {
  const sorted = ascending(values);
  const count = sorted.length;
  let sum = 0;
  for (const value of sorted) sum += value;
  const mean = sum / count;
  let squares = 0;
  for (const value of sorted) squares += (value - mean) ** 2;
  const plain = Array.from(sorted);
  const { mu, sigma } = fitLognormal(plain);
  const { shape, scale } = fitWeibull(thinned(plain));
  const phases = [2, 3].map((number) => fitPhases(sorted, number));
  const ks = (cdf: (value: number) => number) => ksDistanceFrom(plain, cdf);
  return {
    count,
    mean,
    scv: squares / count / mean ** 2,
    quantiles: LIFETIME_QUANTILES.map((p) => ({ p, value: quantileSorted(sorted, p) })),
    lognormal: { mu, sigma, ks: ks((value) => normalCdf((Math.log(value) - mu) / sigma)) },
    weibull: { shape, scale, ks: ks((value) => 1 - Math.exp(-((value / scale) ** shape))) },
    exponential: { mean, ks: ks((value) => 1 - Math.exp(-value / mean)) },
    hyperExponential: phases.map(({ weights, means }) => ({
      weights,
      means,
      ks: ks(hyperExponentialCdf(weights, means)),
    })),
    hillTenth: hill(sorted, 0.1),
    hillHundredth: hill(sorted, 0.01),
    topShare: topShare(sorted, sum),
  };
}

function thinned(sorted: readonly number[]): readonly number[] {
  if (sorted.length <= FIT_VALUES_MAX) return sorted;
  return Array.from(
    { length: FIT_VALUES_MAX },
    (_, i) => sorted[Math.floor(((i + 0.5) * sorted.length) / FIT_VALUES_MAX)]!,
  );
}

function hyperExponentialCdf(weights: readonly number[], means: readonly number[]): (value: number) => number {
  return (value) => 1 - weights.reduce((sum, weight, k) => sum + weight * Math.exp(-value / means[k]!), 0);
}

function hill(sorted: Float64Array, share: number): number {
  const k = Math.floor(sorted.length * share);
  if (k < 1 || k >= sorted.length) return Number.NaN;
  const threshold = sorted[sorted.length - 1 - k]!;
  let sum = 0;
  for (let i = 0; i < k; i++) sum += Math.log(sorted[sorted.length - 1 - i]! / threshold);
  return k / sum;
}

function topShare(sorted: Float64Array, sum: number): number {
  const k = Math.max(1, Math.floor(sorted.length / 100));
  let top = 0;
  for (let i = 0; i < k; i++) top += sorted[sorted.length - 1 - i]!;
  return top / sum;
}

/** Values within a percent of each other count as one. */
const BINS_PER_E = 100;
const ROUNDS_MAX = 3000;
const TINY = 1e-300;

interface Binned {
  readonly values: Float64Array;
  readonly counts: Float64Array;
}

function binned(sorted: Float64Array): Binned {
  const values: number[] = [];
  const counts: number[] = [];
  let bin = Number.NaN;
  for (const value of sorted) {
    const next = Math.round(Math.log(value) * BINS_PER_E);
    if (next !== bin) {
      values.push(0);
      counts.push(0);
      bin = next;
    }
    values[values.length - 1]! += value;
    counts[counts.length - 1]!++;
  }
  return { values: Float64Array.from(values, (sum, i) => sum / counts[i]!), counts: Float64Array.from(counts) };
}

/** A mixture of exponentials by expectation and maximisation over binned values, from starts at several quantiles. */
function fitPhases(sorted: Float64Array, phases: number): HyperExponentialFit {
  const bins = binned(sorted);
  let best: HyperExponentialFit | undefined;
  for (const spread of [0.8, 0.95, 0.995]) {
    const start = Array.from({ length: phases }, (_, k) =>
      Math.max(TINY, quantileSorted(sorted, phases === 1 ? 0.5 : 0.3 + ((spread - 0.3) * k) / (phases - 1))),
    );
    const fit = climb(bins, start);
    if (best === undefined || fit.logLikelihood > best.logLikelihood + 1e-9) best = fit;
  }
  const { weights, means, logLikelihood } = best!;
  const order = means.map((_, k) => k).sort((a, b) => means[a]! - means[b]!);
  return { weights: order.map((k) => weights[k]!), means: order.map((k) => means[k]!), logLikelihood };
}

function climb({ values, counts }: Binned, start: readonly number[]): HyperExponentialFit {
  const phases = start.length;
  const means = Float64Array.from(start);
  const weights = new Float64Array(phases).fill(1 / phases);
  const densities = new Float64Array(phases);
  const total = counts.reduce((sum, count) => sum + count, 0);
  let last = Number.NEGATIVE_INFINITY;
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const shares = new Float64Array(phases);
    const moments = new Float64Array(phases);
    let logLikelihood = 0;
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!;
      let sum = 0;
      for (let k = 0; k < phases; k++) {
        densities[k] = (weights[k]! / means[k]!) * Math.exp(-value / means[k]!);
        sum += densities[k]!;
      }
      // Beyond what a double holds, the phase with the longest mean has it all.
      if (sum < TINY) {
        let longest = 0;
        for (let k = 1; k < phases; k++) if (means[k]! > means[longest]!) longest = k;
        densities.fill(0);
        densities[longest] = TINY;
        sum = TINY;
      }
      logLikelihood += counts[i]! * Math.log(sum);
      for (let k = 0; k < phases; k++) {
        const share = (counts[i]! * densities[k]!) / sum;
        shares[k]! += share;
        moments[k]! += share * value;
      }
    }
    for (let k = 0; k < phases; k++) {
      weights[k] = Math.max(TINY, shares[k]! / total);
      means[k] = Math.max(TINY, moments[k]! / Math.max(TINY, shares[k]!));
    }
    if (logLikelihood - last < 1e-9 * Math.abs(logLikelihood))
      return { weights: [...weights], means: [...means], logLikelihood };
    last = logLikelihood;
  }
  return { weights: [...weights], means: [...means], logLikelihood: last };
}
