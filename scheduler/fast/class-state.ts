/**
 * One pod class on one cluster: its program, and an index of what the program says of every node, caught up lazily from the
 * cluster's log of changed rows.
 *
 * Cost: building evaluates every node once; catching up evaluates each logged node once.
 */
import type { Cluster } from '../cluster.ts';
import { normalize } from '../normalize.ts';
import type { PodInfo } from '../plugin.ts';
import { ClassIndex, NO_GROUP } from './class-index.ts';
import type { ClassProgram, GroupScore } from './class-program.ts';
import { type FeasibleList, FeasibleView } from './feasible-view.ts';
import { GroupedView } from './grouped-view.ts';
import { fusedScore, podForm } from './resource-form.ts';

const MAX_NODE_SCORE = 100;
const NO_REJECTION = -1;
/** Sets of rejected groups come back in turns (zones that are full for now), so that many lists are worth keeping. */
const MAX_VIEW_BYTES = 4 * 2 ** 20;
const MAX_VIEWS = 2048;
/** Above this, sums over groups take too long. */
const MAX_GROUPS = 64;

/** A score that the reference engine has to judge, since it is not one. */
export class ScoreOutOfRange extends Error {
  override readonly name = 'ScoreOutOfRange';
}

export interface Rejection {
  /** Place in the profile's order of Filter plugins. */
  readonly order: number;
  readonly code: number;
}

/** Facts to groups, one level of maps per fact that depends on the pods of a node. */
type GroupTree = Map<number, GroupTree | number>;

export class ClassState {
  readonly pod: PodInfo;
  readonly program: ClassProgram;
  readonly index: ClassIndex;
  readonly rejections: Rejection[] = [];
  /** Scores normalized over the feasible nodes that can differ between nodes. */
  readonly groupScores: readonly GroupScore[];
  /** What the other normalized scores add to every total. */
  readonly constantScore: number;
  lastUse = 0;
  /** How many of the classes that were ever on nodes the program has been checked against. */
  classesSeen = 0;

  private readonly cluster: Cluster;
  private readonly nodeCount: number;
  private readonly firstLiveOrder: number;
  /** Filter and Score in one, where they are plain formulas over CPU and memory. */
  private readonly fused: ((row: number) => number) | undefined;
  private readonly rejectionIds = new Map<number, number>();
  private staticRejection: Int16Array;
  private staticBase: Int32Array | undefined;
  private staticGroup: Int32Array | undefined;
  private readonly trees: GroupTree[] = [];
  /** Group by static facts, where no others split it; −1 for none yet. */
  private readonly groupOfStatic: number[] = [];
  private readonly groupRow: number[] = [];
  private readonly nodeGeneration: number;
  private readonly objectVersions: readonly number[];
  private seenChanges: number;
  private readonly views = new Map<number, FeasibleView>();
  private readonly viewList: FeasibleView[] = [];
  private readonly maxViews: number;
  /** Serves all lists where the groups are a matter of the nodes' objects, and a Filter looks at them. */
  private grouped: GroupedView | undefined;

  /** @param withIndex False for one that only serves passes over all nodes (`scanMask`). */
  constructor(pod: PodInfo, program: ClassProgram, cluster: Cluster, withIndex = true) {
    this.pod = pod;
    this.program = program;
    this.cluster = cluster;
    const { nodeCount } = cluster;
    this.nodeCount = nodeCount;
    this.index = new ClassIndex(withIndex ? nodeCount : 0);
    this.maxViews = Math.max(4, Math.min(MAX_VIEWS, Math.floor(MAX_VIEW_BYTES / (nodeCount / 8 + 400))));
    this.firstLiveOrder = program.liveFilters[0]?.order ?? Number.POSITIVE_INFINITY;
    this.nodeGeneration = cluster.nodeGeneration;
    this.objectVersions = program.reads.map((kind) => cluster.objects.versionOf(kind));
    this.staticRejection = new Int16Array(nodeCount).fill(NO_REJECTION);
    if (program.staticScores.length > 0) this.staticBase = new Int32Array(nodeCount);
    if (program.staticFacts.length > 0) this.staticGroup = new Int32Array(nodeCount);
    this.readStatic();
    if (this.staticBase?.every((base) => base === 0) === true) this.staticBase = undefined;
    const form = podForm(
      program.usageFilters.map(({ compiled }) => compiled),
      program.usageScores,
    );
    this.fused = form && fusedScore(form, cluster);
    const split = this.splitGroupScores();
    this.groupScores = split.varying;
    this.constantScore = split.constant;
    this.seenChanges = cluster.changes.sequence;
    if (withIndex) this.readAll();
  }

  get bytes(): number {
    let bytes = this.index.bytes + this.index.nodeCount * (2 + (this.staticBase ? 4 : 0) + (this.staticGroup ? 4 : 0));
    for (const view of this.viewList) bytes += view.bytes;
    bytes += this.grouped?.bytes ?? 0;
    return bytes;
  }

  /** False when nodes or objects that the program was compiled from have changed. */
  get isCurrent(): boolean {
    if (this.nodeGeneration !== this.cluster.nodeGeneration) return false;
    const { reads } = this.program;
    for (let i = 0; i < reads.length; i++) {
      if (this.cluster.objects.versionOf(reads[i]!) !== this.objectVersions[i]) return false;
    }
    return true;
  }

  catchUp(): void {
    const { changes, position } = this.cluster;
    const { sequence } = changes;
    const gap = sequence - this.seenChanges;
    if (gap === 0) return;
    if (gap > changes.capacity || gap > this.index.nodeCount) {
      this.readAll();
    } else {
      let before = -1;
      for (let at = this.seenChanges; at < sequence; at++) {
        const row = changes.at(at);
        if (row === before) continue;
        before = row;
        this.move(position[row]!, this.evaluate(row, position[row]!), row);
      }
    }
    this.seenChanges = sequence;
  }

  /** The bucket that the node belongs in by what is true now; what the index should say of it. */
  evaluate(row: number, position: number): number {
    const { program, index } = this;
    const { usageFilters, usageScores } = program;
    let rejection = this.staticRejection[position]!;
    if (this.fused !== undefined && rejection < 0) {
      const score = this.fused(row);
      // The long formulas take over where the node does not fit (for the reason), or its capacities are out of the ordinary.
      if (score >= 0) {
        return index.bucket(
          this.groupOf(row, position),
          this.staticBase === undefined ? score : score + this.staticBase[position]!,
        );
      }
    }
    for (let i = 0; i < usageFilters.length; i++) {
      const { compiled, order } = usageFilters[i]!;
      if (rejection >= 0 && this.rejections[rejection]!.order < order) break;
      const code = compiled.filter(row);
      if (code !== 0) {
        rejection = this.rejectionId(order, code);
        break;
      }
    }
    if (rejection >= 0) {
      const group = this.rejections[rejection]!.order < this.firstLiveOrder ? NO_GROUP : this.groupOf(row, position);
      return index.bucket(group, -1 - rejection);
    }
    let base = this.staticBase === undefined ? 0 : this.staticBase[position]!;
    for (let i = 0; i < usageScores.length; i++) {
      const { compiled, weight } = usageScores[i]!;
      base += weight * checked(compiled.score(row));
    }
    return index.bucket(this.groupOf(row, position), base);
  }

  /** Asserts that the index says what a fresh evaluation of every node says. For tests. */
  check(): void {
    const { index, cluster } = this;
    let feasible = 0;
    for (let position = 0; position < index.nodeCount; position++) {
      const bucket = index.bucketAt[position]!;
      const fresh = this.evaluate(cluster.order[position]!, position);
      if (bucket !== fresh) {
        throw new Error(
          `node ${cluster.nodeName(cluster.order[position]!)} is in bucket ${bucket}, ought to be in ${fresh}`,
        );
      }
      if (index.bucketValue[bucket]! >= 0) feasible++;
    }
    index.check();
    if (feasible !== index.feasibleCount)
      throw new Error(`${index.feasibleCount} feasible nodes kept, ${feasible} found`);
    for (let position = 0; position < index.nodeCount && this.grouped !== undefined; position++) {
      const bucket = index.bucketAt[position]!;
      const group = index.bucketGroup[bucket]!;
      if (group !== NO_GROUP && this.grouped.has(group, position) !== index.bucketValue[bucket]! >= 0) {
        throw new Error(`the nodes of group ${group} are wrong about position ${position}`);
      }
    }
    for (const view of this.viewList) {
      for (let position = 0; position < index.nodeCount; position++) {
        const bucket = index.bucketAt[position]!;
        const isFeasible = index.bucketValue[bucket]! >= 0 && !view.rejects(index.bucketGroup[bucket]!);
        if (view.has(position) !== isFeasible) throw new Error(`a feasible list is wrong about position ${position}`);
      }
    }
  }

  /**
   * −1 for positions that the node's own object lets through, else 0, padded with zeros to a multiple of 32; undefined when
   * nodes differ in anything else than what plain formulas over CPU and memory say.
   */
  scanMask(): Int32Array | undefined {
    const { program } = this;
    const hasFacts = ({ facts }: { readonly facts: readonly unknown[] }) => facts.length > 0;
    if (this.staticBase !== undefined || this.trees.length > 1 || program.usageFacts.length > 0) return undefined;
    if (program.liveFilters.some(({ compiled }) => hasFacts(compiled))) return undefined;
    if (this.groupScores.some(({ live }) => live === undefined || hasFacts(live))) return undefined;
    const mask = new Int32Array(Math.ceil(this.nodeCount / 32) * 32);
    for (let position = 0; position < this.nodeCount; position++) {
      if (this.staticRejection[position] === NO_REJECTION) mask[position] = -1;
    }
    return mask;
  }

  /** Gives back what only an index needs. */
  shed(): void {
    this.staticRejection = new Int16Array(0);
    this.staticGroup = undefined;
  }

  /** How many changes of the cluster the index has not seen. */
  get gap(): number {
    return this.cluster.changes.sequence - this.seenChanges;
  }

  /** A row whose facts are those of the group. */
  rowOfGroup(group: number): number {
    const { usageFacts } = this.program;
    const row = this.groupRow[group]!;
    if (usageFacts.length === 0) return row;
    const { index, cluster } = this;
    const bucket = index.bucketAt[cluster.position[row]!]!;
    if (index.bucketGroup[bucket] === group) return row;
    for (const other of index.bucketsIn(group)) if (index.bucketNodes[other]! > 0) index.mark(other);
    const found = cluster.order[index.next(0, index.nodeCount)]!;
    index.unmarkAll();
    this.groupRow[group] = found;
    return found;
  }

  /** The feasible set without these groups; `isRejected` is 1 for them. */
  viewWithout(isRejected: Uint8Array): FeasibleList {
    const { activeGroups } = this.index;
    if (this.grouped !== undefined) {
      this.grouped.list(activeGroups, isRejected);
      return this.grouped;
    }
    let key = 0;
    for (let i = 0; i < activeGroups.length; i++) {
      if (isRejected[activeGroups[i]!] === 1) key = (key + mix(activeGroups[i]!)) % Number.MAX_SAFE_INTEGER;
    }
    const known = this.views.get(key);
    if (known !== undefined) {
      if (this.isViewWithout(known, isRejected)) return known;
      this.viewList.splice(this.viewList.indexOf(known), 1);
    } else if (this.viewList.length >= this.maxViews) {
      this.views.clear();
      this.viewList.length = 0;
    }
    const view = this.makeView(isRejected);
    this.views.set(key, view);
    this.viewList.push(view);
    return view;
  }

  private isViewWithout(view: FeasibleView, isRejected: Uint8Array): boolean {
    const { activeGroups } = this.index;
    for (let i = 0; i < activeGroups.length; i++) {
      if (view.rejects(activeGroups[i]!) !== (isRejected[activeGroups[i]!] === 1)) return false;
    }
    return true;
  }

  private makeView(isRejected: Uint8Array): FeasibleView {
    const { index } = this;
    const { nodeCount, bucketAt, bucketValue, bucketGroup } = index;
    // Only groups with feasible nodes have been judged.
    const rejected = new Uint8Array(index.groupCount);
    for (const group of index.activeGroups) rejected[group] = isRejected[group]!;
    const view = new FeasibleView(nodeCount, rejected);
    for (let position = 0; position < nodeCount; position++) {
      const bucket = bucketAt[position]!;
      if (bucketValue[bucket]! >= 0 && !view.rejects(bucketGroup[bucket]!)) view.set(position, true);
    }
    return view;
  }

  private move(position: number, bucket: number, row: number): void {
    const { index, viewList } = this;
    const before = index.bucketAt[position]!;
    if (before === bucket) return;
    index.put(position, bucket);
    const group = index.bucketGroup[bucket]!;
    if (group !== NO_GROUP) this.groupRow[group] = row;
    const wasFeasible = before >= 0 && index.bucketValue[before]! >= 0;
    const isFeasible = index.bucketValue[bucket]! >= 0;
    if (wasFeasible === isFeasible && (!isFeasible || group === index.bucketGroup[before])) return;
    if (this.grouped !== undefined && wasFeasible !== isFeasible) {
      // Groups do not change here, so this is about whether the node fits.
      this.grouped.set(isFeasible ? group : index.bucketGroup[before]!, position, isFeasible);
    }
    for (let i = 0; i < viewList.length; i++) {
      const view = viewList[i]!;
      const was = wasFeasible && !view.rejects(index.bucketGroup[before]!);
      const is = isFeasible && !view.rejects(group);
      if (was !== is) view.set(position, is);
    }
  }

  private readAll(): void {
    const { order } = this.cluster;
    const { nodeCount } = this.index;
    this.views.clear();
    this.viewList.length = 0;
    this.grouped = undefined;
    for (let position = 0; position < nodeCount; position++) {
      const row = order[position]!;
      this.move(position, this.evaluate(row, position), row);
    }
    if (this.canGroup()) this.makeGrouped();
  }

  private canGroup(): boolean {
    const { usageFacts, liveFilters } = this.program;
    const groups = this.trees.length;
    return (
      usageFacts.length === 0 &&
      groups > 1 &&
      groups <= MAX_GROUPS &&
      liveFilters.some(({ compiled }) => compiled.facts.length > 0)
    );
  }

  private makeGrouped(): void {
    const { index } = this;
    const grouped = new GroupedView(index.nodeCount);
    for (let position = 0; position < index.nodeCount; position++) {
      const bucket = index.bucketAt[position]!;
      if (index.bucketValue[bucket]! >= 0) grouped.set(index.bucketGroup[bucket]!, position, true);
    }
    this.grouped = grouped;
  }

  private readStatic(): void {
    const { program, cluster, staticBase, staticGroup } = this;
    const { staticFilters, staticScores, staticFacts } = program;
    const { order } = cluster;
    const groups = new Map<string, number>();
    const facts: number[] = [];
    let group = 0;
    for (let position = 0; position < this.nodeCount; position++) {
      const row = order[position]!;
      for (const { compiled, order: place } of staticFilters) {
        const code = compiled.filter(row);
        if (code === 0) continue;
        this.staticRejection[position] = this.rejectionId(place, code);
        break;
      }
      // A rejected node is never scored, except where a Filter before that one is what rejects it.
      if (staticBase !== undefined && this.staticRejection[position] === NO_REJECTION) {
        for (const { compiled, weight } of staticScores) staticBase[position]! += weight * checked(compiled.score(row));
      }
      if (staticGroup === undefined) continue;
      let isLikeLast = position > 0;
      for (let i = 0; i < staticFacts.length; i++) {
        const fact = staticFacts[i]!.of(row);
        if (facts[i] !== fact) isLikeLast = false;
        facts[i] = fact;
      }
      if (!isLikeLast) {
        const key = facts.join();
        const known = groups.get(key);
        group = known ?? groups.size;
        if (known === undefined) groups.set(key, group);
      }
      staticGroup[position] = group;
    }
    for (let i = 0; i < Math.max(1, groups.size); i++) {
      this.trees.push(new Map());
      this.groupOfStatic.push(-1);
    }
  }

  private rejectionId(order: number, code: number): number {
    const key = order * 2 ** 32 + code;
    let id = this.rejectionIds.get(key);
    if (id === undefined) {
      id = this.rejections.length;
      this.rejections.push({ order, code });
      this.rejectionIds.set(key, id);
    }
    return id;
  }

  private groupOf(row: number, position: number): number {
    const { usageFacts } = this.program;
    if (usageFacts.length === 0) {
      const known = this.groupOfStatic[this.staticGroup === undefined ? 0 : this.staticGroup[position]!]!;
      if (known >= 0) return known;
    }
    let tree = this.trees[this.staticGroup === undefined ? 0 : this.staticGroup[position]!]!;
    const last = usageFacts.length - 1;
    for (let i = 0; i < last; i++) {
      const fact = usageFacts[i]!.of(row);
      let below = tree.get(fact) as GroupTree | undefined;
      if (below === undefined) {
        below = new Map();
        tree.set(fact, below);
      }
      tree = below;
    }
    const fact = last < 0 ? 0 : usageFacts[last]!.of(row);
    let group = tree.get(fact) as number | undefined;
    if (group === undefined) {
      group = this.index.addGroup();
      this.groupRow.push(row);
      tree.set(fact, group);
      if (last < 0) this.groupOfStatic[this.staticGroup === undefined ? 0 : this.staticGroup[position]!] = group;
    }
    return group;
  }

  /** Scores whose raw value is the same on all nodes are normalized once and for all. */
  private splitGroupScores(): { varying: GroupScore[]; constant: number } {
    const varying: GroupScore[] = [];
    let constant = 0;
    for (const score of this.program.groupScores) {
      const only = score.isStatic ? this.onlyValueOf(score) : undefined;
      if (only === undefined) {
        varying.push(score);
      } else {
        const scores = Float64Array.of(only);
        normalize(score.compiled.normalization!, scores, Int32Array.of(this.cluster.order[0]!), 1);
        constant += score.weight * checked(scores[0]!);
      }
    }
    return { varying, constant };
  }

  private onlyValueOf({ compiled }: GroupScore): number | undefined {
    const { order } = this.cluster;
    const first = compiled.score(order[0]!);
    // The raw score is one of the facts, and all nodes have the same ones.
    if (this.trees.length === 1) return first;
    for (let i = 1; i < this.nodeCount; i++) if (compiled.score(order[i]!) !== first) return undefined;
    return first;
  }
}

export function checked(score: number): number {
  if (score >= 0 && score <= MAX_NODE_SCORE && Number.isInteger(score)) return score;
  throw new ScoreOutOfRange();
}

/** Spreads small numbers over 52 bits, so that sums of different sets hardly ever meet (they are compared all the same). */
function mix(value: number): number {
  const low = Math.imul(value + 1, 0x9e3779b1) >>> 0;
  const high = Math.imul(value + 7, 0x85ebca6b) >>> 12;
  return high * 2 ** 32 + low;
}
