/** `berth diff`: where two runs part, which pods were turned, by which plugin, and which only followed. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { InputError } from '../api/index.ts';
import { type CellDiff, type Decision, diffCells, Replay, readDecisions } from '../bench/diff/index.ts';
import { type PlannedCell, type Reproduction, reproduction } from '../bench/index.ts';
import { alignRows, type Column, counted, csvHeader, csvLines } from '../reports/index.ts';

const OUTPUTS = ['table', 'csv', 'json'] as const;
const PODS_SHOWN = 10;
const PLUGINS_SHOWN = 8;

interface Options {
  readonly base?: string;
  readonly new?: string;
  readonly workload?: string;
  readonly seed?: number;
  readonly output: (typeof OUTPUTS)[number];
}

interface Side {
  readonly dir: string;
  readonly made: Reproduction;
  readonly cell: PlannedCell;
  readonly name: string;
}

export function diffCommand(): Command {
  return new Command('diff')
    .description(
      'Where two runs, or two configurations of one run, part: which pods were turned and which only followed',
    )
    .argument('<run>', 'folder that berth run has written')
    .argument('[other]', 'another one (default: the same)')
    .option('--base <name>', 'configuration of the first run (default: its first)')
    .option('--new <name>', 'configuration of the other run (default: its first that is not the base)')
    .option('--workload <name>', 'workload (default: the first)')
    .option('--seed <n>', 'seed (default: the first that both have)', (text) => {
      if (!/^\d+$/.test(text)) throw new InvalidArgumentError('a whole number is expected.');
      return Number(text);
    })
    .addOption(
      new Option('-o, --output <format>', 'output format; csv and json have every pod')
        .choices(OUTPUTS)
        .default('table'),
    )
    .action(run);
}

async function run(first: string, second: string | undefined, options: Options): Promise<void> {
  const [base, other] = await sides(first, second ?? first, options);
  const workload = base.made.workloads[base.cell.workload]!;
  const variants = [base.made.variants[base.cell.variant]!, other.made.variants[other.cell.variant]!];
  const [own, others] = [await decisionsOf(base), await decisionsOf(other)];
  const diff = diffCells(own, others, await Replay.of(workload, variants, base.cell));
  if (options.output === 'csv') process.stdout.write(csvHeader(COLUMNS) + csvLines(COLUMNS, diff.diverging));
  else if (options.output === 'json') process.stdout.write(`${JSON.stringify(diff, null, 2)}\n`);
  else process.stdout.write(text(diff, base, other));
}

const COLUMNS: ReadonlyArray<Column<CellDiff['diverging'][number]>> = [
  { name: 'time_seconds', value: (pod) => pod.timeSeconds },
  { name: 'pod', value: (pod) => pod.pod },
  { name: 'base_node', value: (pod) => pod.baseNode },
  { name: 'node', value: (pod) => pod.node },
  { name: 'kind', value: (pod) => pod.kind },
  { name: 'plugin', value: (pod) => (pod.kind === 'turned' ? pod.plugin || 'tie-break' : undefined) },
];

async function sides(first: string, second: string, options: Options): Promise<[Side, Side]> {
  const made = [await reproduction(first), first === second ? undefined : await reproduction(second)] as const;
  const [a, b] = [made[0], made[1] ?? made[0]];
  const workload = options.workload ?? a.workloads[0]!.name;
  const base = variantOf(a, options.base ?? a.variants[0]!.name, 'base');
  const wanted = options.new ?? b.variants.find(({ name }) => first !== second || name !== base)?.name;
  if (wanted === undefined) throw new InputError(`${first} has one configuration; name a second folder`);
  const other = variantOf(b, wanted, 'new');
  const seeds = seedsOf(a, workload, base).filter((seed) => seedsOf(b, workload, other).includes(seed));
  const seed = options.seed ?? seeds[0];
  if (seed === undefined || !seeds.includes(seed)) {
    throw new InputError(
      seeds.length === 0
        ? `the two have no cell of workload ${workload} and the same seed in common`
        : `--seed ${seed}: not in both; both have ${seeds.slice(0, 20).join(', ')}`,
    );
  }
  const side = (dir: string, of: Reproduction, name: string): Side => ({
    dir,
    made: of,
    name,
    cell: cellsOf(of, workload, name).find((cell) => cell.seed === seed)!,
  });
  return [side(first, a, base), side(second, b, other)];
}

function variantOf({ variants }: Reproduction, name: string, option: string): string {
  if (variants.some((variant) => variant.name === name)) return name;
  throw new InputError(
    `--${option} ${name}: there is no such configuration; there are ${variants.map((variant) => variant.name).join(', ')}`,
  );
}

const cellsOf = ({ workloads, variants, cells }: Reproduction, workload: string, variant: string): PlannedCell[] =>
  cells.filter((cell) => workloads[cell.workload]!.name === workload && variants[cell.variant]!.name === variant);

const seedsOf = (made: Reproduction, workload: string, variant: string): number[] => [
  ...new Set(cellsOf(made, workload, variant).map(({ seed }) => seed)),
];

const decisionsOf = ({ dir, made, cell, name }: Side): Promise<Decision[]> =>
  readDecisions(dir, { ...cell, workload: made.workloads[cell.workload]!.name, profile: name });

function text(diff: CellDiff, base: Side, other: Side): string {
  const { first, diverging, pods, decisions } = diff;
  const where = `${base.made.workloads[base.cell.workload]!.name} seed ${base.cell.seed}`;
  if (first === undefined) {
    return `${other.name} decided all ${counted(decisions, 'decision')} as ${base.name} did (${where})\n`;
  }
  const turned = diverging.filter(({ kind }) => kind === 'turned');
  const share = ((100 * diverging.length) / pods).toFixed(1);
  const lines = [
    `${other.name} against ${base.name}, ${where}`,
    '',
    `first: decision ${first.decision}, ${firstText(first)}`,
    `${counted(diverging.length, 'pod')} of ${pods.toLocaleString('en-US')} ended elsewhere (${share} %): ${turned.length.toLocaleString('en-US')} turned, ${(diverging.length - turned.length).toLocaleString('en-US')} only followed`,
  ];
  if (diff.turnedBack > 0)
    lines.push(`${counted(diff.turnedBack, 'pod')} would have been turned too, and came to the same node all the same`);
  if (diff.unlike > 0) {
    lines.push(
      `the base itself would not repeat ${counted(diff.unlike, 'decision')} on the cluster as the rows tell it: so much is uncertain about causes`,
    );
  }
  if (turned.length > 0) lines.push('', ...pluginLines(turned));
  lines.push('', ...podLines(diverging));
  return `${lines.join('\n')}\n`;
}

function firstText({ base, other }: NonNullable<CellDiff['first']>): string {
  const node = (decision: Decision): string => decision.node || 'nowhere';
  if (base === undefined || other === undefined) return 'one of them has no more decisions';
  if (base.pod !== other.pod) return `on ${base.pod} here and on ${other.pod} there, at ${base.timeSeconds} s`;
  return `${base.pod} at ${base.timeSeconds} s: ${node(base)} → ${node(other)}`;
}

function pluginLines(turned: CellDiff['diverging']): string[] {
  const counts = new Map<string, number>();
  for (const { plugin } of turned) counts.set(plugin || 'tie-break', (counts.get(plugin || 'tie-break') ?? 0) + 1);
  const ranked = [...counts].sort((a, b) => b[1] - a[1]).slice(0, PLUGINS_SHOWN);
  return alignRows(
    [
      ['turned by', 'pods', 'share'],
      ...ranked.map(([name, count]) => [name, String(count), `${((100 * count) / turned.length).toFixed(1)} %`]),
    ],
    [true, false, false],
  );
}

function podLines(diverging: CellDiff['diverging']): string[] {
  const shown = diverging.slice(0, PODS_SHOWN);
  const rows = shown.map(({ pod, timeSeconds, baseNode, node, kind, plugin }) => [
    pod,
    `${timeSeconds} s`,
    baseNode || '(none)',
    node || '(none)',
    kind === 'turned' ? `turned by ${plugin || 'the tie-break'}` : 'followed',
  ]);
  const lines = alignRows([['pod', 'at', 'base', 'new', 'why'], ...rows], [true, false, true, true, true]);
  if (shown.length < diverging.length)
    lines.push(`… ${(diverging.length - shown.length).toLocaleString('en-US')} more (-o csv)`);
  return lines;
}
