/** Maximum-likelihood fits of positive samples, with their log-likelihoods to compare them by. */
import { mean } from './descriptive.ts';
import { ascending, quantileSorted } from './quantile.ts';

const LN_SQRT_2PI = 0.5 * Math.log(2 * Math.PI);
const sumOf = (values: readonly number[], f: (value: number) => number): number =>
  values.reduce((sum, value) => sum + f(value), 0);

export interface LognormalFit {
  readonly mu: number;
  /** Divisor n. */
  readonly sigma: number;
  readonly logLikelihood: number;
}

export function fitLognormal(values: readonly number[]): LognormalFit {
  const logs = values.map(Math.log);
  const mu = mean(logs);
  const sigma = Math.sqrt(sumOf(logs, (log) => (log - mu) ** 2) / logs.length);
  const logLikelihood = sumOf(logs, (log) => -log - Math.log(sigma) - LN_SQRT_2PI - (log - mu) ** 2 / (2 * sigma ** 2));
  return { mu, sigma, logLikelihood };
}

export interface ExponentialFit {
  readonly rate: number;
  readonly logLikelihood: number;
}

export function fitExponential(values: readonly number[]): ExponentialFit {
  const rate = 1 / mean(values);
  return { rate, logLikelihood: values.length * (Math.log(rate) - 1) };
}

export interface WeibullFit {
  readonly shape: number;
  readonly scale: number;
  readonly logLikelihood: number;
}

/** The root of the profile equation for the shape; the scale follows. */
export function fitWeibull(values: readonly number[]): WeibullFit {
  const largest = values.reduce((top, value) => Math.max(top, value), 0);
  const logs = values.map(Math.log);
  const meanLog = mean(logs);
  const profile = (shape: number): number => {
    let weights = 0;
    let weighted = 0;
    for (const [index, value] of values.entries()) {
      const weight = (value / largest) ** shape;
      weights += weight;
      weighted += weight * (logs[index] as number);
    }
    return weighted / weights - 1 / shape - meanLog;
  };
  let low = 1e-3;
  let high = 1e3;
  for (let i = 0; i < 200 && high - low > 1e-15 * high; i++) {
    const middle = Math.sqrt(low * high);
    if (profile(middle) < 0) low = middle;
    else high = middle;
  }
  const shape = Math.sqrt(low * high);
  const scale = largest * (sumOf(values, (value) => (value / largest) ** shape) / values.length) ** (1 / shape);
  const logLikelihood = sumOf(values, (value) => {
    const relative = value / scale;
    return Math.log(shape / scale) + (shape - 1) * Math.log(relative) - relative ** shape;
  });
  return { shape, scale, logLikelihood };
}

export interface ParetoFit {
  readonly xMin: number;
  readonly alpha: number;
  readonly logLikelihood: number;
}

export function fitPareto(values: readonly number[]): ParetoFit {
  const xMin = values.reduce((low, value) => Math.min(low, value), Number.POSITIVE_INFINITY);
  const alpha = values.length / sumOf(values, (value) => Math.log(value / xMin));
  const logLikelihood = sumOf(
    values,
    (value) => Math.log(alpha) + alpha * Math.log(xMin) - (alpha + 1) * Math.log(value),
  );
  return { xMin, alpha, logLikelihood };
}

/** Hill's tail index from the k largest values. */
export function hillAlpha(values: readonly number[], k: number): number {
  const sorted = ascending(values).reverse();
  const threshold = sorted[k] as number;
  let sum = 0;
  for (let i = 0; i < k; i++) sum += Math.log((sorted[i] as number) / threshold);
  return k / sum;
}

export interface HyperExponentialFit {
  readonly weights: readonly number[];
  /** Ascending. */
  readonly means: readonly number[];
  readonly logLikelihood: number;
}

const STARTS = 6;
const MAX_ROUNDS = 20_000;
const TINY = 1e-300;

/** A mixture of exponentials, by expectation and maximisation from six starts. */
export function fitHyperExponential(values: readonly number[], phases: number): HyperExponentialFit {
  const sorted = ascending(values);
  let best: HyperExponentialFit | undefined;
  for (let start = 0; start < STARTS; start++) {
    const fit = climb(sorted, startingMeans(sorted, phases, 1 + 0.5 * start));
    if (best === undefined || fit.logLikelihood > best.logLikelihood + 1e-9) best = fit;
  }
  const found = best as HyperExponentialFit;
  const order = found.means
    .map((_, index) => index)
    .sort((a, b) => (found.means[a] as number) - (found.means[b] as number));
  return {
    weights: order.map((index) => found.weights[index] as number),
    means: order.map((index) => found.means[index] as number),
    logLikelihood: found.logLikelihood,
  };
}

/** Means of slices of the sample; `bend` above 1 makes the lower slices thinner. */
function startingMeans(sorted: Float64Array, phases: number, bend: number): number[] {
  return Array.from({ length: phases }, (_, phase) => {
    const low = quantileSorted(sorted, (phase / phases) ** bend);
    const high = quantileSorted(sorted, ((phase + 1) / phases) ** bend);
    const slice = sorted.filter((value) => value >= low && value <= high);
    return Math.max(TINY, slice.length === 0 ? (low + high) / 2 : mean([...slice]));
  });
}

function climb(values: Float64Array, start: number[]): HyperExponentialFit {
  const phases = start.length;
  const means = Float64Array.from(start);
  const weights = new Float64Array(phases).fill(1 / phases);
  const logs = new Float64Array(phases);
  let last = Number.NEGATIVE_INFINITY;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const shares = new Float64Array(phases);
    const moments = new Float64Array(phases);
    let logLikelihood = 0;
    for (const value of values) {
      let top = Number.NEGATIVE_INFINITY;
      for (let k = 0; k < phases; k++) {
        const log = Math.log(weights[k] as number) - Math.log(means[k] as number) - value / (means[k] as number);
        logs[k] = log;
        if (log > top) top = log;
      }
      let sum = 0;
      for (let k = 0; k < phases; k++) sum += Math.exp((logs[k] as number) - top);
      logLikelihood += top + Math.log(sum);
      for (let k = 0; k < phases; k++) {
        const share = Math.exp((logs[k] as number) - top) / sum;
        shares[k] = (shares[k] as number) + share;
        moments[k] = (moments[k] as number) + share * value;
      }
    }
    for (let k = 0; k < phases; k++) {
      weights[k] = Math.max(TINY, (shares[k] as number) / values.length);
      means[k] = Math.max(TINY, (moments[k] as number) / Math.max(TINY, shares[k] as number));
    }
    if (logLikelihood - last < 1e-12 * Math.max(1, Math.abs(logLikelihood))) {
      return { weights: [...weights], means: [...means], logLikelihood };
    }
    last = logLikelihood;
  }
  return { weights: [...weights], means: [...means], logLikelihood: last };
}

/** Akaike's criterion: lower is better. */
export const aic = (parameters: number, logLikelihood: number): number => 2 * parameters - 2 * logLikelihood;
