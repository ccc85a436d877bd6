/**
 * Tasks of an event log: a pod is complete when its last event is known. Only tasks that have not ended are held. A task
 * that was evicted waits again and is the same pod, since in a replay the scheduler decides anew whom it evicts; one that comes again after it ended
 * is a pod of its own.
 */
import type { TraceSink } from './model.ts';

export interface LiveTask {
  /** Of the first pod with this key. */
  readonly name: string;
  readonly owner: string;
  shape: number;
  readonly arrivalSeconds: number;
  /** NaN while it waits. */
  startedSeconds: number;
}

export class LiveTasks {
  private readonly sink: TraceSink;
  private readonly live = new Map<string, LiveTask>();
  private readonly runs = new Map<string, number>();

  constructor(sink: TraceSink) {
    this.sink = sink;
  }

  get(key: string): LiveTask | undefined {
    return this.live.get(key);
  }

  submit(key: string, owner: string, shape: number, seconds: number): void {
    const earlier = this.live.get(key);
    if (earlier !== undefined) {
      // Evicted, or submitted twice: it waits again with what it asks for now.
      earlier.shape = shape;
      earlier.startedSeconds = Number.NaN;
      return;
    }
    const run = this.runs.get(key);
    const name = run === undefined ? key : `${key}-r${run}`;
    this.live.set(key, { name, owner, shape, arrivalSeconds: seconds, startedSeconds: Number.NaN });
  }

  start(key: string, seconds: number): boolean {
    const task = this.live.get(key);
    if (task !== undefined) task.startedSeconds = seconds;
    return task !== undefined;
  }

  evict(key: string): boolean {
    const task = this.live.get(key);
    if (task !== undefined) task.startedSeconds = Number.NaN;
    return task !== undefined;
  }

  /** False for a task that is not known, or ended before it started: then it left no work. */
  end(key: string, seconds: number): 'pod' | 'never started' | 'unknown' {
    const task = this.live.get(key);
    if (task === undefined) return 'unknown';
    this.live.delete(key);
    if (Number.isNaN(task.startedSeconds)) return 'never started';
    this.runs.set(key, (this.runs.get(key) ?? 0) + 1);
    const { name, shape, arrivalSeconds, startedSeconds, owner } = task;
    this.sink.pod(name, shape, arrivalSeconds, Math.max(0, seconds - startedSeconds), owner, 0);
    return 'pod';
  }

  /** Those that are left outlive the trace. */
  finish(): void {
    for (const { name, shape, arrivalSeconds, owner } of this.live.values()) {
      this.sink.pod(name, shape, arrivalSeconds, Number.POSITIVE_INFINITY, owner, 0);
    }
    this.live.clear();
  }
}
