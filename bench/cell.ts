/** One cell of a run: all pods of a workload, in the order that the seed draws, go through a scheduler on an empty cluster. */
import { type CellSummary, csvLine, SUMMARY_COLUMNS } from '../reports/index.ts';
import type { CellInput } from './cell-input.ts';
import type { CellOutput } from './cell-output.ts';
import { ClusterCell } from './cluster-cell.ts';
import { StaticCell } from './static-cell.ts';
import { TimedCell } from './timed-cell.ts';

/** Rows go to the output as they come, the summary at the end. Throws CellError. */
export function runCell(input: CellInput, output: CellOutput): CellSummary {
  const { evaluation } = input;
  const cell =
    evaluation.kind === 'static'
      ? new StaticCell(input, output)
      : evaluation.kind === 'timed'
        ? new TimedCell(input, evaluation, output)
        : new ClusterCell(input, evaluation, output);
  const summary = cell.run();
  output.write('summary.csv', csvLine(SUMMARY_COLUMNS, summary));
  return summary;
}
