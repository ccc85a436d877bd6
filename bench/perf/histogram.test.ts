import { describe, expect, test } from 'vitest';
import { exponentialBounds, Histogram } from './histogram.ts';

const of = (bounds: readonly number[], values: readonly number[]): Histogram => {
  const histogram = new Histogram(bounds);
  for (const value of values) histogram.observe(value);
  return histogram;
};

// The expected values are those of `bucketQuantile` in component-base v0.37.2.
describe('quantiles', () => {
  test.each([
    ['half way into the first bucket', [0.5, 0.9], 0.5, 0.5],
    ['linear within a bucket', [0.5, 1.5, 1.6, 1.7], 0.5, 1 + 1 / 3],
    ['at the end of a bucket', [0.5, 1.5], 1, 2],
    ['over a bucket that is empty', [0.5, 3, 3, 3], 0.5, 2 + 2 / 3],
    ['the last bound for what lies beyond it', [0.5, 9, 9], 0.9, 4],
  ])('%s', (_, values, share, expected) => {
    expect(of([1, 2, 4], values).quantile(share)).toBeCloseTo(expected, 12);
  });

  test('the average is exact', () => {
    expect(of([1, 2, 4], [0.5, 9]).average).toBe(4.75);
  });
});

test('bounds grow by a factor', () => {
  expect(exponentialBounds(0.001, 2, 4)).toEqual([0.001, 0.002, 0.004, 0.008]);
});
