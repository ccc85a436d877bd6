/** One cell of a run: all pods of a workload, in the order that the seed draws, go through a scheduler on an empty cluster. */
import { type CellSummary, csvLine, SUMMARY_COLUMNS } from '../reports/index.ts';
import type { EngineName, PluginRegistry, ResolvedConfig, TieBreak } from '../scheduler/index.ts';
import type { Workload } from '../workloads/index.ts';
import type { CellOutput } from './cell-output.ts';
import type { Evaluation } from './evaluation.ts';
import type { Shuffle } from './order.ts';
import { StaticCell } from './static-cell.ts';
import { TimedCell } from './timed-cell.ts';

export interface CellInput {
  readonly workload: Workload;
  readonly profile: string;
  readonly config: ResolvedConfig;
  readonly registry: PluginRegistry;
  readonly seed: number;
  readonly shuffle: Shuffle;
  readonly tieBreak: TieBreak;
  /** @default 'reference' */
  readonly engine?: EngineName;
  readonly evaluation: Evaluation;
  /** Told how many pods have been decided, now and then and at the end. */
  readonly onProgress?: (pods: number) => void;
}

/** Rows go to the output as they come, the summary at the end. Throws CellError. */
export function runCell(input: CellInput, output: CellOutput): CellSummary {
  const { evaluation } = input;
  const cell = evaluation.kind === 'static' ? new StaticCell(input, output) : new TimedCell(input, evaluation, output);
  const summary = cell.run();
  output.write('summary.csv', csvLine(SUMMARY_COLUMNS, summary));
  return summary;
}
