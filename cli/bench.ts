/** `berth bench`: how fast the engines decide, and objects are read, on this machine. */
import { readFileSync, writeFileSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import { InputError } from '../api/index.ts';
import {
  BenchTable,
  comparisonLines,
  csvOf,
  exponentLines,
  failureLine,
  jsonOf,
  readBaseline,
} from '../bench/micro/report.ts';
import { type BenchRow, type FailedCell, sweep } from '../bench/micro/sweep.ts';
import { benchLoading, benchMillion } from './bench-loading.ts';
import { EXIT_FAILED } from './errors.ts';

interface Options {
  readonly nodes?: readonly number[];
  readonly maxNodes?: number;
  readonly workload: string;
  readonly seconds?: number;
  readonly referenceUpTo?: number;
  readonly memory?: number;
  readonly quick?: boolean;
  readonly million?: boolean;
  readonly loading?: boolean;
  readonly pods?: number;
  readonly csv?: boolean;
  readonly json?: string;
  readonly baseline?: string;
}

const MILLION = 1_000_000;
const QUICK_NODES = [5000];
const ALL_NODES = [5000, 15_000, 50_000, 100_000, 1_000_000];
const QUICK_SECONDS = 0.4;
const SECONDS = 2;
const COLUMNS_WITHOUT_TERMINAL = 170;
const EXIT_BY_SIGNAL = { SIGINT: 130, SIGTERM: 143 } as const;

const HELP = `
Each cell (workload × nodes × engine) is measured in a process of its own, after a warm-up. "looks" are nodes judged for a
pod; bytes are of what the scheduler keeps, objects of the API apart. A cell that fails is told of and the others go on;
the exit code is then 1.

Examples:
  berth bench --quick
  berth bench --nodes 5000,100000 --workload spread --json new.json --baseline old.json
  berth bench --million         a million pods onto a million nodes, loading included
  berth bench --loading         how fast objects and traces are read`;

function nodeCounts(text: string): number[] {
  return text.split(',').map((part) => {
    if (/^[1-9]\d*$/.test(part)) return Number(part);
    throw new InvalidArgumentError('whole numbers above 0, separated by commas, are expected.');
  });
}

function wholeNumber(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new InvalidArgumentError('a whole number is expected.');
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('a number above 0 is expected.');
  return value;
}

export function benchCommand(): Command {
  return new Command('bench')
    .description('Measure how many pods a second the engines decide on this machine')
    .option('--nodes <list>', `cluster sizes (default: ${ALL_NODES.join(',')})`, nodeCounts)
    .option('--max-nodes <n>', 'leave out larger clusters', wholeNumber)
    .option('--workload <text>', 'only workloads whose name contains this', '')
    .option('--seconds <n>', `CPU seconds per cell (default: ${SECONDS})`, positive)
    .option(
      '--reference-up-to <n>',
      'largest cluster on which the reference engine runs (default: 100000)',
      wholeNumber,
    )
    .option('--memory <MB>', 'heap of each cell (default: three quarters of what is free)', wholeNumber)
    .option('--quick', `only ${QUICK_NODES.join(',')} nodes, ${QUICK_SECONDS} s per cell`)
    .option('--million', 'instead: place a million identical pods on a million nodes, loading included')
    .option('--loading', 'instead: how fast 100,000 nodes and a million pods are read, as JSON and as CSV')
    .option('--pods <n>', 'pods for --million and --loading', wholeNumber)
    .option('--csv', 'print comma-separated values instead of a table')
    .option('--json <file>', 'write the figures to a file, "-" for standard output')
    .option('--baseline <file>', 'compare with the figures of an earlier --json')
    .addHelpText('after', HELP)
    .action((_, self: Command) => run(self.optsWithGlobals<Options>()));
}

async function run(options: Options): Promise<void> {
  const { pods = MILLION, nodes: [nodes] = [] } = options;
  if (options.million === true) return benchMillion({ nodes: nodes ?? MILLION, pods });
  if (options.loading === true) return benchLoading({ nodes: nodes ?? MILLION / 10, pods });
  return engines(options);
}

async function engines(options: Options): Promise<void> {
  const { workload, csv = false, json, baseline, quick = false, maxNodes = Number.POSITIVE_INFINITY } = options;
  const before = baseline === undefined ? undefined : readBaseline(readText(baseline), baseline);
  const sizes = (options.nodes ?? (quick ? QUICK_NODES : ALL_NODES)).filter((nodes) => nodes <= maxNodes);
  if (sizes.length === 0)
    throw new InputError(`--max-nodes ${maxNodes}: leaves no cluster size; name some with --nodes`);
  const isTable = !csv && json !== '-';
  const print = (line: string) => process.stdout.write(`${line}\n`);
  const table = new BenchTable(process.stdout.columns ?? COLUMNS_WITHOUT_TERMINAL);
  if (isTable) print(table.head());
  const { rows, failures, stoppedBy } = await measured(sizes, options, (row) => {
    if (isTable) print(table.row(row));
  });
  if (rows.length + failures.length === 0 && stoppedBy === undefined) {
    throw new InputError(`--workload: no workload has "${workload}" in its name`);
  }
  if (csv) process.stdout.write(csvOf(rows));
  if (json === '-') process.stdout.write(jsonOf(rows));
  else if (json !== undefined) writeText(json, jsonOf(rows));
  if (failures.length > 0) process.exitCode = EXIT_FAILED;
  if (stoppedBy !== undefined) process.exitCode = EXIT_BY_SIGNAL[stoppedBy];
  if (!isTable) return;
  if (table.dropped.length > 0) print(`\nnot shown for want of room: ${table.dropped.join(', ')} (--csv has all)`);
  const growth = exponentLines(rows);
  if (growth.length > 0) print(`\ntime per pod grows with the number of nodes N as\n${growth.join('\n')}`);
  if (before !== undefined) {
    print(
      `\nbefore and now, pods per CPU second: medians with 95 % intervals; ~: no difference that chance alone would not make\n${comparisonLines(before, rows).join('\n')}`,
    );
  }
}

interface Measured {
  readonly rows: readonly BenchRow[];
  readonly failures: readonly FailedCell[];
  readonly stoppedBy: keyof typeof EXIT_BY_SIGNAL | undefined;
}

/** What has been measured by the time of a signal is kept. */
async function measured(nodes: readonly number[], options: Options, onRow: (row: BenchRow) => void): Promise<Measured> {
  const { workload, seconds, quick, referenceUpTo, memory } = options;
  const stop = new AbortController();
  let stoppedBy: keyof typeof EXIT_BY_SIGNAL | undefined;
  const onSignal = (signal: keyof typeof EXIT_BY_SIGNAL) => {
    stoppedBy = signal;
    stop.abort();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  const rows: BenchRow[] = [];
  const failures: FailedCell[] = [];
  const { stderr } = process;
  try {
    await sweep({
      nodes,
      workload,
      budgetSeconds: seconds ?? (quick ? QUICK_SECONDS : SECONDS),
      referenceUpTo,
      heapMb: memory,
      signal: stop.signal,
      onStart: (task) => {
        if (stderr.isTTY) stderr.write(`${task.workload}, ${task.nodes} nodes, ${task.engine} …\r`);
      },
      onRow: (row) => {
        if (stderr.isTTY) stderr.write('\u001b[K');
        rows.push(row);
        onRow(row);
      },
      onFailure: (failed) => {
        failures.push(failed);
        stderr.write(`${failureLine(failed)}\n`);
      },
    });
  } catch (error) {
    if (stoppedBy === undefined) throw error;
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
  return { rows, failures, stoppedBy };
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new InputError(`--baseline: ${file}: ${(error as NodeJS.ErrnoException).code ?? String(error)}`);
  }
}

function writeText(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new InputError(`--json: ${file}: ${(error as NodeJS.ErrnoException).code ?? String(error)}`);
  }
}
