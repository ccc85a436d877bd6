/**
 * The two clocks that a scheduler can live by: virtual time, which jumps from task to task, and the time of day. Both run
 * tasks by the same rules (`scheduler/clock.ts`), so what lives by one lives by the other unchanged.
 */
import { type Cancel, type Clock, Lane } from '../scheduler/clock.ts';
import { EventHeap } from './event-heap.ts';

export { type Cancel, type Clock, Lane } from '../scheduler/clock.ts';

/** Tasks of one moment: first those put off in order, then, one by one, those that wait until all is settled. */
export class Moment {
  private readonly soonTasks = new Fifo();
  private readonly settledTasks = new Fifo();

  soon(task: () => void): void {
    this.soonTasks.push(task);
  }

  whenSettled(task: () => void): void {
    this.settledTasks.push(task);
  }

  settle(): void {
    for (;;) {
      const task = this.soonTasks.shift() ?? this.settledTasks.shift();
      if (task === undefined) return;
      task();
    }
  }
}

export function cancellable(task: () => void, plan: (guarded: () => void) => void): Cancel {
  let isOn = true;
  plan(() => {
    if (isOn) task();
  });
  return () => {
    isOn = false;
  };
}

class Fifo {
  private tasks: Array<() => void> = [];
  private next = 0;

  push(task: () => void): void {
    this.tasks.push(task);
  }

  shift(): (() => void) | undefined {
    const task = this.tasks[this.next];
    if (task === undefined) return undefined;
    this.next++;
    if (this.next === this.tasks.length) {
      this.tasks = [];
      this.next = 0;
    }
    return task;
  }
}

/** Time that passes only when the next task is due. */
export class VirtualClock implements Clock {
  nowMs: number;
  private runningLane = -1;
  private readonly heap = new EventHeap();
  private readonly moment = new Moment();

  constructor(startMs: number) {
    this.nowMs = startMs;
  }

  at(timeMs: number, task: () => void, lane: Lane = Lane.Timer): void {
    this.heap.push(Math.max(timeMs, this.nowMs), lane, task);
  }

  timer(timeMs: number, task: () => void, lane?: Lane): Cancel {
    return cancellable(task, (guarded) => this.at(timeMs, guarded, lane));
  }

  soon(task: () => void): void {
    this.moment.soon(task);
  }

  whenSettled(task: () => void): void {
    this.moment.whenSettled(task);
  }

  /** When the next task is due; infinity when there is none. */
  get nextMs(): number {
    return this.heap.firstTimeMs;
  }

  /** The lane of the next task; −1 when there is none. */
  get nextLane(): number {
    return this.heap.firstLane;
  }

  /** How many tasks of a lane are still to come. */
  countIn(lane: Lane): number {
    return this.heap.countIn(lane);
  }

  /** When the next task of a lane is due; infinity when there is none. Cost: O(tasks). */
  nextIn(lane: Lane): number {
    return this.heap.firstTimeIn(lane);
  }

  /** The lane of the task that is running; −1 between tasks. */
  get lane(): number {
    return this.runningLane;
  }

  /** Goes to the next task and runs it with all that follows from it at once, also from within a task. False when there is none. */
  runNext(): boolean {
    const timeMs = this.heap.firstTimeMs;
    const laneOutside = this.runningLane;
    this.runningLane = this.heap.firstLane;
    const task = this.heap.pop();
    if (task === undefined) return false;
    this.nowMs = timeMs;
    task();
    this.moment.settle();
    this.runningLane = laneOutside;
    return true;
  }

  /** Lets what was put off happen, for tasks that were started from outside. */
  settle(): void {
    this.moment.settle();
  }

  /** Runs everything that is due up to and including the time, and stands there. */
  runUntil(timeMs: number): void {
    while (this.nextMs <= timeMs) this.runNext();
    this.nowMs = Math.max(this.nowMs, timeMs);
  }
}

/** How the host tells the time and waits; `cluster/` itself reads neither. */
export interface Host {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls back after the delay, and returns how to prevent it. */
  wait(delayMs: number, callback: () => void): () => void;
}

/** The time of day. Tasks that are late run at once, in order. */
export class RealClock implements Clock {
  private readonly host: Host;
  private readonly heap = new EventHeap();
  private readonly moment = new Moment();
  private lastMs: number;
  private stopWaiting: (() => void) | undefined;
  private waitsUntilMs = Number.POSITIVE_INFINITY;
  private isRunning = false;

  constructor(host: Host) {
    this.host = host;
    this.lastMs = host.now();
  }

  /** Stands still where the host's clock was set back. */
  get nowMs(): number {
    this.lastMs = Math.max(this.lastMs, this.host.now());
    return this.lastMs;
  }

  at(timeMs: number, task: () => void, lane: Lane = Lane.Timer): void {
    this.heap.push(timeMs, lane, task);
    this.arm();
  }

  timer(timeMs: number, task: () => void, lane?: Lane): Cancel {
    return cancellable(task, (guarded) => this.at(timeMs, guarded, lane));
  }

  soon(task: () => void): void {
    this.moment.soon(task);
    if (!this.isRunning) this.at(this.nowMs, () => {});
  }

  whenSettled(task: () => void): void {
    this.moment.whenSettled(task);
    if (!this.isRunning) this.at(this.nowMs, () => {});
  }

  /** Forgets what is still to come. */
  stop(): void {
    while (this.heap.pop() !== undefined) {}
    this.stopWaiting?.();
    this.waitsUntilMs = Number.POSITIVE_INFINITY;
  }

  private arm(): void {
    const dueMs = this.heap.firstTimeMs;
    if (this.isRunning || dueMs >= this.waitsUntilMs) return;
    this.stopWaiting?.();
    this.waitsUntilMs = dueMs;
    this.stopWaiting = this.host.wait(Math.max(0, dueMs - this.nowMs), () => this.run());
  }

  private run(): void {
    this.waitsUntilMs = Number.POSITIVE_INFINITY;
    this.stopWaiting = undefined;
    this.isRunning = true;
    try {
      while (this.heap.firstTimeMs <= this.nowMs) {
        this.heap.pop()!();
        this.moment.settle();
      }
    } finally {
      this.isRunning = false;
      if (this.heap.size > 0) this.arm();
    }
  }
}
