/** What a kind of golden file has to offer. New kinds (timelines, controllers, packets) are added to `kinds/index.ts`. */
import type { Difference, Path } from '../compare.ts';
import type { EngineName } from '../engines.ts';
import type { Document } from '../golden-file.ts';

export interface RunOptions {
  readonly engine: EngineName;
}

export interface Counts {
  readonly pods: number;
  readonly attempts: number;
}

export interface Comparison {
  readonly differences: readonly Difference[];
  /** What was compared by a weaker rule than equality, for people. */
  readonly notes: readonly string[];
}

/** A case with its golden result, as read from a document. */
export interface Golden<Case = unknown, Result = unknown> {
  readonly case: Case;
  readonly result: Result;
}

export interface GoldenKind<Case = unknown, Result = unknown> {
  readonly name: string;
  /** Undefined when the document is of another kind. Throws an Error with the reason when it is of this kind but broken. */
  read(document: Document): Golden<Case, Result> | undefined;
  /** What berth makes of the case, in the form of the golden result. */
  run(testCase: Case, options: RunOptions): Result;
  compare(golden: Golden<Case, Result>, got: Result): Comparison;
  count(golden: Golden<Case, Result>): Counts;
  /** Where in the case's own terms a difference is: `pod default/web-1, attempt 2, node node-003`. */
  locate(path: Path, golden: Golden<Case, Result>): string;
}
