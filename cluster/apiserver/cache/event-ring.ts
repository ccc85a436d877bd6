/**
 * The recent past of one kind: events in the order of their revisions, the oldest of which go when there are too many.
 *
 * Cost: O(1) per event, O(log n) to find where a revision is.
 */
import type { CacheEvent } from './cache-event.ts';

export class EventRing {
  private readonly capacity: number;
  /** Grows up to the capacity; then the oldest is overwritten. */
  private readonly events: CacheEvent[] = [];
  private first = 0;
  /** Everything after this revision is here. */
  since: number;

  constructor(capacity: number, since: number) {
    this.capacity = capacity;
    this.since = since;
  }

  get size(): number {
    return this.events.length;
  }

  push(event: CacheEvent): void {
    if (this.events.length < this.capacity) {
      this.events.push(event);
      return;
    }
    this.since = this.events[this.first]!.revision;
    this.events[this.first] = event;
    this.first = (this.first + 1) % this.capacity;
  }

  /** Those after a revision, oldest first. */
  after(revision: number): CacheEvent[] {
    const { length } = this.events;
    let low = 0;
    let high = length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.at(middle).revision > revision) high = middle;
      else low = middle + 1;
    }
    const found: CacheEvent[] = [];
    for (let i = low; i < length; i++) found.push(this.at(i));
    return found;
  }

  private at(index: number): CacheEvent {
    return this.events[(this.first + index) % this.events.length]!;
  }
}
