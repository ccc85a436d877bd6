/** Quantiles, by Hyndman and Fan's numbers. Type 7 is what numpy, R, pandas and d3 answer unasked, and what we use. */
export type QuantileType = 1 | 7 | 8;

export const ascending = (values: Iterable<number>): Float64Array => Float64Array.from(values).sort();

/** Of values in ascending order; NaN of none. */
export function quantileSorted(sorted: ArrayLike<number>, p: number, type: QuantileType = 7): number {
  const n = sorted.length;
  if (n === 0) return Number.NaN;
  if (type === 1) return sorted[Math.min(n - 1, Math.max(0, Math.ceil(n * p - 1e-12) - 1))] as number;
  const position = type === 7 ? (n - 1) * p : (n + 1 / 3) * p - 2 / 3;
  const at = Math.min(n - 1, Math.max(0, position));
  const below = Math.floor(at);
  const low = sorted[below] as number;
  const high = sorted[Math.min(n - 1, below + 1)] as number;
  return low + (at - below) * (high - low);
}

export function quantile(values: Iterable<number>, p: number, type: QuantileType = 7): number {
  return quantileSorted(ascending(values), p, type);
}

/** Value number ceil(p·n): what latency histograms call a percentile. */
export function nearestRank(sorted: ArrayLike<number>, p: number): number {
  const n = sorted.length;
  return n === 0 ? Number.NaN : (sorted[Math.max(0, Math.ceil(p * n - 1e-9) - 1)] as number);
}
