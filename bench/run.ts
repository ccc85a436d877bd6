/**
 * A run: the cells of a plan on worker threads. Results stand in the order of the plan whatever the threads did.
 */
import { InputError } from '../api/index.ts';
import type { CellSummary } from '../reports/index.ts';
import type { ResolvedConfig } from '../scheduler/index.ts';
import type { Workload } from '../workloads/index.ts';
import type { FileSizes } from './cell-output.ts';
import { type CellPool, workerPool } from './cell-pool.ts';
import type { CellAnswer, CellContext, CellTask } from './cell-worker.ts';
import { type ConfigSource, loadSource } from './config-source.ts';
import { CSV_FILE_NAMES } from './csv-files.ts';
import { type CellRecord, type Manifest, newManifest, type RunInputs, type RunRequest } from './manifest.ts';
import { evaluationFor, type PlannedCell, shuffleFor, startOrder, type Variant } from './plan.ts';
import type { PreviousRun } from './previous-run.ts';
import { partsFolder, RunFolder, writeManifest } from './run-folder.ts';

export interface RunOptions {
  /** Names must differ. */
  readonly workloads: readonly Workload[];
  /** Names must differ. */
  readonly variants: readonly Variant[];
  /** In the order of the results. */
  readonly cells: readonly PlannedCell[];
  readonly workers: number;
  /** An empty folder, or that of `previous`. */
  readonly dir: string;
  /** Version of the program, for the manifest. */
  readonly version: string;
  /** For the manifest, so that the run can be repeated. */
  readonly request?: RunRequest;
  /** Cells that it has finished are taken over. */
  readonly previous?: PreviousRun;
  /** Stops the run; what is finished by then is kept. */
  readonly signal?: AbortSignal;
  /** Told after every cell; with the stack trace when it failed for a reason that nobody foresaw. */
  readonly onCell?: (cell: CellRecord, stack: string | undefined) => void;
  /** Told once before the first cell. */
  readonly onStart?: (progress: RunProgress) => void;
}

/** Live figures of a run. */
export interface RunProgress {
  readonly cells: readonly CellRecord[];
  /** Pods decided, by cell. */
  readonly podsDone: Int32Array;
  /** Pods that each cell has. */
  readonly pods: Int32Array;
}

export interface RunResult {
  readonly manifest: Manifest;
  /** Of the finished cells, in the order of the cells. */
  readonly summaries: readonly CellSummary[];
  /** Rows that the files have in all, by file. */
  readonly rows: ReadonlyMap<string, number>;
}

/** Loads and checks every configuration. Throws InputError for the first that cannot be used. */
export async function runInputs({ workloads, variants, cells }: RunOptions): Promise<RunInputs> {
  const checked: RunInputs['variants'][number][] = [];
  const used = new Set(cells.map((cell) => cell.variant));
  for (const [index, variant] of variants.entries()) {
    if (!used.has(index)) continue;
    const { config } = await loadSource(variant);
    const its = workloads.filter((_, w) => cells.some((cell) => cell.variant === index && cell.workload === w));
    const settings = its.map((workload) => {
      checkSchedulerNames(variant, config, workload);
      const evaluation = evaluationFor(variant.evaluation, workload);
      return { workload: workload.name, evaluation, shuffle: shuffleFor(variant, workload) };
    });
    const { name, text, engine = 'fast', tieBreak, evaluation, shuffle, set } = variant;
    checked.push({ name, text, resolved: config, engine, tieBreak, evaluation, shuffle, set, settings });
  }
  return {
    workloads: workloads.map(({ name, source, nodes, pods }) => ({
      name,
      ...source,
      nodes: nodes.length,
      pods: pods.count,
    })),
    variants: checked,
    cells: cells.map(({ workload, variant, seed, tieSeed = null, repeat }) => [
      workload,
      variant,
      seed,
      tieSeed,
      repeat,
    ]),
  };
}

/** A pod that asks for a scheduler that is not there would wait for ever. */
function checkSchedulerNames({ name, file }: ConfigSource, config: ResolvedConfig, { shapes }: Workload): void {
  const there = config.profiles.map((profile) => profile.schedulerName);
  const asked = new Set(shapes.map(({ spec }) => spec.schedulerName ?? 'default-scheduler'));
  const missing = [...asked].find((scheduler) => !there.includes(scheduler));
  if (missing === undefined) return;
  throw new InputError(
    `config ${file ?? name}: pods of the workload ask for the scheduler ${missing}, and the profiles are named ${there.join(', ')}; give one of them "schedulerName: ${missing}"`,
  );
}

/** `makePool` is there for tests, which have no compiled worker. */
export async function run(
  inputs: RunInputs,
  options: RunOptions,
  makePool: (context: CellContext, workers: number) => CellPool = workerPool,
): Promise<RunResult> {
  const { workloads, variants } = options;
  const tasks: CellTask[] = options.cells.map((cell, index) => ({ ...cell, index }));
  const cells = tasks.map(({ workload, variant, seed, tieSeed, repeat }): CellRecord => {
    const key = { workload: workloads[workload]!.name, profile: variants[variant]!.name, seed, tieSeed, repeat };
    return { ...key, state: 'pending' };
  });
  const pods = Int32Array.from(tasks, ({ workload }) => workloads[workload]!.pods.count);
  const podsDone = new Int32Array(new SharedArrayBuffer(tasks.length * Int32Array.BYTES_PER_ELEMENT));
  const manifest = newManifest(options.version, inputs, options.request, options.workers, cells);
  const work = new RunWork(options, cells, { pods, podsDone }, manifest);
  const left = work.begin(tasks);
  options.onStart?.({ cells, podsDone, pods });
  if (left.length > 0) await work.runAll(startOrder(left), makePool);
  return work.finish();
}

/** A run at work: takes answers in, keeps folder and manifest up to date. */
class RunWork {
  private readonly options: RunOptions;
  private readonly cells: readonly CellRecord[];
  private readonly pods: Int32Array;
  private readonly podsDone: Int32Array;
  private readonly manifest: Manifest;
  private readonly summaries: Array<CellSummary | undefined> = [];
  private folder!: RunFolder;

  constructor(
    options: RunOptions,
    cells: readonly CellRecord[],
    { pods, podsDone }: Pick<RunProgress, 'pods' | 'podsDone'>,
    manifest: Manifest,
  ) {
    this.options = options;
    this.cells = cells;
    this.pods = pods;
    this.podsDone = podsDone;
    this.manifest = manifest;
  }

  /** Starts the files, and returns what the previous run has not finished. A kill at any moment loses nothing. */
  begin(tasks: readonly CellTask[]): CellTask[] {
    const { previous, dir } = this.options;
    const left = tasks.filter(({ index }) => {
      const cell = this.cells[index]!;
      const finished = previous?.cell(cell);
      if (finished === undefined) return true;
      previous!.unpack(cell, index);
      this.podsDone[index] = this.pods[index]!;
      this.note(index, finished.summary, finished.sizes);
      return false;
    });
    writeManifest(dir, this.manifest);
    this.folder = new RunFolder(dir);
    this.cells.forEach(({ state }, index) => {
      if (state === 'finished') this.folder.add(index, true);
    });
    return left;
  }

  async runAll(
    tasks: readonly CellTask[],
    makePool: (context: CellContext, workers: number) => CellPool,
  ): Promise<void> {
    const { workloads, variants, dir, signal } = this.options;
    if (signal?.aborted) return;
    const context: CellContext = { workloads, variants, partsDir: partsFolder(dir), progress: this.podsDone };
    const pool = makePool(context, Math.min(this.options.workers, tasks.length));
    const stopped = new Promise<'stopped'>((resolve) => signal?.addEventListener('abort', () => resolve('stopped')));
    try {
      const work = tasks.map(async (task) => {
        const answer = await pool.run(task);
        if (!signal?.aborted) this.take(task, answer);
      });
      await Promise.race([Promise.all(work), stopped]);
    } finally {
      await pool.stop();
    }
  }

  finish(): RunResult {
    const { manifest, cells, folder } = this;
    folder.close();
    const states = cells.map((cell) => cell.state);
    manifest.state = states.includes('pending') ? 'interrupted' : states.includes('failed') ? 'failed' : 'finished';
    manifest.endedAt = new Date().toISOString();
    writeManifest(folder.dir, manifest);
    const rows = new Map<string, number>(
      CSV_FILE_NAMES.map((file) => [file, cells.reduce((sum, cell) => sum + (cell.rows?.[file] ?? 0), 0)]),
    );
    return { manifest, rows, summaries: this.summaries.filter((summary) => summary !== undefined) };
  }

  private take({ index }: CellTask, answer: CellAnswer): void {
    const cell = this.cells[index]!;
    this.podsDone[index] = this.pods[index]!;
    if ('failure' in answer) {
      cell.state = 'failed';
      cell.error = answer.failure;
    } else this.note(index, answer.summary, answer.sizes);
    // The manifest first: it finds the rows in the cell's own files as well as where they go now.
    writeManifest(this.folder.dir, this.manifest);
    this.folder.add(index, !('failure' in answer));
    this.options.onCell?.(cell, 'failure' in answer ? answer.stack : undefined);
  }

  private note(index: number, summary: CellSummary, { rows, bytes }: FileSizes): void {
    const cell = this.cells[index]!;
    cell.state = 'finished';
    cell.rows = rows;
    cell.bytes = bytes;
    this.summaries[index] = summary;
  }
}
