/** Runs files of statistics: samples in, the answers of independent statistics software out, each within its tolerance. */
import { type Difference, isObject, type Path } from '../../compare.ts';
import type { Document } from '../../golden-file.ts';
import type { Comparison, Golden, GoldenKind } from '../kind.ts';
import { power, regression, sequential, varianceComponents } from './models.ts';
import { adjustments, bootstrap, descriptive, fits, hdr, specialFunction } from './one-sample.ts';
import { TOLERANCES, type Tolerance } from './tolerance.ts';
import {
  correlation,
  hodgesLehmann,
  kolmogorovSmirnov,
  mannWhitney,
  permutation,
  tTests,
  wilcoxon,
} from './two-samples.ts';
import type { Answerer, Fields } from './types.ts';

const ANSWERERS = {
  bootstrap,
  correlation,
  descriptive,
  'distribution-fits': fits,
  'group-sequential': sequential,
  'hdr-percentiles': hdr,
  'hodges-lehmann': hodgesLehmann,
  'kolmogorov-smirnov': kolmogorovSmirnov,
  'mann-whitney-and-effect': mannWhitney,
  'p-adjust': adjustments,
  'permutation-exact': permutation,
  power,
  regression,
  'special-functions': specialFunction,
  't-tests-and-tost': tTests,
  'variance-components': varianceComponents,
  'wilcoxon-signed-rank': wilcoxon,
} as unknown as Readonly<Record<string, Answerer<Fields>>>;

interface StatisticsCase {
  readonly topic: string;
  readonly cases: readonly Fields[];
}

export const statisticsKind: GoldenKind<StatisticsCase, readonly Fields[]> = {
  name: 'statistics',
  read,
  run: ({ topic, cases }) => cases.map((given) => (ANSWERERS[topic] as Answerer<Fields>)(given, expectedOf(given))),
  compare,
  count: ({ case: { cases } }) => ({ pods: 0, attempts: cases.length }),
  locate: (path, { case: { cases } }) => `case ${String(cases[Number(path[0])]?.id ?? path[0])}`,
};

function read(document: Document): Golden<StatisticsCase, readonly Fields[]> | undefined {
  const { topic, cases } = document;
  if (typeof topic !== 'string' || !Array.isArray(cases) || document.tolerance === undefined) return undefined;
  if (ANSWERERS[topic] === undefined) throw new Error(`no statistics of topic "${topic}"`);
  return { case: { topic, cases: cases as Fields[] }, result: (cases as Fields[]).map(expectedOf) };
}

/** Single functions have a value, everything else a record of answers. A bootstrap is also asked for its resamples. */
function expectedOf(given: Fields): Fields {
  if (!isObject(given.expected)) return { value: given.value };
  const resampled = given.resampleStatistics;
  return resampled === undefined ? given.expected : { ...given.expected, resampleStatistics: resampled };
}

function compare(golden: Golden<StatisticsCase, readonly Fields[]>, got: readonly Fields[]): Comparison {
  const differences: Difference[] = [];
  const toleranceOf = TOLERANCES[golden.case.topic];
  for (const [index, expected] of golden.result.entries()) {
    const id = String(golden.case.cases[index]?.id ?? '');
    walk(expected, got[index], [index], (path, want, have) => {
      const name = path.filter((step) => typeof step === 'string').join('.');
      const tolerance = toleranceOf?.(name, id);
      if (tolerance !== undefined && !isClose(want, have, tolerance)) {
        differences.push({ kind: have === undefined ? 'missing' : 'value', path, expected: want, got: have });
      }
    });
  }
  return { differences, notes: [] };
}

type Leaf = (path: Path, expected: unknown, got: unknown) => void;

/** Every answer that the reference gave; `null` is one that it did not, and `error` that it could not. */
function walk(expected: unknown, got: unknown, path: Path, leaf: Leaf): void {
  if (expected === null || (isObject(expected) && 'error' in expected)) return;
  if (Array.isArray(expected)) {
    for (const [index, value] of expected.entries())
      walk(value, Array.isArray(got) ? got[index] : undefined, [...path, index], leaf);
  } else if (isObject(expected)) {
    for (const [key, value] of Object.entries(expected))
      walk(value, isObject(got) ? got[key] : undefined, [...path, key], leaf);
  } else leaf(path, expected, got);
}

function isClose(expected: unknown, got: unknown, { relative = 0, absolute = 0, atLeast }: Tolerance): boolean {
  // What is undefined for the reference is "no difference" for a workbench.
  if (expected === 'NaN') return got === 'NaN' || got === 1 || got === 0 || Number.isNaN(got);
  if (expected === 'Infinity' || expected === '-Infinity') return got === Number(expected);
  if (typeof expected !== 'number' || typeof got !== 'number') return expected === got;
  if (expected === got || (atLeast && got > expected)) return true;
  return Math.abs(got - expected) <= Math.max(absolute, relative * Math.abs(expected));
}
