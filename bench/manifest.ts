/** `run.json`: everything that a run was made from, where it ran, and what became of each cell. */
import { arch, cpus, platform, totalmem } from 'node:os';
import type { CellKey } from '../reports/index.ts';
import type { EngineName, ResolvedConfig, TieBreak } from '../scheduler/index.ts';
import type { WorkloadSource } from '../workloads/index.ts';
import type { FileSizes } from './cell-output.ts';
import type { Evaluation } from './evaluation.ts';
import type { Shuffle } from './order.ts';
import type { EvaluationSettings } from './plan.ts';
import type { WorkloadSpec } from './workload-spec.ts';

export const FORMAT_VERSION = 3;

export type RunState = 'running' | 'finished' | 'failed' | 'interrupted';
export type CellState = 'pending' | 'finished' | 'failed';

export interface CellRecord extends CellKey {
  state: CellState;
  /** Why the cell failed. */
  error?: string;
  /** What the cell has in each CSV file. */
  rows?: FileSizes['rows'];
  bytes?: FileSizes['bytes'];
}

/** How the cells of a variant treat a workload. */
export interface UsedSettings {
  readonly workload: string;
  readonly evaluation: Evaluation;
  /** What a seed draws, beside random tie-breaks. */
  readonly shuffle: Shuffle;
}

export interface VariantInputs {
  readonly name: string;
  readonly text: string;
  readonly resolved: ResolvedConfig;
  readonly engine: EngineName;
  readonly tieBreak: TieBreak;
  /** As asked for; `settings` say what came of it. */
  readonly evaluation: EvaluationSettings;
  readonly shuffle?: Shuffle;
  /** What axes of a suite have set, by path. */
  readonly set?: Readonly<Record<string, unknown>>;
  readonly settings: readonly UsedSettings[];
}

/** What decides the results: two runs with equal inputs have equal files, wall-clock columns apart. */
export interface RunInputs {
  readonly workloads: ReadonlyArray<
    WorkloadSource & { readonly name: string; readonly nodes: number; readonly pods: number }
  >;
  readonly variants: readonly VariantInputs[];
  /** In the order of the results: workload, variant, seed, tie seed (null: drawn from the seed), repeat. */
  readonly cells: ReadonlyArray<readonly [number, number, number, number | null, number]>;
}

/** How the user asked for it, so that it can be run again: paths are as they were given. */
export interface RunRequest {
  readonly workloads: readonly WorkloadSpec[];
  /** By variant; null for what is not from a file. */
  readonly configs: ReadonlyArray<string | null>;
  /** What a suite says about comparing, for reports. */
  readonly report?: {
    readonly base?: string;
    readonly primary?: readonly string[];
    readonly thresholds?: readonly string[];
  };
  /** What relative paths start from, itself relative to where the command ran. */
  readonly baseDir: string;
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
  readonly request?: RunRequest;
  readonly workers: number;
  readonly startedAt: string;
  endedAt?: string;
  state: RunState;
  readonly cells: readonly CellRecord[];
}

export function newManifest(
  berth: string,
  inputs: RunInputs,
  request: RunRequest | undefined,
  workers: number,
  cells: readonly CellRecord[],
): Manifest {
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
    request,
    workers,
    startedAt: new Date().toISOString(),
    state: 'running',
    cells,
  };
}
