/** Bootstrap intervals: percentile, basic, and bias-corrected and accelerated (Efron 1987). */
import { mean, standardDeviation } from './descriptive.ts';
import { normalCdf, normalQuantile } from './distributions.ts';
import { ascending, quantileSorted } from './quantile.ts';
import type { Interval } from './t-tests.ts';

export type Statistic = (values: readonly number[]) => number;

/** Uniform in [0, 1), 32 bits of state: the stream that the reference answers were drawn from. */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function resample(
  values: readonly number[],
  statistic: Statistic,
  samples: number,
  random: () => number,
): Float64Array {
  const drawn = new Array<number>(values.length);
  const results = new Float64Array(samples);
  for (let b = 0; b < samples; b++) {
    for (let i = 0; i < drawn.length; i++) drawn[i] = values[Math.floor(random() * values.length)] as number;
    results[b] = statistic(drawn);
  }
  return results;
}

export interface Bootstrap {
  /** The statistic of the sample itself. */
  readonly observed: number;
  readonly standardError: number;
  /** How far the resamples lie off the observed value, in standard normal units. */
  readonly z0: number;
  /** NaN where leaving out any one value changes nothing. */
  readonly acceleration: number;
  percentile(level: number): Interval;
  basic(level: number): Interval;
  /** `undefined` where the acceleration is: use `percentile` then, and say so. */
  bca(level: number): Interval | undefined;
}

export function bootstrapOf(
  values: readonly number[],
  statistic: Statistic,
  resamples: ArrayLike<number>,
  observed: number = statistic(values),
): Bootstrap {
  const sorted = ascending(Array.from(resamples));
  let below = 0;
  let upTo = 0;
  for (const value of sorted) {
    if (value < observed) below++;
    if (value <= observed) upTo++;
  }
  const z0 = normalQuantile((below + upTo) / (2 * sorted.length));
  const acceleration = accelerationOf(values, statistic);
  const between = (low: number, high: number): Interval => ({
    low: quantileSorted(sorted, low),
    high: quantileSorted(sorted, high),
  });
  const percentile = (level: number): Interval => between((1 - level) / 2, (1 + level) / 2);
  return {
    observed,
    standardError: standardDeviation([...sorted]),
    z0,
    acceleration,
    percentile,
    basic(level) {
      const { low, high } = percentile(level);
      return { low: 2 * observed - high, high: 2 * observed - low };
    },
    bca(level) {
      if (Number.isNaN(acceleration) || !Number.isFinite(z0)) return undefined;
      const adjusted = (p: number): number => {
        const z = z0 + normalQuantile(p);
        return normalCdf(z0 + z / (1 - acceleration * z));
      };
      return between(adjusted((1 - level) / 2), adjusted((1 + level) / 2));
    },
  };
}

/** From the sample with each value left out in turn. */
function accelerationOf(values: readonly number[], statistic: Statistic): number {
  const without = values.map((_, left) => statistic(values.filter((__, index) => index !== left)));
  const middle = mean(without);
  let squares = 0;
  let cubes = 0;
  for (const value of without) {
    const off = middle - value;
    squares += off * off;
    cubes += off * off * off;
  }
  return squares === 0 ? Number.NaN : cubes / (6 * squares ** 1.5);
}
