/**
 * One scheduling cycle: what an engine found out about one pod. An engine owns a single Cycle and reuses its buffers, so
 * everything here holds until the engine's next cycle; `record.ts` makes a lasting record of it.
 */
import type { Node } from '../api/index.ts';
import { EXTENDER } from './extender/extender.ts';
import { ExtenderVerdicts } from './extender/verdicts.ts';
import type { EnabledPlugin, Framework } from './framework.ts';
import { marginOf } from './margin.ts';
import type { CompiledFilter, CompiledScore, NodeMemory, PluginDefinition, PodInfo, Status } from './plugin.ts';

/** A Filter plugin at work in this cycle. */
export interface ActiveFilter {
  readonly name: string;
  readonly compiled: CompiledFilter;
}

/** A Score plugin at work in this cycle; its columns are parallel to `Cycle.feasibleRows`. */
export interface ActiveScore extends EnabledPlugin {
  compiled: CompiledScore | undefined;
  skipped: boolean;
  raw: Float64Array;
  normalized: Float64Array;
}

const NO_FILTERS: readonly ActiveFilter[] = [];

/** Why scoring did not run, in the words of the records. */
export type Scoring = '' | 'done' | 'skipped: single feasible node' | 'skipped: no score plugins';

/** What an engine knows of a decision without the lists of nodes. */
export interface Decision {
  readonly row: number;
  readonly nextStartIndex: number;
  readonly feasibleCount: number;
  readonly evaluatedCount: number;
  /** Read only when more than one node was feasible and something scores. */
  readonly topScore: number;
  readonly margin: number;
}

/** A status and how many nodes have it. */
export interface RejectionCount {
  readonly status: Status;
  readonly count: number;
}

/** What an engine knows of a cycle in which every node was rejected, without a list of them. */
export interface KnownFailure {
  readonly rejections: readonly RejectionCount[];
  readonly statusOf: (row: number) => Status;
  /** What a PostFilter plugin keeps of the nodes; undefined when nothing can be kept for this pod. */
  memoryOf(plugin: string, reads: PluginDefinition['reads']): NodeMemory | undefined;
}

export class Cycle {
  framework!: Framework;
  pod!: PodInfo;
  nodeCount = 0;

  startIndex = 0;
  nextStartIndex = 0;
  /** The nominated node that was tried before all others; '' when none. */
  nominatedFirst = '';

  /** Set when PreFilter rejected the pod; then no Filter ran. */
  preFilterReject: Status | undefined;
  readonly skippedFilters = new Set<string>();
  /** PreFilter state by plugin name; only for plugins whose PreFilter ran. */
  readonly preFilterStates = new Map<string, unknown>();
  readonly preFilterRan = new Set<string>();
  /** Node names that PreFilter plugins left over; undefined when none narrowed. */
  narrowedTo: Set<string> | undefined;
  readonly narrowedBy = new Set<string>();

  /** False when the nominated node was taken, or PreFilter ended the cycle. */
  fullSearch = false;
  nodesToFind = 0;
  filters: readonly ActiveFilter[] = [];
  feasibleRows = new Int32Array(0);
  feasibleCount = 0;
  /** Rejected nodes in order of evaluation: row, index into `filters`, and the plugin's own code. */
  rejectedRows = new Int32Array(0);
  rejectedBy = new Int16Array(0);
  rejectedCodes = new Int32Array(0);
  rejectedCount = 0;

  /** What extenders said about nodes that are not in the cluster. */
  readonly foreignRejections = new Map<string, Status>();
  /** Feasible nodes that an extender sent itself, by row: scoring sees them so, without pods. */
  readonly bareNodes = new Map<number, Node>();
  /** Extenders took some of the nodes that the full search had found. */
  isNarrowedByExtenders = false;

  scoring: Scoring = '';
  scores: ActiveScore[] = [];
  totals = new Float64Array(0);
  /** Index into `feasibleRows`; −1 when no node was chosen. */
  chosen = -1;
  /** What upstream's heap rule picks; −1 where it is not defined. */
  heapChosen = -1;
  /** The cycle ended in an error rather than in "unschedulable". */
  error = '';
  /** The node that a plugin was asked about when it failed; −1 when it was not about a node. */
  errorRow = -1;
  /** Set when an engine found the node without making the lists: replays the cycle with all of them. */
  replay: (() => Cycle) | undefined;
  /** Set with `replay` where every node was rejected. */
  failure: KnownFailure | undefined;
  private decidedMargin: number | undefined;
  /** Statuses repeat over the nodes, so each (filter, code) is decoded once per cycle. */
  private readonly rejections = new Map<number, Status>();
  private verdicts: ExtenderVerdicts | undefined;

  begin(framework: Framework, pod: PodInfo, nodeCount: number, startIndex: number): void {
    this.framework = framework;
    this.pod = pod;
    this.nodeCount = nodeCount;
    this.startIndex = startIndex;
    this.nextStartIndex = startIndex;
    this.nominatedFirst = '';
    this.preFilterReject = undefined;
    // Most cycles leave these empty, and emptying what is empty takes time.
    if (this.preFilterRan.size > 0) {
      this.skippedFilters.clear();
      this.preFilterStates.clear();
      this.preFilterRan.clear();
    }
    this.narrowedTo = undefined;
    if (this.narrowedBy.size > 0) this.narrowedBy.clear();
    this.fullSearch = false;
    this.nodesToFind = 0;
    this.filters = NO_FILTERS;
    this.feasibleCount = 0;
    this.rejectedCount = 0;
    if (this.foreignRejections.size > 0) this.foreignRejections.clear();
    if (this.bareNodes.size > 0) this.bareNodes.clear();
    this.isNarrowedByExtenders = false;
    this.verdicts = undefined;
    this.scoring = '';
    this.scores = [];
    this.chosen = -1;
    this.heapChosen = -1;
    this.error = '';
    this.errorRow = -1;
    this.replay = undefined;
    this.failure = undefined;
    this.decidedMargin = undefined;
    if (this.rejections.size > 0) this.rejections.clear();
    if (this.feasibleRows.length < nodeCount) {
      this.feasibleRows = new Int32Array(nodeCount);
      this.totals = new Float64Array(nodeCount);
    }
    if (this.rejectedRows.length < nodeCount) {
      this.rejectedRows = new Int32Array(nodeCount);
      this.rejectedBy = new Int16Array(nodeCount);
      this.rejectedCodes = new Int32Array(nodeCount);
    }
  }

  /** A cycle whose outcome is known while its lists are not: `complete` makes them. `begin` goes first. */
  decide(decision: Decision, nominatedFirst: string, replay: () => Cycle): void {
    this.nextStartIndex = decision.nextStartIndex;
    this.nominatedFirst = nominatedFirst;
    this.fullSearch = true;
    this.feasibleCount = decision.feasibleCount;
    this.rejectedCount = decision.evaluatedCount - decision.feasibleCount;
    this.feasibleRows[0] = decision.row;
    this.chosen = 0;
    this.totals[0] = decision.topScore;
    this.scoring =
      decision.feasibleCount === 1
        ? 'skipped: single feasible node'
        : this.framework.score.length === 0
          ? 'skipped: no score plugins'
          : 'done';
    this.decidedMargin = decision.margin;
    this.replay = replay;
  }

  /** As `decide`, for a pod that takes the node that it was promised. */
  takeNominated(nodeName: string, row: number, replay: () => Cycle): void {
    this.nominatedFirst = nodeName;
    this.feasibleCount = 1;
    this.feasibleRows[0] = row;
    this.chosen = 0;
    this.scoring = 'skipped: single feasible node';
    this.replay = replay;
  }

  /** As `decide`, for a pod that every node rejects. */
  fail(failure: KnownFailure, replay: () => Cycle): void {
    this.fullSearch = true;
    this.rejectedCount = this.nodeCount;
    this.failure = failure;
    this.replay = replay;
  }

  /** Makes the lists of nodes, where the engine has not; whoever reads them calls this first. */
  complete(): void {
    const { replay, chosenRow } = this;
    if (replay === undefined) return;
    const full = replay();
    Object.assign(this, full, { replay: undefined, failure: undefined, decidedMargin: undefined });
    this.chosen = full.feasibleRows.subarray(0, full.feasibleCount).indexOf(chosenRow);
  }

  /** Best total; undefined when nothing was scored. */
  get topScore(): number | undefined {
    return this.scoring === 'done' && this.chosen >= 0 ? this.totals[this.chosen] : undefined;
  }

  /** How far the best total is above that of any other node; undefined when nothing was scored. */
  get margin(): number | undefined {
    if (this.scoring !== 'done' || this.chosen < 0) return undefined;
    return this.replay === undefined ? marginOf(this)?.margin : this.decidedMargin;
  }

  /** True when PreFilter narrowed the nodes and the full search ran over what was left. */
  get searchWasNarrowed(): boolean {
    return this.narrowedTo !== undefined && this.fullSearch;
  }

  /** Row of the chosen node, −1 when there is none. */
  get chosenRow(): number {
    return this.chosen < 0 ? -1 : this.feasibleRows[this.chosen]!;
  }

  get evaluatedCount(): number {
    return this.feasibleCount + this.explicitCount;
  }

  /** How many names have a status of their own. */
  private get explicitCount(): number {
    return this.rejectedCount + this.foreignRejections.size;
  }

  setFeasible(rows: readonly number[]): void {
    // An extender may name a node twice.
    if (rows.length > this.feasibleRows.length) {
      this.feasibleRows = new Int32Array(rows.length);
      this.totals = new Float64Array(rows.length);
    }
    this.feasibleRows.set(rows);
    this.feasibleCount = rows.length;
  }

  /** An extender's word on a node goes over that of a Filter. `row`: −1 when there is no such node. */
  rejectByExtender(nodeName: string, row: number, status: Status): void {
    if (row < 0) {
      this.foreignRejections.set(nodeName, status);
      return;
    }
    if (this.verdicts === undefined) {
      this.verdicts = new ExtenderVerdicts();
      this.filters = [...this.filters, this.verdicts];
    }
    const known = this.rejectedRows.subarray(0, this.rejectedCount).indexOf(row);
    const index = known < 0 ? this.rejectedCount++ : known;
    this.rejectedRows[index] = row;
    this.rejectedBy[index] = this.filters.indexOf(this.verdicts);
    this.rejectedCodes[index] = this.verdicts.add(status);
  }

  /** A rejected node's status, with the plugin that rejected it. */
  rejection(index: number): Status {
    const by = this.rejectedBy[index]!;
    const code = this.rejectedCodes[index]!;
    const key = by * 2 ** 32 + code;
    let status = this.rejections.get(key);
    if (status === undefined) {
      const { compiled, name } = this.filters[by]!;
      status = { ...compiled.status(code), plugin: name };
      this.rejections.set(key, status);
    }
    return status;
  }

  /** The status that stands for nodes without one of their own. */
  get absentStatus(): Status {
    if (this.preFilterReject !== undefined) return this.preFilterReject;
    if (this.narrowedTo === undefined) return { code: 'UnschedulableAndUnresolvable', reasons: [] };
    const names = [...this.narrowedBy].sort().join(' ');
    return { code: 'UnschedulableAndUnresolvable', reasons: [`node(s) didn't satisfy plugin(s) [${names}]`] };
  }

  /** Plugins that rejected a node or the pod, sorted: what a later event must cure. */
  unschedulablePlugins(): string[] {
    if (this.failure === undefined) this.complete();
    const names = new Set(this.narrowedBy);
    if (this.preFilterReject?.plugin !== undefined) names.add(this.preFilterReject.plugin);
    for (const { status } of this.rejectionCounts()) names.add(status.plugin!);
    // Whether an extender counts is decided by the nodes that are gone, not by what it says about nodes.
    if (this.isNarrowedByExtenders) names.add(EXTENDER);
    else names.delete(EXTENDER);
    return [...names].sort();
  }

  /** The statuses of rejected nodes, each with the number of these. */
  rejectionCounts(): readonly RejectionCount[] {
    if (this.failure !== undefined) return this.failure.rejections;
    // Rejections repeat, so statuses are decoded once per (plugin, code).
    const byCode = new Map<number, { readonly status: Status; count: number }>();
    for (let i = 0; i < this.rejectedCount; i++) {
      const key = this.rejectedBy[i]! * 2 ** 32 + this.rejectedCodes[i]!;
      const known = byCode.get(key);
      if (known === undefined) byCode.set(key, { status: this.rejection(i), count: 1 });
      else known.count++;
    }
    return [...byCode.values()];
  }

  /** The status of a node by its row, whether or not it has one of its own. */
  statuses(): (row: number) => Status {
    const { failure, absentStatus } = this;
    if (failure !== undefined) return failure.statusOf;
    const own = new Map<number, Status>();
    for (let i = 0; i < this.rejectedCount; i++) own.set(this.rejectedRows[i]!, this.rejection(i));
    return (row) => own.get(row) ?? absentStatus;
  }

  /** How many nodes gave each reason, absent nodes included (`FitError.Error`). */
  reasonCounts(): Map<string, number> {
    const counts = new Map<string, number>();
    const add = (reasons: readonly string[], count: number) => {
      for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + count);
    };
    for (const { status, count } of this.rejectionCounts()) add(status.reasons, count);
    for (const { reasons } of this.foreignRejections.values()) add(reasons, 1);
    const absentCount = this.nodeCount - this.explicitCount;
    if (absentCount > 0) add(this.absentStatus.reasons, absentCount);
    return counts;
  }
}
