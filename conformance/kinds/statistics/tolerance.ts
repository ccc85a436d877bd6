/**
 * How close an answer has to be, topic by topic: the tolerances that `golden-stats` states in words. What it calls
 * information is not compared.
 */
export interface Tolerance {
  readonly relative?: number;
  readonly absolute?: number;
  /** The answer may be above the expected value without limit: a better maximum than the reference found. */
  readonly atLeast?: boolean;
}

export const EXACT: Tolerance = {};

/** `undefined`: for information only. @param path field names without list positions, joined by dots. */
export type ToleranceOf = (path: string, id: string) => Tolerance | undefined;

const P_TIGHT: Tolerance = { relative: 1e-9, absolute: 1e-14 };

export const TOLERANCES: Readonly<Record<string, ToleranceOf>> = {
  bootstrap: (path) =>
    path === 'z0'
      ? { absolute: 1e-12 }
      : path === 'resampleStatistics'
        ? { relative: 1e-12 }
        : { relative: 1e-9, absolute: 1e-15 },
  correlation: (path) => (/\.p/.test(path) ? { relative: 1e-8, absolute: 1e-14 } : { absolute: 1e-10 }),
  descriptive: descriptive,
  'distribution-fits': fits,
  'group-sequential': (path) =>
    ({
      constant: { absolute: 1e-3 },
      bounds: { absolute: 2e-3 },
      spent: { absolute: 1e-10 },
      crossing: { absolute: 1e-5 },
    })[path],
  'hdr-percentiles': (path) => (path === 'nearestRank' || path === 'percentiles' ? EXACT : { relative: 1e-3 }),
  'hodges-lehmann': (path) => (path === 'k' || path === 'how' ? EXACT : { absolute: 1e-8 }),
  'kolmogorov-smirnov': (path) => {
    if (path.endsWith('.args')) return EXACT;
    if (path.endsWith('.D')) return { absolute: 1e-12 };
    return { relative: path.startsWith('exact') || path.endsWith('pExact') ? 1e-6 : 1e-8, absolute: 1e-12 };
  },
  'mann-whitney-and-effect': (path) => {
    if (/\.U[12]$/.test(path)) return EXACT;
    if (path === 'effect.cliffsDelta' || path === 'effect.vdA') return { absolute: 1e-12 };
    return path.startsWith('effect') ? { relative: 1e-9 } : P_TIGHT;
  },
  'p-adjust': () => ({ relative: 1e-12 }),
  'permutation-exact': (path) => (path === 'observed' ? { relative: 1e-10 } : { absolute: 1e-12 }),
  power: (path) => {
    if (/80$/.test(path)) return { relative: 1e-7 };
    return { absolute: path === 'pairedT' || path === 'twoSampleT' ? 1e-8 : 1e-12 };
  },
  regression: () => ({ relative: 1e-8, absolute: 1e-10 }),
  'special-functions': () => ({ relative: 1e-10, absolute: 1e-15 }),
  't-tests-and-tost': (path) => {
    if (/ci9/.test(path)) return { relative: 1e-9, absolute: 1e-9 };
    return /(^|\.)p/.test(path) ? { relative: 1e-8, absolute: 1e-14 } : { relative: 1e-9 };
  },
  'variance-components': (path) => {
    if (path.startsWith('statsmodels')) return undefined;
    if (path.startsWith('anova')) return { relative: 1e-9, absolute: 1e-12 };
    return path === 'reml.remlLogLik' ? { absolute: 1e-5 } : { relative: 1e-4, absolute: 1e-5 };
  },
  'wilcoxon-signed-rank': (path) => {
    if (/\.(statistic|wPlus)$/.test(path)) return EXACT;
    return path.endsWith('.z') ? { absolute: 1e-10 } : P_TIGHT;
  },
};

function descriptive(path: string, id: string): Tolerance | undefined {
  const isOffset = id.includes('offset');
  if (path === 'skewness') return isOffset ? undefined : { relative: 1e-8, absolute: 1e-12 };
  if (['variance', 'stdev', 'cv', 'scv', 'sem', 'indexOfDispersion', 'gini'].includes(path)) {
    return { relative: isOffset ? 1e-6 : 1e-9 };
  }
  return path.startsWith('quantile') ? { relative: 1e-12, absolute: 1e-12 } : { relative: 1e-12 };
}

function fits(path: string): Tolerance | undefined {
  if (/scipy|weights|means|hyper.*aic/.test(path)) return undefined;
  if (path.startsWith('hyper')) return { absolute: 0.01, atLeast: true };
  if (path.startsWith('exponential')) return { relative: 1e-12 };
  if (path.startsWith('weibull') || path === 'aic.weibull') {
    return path.endsWith('logLik') || path.startsWith('aic') ? { absolute: 1e-6 } : { relative: 1e-7 };
  }
  return { relative: 1e-9 };
}
