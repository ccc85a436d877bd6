/**
 * How long a key that failed has to wait. Source: `client-go/util/workqueue/default_rate_limiters.go`
 * (`DefaultTypedControllerRateLimiter`), v0.37.2.
 */
import type { Clock } from '../../scheduler/clock.ts';

const BUCKET = 100;
const REFILL_PER_MS = 10 / 1000;

export interface Backoff {
  /** After the first failure; twice as long after each further one. @default 5 */
  readonly baseMs?: number;
  /** @default 1000 s */
  readonly maxMs?: number;
  /** All keys of a queue share the tokens. @default true */
  readonly hasBucket?: boolean;
}

/** The longer of the key's own back-off and the wait for a token that all keys share. */
export class RateLimiter {
  private readonly clock: Clock;
  private readonly backoff: Required<Backoff>;
  private readonly failures = new Map<string, number>();
  private tokens = BUCKET;
  private filledMs: number;

  constructor(clock: Clock, { baseMs = 5, maxMs = 1_000_000, hasBucket = true }: Backoff = {}) {
    this.clock = clock;
    this.backoff = { baseMs, maxMs, hasBucket };
    this.filledMs = clock.nowMs;
  }

  /** Counts one more failure. */
  delayMs(key: string): number {
    const failures = this.failuresOf(key);
    this.failures.set(key, failures + 1);
    const { baseMs, maxMs, hasBucket } = this.backoff;
    return Math.max(Math.min(baseMs * 2 ** failures, maxMs), hasBucket ? this.takeToken() : 0);
  }

  /** How often the key has failed. */
  failuresOf(key: string): number {
    return this.failures.get(key) ?? 0;
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
