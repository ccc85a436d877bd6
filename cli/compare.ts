/** `berth compare`: runs against a base, with verdicts. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { InputError } from '../api/index.ts';
import {
  COMPARED_METRICS,
  type ComparedValue,
  checkGates,
  compareRuns,
  type GateResult,
  parseGate,
  type RunColumn,
  readRuns,
  type Threshold,
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
import { OUTPUTS, type Output } from './run-options.ts';

interface Options {
  readonly base?: string;
  readonly metric?: string[];
  readonly primary?: string[];
  readonly threshold?: Array<[string, Threshold]>;
  readonly failOn?: string[];
  readonly strict?: boolean;
  readonly output: Output;
}

/** Exit code 0, or 1 when a gate fails. */
export function compareCommand(): Command {
  return new Command('compare')
    .description('Is it better, by how much, and how sure are we? Configurations of run folders against a base')
    .argument('<runs...>', 'folders that berth run has written; the first holds the base')
    .option('--base <name>', 'configuration to compare with (default: the first of the first folder)')
    .option('--metric <name...>', 'only these columns of summary.csv')
    .option('--primary <name...>', 'metrics that decide; all others are exploratory (default: the first there is)')
    .option(
      '--threshold <text...>',
      'what matters: 2% for all, METRIC=2% or METRIC=0.01 (default: 1%, timings 3%)',
      (text: string, all: Array<[string, Threshold]> = []) => [...all, parseThreshold(text)],
    )
    .option('--fail-on <text...>', "exit 1 when 'METRIC worse than 2%' is sure")
    .option('--strict', 'with --fail-on: exit 1 unless it is sure that it is not worse')
    .addOption(new Option('-o, --output <format>', 'output format').choices(OUTPUTS).default('table'))
    .action(run);
}

async function run(folders: string[], options: Options): Promise<void> {
  const gates = (options.failOn ?? []).map(parseGate);
  for (const name of [...(options.metric ?? []), ...(options.primary ?? [])]) knownMetric(name);
  const columns = await readRuns(folders);
  const base = baseOf(columns, options.base);
  const others = columns.filter((column) => column !== base);
  if (others.length === 0) {
    throw new InputError(`there is only ${base.name}; name a second folder, or a run of several configurations`);
  }
  const comparison = compareRuns(base, others, { thresholds: new Map(options.threshold), primary: options.primary });
  const shown = options.metric === undefined ? undefined : new Set(options.metric);
  const records = comparison.values.filter(({ metric }) => shown?.has(metric.name) ?? true).map(recordOf);
  process.stdout.write(text(records, options.output, comparison.level));
  for (const { other, cells } of comparison.unpaired) {
    process.stderr.write(`${other}: ${cells} cells have no counterpart of the same workload and seed, left out\n`);
  }
  const results = checkGates(comparison, gates, options.strict === true);
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

function recordOf(value: ComparedValue): VerdictRecord {
  const { metric, judgement, outcome, ...rest } = value;
  const more = value.more();
  return {
    ...rest,
    metric: metric.name,
    title: metric.title,
    low: judgement?.interval95.low,
    high: judgement?.interval95.high,
    verdict: outcome,
    isClear: judgement?.clearly ?? false,
    isRealButSmall: judgement?.realButSmall ?? false,
    detectable: more?.detectable,
    pairsNeeded: more?.pairsNeeded,
  };
}

function gateText({ gate, value, state }: GateResult): string {
  const change = `${value.effect >= 0 ? '+' : '−'}${figure(Math.abs(value.effect))}${value.unit === '%' ? ' %' : ''}`;
  return `${state}: ${gate.text}: ${value.other} ${change}`;
}

function parseThreshold(text: string): [string, Threshold] {
  const match = /^(?:(\w+)=)?(\d+(?:\.\d+)?)(%?)$/.exec(text.replaceAll(' ', ''));
  if (match === null) throw new InvalidArgumentError(`"${text}": write 2%, METRIC=2% or METRIC=0.01.`);
  const [, metric, size, percent] = match;
  if (metric !== undefined) knownMetric(metric);
  const value = Number(size);
  if (value === 0) throw new InvalidArgumentError(`"${text}": a threshold is above 0.`);
  return [metric ?? '*', percent === '%' ? { percent: value } : { absolute: value }];
}

function knownMetric(name: string): void {
  if (COMPARED_METRICS.some((metric) => metric.name === name)) return;
  throw new InputError(
    `there is no metric ${name}; there are ${COMPARED_METRICS.map((metric) => metric.name).join(', ')}`,
  );
}
