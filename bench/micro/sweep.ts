/** Engines × workloads × cluster sizes, every cell on a thread of its own so that compiled code of one does not help another. */
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { EngineName } from '../../scheduler/index.ts';
import type { Measurement } from './measure.ts';
import { MICRO_WORKLOADS } from './workloads.ts';

/** One line of the output. `berth bench --json` writes these; other programs read them, so that the fields stay. */
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
  /** Of the cluster before any pod. */
  readonly bytesPerNode: number;
}

/** A row, and how far the slices of its run lay apart: half the distance of the quartiles over the median. */
export interface MeasuredRow extends BenchRow {
  readonly spread: number;
}

export interface SweepOptions {
  readonly nodes: readonly number[];
  /** Part of the name of a workload. @default '' (all) */
  readonly workload?: string;
  /** CPU seconds per cell. */
  readonly budgetSeconds: number;
  /** Largest cluster on which the reference engine is measured, too. @default 100000 */
  readonly referenceUpTo?: number;
  readonly onRow: (row: MeasuredRow) => void;
}

const DEFAULT_REFERENCE_UP_TO = 100_000;
const HEAP_MB = 12_000;

export interface CellTask {
  readonly workload: string;
  readonly nodes: number;
  readonly engine: EngineName;
  readonly budgetSeconds: number;
}

export async function sweep(options: SweepOptions): Promise<MeasuredRow[]> {
  const { nodes: sizes, workload: part = '', budgetSeconds, onRow } = options;
  const rows: MeasuredRow[] = [];
  for (const nodes of sizes) {
    for (const { name } of MICRO_WORKLOADS.filter((workload) => workload.name.includes(part))) {
      const withReference = nodes <= (options.referenceUpTo ?? DEFAULT_REFERENCE_UP_TO);
      // A few decisions tell how slow the reference is.
      const reference = withReference
        ? rowOf(
            name,
            nodes,
            'reference',
            await measureOnThread({ workload: name, nodes, engine: 'reference', budgetSeconds: budgetSeconds / 3 }),
            undefined,
          )
        : undefined;
      const fast = await measureOnThread({ workload: name, nodes, engine: 'fast', budgetSeconds });
      for (const row of [reference, rowOf(name, nodes, 'fast', fast, reference?.podsPerCpuSecond)]) {
        if (row === undefined) continue;
        rows.push(row);
        onRow(row);
      }
    }
  }
  return rows;
}

function rowOf(
  workload: string,
  nodes: number,
  engine: EngineName,
  { pods, cpuSeconds, wallSeconds, sliceRates, bytesPerNode }: Measurement,
  referenceRate: number | undefined,
): MeasuredRow {
  const rates = [...sliceRates].sort((a, b) => a - b);
  const at = (share: number): number => rates[Math.floor(share * (rates.length - 1))]!;
  // The median slice: a neighbour that takes the processor away for a moment does not count.
  const rate = at(0.5);
  const ratio = engine === 'reference' ? 1 : referenceRate === undefined ? null : rate / referenceRate;
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
    spread: (at(0.75) - at(0.25)) / 2 / rate,
  };
}

const rounded = (value: number): number => Number(value.toPrecision(6));

function measureOnThread(task: CellTask): Promise<Measurement> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(fileURLToPath(new URL('./cell-worker.js', import.meta.url)), {
      workerData: task,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
    });
    worker.once('message', resolve);
    worker.once('error', (error: Error & { code?: string }) =>
      reject(
        error.code === 'ERR_WORKER_OUT_OF_MEMORY'
          ? new Error(`${task.workload}: ${task.nodes} nodes do not fit into ${HEAP_MB} MB; name fewer with --nodes`)
          : error,
      ),
    );
  });
}
