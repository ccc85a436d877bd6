/** Answers about one sample, in the form of `golden-stats`. */
import {
  adjustP,
  aic,
  ascending,
  bootstrapOf,
  chiSquareCdf,
  coefficientOfVariation,
  fCdf,
  fitExponential,
  fitHyperExponential,
  fitLognormal,
  fitPareto,
  fitWeibull,
  geometricMean,
  gini,
  hillAlpha,
  indexOfDispersion,
  jain,
  kolmogorovExactCdf,
  LatencyHistogram,
  MAD_TO_SIGMA,
  mean,
  median,
  medianAbsoluteDeviation,
  mulberry32,
  nearestRank,
  normalCdf,
  normalQuantile,
  quantile,
  quantileSorted,
  rankSumCdf,
  resample,
  type Statistic,
  signRankCdf,
  skewness,
  squaredCoefficientOfVariation,
  standardDeviation,
  standardError,
  sum,
  tCdf,
  tQuantile,
  trimmedMean,
  variance,
} from '../../../statistics/index.ts';
import type { Answerer } from './types.ts';

export const descriptive: Answerer<{ values: number[] }> = ({ values }, expected) => {
  const sorted = ascending(values);
  const probs = expected.probs as number[];
  const at = (type: 1 | 7 | 8) => probs.map((p) => quantileSorted(sorted, p, type));
  const hasSpread = values.length > 1;
  return {
    n: values.length,
    sum: sum(values),
    mean: mean(values),
    variance: hasSpread ? variance(values) : null,
    stdev: hasSpread ? standardDeviation(values) : null,
    cv: coefficientOfVariation(values),
    sem: hasSpread ? standardError(values) : null,
    median: median(values),
    mad: medianAbsoluteDeviation(values),
    madNormal: medianAbsoluteDeviation(values) * MAD_TO_SIGMA,
    min: sorted[0],
    max: sorted.at(-1),
    geometricMean: geometricMean(values),
    trimmedMean20: trimmedMean(values, 0.2),
    skewness: skewness(values),
    probs,
    quantileType7: at(7),
    quantileType8: at(8),
    quantileType1: at(1),
    gini: gini(values),
    jain: jain(values),
    scv: squaredCoefficientOfVariation(values),
    indexOfDispersion: indexOfDispersion(values),
  };
};

const STATISTICS: Readonly<Record<string, Statistic>> = {
  mean: (values) => mean(values),
  median: (values) => median(values),
  p90: (values) => quantile(values, 0.9),
};

interface BootstrapCase {
  readonly values: number[];
  readonly statistic: string;
  readonly prngSeed: number;
  readonly resamples: number;
  readonly observed: number;
  readonly resampleStatistics: number[];
}

export const bootstrap: Answerer<BootstrapCase> = (given) => {
  const statistic = STATISTICS[given.statistic] as Statistic;
  const drawn = resample(given.values, statistic, given.resamples, mulberry32(given.prngSeed));
  const from = bootstrapOf(given.values, statistic, given.resampleStatistics, given.observed);
  const both = (interval: { low: number; high: number } | undefined) =>
    interval === undefined ? ['NaN', 'NaN'] : [interval.low, interval.high];
  return {
    percentile95: both(from.percentile(0.95)),
    basic95: both(from.basic(0.95)),
    bca95: both(from.bca(0.95)),
    percentile90: both(from.percentile(0.9)),
    basic90: both(from.basic(0.9)),
    bca90: both(from.bca(0.9)),
    standardError: from.standardError,
    z0: from.z0,
    acceleration: from.acceleration,
    resampleStatistics: [...drawn],
  };
};

export const fits: Answerer<{ values: number[] }> = ({ values }, expected) => {
  const lognormal = fitLognormal(values);
  const exponential = fitExponential(values);
  const weibull = fitWeibull(values);
  const pareto = fitPareto(values);
  const hyper = (phases: number) => {
    if (expected[`hyper${phases}`] === undefined) return undefined;
    const { logLikelihood, weights, means } = fitHyperExponential(values, phases);
    return { logLik: logLikelihood, weights, means };
  };
  const hill = (expected.hill as Array<{ k: number }>).map(({ k }) => ({ k, alpha: hillAlpha(values, k) }));
  return {
    lognormal: { mu: lognormal.mu, sigma: lognormal.sigma, logLik: lognormal.logLikelihood },
    exponential: { rate: exponential.rate, logLik: exponential.logLikelihood },
    weibull: { shape: weibull.shape, scale: weibull.scale, logLik: weibull.logLikelihood },
    pareto: { xMin: pareto.xMin, alpha: pareto.alpha, logLik: pareto.logLikelihood },
    hill,
    hyper2: hyper(2),
    hyper3: hyper(3),
    aic: {
      lognormal: aic(2, lognormal.logLikelihood),
      exponential: aic(1, exponential.logLikelihood),
      weibull: aic(2, weibull.logLikelihood),
      pareto: aic(2, pareto.logLikelihood),
    },
  };
};

export const hdr: Answerer<{ values: number[] }> = ({ values }, expected) => {
  const histogram = new LatencyHistogram();
  for (const value of values) histogram.record(value);
  const percentiles = expected.percentiles as number[];
  const sorted = ascending(values);
  return {
    percentiles,
    hdr3: percentiles.map((percent) => histogram.percentile(percent)),
    nearestRank: percentiles.map((percent) => nearestRank(sorted, percent / 100)),
    hdrMean: histogram.mean,
    hdrMin: histogram.min,
    hdrMax: histogram.max,
  };
};

export const adjustments: Answerer<{ p: number[] }> = ({ p }) => ({
  bonferroni: adjustP(p, 'bonferroni'),
  holm: adjustP(p, 'holm'),
  hochberg: adjustP(p, 'hochberg'),
  hommel: adjustP(p, 'hommel'),
  bh: adjustP(p, 'bh'),
  by: adjustP(p, 'by'),
});

const FUNCTIONS: Readonly<Record<string, (...args: number[]) => number>> = {
  normalCdf,
  normalQuantile,
  tCdf,
  tQuantile,
  fCdf,
  chiSquareCdf,
  signRankCdf,
  rankSumCdf,
  kolmogorovExactCdf,
};

export const specialFunction: Answerer<{ f: string; args: number[] }> = ({ f, args }) => ({
  value: FUNCTIONS[f]?.(...args),
});
