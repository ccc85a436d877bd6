/** What is measured of a stream of arrivals: rate, how irregular the gaps are, how counts in windows vary, and hours of the day. */
import { pearson } from './correlation.ts';
import { quantileSorted } from './quantile.ts';

export interface WindowCounts {
  readonly windowSeconds: number;
  readonly windows: number;
  /** Index of dispersion: variance over mean of the counts; 1 for Poisson arrivals in every window. */
  readonly idc: number;
  /** Pearson's, between counts of neighbouring windows; 0 of fewer than three windows. */
  readonly autocorrelation: number;
  readonly peakToMean: number;
}

export interface ArrivalStatistics {
  readonly count: number;
  readonly spanSeconds: number;
  readonly perHour: number;
  readonly gapMeanSeconds: number;
  /** Squared coefficient of variation of the gaps; 1 for Poisson arrivals. */
  readonly gapScv: number;
  readonly zeroGapShare: number;
  readonly gapQuantiles: Readonly<Record<'p50' | 'p90' | 'p99' | 'p100', number>>;
  readonly windows: readonly WindowCounts[];
  /** Of all arrivals, by hour; empty for a trace shorter than two days. */
  readonly hourShares: readonly number[];
  /** Busiest and quietest hour of the day over the mean hour; NaN without hours. */
  readonly busiestHour: number;
  readonly quietestHour: number;
  /** Arrivals per instant that has any. */
  readonly batchMean: number;
  readonly batchMax: number;
}

const HOUR = 3600;
const DAY = 24 * HOUR;

/**
 * @param seconds Ascending.
 * @param clockSeconds What second of the day second 0 is. @default 0
 */
export function arrivalStatistics(
  seconds: Float64Array,
  windows: readonly number[],
  clockSeconds = 0,
): ArrivalStatistics {
  const count = seconds.length;
  const first = seconds[0] ?? 0;
  const spanSeconds = count === 0 ? 0 : seconds[count - 1]! - first;
  const gaps = new Float64Array(Math.max(0, count - 1));
  let zeros = 0;
  let instants = Math.min(1, count);
  let batch = 1;
  let batchMax = Math.min(1, count);
  for (let i = 0; i < gaps.length; i++) {
    gaps[i] = seconds[i + 1]! - seconds[i]!;
    if (gaps[i] === 0) {
      zeros++;
      batch++;
      if (batch > batchMax) batchMax = batch;
    } else {
      instants++;
      batch = 1;
    }
  }
  const { mean, variance } = spread(gaps);
  gaps.sort();
  const hourShares = spanSeconds >= 2 * DAY ? sharesByHour(seconds, clockSeconds) : [];
  return {
    count,
    spanSeconds,
    perHour: (count / spanSeconds) * HOUR,
    gapMeanSeconds: mean,
    gapScv: variance / mean ** 2,
    zeroGapShare: zeros / gaps.length,
    gapQuantiles: {
      p50: quantileSorted(gaps, 0.5),
      p90: quantileSorted(gaps, 0.9),
      p99: quantileSorted(gaps, 0.99),
      p100: quantileSorted(gaps, 1),
    },
    windows: windows.map((windowSeconds) => windowCounts(seconds, windowSeconds)),
    hourShares,
    busiestHour: hourShares.length === 0 ? Number.NaN : Math.max(...hourShares) * 24,
    quietestHour: hourShares.length === 0 ? Number.NaN : Math.min(...hourShares) * 24,
    batchMean: count / instants,
    batchMax,
  };
}

/** Windows begin at the first arrival; the last, which the trace does not fill, is left out unless it is the only one. */
export function windowCounts(seconds: Float64Array, windowSeconds: number): WindowCounts {
  const first = seconds[0] ?? 0;
  const last = seconds[seconds.length - 1] ?? 0;
  const all = new Float64Array(Math.floor((last - first) / windowSeconds) + 1);
  for (const second of seconds) all[Math.floor((second - first) / windowSeconds)]!++;
  const counts = all.length > 1 ? all.subarray(0, -1) : all;
  const { mean, variance } = spread(counts);
  let peak = 0;
  for (const count of counts) if (count > peak) peak = count;
  return {
    windowSeconds,
    windows: counts.length,
    idc: variance / mean,
    autocorrelation: counts.length < 3 ? 0 : pearson([...counts.subarray(1)], [...counts.subarray(0, -1)]).r,
    peakToMean: peak / mean,
  };
}

function sharesByHour(seconds: Float64Array, clockSeconds: number): number[] {
  const hours = new Array<number>(24).fill(0);
  for (const second of seconds) hours[Math.floor(((second + clockSeconds) % DAY) / HOUR)]!++;
  return hours.map((hour) => hour / seconds.length);
}

/** Divisor n. */
function spread(values: Float64Array): { mean: number; variance: number } {
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return { mean, variance: squares / values.length };
}
