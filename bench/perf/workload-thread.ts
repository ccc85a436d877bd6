/**
 * One workload after another in a thread of its own, so that one that runs out of memory does not take the others with it.
 * The thread is the same as long as it lives: like upstream's process it is warm from the second workload on.
 */
import { getHeapStatistics } from 'node:v8';
import { Piscina } from 'piscina';
import type { EngineName, TieBreak } from '../../scheduler/index.ts';
import { THREAD_FLAGS } from '../cell-pool.ts';
import type { Reported } from './data-items.ts';

export interface WorkloadTask {
  /** The suite file, the topic of its results, and which of its workloads, counted over all test cases. */
  readonly file: string;
  readonly topic: string;
  readonly index: number;
  readonly engine: EngineName;
  readonly tieBreak: TieBreak;
  readonly outDir: string;
  readonly intervalMs?: number;
}

export type WorkloadAnswer =
  | { readonly reported: readonly Reported[] }
  | { readonly reason: string; readonly stack?: string };

export class WorkloadThread {
  private readonly pool = new Piscina<WorkloadTask, WorkloadAnswer>({
    filename: new URL('./workload-worker.js', import.meta.url).href,
    minThreads: 1,
    maxThreads: 1,
    idleTimeout: Number.POSITIVE_INFINITY,
    execArgv: THREAD_FLAGS,
  });

  /** Throws when it is told to stop. */
  async run(task: WorkloadTask, signal: AbortSignal | undefined): Promise<WorkloadAnswer> {
    try {
      return await this.pool.run(task, { signal });
    } catch (error) {
      if (signal?.aborted) throw error;
      return { reason: deathOf(error) };
    }
  }

  end(): Promise<void> {
    return this.pool.destroy();
  }
}

function deathOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code !== 'ERR_WORKER_OUT_OF_MEMORY') return `the thread ended: ${message}`;
  const heapMb = Math.round(getHeapStatistics().heap_size_limit / 2 ** 20);
  return `out of memory (a heap of ${heapMb} MB); give Node more (NODE_OPTIONS=--max-old-space-size=${heapMb * 2}), or choose a smaller workload with --case`;
}
