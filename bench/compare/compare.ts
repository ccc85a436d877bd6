/**
 * Configurations against a base, paired by workload and seed. Effects are signed so that positive is better. A wide table
 * raises false alarms: verdicts use intervals at 1 − α/k for k configurations, p-values of the primary metrics are Holm's,
 * those of all others Benjamini and Hochberg's.
 */
import type { ComparedMeans } from '../../reports/index.ts';
import {
  adjustP,
  crossed,
  hodgesLehmannPaired,
  type Judgement,
  judge,
  type MoreRuns,
  mean,
  moreRuns,
  pairedEstimate,
  signFlipExact,
  skewness,
  standardDeviation,
  type TEstimate,
} from '../../statistics/index.ts';
import {
  COMPARED_METRICS,
  type ComparedMetric,
  DEFAULT_THRESHOLD_PERCENT,
  TIMING_THRESHOLD_PERCENT,
} from './metrics.ts';
import type { RunColumn } from './read-runs.ts';

const ALPHA = 0.05;
/** Up to here all sign choices are tried. */
const EXACT_PAIRS = 14;
const SKEWED = 1;
const ENOUGH_PAIRS = 30;

export type Threshold = { readonly percent: number } | { readonly absolute: number };

export interface CompareOptions {
  /** By metric name; `'*'` for all others. */
  readonly thresholds: ReadonlyMap<string, Threshold>;
  /** @default the first metric that both sides have */
  readonly primary?: readonly string[];
}

/** `exact`: one input, nothing random: a difference, and no interval. */
export type Outcome = Judgement['verdict'] | 'exact';

export interface ComparedValue extends ComparedMeans {
  readonly metric: ComparedMetric;
  readonly outcome: Outcome;
  readonly judgement: Judgement | undefined;
  /** When inconclusive. Takes milliseconds, so it is worked out when asked for. */
  more(): MoreRuns | undefined;
}

export interface RunComparison {
  readonly base: string;
  readonly level: number;
  readonly values: readonly ComparedValue[];
  /** Cells that only one side has: not compared. */
  readonly unpaired: ReadonlyArray<{ readonly other: string; readonly cells: number }>;
}

export function compareRuns(base: RunColumn, others: readonly RunColumn[], options: CompareOptions): RunComparison {
  const level = 1 - ALPHA / Math.max(1, others.length);
  const primary = new Set(options.primary ?? firstMetricOf([base, ...others]));
  const values = others.flatMap((other) =>
    COMPARED_METRICS.flatMap((metric) => {
      const value = compareMetric(base, other, metric, primary.has(metric.name), level, options);
      return value === undefined ? [] : [value];
    }),
  );
  const unpaired = others
    .map((other) => ({
      other: other.name,
      cells: base.cells.size + other.cells.size - 2 * pairedKeys(base, other).length,
    }))
    .filter(({ cells }) => cells > 0);
  return { base: base.name, level, values: adjusted(values), unpaired };
}

const firstMetricOf = (columns: readonly RunColumn[]): string[] => {
  const has = (name: string): boolean =>
    columns.every(({ cells }) => [...cells.values()].every((values) => values.has(name)));
  return COMPARED_METRICS.filter(({ name }) => has(name))
    .slice(0, 1)
    .map(({ name }) => name);
};

const pairedKeys = (base: RunColumn, other: RunColumn): string[] =>
  [...base.cells.keys()].filter((key) => other.cells.has(key));

function compareMetric(
  base: RunColumn,
  other: RunColumn,
  metric: ComparedMetric,
  isPrimary: boolean,
  level: number,
  { thresholds }: CompareOptions,
): ComparedValue | undefined {
  const before: number[] = [];
  const after: number[] = [];
  for (const key of pairedKeys(base, other)) {
    const x = base.cells.get(key)?.get(metric.name);
    const y = other.cells.get(key)?.get(metric.name);
    if (x === undefined || y === undefined) continue;
    before.push(x);
    after.push(y);
  }
  if (before.length === 0) return undefined;
  const { differences, unit } = signedDifferences(before, after, metric);
  const baseMean = mean(before);
  const threshold = thresholdOf(metric, unit, baseMean, thresholds);
  const estimate = pairedEstimate(differences);
  const isOnlyOne = before.length === 1;
  const judgement = isOnlyOne ? undefined : judge(estimate, threshold, level);
  return {
    metric,
    base: base.name,
    other: other.name,
    isPrimary,
    pairs: before.length,
    baseMean,
    baseDeviation: standardDeviation(before),
    otherMean: mean(after),
    otherDeviation: standardDeviation(after),
    unit,
    effect: estimate.estimate,
    threshold,
    outcome: judgement?.verdict ?? 'exact',
    judgement,
    p: judgement && pOf(differences, judgement),
    pAdjusted: undefined,
    more: () => (judgement?.verdict === 'inconclusive' ? moreRuns(estimate, threshold, level) : undefined),
    notes: [
      ...(judgement === undefined ? [] : cautions(differences, estimate, judgement)),
      ...luckOfTies(base, other, metric.name),
    ],
  };
}

function signedDifferences(
  before: readonly number[],
  after: readonly number[],
  { direction, isTiming }: ComparedMetric,
): { differences: number[]; unit: '%' | 'absolute' } {
  const sign = direction === 'up' ? 1 : -1;
  if (isTiming && [...before, ...after].every((value) => value > 0)) {
    return { differences: before.map((x, j) => sign * 100 * Math.log(after[j]! / x)), unit: '%' };
  }
  const scale = Math.abs(mean(before));
  const unit = scale > 0 ? '%' : 'absolute';
  const factor = scale > 0 ? 100 / scale : 1;
  return { differences: before.map((x, j) => sign * factor * (after[j]! - x)), unit };
}

/** In the unit of the effect. */
function thresholdOf(
  { name, isTiming }: ComparedMetric,
  unit: '%' | 'absolute',
  baseMean: number,
  thresholds: ReadonlyMap<string, Threshold>,
): number {
  const given = thresholds.get(name) ?? thresholds.get('*');
  const percent = isTiming ? TIMING_THRESHOLD_PERCENT : DEFAULT_THRESHOLD_PERCENT;
  if (given === undefined) return unit === '%' ? percent : percent / 100;
  if ('percent' in given) return unit === '%' ? given.percent : given.percent / 100;
  return unit === '%' ? (100 * given.absolute) / Math.abs(baseMean) : given.absolute;
}

/** Of the exact sign-flip test up to 14 pairs, of the t test above. */
const pOf = (differences: readonly number[], judgement: Judgement): number =>
  differences.length <= EXACT_PAIRS ? signFlipExact(differences).p : judgement.p;

/** Where the mean and its t interval may not be the whole story. */
function cautions(differences: readonly number[], estimate: TEstimate, judgement: Judgement): string[] {
  const notes: string[] = [];
  const skew = skewness(differences);
  if (Math.abs(skew) > SKEWED && differences.length < ENOUGH_PAIRS) {
    notes.push(`differences are skewed (${skew.toFixed(1)}) and few`);
  }
  const robust = hodgesLehmannPaired(differences).estimate;
  const half = (judgement.interval95.high - judgement.interval95.low) / 2;
  if (robust * estimate.estimate < 0 || Math.abs(robust - estimate.estimate) > half) {
    notes.push(`the robust estimate (Hodges–Lehmann) is ${robust.toPrecision(2)}`);
  }
  return notes;
}

/** How much of the scatter is the luck of ties, where every cell was run with the same number of draws of them. */
function luckOfTies(base: RunColumn, other: RunColumn, metric: string): string[] {
  const drawsOf = ({ draws }: RunColumn) => pairedKeys(base, other).map((key) => draws.get(key)?.get(metric) ?? []);
  const cells = [drawsOf(base), drawsOf(other)];
  const [first] = cells[0] ?? [];
  const count = first?.length ?? 0;
  if (count < 2 || cells.flat().some((draws) => draws.length !== count) || cells[0]!.length < 2) return [];
  const { trace, interaction, tieBreak } = crossed(cells);
  const total = trace + interaction + tieBreak;
  if (!(total > 0)) return [];
  const share = Math.round((100 * tieBreak) / total);
  return [
    `the luck of ties scatters single runs by ±${Number(Math.sqrt(tieBreak).toPrecision(2))}, ${share} % of their variance`,
  ];
}

/** The primary metrics of all configurations are one family, everything else another. */
function adjusted(values: readonly ComparedValue[]): ComparedValue[] {
  const result = [...values];
  for (const isPrimary of [true, false]) {
    const places = [...values.keys()].filter((i) => values[i]!.isPrimary === isPrimary && values[i]!.p !== undefined);
    const p = adjustP(
      places.map((i) => values[i]!.p!),
      isPrimary ? 'holm' : 'bh',
    );
    for (const [k, place] of places.entries()) result[place] = { ...values[place]!, pAdjusted: p[k] };
  }
  return result;
}
