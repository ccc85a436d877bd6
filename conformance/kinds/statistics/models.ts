/** Answers about trends, variance components, power and planned looks, in the form of `golden-stats`. */
import {
  type BoundShape,
  type Cells,
  crossed,
  detectableEffect,
  leastSquares,
  nested,
  normalDetectableEffect,
  normalPairsNeeded,
  normalPower,
  oneWay,
  pairedTPower,
  pairsNeeded,
  plannedLooks,
  powerLaw,
  type RemlFit,
  remlCrossed,
  remlNested,
  remlNestedFixed,
  remlOneWay,
  spendingLooks,
  theilSenSlope,
  twoSampleTPower,
  WILCOXON_EFFICIENCY,
  wilcoxonPower,
} from '../../../statistics/index.ts';
import type { Answerer, Fields } from './types.ts';

const both = ({ low, high }: { low: number; high: number }): number[] => [low, high];

export const regression: Answerer<{ kind: string; x: number[]; y: number[] }> = ({ kind, x, y }) => {
  if (kind === 'loglog') {
    const { exponent, constant, line } = powerLaw(x, y);
    return {
      exponent,
      logConstant: line.intercept,
      constant,
      exponentSe: line.slopeStandardError,
      exponentCi95: both(line.slopeInterval(0.95)),
      r2: line.r2,
    };
  }
  const line = leastSquares(x, y);
  return {
    slope: line.slope,
    intercept: line.intercept,
    r2: line.r2,
    slopeSe: line.slopeStandardError,
    interceptSe: line.interceptStandardError,
    p: line.p,
    slopeCi95: both(line.slopeInterval(0.95)),
    interceptCi95: both(line.interceptInterval(0.95)),
    theilSenSlope: theilSenSlope(x, y),
  };
};

export const power: Answerer<{ n: number; effect: number; alpha: number }> = ({ n, effect, alpha }) => ({
  pairedT: pairedTPower(effect, n, alpha),
  pairedTNormal: normalPower(effect, n, alpha),
  wilcoxonNormal: wilcoxonPower(effect, n, alpha),
  twoSampleT: twoSampleTPower(effect, n, alpha),
  mdePairedT80: detectableEffect(n, alpha),
  mdeNormal80: normalDetectableEffect(n, alpha),
  nForPairedT80: pairsNeeded(effect, alpha),
  nNormal80: normalPairsNeeded(effect, alpha),
  nWilcoxon80: normalPairsNeeded(effect, alpha) / WILCOXON_EFFICIENCY,
});

interface SequentialCase {
  readonly kind: string;
  readonly alpha: number;
  readonly looks: number;
  readonly fractions: number[];
}

export const sequential: Answerer<SequentialCase> = ({ kind, alpha, looks, fractions }) => {
  const shape: BoundShape = kind.endsWith('pocock') ? 'pocock' : 'obrien-fleming';
  return kind.startsWith('lan-demets')
    ? { ...spendingLooks(shape, fractions, alpha) }
    : { ...plannedLooks(shape, looks, alpha) };
};

interface VarianceCase {
  readonly model: string;
  readonly y: number[];
  readonly config: string[];
  readonly trace: string[];
}

export const varianceComponents: Answerer<VarianceCase> = (given) => {
  if (given.model === 'oneway') {
    const groups = grouped(given.y, given.config);
    const { f, ...rest } = oneWay(groups);
    return { anova: { ...rest, F: f }, reml: remlAnswer(remlOneWay(groups), given.config, { config: 'config' }) };
  }
  const cells = cellsOf(given);
  const names = given.config;
  if (given.model === 'nested') {
    const reml = remlAnswer(remlNested(cells), names, { trace: 'trace:config', config: 'config' });
    return { anova: nested(cells), reml };
  }
  if (given.model === 'nestedFixed') {
    const { trace, tieBreak } = nested(cells);
    return { anova: { trace, tieBreak }, reml: remlAnswer(remlNestedFixed(cells), names, { trace: 'config:trace' }) };
  }
  const reml = remlAnswer(remlCrossed(cells), names, { trace: 'trace', interaction: 'trace:config' });
  return { anova: crossed(cells), reml };
};

function grouped(values: readonly number[], keys: readonly string[]): number[][] {
  const groups = new Map<string, number[]>();
  for (const [index, value] of values.entries()) {
    const key = keys[index] as string;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [value]);
    else group.push(value);
  }
  return [...groups.values()];
}

function cellsOf({ y, config, trace }: VarianceCase): Cells {
  const configs = [...new Set(config)];
  return configs.map((name) => {
    const places = [...config.keys()].filter((index) => config[index] === name);
    return grouped(
      places.map((index) => y[index] as number),
      places.map((index) => trace[index] as string),
    );
  });
}

/** By lme4's names. */
function remlAnswer(fit: RemlFit, configs: readonly string[], names: Readonly<Record<string, string>>): Fields {
  const vcov: Record<string, unknown> = { residual: fit.components.tieBreak };
  for (const [component, name] of Object.entries(names)) vcov[name] = fit.components[component];
  const labels = ['(Intercept)', ...[...new Set(configs)].slice(1).map((name) => `config${name}`)];
  const byLabel = (values: readonly number[]): Fields =>
    Object.fromEntries(values.map((value, index) => [labels[index] as string, value]));
  return {
    vcov,
    fixef: byLabel(fit.fixed),
    fixefSe: byLabel(fit.fixedStandardErrors),
    remlLogLik: fit.logLikelihood,
    singular: fit.singular,
  };
}
