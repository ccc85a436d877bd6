/**
 * A run: every configuration with every seed on one workload, on worker threads. Cells are seed after seed with all
 * configurations of a seed together, so that a drift of the machine hits all of them alike; results stand in that order
 * whatever the threads did.
 */
import { InputError } from '../api/index.ts';
import type { CellSummary } from '../reports/index.ts';
import type { EngineName, ResolvedConfig, TieBreak } from '../scheduler/index.ts';
import type { Workload } from '../workloads/index.ts';
import type { FileSizes } from './cell-output.ts';
import { type CellPool, workerPool } from './cell-pool.ts';
import type { CellAnswer, CellContext, CellTask } from './cell-worker.ts';
import { type ConfigSource, loadSource } from './config-source.ts';
import { CSV_FILE_NAMES } from './csv-files.ts';
import type { Evaluation } from './evaluation.ts';
import { type CellRecord, type Manifest, newManifest, type RunInputs } from './manifest.ts';
import type { Shuffle } from './order.ts';
import type { PreviousRun } from './previous-run.ts';
import { partsFolder, RunFolder, writeManifest } from './run-folder.ts';

export interface RunOptions {
  readonly workload: Workload;
  /** Names must differ. */
  readonly configs: readonly ConfigSource[];
  readonly seeds: readonly number[];
  readonly shuffle: Shuffle;
  readonly tieBreak: TieBreak;
  /** @default 'reference' */
  readonly engine?: EngineName;
  readonly evaluation: Evaluation;
  readonly workers: number;
  /** An empty folder, or that of `previous`. */
  readonly dir: string;
  /** Version of the program, for the manifest. */
  readonly version: string;
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
}

export interface RunResult {
  readonly manifest: Manifest;
  /** Of the finished cells, in the order of the cells. */
  readonly summaries: readonly CellSummary[];
  /** Rows that the files have in all, by file. */
  readonly rows: ReadonlyMap<string, number>;
}

/** Loads and checks every configuration. Throws InputError for the first that cannot be used. */
export async function runInputs(options: RunOptions): Promise<RunInputs> {
  const { workload, seeds, shuffle, tieBreak, evaluation, engine = 'fast' } = options;
  const configs: RunInputs['configs'][number][] = [];
  for (const source of options.configs) {
    const { config } = await loadSource(source);
    checkSchedulerNames(source, config, workload);
    configs.push({ name: source.name, text: source.text, resolved: config });
  }
  const { name, source, nodes, pods } = workload;
  return {
    workload: { name, ...source, nodes: nodes.length, pods: pods.count },
    evaluation,
    engine,
    configs,
    seeds,
    shuffle,
    tieBreak,
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
  const tasks = tasksOf(options);
  const cells: CellRecord[] = tasks.map(({ config, seed }) => ({
    workload: options.workload.name,
    profile: options.configs[config]!.name,
    seed,
    state: 'pending',
  }));
  const podsDone = new Int32Array(new SharedArrayBuffer(tasks.length * Int32Array.BYTES_PER_ELEMENT));
  const manifest = newManifest(options.version, inputs, options.workers, cells);
  const work = new RunWork(options, cells, podsDone, manifest);
  const left = work.begin(tasks);
  options.onStart?.({ cells, podsDone });
  if (left.length > 0) await work.runAll(left, makePool);
  return work.finish();
}

const tasksOf = ({ configs, seeds }: RunOptions): CellTask[] =>
  seeds.flatMap((seed) => configs.map((_, config) => ({ config, seed }))).map((task, index) => ({ index, ...task }));

/** A run at work: takes answers in, keeps folder and manifest up to date. */
class RunWork {
  private readonly options: RunOptions;
  private readonly cells: readonly CellRecord[];
  private readonly podsDone: Int32Array;
  private readonly manifest: Manifest;
  private readonly summaries: Array<CellSummary | undefined> = [];
  private folder!: RunFolder;

  constructor(options: RunOptions, cells: readonly CellRecord[], podsDone: Int32Array, manifest: Manifest) {
    this.options = options;
    this.cells = cells;
    this.podsDone = podsDone;
    this.manifest = manifest;
  }

  /** Starts the files, and returns what the previous run has not finished. A kill at any moment loses nothing. */
  begin(tasks: readonly CellTask[]): CellTask[] {
    const { previous, configs, dir, workload } = this.options;
    const left = tasks.filter(({ index, config, seed }) => {
      const profile = configs[config]!.name;
      const finished = previous?.cell(profile, seed);
      if (finished === undefined) return true;
      previous!.unpack(profile, seed, index);
      this.podsDone[index] = workload.pods.count;
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
    const { workload, configs, shuffle, tieBreak, engine, evaluation, dir, signal } = this.options;
    if (signal?.aborted) return;
    const inputs = { workload, configs, shuffle, tieBreak, engine, evaluation };
    const context: CellContext = { ...inputs, partsDir: partsFolder(dir), progress: this.podsDone };
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
    this.podsDone[index] = this.options.workload.pods.count;
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
