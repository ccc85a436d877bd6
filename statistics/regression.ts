/** Straight lines through points: least squares with what it is worth, power laws, and Theil's robust slope. */
import { median } from './descriptive.ts';
import { tQuantile, tUpper } from './distributions.ts';
import { momentsOf } from './moments.ts';
import type { Interval } from './t-tests.ts';

export interface Line {
  readonly slope: number;
  readonly intercept: number;
  readonly r2: number;
  readonly slopeStandardError: number;
  readonly interceptStandardError: number;
  /** That the slope is 0. */
  readonly p: number;
  slopeInterval(level: number): Interval;
  interceptInterval(level: number): Interval;
}

export function leastSquares(x: readonly number[], y: readonly number[]): Line {
  const n = x.length;
  const { meanX, meanY, xx, xy, yy } = momentsOf(x, y);
  const slope = xx > 0 ? xy / xx : 0;
  const intercept = meanY - slope * meanX;
  let residual = 0;
  for (let i = 0; i < n; i++) residual += ((y[i] as number) - intercept - slope * (x[i] as number)) ** 2;
  const df = n - 2;
  const noise = df > 0 ? residual / df : 0;
  const slopeStandardError = xx > 0 ? Math.sqrt(noise / xx) : 0;
  const interceptStandardError = xx > 0 ? Math.sqrt(noise * (1 / n + meanX ** 2 / xx)) : 0;
  const around = (value: number, error: number, level: number): Interval => {
    const reach = df > 0 ? tQuantile((1 + level) / 2, df) * error : 0;
    return { low: value - reach, high: value + reach };
  };
  return {
    slope,
    intercept,
    r2: xx > 0 && yy > 0 ? xy ** 2 / (xx * yy) : 0,
    slopeStandardError,
    interceptStandardError,
    p: pOfSlope(slope, slopeStandardError, df),
    slopeInterval: (level) => around(slope, slopeStandardError, level),
    interceptInterval: (level) => around(intercept, interceptStandardError, level),
  };
}

function pOfSlope(slope: number, error: number, df: number): number {
  if (slope === 0 || df < 1) return 1;
  return error > 0 ? Math.min(1, 2 * tUpper(Math.abs(slope) / error, df)) : 0;
}

export interface PowerLaw {
  readonly exponent: number;
  readonly constant: number;
  readonly line: Line;
}

/** y = constant · x^exponent, by least squares on the natural logarithms of positive values. */
export function powerLaw(x: readonly number[], y: readonly number[]): PowerLaw {
  const line = leastSquares(x.map(Math.log), y.map(Math.log));
  return { exponent: line.slope, constant: Math.exp(line.intercept), line };
}

/** Median of the slopes between all points of different x. */
export function theilSenSlope(x: readonly number[], y: readonly number[]): number {
  const slopes: number[] = [];
  for (let i = 0; i < x.length; i++) {
    for (let j = i + 1; j < x.length; j++) {
      const run = (x[j] as number) - (x[i] as number);
      if (run !== 0) slopes.push(((y[j] as number) - (y[i] as number)) / run);
    }
  }
  return slopes.length === 0 ? 0 : median(slopes);
}
