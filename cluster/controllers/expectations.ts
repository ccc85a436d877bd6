/**
 * What a controller has done and not yet seen. Until it has seen it, its picture is old and it must not act on it again.
 * Source: `pkg/controller/controller_utils.go` (`ControllerExpectations`, `UIDTrackingControllerExpectations`), v1.37.2.
 */
import type { Clock } from '../../scheduler/clock.ts';

interface Expected {
  creations: number;
  readonly deletions: Set<string>;
  readonly sinceMs: number;
}

/** After so long what has not been seen is given up. */
const GIVEN_UP_MS = 5 * 60_000;

export class Expectations {
  private readonly clock: Clock;
  private readonly byKey = new Map<string, Expected>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  expectCreations(key: string, count: number): void {
    this.byKey.set(key, { creations: count, deletions: new Set(), sinceMs: this.clock.nowMs });
  }

  /** @param uids Of those that will be deleted. */
  expectDeletions(key: string, uids: Iterable<string>): void {
    this.byKey.set(key, { creations: 0, deletions: new Set(uids), sinceMs: this.clock.nowMs });
  }

  /** Seen, or not to be seen since the creation was refused. */
  created(key: string, count = 1): void {
    const expected = this.byKey.get(key);
    if (expected !== undefined) expected.creations -= count;
  }

  deleted(key: string, uid: string): void {
    this.byKey.get(key)?.deletions.delete(uid);
  }

  areMet(key: string): boolean {
    const expected = this.byKey.get(key);
    if (expected === undefined) return true;
    if (expected.creations <= 0 && expected.deletions.size === 0) return true;
    return this.clock.nowMs - expected.sinceMs > GIVEN_UP_MS;
  }

  forget(key: string): void {
    this.byKey.delete(key);
  }
}
