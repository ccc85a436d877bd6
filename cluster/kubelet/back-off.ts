/** Waits that double. Source: `client-go/util/flowcontrol/backoff.go`, v0.37.2. */
import type { Clock } from '../../scheduler/clock.ts';

interface Entry {
  readonly delayMs: number;
  readonly updatedMs: number;
}

export class BackOff {
  private readonly clock: Clock;
  private readonly firstMs: number;
  private readonly maxMs: number;
  private entries: Map<string, Entry> | undefined;

  constructor(clock: Clock, firstMs: number, maxMs: number) {
    this.clock = clock;
    this.firstMs = firstMs;
    this.maxMs = maxMs;
  }

  delayMs(key: string): number {
    return this.entries?.get(key)?.delayMs ?? 0;
  }

  /** @param eventMs What is to be waited for after. */
  isWaiting(key: string, eventMs: number): boolean {
    const entry = this.live(key, eventMs);
    return entry !== undefined && this.clock.nowMs - eventMs < entry.delayMs;
  }

  isWaitingSinceUpdate(key: string): boolean {
    const { nowMs } = this.clock;
    const entry = this.live(key, nowMs);
    return entry !== undefined && nowMs - entry.updatedMs < entry.delayMs;
  }

  next(key: string, eventMs: number): void {
    const entry = this.live(key, eventMs);
    const delayMs = entry === undefined ? this.firstMs : Math.min(entry.delayMs * 2, this.maxMs);
    this.entries ??= new Map();
    this.entries.set(key, { delayMs, updatedMs: this.clock.nowMs });
  }

  /** What went well for twice the longest wait is forgotten. */
  private live(key: string, eventMs: number): Entry | undefined {
    const entry = this.entries?.get(key);
    return entry === undefined || eventMs - entry.updatedMs > this.maxMs * 2 ? undefined : entry;
  }
}
