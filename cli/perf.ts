/** `berth perf`: upstream's benchmark suite, and ours in the same form. */
import { availableParallelism, cpus, loadavg } from 'node:os';
import { Command, InvalidArgumentError, Option } from 'commander';
import { InputError } from '../api/index.ts';
import {
  freeFolder,
  type PerfOptions,
  type PerfOutcome,
  type PlannedSuite,
  type PlannedWorkload,
  planSuites,
  runPerf,
  shippedSuite,
} from '../bench/index.ts';
import { type PerfResult, perfTable } from '../reports/index.ts';
import type { EngineName, TieBreak } from '../scheduler/index.ts';
import { engineOption } from './engine-option.ts';
import { EXIT_FAILED, EXIT_INPUT } from './errors.ts';
import { VERSION } from './version.ts';

const COLUMNS_WITHOUT_TERMINAL = 100;
const EXIT_BY_SIGNAL = { SIGINT: 130, SIGTERM: 143 } as const;
type StopSignal = keyof typeof EXIT_BY_SIGNAL;

interface Options {
  readonly suite?: string;
  readonly label: string;
  readonly case?: RegExp;
  readonly mode: 'core' | 'cluster';
  readonly engine: EngineName;
  readonly tieBreak: TieBreak;
  readonly topic?: string;
  readonly sampleInterval?: number;
  readonly out?: string;
  readonly output: 'table' | 'json';
  readonly quiet?: boolean;
  readonly debug?: boolean;
}

const HELP = `
A config is a performance-config.yaml of kubernetes/test/integration/scheduler_perf, as it is, in its folder.
Exit codes: 0; 1 when a workload failed, missed its threshold, or none could be run; 2 when a file cannot be used.

Examples:
  berth perf
  berth perf kubernetes/test/integration/scheduler_perf/misc/performance-config.yaml
  berth perf --label integration-test --case 'SchedulingBasic/.*' misc/performance-config.yaml`;

export function perfCommand(): Command {
  return new Command('perf')
    .description("Run scheduler_perf suites: Kubernetes' own files, or the suite that berth ships")
    .argument('[config...]', 'suite files (default: the suite that berth ships)')
    .addOption(new Option('--suite <name>', 'a suite by name instead of files').choices(['shipped']))
    .option('--label <list>', 'labels that workloads must have, or with - must not have; "" for all', 'performance')
    .option('--case <regexp>', 'only workloads whose case/workload matches', pattern)
    .addOption(
      new Option('--mode <mode>', 'core: the scheduler alone; cluster: behind an API server')
        .choices(['core', 'cluster'])
        .default('core'),
    )
    .addOption(engineOption())
    .addOption(
      new Option('--tie-break <rule>', "which of the best nodes is taken; upstream's threads make it chance")
        .choices(['heap', 'first', 'random'])
        .default('random'),
    )
    .option('--topic <name>', "topic of the results and thresholds (default: by the file's folder)")
    .option(
      '--sample-interval <ms>',
      'between samples of the throughput; upstream: 1000 (default: what the run is long enough for)',
      interval,
    )
    .option('--out <dir>', 'folder for the data items (default: runs/<date>-perf)')
    .addOption(new Option('-o, --output <format>', 'output format').choices(['table', 'json']).default('table'))
    .option('-q, --quiet', 'no progress and no notes')
    .addHelpText('after', HELP)
    .action(async (files: string[], _, self: Command) => {
      await perf(files, self.optsWithGlobals<Options>());
    });
}

function pattern(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch (error) {
    throw new InvalidArgumentError(`${(error as Error).message}.`);
  }
}

function interval(text: string): number {
  const ms = Number(text);
  if (!/^\d+$/.test(text) || ms < 1 || ms > 60_000) {
    throw new InvalidArgumentError('a whole number of milliseconds between 1 and 60000 is expected.');
  }
  return ms;
}

async function perf(files: readonly string[], options: Options): Promise<void> {
  if (options.mode === 'cluster') {
    throw new InputError(
      '--mode cluster is not there: suites run on the scheduler alone (--mode core); behind the API server, berth serve takes a workload of yours',
    );
  }
  if (options.suite !== undefined && files.length > 0) {
    throw new InputError(`--suite ${options.suite} and files (${files[0]}) exclude each other; leave one out`);
  }
  const { label: labels, case: cases, topic } = options;
  const suites = planSuites(files.length > 0 ? files : shippedSuite(), { labels, cases, topic });
  const workloads = suites.flatMap((suite) => suite.workloads);
  // Nothing is begun when nothing can come of it.
  if (workloads.every(({ error }) => error !== undefined)) throw workloads[0]!.error!;
  const outDir = options.out ?? freeFolder('runs', `${new Date().toISOString().slice(0, 10)}-perf`);
  if (!options.quiet) process.stderr.write(headline(workloads.length, options));
  const { outcome, stoppedBy } = await runStoppable(suites, { ...options, outDir, intervalMs: options.sampleInterval });
  print(outcome, outDir, options);
  process.exitCode = stoppedBy === undefined ? exitCode(outcome.results) : EXIT_BY_SIGNAL[stoppedBy];
}

const headline = (count: number, { engine, mode }: Options): string =>
  `${count} workload${count === 1 ? '' : 's'} · engine ${engine} · mode ${mode}: the scheduler and its queue, the API by reference, one thread\n`;

async function runStoppable(
  suites: readonly PlannedSuite[],
  options: PerfOptions & Options,
): Promise<{ readonly outcome: PerfOutcome; readonly stoppedBy?: StopSignal }> {
  const stop = new AbortController();
  let stoppedBy: StopSignal | undefined;
  const onSignal = (signal: StopSignal) => {
    // The second time the user means it.
    if (stoppedBy !== undefined) process.exit(EXIT_BY_SIGNAL[signal]);
    stoppedBy = signal;
    stop.abort();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  const progress = options.quiet ? {} : progressOf(suites, options.debug === true);
  try {
    const outcome = await runPerf(suites, { ...options, signal: stop.signal, ...progress });
    return { outcome, stoppedBy };
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}

function progressOf(suites: readonly PlannedSuite[], debug: boolean): Pick<PerfOptions, 'onStart' | 'onResult'> {
  const { stderr } = process;
  const total = suites.reduce((sum, { workloads }) => sum + workloads.length, 0);
  let done = 0;
  return {
    onStart: ({ testCase, workload }: PlannedWorkload) => {
      if (stderr.isTTY) stderr.write(`\r[${done + 1}/${total}] ${testCase.name}/${workload.name} …`);
    },
    onResult: (result, stack) => {
      done++;
      if (stderr.isTTY) stderr.write('\r\u001b[K');
      stderr.write(`[${done}/${total}] ${result.testCase}/${result.workload}: ${outcomeOf(result)}\n`);
      if (debug && stack !== undefined) stderr.write(`${stack}\n`);
    },
  };
}

function outcomeOf({ state, reason, figures }: PerfResult): string {
  if (state !== 'ran') return `${state}: ${reason}`;
  const rates = figures.map(({ pods, podsPerSecond }) =>
    podsPerSecond === undefined ? 'no pods' : `${pods} pods, ${Math.round(podsPerSecond)} pods/s`,
  );
  return rates.join('; ');
}

function print({ results, files }: PerfOutcome, outDir: string, { output, engine, mode, quiet }: Options): void {
  if (output === 'json') {
    const host = {
      cpu: cpus()[0]?.model ?? '',
      cores: availableParallelism(),
      load: loadavg()[0]!,
      node: process.version,
    };
    process.stdout.write(`${JSON.stringify({ version: VERSION, engine, mode, host, files, results }, null, 2)}\n`);
  } else process.stdout.write(`\n${perfTable(results, process.stdout.columns ?? COLUMNS_WITHOUT_TERMINAL)}`);
  if (quiet) return;
  const notes = [];
  const [load] = loadavg() as [number];
  if (load > availableParallelism() + 0.5) {
    notes.push(
      `the machine is busy (load ${load.toFixed(1)} on ${availableParallelism()} cores): per second is too low, per CPU second is not`,
    );
  }
  if (files.length > 0) notes.push(`results in ${outDir}   (${files.length} files)`);
  notes.push('what is measured, and how it compares with upstream: docs/perf.md');
  process.stderr.write(`${notes.join('\n')}\n`);
}

function exitCode(results: readonly PerfResult[]): number {
  if (results.some(({ state }) => state === 'invalid')) return EXIT_INPUT;
  const isMissed = results.some(({ figures }) => figures.some(({ passed }) => passed === false));
  const hasRun = results.some(({ state }) => state === 'ran');
  return isMissed || !hasRun || results.some(({ state }) => state === 'failed') ? EXIT_FAILED : 0;
}
