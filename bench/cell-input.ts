/** What a cell is made from. */
import type { CellKey } from '../reports/index.ts';
import type { EngineName, PluginRegistry, ResolvedConfig, TieBreak } from '../scheduler/index.ts';
import type { Workload } from '../workloads/index.ts';
import type { Evaluation } from './evaluation.ts';
import type { Shuffle } from './order.ts';

export interface CellInput {
  readonly workload: Workload;
  readonly profile: string;
  readonly config: ResolvedConfig;
  readonly registry: PluginRegistry;
  readonly seed: number;
  /** @default drawn from `seed` */
  readonly tieSeed?: number;
  /** @default 1 */
  readonly repeat?: number;
  readonly shuffle: Shuffle;
  readonly tieBreak: TieBreak;
  /** @default 'reference' */
  readonly engine?: EngineName;
  readonly evaluation: Evaluation;
  /** The cell ends with `Explained` when it comes to this attempt, counted from 1, on the pod of this row. */
  readonly explain?: { readonly row: number; readonly attempt: number };
  /** Told how many pods have been decided, now and then and at the end. */
  readonly onProgress?: (pods: number) => void;
}

/** The first columns of all its rows. */
export function cellKey({ workload, profile, seed, tieSeed, repeat }: CellInput): CellKey {
  return { workload: workload.name, profile, seed, tieSeed, repeat };
}
