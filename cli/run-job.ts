/** What commands that run cells have in common: run, show how far it is, print the comparison, say where things are. */
import path from 'node:path';
import {
  type Assertion,
  type CellRecord,
  checkAssertions,
  freeFolder,
  MANIFEST_FILE,
  makeRunFolder,
  type PlannedCell,
  PreviousRun,
  type RunOptions,
  type RunRequest,
  type RunResult,
  run,
  runInputs,
  type Variant,
} from '../bench/index.ts';
import {
  type CellSummary,
  type Comparison,
  compareProfiles,
  comparisonCsv,
  comparisonJson,
  comparisonMarkdown,
  comparisonTable,
  counted,
} from '../reports/index.ts';
import type { Workload } from '../workloads/index.ts';
import { EXIT_FAILED } from './errors.ts';
import { Progress } from './progress.ts';
import { headline } from './run-headline.ts';
import type { SharedOptions } from './run-options.ts';
import { VERSION } from './version.ts';

const COLUMNS_WITHOUT_TERMINAL = 100;
const EXIT_BY_SIGNAL = { SIGINT: 130, SIGTERM: 143 } as const;
type StopSignal = keyof typeof EXIT_BY_SIGNAL;

export interface Job extends Omit<SharedOptions, 'engine' | 'seeds'> {
  /** Of the results' folder, after the date. */
  readonly name: string;
  readonly workloads: readonly Workload[];
  readonly variants: readonly Variant[];
  readonly cells: readonly PlannedCell[];
  readonly request?: RunRequest;
  readonly assertions?: readonly Assertion[];
  /** Folder of a run to go on with. */
  readonly resume?: string;
  readonly debug: boolean;
  /** What the user can do next; the last line of the output. */
  readonly next: string;
}

/**
 * Sets the exit code: 1 when a cell or an assertion failed, 128 + number for a signal. Throws InputError before anything is
 * written. Returns the folder of the results, if all cells finished.
 */
export async function runJob(job: Job): Promise<string | undefined> {
  const stop = new AbortController();
  const options: RunOptions = { ...job, version: VERSION, dir: '', signal: stop.signal };
  const inputs = await runInputs(options);
  const previous = job.resume === undefined ? undefined : new PreviousRun(job.resume);
  previous?.check(VERSION, inputs);
  const dir = job.resume ?? job.out ?? freeFolder('runs', `${today()}-${job.name}`);
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
        if (!job.quiet) progress = new Progress(process.stderr, started);
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
  if (result.summaries.length > 0) printAssertions(job, result.summaries);
  if (stoppedBy !== undefined) process.exitCode = EXIT_BY_SIGNAL[stoppedBy];
  return result.manifest.state === 'finished' ? dir : undefined;
}

function print(job: Job, dir: string, { manifest, summaries, rows }: RunResult): void {
  const finished = manifest.cells.filter((cell) => cell.state === 'finished').length;
  const table = job.output === 'table';
  if (finished > 0) process.stdout.write(comparisonText(job, summaries));
  const files = [MANIFEST_FILE, ...[...rows].map(([file, number]) => `${file} ${counted(number, 'row')}`)];
  const lines = [`results in ${dir}   (${files.join(', ')})`];
  if (manifest.state === 'interrupted') {
    lines.unshift(`interrupted: ${finished} of ${manifest.cells.length} cells are finished`);
    const place = job.out === undefined ? '' : ' in place of --out';
    lines.push(`next: the same command with --resume ${path.relative('.', dir) || dir}${place} goes on from there`);
  } else lines.push(`next: ${job.next.replaceAll('RUN', dir)}`);
  // The paths belong to the result that people read, and must not spoil one that programs read.
  if (table) process.stdout.write(`${lines.join('\n')}\n`);
  else note(job, lines.join('\n'));
}

/** A comparison per workload: means over different workloads say nothing. */
function comparisonText({ workloads, variants, output }: Job, summaries: readonly CellSummary[]): string {
  const comparisons = workloads
    .map(({ name }) => {
      const cells = summaries.filter(({ workload }) => workload === name);
      const names = variants
        .map((variant) => variant.name)
        .filter((profile) => cells.some((c) => c.profile === profile));
      return { workload: name, cells, comparison: compareProfiles(names, cells) };
    })
    .filter(({ cells }) => cells.length > 0);
  const several = workloads.length > 1;
  const width = process.stdout.columns ?? COLUMNS_WITHOUT_TERMINAL;
  const under = (title: string, text: (comparison: Comparison) => string): string =>
    comparisons.map(({ workload, comparison }) => (several ? title + workload : '') + text(comparison)).join('');
  switch (output) {
    case 'table':
      return under('\n', (comparison) => `\n${comparisonTable(comparison, width)}\n`);
    case 'markdown':
      return under('\n## ', (comparison) => (several ? '\n\n' : '') + comparisonMarkdown(comparison));
    case 'json':
      return comparisonJson(comparisons);
    case 'csv':
      return comparisonCsv(comparisons);
  }
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

function printAssertions({ assertions = [], workloads }: Job, summaries: readonly CellSummary[]): void {
  for (const { assertion, workload, profile, value, holds } of checkAssertions(assertions, summaries)) {
    const where = workloads.length > 1 ? `${workload}, ${profile}` : profile;
    process.stderr.write(`${holds ? 'holds' : 'FAILS'}: ${assertion.text}: ${where} has ${value}\n`);
    if (!holds) process.exitCode = EXIT_FAILED;
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
