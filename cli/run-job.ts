/** What `berth run` and `berth demo` have in common: run, show how far it is, print the comparison, say where things are. */
import path from 'node:path';
import {
  type CellRecord,
  type ConfigSource,
  type Evaluation,
  freeFolder,
  MANIFEST_FILE,
  makeRunFolder,
  PreviousRun,
  type RunOptions,
  type RunResult,
  run,
  runInputs,
  type Shuffle,
} from '../bench/index.ts';
import {
  compareProfiles,
  comparisonCsv,
  comparisonJson,
  comparisonMarkdown,
  comparisonTable,
} from '../reports/index.ts';
import type { TieBreak } from '../scheduler/index.ts';
import type { Workload } from '../workloads/index.ts';
import { EXIT_FAILED } from './errors.ts';
import { Progress } from './progress.ts';
import type { SharedOptions } from './run-options.ts';
import { VERSION } from './version.ts';

const COLUMNS_WITHOUT_TERMINAL = 100;
const EXIT_BY_SIGNAL = { SIGINT: 130, SIGTERM: 143 } as const;
type StopSignal = keyof typeof EXIT_BY_SIGNAL;

export interface Job extends SharedOptions {
  readonly workload: Workload;
  readonly configs: readonly ConfigSource[];
  readonly shuffle: Shuffle;
  readonly tieBreak: TieBreak;
  readonly evaluation: Evaluation;
  /** Folder of a run to go on with. */
  readonly resume?: string;
  readonly debug: boolean;
  /** What the user can do next; the last line of the output. */
  readonly next: string;
}

/** Sets the exit code: 1 when a cell failed, 128 + number for a signal. Throws InputError before anything is written. */
export async function runJob(job: Job): Promise<void> {
  const stop = new AbortController();
  const options: RunOptions = { ...job, version: VERSION, dir: '', signal: stop.signal };
  const inputs = await runInputs(options);
  const previous = job.resume === undefined ? undefined : new PreviousRun(job.resume);
  previous?.check(VERSION, inputs);
  const dir = job.resume ?? job.out ?? freeFolder('runs', `${today()}-${job.workload.name}`);
  if (previous === undefined) makeRunFolder(dir);
  note(job, headline(job));
  let progress: Progress | undefined;
  let stoppedBy: StopSignal | undefined;
  const onSignal = (signal: StopSignal) => {
    // The second time the user means it.
    if (stoppedBy !== undefined) process.exit(EXIT_BY_SIGNAL[signal]);
    stoppedBy = signal;
    stop.abort();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  let result: RunResult;
  try {
    result = await run(inputs, {
      ...options,
      dir,
      previous,
      onStart: (started) => {
        if (!job.quiet) progress = new Progress(process.stderr, started, job.workload.pods.count);
      },
      onCell: (cell, stack) => {
        if (job.debug && stack !== undefined) process.stderr.write(`${cell.profile} seed ${cell.seed}: ${stack}\n`);
      },
    });
  } finally {
    progress?.stop();
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
  print(job, dir, result);
  const failures = result.manifest.cells.filter((cell) => cell.state === 'failed');
  printFailures(failures);
  if (failures.length > 0) process.exitCode = EXIT_FAILED;
  if (stoppedBy !== undefined) process.exitCode = EXIT_BY_SIGNAL[stoppedBy];
}

const count = (number: number, noun: string): string =>
  `${number.toLocaleString('en-US')} ${noun}${number === 1 ? '' : 's'}`;

function headline(job: Job): string {
  const { workload, configs, seeds, workers } = job;
  const cells = `${count(configs.length, 'configuration')} × ${count(seeds.length, 'seed')}`;
  const size = `${count(workload.nodes.length, 'node')} · ${count(workload.pods.count, 'pod')}`;
  return [
    `${workload.name} · ${size} · ${cells} · ${count(Math.min(workers, configs.length * seeds.length), 'worker')}`,
    workload.source.description,
    ...evaluationLines(job),
  ].join('\n');
}

function evaluationLines({ workload: { hasTimes }, shuffle, evaluation }: Job): string[] {
  const drawn = {
    none: 'nothing but random ties: nodes and pods come as listed',
    nodes: 'the order of the nodes; pods arrive as recorded',
    pods: 'the order of the pods',
    both: 'the order of nodes and pods',
  }[shuffle];
  if (evaluation.kind === 'static') {
    return [
      `static evaluation${hasTimes ? '' : ', since the workload has no times'}: each pod is tried once, none ends; a seed draws ${drawn}`,
    ];
  }
  const pods = hasTimes
    ? 'pods arrive, wait, run for their lifetime and end'
    : 'the workload has no times, so pods arrive a second apart and stay';
  const { attemptTime, bindingMs } = evaluation;
  return [
    `timed evaluation: ${pods}; a seed draws ${drawn}`,
    `virtual time: attempts take ${attemptTime === 'upstream' ? 'what upstream measured' : attemptTime}, bindings ${bindingMs} ms`,
  ];
}

function print(job: Job, dir: string, { manifest, summaries, rows }: RunResult): void {
  const finished = manifest.cells.filter((cell) => cell.state === 'finished').length;
  const table = job.output === 'table';
  if (finished > 0) {
    const names = job.configs
      .map((config) => config.name)
      .filter((name) => summaries.some(({ profile }) => profile === name));
    const comparison = compareProfiles(names, summaries);
    const width = process.stdout.columns ?? COLUMNS_WITHOUT_TERMINAL;
    const text = {
      table: () => `\n${comparisonTable(comparison, width)}\n`,
      json: () => comparisonJson(comparison),
      csv: () => comparisonCsv(comparison),
      markdown: () => comparisonMarkdown(comparison),
    }[job.output]();
    process.stdout.write(text);
  }
  const files = [MANIFEST_FILE, ...[...rows].map(([file, number]) => `${file} ${count(number, 'row')}`)];
  const lines = [`results in ${dir}   (${files.join(', ')})`];
  if (manifest.state === 'interrupted') {
    lines.unshift(`interrupted: ${finished} of ${manifest.cells.length} cells are finished`);
    const place = job.out === undefined ? '' : ' in place of --out';
    lines.push(`next: the same command with --resume ${path.relative('.', dir) || dir}${place} goes on from there`);
  } else lines.push(`next: ${job.next}`);
  // The paths belong to the result that people read, and must not spoil one that programs read.
  if (table) process.stdout.write(`${lines.join('\n')}\n`);
  else note(job, lines.join('\n'));
}

/** One line per kind of failure: most configurations that fail do so with every seed. */
function printFailures(failures: readonly CellRecord[]): void {
  const byProfile = new Map<string, CellRecord[]>();
  for (const cell of failures) byProfile.set(cell.profile, [...(byProfile.get(cell.profile) ?? []), cell]);
  for (const [profile, [first, ...others]] of byProfile) {
    const more =
      others.length === 0
        ? ''
        : `   (and ${others.length} more of its cells failed; ${MANIFEST_FILE} has all messages)`;
    process.stderr.write(`error: ${profile} seed ${first!.seed}: ${first!.error}${more}\n`);
  }
}

function note(job: Job, text: string): void {
  if (!job.quiet) process.stderr.write(`${text}\n`);
}

function today(): string {
  const now = new Date();
  const two = (number: number) => String(number).padStart(2, '0');
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}
