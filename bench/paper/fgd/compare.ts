/** Our values against the published ones. */
import { mean, standardDeviation, tTest, welchEstimate } from '../../../statistics/index.ts';
import type { Curves } from './curves.ts';
import { RANDOM_POLICY } from './policies.ts';
import { MEASURE_NAMES, type PublishedTables, runKey } from './published.ts';
import type { SeedResult } from './run-seed.ts';

export interface Row {
  readonly list: string;
  readonly policy: string;
  readonly seed: number;
  readonly gpus: number;
  readonly curves: Curves;
}

export const rowsOf = (results: readonly SeedResult[]): Row[] =>
  results.flatMap(({ list, seed, policies, curves, gpus }) =>
    policies.map((policy, index) => ({ list, policy, seed, gpus, curves: curves[index]! })),
  );

export interface ValueDifference {
  readonly measure: keyof Curves;
  readonly list: string;
  readonly policy: string;
  readonly seed: number;
  readonly loadPercent: number;
  readonly published: string;
  readonly ours: string;
}

export interface Diff {
  readonly compared: number;
  readonly differences: readonly ValueDifference[];
  /** Runs that the published tables do not have. */
  readonly unpublished: number;
}

/** Every value of the policies that are deterministic. */
export function diffWithPublished(rows: readonly Row[], published: PublishedTables): Diff {
  let compared = 0;
  let unpublished = 0;
  const differences: ValueDifference[] = [];
  for (const { list, policy, seed, curves } of rows) {
    if (policy === RANDOM_POLICY) continue;
    for (const measure of MEASURE_NAMES) {
      const texts = published.rows[measure].get(runKey(list, policy, seed));
      if (texts === undefined) {
        unpublished++;
        continue;
      }
      for (const [loadPercent, text] of texts.entries()) {
        compared++;
        const value = curves[measure][loadPercent]!;
        if (Number(text) === value) continue;
        const ours = printedValue(value);
        differences.push({ measure, list, policy, seed, loadPercent, published: text, ours });
      }
    }
  }
  return { compared, differences, unpublished };
}

/** As Python prints a float. */
export const printedValue = (value: number): string => (Number.isInteger(value) ? value.toFixed(1) : String(value));

export interface RandomCheck {
  readonly list: string;
  readonly seeds: number;
  readonly ours: number;
  readonly published: number;
  /** Welch's t test between our seeds and the published ones, two-sided. */
  readonly p: number;
}

/** The policy without a published random stream: its allocation at 100 % of the load, list by list. */
export function checkRandom(rows: readonly Row[], published: PublishedTables, loadPercent = 100): RandomCheck[] {
  const lists = [...new Set(rows.filter(({ policy }) => policy === RANDOM_POLICY).map(({ list }) => list))];
  return lists.flatMap((list) => {
    const runs = rows.filter((row) => row.list === list && row.policy === RANDOM_POLICY);
    const ours = runs.map(({ curves }) => curves.allocation[loadPercent]!);
    const theirs = runs.flatMap(({ seed }) => {
      const text = published.rows.allocation.get(runKey(list, RANDOM_POLICY, seed))?.[loadPercent];
      return text === undefined ? [] : [Number(text)];
    });
    if (ours.length < 2 || theirs.length < 2) return [];
    return [
      { list, seeds: ours.length, ours: mean(ours), published: mean(theirs), p: tTest(welchEstimate(ours, theirs)).p },
    ];
  });
}

export interface Summary {
  readonly mean: number;
  readonly deviation: number;
}

/** Over the seeds. */
export function summarise(rows: readonly Row[], measure: keyof Curves, loadPercent: number): Summary {
  const values = rows.map(({ curves }) => curves[measure][loadPercent]!);
  return { mean: mean(values), deviation: standardDeviation(values) };
}
