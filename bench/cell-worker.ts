/** Cells on a worker thread. The workload comes once per thread, by shared memory where it is numbers. */
import { workerData } from 'piscina';
import type { TieBreak } from '../scheduler/index.ts';
import type { Workload } from '../workloads/index.ts';
import { CellError, type CellResult, runCell } from './cell.ts';
import { type ConfigSource, loadSource } from './config-source.ts';
import type { Shuffle } from './order.ts';

/** What all cells of a run share. */
export interface CellContext {
  readonly workload: Workload;
  readonly configs: readonly ConfigSource[];
  readonly shuffle: Shuffle;
  readonly tieBreak: TieBreak;
  /** Pods decided so far, by index of the cell; on shared memory, so that progress costs no message. */
  readonly progress: Int32Array;
}

export interface CellTask {
  readonly index: number;
  /** Index into `configs`. */
  readonly config: number;
  readonly seed: number;
}

/** An error loses its class between threads, so a cell that failed is an answer too. */
export type CellAnswer = { readonly result: CellResult } | { readonly failure: string; readonly stack?: string };

/** One cell, wherever it runs. */
export async function answerTask(context: CellContext, task: CellTask): Promise<CellAnswer> {
  const { workload, configs, shuffle, tieBreak, progress } = context;
  const source = configs[task.config]!;
  try {
    const { config, registry } = await loadSource(source);
    const result = runCell({
      workload,
      profile: source.name,
      config,
      registry,
      seed: task.seed,
      shuffle,
      tieBreak,
      onProgress: (pods) => Atomics.store(progress, task.index, pods),
    });
    return { result };
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error);
    return { failure, stack: error instanceof Error && !(error instanceof CellError) ? error.stack : undefined };
  }
}

export default (task: CellTask): Promise<CellAnswer> => answerTask(workerData as CellContext, task);
