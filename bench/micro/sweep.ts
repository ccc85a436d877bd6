/** Engines × workloads × cluster sizes. */
import type { EngineName } from '../../scheduler/index.ts';
import { median } from '../../statistics/index.ts';
import { CellFailure, type CellLimits, type CellTask, runCellProcess } from './cells.ts';
import type { Measurement } from './measure.ts';
import { relativeInterval } from './sample.ts';
import { MICRO_WORKLOADS } from './workloads.ts';

/**
 * One line of the output. `berth bench --json` writes these; other programs read them, so that the first nine fields stay as
 * they are.
 */
export interface BenchRow {
  readonly workload: string;
  readonly nodes: number;
  readonly engine: EngineName;
  readonly pods: number;
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
  readonly podsPerCpuSecond: number;
  /** Null where the reference engine was not measured. */
  readonly ratioToReference: number | null;
  /** What the scheduler keeps of a node without pods, its API object apart. */
  readonly bytesPerNode: number;
  readonly evaluationsPerPod?: number;
  /** Null where every pod is a class of its own, and for the reference engine, which keeps nothing of classes. */
  readonly bytesPerNodeAndClass?: number | null;
  /** Null where too few pods came to tell. */
  readonly bytesPerPod?: number | null;
  /** Pods per CPU second of every slice of the run, for comparisons. */
  readonly samples?: readonly number[];
}

export interface FailedCell {
  readonly task: CellTask;
  readonly failure: string;
}

export interface SweepOptions extends CellLimits {
  readonly nodes: readonly number[];
  /** Part of the name of a workload. @default '' (all) */
  readonly workload?: string;
  /** CPU seconds per cell. */
  readonly budgetSeconds: number;
  /** Largest cluster on which the reference engine is measured, too. @default 100000 */
  readonly referenceUpTo?: number;
  readonly onRow: (row: BenchRow) => void;
  readonly onFailure: (failed: FailedCell) => void;
  readonly onStart?: (task: CellTask) => void;
}

const DEFAULT_REFERENCE_UP_TO = 100_000;

/** A cell that fails is told of, and the others go on. */
export async function sweep(options: SweepOptions, run = runCellProcess): Promise<BenchRow[]> {
  const { nodes: sizes, workload: part = '', budgetSeconds, onRow, onFailure, onStart } = options;
  const rows: BenchRow[] = [];
  const measured = async (task: CellTask, reference?: BenchRow): Promise<BenchRow | undefined> => {
    onStart?.(task);
    try {
      const row = rowOf(task, await run(task, options), reference);
      rows.push(row);
      onRow(row);
      return row;
    } catch (error) {
      if (!(error instanceof CellFailure)) throw error;
      onFailure({ task, failure: error.message });
      return undefined;
    }
  };
  for (const nodes of sizes) {
    for (const { name: workload } of MICRO_WORKLOADS.filter(({ name }) => name.includes(part))) {
      const withReference = nodes <= (options.referenceUpTo ?? DEFAULT_REFERENCE_UP_TO);
      // A few decisions tell how slow the reference is.
      const reference = withReference
        ? await measured({ workload, nodes, engine: 'reference', budgetSeconds: budgetSeconds / 3 })
        : undefined;
      await measured({ workload, nodes, engine: 'fast', budgetSeconds }, reference);
    }
  }
  return rows;
}

function rowOf({ workload, nodes, engine }: CellTask, measurement: Measurement, reference?: BenchRow): BenchRow {
  const { pods, cpuSeconds, wallSeconds, sliceRates, evaluationsPerPod, bytesPerNode } = measurement;
  const { bytesPerNodeAndClass, bytesPerPod } = measurement;
  // The median slice: a neighbour that takes the processor away for a moment does not count.
  const rate = median(sliceRates);
  const ratio = engine === 'reference' ? 1 : reference === undefined ? null : rate / reference.podsPerCpuSecond;
  return {
    workload,
    nodes,
    engine,
    pods,
    cpuSeconds: rounded(cpuSeconds),
    wallSeconds: rounded(wallSeconds),
    podsPerCpuSecond: rounded(rate),
    ratioToReference: ratio === null ? null : rounded(ratio),
    bytesPerNode,
    evaluationsPerPod: rounded(evaluationsPerPod),
    bytesPerNodeAndClass: bytesPerNodeAndClass === undefined ? null : rounded(bytesPerNodeAndClass),
    bytesPerPod: bytesPerPod ?? null,
    samples: sliceRates.map(rounded),
  };
}

/** Half the interval of the median, in parts of it. */
export const spreadOf = ({ samples = [] }: BenchRow): number => relativeInterval(samples);

const rounded = (value: number): number => Number(value.toPrecision(6));
