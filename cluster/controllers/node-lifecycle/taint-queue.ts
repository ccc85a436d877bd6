/** Nodes that wait to be tainted, at the pace that their zone allows. Source: `pkg/controller/nodelifecycle/scheduler/rate_limited_queue.go`, v1.37.2. */
import type { Clock } from '../../../scheduler/clock.ts';

interface Waiting {
  readonly name: string;
  dueMs: number;
}

/** After a taint that could not be set. */
const RETRY_MS = 50;

export class TaintQueue {
  private readonly clock: Clock;
  /** In the order in which they are due. */
  private readonly waiting: Waiting[] = [];
  /** Also those that had their turn, so that it comes once. */
  private readonly known = new Set<string>();
  private limit: TokenBucket;

  constructor(clock: Clock, perSecond: number) {
    this.clock = clock;
    this.limit = new TokenBucket(clock, perSecond);
  }

  get isEmpty(): boolean {
    return this.waiting.length === 0;
  }

  add(name: string): boolean {
    if (this.known.has(name)) return false;
    this.known.add(name);
    this.insert({ name, dueMs: this.clock.nowMs });
    return true;
  }

  remove(name: string): boolean {
    const index = this.waiting.findIndex((each) => each.name === name);
    if (index >= 0) this.waiting.splice(index, 1);
    return this.known.delete(name);
  }

  /** 0: nobody any more. */
  setRate(perSecond: number): void {
    if (this.limit.perSecond === perSecond) return;
    const hadToken = this.limit.take();
    this.limit = new TokenBucket(this.clock, perSecond);
    if (!hadToken) this.limit.take();
  }

  /** The next one, when it is its turn: it has to be told how that went. */
  next(): string | undefined {
    const [first] = this.waiting;
    if (first === undefined || !this.limit.take() || this.clock.nowMs < first.dueMs) return undefined;
    return first.name;
  }

  done(name: string, isDone: boolean): void {
    const index = this.waiting.findIndex((each) => each.name === name);
    if (index < 0) return;
    const [entry] = this.waiting.splice(index, 1);
    if (!isDone) this.insert({ name: entry!.name, dueMs: this.clock.nowMs + RETRY_MS });
  }

  private insert(entry: Waiting): void {
    const index = this.waiting.findIndex(({ dueMs }) => dueMs > entry.dueMs);
    this.waiting.splice(index < 0 ? this.waiting.length : index, 0, entry);
  }
}

/** One token at most. Source: `client-go/util/flowcontrol/throttle.go`, v0.37.2. */
class TokenBucket {
  readonly perSecond: number;
  private readonly clock: Clock;
  private tokens = 1;
  private filledMs: number;

  constructor(clock: Clock, perSecond: number) {
    this.clock = clock;
    this.perSecond = perSecond;
    this.filledMs = clock.nowMs;
  }

  take(): boolean {
    if (this.perSecond <= 0) return false;
    const { nowMs } = this.clock;
    const tokens = Math.min(1, this.tokens + ((nowMs - this.filledMs) * this.perSecond) / 1000);
    if (tokens < 1) return false;
    this.filledMs = nowMs;
    this.tokens = tokens - 1;
    return true;
  }
}
