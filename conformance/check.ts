/** One golden document: run the case, compare everything, say in words where it differs. */
import { InputError } from '../api/index.ts';
import type { Difference } from './compare.ts';
import { type Document, type GoldenFile, notGolden, readDocument } from './golden-file.ts';
import { type Recognised, recognise } from './kinds/index.ts';
import type { Counts, RunOptions } from './kinds/kind.ts';
import { withSamples } from './kinds/statistics/samples.ts';
import { unsupportedKind } from './kinds/unsupported.ts';

export interface LocatedDifference extends Difference {
  /** In the case's own terms; '' at the root. */
  readonly where: string;
}

export interface Check extends Counts {
  readonly kind: string;
  readonly passed: boolean;
  /** Why nothing could be compared. */
  readonly problem?: string;
  readonly differences: readonly LocatedDifference[];
  /** What was compared by a weaker rule than equality. */
  readonly notes: readonly string[];
}

export interface FileReport extends Check {
  readonly file: string;
  readonly family: string;
  /** All differences; `differences` may hold only the first of them. */
  readonly differenceCount: number;
}

/** Undefined when the document is no golden document at all. */
export function checkDocument(document: Document, options: RunOptions): Check | undefined {
  const unsupported = unsupportedKind(document);
  if (unsupported !== undefined) return problemCheck(unsupported, `not supported yet: ${unsupported}`);
  let recognised: Recognised | undefined;
  try {
    recognised = recognise(document);
  } catch (error) {
    return problemCheck('unknown', messageOf(error));
  }
  return recognised === undefined ? undefined : checkGolden(recognised, options);
}

export function checkGolden({ kind, golden }: Recognised, options: RunOptions): Check {
  const counts = kind.count(golden);
  let got: unknown;
  try {
    got = kind.run(golden.case, options);
  } catch (error) {
    return { ...problemCheck(kind.name, `berth failed: ${messageOf(error)}`), ...counts };
  }
  const { differences, notes } = kind.compare(golden, got);
  return {
    kind: kind.name,
    ...counts,
    passed: differences.length === 0,
    differences: differences.map((difference) => ({ ...difference, where: kind.locate(difference.path, golden) })),
    notes,
  };
}

/** Throws InputError when the file is no golden file. */
export function checkFile({ path, name, family }: GoldenFile, options: RunOptions, keep: number): FileReport {
  const check = checkDocument(withSamples(readDocument(path), path), options);
  if (check === undefined) throw notGolden(path, 'its fields are those of no kind of golden file');
  return {
    ...check,
    file: name,
    family,
    differenceCount: check.differences.length,
    differences: check.differences.slice(0, keep),
  };
}

const problemCheck = (kind: string, problem: string): Check => ({
  kind,
  pods: 0,
  attempts: 0,
  passed: false,
  problem,
  differences: [],
  notes: [],
});

const messageOf = (error: unknown): string => {
  if (error instanceof InputError) return error.message;
  return error instanceof Error ? `${error.name === 'Error' ? '' : `${error.name}: `}${error.message}` : String(error);
};
