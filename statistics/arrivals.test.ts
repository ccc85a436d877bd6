import { describe, expect, test } from 'vitest';
import { arrivalStatistics, windowCounts } from './arrivals.ts';

const HOUR = 3600;

describe('arrivals', () => {
  test('one every second: no spread at all', () => {
    const { count, perHour, gapScv, zeroGapShare, batchMean, batchMax, windows } = arrivalStatistics(
      Float64Array.from({ length: 1001 }, (_, i) => i),
      [10],
    );
    expect([count, gapScv, zeroGapShare, batchMean, batchMax]).toEqual([1001, 0, 0, 1, 1]);
    expect(perHour).toBeCloseTo(3603.6, 6);
    expect(windows).toEqual([{ windowSeconds: 10, windows: 100, idc: 0, autocorrelation: 0, peakToMean: 1 }]);
  });

  test('batches of three every ten seconds', () => {
    const seconds = Float64Array.from({ length: 300 }, (_, i) => Math.floor(i / 3) * 10);
    const { gapScv, zeroGapShare, gapQuantiles, batchMean, batchMax } = arrivalStatistics(seconds, [10]);
    expect([batchMean, batchMax, gapQuantiles.p50, gapQuantiles.p100]).toEqual([3, 3, 0, 10]);
    expect(zeroGapShare).toBeCloseTo(200 / 299, 12);
    // Mean 990/299, mean square 9900/299.
    expect(gapScv).toBeCloseTo(9900 / 299 / (990 / 299) ** 2 - 1, 12);
  });

  test('counts in windows begin at the first arrival; the last window, which is not full, is left out', () => {
    const counts = windowCounts(Float64Array.from([100, 101, 111, 112, 113, 120, 130, 131, 140]), 10);
    // 2, 3, 1 and 2; the 1 of the fifth window is left out.
    expect(counts).toMatchObject({ windowSeconds: 10, windows: 4, idc: 0.5 / 2, peakToMean: 1.5 });
    // Of (3, 2), (1, 3), (2, 1): neighbours fall when the one before is high.
    expect(counts.autocorrelation).toBeCloseTo(-0.5, 12);
  });

  test('hours of the day, moved by what the clock said at second 0', () => {
    const seconds = Float64Array.from(
      Array.from({ length: 10 * 24 }, (_, i) => i).flatMap((i) => (i % 24 === 5 ? [i * HOUR, i * HOUR] : [i * HOUR])),
    );
    const plain = arrivalStatistics(seconds, []);
    expect([plain.hourShares.indexOf(Math.max(...plain.hourShares)), plain.busiestHour]).toEqual([5, (2 / 25) * 24]);
    expect(plain.quietestHour).toBeCloseTo(24 / 25, 12);
    const moved = arrivalStatistics(seconds, [], 20 * HOUR);
    expect(moved.hourShares.indexOf(Math.max(...moved.hourShares))).toBe(1);
    expect(arrivalStatistics(seconds.subarray(0, 30), []).hourShares).toEqual([]);
  });
});
