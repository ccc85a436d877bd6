/**
 * Outcomes of preemption dry runs by position in the snapshot, kept from pod to pod: which of the first so many candidates is
 * best, without looking at all of them.
 *
 * Nodes are judged in order, as far as anybody has asked. A binary tree over the positions knows for each stretch how many
 * candidates it holds, how many of them break no budget, and the best one.
 * Cost: a node that has changed O(log N) and one dry run when it is next passed; a question O(log N).
 */
import type { PodInfo, PreemptionCandidate, Status } from '../../scheduler/plugin.ts';
import { startOf } from './victims.ts';

/** What a dry run says of a node; undefined for one that is out of the question anyway. */
export type DryRunOutcome = PreemptionCandidate | { readonly status: Status; readonly error?: string } | undefined;

/** Added to every priority in sums, so that negative ones count as victims too (MaxInt32 + 1). */
const PRIORITY_SHIFT = 2 ** 31;

/** Each criterion keeps the best; larger is better. */
export const CRITERIA: ReadonlyArray<(candidate: PreemptionCandidate) => number> = [
  ({ pdbViolations }) => -pdbViolations,
  ({ victims }) => -victims[0]!.priority,
  ({ victims }) => -victims.reduce((sum, victim) => sum + victim.priority + PRIORITY_SHIFT, 0),
  ({ victims }) => -victims.length,
  ({ victims }) => earliestStart(victims),
];

/** Of the victims of the highest priority. */
function earliestStart(victims: readonly PodInfo[]): number {
  let top = Number.NEGATIVE_INFINITY;
  let earliest = Number.POSITIVE_INFINITY;
  for (const victim of victims) {
    if (victim.priority > top) {
      top = victim.priority;
      earliest = startOf(victim);
    } else if (victim.priority === top) {
      earliest = Math.min(earliest, startOf(victim));
    }
  }
  return earliest;
}

interface Judged {
  readonly candidate: PreemptionCandidate;
  readonly grades: readonly number[];
}

const UNKNOWN = 0;
const OUT_OF_QUESTION = 1;
const REJECTED = 2;
const FAILED = 3;
const CANDIDATE = 4;

/** Answers for the node at a position; the answer must depend on the class of the pod and on the node alone. */
export type Judge = (position: number) => DryRunOutcome;

export class CandidateIndex {
  private readonly nodeCount: number;
  /** Leaves of the tree: a power of two. */
  private readonly leaves: number;
  private readonly states: Uint8Array;
  private readonly judged: Array<Judged | undefined>;
  /** Reasons of rejected positions, as a key of `rejections`. */
  private readonly reasons: Array<string | undefined>;
  private readonly rejections = new Map<string, { readonly status: Status; count: number }>();
  /** By vertex of the tree, the root being 1. */
  private readonly counts: Int32Array;
  private readonly keepingCounts: Int32Array;
  /** Position of the best candidate below the vertex; −1 for none. */
  private readonly bests: Int32Array;
  /** All positions before this one have been judged, apart from those in `stale`. */
  private frontier = 0;
  private stale: number[] = [];
  private failedCount = 0;

  constructor(nodeCount: number) {
    this.nodeCount = nodeCount;
    this.leaves = 2 ** Math.ceil(Math.log2(Math.max(1, nodeCount)));
    this.states = new Uint8Array(nodeCount);
    this.judged = new Array(nodeCount);
    this.reasons = new Array(nodeCount);
    this.counts = new Int32Array(2 * this.leaves);
    this.keepingCounts = new Int32Array(2 * this.leaves);
    this.bests = new Int32Array(2 * this.leaves).fill(-1);
  }

  /** Dry runs that failed with an error. */
  get hasFailed(): boolean {
    return this.failedCount > 0;
  }

  /** Statuses with which dry runs ended, and how often; of all nodes once `best` has found nothing. */
  get rejected(): Iterable<{ readonly status: Status; readonly count: number }> {
    return this.rejections.values();
  }

  /** The node may have changed. */
  forget(position: number): void {
    const state = this.states[position]!;
    if (state === UNKNOWN) return;
    this.states[position] = UNKNOWN;
    this.stale.push(position);
    if (state === CANDIDATE) {
      this.judged[position] = undefined;
      this.update(position);
    } else if (state === REJECTED || state === FAILED) {
      const key = this.reasons[position]!;
      const rejection = this.rejections.get(key)!;
      if (--rejection.count === 0) this.rejections.delete(key);
      if (state === FAILED) this.failedCount--;
    }
  }

  /**
   * The best of the candidates that a dry run finds before it stops, which is when it has found `wanted`, one of them without
   * a violation. Among equals the first.
   */
  best(wanted: number, judge: Judge): PreemptionCandidate | undefined {
    // Where most has changed, a new start looks at fewer nodes.
    if (this.stale.length > wanted) this.startOver();
    const { stale, nodeCount } = this;
    for (const position of stale) this.judge(position, judge);
    stale.length = 0;
    while (this.counts[1]! < wanted && this.frontier < nodeCount) this.judge(this.frontier++, judge);
    if (this.counts[1] === 0) return undefined;
    const best = this.judged[this.bestOfFirst(wanted)]!.candidate;
    if (best.pdbViolations === 0) return best;
    // All of them break a budget, so the run goes on for one that does not.
    while (this.keepingCounts[1] === 0 && this.frontier < nodeCount) this.judge(this.frontier++, judge);
    return this.keepingCounts[1] === 0 ? best : this.judged[this.firstKeeping()]!.candidate;
  }

  private startOver(): void {
    for (let position = 0; position < this.frontier; position++) this.forget(position);
    this.stale = [];
    this.frontier = 0;
  }

  private judge(position: number, judge: Judge): void {
    const outcome = judge(position);
    if (outcome === undefined) {
      this.states[position] = OUT_OF_QUESTION;
    } else if ('victims' in outcome) {
      this.states[position] = CANDIDATE;
      this.judged[position] = { candidate: outcome, grades: CRITERIA.map((criterion) => criterion(outcome)) };
      this.update(position);
    } else {
      const { status, error } = outcome;
      this.states[position] = error === undefined ? REJECTED : FAILED;
      if (error !== undefined) this.failedCount++;
      const key = status.reasons.join('\n');
      const rejection = this.rejections.get(key);
      if (rejection === undefined) this.rejections.set(key, { status, count: 1 });
      else rejection.count++;
      this.reasons[position] = key;
    }
  }

  // --- the tree --------------------------------------------------------------------------------------------------------

  private update(position: number): void {
    const { counts, keepingCounts, bests } = this;
    const candidate = this.judged[position]?.candidate;
    let vertex = this.leaves + position;
    counts[vertex] = candidate === undefined ? 0 : 1;
    keepingCounts[vertex] = candidate?.pdbViolations === 0 ? 1 : 0;
    bests[vertex] = candidate === undefined ? -1 : position;
    for (vertex >>= 1; vertex >= 1; vertex >>= 1) {
      const [left, right] = [2 * vertex, 2 * vertex + 1];
      counts[vertex] = counts[left]! + counts[right]!;
      keepingCounts[vertex] = keepingCounts[left]! + keepingCounts[right]!;
      bests[vertex] = this.better(bests[left]!, bests[right]!);
    }
  }

  /** The first one stays unless the second is really better. */
  private better(first: number, second: number): number {
    if (first < 0 || second < 0) return Math.max(first, second);
    const a = this.judged[first]!.grades;
    const b = this.judged[second]!.grades;
    for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return b[i]! > a[i]! ? second : first;
    return first;
  }

  private bestOfFirst(wanted: number): number {
    const { counts, bests, leaves } = this;
    if (counts[1]! <= wanted) return bests[1]!;
    let best = -1;
    let missing = wanted;
    let vertex = 1;
    while (vertex < leaves) {
      const left = 2 * vertex;
      if (counts[left]! >= missing) vertex = left;
      else {
        missing -= counts[left]!;
        best = this.better(best, bests[left]!);
        vertex = left + 1;
      }
    }
    return this.better(best, bests[vertex]!);
  }

  private firstKeeping(): number {
    let vertex = 1;
    while (vertex < this.leaves) vertex = this.keepingCounts[2 * vertex]! > 0 ? 2 * vertex : 2 * vertex + 1;
    return vertex - this.leaves;
  }
}
