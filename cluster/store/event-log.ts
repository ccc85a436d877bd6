/** Every change since the last compaction, in order: what a watch that begins in the past is told. */
import type { Version } from './version.ts';

export class EventLog {
  private changes: Version[] = [];
  /** How many changes have been dropped from the front. Positions count from the first change ever. */
  private dropped = 0;

  get start(): number {
    return this.dropped;
  }

  get end(): number {
    return this.dropped + this.changes.length;
  }

  push(change: Version): void {
    this.changes.push(change);
  }

  at(position: number): Version {
    return this.changes[position - this.dropped];
  }

  /** The position of the first kept change with that revision or a later one. */
  positionOf(revision: number): number {
    let low = 0;
    let high = this.changes.length;
    if (high > 0 && this.changes[high - 1].modRevision < revision) return this.dropped + high;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.changes[middle].modRevision < revision) low = middle + 1;
      else high = middle;
    }
    return this.dropped + low;
  }

  /** Drops the changes before the revision. */
  compact(revision: number): void {
    const count = this.positionOf(revision) - this.dropped;
    this.changes = this.changes.slice(count);
    this.dropped += count;
  }
}
