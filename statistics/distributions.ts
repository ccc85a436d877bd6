/** Distribution functions. @stdlib has them to the last digits; what it lacks (far normal tails, noncentral t) is here. */

import gammaln from '@stdlib/math-base-special-gammaln';
import chiSquareCdfOf from '@stdlib/stats-base-dists-chisquare-cdf';
import fCdfOf from '@stdlib/stats-base-dists-f-cdf';
import normalCdfOf from '@stdlib/stats-base-dists-normal-cdf';
import normalQuantileOf from '@stdlib/stats-base-dists-normal-quantile';
import tCdfOf from '@stdlib/stats-base-dists-t-cdf';
import tQuantileOf from '@stdlib/stats-base-dists-t-quantile';

export const normalCdf = (z: number): number => normalCdfOf(z, 0, 1);
export const normalDensity = (z: number): number => Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);
export const tCdf = (t: number, df: number): number => tCdfOf(t, df);
export const fCdf = (f: number, df1: number, df2: number): number => fCdfOf(f, df1, df2);
export const chiSquareCdf = (x: number, df: number): number => chiSquareCdfOf(x, df);
export const lnGamma = (x: number): number => gammaln(x);

/** P(T > t), exact in the tail where 1 − cdf would lose its digits. */
export const tUpper = (t: number, df: number): number => tCdf(-t, df);

/** Below this @stdlib's rational form runs out. */
const FAR_TAIL = 1e-8;

export function normalQuantile(p: number): number {
  if (!(p > 0) || !(p < 1)) return normalQuantileOf(p, 0, 1);
  if (p >= FAR_TAIL) return p > 0.5 ? -normalQuantile1(1 - p, p) : normalQuantileOf(p, 0, 1);
  // Newton on ln Φ, from the leading term of the tail; the function is concave there, so it cannot run away.
  let z = -Math.sqrt(-2 * Math.log(p));
  for (let step = 0; step < 60; step++) {
    const below = normalCdf(z);
    const move = ((Math.log(below) - Math.log(p)) * below) / normalDensity(z);
    z -= move;
    if (Math.abs(move) < 1e-15 * Math.abs(z)) break;
  }
  return z;
}

/** Of an upper tail: 1 − p is exact only where p is near one half. */
function normalQuantile1(upper: number, p: number): number {
  return upper < FAR_TAIL ? normalQuantile(upper) : -normalQuantileOf(p, 0, 1);
}

export function tQuantile(p: number, df: number): number {
  const first = p === 0.5 ? 0 : tQuantileOf(p, df);
  if (!Number.isFinite(first) || first === 0) return first;
  // One Newton step towards the cdf, which is good to more digits than its inverse.
  const density = tDensity(first, df);
  return density > 0 ? first - (tCdf(first, df) - p) / density : first;
}

export function tDensity(t: number, df: number): number {
  const scale = lnGamma((df + 1) / 2) - lnGamma(df / 2) - 0.5 * Math.log(df * Math.PI);
  return Math.exp(scale - ((df + 1) / 2) * Math.log1p((t * t) / df));
}

const STEPS = 800;

/**
 * P(T ≤ t) of the noncentral t distribution: the normal probability averaged over the distribution of the estimated
 * standard deviation, by Simpson's rule. Good to about 1e-11; `df` may be fractional.
 */
export function noncentralTCdf(t: number, df: number, noncentrality: number): number {
  const spread = 1 / Math.sqrt(2 * df);
  const low = Math.max(0, 1 - 9 * spread);
  const high = 1 + (df < 3 ? 14 : 10) * spread;
  const scale = Math.log(2) + (df / 2) * Math.log(df / 2) - lnGamma(df / 2);
  const at = (s: number): number => {
    if (s === 0) return df === 1 ? Math.exp(scale) * normalCdf(-noncentrality) : 0;
    return Math.exp(scale + (df - 1) * Math.log(s) - (df * s * s) / 2) * normalCdf(t * s - noncentrality);
  };
  const width = (high - low) / STEPS;
  let sum = at(low) + at(high);
  for (let i = 1; i < STEPS; i++) sum += (i % 2 === 0 ? 2 : 4) * at(low + i * width);
  return Math.min(1, Math.max(0, (sum * width) / 3));
}
