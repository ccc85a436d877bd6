/**
 * Which of many key ranges hold a key. Single keys are looked up; ranges are cut at their ends into pieces that do not
 * overlap, each with the ranges that cover it, so that a key is found by one binary search.
 */
import { FROM_KEY_END, type KeyOrder } from './key-order.ts';
import type { KeyRange } from './store.ts';

interface Piece<T> {
  readonly start: string;
  readonly members: readonly T[];
}

export class WatchRanges<T extends { readonly range: KeyRange }> {
  private readonly order: KeyOrder;
  private readonly byKey = new Map<string, readonly T[]>();
  private readonly ranges = new Set<T>();
  /** Undefined when it must be made anew. */
  private pieces: readonly Piece<T>[] | undefined = [];

  constructor(order: KeyOrder) {
    this.order = order;
  }

  add(member: T): void {
    const { key, rangeEnd } = member.range;
    if (rangeEnd === undefined) this.byKey.set(key, [...(this.byKey.get(key) ?? []), member]);
    else {
      this.ranges.add(member);
      this.pieces = undefined;
    }
  }

  remove(member: T): void {
    const { key, rangeEnd } = member.range;
    if (rangeEnd !== undefined) {
      if (this.ranges.delete(member)) this.pieces = undefined;
      return;
    }
    const left = (this.byKey.get(key) ?? []).filter((other) => other !== member);
    if (left.length === 0) this.byKey.delete(key);
    else this.byKey.set(key, left);
  }

  *all(): Iterable<T> {
    for (const members of this.byKey.values()) yield* members;
    yield* this.ranges;
  }

  forEachWith(key: string, visit: (member: T) => void): void {
    if (this.byKey.size > 0) this.byKey.get(key)?.forEach(visit);
    if (this.ranges.size === 0) return;
    this.pieces ??= this.cut();
    const { pieces, order } = this;
    let low = -1;
    let high = pieces.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (order(pieces[middle].start, key) <= 0) low = middle;
      else high = middle - 1;
    }
    if (low >= 0) for (const member of pieces[low].members) visit(member);
  }

  private cut(): Piece<T>[] {
    const ends = new Set<string>();
    for (const { range } of this.ranges) {
      ends.add(range.key);
      if (range.rangeEnd !== FROM_KEY_END) ends.add(range.rangeEnd!);
    }
    const covers = ({ key, rangeEnd }: KeyRange, at: string): boolean =>
      this.order(key, at) <= 0 && (rangeEnd === FROM_KEY_END || this.order(at, rangeEnd!) < 0);
    return [...ends]
      .sort(this.order)
      .map((start) => ({ start, members: [...this.ranges].filter(({ range }) => covers(range, start)) }));
  }
}
