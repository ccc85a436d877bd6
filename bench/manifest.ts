/** `run.json`: everything that a run was made from, where it ran, and what became of each cell. */
import { arch, cpus, platform, totalmem } from 'node:os';
import type { EngineName, ResolvedConfig, TieBreak } from '../scheduler/index.ts';
import type { WorkloadSource } from '../workloads/index.ts';
import type { FileSizes } from './cell-output.ts';
import type { Evaluation } from './evaluation.ts';
import type { Shuffle } from './order.ts';

export const FORMAT_VERSION = 2;

export type RunState = 'running' | 'finished' | 'failed' | 'interrupted';
export type CellState = 'pending' | 'finished' | 'failed';

export interface CellRecord {
  readonly workload: string;
  readonly profile: string;
  readonly seed: number;
  state: CellState;
  /** Why the cell failed. */
  error?: string;
  /** What the cell has in each CSV file. */
  rows?: FileSizes['rows'];
  bytes?: FileSizes['bytes'];
}

/** What decides the results: two runs with equal inputs have equal files, wall-clock columns apart. */
export interface RunInputs {
  readonly workload: WorkloadSource & { readonly name: string; readonly nodes: number; readonly pods: number };
  readonly evaluation: Evaluation;
  readonly engine: EngineName;
  readonly configs: ReadonlyArray<{ readonly name: string; readonly text: string; readonly resolved: ResolvedConfig }>;
  readonly seeds: readonly number[];
  /** What a seed draws, beside random tie-breaks. */
  readonly shuffle: Shuffle;
  readonly tieBreak: TieBreak;
}

export interface Manifest {
  readonly formatVersion: number;
  readonly berth: string;
  readonly semantics: string;
  readonly node: string;
  readonly host: {
    readonly cpu: string;
    readonly cores: number;
    readonly memoryBytes: number;
    readonly platform: string;
    readonly arch: string;
  };
  readonly inputs: RunInputs;
  readonly workers: number;
  readonly startedAt: string;
  endedAt?: string;
  state: RunState;
  readonly cells: readonly CellRecord[];
}

export function newManifest(berth: string, inputs: RunInputs, workers: number, cells: readonly CellRecord[]): Manifest {
  return {
    formatVersion: FORMAT_VERSION,
    berth,
    semantics: 'kube-scheduler v1.37.2',
    node: process.version,
    host: {
      cpu: cpus()[0]?.model ?? 'unknown',
      cores: cpus().length,
      memoryBytes: totalmem(),
      platform: platform(),
      arch: arch(),
    },
    inputs,
    workers,
    startedAt: new Date().toISOString(),
    state: 'running',
    cells,
  };
}
