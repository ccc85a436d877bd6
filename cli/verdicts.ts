/** A comparison of run folders as people and programs read it. */
import { InputError } from '../api/index.ts';
import {
  COMPARED_METRICS,
  type ComparedValue,
  checkGates,
  compareRuns,
  type Gate,
  type GateResult,
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
  const records = comparison.values.filter(({ metric }) => shown?.has(metric.name) ?? true).map(recordOf);
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

/** `2%` for all metrics, `METRIC=2%` or `METRIC=0.01`. Throws InputError. */
export function parseThreshold(text: string): [string, Threshold] {
  const match = /^(?:(\w+)=)?(\d+(?:\.\d+)?)(%?)$/.exec(text.replaceAll(' ', ''));
  if (match === null) throw new InputError(`"${text}": write 2%, METRIC=2% or METRIC=0.01.`);
  const [, metric, size, percent] = match;
  if (metric !== undefined) knownMetric(metric);
  const value = Number(size);
  if (value === 0) throw new InputError(`"${text}": a threshold is above 0.`);
  return [metric ?? '*', percent === '%' ? { percent: value } : { absolute: value }];
}

/** Throws InputError. */
export function knownMetric(name: string): void {
  if (COMPARED_METRICS.some((metric) => metric.name === name)) return;
  throw new InputError(
    `there is no metric ${name}; there are ${COMPARED_METRICS.map((metric) => metric.name).join(', ')}`,
  );
}
