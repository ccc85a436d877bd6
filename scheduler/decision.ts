/** Records of decisions, in the words of the framework: what an attempt saw, rejected, scored and chose. */
import type { Code } from './plugin.ts';

export interface StatusRecord {
  readonly code: Code;
  readonly plugin?: string;
  readonly reasons?: readonly string[];
}

export interface PreFilterRecord extends StatusRecord {
  /** Plugins whose Filter is skipped in this cycle, sorted. */
  readonly skipped?: readonly string[];
  readonly narrowed?: boolean;
  /** Sorted. */
  readonly nodeNames?: readonly string[];
}

export interface ScoreRecord {
  readonly name: string;
  readonly weight: number;
  readonly skipped?: boolean;
  /** Parallel to `feasible`. */
  readonly raw?: readonly number[];
  readonly normalized?: readonly number[];
  readonly weighted?: readonly number[];
}

export interface CandidateRecord {
  readonly node: string;
  readonly victims: readonly string[];
  readonly pdbViolations: number;
}

export interface PostFilterRecord extends StatusRecord {
  readonly message: string;
  readonly nominatedNode?: string;
  /** True when a decision was made on the nomination; an empty node then means "clear". */
  readonly nominationDecided?: boolean;
  readonly victims?: readonly string[];
  readonly pdbViolations?: number;
  readonly candidates?: readonly CandidateRecord[];
  readonly dryRunRejected?: ReadonlyArray<{ readonly node: string } & StatusRecord>;
  readonly tiedNodes?: readonly string[];
  readonly clearedNominations?: readonly string[];
}

/**
 * One scheduling attempt in full. Field names and meaning are those of `conformance/golden` (see its README), so that a
 * record compares field by field with what upstream recorded. Empty lists are left out.
 */
export interface AttemptRecord {
  readonly startIndex: number;
  readonly nextStartIndex: number;
  readonly nominatedFirst?: string;
  readonly preFilter?: PreFilterRecord;
  readonly nodesToFind?: number;
  /** In the order of evaluation. */
  readonly rejected?: ReadonlyArray<{ readonly node: string } & StatusRecord>;
  readonly absentNodesStatus?: StatusRecord;
  /** In the order of evaluation. */
  readonly feasible?: readonly string[];
  readonly evaluated: number;
  /** `done`, or why scoring did not run. */
  readonly scoring?: string;
  readonly scores?: readonly ScoreRecord[];
  readonly totals?: readonly number[];
  readonly topScore?: number;
  readonly topNodes?: readonly string[];
  readonly chosen?: string;
  /** What upstream's heap rule picks; absent where a narrowed node set has no defined order upstream. */
  readonly heapChosen?: string;
  readonly fitError?: string;
  readonly postFilter?: PostFilterRecord;
  /** The full text, as it lands in the pod's PodScheduled condition. */
  readonly message?: string;
  readonly error?: string;
}

export type Outcome = 'scheduled' | 'unschedulable' | 'gated' | 'ignored' | 'error';

/** What became of one pod after up to a few attempts (a preemptor is tried again once its victims are gone). */
export interface PodOutcome {
  /** `namespace/name`. */
  readonly pod: string;
  readonly outcome: Outcome;
  readonly node?: string;
  /** Why PreEnqueue holds the pod back. */
  readonly gate?: StatusRecord;
  readonly error?: string;
  /** The node that a plugin was asked about when it failed. */
  readonly errorNode?: string;
  /** Full text of the last failed attempt. */
  readonly message?: string;
  readonly attempts: readonly AttemptSummary[];
}

/** The numbers of an attempt that every run keeps; `record` is there when the scheduler explains. */
export interface AttemptSummary {
  /** Feasible nodes found. */
  readonly feasibleCount: number;
  /** Feasible + rejected. */
  readonly evaluatedCount: number;
  /** Best total; undefined when nothing was scored. */
  readonly topScore?: number;
  /** How far the best total is above the best total of any other node; 0 for a tie, undefined when not scored. */
  readonly margin?: number;
  /** Full message of a failed attempt. */
  readonly message?: string;
  /** Plugins that rejected at least one node or the pod, sorted. */
  readonly unschedulablePlugins: readonly string[];
  readonly node?: string;
  readonly nominatedNode?: string;
  /** Keys of the pods evicted for this pod. */
  readonly victims?: readonly string[];
  readonly record?: AttemptRecord;
}
