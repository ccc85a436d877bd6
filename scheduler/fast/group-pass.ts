/**
 * What one cycle asks of groups of nodes with equal facts: which are rejected, what the best nodes of the others score, and
 * which buckets hold the best of all.
 *
 * Cost: one call per live plugin and group; nothing per node.
 */
import { normalize } from '../normalize.ts';
import type { ClassIndex } from './class-index.ts';
import type { ClassState } from './class-state.ts';
import type { ProgramState } from './program-state.ts';
import { checked } from './score-range.ts';

const FIRST_GROUPS = 64;

export class GroupPass {
  /** By group; only those with feasible nodes have been judged. */
  isRejected = new Uint8Array(FIRST_GROUPS);
  rejectedCount = 0;
  /** The groups that are not rejected. The columns below go by the place in this list. */
  accepted = new Int32Array(FIRST_GROUPS);
  acceptedCount = 0;
  rows = new Int32Array(FIRST_GROUPS);
  /** Feasible nodes that count. */
  nodes = new Float64Array(FIRST_GROUPS);
  /** Base score of the best of them. */
  bases = new Int32Array(FIRST_GROUPS);
  totals = new Float64Array(FIRST_GROUPS);
  topScore = 0;
  margin = 0;
  private raw = new Float64Array(FIRST_GROUPS);

  /** Lists the groups with feasible nodes that no live Filter rejects; returns how many nodes these have. */
  accept({ program, nodes }: ClassState): number {
    const { liveFilters } = program;
    const { activeGroups, groupFeasible, groupCount } = nodes.index;
    if (groupCount > this.accepted.length) this.grow(groupCount);
    if (liveFilters.length === 0) return this.acceptAll(nodes.index);
    const { accepted, isRejected } = this;
    let count = 0;
    let feasible = 0;
    for (let i = 0; i < activeGroups.length; i++) {
      const group = activeGroups[i]!;
      let rejected = 0;
      for (let j = 0; j < liveFilters.length; j++) {
        if (liveFilters[j]!.compiled.filter(nodes.rowOfGroup(group)) !== 0) {
          rejected = 1;
          break;
        }
      }
      isRejected[group] = rejected;
      if (rejected === 1) continue;
      accepted[count++] = group;
      feasible += groupFeasible[group]!;
    }
    this.acceptedCount = count;
    this.rejectedCount = activeGroups.length - count;
    return feasible;
  }

  private acceptAll({ activeGroups, feasibleCount }: ClassIndex): number {
    const { accepted, isRejected } = this;
    for (let i = 0; i < activeGroups.length; i++) {
      accepted[i] = activeGroups[i]!;
      isRejected[activeGroups[i]!] = 0;
    }
    this.acceptedCount = activeGroups.length;
    this.rejectedCount = 0;
    return feasibleCount;
  }

  /** Takes all feasible nodes of the accepted groups into account. */
  takeAll({ nodes: { index } }: ClassState): void {
    const { accepted, nodes, bases, acceptedCount } = this;
    const { groupFeasible, groupBest } = index;
    for (let i = 0; i < acceptedCount; i++) {
      const group = accepted[i]!;
      nodes[i] = groupFeasible[group]!;
      bases[i] = groupBest[group]!;
    }
  }

  /** Totals of the best nodes of the accepted groups, from `nodes` and `bases`. */
  score(state: ClassState): void {
    const { accepted, rows, bases, totals, acceptedCount } = this;
    const { groupScores, constantScore } = state;
    for (let i = 0; i < acceptedCount; i++) totals[i] = constantScore + bases[i]!;
    if (groupScores.length === 0) return;
    for (let i = 0; i < acceptedCount; i++) rows[i] = state.nodes.rowOfGroup(accepted[i]!);
    this.addScores(state, acceptedCount, state.nodes);
  }

  /** Adds the normalized scores of `rows`. @param groups Says to which static group each of `accepted` belongs. */
  addScores(
    { groupScores }: ProgramState,
    count: number,
    groups: { staticGroupOf(group: number): number } | undefined,
  ): void {
    const { accepted, rows, nodes, raw, totals } = this;
    for (let j = 0; j < groupScores.length; j++) {
      const { compiled, live, weight, rawOfStatic } = groupScores[j]!;
      if (live !== undefined && !live.prepare(rows, nodes, count)) continue;
      if (rawOfStatic !== undefined && groups !== undefined) {
        for (let i = 0; i < count; i++) raw[i] = rawOfStatic[groups.staticGroupOf(accepted[i]!)]!;
      } else {
        for (let i = 0; i < count; i++) raw[i] = compiled.score(rows[i]!);
      }
      normalize(compiled.normalization!, raw, rows, count);
      for (let i = 0; i < count; i++) totals[i]! += weight * checked(raw[i]!);
    }
  }

  /** Marks the buckets that hold the best nodes; returns how many nodes these are. Sets `topScore`, and `margin` if wanted. */
  markBest({ nodes: { index } }: ClassState, wantsMargin: boolean): number {
    const { accepted, totals, bases, acceptedCount } = this;
    let top = -1;
    let second = -1;
    for (let i = 0; i < acceptedCount; i++) {
      const total = totals[i]!;
      if (total > top) {
        second = top;
        top = total;
      } else if (total > second) {
        second = total;
      }
    }
    let ties = 0;
    for (let i = 0; i < acceptedCount; i++) {
      if (totals[i] !== top) continue;
      const bucket = index.bucket(accepted[i]!, bases[i]!);
      index.mark(bucket);
      ties += index.bucketNodes[bucket]!;
      if (!wantsMargin) continue;
      const below = index.bestBelow(accepted[i]!, bases[i]!);
      if (below >= 0 && below - bases[i]! + top > second) second = below - bases[i]! + top;
    }
    this.topScore = top;
    this.margin = ties > 1 ? 0 : top - second;
    return ties;
  }

  /** Marks all feasible nodes, where nothing is scored. */
  markAll({ nodes: { index } }: ClassState): void {
    for (let i = 0; i < this.acceptedCount; i++) {
      for (const bucket of index.bucketsIn(this.accepted[i]!)) index.mark(bucket);
    }
    this.topScore = 1;
    this.margin = 0;
  }

  private grow(groupCount: number): void {
    const size = groupCount * 2;
    this.isRejected = new Uint8Array(size);
    this.accepted = new Int32Array(size);
    this.rows = new Int32Array(size);
    this.nodes = new Float64Array(size);
    this.bases = new Int32Array(size);
    this.raw = new Float64Array(size);
    this.totals = new Float64Array(size);
  }
}
