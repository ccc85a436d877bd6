/** Percentiles of many latencies in little memory, to three significant digits. */
import { build, type Histogram } from 'hdr-histogram-js';

/** An hour, in microseconds. */
const HIGHEST_US = 3.6e9;

export class LatencyHistogram {
  private readonly histogram: Histogram = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: HIGHEST_US,
    numberOfSignificantValueDigits: 3,
    bitBucketSize: 64,
    useWebAssembly: false,
  });

  /** @param latencyUs Whole microseconds, 1 at least; beyond an hour counts as an hour. */
  record(latencyUs: number): void {
    this.histogram.recordValue(Math.min(HIGHEST_US, Math.max(1, Math.round(latencyUs))));
  }

  /** @param percent 0 … 100. */
  percentile(percent: number): number {
    return this.histogram.getValueAtPercentile(percent);
  }

  get mean(): number {
    return this.histogram.mean;
  }

  get min(): number {
    return this.histogram.minNonZeroValue;
  }

  get max(): number {
    return this.histogram.maxValue;
  }

  get count(): number {
    return this.histogram.totalCount;
  }
}
