/** Wilcoxon's signed-rank test on paired differences: normal approximation with three ways to treat zeros, and exact. */
import { normalCdf } from './distributions.ts';
import { midranks } from './ranks.ts';

/** `wilcox` drops zeros, `pratt` ranks with them and then drops them, `zsplit` gives half of them each sign. */
export type ZeroMethod = 'wilcox' | 'pratt' | 'zsplit';

export interface RankTest {
  readonly p: number;
  readonly pGreater: number;
  readonly pLess: number;
}

export interface SignedRankTest extends RankTest {
  readonly wPlus: number;
  /** The smaller of W+ and W−. */
  readonly statistic: number;
  /** Of that smaller sum: never above 0. */
  readonly z: number;
}

export function signedRankAsymptotic(
  differences: readonly number[],
  zeros: ZeroMethod = 'wilcox',
  continuity = true,
): SignedRankTest {
  const kept = zeros === 'wilcox' ? differences.filter((d) => d !== 0) : differences;
  const { ranks, tieTerm } = midranks(kept.map(Math.abs));
  let wPlus = 0;
  let wMinus = 0;
  let zeroRanks = 0;
  let zeroCount = 0;
  for (const [index, difference] of kept.entries()) {
    const rank = ranks[index] as number;
    if (difference > 0) wPlus += rank;
    else if (difference < 0) wMinus += rank;
    else {
      zeroRanks += rank;
      zeroCount++;
    }
  }
  const n = kept.length;
  let mean = (n * (n + 1)) / 4;
  let squares = n * (n + 1) * (2 * n + 1);
  let ties = tieTerm;
  if (zeros === 'zsplit') {
    wPlus += zeroRanks / 2;
    wMinus += zeroRanks / 2;
  } else if (zeroCount > 0) {
    mean -= (zeroCount * (zeroCount + 1)) / 4;
    squares -= zeroCount * (zeroCount + 1) * (2 * zeroCount + 1);
    // The zeros are no longer a group of equal ranks among those that count.
    ties -= zeroCount ** 3 - zeroCount;
  }
  const deviation = Math.sqrt((squares - ties / 2) / 24);
  const statistic = Math.min(wPlus, wMinus);
  if (!(deviation > 0)) return { wPlus, statistic, z: 0, p: 1, pGreater: 1, pLess: 1 };
  const zAt = (shift: number): number => (wPlus - mean - (continuity ? shift : 0)) / deviation;
  const z = -Math.abs(zAt(0.5 * Math.sign(wPlus - mean)));
  return {
    wPlus,
    statistic,
    z,
    p: Math.min(1, 2 * normalCdf(z)),
    pGreater: normalCdf(-zAt(0.5)),
    pLess: normalCdf(zAt(-0.5)),
  };
}

/**
 * Exact given the midranks that were observed, zeros dropped: every sign equally likely. O(n · Σ ranks), fit for n up to a
 * few hundred.
 */
export function signedRankExact(differences: readonly number[]): RankTest & { readonly wPlus: number } {
  const kept = differences.filter((d) => d !== 0);
  if (kept.length === 0) return { wPlus: 0, p: 1, pGreater: 1, pLess: 1 };
  const { ranks } = midranks(kept.map(Math.abs));
  const doubled = [...ranks].map((rank) => Math.round(rank * 2));
  let observed = 0;
  for (const [index, difference] of kept.entries()) if (difference > 0) observed += doubled[index] as number;
  const shares = signShares(doubled);
  const { pGreater, pLess } = tails(shares, observed);
  return { wPlus: observed / 2, p: Math.min(1, 2 * Math.min(pGreater, pLess)), pGreater, pLess };
}

export function tails(shares: Float64Array, observed: number): { pGreater: number; pLess: number } {
  let pGreater = 0;
  let pLess = 0;
  for (const [value, share] of shares.entries()) {
    if (value >= observed) pGreater += share;
    if (value <= observed) pLess += share;
  }
  return { pGreater: Math.min(1, pGreater), pLess: Math.min(1, pLess) };
}

/** P(W+ ≤ w) without ties. */
export function signRankCdf(w: number, n: number): number {
  return cumulative(signRankShares(n), w);
}

/** P(W+ = w) for w = 0 … n(n+1)/2, without ties. */
export const signRankShares = (n: number): Float64Array => signShares(Array.from({ length: n }, (_, i) => i + 1));

/** Shares of the choices of signs by the sum of the ranks that get a plus. */
function signShares(ranks: readonly number[]): Float64Array {
  // Shares rather than counts, so that nothing grows beyond what a double holds.
  const shares = new Float64Array(ranks.reduce((sum, rank) => sum + rank, 1));
  shares[0] = 1;
  let top = 0;
  for (const rank of ranks) {
    top += rank;
    for (let s = top; s >= 0; s--) {
      shares[s] = ((shares[s] as number) + (s >= rank ? (shares[s - rank] as number) : 0)) / 2;
    }
  }
  return shares;
}

export function cumulative(shares: Float64Array, upTo: number): number {
  let sum = 0;
  for (let i = 0; i <= upTo && i < shares.length; i++) sum += shares[i] as number;
  return Math.min(1, sum);
}
