/** `berth paper`: published evaluations run again and compared with what was printed. */
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { InputError } from '../api/index.ts';
import {
  checkRandom,
  diffWithPublished,
  POLICY_NAMES,
  type PublishedTables,
  RANDOM_POLICY,
  type Row,
  readPublished,
  rowsOf,
  runEvaluation,
  type SeedTask,
  summarise,
  type TieName,
  writeTables,
} from '../bench/paper/fgd/index.ts';
import { alignRows } from '../reports/index.ts';
import { EXIT_FAILED } from './errors.ts';
import { parseSeeds, parseWorkers } from './run-options.ts';

interface Options {
  readonly data?: string;
  readonly lists?: string[];
  readonly seeds: readonly number[];
  readonly policies?: string[];
  readonly ties: TieName;
  readonly workers: number;
  readonly out?: string;
  readonly tieRules: boolean;
  readonly show: number;
}

const LOADS = [40, 60, 80, 90, 95, 100, 110, 120, 130];
/** The published spread of ten seeds is about 0.3 points. */
const RANDOM_TOLERANCE_POINTS = 0.4;
const TIE_NAMES: readonly TieName[] = ['rank', 'heap', 'random'];

export function paperCommand(): Command {
  return new Command('paper')
    .description('Run a published evaluation again and compare every value with the printed one')
    .addCommand(fgdCommand());
}

function fgdCommand(): Command {
  return new Command('fgd')
    .description('Weng et al., "Beware of Fragmentation", USENIX ATC 2023: six policies on shared GPUs')
    .option('--data <dir>', 'the published repository, or a folder with its lists and tables (default: BERTH_DATA)')
    .option('--lists <names>', 'pod lists, like default,gpuspec33 (default: all with a published result)', names)
    .option('--seeds <list>', 'seeds, like 42..51', parseSeeds, parseSeeds('42..51'))
    .option('--policies <names>', `policies, like FGD,BestFit (default: all of ${POLICY_NAMES.join(', ')})`, names)
    .addOption(new Option('--ties <rule>', 'how ties are broken').choices(TIE_NAMES).default('rank'))
    .option('--workers <n>', 'worker threads', parseWorkers, availableParallelism())
    .option('--out <dir>', 'folder for the three tables in the published format')
    .option('--no-tie-rules', "leave out the same runs with kube-scheduler's tie rules")
    .option('--show <k>', 'differences to print', Number, 10)
    .action(run);
}

/** Exit code 0: every value equal, 1: some differ. */
async function run(options: Options): Promise<void> {
  const dir = options.data ?? process.env.BERTH_DATA;
  if (dir === undefined) {
    throw new InputError(
      'which files? Name the folder with the openb lists and the published tables: --data DIR or BERTH_DATA',
    );
  }
  if (!existsSync(dir)) throw new InputError(`--data ${dir}: there is no such folder`);
  const published = await readPublished(dir);
  const lists = options.lists ?? published.lists;
  const policies = options.policies?.map(policyNamed) ?? POLICY_NAMES;
  const rows = await evaluate({ ...options, dir, lists, policies, ties: options.ties });
  process.stdout.write(`${allocationText(rows, lists, policies)}\n`);
  if (options.out !== undefined) {
    const files = writeTables(options.out, rows).map((file) => path.relative(process.cwd(), file));
    process.stdout.write(`wrote ${files.join(', ')}\n\n`);
  }
  if (options.tieRules && policies.some((name) => name !== RANDOM_POLICY)) {
    process.stdout.write(`${await tieRulesText({ ...options, dir, lists, policies }, rows)}\n`);
  }
  if (options.ties === 'rank') reportDifferences(rows, published, options.show);
}

interface Selection {
  readonly dir: string;
  readonly lists: readonly string[];
  readonly seeds: readonly number[];
  readonly policies: readonly string[];
  readonly ties: TieName;
  readonly workers: number;
}

async function evaluate({ dir, lists, seeds, policies, ties, workers }: Selection): Promise<Row[]> {
  const tasks = lists.flatMap((list) => seeds.map((seed): SeedTask => ({ dir, list, seed, policies, ties })));
  const started = performance.now();
  const cpu = process.cpuUsage();
  const showProgress = process.stderr.isTTY
    ? (done: number, total: number) => process.stderr.write(done < total ? `\r${done}/${total} seeds` : '\r\u001b[K')
    : undefined;
  const results = await runEvaluation(tasks, { workers, onDone: showProgress });
  const { user, system } = process.cpuUsage(cpu);
  const attempts = results.reduce((sum, result) => sum + result.attempts * policies.length, 0);
  const seconds = (performance.now() - started) / 1000;
  process.stdout.write(
    `${results.length * policies.length} runs, ${attempts} attempts to place a pod, ties by ${ties}: ` +
      `${seconds.toFixed(1)} s on ${workers} threads, ${((user + system) / 1e6).toFixed(1)} CPU s, ` +
      `${Math.round(process.memoryUsage.rss() / 2 ** 20)} MiB\n\n`,
  );
  return rowsOf(results);
}

function allocationText(rows: readonly Row[], lists: readonly string[], policies: readonly string[]): string {
  const list = lists.includes('default') ? 'default' : lists[0]!;
  const curve = policies.map((policy) => {
    const runs = rows.filter((row) => row.list === list && row.policy === policy);
    return [policy, ...LOADS.map((load) => withDeviation(runs, load))];
  });
  const perList = lists.map((name) => [
    name,
    ...policies.map((policy) =>
      withDeviation(
        rows.filter((row) => row.list === name && row.policy === policy),
        100,
      ),
    ),
  ]);
  return [
    `GPU allocation, % of all GPUs, by arrived load in %; list ${list}, mean ± standard deviation over seeds`,
    textTable(['policy', ...LOADS.map(String)], curve),
    'GPU allocation at 100 % of arrived load, every list',
    textTable(['list', ...policies], perList),
  ].join('\n\n');
}

function withDeviation(rows: readonly Row[], load: number): string {
  const { mean, deviation } = summarise(rows, 'allocation', load);
  return `${mean.toFixed(2)} ±${deviation.toFixed(2)}`;
}

/** The same policies as kube-scheduler would run them: most of what the paper measures is how ties are broken. */
async function tieRulesText(selection: Selection, ranked: readonly Row[]): Promise<string> {
  const list = selection.lists.includes('default') ? 'default' : selection.lists[0]!;
  const policies = selection.policies.filter((name) => name !== RANDOM_POLICY);
  const byRule = new Map<TieName, readonly Row[]>([[selection.ties, ranked]]);
  for (const ties of TIE_NAMES) {
    if (!byRule.has(ties)) byRule.set(ties, await evaluate({ ...selection, lists: [list], policies, ties }));
  }
  const rows = policies.map((policy) => [
    policy,
    ...TIE_NAMES.map((ties) =>
      withDeviation(
        byRule.get(ties)!.filter((row) => row.list === list && row.policy === policy),
        100,
      ),
    ),
  ]);
  return [
    `The same runs with other tie rules: allocation at 100 % of arrived load, list ${list}`,
    textTable(['policy', 'rank (as published)', 'heap (kube-scheduler 1.37)', 'random (until 1.34)'], rows),
    '',
  ].join('\n\n');
}

function reportDifferences(rows: readonly Row[], published: PublishedTables, show: number): void {
  const random = checkRandom(rows, published);
  if (random.length > 0) {
    const off = random.filter(({ ours, published: theirs }) => Math.abs(ours - theirs) > RANDOM_TOLERANCE_POINTS);
    const smallest = random.reduce((least, { p }) => Math.min(least, p), 1);
    process.stdout.write(
      `${RANDOM_POLICY} has no published random stream: means over seeds at 100 % load are within ` +
        `${RANDOM_TOLERANCE_POINTS} points of the published ones in ${random.length - off.length} of ${random.length} lists; ` +
        `Welch's t test per list, smallest p ${smallest.toPrecision(2)} ` +
        `(${Math.min(1, smallest * random.length).toPrecision(2)} after Bonferroni)\n`,
    );
  }
  const { compared, differences, unpublished } = diffWithPublished(rows, published);
  for (const { measure, list, policy, seed, loadPercent, published: theirs, ours } of differences.slice(0, show)) {
    process.stdout.write(
      `${measure}, ${list}, ${policy}, seed ${seed}, load ${loadPercent} %: ${theirs}, here ${ours}\n`,
    );
  }
  if (unpublished > 0) process.stdout.write(`${unpublished} rows have no published counterpart\n`);
  process.stdout.write(`${compared} values compared, ${differences.length} differ\n`);
  if (differences.length > 0) process.exitCode = EXIT_FAILED;
}

/** Names on the left, figures on the right. */
function textTable(head: readonly string[], rows: ReadonlyArray<readonly string[]>): string {
  return alignRows(
    [head, ...rows],
    head.map((_, column) => column === 0),
  ).join('\n');
}

const names = (text: string): string[] => text.split(',').map((name) => name.trim());

function policyNamed(text: string): string {
  const found = POLICY_NAMES.find(
    (name) => name === text || name.replace(/^\d+-/, '').toLowerCase() === text.toLowerCase(),
  );
  if (found === undefined) throw new InvalidArgumentError(`--policies: ${text} is none of ${POLICY_NAMES.join(', ')}`);
  return found;
}
