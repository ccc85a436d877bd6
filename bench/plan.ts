/** What a run does: workloads, variants (configurations with the settings that they run under), and the cells made of them. */
import { InputError } from '../api/index.ts';
import { specsOfNodes } from '../cluster/kubelet/index.ts';
import type { RuntimeName } from '../cluster/runtimes/index.ts';
import { checkFaults, type Fault } from '../cluster/whole/index.ts';
import { type EngineName, Random, type TieBreak } from '../scheduler/index.ts';
import type { Workload } from '../workloads/index.ts';
import type { ConfigSource } from './config-source.ts';
import { ATTEMPT_TIME, type Evaluation, STATIC } from './evaluation.ts';
import { defaultShuffle, type Shuffle, shuffleInPlace } from './order.ts';

/** What was asked for; `evaluationFor` says what that means for a workload. */
export interface EvaluationSettings {
  /** @default timed where the workload has times */
  readonly kind?: Evaluation['kind'];
  /** The rest means nothing to the static evaluation. @default 'upstream' */
  readonly attemptTime?: string;
  /** @default 0 */
  readonly bindingMs?: number;
  readonly untilMs?: number;
  readonly sampleMs?: number;
  /** Of whole clusters alone. @default containerd */
  readonly runtime?: RuntimeName;
  readonly faults?: readonly Fault[];
}

/** A column of the comparison. Its name stands in the `profile` column of results, unique in a run. */
export interface Variant extends ConfigSource {
  /** @default 'fast' */
  readonly engine?: EngineName;
  readonly tieBreak: TieBreak;
  /** @default `defaultShuffle` of the workload */
  readonly shuffle?: Shuffle;
  readonly evaluation: EvaluationSettings;
  /** What axes of a suite have set, by path. */
  readonly set?: Readonly<Record<string, unknown>>;
}

/** Indices into the workloads and the variants of the run, and what is drawn. */
export interface PlannedCell {
  readonly workload: number;
  readonly variant: number;
  readonly seed: number;
  /** Draws ties alone, so that their luck can be told from that of the order. @default drawn from `seed` */
  readonly tieSeed?: number;
  /** The same cell again, counted from 1: decides alike, takes another time. */
  readonly repeat: number;
}

export interface PlanAxes {
  readonly workloads: number;
  readonly variants: number;
  readonly seeds: readonly number[];
  readonly tieSeeds?: readonly number[];
  /** @default 1 */
  readonly repeats?: number;
}

/**
 * All combinations, in the order of the results: variants of one block (repeat, workload, seed, tie seed) together, blocks of a
 * workload far apart, so that a drift of the machine hits all alike.
 */
export function planCells(axes: PlanAxes): PlannedCell[] {
  const cells: PlannedCell[] = [];
  for (let repeat = 1; repeat <= (axes.repeats ?? 1); repeat++)
    for (const seed of axes.seeds)
      for (const tieSeed of axes.tieSeeds ?? [undefined])
        for (let workload = 0; workload < axes.workloads; workload++)
          for (let variant = 0; variant < axes.variants; variant++) {
            cells.push({ workload, variant, seed, repeat, ...(tieSeed === undefined ? {} : { tieSeed }) });
          }
  return cells;
}

const blockOf = ({ workload, seed, tieSeed, repeat }: PlannedCell): string =>
  `${repeat} ${seed} ${tieSeed ?? ''} ${workload}`;

/**
 * The order in which cells start: blocks as planned, the variants of a block in an order that is drawn for it, so that none
 * is always the one that runs after a certain other.
 */
export function startOrder<Cell extends PlannedCell>(cells: readonly Cell[]): Cell[] {
  const blocks = new Map<string, Cell[]>();
  for (const cell of cells) {
    const block = blocks.get(blockOf(cell));
    if (block === undefined) blocks.set(blockOf(cell), [cell]);
    else block.push(cell);
  }
  const random = new Random(cells.length);
  return [...blocks.values()].flatMap((block) => shuffleInPlace(block, random));
}

/**
 * @param named How the user writes a setting, for messages.
 * @throws InputError for settings that mean nothing to it.
 */
export function evaluationFor(
  settings: EvaluationSettings,
  workload: Workload,
  named: (setting: string) => string = (setting) => setting,
): Evaluation {
  const {
    kind = workload.hasTimes ? 'timed' : 'static',
    attemptTime = ATTEMPT_TIME,
    bindingMs = 0,
    untilMs,
    sampleMs,
    runtime,
    faults,
  } = settings;
  const times = { attemptTime, bindingMs, untilMs, sampleMs };
  if (kind === 'cluster') {
    checkFaults(faults ?? [], specsOfNodes(workload.nodes));
    return { kind, ...times, runtime: runtime ?? 'containerd', faults: faults ?? [] };
  }
  const wrong = CLUSTER_SETTINGS.find((key) => settings[key] !== undefined);
  if (wrong !== undefined) throw new InputError(`${named(wrong)} is for whole clusters; it goes with mode cluster`);
  if (kind === 'timed') return { kind, ...times };
  const given = TIMED_SETTINGS.find(([key]) => settings[key] !== undefined);
  if (given === undefined) return STATIC;
  const why =
    settings.kind === 'static'
      ? ''
      : `; this workload has no times, and ${named('timed')} would have its pods come a second apart`;
  throw new InputError(`${named(given[1])} means nothing to the static evaluation${why}`);
}

const CLUSTER_SETTINGS = ['runtime', 'faults'] as const;

const TIMED_SETTINGS = [
  ['untilMs', 'until'],
  ['attemptTime', 'attemptTime'],
  ['bindingMs', 'bindingTime'],
  ['sampleMs', 'sampleEvery'],
] as const;

export const shuffleFor = ({ shuffle }: Variant, workload: Workload): Shuffle => shuffle ?? defaultShuffle(workload);
