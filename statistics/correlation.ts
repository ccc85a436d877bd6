/** How two measures go together. p is two-sided. */
import { normalCdf, tUpper } from './distributions.ts';
import { momentsOf } from './moments.ts';
import { midranks } from './ranks.ts';

export interface Correlation {
  /** −1 … 1; 0 where one of the two never changes. */
  readonly r: number;
  readonly p: number;
}

export function pearson(x: readonly number[], y: readonly number[]): Correlation {
  const { xx, xy, yy } = momentsOf(x, y);
  if (!(xx > 0 && yy > 0)) return { r: 0, p: 1 };
  const r = Math.max(-1, Math.min(1, xy / Math.sqrt(xx * yy)));
  return { r, p: tOfCorrelation(r, x.length) };
}

function tOfCorrelation(r: number, n: number): number {
  if (n < 3) return 1;
  const rest = (1 - r) * (1 + r);
  return rest <= 0 ? 0 : Math.min(1, 2 * tUpper(Math.abs(r) * Math.sqrt((n - 2) / rest), n - 2));
}

/** Pearson's on midranks, with the t approximation. */
export const spearman = (x: readonly number[], y: readonly number[]): Correlation =>
  pearson([...midranks(x).ranks], [...midranks(y).ranks]);

export interface KendallTau {
  readonly tau: number;
  readonly pAsymptotic: number;
  /** Without ties. */
  readonly pExact: number | undefined;
}

/** tau-b. O(n²). */
export function kendall(x: readonly number[], y: readonly number[]): KendallTau {
  const n = x.length;
  let concordant = 0;
  let discordant = 0;
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      const sign = Math.sign((x[i] as number) - (x[j] as number)) * Math.sign((y[i] as number) - (y[j] as number));
      if (sign > 0) concordant++;
      else if (sign < 0) discordant++;
    }
  }
  const tiesX = tieCounts(x);
  const tiesY = tieCounts(y);
  const pairs = (n * (n - 1)) / 2;
  const scale = Math.sqrt(pairs - tiesX.pairs) * Math.sqrt(pairs - tiesY.pairs);
  if (!(scale > 0)) return { tau: 0, pAsymptotic: 1, pExact: undefined };
  const balance = concordant - discordant;
  const m = n * (n - 1);
  const variance =
    (m * (2 * n + 5) - tiesX.weighted - tiesY.weighted) / 18 +
    (2 * tiesX.pairs * tiesY.pairs) / m +
    (n > 2 ? (tiesX.triples * tiesY.triples) / (9 * m * (n - 2)) : 0);
  const hasTies = tiesX.pairs > 0 || tiesY.pairs > 0;
  return {
    tau: Math.max(-1, Math.min(1, balance / scale)),
    pAsymptotic: Math.min(1, 2 * normalCdf(-Math.abs(balance) / Math.sqrt(variance))),
    pExact: hasTies ? undefined : inversionsP(n, Math.min(discordant, concordant)),
  };
}

function tieCounts(values: readonly number[]): { pairs: number; triples: number; weighted: number } {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  let pairs = 0;
  let triples = 0;
  let weighted = 0;
  for (const t of counts.values()) {
    pairs += (t * (t - 1)) / 2;
    triples += t * (t - 1) * (t - 2);
    weighted += t * (t - 1) * (2 * t + 5);
  }
  return { pairs, triples, weighted };
}

/** Twice the share of permutations of n with at most that many inversions. */
function inversionsP(n: number, inversions: number): number {
  let shares = new Float64Array([1]);
  for (let size = 2; size <= n; size++) {
    const next = new Float64Array(Math.min(shares.length + size - 1, inversions + 1));
    let window = 0;
    for (let k = 0; k < next.length; k++) {
      window += shares[k] ?? 0;
      if (k >= size) window -= shares[k - size] ?? 0;
      next[k] = window / size;
    }
    shares = next;
  }
  const sum = shares.slice(0, inversions + 1).reduce((total, share) => total + share, 0);
  return Math.min(1, 2 * sum);
}
