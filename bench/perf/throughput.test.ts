/** The rule of upstream's throughput collector, tick by tick. */
import { describe, expect, test } from 'vitest';
import { chooseIntervalMs, percentile, throughputOf } from './throughput.ts';

/** So many pods, each at its time in milliseconds. */
const at = (...groups: ReadonlyArray<readonly [ms: number, pods: number]>): number[] =>
  groups.flatMap(([ms, pods]) => Array.from({ length: pods }, () => ms));

const ratesOf = (boundMs: readonly number[], stopMs = 60_000, startMs = 0) =>
  throughputOf(startMs, stopMs, boundMs, 1000).rates;

describe('throughput', () => {
  test.each([
    ['the first tick that sees a pod is no sample', at([500, 40], [1500, 100], [2500, 200]), [100, 200]],
    ['ticks before the first pod do not count', at([5500, 7], [6500, 100]), [100]],
    ['an idle tick is filled with the rate of the next productive one', at([500, 1], [3500, 90]), [30, 30, 30]],
    ['what comes after the last productive tick is lost', at([500, 1], [1500, 10]), [10]],
    ['a pod at the very tick is seen by it', at([1000, 1], [2000, 10]), [10]],
    ['all within the first tick: no sample', at([100, 50], [900, 50]), []],
    ['no pods: no sample', [], []],
  ])('%s', (_, boundMs, rates) => {
    expect(ratesOf(boundMs)).toEqual(rates);
  });

  test('the last, incomplete second is lost', () => {
    expect(ratesOf(at([500, 1], [1500, 10], [2400, 99]), 2900)).toEqual([10]);
  });

  test('ticks count from the start of the collection', () => {
    expect(ratesOf(at([10_700, 1], [11_700, 5]), 60_000, 10_250)).toEqual([5]);
  });

  test('progress has a row per productive tick', () => {
    const { startMs, progress } = throughputOf(0, 60_000, at([500, 1], [1500, 10], [4500, 30]), 1000);
    expect(startMs).toBe(1000);
    expect(progress).toEqual([
      { atMs: 2000, total: 11, podsPerSecond: 10 },
      { atMs: 5000, total: 41, podsPerSecond: 10 },
    ]);
  });
});

describe('the interval', () => {
  test.each([
    [60_000, 1000],
    [10_000, 1000],
    [9999, 500],
    [2500, 200],
    [120, 10],
    [10, 1],
  ])('pods over %i ms are sampled every %i ms', (spanMs, intervalMs) => {
    expect(chooseIntervalMs([0, spanMs])).toBe(intervalMs);
  });

  test('what is over sooner is not sampled at all, as upstream', () => {
    expect(chooseIntervalMs([0, 9])).toBe(1000);
    expect(chooseIntervalMs([])).toBe(1000);
  });
});

test('percentiles are elements, the 99th the fast end', () => {
  const sorted = [10, 20, 30, 40];
  expect([50, 90, 95, 99].map((percent) => percentile(sorted, percent))).toEqual([20, 40, 40, 40]);
});
