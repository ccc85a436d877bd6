/**
 * A run: every configuration with every seed on one workload, on worker threads. Cells are seed after seed with all
 * configurations of a seed together, so that a drift of the machine hits all of them alike; results stand in that order
 * whatever the threads did.
 */
import { InputError } from '../api/index.ts';
import { type CellSummary, csvLine, SUMMARY_COLUMNS, splitCsvRecords } from '../reports/index.ts';
import type { ResolvedConfig, TieBreak } from '../scheduler/index.ts';
import type { Workload } from '../workloads/index.ts';
import { type CellPool, workerPool } from './cell-pool.ts';
import type { CellAnswer, CellContext, CellTask } from './cell-worker.ts';
import { type ConfigSource, loadSource } from './config-source.ts';
import { type CellRecord, type Manifest, newManifest, type RunInputs } from './manifest.ts';
import type { Shuffle } from './order.ts';
import type { PreviousRun } from './previous-run.ts';
import { type CellChunks, CSV_FILE_NAMES, RunFolder } from './run-folder.ts';

export interface RunOptions {
  readonly workload: Workload;
  /** Names must differ. */
  readonly configs: readonly ConfigSource[];
  readonly seeds: readonly number[];
  readonly shuffle: Shuffle;
  readonly tieBreak: TieBreak;
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
  const { workload, seeds, shuffle, tieBreak } = options;
  const configs: RunInputs['configs'][number][] = [];
  for (const source of options.configs) {
    const { config } = await loadSource(source);
    checkSchedulerNames(source, config, workload);
    configs.push({ name: source.name, text: source.text, resolved: config });
  }
  const { name, source, nodes, pods } = workload;
  return {
    workload: { name, ...source, nodes: nodes.length, pods: pods.count },
    evaluation: 'static',
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
  const folder = new RunFolder(options.dir);
  folder.writeManifest(manifest);
  const work = new RunWork(options, cells, podsDone, folder, manifest);
  const left = tasks.filter((task) => !work.takeOver(task));
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
  private readonly folder: RunFolder;
  private readonly manifest: Manifest;
  private readonly summaries: Array<CellSummary | undefined> = [];

  constructor(
    options: RunOptions,
    cells: readonly CellRecord[],
    podsDone: Int32Array,
    folder: RunFolder,
    manifest: Manifest,
  ) {
    this.options = options;
    this.cells = cells;
    this.podsDone = podsDone;
    this.folder = folder;
    this.manifest = manifest;
  }

  /** True when the previous run has finished the cell. */
  takeOver({ index, config, seed }: CellTask): boolean {
    const { previous, configs } = this.options;
    const finished = previous?.cell(configs[config]!.name, seed);
    if (finished === undefined) return false;
    this.podsDone[index] = this.options.workload.pods.count;
    this.keep(index, finished.summary, finished.chunks);
    return true;
  }

  async runAll(
    tasks: readonly CellTask[],
    makePool: (context: CellContext, workers: number) => CellPool,
  ): Promise<void> {
    const { workload, configs, shuffle, tieBreak, signal } = this.options;
    if (signal?.aborted) return;
    const context: CellContext = { workload, configs, shuffle, tieBreak, progress: this.podsDone };
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
    folder.writeManifest(manifest);
    const rows = new Map<string, number>(
      CSV_FILE_NAMES.map((file) => [file, cells.reduce((sum, cell) => sum + (cell.rows?.[file] ?? 0), 0)]),
    );
    return { manifest, rows, summaries: this.summaries.filter((summary) => summary !== undefined) };
  }

  private take({ index }: CellTask, answer: CellAnswer): void {
    const cell = this.cells[index]!;
    if ('failure' in answer) {
      cell.state = 'failed';
      cell.error = answer.failure;
      this.podsDone[index] = this.options.workload.pods.count;
      this.folder.add(index, undefined);
    } else {
      const { summary, placementsCsv, timeseriesCsv, pluginsCsv } = answer.result;
      this.keep(index, summary, {
        'summary.csv': csvLine(SUMMARY_COLUMNS, summary),
        'placements.csv': placementsCsv,
        'timeseries.csv': timeseriesCsv,
        'plugins.csv': pluginsCsv,
      });
    }
    this.folder.writeManifest(this.manifest);
    this.options.onCell?.(cell, 'failure' in answer ? answer.stack : undefined);
  }

  private keep(index: number, summary: CellSummary, chunks: CellChunks): void {
    const cell = this.cells[index]!;
    cell.state = 'finished';
    cell.rows = Object.fromEntries(CSV_FILE_NAMES.map((file) => [file, splitCsvRecords(chunks[file]).length]));
    this.summaries[index] = summary;
    this.folder.add(index, chunks);
  }
}
