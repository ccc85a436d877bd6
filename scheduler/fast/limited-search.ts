/**
 * The limited search: only the first so many feasible nodes from the start index on count, and the next search begins where
 * this one ended.
 *
 * Cost: through the index where a class has but one group of nodes, else a look at each node up to the last one that counts.
 */
import type { Cluster } from '../cluster.ts';
import type { ClassIndex } from './class-index.ts';
import type { ClassState } from './class-state.ts';
import type { GroupPass } from './group-pass.ts';
import { firstInPreOrder, heapKey, nextAround, type TieOptions } from './pick.ts';

/** A shorter list is faster walked through than looked up. */
const MIN_INDEXED_WINDOW = 100;

export class LimitedSearch {
  /** Of the last search. */
  feasibleCount = 0;
  evaluatedCount = 0;
  private readonly options: TieOptions;
  private readonly cluster: Cluster;
  private readonly pass: GroupPass;
  private places = new Int32Array(0);
  /** By group: nodes in the list, and the best base score among them. */
  private nodesOf = new Float64Array(0);
  private bestOf = new Int32Array(0);

  constructor(options: TieOptions, pass: GroupPass) {
    this.options = options;
    this.cluster = options.cluster;
    this.pass = pass;
  }

  /**
   * The node that is taken, by position, of the first `quota` feasible ones; there must be more. Sets the counts, and what
   * the pass says of the outcome.
   */
  choose(state: ClassState, start: number, quota: number, wantsMargin: boolean): number {
    const { tieBreak } = this.options;
    const { acceptedCount, rejectedCount } = this.pass;
    const isPlain = acceptedCount === 1 && rejectedCount === 0 && quota >= MIN_INDEXED_WINDOW;
    if (isPlain && (tieBreak === 'heap' || tieBreak === 'first'))
      return this.chooseIndexed(state, start, quota, wantsMargin);
    return this.chooseByWalk(state, start, quota);
  }

  private chooseIndexed(state: ClassState, start: number, quota: number, wantsMargin: boolean): number {
    const { pass } = this;
    const { index, lists } = state.nodes;
    const { nodeCount } = index;
    const group = pass.accepted[0]!;
    const view = lists.without(pass.isRejected, 0);
    const end = view.select((view.rank(start) + quota) % view.count);
    let base = index.groupBest[group]!;
    let first = findIn(index, group, base, start, end);
    while (first < 0) {
      base = index.bestBelow(group, base);
      first = findIn(index, group, base, start, end);
    }
    const position = this.options.tieBreak === 'heap' ? firstInPreOrder(index, view, start, quota, end) : first;
    pass.nodes[0] = quota;
    pass.bases[0] = base;
    pass.score(state);
    pass.topScore = pass.totals[0]!;
    if (wantsMargin) {
      const after = (first + 1) % nodeCount;
      const isTied = after !== end && nextAround(index, after, end) >= 0;
      pass.margin = isTied ? 0 : base - bestInBelow(index, group, base, start, end);
    }
    index.unmarkAll();
    this.feasibleCount = quota;
    this.evaluatedCount = (end - start + nodeCount) % nodeCount;
    return position;
  }

  private chooseByWalk(state: ClassState, start: number, quota: number): number {
    const { pass } = this;
    const { bucketAt, bucketValue, bucketGroup, nodeCount, groupCount: knownGroups } = state.nodes.index;
    if (this.places.length < quota) this.places = new Int32Array(Math.max(quota, nodeCount));
    if (this.nodesOf.length < knownGroups) {
      this.nodesOf = new Float64Array(knownGroups * 2);
      this.bestOf = new Int32Array(knownGroups * 2);
    }
    const { places, nodesOf, bestOf } = this;
    const { isRejected, accepted, nodes, bases, totals } = pass;
    let groupCount = 0;
    let found = 0;
    let visited = 0;
    for (; visited < nodeCount; visited++) {
      let position = start + visited;
      if (position >= nodeCount) position -= nodeCount;
      const bucket = bucketAt[position]!;
      const group = bucketGroup[bucket]!;
      if (group < 0 || isRejected[group] === 1) continue;
      if (found === quota) break;
      places[found++] = position;
      const value = bucketValue[bucket]!;
      if (nodesOf[group] === 0) {
        accepted[groupCount++] = group;
        bestOf[group] = value;
      } else if (value > bestOf[group]!) {
        bestOf[group] = value;
      }
      nodesOf[group]!++;
    }
    for (let i = 0; i < groupCount; i++) {
      const group = accepted[i]!;
      nodes[i] = nodesOf[group]!;
      bases[i] = bestOf[group]!;
      nodesOf[group] = 0;
    }
    this.feasibleCount = found;
    this.evaluatedCount = visited;
    if (found === 1) {
      pass.topScore = 0;
      pass.margin = 0;
      return places[0]!;
    }
    pass.acceptedCount = groupCount;
    pass.score(state);
    let top = -1;
    for (let i = 0; i < groupCount; i++) if (totals[i]! > top) top = totals[i]!;
    // From here on `bestOf` says what base a node of the group needs to be among the best.
    for (let i = 0; i < groupCount; i++) bestOf[accepted[i]!] = bases[i]! + top - totals[i]!;
    pass.topScore = top;
    return this.pickFromWalk(state, found);
  }

  private pickFromWalk({ nodes: { index } }: ClassState, count: number): number {
    const { bucketAt, bucketValue, bucketGroup } = index;
    const { places, bestOf, cluster } = this;
    const { tieBreak, random, nodeRank } = this.options;
    let chosen = -1;
    let ties = 0;
    let best = Number.POSITIVE_INFINITY;
    let gap = Number.POSITIVE_INFINITY;
    for (let i = 0; i < count; i++) {
      const position = places[i]!;
      const bucket = bucketAt[position]!;
      const missing = bestOf[bucketGroup[bucket]!]! - bucketValue[bucket]!;
      if (missing > 0) {
        if (missing < gap) gap = missing;
        continue;
      }
      let key = i;
      if (tieBreak === 'heap') key = heapKey(i);
      else if (tieBreak === 'rank') key = nodeRank?.(cluster.nodeName(cluster.order[position]!)) ?? 0;
      if (key < best) {
        best = key;
        chosen = position;
      }
      ties++;
    }
    this.pass.margin = ties > 1 ? 0 : gap;
    if (tieBreak !== 'random' || ties === 1) return chosen;
    let skip = random.below(ties);
    for (let i = 0; i < count; i++) {
      const bucket = bucketAt[places[i]!]!;
      if (bestOf[bucketGroup[bucket]!]! > bucketValue[bucket]!) continue;
      if (skip-- === 0) return places[i]!;
    }
    return chosen;
  }
}

/** Marks the nodes of a group with this base score, and finds the first of them in [start, end), around. */
function findIn(index: ClassIndex, group: number, base: number, start: number, end: number): number {
  index.unmarkAll();
  index.mark(index.bucket(group, base));
  return nextAround(index, start, end);
}

function bestInBelow(index: ClassIndex, group: number, limit: number, start: number, end: number): number {
  let base = limit;
  do base = index.bestBelow(group, base);
  while (findIn(index, group, base, start, end) < 0);
  return base;
}
