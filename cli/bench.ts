/** `berth bench`: how fast the engines decide on this machine. */
import { readFileSync, writeFileSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import { InputError } from '../api/index.ts';
import {
  comparisonLines,
  csvOf,
  exponentLines,
  headLine,
  jsonOf,
  readBaseline,
  rowLine,
} from '../bench/micro/report.ts';
import { sweep } from '../bench/micro/sweep.ts';

interface Options {
  readonly nodes?: readonly number[];
  readonly workload: string;
  readonly seconds?: number;
  readonly quick?: boolean;
  readonly csv?: boolean;
  readonly json?: string;
  readonly baseline?: string;
}

const QUICK_NODES = [5000];
const ALL_NODES = [5000, 15_000, 50_000, 100_000];
const QUICK_SECONDS = 0.6;
const SECONDS = 2;

function nodeCounts(text: string): number[] {
  return text.split(',').map((part) => {
    if (/^[1-9]\d*$/.test(part)) return Number(part);
    throw new InvalidArgumentError('whole numbers above 0, separated by commas, are expected.');
  });
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('a number above 0 is expected.');
  return value;
}

export function benchCommand(): Command {
  return new Command('bench')
    .description('Measure how many pods a second the engines decide on this machine')
    .option('--nodes <list>', `cluster sizes (default: ${ALL_NODES.join(',')}; 1000000 needs 4 GB)`, nodeCounts)
    .option('--workload <text>', 'only workloads whose name contains this', '')
    .option('--seconds <n>', `CPU seconds per cell (default: ${SECONDS})`, positive)
    .option('--quick', `only ${QUICK_NODES.join(',')} nodes, ${QUICK_SECONDS} s per cell`)
    .option('--csv', 'print comma-separated values instead of a table')
    .option('--json <file>', 'write the figures to a file, "-" for standard output')
    .option('--baseline <file>', 'compare with the figures of an earlier --json')
    .action(run);
}

async function run(options: Options): Promise<void> {
  const { workload, csv = false, json, baseline, quick = false } = options;
  const before = baseline === undefined ? undefined : readBaseline(readText(baseline), baseline);
  const isTable = !csv && json !== '-';
  const print = (line: string) => process.stdout.write(`${line}\n`);
  if (isTable) print(headLine());
  const rows = await sweep({
    nodes: options.nodes ?? (quick ? QUICK_NODES : ALL_NODES),
    workload,
    budgetSeconds: options.seconds ?? (quick ? QUICK_SECONDS : SECONDS),
    onRow: (row) => {
      if (isTable) print(rowLine(row));
    },
  });
  if (rows.length === 0) throw new InputError(`--workload: no workload has "${workload}" in its name`);
  if (csv) process.stdout.write(csvOf(rows));
  if (json === '-') process.stdout.write(jsonOf(rows));
  else if (json !== undefined) writeFileSync(json, jsonOf(rows));
  if (!isTable) return;
  const growth = exponentLines(rows);
  if (growth.length > 0) print(`\ntime per pod grows with the number of nodes N as\n${growth.join('\n')}`);
  if (before !== undefined)
    print(`\nbefore and now, pods per CPU second (~: within the spread)\n${comparisonLines(before, rows).join('\n')}`);
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new InputError(`--baseline: ${file}: ${(error as NodeJS.ErrnoException).code ?? String(error)}`);
  }
}
