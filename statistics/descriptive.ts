/** One sample in figures. Undefined ones (a variance of one value, a coefficient of a zero mean) are `undefined`. */
import { mean as meanOf, sampleVariance, sum as sumOf } from 'simple-statistics';
import { ascending, quantileSorted } from './quantile.ts';

export const sum = (values: readonly number[]): number => sumOf(values as number[]);
export const mean = (values: readonly number[]): number =>
  values.length === 0 ? Number.NaN : meanOf(values as number[]);

/** Divisor n − 1; 0 of fewer than two values. */
export const variance = (values: readonly number[]): number =>
  values.length < 2 ? 0 : sampleVariance(values as number[]);
export const standardDeviation = (values: readonly number[]): number => Math.sqrt(variance(values));
export const standardError = (values: readonly number[]): number => Math.sqrt(variance(values) / values.length);

export const median = (values: Iterable<number>): number => quantileSorted(ascending(values), 0.5);

/** Median of the distances from the median. */
export function medianAbsoluteDeviation(values: readonly number[]): number {
  const middle = median(values);
  return median(values.map((value) => Math.abs(value - middle)));
}

/** Makes the median absolute deviation of normal data their standard deviation: 1 / Φ⁻¹(3/4). */
export const MAD_TO_SIGMA = 1.482602218505602;

/** Standard deviation in units of the mean. */
export function coefficientOfVariation(values: readonly number[]): number | undefined {
  const middle = mean(values);
  return values.length < 2 || middle === 0 ? undefined : standardDeviation(values) / middle;
}

/** Variance in units of the squared mean: 1 for Poisson gaps. */
export function squaredCoefficientOfVariation(values: readonly number[]): number | undefined {
  const middle = mean(values);
  return values.length < 2 || middle === 0 ? undefined : variance(values) / middle ** 2;
}

/** Variance over mean of counts: 1 for Poisson counts. */
export function indexOfDispersion(counts: readonly number[]): number | undefined {
  const middle = mean(counts);
  return counts.length < 2 || !(middle > 0) ? undefined : variance(counts) / middle;
}

export function geometricMean(values: readonly number[]): number | undefined {
  return values.some((value) => !(value > 0)) ? undefined : Math.exp(mean(values.map(Math.log)));
}

/** Without the lowest and the highest `floor(share · n)`. */
export function trimmedMean(values: readonly number[], share: number): number {
  const cut = Math.floor(share * values.length);
  return mean([...ascending(values).subarray(cut, values.length - cut)]);
}

/** m₃ / m₂^1.5, divisor n; 0 of a constant sample. */
export function skewness(values: readonly number[]): number {
  const middle = mean(values);
  let second = 0;
  let third = 0;
  for (const value of values) {
    const off = value - middle;
    second += off * off;
    third += off * off * off;
  }
  const n = values.length;
  return second === 0 ? 0 : third / n / (second / n) ** 1.5;
}

/** 0: all equal, towards 1: one has it all. Of values that are not negative; no n/(n−1) factor. */
export function gini(values: readonly number[]): number | undefined {
  const sorted = ascending(values);
  const total = sum([...sorted]);
  if (!(total > 0) || (sorted[0] as number) < 0) return undefined;
  let weighted = 0;
  for (const [index, value] of sorted.entries()) weighted += (2 * (index + 1) - sorted.length - 1) * value;
  return weighted / (sorted.length * total);
}

/** Jain's fairness index: 1 all equal, 1/n one has it all (Jain, Chiu, Hawe 1984). */
export function jain(values: readonly number[]): number | undefined {
  let total = 0;
  let squares = 0;
  for (const value of values) {
    if (value < 0) return undefined;
    total += value;
    squares += value * value;
  }
  return total > 0 ? (total * total) / (values.length * squares) : undefined;
}
