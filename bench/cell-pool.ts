/** Worker threads for cells. A thread that dies fails the cell it was working on; another takes its place. */
import { Piscina } from 'piscina';
import type { CellAnswer, CellContext, CellTask } from './cell-worker.ts';

/** Node 20 ends as a whole when a thread is ended that is loading modules in one go; it then loads them one by one. */
export const THREAD_FLAGS = ['--no-experimental-require-module'];

export interface CellPool {
  run(task: CellTask): Promise<CellAnswer>;
  /** Ends whatever is running, at once. */
  stop(): Promise<void>;
}

export function workerPool(context: CellContext, workers: number): CellPool {
  const pool = new Piscina<CellTask, CellAnswer>({
    filename: new URL('./cell-worker.js', import.meta.url).href,
    minThreads: workers,
    maxThreads: workers,
    idleTimeout: Number.POSITIVE_INFINITY,
    execArgv: THREAD_FLAGS,
    workerData: context,
  });
  return {
    async run(task) {
      try {
        return await pool.run(task);
      } catch (error) {
        return { failure: threadFailure(error) };
      }
    },
    stop: () => pool.destroy(),
  };
}

function threadFailure(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (code === 'ERR_WORKER_OUT_OF_MEMORY') {
    return 'the worker thread ran out of memory; give Node more (NODE_OPTIONS=--max-old-space-size=8192) or run fewer workers';
  }
  return `the worker thread ended: ${message}`;
}
