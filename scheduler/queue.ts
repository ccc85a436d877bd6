/**
 * Pods waiting for their turn: a binary heap in the order of the QueueSort plugin. It moves entries exactly as Go's
 * `container/heap` does, because pods of equal priority and timestamp leave in heap order, not in order of arrival.
 * Source: `pkg/scheduler/backend/heap/heap.go`, v1.37.2. Back-off and the unschedulable pool belong around it.
 *
 * Cost: O(log n) per push, pop, update and removal; one Map entry per pod.
 */
import type { PodInfo, QueuedPod } from './plugin.ts';

export type Less = (a: QueuedPod, b: QueuedPod) => boolean;

export class PodQueue {
  private readonly less: Less;
  private readonly heap: QueuedPod[] = [];
  private readonly position = new Map<string, number>();

  constructor(less: Less) {
    this.less = less;
  }

  get length(): number {
    return this.heap.length;
  }

  has(pod: PodInfo): boolean {
    return this.position.has(pod.uid);
  }

  /** Adds a pod, or replaces the entry of the same UID and restores the order. */
  push(entry: QueuedPod): void {
    const at = this.position.get(entry.pod.uid);
    if (at !== undefined) {
      this.heap[at] = entry;
      if (!this.siftDown(at, this.heap.length)) this.siftUp(at);
      return;
    }
    this.heap.push(entry);
    this.position.set(entry.pod.uid, this.heap.length - 1);
    this.siftUp(this.heap.length - 1);
  }

  peek(): QueuedPod | undefined {
    return this.heap[0];
  }

  pop(): QueuedPod | undefined {
    const last = this.heap.length - 1;
    if (last < 0) return undefined;
    this.swap(0, last);
    this.siftDown(0, last);
    return this.dropLast();
  }

  /** False when the pod is not queued. */
  remove(uid: string): boolean {
    const at = this.position.get(uid);
    if (at === undefined) return false;
    const last = this.heap.length - 1;
    if (at !== last) {
      this.swap(at, last);
      if (!this.siftDown(at, last)) this.siftUp(at);
    }
    this.dropLast();
    return true;
  }

  private dropLast(): QueuedPod {
    const entry = this.heap.pop()!;
    this.position.delete(entry.pod.uid);
    return entry;
  }

  private siftUp(start: number): void {
    let child = start;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (!this.less(this.heap[child]!, this.heap[parent]!)) return;
      this.swap(child, parent);
      child = parent;
    }
  }

  private siftDown(start: number, length: number): boolean {
    let parent = start;
    for (;;) {
      let child = 2 * parent + 1;
      if (child >= length) break;
      if (child + 1 < length && this.less(this.heap[child + 1]!, this.heap[child]!)) child++;
      if (!this.less(this.heap[child]!, this.heap[parent]!)) break;
      this.swap(parent, child);
      parent = child;
    }
    return parent > start;
  }

  private swap(i: number, j: number): void {
    const a = this.heap[i]!;
    const b = this.heap[j]!;
    this.heap[i] = b;
    this.heap[j] = a;
    this.position.set(b.pod.uid, i);
    this.position.set(a.pod.uid, j);
  }
}
