/**
 * The reference engine: every Filter and every Score on every node for every pod, in upstream's order with one worker.
 * It is the executable definition of a decision; a faster engine has to equal it.
 * Source: `schedulePod`, `findNodesThatFitPod`, `findNodesThatPassFilters`, `prioritizeNodes` in
 * `pkg/scheduler/schedule_one.go` and `pkg/scheduler/framework/runtime/framework.go`, v1.37.2.
 *
 * Cost: O(nodes × plugins) per pod; per node one indirect call per plugin and no allocation.
 */
import type { Cluster } from './cluster.ts';
import { type ActiveScore, Cycle } from './cycle.ts';
import { type Extenders, NO_EXTENDERS } from './extender/extenders.ts';
import { sortBytewise } from './fit-error.ts';
import type { Framework } from './framework.ts';
import { firstPick, heapPick, pick, ranks, type TieBreak } from './host-selection.ts';
import type { PluginMeter } from './meter.ts';
import { nodesToFind } from './nodes-to-find.ts';
import type { Nominator } from './nominator.ts';
import { normalize } from './normalize.ts';
import type { PodInfo, Status } from './plugin.ts';
import type { Random } from './random.ts';
import { FilterRunner } from './what-if.ts';
import { WORK } from './work-count.ts';

const MAX_NODE_SCORE = 100;

export interface EngineOptions {
  readonly cluster: Cluster;
  readonly nominator: Nominator;
  readonly tieBreak: TieBreak;
  readonly random: Random;
  /** The global percentage; a profile's own one goes first. */
  readonly percentageOfNodesToScore: number;
  readonly meter: PluginMeter;
  /** For `tieBreak: 'rank'`: the lowest rank wins, equal ranks in order of evaluation. @default all are equal */
  readonly nodeRank?: (nodeName: string) => number;
  /** @default none */
  readonly extenders?: Extenders;
  /** Breaks ties among nodes that extenders have scored: the highest number wins. @default drawn from `random` */
  readonly extenderTie?: (nodeName: string) => number;
  /** Every cycle is looked at in full, also what preemption has tried. @default false */
  readonly explain?: boolean;
}

/** What every engine offers: decide one pod, and answer what-ifs about the pod just decided. */
export interface Engine {
  /** Decides where the pod would go; nothing is changed but the rotating start index. */
  schedulePod(framework: Framework, pod: PodInfo, nominatedNodeName: string): Cycle;
  /** What-ifs for the cycle that `schedulePod` returned last. */
  readonly filterRunner: FilterRunner;
  /** Where the next search begins; one index for all profiles. */
  startIndex: number;
}

export class ReferenceEngine implements Engine {
  startIndex = 0;
  readonly filterRunner: FilterRunner;
  private readonly options: EngineOptions;
  private readonly cycle = new Cycle();
  private readonly columns: Float64Array[] = [];
  private readonly extenders: Extenders;
  private placement: Int32Array | undefined;
  private placementRows: ReadonlySet<number> | undefined;

  constructor(options: EngineOptions) {
    this.options = options;
    this.extenders = options.extenders ?? NO_EXTENDERS;
    this.filterRunner = new FilterRunner(options.cluster, options.nominator, options.meter);
  }

  schedulePod(framework: Framework, pod: PodInfo, nominatedNodeName: string): Cycle {
    const { cluster, meter } = this.options;
    const cycle = this.cycle;
    cluster.takeSnapshot();
    cycle.begin(framework, pod, this.placement?.length ?? cluster.nodeCount, this.startIndex);
    meter.beginCycle();
    try {
      if (cycle.nodeCount > 0 && this.preFilter(cycle)) {
        if (nominatedNodeName === '' || !this.findOnNominatedNode(cycle, nominatedNodeName)) this.findNodes(cycle);
        if (cycle.feasibleCount > 0) this.prioritize(cycle);
      }
    } catch (error) {
      cycle.error = error instanceof Error ? error.message : String(error);
      cycle.chosen = -1;
    }
    meter.endCycle(cycle);
    WORK.evaluations += cycle.evaluatedCount;
    return cycle;
  }

  /**
   * Until further notice only these nodes, in snapshot order, can take a pod, though plugins still see all of them: upstream's
   * placement, for groups. Undefined: all nodes.
   */
  restrictTo(rows: Int32Array | undefined): void {
    this.placement = rows;
    this.placementRows = rows && new Set(rows);
  }

  /** The cycle of a pod as it was, or will be, decided from this start index; nothing is changed. */
  replay(framework: Framework, pod: PodInfo, startIndex: number, nominatedNodeName = ''): Cycle {
    const { startIndex: before } = this;
    this.startIndex = startIndex;
    const cycle = this.schedulePod(framework, pod, nominatedNodeName);
    this.startIndex = before;
    return cycle;
  }

  /** Makes what-ifs about the pod possible without deciding about it. */
  prepare(framework: Framework, pod: PodInfo): void {
    this.cycle.begin(framework, pod, this.options.cluster.nodeCount, this.startIndex);
    this.preFilter(this.cycle);
  }

  /** False when the pod is rejected here. An Unschedulable is remembered and the rest still run, as preemption needs them. */
  private preFilter(cycle: Cycle): boolean {
    const { cluster, meter } = this.options;
    for (const { name, plugin } of cycle.framework.preFilter) {
      const startedNs = meter.start();
      const result = attempt(`running PreFilter plugin "${name}"`, () => plugin.preFilter?.(cycle.pod, cluster) ?? {});
      meter.stop(name, 'preFilter', startedNs);
      cycle.preFilterRan.add(name);
      if (result.state !== undefined) cycle.preFilterStates.set(name, result.state);
      if (result.skip === true) {
        cycle.skippedFilters.add(name);
      } else if (result.reject !== undefined) {
        const status: Status = { ...result.reject, plugin: name };
        if (status.code !== 'Unschedulable' && status.code !== 'UnschedulableAndUnresolvable') {
          throw new Error(`running PreFilter plugin "${name}": ${status.reasons.join(', ')}`);
        }
        cycle.preFilterReject = status;
        if (status.code === 'UnschedulableAndUnresolvable') {
          forgetNarrowing(cycle);
          return false;
        }
      } else if (result.nodeNames !== undefined && !narrow(cycle, name, result.nodeNames)) {
        return false;
      }
    }
    // Compiled even when the pod is rejected as Unschedulable: preemption asks what-ifs.
    this.filterRunner.beginCycle(cycle);
    return cycle.preFilterReject === undefined;
  }

  /** The node promised to the pod is tried alone; if it will do, it is the whole feasible list. */
  private findOnNominatedNode(cycle: Cycle, nodeName: string): boolean {
    cycle.nominatedFirst = nodeName;
    const row = this.options.cluster.rowOf(nodeName);
    if (row < 0 || this.placementRows?.has(row) === false) return false;
    try {
      if (this.filterRunner.run(row)) cycle.feasibleRows[cycle.feasibleCount++] = row;
      else this.reject(cycle, row, 0);
      this.extenders.filter(cycle, this.options.cluster);
    } catch {
      // Upstream logs an error of this shortcut and goes on with the full search.
      cycle.feasibleCount = 0;
    }
    return cycle.feasibleCount > 0;
  }

  /** Walks the nodes from the rotating start until one feasible node beyond the quota turns up; that one is not counted. */
  private findNodes(cycle: Cycle): void {
    const rows = this.candidates(cycle);
    const { percentageOfNodesToScore } = this.options;
    const percentage = cycle.framework.profile.percentageOfNodesToScore ?? percentageOfNodesToScore;
    const oneWillDo = cycle.framework.score.length === 0 && !this.extenders.hasFilter && !this.extenders.hasPrioritizer;
    const quota = oneWillDo ? 1 : nodesToFind(rows.length, percentage);
    cycle.nodesToFind = quota;
    cycle.fullSearch = true;
    const rejectedBefore = cycle.rejectedCount;
    const filtering = cycle.framework.filter.length > 0;
    try {
      for (let i = 0; i < rows.length; i++) {
        const row = rows[(this.startIndex + i) % rows.length]!;
        cycle.errorRow = row;
        if (!this.filterRunner.run(row)) this.reject(cycle, row, rejectedBefore);
        else {
          if (cycle.feasibleCount === quota) break;
          cycle.feasibleRows[cycle.feasibleCount++] = row;
          if (!filtering && cycle.feasibleCount === quota) break;
        }
      }
      cycle.errorRow = -1;
    } finally {
      // Upstream moves the start even when a Filter fails with an error.
      this.startIndex = (this.startIndex + cycle.evaluatedCount) % cycle.nodeCount;
      cycle.nextStartIndex = this.startIndex;
    }
    if (this.extenders.isEmpty) return;
    const found = cycle.feasibleCount;
    this.extenders.filter(cycle, this.options.cluster);
    cycle.isNarrowedByExtenders = cycle.feasibleCount !== found;
  }

  /** All nodes, or those that PreFilter left over, in snapshot order (upstream walks a set, so any order is its order). */
  private candidates(cycle: Cycle): Int32Array {
    const { cluster } = this.options;
    const { narrowedTo } = cycle;
    if (narrowedTo === undefined) return this.placement ?? cluster.order.subarray(0, cluster.nodeCount);
    const { position } = cluster;
    const rows = Int32Array.from([...narrowedTo], (name) => cluster.rowOf(name)).filter(
      (row) => row >= 0 && this.placementRows?.has(row) !== false,
    );
    return rows.sort((a, b) => position[a]! - position[b]!);
  }

  /** The first `rejectedBefore` entries are of nodes that have been looked at already. */
  private reject(cycle: Cycle, row: number, rejectedBefore: number): void {
    const known = rejectedBefore === 0 ? -1 : cycle.rejectedRows.subarray(0, rejectedBefore).indexOf(row);
    const index = known < 0 ? cycle.rejectedCount++ : known;
    cycle.rejectedRows[index] = row;
    cycle.rejectedBy[index] = this.filterRunner.failedBy;
    cycle.rejectedCodes[index] = this.filterRunner.failedCode;
  }

  /** Scores the feasible nodes and chooses one. A single one is taken as it is. */
  private prioritize(cycle: Cycle): void {
    const { tieBreak, random } = this.options;
    const { framework, feasibleCount, totals } = cycle;
    const narrowed = cycle.searchWasNarrowed;
    if (feasibleCount === 1) {
      cycle.scoring = 'skipped: single feasible node';
      cycle.chosen = 0;
      cycle.heapChosen = narrowed ? -1 : 0;
      return;
    }
    let keys = totals;
    if (framework.score.length === 0 && this.extenders.isEmpty) {
      cycle.scoring = 'skipped: no score plugins';
      totals.fill(1, 0, feasibleCount);
    } else {
      this.runScorePlugins(cycle);
      const { extenderTie = () => random.next() + 1 } = this.options;
      const ties = this.extenders.prioritize(cycle, this.options.cluster, extenderTie);
      if (ties !== undefined) keys = ranks(totals, ties, feasibleCount);
      cycle.scoring = 'done';
    }
    // Upstream has no defined order for a narrowed node set, so its heap says nothing there.
    if (!narrowed) cycle.heapChosen = heapPick(keys, feasibleCount);
    cycle.chosen =
      narrowed && tieBreak === 'heap'
        ? firstPick(keys, feasibleCount)
        : tieBreak === 'heap'
          ? cycle.heapChosen
          : pick(tieBreak, totals, feasibleCount, random, (i) => this.rankOf(cycle.feasibleRows[i]!));
  }

  private rankOf(row: number): number {
    const { cluster, nodeRank } = this.options;
    return nodeRank === undefined ? 0 : nodeRank(cluster.nodeName(row));
  }

  /** Nodes that an extender has sent itself are scored as they came: without images, and without pods from Score on. */
  private runScorePlugins(cycle: Cycle): void {
    const { cluster } = this.options;
    const undo: Array<() => void> = [];
    try {
      for (const [row, node] of cycle.bareNodes) undo.push(cluster.disguise(row, node));
      this.preScore(cycle);
      for (const row of cycle.bareNodes.keys()) undo.push(cluster.hidePods(row));
      this.score(cycle);
    } finally {
      for (const back of undo.reverse()) back();
    }
  }

  private preScore(cycle: Cycle): void {
    const { cluster, meter } = this.options;
    const states = new Map<string, unknown>();
    const skipped = new Set<string>();
    for (const { name, plugin } of cycle.framework.preScore) {
      const startedNs = meter.start();
      const result = attempt(
        `running PreScore plugin "${name}"`,
        () => plugin.preScore?.(cycle.pod, cluster, cycle.feasibleRows, cycle.feasibleCount) ?? {},
      );
      meter.stop(name, 'preScore', startedNs);
      if (result.skip === true) skipped.add(name);
      if (result.state !== undefined) states.set(name, result.state);
    }
    cycle.scores = cycle.framework.score.map((enabled, index): ActiveScore => {
      const { name, plugin } = enabled;
      const isSkipped = skipped.has(name);
      const where = `running Score plugins: plugin "${name}" failed with`;
      return {
        ...enabled,
        skipped: isSkipped,
        compiled: isSkipped
          ? undefined
          : attempt(where, () => plugin.compileScore?.(cycle.pod, cluster, states.get(name))),
        raw: this.column(2 * index, cycle.feasibleCount),
        normalized: this.column(2 * index + 1, cycle.feasibleCount),
      };
    });
  }

  /** Score columns are kept from cycle to cycle. */
  private column(index: number, length: number): Float64Array {
    const column = this.columns[index];
    if (column !== undefined && column.length >= length) return column;
    const made = new Float64Array(length);
    this.columns[index] = made;
    return made;
  }

  private score(cycle: Cycle): void {
    const { meter } = this.options;
    const { feasibleRows, feasibleCount, totals } = cycle;
    totals.fill(0, 0, feasibleCount);
    for (const active of cycle.scores) {
      const { compiled, raw, normalized, name, weight } = active;
      if (compiled === undefined) continue;
      const startedNs = meter.start();
      let scored = 0;
      try {
        for (; scored < feasibleCount; scored++) raw[scored] = compiled.score(feasibleRows[scored]!);
      } catch (error) {
        cycle.errorRow = feasibleRows[scored]!;
        throw prefixed(`running Score plugins: plugin "${name}" failed with`, error);
      }
      for (let i = 0; i < feasibleCount; i++) normalized[i] = raw[i]!;
      const { normalization } = compiled;
      if (normalization !== undefined) {
        attempt(`running Normalize on Score plugins: plugin "${name}" failed with`, () =>
          normalize(normalization, normalized, feasibleRows, feasibleCount),
        );
      }
      for (let i = 0; i < feasibleCount; i++) {
        const score = normalized[i]!;
        if (!(score >= 0 && score <= MAX_NODE_SCORE && Number.isInteger(score))) {
          cycle.errorRow = feasibleRows[i]!;
          throw new Error(invalidScore(name, score));
        }
        totals[i]! += score * weight;
      }
      meter.stop(name, 'score', startedNs, feasibleCount);
    }
  }
}

/** Upstream's text for a score out of range; NaN and fractions, which Go's int64 cannot hold, are so too. */
function invalidScore(plugin: string, score: number): string {
  const text = `applying score defaultWeights on Score plugins: plugin "${plugin}" returns an invalid score ${score}, it should in the range of [0, ${MAX_NODE_SCORE}] after normalizing`;
  return Number.isInteger(score) ? text : `${text} and a whole number`;
}

/** Intersects the node set; false (and a rejection) when nothing is left. */
function narrow(cycle: Cycle, plugin: string, names: ReadonlySet<string>): boolean {
  const before = cycle.narrowedTo;
  const after = before === undefined ? new Set(names) : new Set([...before].filter((name) => names.has(name)));
  cycle.narrowedTo = after;
  cycle.narrowedBy.add(plugin);
  if (after.size > 0) return true;
  const plugins = sortBytewise([...cycle.narrowedBy]);
  const reason =
    plugins.length === 1
      ? `node(s) didn't satisfy plugin ${plugins[0]}`
      : `node(s) didn't satisfy plugin(s) [${plugins.join(' ')}] simultaneously`;
  cycle.preFilterReject = { code: 'UnschedulableAndUnresolvable', reasons: [reason] };
  return false;
}

/** When a PreFilter plugin rejects for good, upstream drops what the others had narrowed. */
function forgetNarrowing(cycle: Cycle): void {
  cycle.narrowedTo = undefined;
  cycle.narrowedBy.clear();
}

/** Runs a plugin's code; what it throws gets the framework's prefix. */
export function attempt<T>(where: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw prefixed(where, error);
  }
}

const prefixed = (where: string, error: unknown): Error =>
  new Error(`${where}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
