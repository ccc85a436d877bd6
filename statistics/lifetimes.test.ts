import { describe, expect, test } from 'vitest';
import { normalQuantile } from './distributions.ts';
import { lifetimeStatistics } from './lifetimes.ts';

const AT = (n: number) => Array.from({ length: n }, (_, i) => (i + 0.5) / n);

describe('lifetimes', () => {
  test('even quantiles of a lognormal give its parameters back, and it fits best', () => {
    const found = lifetimeStatistics(AT(20_000).map((p) => Math.exp(6.44 + 1.88 * normalQuantile(p))));
    expect(found.lognormal.mu).toBeCloseTo(6.44, 6);
    expect(found.lognormal.sigma).toBeCloseTo(1.88, 3);
    expect(found.lognormal.ks).toBeLessThan(1e-4);
    for (const other of [found.weibull, found.exponential, ...found.hyperExponential])
      expect(other.ks).toBeGreaterThan(0.005);
    expect(found.quantiles.find(({ p }) => p === 0.5)!.value).toBeCloseTo(Math.exp(6.44), 1);
  });

  test('of a Weibull', () => {
    const found = lifetimeStatistics(AT(20_000).map((p) => 300 * (-Math.log(1 - p)) ** (1 / 0.5)));
    expect(found.weibull.shape).toBeCloseTo(0.5, 3);
    expect(found.weibull.scale / 300).toBeCloseTo(1, 2);
    expect(found.weibull.ks).toBeLessThan(1e-3);
  });

  test('of a mixture of two exponentials far apart', () => {
    const values = [...AT(7000).map((p) => -10 * Math.log(1 - p)), ...AT(3000).map((p) => -5000 * Math.log(1 - p))];
    const [two] = lifetimeStatistics(values).hyperExponential;
    expect(two!.weights[0]).toBeCloseTo(0.7, 2);
    expect(two!.means[0]! / 10).toBeCloseTo(1, 2);
    expect(two!.means[1]! / 5000).toBeCloseTo(1, 1);
    expect(two!.ks).toBeLessThan(0.005);
  });

  test('the tail of a Pareto: its exponent, and who holds the time', () => {
    const values = AT(10_000).map((p) => 10 * (1 - p) ** (-1 / 1.2));
    const { hillTenth, hillHundredth, topShare, scv } = lifetimeStatistics(values);
    expect(hillTenth).toBeCloseTo(1.2, 2);
    expect(hillHundredth).toBeCloseTo(1.2, 1);
    const sum = (list: readonly number[]) => list.reduce((total, value) => total + value, 0);
    expect(topShare).toBeCloseTo(sum(values.slice(-100)) / sum(values), 12);
    expect(scv).toBeGreaterThan(10);
  });
});
