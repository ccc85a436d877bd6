/** Student's t for pairs, Welch's for independent samples, and equivalence by two one-sided tests. */
import { mean, standardDeviation, variance } from './descriptive.ts';
import { tCdf, tQuantile, tUpper } from './distributions.ts';

/** An estimate that is t distributed around its true value. */
export interface TEstimate {
  readonly estimate: number;
  readonly standardError: number;
  readonly df: number;
}

export interface TTest extends TEstimate {
  readonly t: number;
  /** Two-sided. */
  readonly p: number;
  readonly pGreater: number;
  readonly pLess: number;
}

export interface Interval {
  readonly low: number;
  readonly high: number;
}

export interface Tost {
  /** Of the test that the difference lies above the lower bound. */
  readonly pLow: number;
  readonly pHigh: number;
  readonly p: number;
}

export function pairedEstimate(differences: readonly number[]): TEstimate {
  const n = differences.length;
  return {
    estimate: n === 0 ? 0 : mean(differences),
    standardError: n < 2 ? 0 : standardDeviation(differences) / Math.sqrt(n),
    df: Math.max(0, n - 1),
  };
}

/** Mean of x minus mean of y, variances not assumed equal. */
export function welchEstimate(x: readonly number[], y: readonly number[]): TEstimate {
  const a = variance(x) / x.length;
  const b = variance(y) / y.length;
  const df = a + b === 0 ? x.length + y.length - 2 : (a + b) ** 2 / (a ** 2 / (x.length - 1) + b ** 2 / (y.length - 1));
  return { estimate: mean(x) - mean(y), standardError: Math.sqrt(a + b), df };
}

export function tTest(of: TEstimate, hypothesis = 0): TTest {
  const off = of.estimate - hypothesis;
  // Without spread there is nothing to test: no difference at all, or one that is certain.
  if (!(of.standardError > 0)) {
    const t = off === 0 ? 0 : off * Number.POSITIVE_INFINITY;
    return {
      ...of,
      t,
      p: off === 0 ? 1 : 0,
      pGreater: off > 0 ? 0 : 1,
      pLess: off < 0 ? 0 : 1,
    };
  }
  const t = off / of.standardError;
  return {
    ...of,
    t,
    p: 2 * tUpper(Math.abs(t), of.df),
    pGreater: tUpper(t, of.df),
    pLess: tCdf(t, of.df),
  };
}

export function tInterval(of: TEstimate, level = 0.95): Interval {
  const reach = of.standardError > 0 ? tQuantile((1 + level) / 2, of.df) * of.standardError : 0;
  return { low: of.estimate - reach, high: of.estimate + reach };
}

/** Is the difference inside (low, high)? Small p: yes (Schuirmann 1987). */
export function tost(of: TEstimate, low: number, high: number): Tost {
  const pLow = tTest(of, low).pGreater;
  const pHigh = tTest(of, high).pLess;
  return { pLow, pHigh, p: Math.max(pLow, pHigh) };
}
