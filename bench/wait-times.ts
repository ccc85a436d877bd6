/** Times that pods have waited for something, and what they come to. */
import { csvNumber } from '../reports/index.ts';

export interface WaitSummary {
  readonly mean?: number;
  readonly p50?: number;
  readonly p90?: number;
  readonly p99?: number;
  readonly max?: number;
}

export class WaitTimes {
  count = 0;
  private readonly ms: Float64Array;

  constructor(pods: number) {
    this.ms = new Float64Array(pods);
  }

  add(ms: number): void {
    this.ms[this.count++] = ms;
  }

  /** In seconds; undefined where nobody waited. A quantile is the smallest time that the share of pods did not exceed. */
  summary(): WaitSummary {
    const { count } = this;
    if (count === 0) return {};
    const sorted = this.ms.slice(0, count).sort();
    const seconds = (ms: number): number => csvNumber(ms / 1000);
    const quantile = (share: number): number => seconds(sorted[Math.ceil(share * count) - 1]!);
    const mean = seconds(sorted.reduce((sum, ms) => sum + ms, 0) / count);
    return { mean, p50: quantile(0.5), p90: quantile(0.9), p99: quantile(0.99), max: quantile(1) };
  }
}
