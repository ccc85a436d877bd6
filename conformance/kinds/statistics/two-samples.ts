/** Answers about pairs and about independent samples, in the form of `golden-stats`. */
import {
  cliffsDelta,
  cohensD,
  hedgesG,
  hodgesLehmannPaired,
  hodgesLehmannShift,
  kendall,
  kolmogorovTail,
  ksDistance,
  ksDistanceFrom,
  ksOneSampleExact,
  ksTwoSampleAsymptotic,
  ksTwoSampleExact,
  mannWhitneyAsymptotic,
  mannWhitneyExact,
  mean,
  normalCdf,
  pairedEstimate,
  pearson,
  type RankTest,
  signedRankAsymptotic,
  signedRankExact,
  signFlipExact,
  spearman,
  splitExact,
  standardDeviation,
  type TEstimate,
  tInterval,
  tost,
  tTest,
  varghaDelaneyA,
  variance,
  welchEstimate,
  type ZeroMethod,
} from '../../../statistics/index.ts';
import type { Answerer, Fields } from './types.ts';

interface Pair {
  readonly kind?: string;
  readonly x: number[];
  readonly y: number[];
}

const minus = ({ x, y }: Pair): number[] => x.map((value, i) => value - (y[i] as number));

/** As the answers were made: to nine decimals, so that equal differences are equal. */
const rounded = (values: readonly number[]): number[] => values.map((value) => Math.round(value * 1e9) / 1e9);

const conditional = ({ p, pGreater, pLess }: RankTest): Fields => ({ greater: pGreater, less: pLess, twoSided: p });

export const wilcoxon: Answerer<{ differences: number[] }> = ({ differences }, expected) => {
  const answer: Record<string, unknown> = {};
  for (const zeros of ['wilcox', 'pratt', 'zsplit'] as ZeroMethod[]) {
    for (const correction of ['cc', 'nocc']) {
      answer[`asymptotic-${zeros}-${correction}`] = signedRankAsymptotic(differences, zeros, correction === 'cc');
    }
  }
  const exact = signedRankExact(differences);
  if (expected.exact !== undefined) answer.exact = exact;
  if (expected.exactConditional !== undefined) {
    answer.exactConditional = { wPlus: exact.wPlus, ...conditional(exact) };
  }
  return answer;
};

export const mannWhitney: Answerer<Pair> = ({ x, y }, expected) => {
  const asymptotic = (continuity: boolean): Fields => {
    const { u1, u2, ...p } = mannWhitneyAsymptotic(x, y, continuity);
    return { U1: u1, U2: u2, ...p };
  };
  const isExactAsked = expected.exact !== undefined || expected.exactConditional !== undefined;
  const exact = isExactAsked ? mannWhitneyExact(x, y) : undefined;
  return {
    'asymptotic-cc': asymptotic(true),
    'asymptotic-nocc': asymptotic(false),
    exact,
    exactConditional: exact && conditional(exact),
    effect: {
      cliffsDelta: cliffsDelta(x, y),
      vdA: varghaDelaneyA(x, y),
      cohensD: cohensD(x, y),
      hedgesG: hedgesG(x, y),
    },
  };
};

export const tTests: Answerer<Pair> = (given, expected) => {
  const isPaired = given.kind === 'paired';
  const estimate = isPaired ? pairedEstimate(minus(given)) : welchEstimate(given.x, given.y);
  const { low, high } = expected.tost as { low: number; high: number };
  const { t, df, p, pGreater } = tTest(estimate);
  const interval = (level: number): number[] => {
    const { low: from, high: to } = tInterval(estimate, level);
    return [from, to];
  };
  return {
    t,
    df,
    p,
    pGreater,
    ci95: interval(0.95),
    ci90: interval(0.9),
    dz: isPaired ? mean(minus(given)) / standardDeviation(minus(given)) : undefined,
    student: isPaired ? undefined : studentOf(given),
    tost: { low, high, ...tost(estimate, low, high), tLow: tTest(estimate, low).t, tHigh: tTest(estimate, high).t },
  };
};

/** With a pooled variance: not used by berth, only to see that Welch's is another test. */
function studentOf({ x, y }: Pair): Fields {
  const df = x.length + y.length - 2;
  const pooled = ((x.length - 1) * variance(x) + (y.length - 1) * variance(y)) / df;
  const estimate: TEstimate = {
    estimate: mean(x) - mean(y),
    standardError: Math.sqrt(pooled * (1 / x.length + 1 / y.length)),
    df,
  };
  const { t, p } = tTest(estimate);
  return { t, df, p };
}

export const permutation: Answerer<Pair> = (given) => ({
  ...(given.kind?.startsWith('paired') ? signFlipExact(minus(given)) : splitExact(given.x, given.y)),
});

export const hodgesLehmann: Answerer<Pair> = (given) => {
  const { estimate, low, high, k, how } =
    given.kind === 'paired' ? hodgesLehmannPaired(rounded(minus(given))) : hodgesLehmannShift(given.x, given.y);
  return { estimate, k, how, ci95: [low, high] };
};

interface KsCase {
  readonly kind: string;
  readonly x: number[];
  readonly y: number[];
  readonly values: number[] | null;
}

const CDFS: Readonly<Record<string, (a: number, b: number) => (value: number) => number>> = {
  normal: (middle, deviation) => (value) => normalCdf((value - middle) / deviation),
  exponential: (from, scale) => (value) => (value <= from ? 0 : -Math.expm1(-(value - from) / scale)),
  uniform: (low, width) => (value) => Math.min(1, Math.max(0, (value - low) / width)),
};

export const kolmogorovSmirnov: Answerer<KsCase> = ({ kind, x, y, values }, expected) => {
  if (kind === 'two-sample') {
    const d = ksDistance(x, y);
    return {
      exact: expected.exact && { D: d, p: ksTwoSampleExact(d, x.length, y.length) },
      asymp: { D: d, p: ksTwoSampleAsymptotic(d, x.length, y.length) },
    };
  }
  const sample = values ?? [];
  return Object.fromEntries(
    Object.entries(expected).map(([family, asked]) => {
      const { args } = asked as { args: [number, number] };
      const d = ksDistanceFrom(sample, (CDFS[family] as (a: number, b: number) => (v: number) => number)(...args));
      const asymptotic = kolmogorovTail(d * Math.sqrt(sample.length));
      return [family, { args, D: d, pExact: ksOneSampleExact(d, sample.length), pAsymptotic: asymptotic }];
    }),
  );
};

export const correlation: Answerer<Pair> = ({ x, y }) => {
  const ranks = spearman(x, y);
  const tau = kendall(x, y);
  return {
    spearman: { rho: ranks.r, pT: ranks.p },
    kendallTauB: { tau: tau.tau, pAsymptotic: tau.pAsymptotic, pExact: tau.pExact },
    pearson: pearson(x, y),
  };
};
