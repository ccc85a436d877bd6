/** Cells on a worker thread. Workloads come once per thread, by shared memory where they are numbers. */
import { workerData } from 'piscina';
import type { CellSummary } from '../reports/index.ts';
import type { Workload } from '../workloads/index.ts';
import { runCell } from './cell.ts';
import { CellError } from './cell-error.ts';
import { type FileSizes, PartFiles } from './cell-output.ts';
import { loadSource } from './config-source.ts';
import { evaluationFor, type PlannedCell, shuffleFor, type Variant } from './plan.ts';

/** What all cells of a run share. */
export interface CellContext {
  readonly workloads: readonly Workload[];
  readonly variants: readonly Variant[];
  /** Where cells write their files. */
  readonly partsDir: string;
  /** Pods decided so far, by index of the cell; on shared memory, so that progress costs no message. */
  readonly progress: Int32Array;
}

export interface CellTask extends PlannedCell {
  /** Place in the run's results. */
  readonly index: number;
}

/** An error loses its class between threads, so a cell that failed is an answer too. */
export type CellAnswer =
  | { readonly summary: CellSummary; readonly sizes: FileSizes }
  | { readonly failure: string; readonly stack?: string };

/** One cell, wherever it runs. */
export async function answerTask(context: CellContext, task: CellTask): Promise<CellAnswer> {
  const { workloads, variants, progress, partsDir } = context;
  const variant = variants[task.variant]!;
  const workload = workloads[task.workload]!;
  let files: PartFiles | undefined;
  try {
    const { config, registry } = await loadSource(variant);
    files = new PartFiles(partsDir, task.index);
    const summary = runCell(
      {
        workload,
        profile: variant.name,
        config,
        registry,
        engine: variant.engine ?? 'fast',
        tieBreak: variant.tieBreak,
        shuffle: shuffleFor(variant, workload),
        evaluation: evaluationFor(variant.evaluation, workload),
        seed: task.seed,
        tieSeed: task.tieSeed,
        repeat: task.repeat,
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
