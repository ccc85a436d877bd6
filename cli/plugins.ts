/** `berth plugins`: the score plugins there are, and what each is worth on a workload. */
import { Command, Option } from 'commander';
import { InputError } from '../api/index.ts';
import {
  expandSuite,
  loadWorkload,
  PLUGIN_DESIGNS,
  type PluginDesign,
  parsePlugins,
  pluginProfiles,
  type SuiteWorkload,
} from '../bench/index.ts';
import { inTreePlugins } from '../plugins/index.ts';
import { alignRows } from '../reports/index.ts';
import { defaultConfig } from '../scheduler/config/index.ts';
import { runJob } from './run-job.ts';
import { addSharedOptions, type SharedOptions } from './run-options.ts';
import { printVerdicts } from './verdicts.ts';

interface Options extends SharedOptions {
  readonly plugins: string;
  readonly design: string;
  readonly trace?: string;
  readonly data?: string;
  readonly nodes?: readonly string[];
  readonly pods?: readonly string[];
  readonly objects?: readonly string[];
  readonly debug?: boolean;
}

const collect = (value: string, earlier: readonly string[] = []): string[] => [...earlier, value];

export function pluginsCommand(): Command {
  const command = new Command('plugins').description('The plugins there are, and what each is worth');
  command.command('list').description('in-tree plugins, their extension points and default weights').action(list);
  const compare = command
    .command('compare')
    .description('Score plugins alone, in pairs, together and with one left out, on a workload')
    .requiredOption('--plugins <list>', 'score plugins with weights, such as NodeResourcesFit,ImageLocality=2')
    .addOption(
      new Option('--design <list>', `which combinations: ${PLUGIN_DESIGNS.join(', ')}`).default(
        PLUGIN_DESIGNS.join(','),
      ),
    )
    .option('--trace <trace>', "workload: openb, or a folder with a trace in berth's own format")
    .option('--data <dir>', "folder with the trace's original files (default: the tables that berth ships)")
    .option('--nodes <file>', 'workload: nodes as kubectl writes them; repeatable', collect)
    .option('--pods <file>', 'pods; repeatable', collect)
    .option('--objects <file>', 'whatever else scheduling reads; repeatable', collect);
  addSharedOptions(compare, [1, 2, 3]).action(async (_, self: Command) => {
    await compareThem(self.optsWithGlobals<Options>());
  });
  return command;
}

function list(): void {
  const { plugins } = defaultConfig(inTreePlugins).profiles[0]!;
  const weights = new Map(plugins.score?.map(({ name, weight }) => [name, String(weight ?? '')]));
  const rows = [...inTreePlugins.values()].map(({ name, points }) => [name, weights.get(name) ?? '', points.join(' ')]);
  process.stdout.write(
    `${alignRows([['plugin', 'weight', 'extension points'], ...rows], [true, false, true]).join('\n')}\n`,
  );
}

async function compareThem(options: Options): Promise<void> {
  const plugins = parsePlugins(options.plugins);
  for (const { name } of plugins) {
    const known = inTreePlugins.get(name);
    if (known !== undefined && !known.points.includes('score'))
      throw new InputError(`--plugins: ${name} does not score`);
  }
  const { trace, data, nodes, pods, objects } = options;
  if ((trace === undefined) === (nodes === undefined)) {
    throw new InputError('name a workload: --trace TRACE, or --nodes FILE with --pods FILE');
  }
  const workload: SuiteWorkload = trace === undefined ? { nodes, pods, objects } : { trace, data };
  const plan = expandSuite({
    name: 'plugins',
    baseDir: '.',
    workloads: [workload],
    profiles: pluginProfiles(plugins, options.design.split(',').map(designOf)),
    axes: [],
    combine: 'product',
    seeds: options.seeds,
    repeats: 1,
    settings: { engine: options.engine },
    assertions: [],
    report: {},
    at: () => ({}),
  });
  const loaded = await loadWorkload(plan.workloads[0]!, '.');
  if (!options.quiet) for (const note of loaded.notes) process.stderr.write(`note: ${note}\n`);
  const dir = await runJob({
    ...options,
    name: 'plugins',
    workloads: [loaded.workload],
    variants: plan.variants,
    cells: plan.cells,
    request: { workloads: plan.workloads, configs: plan.variants.map(() => null), baseDir: '.' },
    debug: options.debug === true,
    next: 'berth diff RUN tells which pods a plugin turns, berth report RUN draws it',
  });
  if (dir === undefined || plan.variants.length < 2 || options.output !== 'table') return;
  process.stdout.write('\n');
  await printVerdicts([dir], { thresholds: new Map(), gates: [], strict: false, output: 'table' });
}

function designOf(text: string): PluginDesign {
  const found = PLUGIN_DESIGNS.find((design) => design === text.trim());
  if (found !== undefined) return found;
  throw new InputError(`--design ${text}: there are ${PLUGIN_DESIGNS.join(', ')}`);
}
