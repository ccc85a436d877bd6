/** Cells on a worker thread. The workload comes once per thread, by shared memory where it is numbers. */
import { workerData } from 'piscina';
import type { CellSummary } from '../reports/index.ts';
import type { EngineName, TieBreak } from '../scheduler/index.ts';
import type { Workload } from '../workloads/index.ts';
import { runCell } from './cell.ts';
import { CellError } from './cell-error.ts';
import { type FileSizes, PartFiles } from './cell-output.ts';
import { type ConfigSource, loadSource } from './config-source.ts';
import type { Evaluation } from './evaluation.ts';
import type { Shuffle } from './order.ts';

/** What all cells of a run share. */
export interface CellContext {
  readonly workload: Workload;
  readonly configs: readonly ConfigSource[];
  readonly shuffle: Shuffle;
  readonly tieBreak: TieBreak;
  readonly engine?: EngineName;
  readonly evaluation: Evaluation;
  /** Where cells write their files. */
  readonly partsDir: string;
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
export type CellAnswer =
  | { readonly summary: CellSummary; readonly sizes: FileSizes }
  | { readonly failure: string; readonly stack?: string };

/** One cell, wherever it runs. */
export async function answerTask(context: CellContext, task: CellTask): Promise<CellAnswer> {
  const { configs, progress, partsDir } = context;
  const source = configs[task.config]!;
  let files: PartFiles | undefined;
  try {
    const { config, registry } = await loadSource(source);
    files = new PartFiles(partsDir, task.index);
    const summary = runCell(
      {
        ...context,
        profile: source.name,
        config,
        registry,
        seed: task.seed,
        onProgress: (pods) => Atomics.store(progress, task.index, pods),
      },
      files,
    );
    return { summary, sizes: files.close() };
  } catch (error) {
    files?.discard();
    const failure = error instanceof Error ? error.message : String(error);
    return { failure, stack: error instanceof Error && !(error instanceof CellError) ? error.stack : undefined };
  }
}

export default (task: CellTask): Promise<CellAnswer> => answerTask(workerData as CellContext, task);
