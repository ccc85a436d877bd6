/**
 * How long a key that failed has to wait. Source: `client-go/util/workqueue/default_rate_limiters.go`
 * (`DefaultTypedControllerRateLimiter`), v0.37.2.
 */
import type { Clock } from '../../scheduler/clock.ts';

const BASE_MS = 5;
const MAX_MS = 1_000_000;
const BUCKET = 100;
const REFILL_PER_MS = 10 / 1000;

/** The longer of the key's own back-off and the wait for a token that all keys share. */
export class RateLimiter {
  private readonly clock: Clock;
  private readonly failures = new Map<string, number>();
  private tokens = BUCKET;
  private filledMs: number;

  constructor(clock: Clock) {
    this.clock = clock;
    this.filledMs = clock.nowMs;
  }

  /** Counts one more failure. */
  delayMs(key: string): number {
    const failures = this.failures.get(key) ?? 0;
    this.failures.set(key, failures + 1);
    return Math.max(Math.min(BASE_MS * 2 ** failures, MAX_MS), this.takeToken());
  }

  forget(key: string): void {
    this.failures.delete(key);
  }

  /** Tokens may be owed: who comes later waits longer. */
  private takeToken(): number {
    const { nowMs } = this.clock;
    this.tokens = Math.min(BUCKET, this.tokens + (nowMs - this.filledMs) * REFILL_PER_MS);
    this.filledMs = nowMs;
    this.tokens--;
    return this.tokens >= 0 ? 0 : -this.tokens / REFILL_PER_MS;
  }
}
