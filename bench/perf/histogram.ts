/** A Prometheus histogram and its quantiles. Source: `component-base/metrics/testutil/metrics.go`, v0.37.2. */

export class Histogram {
  /** Upper bounds; above the last one lies the bucket without a bound. */
  private readonly bounds: readonly number[];
  private readonly counts: number[];
  private sum = 0;
  count = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = new Array<number>(bounds.length + 1).fill(0);
  }

  observe(value: number): void {
    let bucket = 0;
    while (bucket < this.bounds.length && value > this.bounds[bucket]!) bucket++;
    this.counts[bucket]!++;
    this.sum += value;
    this.count++;
  }

  get average(): number {
    return this.sum / this.count;
  }

  /** Linear within the bucket where the rank falls; the last bound for what lies beyond it. */
  quantile(share: number): number {
    const rank = share * this.count;
    let below = 0;
    for (let bucket = 0; bucket < this.bounds.length; bucket++) {
      const within = this.counts[bucket]!;
      if (below + within >= rank) {
        const from = bucket === 0 ? 0 : this.bounds[bucket - 1]!;
        return within === 0 ? from : from + (this.bounds[bucket]! - from) * ((rank - below) / within);
      }
      below += within;
    }
    return this.bounds.at(-1)!;
  }
}

/** `count` bounds, each `factor` times the one before. */
export const exponentialBounds = (start: number, factor: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => start * factor ** i);
