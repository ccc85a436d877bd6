/**
 * Keys that wait for their turn: each is there once however often it is added, and is worked on by one at a time. Source:
 * `client-go/util/workqueue/{queue,delaying_queue,rate_limiting_queue}.go`, v0.37.2.
 */
import { type Cancel, type Clock, Lane } from '../../scheduler/clock.ts';
import { type Backoff, RateLimiter } from './rate-limiter.ts';
import { runSteps, type Steps } from './steps.ts';

export interface WorkQueueOptions {
  readonly clock: Clock;
  /** How many keys at a time, where answers take time. @default 5 */
  readonly workers?: number;
  /** How long a key that failed waits. @default 5 ms · 2^n, and a token that all share */
  readonly backoff?: Backoff;
  /** A key that failed so often is given up until it is added again. @default never */
  readonly maxRetries?: number;
  sync(key: string): Steps;
}

export class WorkQueue {
  private readonly options: WorkQueueOptions;
  private readonly limiter: RateLimiter;
  private readonly waiting = new Set<string>();
  private readonly working = new Set<string>();
  private readonly delayed = new Map<string, { readonly dueMs: number; readonly cancel: Cancel }>();
  private isStarted = false;
  private isStopped = false;
  /** How often a key was worked on. */
  syncs = 0;

  constructor(options: WorkQueueOptions) {
    this.options = options;
    this.limiter = new RateLimiter(options.clock, options.backoff);
  }

  add(key: string): void {
    if (this.isStopped || this.waiting.has(key)) return;
    this.waiting.add(key);
    if (this.isStarted) this.workSoon();
  }

  /** What was added before waits until now. */
  start(): void {
    this.isStarted = true;
    for (const _ of this.waiting) this.workSoon();
  }

  /** The earliest time that was asked for counts. */
  addAfter(key: string, delayMs: number): void {
    if (delayMs <= 0) {
      this.add(key);
      return;
    }
    const { clock } = this.options;
    const dueMs = clock.nowMs + delayMs;
    const planned = this.delayed.get(key);
    if (planned !== undefined && planned.dueMs <= dueMs) return;
    planned?.cancel();
    const task = (): void => {
      this.delayed.delete(key);
      this.add(key);
    };
    this.delayed.set(key, { dueMs, cancel: clock.timer(dueMs, task, Lane.Component) });
  }

  stop(): void {
    this.isStopped = true;
    this.waiting.clear();
    for (const { cancel } of this.delayed.values()) cancel();
    this.delayed.clear();
  }

  private workSoon(): void {
    const { clock } = this.options;
    clock.at(clock.nowMs, () => this.work(), Lane.Component);
  }

  private work(): void {
    const { workers = 5 } = this.options;
    if (this.working.size >= workers) return;
    for (const key of this.waiting) {
      // Added again while it is worked on: its turn comes when that is over.
      if (this.working.has(key)) continue;
      this.waiting.delete(key);
      this.syncOne(key);
      return;
    }
  }

  private syncOne(key: string): void {
    this.working.add(key);
    this.syncs++;
    runSteps(this.options.sync(key), (refusal) => {
      this.working.delete(key);
      if (this.isStopped) return;
      const { maxRetries = Number.POSITIVE_INFINITY } = this.options;
      if (refusal === undefined || this.limiter.failuresOf(key) >= maxRetries) this.limiter.forget(key);
      else this.addAfter(key, this.limiter.delayMs(key));
      if (this.waiting.size > 0) this.workSoon();
    });
  }
}
