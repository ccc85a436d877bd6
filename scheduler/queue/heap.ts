/**
 * A binary heap that knows where its items are. It moves them exactly as Go's `container/heap` does, because items that
 * are equal under `less` leave in heap order, not in order of arrival. Source: `pkg/scheduler/backend/heap/heap.go`, v1.37.2.
 *
 * Cost: O(log n) per push, pop, update and removal; 8 bytes per item. An item can be in one heap at a time.
 */
export interface HeapItem {
  /** Place in the heap; −1 outside. Only the heap writes it. */
  heapIndex: number;
}

export class Heap<T extends HeapItem> {
  private readonly less: (a: T, b: T) => boolean;
  private readonly items: T[] = [];

  constructor(less: (a: T, b: T) => boolean) {
    this.less = less;
  }

  get size(): number {
    return this.items.length;
  }

  /** In heap order. */
  list(): readonly T[] {
    return this.items;
  }

  peek(): T | undefined {
    return this.items[0];
  }

  push(item: T): void {
    item.heapIndex = this.items.length;
    this.items.push(item);
    this.siftUp(item.heapIndex);
  }

  /** Restores the order after the item has changed. */
  update(item: T): void {
    const at = item.heapIndex;
    if (!this.siftDown(at, this.items.length)) this.siftUp(at);
  }

  pop(): T | undefined {
    const last = this.items.length - 1;
    if (last < 0) return undefined;
    this.swap(0, last);
    this.siftDown(0, last);
    return this.dropLast();
  }

  remove(item: T): void {
    const at = item.heapIndex;
    const last = this.items.length - 1;
    if (at !== last) {
      this.swap(at, last);
      if (!this.siftDown(at, last)) this.siftUp(at);
    }
    this.dropLast();
  }

  private dropLast(): T {
    const item = this.items.pop()!;
    item.heapIndex = -1;
    return item;
  }

  private siftUp(start: number): void {
    const { items } = this;
    let child = start;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (!this.less(items[child]!, items[parent]!)) return;
      this.swap(child, parent);
      child = parent;
    }
  }

  private siftDown(start: number, length: number): boolean {
    const { items } = this;
    let parent = start;
    for (;;) {
      let child = 2 * parent + 1;
      if (child >= length) break;
      if (child + 1 < length && this.less(items[child + 1]!, items[child]!)) child++;
      if (!this.less(items[child]!, items[parent]!)) break;
      this.swap(parent, child);
      parent = child;
    }
    return parent > start;
  }

  private swap(i: number, j: number): void {
    const { items } = this;
    const a = items[i]!;
    const b = items[j]!;
    items[i] = b;
    items[j] = a;
    b.heapIndex = i;
    a.heapIndex = j;
  }
}
