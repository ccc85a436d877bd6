/** Runs of the evaluation on worker threads: one task per list and seed. */
import { Piscina } from 'piscina';
import type { SeedResult, SeedTask } from './run-seed.ts';

export interface EvaluationOptions {
  readonly workers: number;
  readonly signal?: AbortSignal;
  readonly onDone?: (done: number, total: number) => void;
}

/** In the order of the tasks, whatever order they ended in. */
export async function runEvaluation(
  tasks: readonly SeedTask[],
  { workers, signal, onDone }: EvaluationOptions,
): Promise<SeedResult[]> {
  const pool = new Piscina<SeedTask, SeedResult>({
    filename: new URL('./run-seed.js', import.meta.url).href,
    minThreads: Math.min(workers, tasks.length),
    maxThreads: workers,
    idleTimeout: Number.POSITIVE_INFINITY,
  });
  try {
    let done = 0;
    return await Promise.all(
      tasks.map(async (task) => {
        const result = await pool.run(task, { signal });
        onDone?.(++done, tasks.length);
        return result;
      }),
    );
  } finally {
    await pool.destroy();
  }
}
