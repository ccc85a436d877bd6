/** A comparison of run folders as people and programs read it. */
import { InputError } from '../api/index.ts';
import {
  checkGates,
  compareRuns,
  type Gate,
  type GateResult,
  type RunColumn,
  readRuns,
  type Threshold,
  verdictRecord,
} from '../bench/compare/index.ts';
import {
  figure,
  type VerdictRecord,
  verdictCsv,
  verdictJson,
  verdictMarkdown,
  verdictTable,
} from '../reports/index.ts';
import { EXIT_FAILED } from './errors.ts';
import type { Output } from './run-options.ts';

export interface VerdictOptions {
  /** Configuration to compare with. @default the first of the first folder */
  readonly base?: string;
  /** Only these. @default all */
  readonly metrics?: readonly string[];
  readonly primary?: readonly string[];
  readonly thresholds: ReadonlyMap<string, Threshold>;
  readonly gates: readonly Gate[];
  readonly strict: boolean;
  readonly output: Output;
}

/** Prints it, and sets exit code 1 when a gate fails. Throws InputError. */
export async function printVerdicts(folders: readonly string[], options: VerdictOptions): Promise<void> {
  const { gates, primary, thresholds, metrics, strict, output } = options;
  const columns = await readRuns(folders);
  const base = baseOf(columns, options.base);
  const others = columns.filter((column) => column !== base);
  if (others.length === 0) {
    throw new InputError(`there is only ${base.name}; name a second folder, or a run of several configurations`);
  }
  const comparison = compareRuns(base, others, { thresholds, primary });
  const shown = metrics === undefined ? undefined : new Set(metrics);
  const records = comparison.values.filter(({ metric }) => shown?.has(metric.name) ?? true).map(verdictRecord);
  process.stdout.write(text(records, output, comparison.level));
  for (const { other, cells } of comparison.unpaired) {
    process.stderr.write(`${other}: ${cells} cells have no counterpart of the same workload and seed, left out\n`);
  }
  const results = checkGates(comparison, gates, strict);
  for (const result of results) process.stderr.write(`${gateText(result)}\n`);
  for (const gate of gates) {
    if (!results.some((result) => result.gate === gate)) {
      throw new InputError(`--fail-on '${gate.text}': the runs have no ${gate.metric}`);
    }
  }
  if (results.some(({ state }) => state === 'fail')) process.exitCode = EXIT_FAILED;
}

function text(records: readonly VerdictRecord[], output: Output, level: number): string {
  switch (output) {
    case 'table':
      return verdictTable(records, { level });
    case 'markdown':
      return verdictMarkdown(records, { level });
    case 'csv':
      return verdictCsv(records);
    case 'json':
      return verdictJson(records);
  }
}

function baseOf(columns: readonly RunColumn[], name: string | undefined): RunColumn {
  if (name === undefined) return columns[0]!;
  const found = columns.find((column) => column.name === name || column.name.endsWith(`:${name}`));
  if (found === undefined) {
    throw new InputError(
      `--base ${name}: there is no such configuration; there are ${columns.map((c) => c.name).join(', ')}`,
    );
  }
  return found;
}

function gateText({ gate, value, state }: GateResult): string {
  const change = `${value.effect >= 0 ? '+' : '−'}${figure(Math.abs(value.effect))}${value.unit === '%' ? ' %' : ''}`;
  return `${state}: ${gate.text}: ${value.other} ${change}`;
}
