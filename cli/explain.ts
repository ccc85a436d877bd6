/** `berth explain`: why a pod of a run went where it went. The run is made again up to that attempt; nothing was stored. */
import path from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { stringify } from 'yaml';
import { InputError } from '../api/index.ts';
import {
  evaluationFor,
  explainCell,
  loadSource,
  type PlannedCell,
  type Reproduction,
  reproduction,
  shuffleFor,
} from '../bench/index.ts';
import { CsvStream } from '../bench/report/csv-stream.ts';
import { type Explanation, explainNode, explainTable, explanationCsv, explanationData } from '../reports/index.ts';
import { podTitle, type Workload } from '../workloads/index.ts';
import { whatRunnerUpNeeds } from './runner-up.ts';
import { VERSION } from './version.ts';

const OUTPUTS = ['table', 'json', 'yaml', 'csv'] as const;
const WIDTH_MAX = 120;
const NAMES_SHOWN = 5;

interface Options {
  readonly pod: string;
  readonly node?: string;
  readonly attempt?: number;
  readonly profile?: string;
  readonly workload?: string;
  readonly seed?: number;
  readonly all?: boolean;
  readonly output: (typeof OUTPUTS)[number];
}

export function explainCommand(): Command {
  return new Command('explain')
    .description('Why a pod of a run went where it went: every node with its scores, or who rejected it and why')
    .argument('<run>', 'folder that berth run has written')
    .requiredOption('--pod <name>', 'the pod, as placements.csv names it')
    .option('--node <name>', 'how this node fared, and what it would take for it to win')
    .option('--attempt <n>', 'which attempt on the pod (default: its last)', parseWhole)
    .option('--profile <name>', 'configuration (default: the first of the run)')
    .option('--workload <name>', 'workload (default: the first of the run)')
    .option('--seed <n>', 'seed (default: the first of the run)', parseWhole)
    .option('--all', 'all feasible nodes, not only the best five')
    .addOption(new Option('-o, --output <format>', 'output format').choices(OUTPUTS).default('table'))
    .action(run);
}

async function run(dir: string, options: Options): Promise<void> {
  const made = await reproduction(dir);
  if (made.manifest.berth !== VERSION) {
    process.stderr.write(`note: made by berth ${made.manifest.berth}, this is ${VERSION}\n`);
  }
  const cell = cellOf(made, options);
  const workload = made.workloads[cell.workload]!;
  const variant = made.variants[cell.variant]!;
  const row = rowOf(workload, options.pod);
  const key = { ...cell, workload: workload.name, profile: variant.name };
  const attempt = options.attempt ?? (await lastAttempt(dir, key, podTitle(workload, row)));
  const explained = explainCell(
    {
      ...(await loadSource(variant)),
      workload,
      profile: variant.name,
      engine: variant.engine,
      tieBreak: variant.tieBreak,
      shuffle: shuffleFor(variant, workload),
      evaluation: evaluationFor(variant.evaluation, workload),
      seed: cell.seed,
      tieSeed: cell.tieSeed,
    },
    row,
    attempt,
  );
  if (explained === undefined)
    throw new InputError(`--attempt ${attempt}: there is no such attempt on ${options.pod} in this run`);
  const { outcome, decidedBefore, priority, again, evaluationMs, timeSeconds } = explained;
  const { record } = outcome.attempts[0]!;
  const { node } = options;
  const target = node ?? record?.feasible?.find((each) => each !== record.chosen);
  if (node !== undefined && !workload.nodes.some(({ metadata }) => metadata?.name === node)) {
    throw new InputError(`--node ${node}: the workload has no such node`);
  }
  const isFeasible = node !== undefined && node !== record?.chosen && record?.feasible?.includes(node);
  const explanation: Explanation = {
    outcome,
    priority,
    decidedBefore,
    tieBreak: variant.tieBreak,
    firstAttempt: attempt,
    runnerUpNeeds: node === undefined ? neededByRunnerUp(explained, target) : undefined,
  };
  const needs = isFeasible && again ? whatRunnerUpNeeds(again.scheduler, again.pod, node) : undefined;
  process.stderr.write(
    `${workload.name} · ${variant.name} · seed ${cell.seed} · at ${timeSeconds} s · evaluated in ${evaluationMs.toFixed(1)} ms\n`,
  );
  process.stdout.write(text(explanation, options, () => explainNode(record!, node!, needs, width())));
}

/** Of the node that came second, where the decision can be made again. */
function neededByRunnerUp(
  { again, outcome }: NonNullable<ReturnType<typeof explainCell>>,
  any: string | undefined,
): string | undefined {
  const { record, margin } = outcome.attempts[0]!;
  if (again === undefined || any === undefined || record?.totals === undefined || margin === undefined || margin === 0)
    return undefined;
  let best = -1;
  for (const [i, node] of record.feasible!.entries()) {
    if (node !== record.chosen && (best < 0 || record.totals[i]! > record.totals[best]!)) best = i;
  }
  return whatRunnerUpNeeds(again.scheduler, again.pod, record.feasible![best]!);
}

function text(explanation: Explanation, { output, all, node }: Options, nodeText: () => string): string {
  if (output === 'csv') return explanationCsv(explanation);
  if (output === 'json') return `${JSON.stringify(explanationData(explanation), null, 2)}\n`;
  if (output === 'yaml') return stringify(JSON.parse(JSON.stringify(explanationData(explanation))), { lineWidth: 0 });
  const table = explainTable(explanation, { width: width(), all: all === true });
  return node === undefined || explanation.outcome.attempts[0]!.record === undefined
    ? table
    : `${table}\n${nodeText()}`;
}

const width = (): number => Math.min(WIDTH_MAX, process.stdout.columns ?? WIDTH_MAX);

function cellOf({ workloads, variants, cells }: Reproduction, { profile, workload, seed }: Options): PlannedCell {
  const named = (
    what: string,
    name: string | undefined,
    list: ReadonlyArray<{ readonly name: string }>,
  ): number | undefined => {
    if (name === undefined) return undefined;
    const index = list.findIndex((each) => each.name === name);
    if (index >= 0) return index;
    throw new InputError(
      `--${what} ${name}: the run has no such ${what}; there are ${list.map((each) => each.name).join(', ')}`,
    );
  };
  const wanted = {
    workload: named('workload', workload, workloads),
    variant: named('profile', profile, variants),
    seed,
  };
  const found = cells.find(
    (cell) =>
      (wanted.workload ?? cell.workload) === cell.workload &&
      (wanted.variant ?? cell.variant) === cell.variant &&
      (seed ?? cell.seed) === cell.seed,
  );
  if (found === undefined) {
    const seeds = [...new Set(cells.map((cell) => cell.seed))];
    throw new InputError(
      `the run has no such cell; its seeds are ${seeds.slice(0, 20).join(', ')}${seeds.length > 20 ? ', …' : ''}`,
    );
  }
  return found;
}

function rowOf(workload: Workload, name: string): number {
  const titles = Array.from({ length: workload.pods.count }, (_, row) => podTitle(workload, row));
  const row = titles.indexOf(name.replace(/^default\//, ''));
  if (row >= 0) return row;
  const near = titles.filter((title) => title.includes(name)).slice(0, NAMES_SHOWN);
  const some = near.length > 0 ? near : titles.slice(0, NAMES_SHOWN);
  throw new InputError(`--pod ${name}: the workload has no such pod; some that it has: ${some.join(', ')}`);
}

/** As placements.csv counts them. */
async function lastAttempt(
  dir: string,
  { workload, profile, seed, tieSeed }: { workload: string; profile: string; seed: number; tieSeed?: number },
  pod: string,
): Promise<number> {
  let last = 0;
  await new CsvStream(path.join(dir, 'placements.csv')).each((row) => {
    if (row.text('pod') !== pod || row.text('profile') !== profile || row.text('workload') !== workload) return;
    if (row.text('seed') !== String(seed) || row.text('tie_seed') !== String(tieSeed ?? '')) return;
    last = Math.max(last, row.number('attempt') ?? 0);
  });
  if (last === 0) throw new InputError(`--pod ${pod}: it was never tried in this cell`);
  return last;
}

function parseWhole(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('a whole number is expected.');
  return Number(text);
}
