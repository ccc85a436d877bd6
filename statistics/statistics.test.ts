import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  adjustP,
  bootstrapOf,
  cliffsDelta,
  crossed,
  detectableEffect,
  eValue,
  fitHyperExponential,
  fitWeibull,
  gini,
  hodgesLehmannPaired,
  jain,
  judge,
  kolmogorovExactCdf,
  ksOneSampleExact,
  ksTwoSampleExact,
  mannWhitneyExact,
  mean,
  moreRuns,
  mulberry32,
  normalCdf,
  normalQuantile,
  pairedEffect,
  pairedEstimate,
  pairedTPower,
  pairsForSame,
  plannedLooks,
  quantile,
  remlCrossed,
  resample,
  signedRankExact,
  signFlipExact,
  spendingLooks,
  tInterval,
  tost,
  tTest,
  welchEstimate,
} from './index.ts';

const sample = (min: number, max: number) =>
  fc.array(
    fc.integer({ min: -1000, max: 1000 }).map((n) => n / 8),
    { minLength: min, maxLength: max },
  );

/** Figures printed in textbooks, or worked out by hand. */
describe('known values', () => {
  test('quantile type 7 of four numbers', () => {
    expect(quantile([1, 2, 3, 4], 0.25)).toBe(1.75);
    expect(quantile([1, 2, 3, 4], 0.25, 1)).toBe(1);
  });

  test('far normal tails', () => {
    expect(normalQuantile(1e-300)).toBeCloseTo(-37.0470962993612, 10);
    expect(normalCdf(-20)).toBeCloseTo(2.7536241186062337e-89, 100);
  });

  test("sleep data of Student's paper: t = −4.0621, p = 0.00283", () => {
    const extra = [-1.2, -2.4, -1.3, -1.3, 0, -1, -1.8, -0.8, -4.6, -1.4];
    const { t, p, df } = tTest(pairedEstimate(extra));
    expect(t).toBeCloseTo(-4.0621, 4);
    expect(p).toBeCloseTo(0.00283, 5);
    expect(df).toBe(9);
  });

  test('two-sample Kolmogorov–Smirnov: all of x below all of y has one path in twenty, two-sided', () => {
    expect(ksTwoSampleExact(1, 3, 3)).toBeCloseTo(2 / 20, 12);
  });

  test('one-sample Kolmogorov–Smirnov of two values: P(D ≥ d) = 2(1 − d)² above a half', () => {
    expect(ksOneSampleExact(0.7, 2)).toBeCloseTo(2 * 0.3 ** 2, 12);
    expect(kolmogorovExactCdf(0.7, 2)).toBeCloseTo(1 - 2 * 0.3 ** 2, 12);
  });

  test("Pocock's and O'Brien and Fleming's constants for five looks", () => {
    expect(plannedLooks('pocock', 5).constant).toBeCloseTo(2.413, 3);
    expect(plannedLooks('obrien-fleming', 5).constant).toBeCloseTo(2.04, 3);
  });

  test('spending all of α by the last look', () => {
    const { spent, bounds } = spendingLooks('obrien-fleming', [0.5, 1]);
    expect(spent[1]).toBeCloseTo(0.05, 10);
    expect(bounds[0]).toBeGreaterThan(bounds[1] as number);
  });

  test('exact Wilcoxon and sign flips of five equal signs: 2 / 2⁵', () => {
    expect(signedRankExact([1, 2, 3, 4, 5]).p).toBeCloseTo(0.0625, 12);
    expect(signFlipExact([1, 2, 3, 4, 5]).p).toBeCloseTo(0.0625, 12);
  });

  test('Holm and Benjamini–Hochberg by hand', () => {
    expect(adjustP([0.01, 0.04, 0.03], 'holm')).toEqual([0.03, 0.06, 0.06]);
    expect(adjustP([0.01, 0.04, 0.03], 'bh')).toEqual([0.03, 0.04, 0.04]);
  });

  test('one of two has it all', () => {
    expect(gini([0, 1])).toBe(0.5);
    expect(jain([0, 1])).toBe(0.5);
    expect(cliffsDelta([3, 4], [1, 2])).toBe(1);
  });

  test('Weibull of exponential quantiles has a shape near 1', () => {
    const values = Array.from({ length: 999 }, (_, i) => -Math.log(1 - (i + 1) / 1000));
    expect(fitWeibull(values).shape).toBeCloseTo(1, 1);
    const { means } = fitHyperExponential([...values, ...values.map((value) => 100 * value)], 2);
    expect((means[1] as number) / (means[0] as number)).toBeGreaterThan(50);
  });
});

describe('undefined inputs answer "no difference"', () => {
  test.each([[[]], [[0]], [[0, 0, 0]]])('differences %j', (differences) => {
    expect(tTest(pairedEstimate(differences)).p).toBe(1);
    expect(signedRankExact(differences).p).toBe(1);
    expect(signFlipExact(differences).p).toBe(1);
    expect(hodgesLehmannPaired(differences).estimate).toBe(0);
  });

  test('constant samples', () => {
    expect(tTest(welchEstimate([1, 1], [1, 1])).p).toBe(1);
    expect(mannWhitneyExact([1, 1], [1, 1]).p).toBe(1);
  });

  test('differences that are all equal and not zero are certain', () => {
    expect(tTest(pairedEstimate([2, 2, 2])).p).toBe(0);
    expect(judge(pairedEstimate([2, 2, 2]), 1).verdict).toBe('better');
  });
});

describe('verdicts', () => {
  const effect = (estimate: number, standardError: number) => ({ estimate, standardError, df: 29 });

  test.each([
    ['better, clearly', effect(5, 0.5), 'better', true],
    ['better', effect(1.5, 0.5), 'better', false],
    ['worse, clearly', effect(-5, 0.5), 'worse', true],
    ['same though real', effect(0.3, 0.1), 'same', false],
    ['inconclusive', effect(0.5, 2), 'inconclusive', false],
  ])('%s', (_, given, verdict, clearly) => {
    const judged = judge(given, 1);
    expect([judged.verdict, judged.clearly]).toEqual([verdict, clearly]);
  });

  test('a real but small difference is the same, and says so', () => {
    expect(judge(effect(0.3, 0.1), 1).realButSmall).toBe(true);
  });

  test('inconclusive tells how many pairs would settle it', () => {
    const more = moreRuns(effect(0.5, 2), 1);
    expect(more?.pairsNeeded).toBeGreaterThan(30);
    expect(more?.detectable).toBeGreaterThan(0.5);
  });

  test('positive is better, whichever way the metric points', () => {
    expect(pairedEffect([10, 10], [11, 11], { direction: 'down' }).estimate).toBe(-1);
    expect(pairedEffect([10, 10], [11, 11], { direction: 'up', scale: 'percentOfBase' }).estimate).toBeCloseTo(10);
  });
});

describe('properties', () => {
  test('"same" is what two one-sided tests say', () => {
    fc.assert(
      fc.property(sample(3, 20), fc.integer({ min: 1, max: 500 }), (differences, threshold) => {
        const estimate = pairedEstimate(differences);
        const judged = judge(estimate, threshold / 8);
        const { p } = tost(estimate, -threshold / 8, threshold / 8);
        expect(judged.verdict === 'same').toBe(p < 0.05);
      }),
    );
  });

  test('exact tests do not care which side is called x', () => {
    fc.assert(
      fc.property(sample(1, 6), sample(1, 6), (x, y) => {
        const one = mannWhitneyExact(x, y);
        const other = mannWhitneyExact(y, x);
        expect(one.pGreater).toBeCloseTo(other.pLess, 12);
        expect(one.p).toBeCloseTo(other.p, 12);
      }),
    );
  });

  test('adjusted p-values are never below the raw ones, and keep their order', () => {
    const methods = ['bonferroni', 'holm', 'hochberg', 'hommel', 'bh', 'by'] as const;
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 }), (p) => {
        for (const method of methods) {
          const adjusted = adjustP(p, method);
          for (const [i, value] of p.entries()) {
            expect(adjusted[i]).toBeGreaterThanOrEqual(value);
            for (const [j, other] of p.entries()) {
              if (value < other) expect(adjusted[i]).toBeLessThanOrEqual(adjusted[j] as number);
            }
          }
        }
      }),
    );
  });

  test('a balanced crossed layout: REML equals the method of moments where no component is zero', () => {
    const random = mulberry32(5);
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 4 }), fc.integer({ min: 3, max: 6 }), (configs, traces) => {
        const trace = Array.from({ length: traces }, () => 10 * random());
        const cells = Array.from({ length: configs }, () =>
          trace.map((level) => {
            const cell = 3 * random();
            return Array.from({ length: 4 }, () => level + cell + random());
          }),
        );
        const fit = remlCrossed(cells);
        const moments = crossed(cells);
        fc.pre(!fit.singular);
        expect(fit.components.trace).toBeCloseTo(moments.trace, 8);
        expect(fit.components.interaction).toBeCloseTo(moments.interaction, 8);
      }),
      { numRuns: 30 },
    );
  });

  test('the detectable effect is detected with the power it is named for', () => {
    fc.assert(
      fc.property(fc.integer({ min: 3, max: 60 }), (pairs) => {
        expect(pairedTPower(detectableEffect(pairs), pairs)).toBeCloseTo(0.8, 6);
      }),
      { numRuns: 10 },
    );
  });

  test('as many pairs as "same" asks for are enough for its interval, at a difference of 0 and the deviation given', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }).map((n) => n / 10),
        (deviation) => {
          const pairs = Math.ceil(pairsForSame(deviation, 1));
          const { low, high } = tInterval(
            { estimate: 0, standardError: deviation / Math.sqrt(pairs), df: pairs - 1 },
            0.9,
          );
          expect(Math.max(-low, high)).toBeLessThan(1);
        },
      ),
      { numRuns: 30 },
    );
  });

  test('a bootstrap interval lies within what was resampled, and the same seed gives the same', () => {
    fc.assert(
      fc.property(sample(3, 20), fc.nat(), (values, seed) => {
        const draw = () => resample(values, mean, 199, mulberry32(seed));
        const { low, high } = bootstrapOf(values, mean, draw()).percentile(0.95);
        expect(draw()).toEqual(draw());
        expect(low).toBeGreaterThanOrEqual(Math.min(...values) - 1e-9);
        expect(high).toBeLessThanOrEqual(Math.max(...values) + 1e-9);
      }),
      { numRuns: 30 },
    );
  });
});

test('500 comparisons of a configuration with itself: no more false alarms than 5 % allows', () => {
  const random = mulberry32(20_261);
  const normal = () => normalQuantile(Math.min(1 - 1e-12, Math.max(1e-12, random())));
  let alarms = 0;
  let evidence = 0;
  for (let comparison = 0; comparison < 500; comparison++) {
    const differences = Array.from({ length: 10 }, normal);
    const estimate = pairedEstimate(differences);
    if (['better', 'worse'].includes(judge(estimate, 1e-6).verdict)) alarms++;
    if (eValue(tTest(estimate).t, differences.length) >= 20) evidence++;
  }
  // 16 to 35 is what a binomial of 500 at 5 % gives in 95 of 100 cases.
  expect(alarms).toBeGreaterThanOrEqual(16);
  expect(alarms).toBeLessThanOrEqual(35);
  expect(evidence).toBeLessThanOrEqual(alarms);
});

test('an interval that misses the effect in 5 % of the samples', () => {
  const random = mulberry32(11);
  let missed = 0;
  for (let i = 0; i < 1000; i++) {
    const differences = Array.from({ length: 8 }, () => normalQuantile(0.0001 + 0.9998 * random()) + 3);
    const { low, high } = tInterval(pairedEstimate(differences));
    if (low > 3 || high < 3) missed++;
  }
  expect(missed).toBeGreaterThan(30);
  expect(missed).toBeLessThan(72);
});
