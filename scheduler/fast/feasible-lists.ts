/**
 * The feasible lists of the cycles of a class, by the groups that are rejected in them: one for the cycles in which none is,
 * and for the others either one view for each set of rejected groups, or sums over groups where the groups rest on the
 * nodes' own objects.
 */
import type { ClassIndex } from './class-index.ts';
import { type FeasibleList, FeasibleView } from './feasible-view.ts';
import { GroupedView } from './grouped-view.ts';

/** Sets of rejected groups come back in turns (zones that are full for now), so that many lists are worth keeping. */
const MAX_VIEW_BYTES = 4 * 2 ** 20;
const MAX_VIEWS = 2048;
/** Above this, sums over groups take too long. */
const MAX_GROUPS = 64;

export class FeasibleLists {
  private readonly index: ClassIndex;
  private readonly hasStaticGroups: boolean;
  private readonly maxViews: number;
  private readonly views = new Map<number, FeasibleView>();
  private readonly viewList: FeasibleView[] = [];
  private whole: FeasibleView | undefined;
  private grouped: GroupedView | undefined;

  /** @param hasStaticGroups Nodes hardly ever change their groups. */
  constructor(index: ClassIndex, hasStaticGroups: boolean) {
    this.index = index;
    this.hasStaticGroups = hasStaticGroups;
    this.maxViews = Math.max(4, Math.min(MAX_VIEWS, Math.floor(MAX_VIEW_BYTES / (index.nodeCount / 8 + 400))));
  }

  get bytes(): number {
    let bytes = (this.whole?.bytes ?? 0) + (this.grouped?.bytes ?? 0);
    for (const view of this.viewList) bytes += view.bytes;
    return bytes;
  }

  /** A node has been looked at out of turn. */
  forgetPicks(): void {
    this.whole?.memory.forget();
    this.grouped?.memory.forget();
    for (const view of this.viewList) view.memory.forget();
  }

  clear(): void {
    this.views.clear();
    this.viewList.length = 0;
    this.whole = undefined;
    this.grouped = undefined;
  }

  /** The list without these groups; `isRejected` is 1 for them, 0 for the other ones with feasible nodes. */
  without(isRejected: Uint8Array, rejectedCount: number): FeasibleList {
    if (rejectedCount === 0) {
      this.whole ??= this.makeView(new Uint8Array(0));
      return this.whole;
    }
    const { activeGroups, groupCount } = this.index;
    if (this.hasStaticGroups && groupCount <= MAX_GROUPS) {
      this.grouped ??= this.makeGrouped();
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
    // Only groups with feasible nodes have been judged.
    const rejected = new Uint8Array(groupCount);
    for (const group of activeGroups) rejected[group] = isRejected[group]!;
    const view = this.makeView(rejected);
    this.views.set(key, view);
    this.viewList.push(view);
    return view;
  }

  /** A node has gone from one bucket (−1: none) to another. */
  moved(position: number, before: number, bucket: number): void {
    const { bucketGroup } = this.index;
    const group = bucketGroup[bucket]!;
    const groupBefore = before < 0 ? -1 : bucketGroup[before]!;
    if (group === groupBefore) return;
    const wasFeasible = groupBefore >= 0;
    const isFeasible = group >= 0;
    if (wasFeasible !== isFeasible) this.whole?.set(position, isFeasible);
    if (wasFeasible) this.grouped?.set(groupBefore, position, false);
    if (isFeasible) this.grouped?.set(group, position, true);
    const { viewList } = this;
    for (let i = 0; i < viewList.length; i++) {
      const view = viewList[i]!;
      const was = wasFeasible && !view.rejects(groupBefore);
      const is = isFeasible && !view.rejects(group);
      if (was !== is) view.set(position, is);
    }
  }

  /** Asserts that the lists hold what the index says. For tests. */
  check(): void {
    const { nodeCount, bucketAt, bucketGroup } = this.index;
    for (let position = 0; position < nodeCount; position++) {
      const group = bucketGroup[bucketAt[position]!]!;
      if (this.whole !== undefined && this.whole.has(position) !== group >= 0)
        throw new Error(`the feasible list is wrong about position ${position}`);
      if (this.grouped !== undefined && group >= 0 && !this.grouped.has(group, position))
        throw new Error(`the nodes of group ${group} are wrong about position ${position}`);
      for (const view of this.viewList) {
        if (view.has(position) !== (group >= 0 && !view.rejects(group)))
          throw new Error(`a feasible list is wrong about position ${position}`);
      }
    }
  }

  private isViewWithout(view: FeasibleView, isRejected: Uint8Array): boolean {
    const { activeGroups } = this.index;
    for (let i = 0; i < activeGroups.length; i++) {
      if (view.rejects(activeGroups[i]!) !== (isRejected[activeGroups[i]!] === 1)) return false;
    }
    return true;
  }

  private makeView(rejected: Uint8Array): FeasibleView {
    const { nodeCount, bucketAt, bucketGroup, bucketCount } = this.index;
    const view = new FeasibleView(nodeCount, rejected);
    const isListed = new Uint8Array(bucketCount);
    for (let bucket = 0; bucket < bucketCount; bucket++) {
      const group = bucketGroup[bucket]!;
      if (group >= 0 && !view.rejects(group)) isListed[bucket] = 1;
    }
    view.fill(bucketAt, isListed);
    return view;
  }

  private makeGrouped(): GroupedView {
    const { nodeCount, bucketAt, bucketGroup } = this.index;
    const grouped = new GroupedView(nodeCount);
    for (let position = 0; position < nodeCount; position++) {
      const group = bucketGroup[bucketAt[position]!]!;
      if (group >= 0) grouped.set(group, position, true);
    }
    return grouped;
  }
}

/** Spreads small numbers over 52 bits, so that sums of different sets hardly ever meet (they are compared all the same). */
function mix(value: number): number {
  const low = Math.imul(value + 1, 0x9e3779b1) >>> 0;
  const high = Math.imul(value + 7, 0x85ebca6b) >>> 12;
  return high * 2 ** 32 + low;
}
