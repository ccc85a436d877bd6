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
import type { PodInfo } from '../plugin.ts';
import { type Engine, type EngineOptions, ReferenceEngine } from '../reference.ts';
import type { FilterRunner } from '../what-if.ts';
import { ClassCache, type ProfileClasses } from './class-cache.ts';
import { TooManyBuckets } from './class-index.ts';
import type { ClassState } from './class-state.ts';
import { ColdClasses } from './cold-classes.ts';
import { TopologyCounters } from './counters.ts';
import { FailingClass } from './failure/failing-class.ts';
import { GroupPass } from './group-pass.ts';
import { LimitedSearch } from './limited-search.ts';
import { type TiePicker, tiePicker } from './pick.ts';
import { Promises } from './promises.ts';
import { ScoreOutOfRange } from './score-range.ts';

const DEFAULT_INDEX_BYTES = 256 * 2 ** 20;

export interface FastEngineOptions extends EngineOptions {
  /** What the indices of all pod classes together may take; the least recently used go first. @default 256 MiB */
  readonly indexBytes?: number;
  /** Check every decision's bookkeeping against a fresh evaluation; slow. @default false */
  readonly debug?: boolean;
  /** Serve every class that can be by passes over all nodes, however small the cluster. For tests. @default false */
  readonly preferScans?: boolean;
  /** Keep a class the first time it comes; else the second time. @default true */
  readonly isEager?: boolean;
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
  /** Of the decisions made here, that no node fits. */
  unfit = 0;

  private readonly options: FastEngineOptions;
  private readonly cluster: Cluster;
  private readonly reference: ReferenceEngine;
  private readonly counters: TopologyCounters;
  private readonly promises: Promises;
  private readonly cache: ClassCache;
  private readonly failing = new WeakMap<ClassState, FailingClass>();
  private readonly cycle = new Cycle();
  private readonly pickTie: TiePicker;
  private readonly pass = new GroupPass();
  private readonly search: LimitedSearch;
  private readonly cold: ColdClasses;
  /** The last decision came from a pass over all nodes. */
  private isScanned = false;
  private judgeEngine: ReferenceEngine | undefined;
  /** Somebody reads `margin` after this decision. */
  private wantsMargin = false;
  /** Set where the last decision is that no node fits. */
  private emptyState: ClassState | undefined;
  /** The last cycle, where it failed without the reference engine, which has what-ifs to prepare then. */
  private failed: { readonly kept: FailingClass; readonly framework: Framework; readonly pod: PodInfo } | undefined;

  constructor(options: FastEngineOptions) {
    this.options = options;
    this.cluster = options.cluster;
    this.reference = new ReferenceEngine(options);
    this.counters = new TopologyCounters(options.cluster);
    this.promises = new Promises(options.cluster, options.nominator);
    this.pickTie = tiePicker(options);
    const { cluster, percentageOfNodesToScore, indexBytes = DEFAULT_INDEX_BYTES, isEager = true } = options;
    const { counters, promises, pass } = this;
    this.cache = new ClassCache({ cluster, counters, promises, percentageOfNodesToScore, indexBytes, isEager });
    this.search = new LimitedSearch(options, pass);
    this.cold = new ColdClasses(options, this.cache, counters, pass);
  }

  get filterRunner(): FilterRunner {
    const { failed, reference } = this;
    this.failed = undefined;
    if (failed?.kept.isLocal) failed.kept.prepare(reference.filterRunner, failed.pod);
    else if (failed !== undefined) {
      reference.filterRunner.beginLater(() => reference.prepare(failed.framework, failed.pod));
    }
    return reference.filterRunner;
  }

  schedulePod(framework: Framework, pod: PodInfo, nominatedNodeName: string): Cycle {
    const { cluster, meter } = this.options;
    this.failed = undefined;
    cluster.takeSnapshot();
    meter.ignoring = meter.isPassedOver();
    try {
      return (
        (meter.ignoring ? this.goShortWay(framework, pod, nominatedNodeName) : undefined) ??
        this.goLongWay(framework, pod, nominatedNodeName)
      );
    } finally {
      meter.ignoring = false;
    }
  }

  /** Undefined where the reference engine is needed. */
  private goShortWay(framework: Framework, pod: PodInfo, nominatedNodeName: string): Cycle | undefined {
    const { cycle, startIndex, cluster } = this;
    this.cache.catchUp();
    const replay = () => this.judge.replay(framework, pod, startIndex, nominatedNodeName);
    let mayFind = true;
    if (nominatedNodeName !== '') {
      const row = cluster.rowOf(nominatedNodeName);
      const fits = row < 0 ? undefined : this.fitsPromised(framework, pod, row);
      if (fits === undefined) return undefined;
      if (fits) {
        this.decided++;
        cycle.begin(framework, pod, cluster.nodeCount, startIndex);
        cycle.takeNominated(nominatedNodeName, row, replay);
        return cycle;
      }
      // A limited search counts the node that has been tried already, wherever it is.
      mayFind = this.cache.profile(framework).quota(cluster.nodeCount) >= cluster.nodeCount;
    }
    this.wantsMargin = true;
    const row = mayFind ? this.decide(framework, pod) : -1;
    this.wantsMargin = false;
    if (row < 0) return this.failShortly(framework, pod, nominatedNodeName, replay);
    cycle.begin(framework, pod, cluster.nodeCount, startIndex);
    const { feasibleCount, evaluatedCount, topScore } = this;
    const margin = this.isScanned ? this.cold.margin : this.margin;
    const { startIndex: nextStartIndex } = this;
    cycle.decide({ row, nextStartIndex, feasibleCount, evaluatedCount, topScore, margin }, nominatedNodeName, replay);
    return cycle;
  }

  /** Whether the pod fits the node that it is promised, others who are promised it included; undefined where that is not kept. */
  private fitsPromised(framework: Framework, pod: PodInfo, row: number): boolean | undefined {
    const state = this.cache.stateOf(this.cache.profile(framework), pod);
    if (state === undefined) return undefined;
    const kept = this.failingClass(state);
    if (!kept.isLocal && this.options.nominator.keepsAnyFrom(pod)) return undefined;
    return kept.fits(row, pod.uid);
  }

  private failShortly(
    framework: Framework,
    pod: PodInfo,
    nominatedNodeName: string,
    replay: () => Cycle,
  ): Cycle | undefined {
    const { cycle, startIndex, cluster } = this;
    const state = nominatedNodeName === '' ? this.emptyState : this.cache.stateOf(this.cache.profile(framework), pod);
    if (state === undefined || this.options.explain === true) return undefined;
    const kept = this.failingClass(state);
    if (!kept.isLocal && this.options.nominator.keepsAnyFrom(pod)) return undefined;
    const failure = kept.failure(pod.uid, this.ownRow(pod));
    if (failure === undefined) return undefined;
    this.decided++;
    this.unfit++;
    this.failed = { kept, framework, pod };
    cycle.begin(framework, pod, cluster.nodeCount, startIndex);
    cycle.nominatedFirst = nominatedNodeName;
    // All nodes have been looked at; there may be fewer now than when the search before this one ended.
    this.startIndex = startIndex % cluster.nodeCount;
    cycle.nextStartIndex = this.startIndex;
    cycle.fail(failure, replay);
    return cycle;
  }

  private failingClass(state: ClassState): FailingClass {
    let kept = this.failing.get(state);
    if (kept === undefined) {
      kept = new FailingClass(state.pod, state.program, this.cluster, this.promises);
      this.failing.set(state, kept);
    }
    return kept;
  }

  /** The row of the node that the pod itself is promised; −1 for none. */
  private ownRow({ uid }: PodInfo): number {
    if (this.promises.isEmpty) return -1;
    const nodeName = this.options.nominator.nodeOf(uid);
    return nodeName === '' ? -1 : this.cluster.rowOf(nodeName);
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
   * interchangeable here. Returns the row, or −1 when no node fits or the class has to go through `schedulePod`; the start
   * index has then not moved.
   */
  decide(framework: Framework, pod: PodInfo): number {
    const { nodeCount } = this.cluster;
    if (nodeCount === 0) return -1;
    this.cache.catchUp();
    this.isScanned = false;
    this.emptyState = undefined;
    const profile = this.cache.profile(framework);
    const known = profile.states[pod.classId];
    // Passes over all nodes do not see promises.
    if (this.promises.isEmpty && !(known && known.nodes.gap <= this.cold.patience)) {
      const row = this.decideCold(profile, pod);
      if (row >= 0) return row;
    }
    const state = this.cache.stateOf(profile, pod);
    if (state === undefined || (!this.promises.isEmpty && this.isBeyondPromises(state, pod))) return -1;
    const ownRow = this.ownRow(pod);
    if (ownRow >= 0) return this.decideWithout(profile, state, pod.uid, ownRow);
    return this.decideKept(profile, state);
  }

  private decideCold(profile: ProfileClasses, pod: PodInfo): number {
    const { cold, startIndex, cluster } = this;
    try {
      const row = cold.decide(profile, pod, startIndex);
      if (row < 0) return -1;
      this.isScanned = true;
      this.feasibleCount = cold.feasibleCount;
      this.evaluatedCount = cluster.nodeCount;
      this.topScore = cold.topScore;
      this.startIndex = startIndex % cluster.nodeCount;
      this.decided++;
      this.scanned++;
      return row;
    } catch (error) {
      if (!(error instanceof ScoreOutOfRange)) throw error;
      return -1;
    }
  }

  private decideKept(profile: ProfileClasses, state: ClassState): number {
    try {
      state.nodes.catchUp();
      if (this.options.debug === true) {
        this.cluster.check();
        this.counters.check();
        state.check();
        state.nodes.check();
      }
      return this.choose(profile, state);
    } catch (error) {
      if (!(error instanceof ScoreOutOfRange || error instanceof TooManyBuckets)) throw error;
      this.cache.forget(state);
      return -1;
    }
  }

  /** The node that the pod itself is promised is open to it. */
  private decideWithout(profile: ProfileClasses, state: ClassState, uid: string, row: number): number {
    try {
      state.nodes.catchUp();
      this.showWithout(state, uid, row);
      return this.choose(profile, state);
    } catch (error) {
      if (!(error instanceof ScoreOutOfRange || error instanceof TooManyBuckets)) throw error;
      this.cache.forget(state);
      return -1;
    } finally {
      this.showWithout(state, '', row);
    }
  }

  /** What promised pods change elsewhere is not kept. */
  private isBeyondPromises(state: ClassState, pod: PodInfo): boolean {
    return !this.failingClass(state).isLocal && this.options.nominator.keepsAnyFrom(pod);
  }

  /** Shows the class a node as if it were promised to everybody but this pod. */
  private showWithout(state: ClassState, uid: string, row: number): void {
    this.promises.exceptUid = uid;
    try {
      state.nodes.refresh(row);
    } catch (error) {
      if (!(error instanceof ScoreOutOfRange || error instanceof TooManyBuckets)) throw error;
    }
    this.promises.exceptUid = '';
  }

  private choose(profile: ProfileClasses, state: ClassState): number {
    const { pass, cluster } = this;
    const { index } = state.nodes;
    const { nodeCount } = index;
    const feasible = pass.accept(state);
    if (feasible === 0) {
      this.emptyState = state;
      return -1;
    }
    const start = this.startIndex % nodeCount;
    const quota = profile.quota(nodeCount);
    if (feasible > quota) return this.chooseLimited(state, start, quota);
    this.feasibleCount = feasible;
    this.evaluatedCount = nodeCount;
    this.startIndex = start;
    let ties = feasible;
    if (feasible > 1 && profile.framework.score.length > 0) {
      pass.takeAll(state);
      pass.score(state);
      ties = pass.markBest(state, this.wantsMargin);
    } else {
      pass.markAll(state);
    }
    this.topScore = pass.topScore;
    this.margin = pass.margin;
    const position = this.pickTie(state.nodes, start, ties, pass);
    index.unmarkAll();
    this.decided++;
    return cluster.order[position]!;
  }

  private chooseLimited(state: ClassState, start: number, quota: number): number {
    const { search, pass, cluster } = this;
    const position = search.choose(state, start, quota, this.wantsMargin);
    this.feasibleCount = search.feasibleCount;
    this.evaluatedCount = search.evaluatedCount;
    this.topScore = pass.topScore;
    this.margin = pass.margin;
    this.startIndex = (start + search.evaluatedCount) % cluster.nodeCount;
    this.decided++;
    return cluster.order[position]!;
  }
}
