/**
 * The daemon of a runtime: it does so many things at a time and each takes its time; it may hang, fail, or say that it did
 * what it did not do.
 */
import { type Clock, Lane } from '../../scheduler/clock.ts';
import { Code, type CriAnswer, CriError, type RuntimeService } from '../cri/index.ts';
import { Latency } from './latency.ts';

export type Operation =
  | keyof RuntimeService
  | 'pullImage'
  | 'listImages'
  | 'imageStatus'
  | 'imageFsInfo'
  | 'removeImage';

interface Failure {
  readonly error: CriError;
  left: number;
}

export class Daemon {
  /** Everything takes so many times longer. */
  slowness = 1;
  private readonly clock: Clock;
  private readonly latency: Latency;
  /** When each of those that work at a time is free. */
  private readonly freeMs: number[];
  private readonly failures = new Map<Operation, Failure>();
  private readonly lies = new Set<Operation>();
  private held: Array<() => void> | undefined;
  private downMessage: string | undefined;
  /** Tasks of an older life do not come back. */
  private life = 0;

  constructor(clock: Clock, seed: number, sigma: number, parallel: number) {
    this.clock = clock;
    this.latency = new Latency(seed, sigma);
    this.freeMs = new Array(Math.max(1, parallel)).fill(0);
  }

  /** Nothing is answered until `resume`. */
  hang(): void {
    this.held ??= [];
  }

  resume(): void {
    const held = this.held ?? [];
    this.held = undefined;
    for (const task of held) task();
  }

  /** The next `times` calls of the operation are refused. */
  fail(operation: Operation, error = new CriError(Code.UNKNOWN, 'injected failure'), times = 1): void {
    this.failures.set(operation, { error, left: times });
  }

  /** From now on the operation answers that it is done, and does nothing. */
  lie(operation: Operation, isLying = true): void {
    if (isLying) this.lies.add(operation);
    else this.lies.delete(operation);
  }

  isLyingAbout(operation: Operation): boolean {
    return this.lies.size > 0 && this.lies.has(operation);
  }

  /** Every call is refused, and what was begun is never answered. */
  stop(message: string): void {
    this.downMessage = message;
    this.life++;
    this.held = undefined;
  }

  start(): void {
    this.downMessage = undefined;
    this.freeMs.fill(0);
  }

  /** Does the work when its turn has come and its time is over; `work` answers by itself. */
  do<T>(operation: Operation, medianMs: number, answer: CriAnswer<T>, work: () => void): void {
    if (this.held !== undefined) {
      this.held.push(() => this.do(operation, medianMs, answer, work));
      return;
    }
    const refusal = this.refusal(operation);
    if (refusal !== undefined) {
      answer(refusal, undefined as T);
      return;
    }
    if (medianMs === 0) {
      work();
      return;
    }
    const { clock } = this;
    const beginMs = this.nextFreeMs();
    const endMs = beginMs + this.latency.of(medianMs) * this.slowness;
    this.take(endMs);
    this.later(endMs - clock.nowMs, work);
  }

  /** Work that waits for no turn; forgotten when the daemon stops meanwhile, held while it hangs. */
  later(delayMs: number, work: () => void): void {
    if (delayMs <= 0 && this.held === undefined) {
      work();
      return;
    }
    const { life, clock } = this;
    const task = (): void => {
      if (life !== this.life) return;
      if (this.held !== undefined) this.held.push(work);
      else work();
    };
    clock.at(clock.nowMs + delayMs, task, Lane.Component);
  }

  drawMs(medianMs: number): number {
    return this.latency.of(medianMs) * this.slowness;
  }

  private refusal(operation: Operation): CriError | undefined {
    if (this.downMessage !== undefined) return new CriError(Code.UNAVAILABLE, this.downMessage);
    const failure = this.failures.get(operation);
    if (failure === undefined) return undefined;
    if (--failure.left <= 0) this.failures.delete(operation);
    return failure.error;
  }

  private nextFreeMs(): number {
    return Math.max(this.clock.nowMs, Math.min(...this.freeMs));
  }

  private take(untilMs: number): void {
    this.freeMs[this.freeMs.indexOf(Math.min(...this.freeMs))] = untilMs;
  }
}
