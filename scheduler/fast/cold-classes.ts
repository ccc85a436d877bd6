/**
 * Classes that are used too seldom to be kept: answered by a pass over all nodes (`resource-scan.ts`), where the pod's shape
 * allows it and all nodes are scored.
 */
import type { Cluster } from '../cluster.ts';
import type { Framework } from '../framework.ts';
import type { PodInfo } from '../plugin.ts';
import type { ClassCache, ProfileClasses } from './class-cache.ts';
import type { TopologyCounters } from './counters.ts';
import type { GroupPass } from './group-pass.ts';
import { heapBest, type TieOptions } from './pick.ts';
import type { PodForm } from './resource-form.ts';
import type { ResourceScan } from './resource-scan.ts';
import { type Shape, Shapes } from './shapes.ts';

/** Below this a pass over all nodes saves nothing. */
const MIN_SCAN_NODES = 256;
/** Catching up on one change takes about as long as a pass takes for this many nodes. */
const SCAN_NODES_PER_CHANGE = 40;
const SCAN_OVERHEAD_CHANGES = 40;

export interface ColdOptions extends TieOptions {
  readonly preferScans?: boolean;
  readonly debug?: boolean;
}

export class ColdClasses {
  /** Of the last decision made here. */
  feasibleCount = 0;
  topScore = 0;
  private readonly options: ColdOptions;
  private readonly cluster: Cluster;
  private readonly counters: TopologyCounters;
  private readonly cache: ClassCache;
  private readonly pass: GroupPass;
  private readonly scan: ResourceScan;
  private readonly shapes = new Map<Framework, Shapes>();
  private position = -1;

  constructor(options: ColdOptions, cache: ClassCache, counters: TopologyCounters, pass: GroupPass) {
    this.options = options;
    this.cluster = options.cluster;
    this.cache = cache;
    this.counters = counters;
    this.pass = pass;
    this.scan = cache.indices.scan;
  }

  /** How far the best score was above the next in the last decision. */
  get margin(): number {
    return this.scan.topScore - this.scan.bestBeside(this.position);
  }

  /** Up to this many changes, catching up is quicker than a pass. */
  get patience(): number {
    const { nodeCount } = this.cluster;
    if (this.options.preferScans === true) return this.scan.isAvailable ? -1 : Number.POSITIVE_INFINITY;
    if (nodeCount < MIN_SCAN_NODES || !this.scan.isAvailable) return Number.POSITIVE_INFINITY;
    return nodeCount / SCAN_NODES_PER_CHANGE + SCAN_OVERHEAD_CHANGES;
  }

  /** The row; −1 when the class is not one of these, or no node fits. Throws ScoreOutOfRange. */
  decide(profile: ProfileClasses, pod: PodInfo, startIndex: number): number {
    const { framework } = profile;
    const { nodeCount } = this.cluster;
    if (profile.quota(nodeCount) < nodeCount) return -1;
    let shapes = this.shapes.get(framework);
    if (shapes === undefined) {
      shapes = new Shapes(framework, this.cluster, this.counters, this.cache.indices.parts);
      this.shapes.set(framework, shapes);
    }
    const idle = shapes.idleFor(pod.classId);
    if (profile.states[pod.classId] === null) return -1;
    if (idle <= this.patience && shapes.isWorthIndex(pod.classId)) return -1;
    this.counters.refresh();
    const shape = shapes.shapeOf(pod, (state) => this.cache.isOutdated(state));
    const form = shape && shapes.formOf(pod);
    return form === undefined ? -1 : this.choose(shape!, form, startIndex % nodeCount);
  }

  private choose({ state, mask }: Shape, form: PodForm, start: number): number {
    const { scan, cluster, pass, options } = this;
    const { liveFilters } = state.program;
    // All nodes have equal facts, so any of them stands for all.
    for (const { compiled } of liveFilters) if (compiled.filter(cluster.order[0]!) !== 0) return -1;
    if (!scan.run(form, mask) || scan.feasibleCount === 0) return -1;
    if (options.debug === true) scan.check();
    const { feasibleCount, topScore } = scan;
    const { nodeCount } = cluster;
    pass.accepted[0] = 0;
    pass.rows[0] = cluster.order[scan.nextBest(0, nodeCount)]!;
    pass.nodes[0] = feasibleCount;
    pass.totals[0] = topScore + state.constantScore;
    if (feasibleCount > 1) pass.addScores(state, 1, undefined);
    this.topScore = pass.totals[0]!;
    this.feasibleCount = feasibleCount;
    this.position = this.pick(start);
    return cluster.order[this.position]!;
  }

  private pick(start: number): number {
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
}
