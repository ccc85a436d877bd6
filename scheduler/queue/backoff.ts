/**
 * Pods that wait out a back-off. Source: `pkg/scheduler/backend/queue/backoff_queue.go`, v1.37.2.
 *
 * Rejected pods and pods that ended in an error wait apart: only the former may be tried early. With pops from the
 * back-off queue on, ends of back-offs are floored to whole seconds, so that pods of one second leave in the order of
 * their priority.
 */
import type { QueuedEntity } from './entity.ts';
import { Heap } from './heap.ts';

const WINDOW_MS = 1000;
const NANOS_PER_MS = 1e6;

export interface BackoffOptions {
  readonly initialMs: number;
  readonly maxMs: number;
  readonly popEarly: boolean;
  readonly less: (a: QueuedEntity, b: QueuedEntity) => boolean;
}

export class BackoffQueue {
  readonly rejected: Heap<QueuedEntity>;
  readonly failed: Heap<QueuedEntity>;
  private readonly options: BackoffOptions;

  constructor(options: BackoffOptions) {
    this.options = options;
    const sooner = (a: QueuedEntity, b: QueuedEntity) => this.untilMs(a) < this.untilMs(b);
    this.failed = new Heap(sooner);
    this.rejected = new Heap(
      options.popEarly
        ? (a, b) => {
            const [untilA, untilB] = [this.untilMs(a), this.untilMs(b)];
            return untilA === untilB ? options.less(a, b) : untilA < untilB;
          }
        : sooner,
    );
  }

  /** End of the entity's back-off; 0 when it has none. */
  untilMs(entity: QueuedEntity): number {
    const { initialMs, maxMs } = this.options;
    const count = entity.consecutiveErrors > 0 ? entity.consecutiveErrors : entity.unschedulableCount;
    if (maxMs === 0 || count === 0) return 0;
    if (entity.backoffUntilMs < 0) {
      entity.backoffUntilMs = this.floorToWindow(entity.timestamp + backoffMs(initialMs, maxMs, count, entity.size));
    }
    return entity.backoffUntilMs;
  }

  /** A back-off that ends this very second is still on. */
  isBackingOff(entity: QueuedEntity, nowMs: number): boolean {
    return this.untilMs(entity) >= this.floorToWindow(nowMs);
  }

  add(entity: QueuedEntity): void {
    entity.place = entity.isRejected ? 'backoff' : 'errorBackoff';
    this.heapOf(entity).push(entity);
  }

  remove(entity: QueuedEntity): void {
    this.heapOf(entity).remove(entity);
  }

  update(entity: QueuedEntity): void {
    this.heapOf(entity).update(entity);
  }

  /** Takes those whose back-off is over: rejected ones first, each in order. */
  takeCompleted(nowMs: number): QueuedEntity[] {
    const completed: QueuedEntity[] = [];
    for (const heap of [this.rejected, this.failed]) {
      for (let first = heap.peek(); first !== undefined && !this.isBackingOff(first, nowMs); first = heap.peek()) {
        completed.push(heap.pop()!);
      }
    }
    return completed;
  }

  private heapOf(entity: QueuedEntity): Heap<QueuedEntity> {
    return entity.place === 'backoff' ? this.rejected : this.failed;
  }

  private floorToWindow(timeMs: number): number {
    return this.options.popEarly ? Math.floor(timeMs / WINDOW_MS) * WINDOW_MS : timeMs;
  }
}

/** Doubles with every attempt up to a maximum, which grows with the square root of a group's size. */
export function backoffMs(initialMs: number, maxMs: number, count: number, size: number): number {
  const cap = size > 1 ? Math.trunc(maxMs * Math.sqrt(size) * NANOS_PER_MS) / NANOS_PER_MS : maxMs;
  return Math.min(initialMs * 2 ** (count - 1), cap);
}
