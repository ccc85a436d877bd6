/**
 * The clock of a measured scheduler: time passes as the machine works, and where there is nothing to do it jumps to the
 * next task. Between two runs it stands still, so that whoever prepares and looks on costs nothing.
 */
import { type Cancel, type Clock, cancellable, Lane, Moment } from '../../cluster/clock.ts';
import { EventHeap } from '../../cluster/event-heap.ts';

export class BusyClock implements Clock {
  nowMs: number;
  /** Wall time and CPU time (all threads of the process) in which tasks ran, and time that was jumped over. */
  busyMs = 0;
  cpuMs = 0;
  skippedMs = 0;
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

  /**
   * Runs tasks until `isDone` says so, asked after each of them, or `sliceMs` of work are over. True when done.
   * Throws Error when nothing is left to do before that.
   */
  run(isDone: () => boolean, sliceMs: number): boolean {
    const cpuBefore = cpuMs();
    const startedMs = performance.now();
    try {
      return this.runSlice(isDone, startedMs, sliceMs);
    } finally {
      this.busyMs += performance.now() - startedMs;
      this.cpuMs += cpuMs() - cpuBefore;
    }
  }

  private runSlice(isDone: () => boolean, startedMs: number, sliceMs: number): boolean {
    const { heap, moment } = this;
    let lastMs = startedMs;
    for (;;) {
      const realMs = performance.now();
      this.nowMs += realMs - lastMs;
      lastMs = realMs;
      if (isDone()) return true;
      if (realMs - startedMs > sliceMs) return false;
      const dueMs = heap.firstTimeMs;
      if (dueMs > this.nowMs) {
        if (dueMs === Number.POSITIVE_INFINITY) throw new Error('nothing is left to do, and nobody is done');
        this.skippedMs += dueMs - this.nowMs;
        this.nowMs = dueMs;
      }
      heap.pop()!();
      moment.settle();
    }
  }
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
