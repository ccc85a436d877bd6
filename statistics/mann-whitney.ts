/** Mann and Whitney's U for independent samples: normal approximation with ties, exact, and exact given the midranks. */
import { normalCdf } from './distributions.ts';
import { midranks } from './ranks.ts';
import { cumulative, type RankTest, tails } from './wilcoxon.ts';

export interface UTest extends RankTest {
  /** Pairs with x above y, and half of the equal ones. */
  readonly u1: number;
  readonly u2: number;
}

function statistic(x: readonly number[], y: readonly number[]) {
  const { ranks, tieTerm, hasTies } = midranks([...x, ...y]);
  let rankSum = 0;
  for (let i = 0; i < x.length; i++) rankSum += ranks[i] as number;
  const u1 = rankSum - (x.length * (x.length + 1)) / 2;
  return { ranks, tieTerm, hasTies, u1, u2: x.length * y.length - u1 };
}

export function mannWhitneyAsymptotic(x: readonly number[], y: readonly number[], continuity = true): UTest {
  const { u1, u2, tieTerm } = statistic(x, y);
  const n = x.length;
  const m = y.length;
  const all = n + m;
  const deviation = Math.sqrt(((n * m) / 12) * (all + 1 - tieTerm / (all * (all - 1))));
  if (!(deviation > 0)) return { u1, u2, p: 1, pGreater: 1, pLess: 1 };
  const upper = (u: number): number => normalCdf(-(u - (n * m) / 2 - (continuity ? 0.5 : 0)) / deviation);
  return { u1, u2, p: Math.min(1, 2 * upper(Math.max(u1, u2))), pGreater: upper(u1), pLess: upper(u2) };
}

/** P(U = u) for u = 0 … nm, without ties. */
export function rankSumShares(n: number, m: number): Float64Array {
  // Row k, after r of the n + m ranks: shares of the ways to have taken k of them.
  const rows = Array.from({ length: n + 1 }, () => new Float64Array(n * m + 1));
  (rows[0] as Float64Array)[0] = 1;
  for (let rank = 1; rank <= n + m; rank++) {
    for (let k = Math.min(rank, n); k >= 1; k--) {
      const shift = rank - k;
      if (shift > m) continue;
      const taken = rows[k - 1] as Float64Array;
      const row = rows[k] as Float64Array;
      for (let s = 0; s + shift <= n * m; s++) row[s + shift] = (row[s + shift] as number) + (taken[s] as number);
    }
  }
  const row = rows[n] as Float64Array;
  const total = row.reduce((sum, ways) => sum + ways, 0);
  return row.map((ways) => ways / total);
}

/** P(U ≤ u) without ties. */
export const rankSumCdf = (u: number, n: number, m: number): number => cumulative(rankSumShares(n, m), u);

/** Exact given the midranks that were observed. O(N · n · Σ ranks): for n·m up to a few hundred. */
export function mannWhitneyExact(x: readonly number[], y: readonly number[]): UTest {
  const { u1, u2, ranks, hasTies } = statistic(x, y);
  if (!hasTies) {
    const shares = rankSumShares(x.length, y.length);
    const { pGreater, pLess } = tails(shares, u1);
    return { u1, u2, p: Math.min(1, 2 * Math.min(pGreater, pLess)), pGreater, pLess };
  }
  const doubled = [...ranks].map((rank) => Math.round(rank * 2));
  const total = doubled.reduce((sum, rank) => sum + rank, 0);
  const rows = Array.from({ length: x.length + 1 }, () => new Float64Array(total + 1));
  (rows[0] as Float64Array)[0] = 1;
  for (const [index, rank] of doubled.entries()) {
    for (let k = Math.min(index + 1, x.length); k >= 1; k--) {
      const taken = rows[k - 1] as Float64Array;
      const row = rows[k] as Float64Array;
      for (let s = total - rank; s >= 0; s--) row[s + rank] = (row[s + rank] as number) + (taken[s] as number);
    }
  }
  const ways = rows[x.length] as Float64Array;
  const all = ways.reduce((sum, count) => sum + count, 0);
  let observed = 0;
  for (let i = 0; i < x.length; i++) observed += doubled[i] as number;
  const { pGreater, pLess } = tails(
    ways.map((count) => count / all),
    observed,
  );
  return { u1, u2, p: Math.min(1, 2 * Math.min(pGreater, pLess)), pGreater, pLess };
}
