/** The shift that Wilcoxon's tests speak about: the median of all pairwise averages or differences, with its interval. */
import { normalQuantile } from './distributions.ts';
import { rankSumShares } from './mann-whitney.ts';
import { ascending, quantileSorted } from './quantile.ts';
import { signRankShares } from './wilcoxon.ts';

export interface HodgesLehmann {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
  /** The interval is order statistics k and N + 1 − k. */
  readonly k: number;
  readonly how: 'exact' | 'normal';
}

const EXACT_PAIRS = 60;
const EXACT_PRODUCT = 2000;
/** A probability that meets the level but for rounding meets it. */
const SLACK = 1e-12;

export function hodgesLehmannPaired(differences: readonly number[], level = 0.95): HodgesLehmann {
  const n = differences.length;
  if (n === 0) return { estimate: 0, low: 0, high: 0, k: 1, how: 'exact' };
  const averages = new Float64Array((n * (n + 1)) / 2);
  let at = 0;
  for (let i = 0; i < n; i++) {
    for (let j = i; j < n; j++) averages[at++] = ((differences[i] as number) + (differences[j] as number)) / 2;
  }
  averages.sort();
  const tail = (1 - level) / 2;
  if (n <= EXACT_PAIRS) return answer(averages, quantileOf(signRankShares(n), tail), 'exact');
  const deviation = Math.sqrt((n * (n + 1) * (2 * n + 1)) / 24);
  return answer(averages, Math.floor((n * (n + 1)) / 4 + normalQuantile(tail) * deviation), 'normal');
}

export function hodgesLehmannShift(x: readonly number[], y: readonly number[], level = 0.95): HodgesLehmann {
  const n = x.length;
  const m = y.length;
  if (n === 0 || m === 0) return { estimate: 0, low: 0, high: 0, k: 1, how: 'exact' };
  const differences = ascending(x.flatMap((a) => y.map((b) => a - b)));
  const tail = (1 - level) / 2;
  if (n * m <= EXACT_PRODUCT) return answer(differences, quantileOf(rankSumShares(n, m), tail), 'exact');
  const deviation = Math.sqrt((n * m * (n + m + 1)) / 12);
  return answer(differences, Math.floor((n * m) / 2 + normalQuantile(tail) * deviation), 'normal');
}

/** The smallest value whose cumulative share reaches p. */
function quantileOf(shares: Float64Array, p: number): number {
  let sum = 0;
  for (const [value, share] of shares.entries()) {
    sum += share;
    if (sum >= p * (1 - SLACK)) return value;
  }
  return shares.length - 1;
}

function answer(sorted: Float64Array, rank: number, how: 'exact' | 'normal'): HodgesLehmann {
  const k = Math.max(1, rank);
  return {
    estimate: quantileSorted(sorted, 0.5),
    low: sorted[k - 1] as number,
    high: sorted[sorted.length - k] as number,
    k,
    how,
  };
}
