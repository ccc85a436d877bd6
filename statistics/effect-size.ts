/** How large a difference is, apart from how sure. Positive: x is larger. */
import { mean, variance } from './descriptive.ts';
import { lnGamma } from './distributions.ts';
import { ascending } from './quantile.ts';

/** (#x>y − #x<y) / nm, by sorting. */
export function cliffsDelta(x: readonly number[], y: readonly number[]): number {
  if (x.length === 0 || y.length === 0) return 0;
  const sorted = ascending(y);
  let greater = 0;
  let less = 0;
  for (const value of x) {
    greater += below(sorted, value, false);
    less += sorted.length - below(sorted, value, true);
  }
  return (greater - less) / (x.length * y.length);
}

/** How many are below `value`, or with `orEqual` not above it. */
function below(sorted: Float64Array, value: number, orEqual: boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const at = sorted[middle] as number;
    if (at < value || (orEqual && at === value)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Vargha and Delaney's A: the chance that a random x is above a random y, ties counting half. */
export const varghaDelaneyA = (x: readonly number[], y: readonly number[]): number => (cliffsDelta(x, y) + 1) / 2;

/** In units of the pooled standard deviation; `undefined` without spread. */
export function cohensD(x: readonly number[], y: readonly number[]): number | undefined {
  const df = x.length + y.length - 2;
  const pooled = ((x.length - 1) * variance(x) + (y.length - 1) * variance(y)) / df;
  return pooled > 0 ? (mean(x) - mean(y)) / Math.sqrt(pooled) : undefined;
}

/** Cohen's d without its small-sample bias, by the exact gamma factor. */
export function hedgesG(x: readonly number[], y: readonly number[]): number | undefined {
  const d = cohensD(x, y);
  const df = x.length + y.length - 2;
  return d === undefined ? undefined : d * Math.exp(lnGamma(df / 2) - lnGamma((df - 1) / 2)) * Math.sqrt(2 / df);
}
