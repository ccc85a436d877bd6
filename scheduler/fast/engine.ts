/**
 * The fast engine: the decisions of the reference engine, found through what is known of each pod class instead of by
 * looking at every node. See `docs/performance.md` for what costs what.
 *
 * Cost per pod: nodes that changed since the class was last used, plus the groups of nodes that the class tells apart, plus
 * a few dozen steps to the node that wins the tie. What a class cannot keep goes through the reference engine.
 */
import type { Cluster } from '../cluster.ts';
import { Cycle } from '../cycle.ts';
import type { Framework } from '../framework.ts';
import { PluginMeter } from '../meter.ts';
import { nodesToFind } from '../nodes-to-find.ts';
import { normalize } from '../normalize.ts';
import type { PodInfo } from '../plugin.ts';
import { type Engine, type EngineOptions, ReferenceEngine } from '../reference.ts';
import type { FilterRunner } from '../what-if.ts';
import { TooManyBuckets } from './class-index.ts';
import { compileClass } from './class-program.ts';
import { ClassState, checked, ScoreOutOfRange } from './class-state.ts';
import { TopologyCounters } from './counters.ts';
import { heapBest, heapKey, nextAround, RankedWindow, type TiePicker, tiePicker } from './pick.ts';
import type { PodForm } from './resource-form.ts';
import { ResourceScan } from './resource-scan.ts';
import { type Shape, Shapes } from './shapes.ts';

const DEFAULT_INDEX_BYTES = 256 * 2 ** 20;

/** Below this a pass over all nodes saves nothing. */
const MIN_SCAN_NODES = 256;
/** Catching up on one change takes about as long as a pass takes for this many nodes. */
const SCAN_NODES_PER_CHANGE = 24;
const SCAN_OVERHEAD_CHANGES = 64;
/** A shorter list is faster walked through than looked up. */
const MIN_INDEXED_WINDOW = 100;

export interface FastEngineOptions extends EngineOptions {
  /** What the indices of all pod classes together may take; the least recently used go first. @default 256 MiB */
  readonly indexBytes?: number;
  /** Check every decision's bookkeeping against a fresh evaluation; slow. @default false */
  readonly debug?: boolean;
  /** Serve every class that can be by passes over all nodes, however small the cluster. For tests. @default false */
  readonly preferScans?: boolean;
}

/** Per profile: what is known of each pod class. `null` marks a class that goes the long way. */
type Classes = Array<ClassState | null | undefined>;

/** Why a class goes the long way is forgotten when any of this changes. */
interface LongWay {
  readonly nodeGeneration: number;
  readonly classesSeen: number;
}

export class FastEngine implements Engine {
  startIndex = 0;
  /** Of the last decision made by `decide`; meaningless after −1. The margin is not always known. */
  feasibleCount = 0;
  evaluatedCount = 0;
  topScore = 0;
  margin = 0;
  /** Decisions that this engine made itself, and those that went through the reference engine. */
  decided = 0;
  wentLongWay = 0;
  /** Of the decisions made here, those by a pass over all nodes. */
  scanned = 0;

  private readonly options: FastEngineOptions;
  private readonly cluster: Cluster;
  private readonly reference: ReferenceEngine;
  private readonly counters: TopologyCounters;
  private readonly classes = new Map<Framework, Classes>();
  private readonly longWays = new WeakMap<Framework, Map<number, LongWay>>();
  private readonly states = new Set<ClassState>();
  private readonly cycle = new Cycle();
  private readonly pickTie: TiePicker;
  private readonly scan: ResourceScan;
  /** Where the last decision's node is when a pass found it, else −1. */
  private scannedPosition = -1;
  private readonly shapes = new Map<Framework, Shapes>();
  private judgeEngine: ReferenceEngine | undefined;
  private readonly rankedWindow = new RankedWindow();
  /** Somebody reads `margin` after this decision. */
  private wantsMargin = false;
  private lastFramework: Framework | undefined;
  private lastClasses: Classes = [];
  private useCount = 0;

  // Scratch of one decision.
  private isRejected = new Uint8Array(64);
  private accepted = new Int32Array(64);
  private rows = new Int32Array(64);
  private nodes = new Float64Array(64);
  private bases = new Int32Array(64);
  private raw = new Float64Array(64);
  private totals = new Float64Array(64);
  private windowPlaces = new Int32Array(0);
  private windowNodes = new Float64Array(64);
  private windowBest = new Int32Array(64);

  constructor(options: FastEngineOptions) {
    this.options = options;
    this.cluster = options.cluster;
    this.reference = new ReferenceEngine(options);
    this.counters = new TopologyCounters(options.cluster);
    this.pickTie = tiePicker(options);
    this.scan = new ResourceScan(options.cluster);
  }

  get filterRunner(): FilterRunner {
    return this.reference.filterRunner;
  }

  schedulePod(framework: Framework, pod: PodInfo, nominatedNodeName: string): Cycle {
    const { nominator, meter } = this.options;
    if (nominatedNodeName === '' && !meter.wantsTimes && !nominator.keepsAnyFrom(pod)) {
      const startIndex = this.startIndex;
      this.wantsMargin = true;
      const row = this.decide(framework, pod);
      this.wantsMargin = false;
      if (row >= 0) {
        const { cycle } = this;
        cycle.begin(framework, pod, this.cluster.nodeCount, startIndex);
        const { feasibleCount, evaluatedCount, topScore } = this;
        const margin =
          this.scannedPosition < 0 ? this.margin : this.scan.topScore - this.scan.bestBeside(this.scannedPosition);
        const decision = { row, nextStartIndex: this.startIndex, feasibleCount, evaluatedCount, topScore, margin };
        cycle.decide(decision, () => this.judge.replay(framework, pod, startIndex));
        return cycle;
      }
    }
    return this.goLongWay(framework, pod, nominatedNodeName);
  }

  /** Decides again, in full, what has been decided already: for records and margins. */
  private get judge(): ReferenceEngine {
    this.judgeEngine ??= new ReferenceEngine({ ...this.options, tieBreak: 'first', meter: new PluginMeter() });
    return this.judgeEngine;
  }

  private goLongWay(framework: Framework, pod: PodInfo, nominatedNodeName: string): Cycle {
    this.wentLongWay++;
    this.reference.startIndex = this.startIndex;
    const cycle = this.reference.schedulePod(framework, pod, nominatedNodeName);
    this.startIndex = this.reference.startIndex;
    return cycle;
  }

  /**
   * Decides where a pod goes, without a cycle to look at: the way for runs that want decisions alone. Pods of one class are
   * interchangeable here, and no node may be promised to a pod (`Nominator`). Returns the row, or −1 when no node fits or
   * the class has to go through `schedulePod`; the start index has then not moved.
   */
  decide(framework: Framework, pod: PodInfo): number {
    const { nodeCount } = this.cluster;
    if (nodeCount === 0) return -1;
    this.scannedPosition = -1;
    try {
      if ((nodeCount >= MIN_SCAN_NODES || this.options.preferScans === true) && this.scan.isAvailable) {
        const row = this.decideByScan(framework, pod);
        if (row >= 0) {
          this.decided++;
          this.scanned++;
          return row;
        }
      }
    } catch (error) {
      if (!(error instanceof ScoreOutOfRange)) throw error;
    }
    const state = this.stateOf(framework, pod);
    if (state === undefined) return -1;
    try {
      state.catchUp();
      if (this.options.debug === true) {
        this.counters.check();
        state.check();
      }
      const row = this.choose(framework, state);
      if (row >= 0) this.decided++;
      return row;
    } catch (error) {
      if (!(error instanceof ScoreOutOfRange || error instanceof TooManyBuckets)) throw error;
      this.forget(framework, state);
      return -1;
    }
  }

  private quotaOf({ profile, score }: Framework): number {
    if (score.length === 0) return 1;
    return nodesToFind(
      this.cluster.nodeCount,
      profile.percentageOfNodesToScore ?? this.options.percentageOfNodesToScore,
    );
  }

  /** For classes that are used too seldom to be kept: −1 when the class is not one of these, or no node fits. */
  private decideByScan(framework: Framework, pod: PodInfo): number {
    const { nodeCount } = this.cluster;
    const limit = nodeCount / SCAN_NODES_PER_CHANGE + SCAN_OVERHEAD_CHANGES;
    const known = this.classesOf(framework)[pod.classId];
    const isCaughtUp = known !== undefined && known !== null && known.gap <= limit;
    if ((isCaughtUp && this.options.preferScans !== true) || this.quotaOf(framework) < nodeCount) return -1;
    let shapes = this.shapes.get(framework);
    if (shapes === undefined) {
      shapes = new Shapes(framework, this.cluster, this.counters);
      this.shapes.set(framework, shapes);
    }
    const idle = shapes.idleFor(pod.classId);
    if (known === null || (idle <= limit && this.options.preferScans !== true)) return -1;
    this.counters.refresh();
    const shape = shapes.shapeOf(pod, (state) => this.isOutdated(state));
    const form = shape && shapes.formOf(pod);
    return form === undefined ? -1 : this.chooseByScan(shape!, form);
  }

  private chooseByScan({ state, mask }: Shape, form: PodForm): number {
    const { scan, cluster } = this;
    const { liveFilters } = state.program;
    // All nodes have equal facts, so any of them stands for all.
    for (const { compiled } of liveFilters) if (compiled.filter(cluster.order[0]!) !== 0) return -1;
    if (!scan.run(form, mask) || scan.feasibleCount === 0) return -1;
    const { feasibleCount, topScore } = scan;
    const { nodeCount } = cluster;
    const start = this.startIndex % nodeCount;
    this.accepted[0] = 0;
    this.rows[0] = cluster.order[scan.nextBest(0, nodeCount)]!;
    this.nodes[0] = feasibleCount;
    this.totals[0] = topScore + state.constantScore;
    if (feasibleCount > 1) this.addGroupScores(state, 1);
    this.topScore = this.totals[0]!;
    this.feasibleCount = feasibleCount;
    this.evaluatedCount = nodeCount;
    const position = this.pickScanned(start);
    this.scannedPosition = position;
    this.startIndex = start;
    return cluster.order[position]!;
  }

  private pickScanned(start: number): number {
    const { scan, options } = this;
    const { tieBreak, random, nodeRank } = options;
    if (tieBreak === 'heap') return heapBest(scan, start);
    const { nodeCount, order } = this.cluster;
    const next = (from: number): number => {
      const found = from >= start ? scan.nextBest(from, nodeCount) : -1;
      return found >= 0 ? found : scan.nextBest(from >= start ? 0 : from, start);
    };
    let position = next(start);
    if (tieBreak === 'first') return position;
    const ties = scan.countBest();
    if (ties === 1) return position;
    let chosen = position;
    let lowest = Number.POSITIVE_INFINITY;
    const skip = tieBreak === 'random' ? random.below(ties) : ties - 1;
    for (let i = 0; ; i++) {
      const rank = tieBreak === 'random' ? 0 : (nodeRank?.(this.cluster.nodeName(order[position]!)) ?? 0);
      if (rank < lowest || tieBreak === 'random') {
        lowest = rank;
        chosen = position;
      }
      if (i === skip) return chosen;
      position = next(position + 1);
    }
  }

  private choose(framework: Framework, state: ClassState): number {
    const { index } = state;
    const { nodeCount } = index;
    const quota = this.quotaOf(framework);
    this.reserve(index.groupCount);
    const acceptedCount = this.acceptGroups(state);
    let feasible = 0;
    for (let i = 0; i < acceptedCount; i++) feasible += index.groupFeasible[this.accepted[i]!]!;
    if (feasible === 0) return -1;
    const start = this.startIndex % nodeCount;
    if (feasible > quota) {
      const isPlain = acceptedCount === 1 && feasible === index.feasibleCount && quota >= MIN_INDEXED_WINDOW;
      const { tieBreak } = this.options;
      if (isPlain && (tieBreak === 'heap' || tieBreak === 'first'))
        return this.chooseInPlainWindow(state, start, quota);
      return this.chooseInWindow(state, start, quota);
    }
    const { accepted, nodes, bases } = this;
    for (let i = 0; i < acceptedCount; i++) {
      const group = accepted[i]!;
      nodes[i] = index.groupFeasible[group]!;
      bases[i] = index.groupBest[group]!;
    }
    this.feasibleCount = feasible;
    this.evaluatedCount = nodeCount;
    if (feasible > 1 && framework.score.length > 0) this.scoreGroups(state, acceptedCount);
    else this.totals.fill(feasible > 1 ? 1 : 0, 0, acceptedCount);
    const ties = this.markBest(state, acceptedCount, feasible === 1 || framework.score.length === 0);
    const position = this.pickTie(state, start, ties, this.isRejected);
    index.unmarkAll();
    this.startIndex = (this.startIndex + nodeCount) % nodeCount;
    return this.cluster.order[position]!;
  }

  /** Lists the groups with feasible nodes that no live Filter rejects; the others are marked in `isRejected`. */
  private acceptGroups(state: ClassState): number {
    const { liveFilters } = state.program;
    const { activeGroups } = state.index;
    const { accepted, isRejected } = this;
    let count = 0;
    for (let i = 0; i < activeGroups.length; i++) {
      const group = activeGroups[i]!;
      isRejected[group] = 0;
      for (let j = 0; j < liveFilters.length; j++) {
        if (liveFilters[j]!.compiled.filter(state.rowOfGroup(group)) !== 0) {
          isRejected[group] = 1;
          break;
        }
      }
      if (isRejected[group] === 0) accepted[count++] = group;
    }
    return count;
  }

  /** Totals of the best nodes of the accepted groups, from `nodes` and `bases`. */
  private scoreGroups(state: ClassState, count: number): void {
    const { accepted, rows, bases, totals } = this;
    const { groupScores, constantScore } = state;
    for (let i = 0; i < count; i++) totals[i] = constantScore + bases[i]!;
    if (groupScores.length === 0) return;
    for (let i = 0; i < count; i++) rows[i] = state.rowOfGroup(accepted[i]!);
    this.addGroupScores(state, count);
  }

  private addGroupScores({ groupScores }: ClassState, count: number): void {
    const { rows, nodes, raw, totals } = this;
    for (let j = 0; j < groupScores.length; j++) {
      const { compiled, live, weight } = groupScores[j]!;
      if (live !== undefined && !live.prepare(rows, nodes, count)) continue;
      for (let i = 0; i < count; i++) raw[i] = compiled.score(rows[i]!);
      normalize(compiled.normalization!, raw, rows, count);
      for (let i = 0; i < count; i++) totals[i]! += weight * checked(raw[i]!);
    }
  }

  /** Marks the buckets that hold the best nodes; returns how many nodes these are. Sets `topScore` and `margin`. */
  private markBest(state: ClassState, count: number, anyNode: boolean): number {
    const { accepted, totals, bases } = this;
    const { index } = state;
    if (anyNode) return this.markAll(state, count);
    let top = -1;
    let second = -1;
    for (let i = 0; i < count; i++) {
      const total = totals[i]!;
      if (total > top) {
        second = top;
        top = total;
      } else if (total > second) {
        second = total;
      }
    }
    let ties = 0;
    for (let i = 0; i < count; i++) {
      if (totals[i] !== top) continue;
      const bucket = index.bucket(accepted[i]!, bases[i]!);
      index.mark(bucket);
      ties += index.bucketNodes[bucket]!;
      const below = index.bestBelow(accepted[i]!, bases[i]!);
      if (below >= 0 && below - bases[i]! + top > second) second = below - bases[i]! + top;
    }
    this.topScore = top;
    this.margin = ties > 1 ? 0 : top - second;
    return ties;
  }

  private markAll(state: ClassState, count: number): number {
    const { index } = state;
    for (let i = 0; i < count; i++) {
      for (const bucket of index.bucketsIn(this.accepted[i]!)) if (index.bucketValue[bucket]! >= 0) index.mark(bucket);
    }
    this.topScore = 1;
    this.margin = 0;
    return this.feasibleCount;
  }

  /** The limited search for a class to which all nodes have equal facts: through the index. */
  private chooseInPlainWindow(state: ClassState, start: number, quota: number): number {
    const { index } = state;
    const { nodeCount } = index;
    const group = this.accepted[0]!;
    const view = state.viewWithout(this.isRejected);
    const end = view.select((view.rank(start) + quota) % view.count);
    const find = (base: number): number => {
      index.unmarkAll();
      index.mark(index.bucket(group, base));
      return nextAround(index, start, end);
    };
    let base = index.groupBest[group]!;
    let first = find(base);
    while (first < 0) {
      base = index.bestBelow(group, base);
      first = find(base);
    }
    let position = first;
    if (this.options.tieBreak === 'heap') {
      const { rankedWindow } = this;
      rankedWindow.begin(index, view);
      position = heapBest(rankedWindow, start, end, quota);
    }
    this.nodes[0] = quota;
    this.bases[0] = base;
    this.scoreGroups(state, 1);
    this.topScore = this.totals[0]!;
    if (this.wantsMargin) {
      const after = (first + 1) % nodeCount;
      const isTied = after !== end && nextAround(index, after, end) >= 0;
      this.margin = isTied ? 0 : base - this.secondInWindow(state, find, base);
    }
    index.unmarkAll();
    this.feasibleCount = quota;
    this.evaluatedCount = (end - start + nodeCount) % nodeCount;
    this.startIndex = end;
    return this.cluster.order[position]!;
  }

  private secondInWindow({ index }: ClassState, find: (base: number) => number, top: number): number {
    let base = top;
    do base = index.bestBelow(this.accepted[0]!, base);
    while (find(base) < 0);
    return base;
  }

  /** The limited search: only the first `quota` feasible nodes from the start count. */
  private chooseInWindow(state: ClassState, start: number, quota: number): number {
    const { index } = state;
    const { bucketAt, bucketValue, bucketGroup, nodeCount } = index;
    const { isRejected, windowNodes, windowBest, accepted, nodes, bases, totals } = this;
    if (this.windowPlaces.length < quota) this.windowPlaces = new Int32Array(Math.max(quota, nodeCount));
    const places = this.windowPlaces;
    let groupCount = 0;
    let found = 0;
    let visited = 0;
    for (; visited < nodeCount; visited++) {
      let position = start + visited;
      if (position >= nodeCount) position -= nodeCount;
      const bucket = bucketAt[position]!;
      const value = bucketValue[bucket]!;
      if (value < 0) continue;
      const group = bucketGroup[bucket]!;
      if (isRejected[group] === 1) continue;
      if (found === quota) break;
      places[found++] = position;
      if (windowNodes[group] === 0) {
        accepted[groupCount++] = group;
        windowBest[group] = value;
      } else if (value > windowBest[group]!) {
        windowBest[group] = value;
      }
      windowNodes[group]!++;
    }
    for (let i = 0; i < groupCount; i++) {
      const group = accepted[i]!;
      nodes[i] = windowNodes[group]!;
      bases[i] = windowBest[group]!;
      windowNodes[group] = 0;
    }
    this.feasibleCount = found;
    this.evaluatedCount = visited;
    this.startIndex = (this.startIndex + visited) % nodeCount;
    if (found === 1) {
      this.topScore = 0;
      this.margin = 0;
      return this.cluster.order[places[0]!]!;
    }
    this.scoreGroups(state, groupCount);
    let top = -1;
    for (let i = 0; i < groupCount; i++) if (totals[i]! > top) top = totals[i]!;
    // From here on `windowBest` says what base a node of the group needs to be among the best.
    for (let i = 0; i < groupCount; i++) windowBest[accepted[i]!] = bases[i]! + top - totals[i]!;
    const chosen = this.pickInWindow(state, found);
    this.topScore = top;
    return this.cluster.order[chosen]!;
  }

  private pickInWindow(state: ClassState, count: number): number {
    const { bucketAt, bucketValue, bucketGroup } = state.index;
    const { windowPlaces, windowBest } = this;
    const { tieBreak, random, nodeRank } = this.options;
    let chosen = -1;
    let ties = 0;
    let best = Number.POSITIVE_INFINITY;
    let gap = Number.POSITIVE_INFINITY;
    for (let i = 0; i < count; i++) {
      const bucket = bucketAt[windowPlaces[i]!]!;
      const missing = windowBest[bucketGroup[bucket]!]! - bucketValue[bucket]!;
      if (missing > 0) {
        if (missing < gap) gap = missing;
        continue;
      }
      const key =
        tieBreak === 'heap'
          ? heapKey(i)
          : tieBreak === 'rank'
            ? (nodeRank?.(this.cluster.nodeName(this.cluster.order[windowPlaces[i]!]!)) ?? 0)
            : i;
      if (key < best) {
        best = key;
        chosen = windowPlaces[i]!;
      }
      ties++;
    }
    this.margin = ties > 1 ? 0 : gap;
    if (tieBreak !== 'random' || ties === 1) return chosen;
    let skip = random.below(ties);
    for (let i = 0; i < count; i++) {
      const bucket = bucketAt[windowPlaces[i]!]!;
      if (windowBest[bucketGroup[bucket]!]! > bucketValue[bucket]!) continue;
      if (skip-- === 0) return windowPlaces[i]!;
    }
    return chosen;
  }

  // --- classes ---------------------------------------------------------------------------------------------------------

  private classesOf(framework: Framework): Classes {
    if (framework === this.lastFramework) return this.lastClasses;
    let classes = this.classes.get(framework);
    if (classes === undefined) {
      classes = [];
      this.classes.set(framework, classes);
    }
    this.lastFramework = framework;
    this.lastClasses = classes;
    return classes;
  }

  private stateOf(framework: Framework, pod: PodInfo): ClassState | undefined {
    const classes = this.classesOf(framework);
    const known = classes[pod.classId];
    if (known !== undefined && known !== null) {
      if (known.isCurrent && !this.isOutdated(known)) {
        known.lastUse = this.useCount++;
        return known;
      }
      this.forget(framework, known);
    } else if (known === null && this.stillLong(framework, pod)) {
      return undefined;
    } else if (known === undefined) {
      // Compiling looks at all nodes and all classes on them: a class has to come twice to be worth that.
      classes[pod.classId] = null;
      return undefined;
    }
    const made = this.makeState(framework, pod);
    classes[pod.classId] = made ?? null;
    return made;
  }

  /** A class that cannot be served may be so after the nodes, or the pods on them, have changed; objects are not watched. */
  private stillLong(framework: Framework, pod: PodInfo): boolean {
    const long = this.longWays.get(framework)?.get(pod.classId);
    return (
      long !== undefined &&
      long.nodeGeneration === this.cluster.nodeGeneration &&
      long.classesSeen === this.counters.classesSeen.length
    );
  }

  private isOutdated(state: ClassState): boolean {
    const { classesSeen } = this.counters;
    const { liveFilters, groupScores } = state.program;
    for (; state.classesSeen < classesSeen.length; state.classesSeen++) {
      const pod = classesSeen[state.classesSeen]!;
      for (const { compiled } of liveFilters) if (compiled.outdatedBy?.(pod) === true) return true;
      for (const { live } of groupScores) if (live?.outdatedBy?.(pod) === true) return true;
    }
    return false;
  }

  private makeState(framework: Framework, pod: PodInfo): ClassState | undefined {
    this.counters.refresh();
    const program = compileClass(framework, pod, this.cluster, this.counters);
    let state: ClassState | undefined;
    try {
      state = program && new ClassState(pod, program, this.cluster);
    } catch {
      // A plugin's error, or a score that is none: the reference engine meets it too, and words it.
    }
    if (state === undefined) {
      const long = { nodeGeneration: this.cluster.nodeGeneration, classesSeen: this.counters.classesSeen.length };
      const ofProfile = this.longWays.get(framework) ?? new Map<number, LongWay>();
      ofProfile.set(pod.classId, long);
      this.longWays.set(framework, ofProfile);
      return undefined;
    }
    state.classesSeen = this.counters.classesSeen.length;
    state.lastUse = this.useCount++;
    this.makeRoom(state);
    this.states.add(state);
    return state;
  }

  private forget(framework: Framework, state: ClassState): void {
    this.states.delete(state);
    const classes = this.classes.get(framework);
    if (classes !== undefined) classes[state.pod.classId] = undefined;
  }

  /** Drops least recently used classes until the new one fits into the budget. */
  private makeRoom(next: ClassState): void {
    const budget = this.options.indexBytes ?? DEFAULT_INDEX_BYTES;
    let bytes = next.bytes;
    for (const state of this.states) bytes += state.bytes;
    if (bytes <= budget) return;
    const oldest = [...this.states].sort((a, b) => a.lastUse - b.lastUse);
    for (const state of oldest) {
      if (bytes <= budget) return;
      bytes -= state.bytes;
      for (const [framework, classes] of this.classes) {
        if (classes[state.pod.classId] === state) this.forget(framework, state);
      }
    }
  }

  private reserve(groupCount: number): void {
    if (groupCount <= this.accepted.length) return;
    const size = groupCount * 2;
    this.isRejected = new Uint8Array(size);
    this.accepted = new Int32Array(size);
    this.rows = new Int32Array(size);
    this.nodes = new Float64Array(size);
    this.bases = new Int32Array(size);
    this.raw = new Float64Array(size);
    this.totals = new Float64Array(size);
    this.windowNodes = new Float64Array(size);
    this.windowBest = new Int32Array(size);
  }
}
