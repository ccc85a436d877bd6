/** `berth compare`: runs against a base, with verdicts. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { knownMetric, parseGate, parseThreshold, type Threshold } from '../bench/compare/index.ts';
import { OUTPUTS, type Output } from './run-options.ts';
import { printVerdicts } from './verdicts.ts';

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
      (text: string, all: Array<[string, Threshold]> = []) => [...all, thresholdOption(text)],
    )
    .option('--fail-on <text...>', "exit 1 when 'METRIC worse than 2%' is sure")
    .option('--strict', 'with --fail-on: exit 1 unless it is sure that it is not worse')
    .addOption(new Option('-o, --output <format>', 'output format').choices(OUTPUTS).default('table'))
    .action(run);
}

async function run(folders: string[], options: Options): Promise<void> {
  const gates = (options.failOn ?? []).map(parseGate);
  for (const name of [...(options.metric ?? []), ...(options.primary ?? [])]) knownMetric(name);
  const { base, metric: metrics, primary, threshold, strict = false, output } = options;
  await printVerdicts(folders, { base, metrics, primary, thresholds: new Map(threshold), gates, strict, output });
}

function thresholdOption(text: string): [string, Threshold] {
  try {
    return parseThreshold(text);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}
