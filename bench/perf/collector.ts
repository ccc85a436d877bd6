/**
 * What is measured between the start and the stop of a collection: when which pod was bound, memory, time.
 * Source of the rules: `test/integration/scheduler_perf/util.go`, v1.37.2.
 *
 * Cost per binding: one entry in each column.
 */
import { getHeapStatistics } from 'node:v8';
import type { BusyClock } from './busy-clock.ts';

const MEMORY_SAMPLE_MS = 500;
const BYTES_PER_MB = 2 ** 20;

/** Counters of the scheduler at one moment, as upstream's metrics have them. */
export interface QueueCounts {
  readonly scheduled: number;
  readonly attempts: number;
  readonly active: number;
  readonly backoff: number;
  readonly unschedulable: number;
  readonly gated: number;
}

/** One pod was bound. */
export interface Binding extends QueueCounts {
  readonly atMs: number;
}

export interface CollectorOptions {
  readonly name: string;
  readonly namespaces: readonly string[];
  readonly labelSelector: Readonly<Record<string, string>>;
  readonly clock: BusyClock;
  readonly counts: () => QueueCounts;
}

export interface Collected {
  readonly name: string;
  readonly startMs: number;
  readonly stopMs: number;
  readonly bindings: readonly Binding[];
  /** Megabytes of heap, and when. */
  readonly heap: ReadonlyArray<{ readonly atMs: number; readonly megabytes: number }>;
  readonly cpuSeconds: number;
  readonly busySeconds: number;
}

export const matchesLabels = (
  labels: Readonly<Record<string, string>> | undefined,
  wanted: Readonly<Record<string, string>>,
): boolean => {
  for (const key in wanted) if (labels?.[key] !== wanted[key]) return false;
  return true;
};

export class Collector {
  private readonly options: CollectorOptions;
  private readonly namespaces: ReadonlySet<string>;
  private readonly bindings: Binding[] = [];
  private readonly heap: Array<{ readonly atMs: number; readonly megabytes: number }> = [];
  private readonly startMs: number;
  private readonly startCpuMs: number;
  private readonly startBusyMs: number;
  private isOn = true;

  constructor(options: CollectorOptions) {
    this.options = options;
    this.namespaces = new Set(options.namespaces);
    const { clock } = options;
    this.startMs = clock.nowMs;
    this.startCpuMs = clock.cpuMs;
    this.startBusyMs = clock.busyMs;
    this.sampleHeap();
    const tick = (): void => {
      if (!this.isOn) return;
      this.sampleHeap();
      clock.at(clock.nowMs + MEMORY_SAMPLE_MS, tick);
    };
    clock.at(clock.nowMs + MEMORY_SAMPLE_MS, tick);
  }

  bound(namespace: string, labels: Readonly<Record<string, string>> | undefined): void {
    const { clock, counts, labelSelector } = this.options;
    if (!this.namespaces.has(namespace) || !matchesLabels(labels, labelSelector)) return;
    this.bindings.push({ atMs: clock.nowMs, ...counts() });
  }

  /** Ends the collection; not to be called while the clock runs. */
  stop(): Collected {
    this.isOn = false;
    const { clock, name } = this.options;
    return {
      name,
      startMs: this.startMs,
      stopMs: clock.nowMs,
      bindings: this.bindings,
      heap: this.heap,
      cpuSeconds: (clock.cpuMs - this.startCpuMs) / 1000,
      busySeconds: (clock.busyMs - this.startBusyMs) / 1000,
    };
  }

  private sampleHeap(): void {
    const megabytes = getHeapStatistics().used_heap_size / BYTES_PER_MB;
    this.heap.push({ atMs: this.options.clock.nowMs, megabytes });
  }
}
