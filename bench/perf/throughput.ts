/**
 * Throughput by upstream's rule: samples at regular ticks from the start of the collection on; the first tick that sees a
 * bound pod is a beginning and no sample; ticks that see no further pod are filled with the rate of the next that does;
 * what follows the last such tick is lost. Source: `throughputCollector` in
 * `test/integration/scheduler_perf/util.go`, v1.37.2.
 */

/** Upstream's ticks are a second apart; a suite that is over sooner is looked at more closely. */
const INTERVALS_MS = [1000, 500, 200, 100, 50, 20, 10, 5, 2, 1] as const;
export const UPSTREAM_INTERVAL_MS = INTERVALS_MS[0];
/** So many ticks must lie between the first bound pod and the last one. */
const MIN_TICKS = 10;

export interface ThroughputSample {
  readonly atMs: number;
  /** Pods bound since the collection began. */
  readonly total: number;
  readonly podsPerSecond: number;
}

export interface Throughput {
  /** When the first tick saw a bound pod; undefined when none did. */
  readonly startMs: number | undefined;
  /** Ticks that saw further pods. */
  readonly progress: readonly ThroughputSample[];
  /** One per tick, in ascending order. */
  readonly rates: readonly number[];
}

/** The longest interval that gives enough samples; upstream's, which then gives none, where that was over too soon. */
export function chooseIntervalMs(boundMs: readonly number[]): number {
  const first = boundMs[0];
  if (first === undefined) return UPSTREAM_INTERVAL_MS;
  const spanMs = boundMs.at(-1)! - first;
  return INTERVALS_MS.find((intervalMs) => spanMs >= MIN_TICKS * intervalMs) ?? UPSTREAM_INTERVAL_MS;
}

/** @param boundMs When each pod was bound, in order. */
export function throughputOf(
  startMs: number,
  stopMs: number,
  boundMs: readonly number[],
  intervalMs: number,
): Throughput {
  const progress: ThroughputSample[] = [];
  const rates: number[] = [];
  let begunMs: number | undefined;
  let lastMs = startMs;
  let lastTotal = 0;
  let skipped = 0;
  let total = 0;
  for (let tick = 1; startMs + tick * intervalMs <= stopMs; tick++) {
    const atMs = startMs + tick * intervalMs;
    while (total < boundMs.length && boundMs[total]! <= atMs) total++;
    if (total === 0) continue;
    if (begunMs === undefined) begunMs = atMs;
    else if (total === lastTotal) {
      // Nothing more will come.
      if (total === boundMs.length) break;
      skipped++;
      continue;
    } else {
      const podsPerSecond = (total - lastTotal) / ((atMs - lastMs) / 1000);
      for (let i = 0; i <= skipped; i++) rates.push(podsPerSecond);
      progress.push({ atMs, total, podsPerSecond });
    }
    skipped = 0;
    lastMs = atMs;
    lastTotal = total;
  }
  return { startMs: begunMs, progress, rates: rates.sort((a, b) => a - b) };
}

/** The element below which so many per cent of the sorted samples lie, as upstream picks it. */
export const percentile = (sorted: readonly number[], percent: number): number =>
  sorted[Math.ceil((sorted.length * percent) / 100) - 1]!;

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
