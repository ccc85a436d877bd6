/** `berth run`: a workload under several configurations and seeds. */
import { Command, Option } from 'commander';
import { InputError } from '../api/index.ts';
import { DEFAULT_CONFIG, defaultShuffle, SHUFFLES, type Shuffle } from '../bench/index.ts';
import type { TieBreak } from '../scheduler/index.ts';
import { fromOpenb, openbTable, type Workload } from '../workloads/index.ts';
import { runJob } from './run-job.ts';
import { addSharedOptions, readConfigs, type SharedOptions } from './run-options.ts';

const TRACES = ['openb'];
const TIE_BREAKS: readonly TieBreak[] = ['heap', 'first', 'random'];

interface Options extends SharedOptions {
  readonly trace: string;
  readonly data?: string;
  readonly list?: string;
  readonly nodeList?: string;
  readonly config: readonly string[];
  readonly shuffle?: Shuffle;
  readonly tieBreak: TieBreak;
  readonly resume?: string;
  readonly debug?: boolean;
}

const collect = (value: string, earlier: readonly string[]): string[] => [...earlier, value];

export function runCommand(): Command {
  const command = new Command('run')
    .description('Run a workload under several scheduler configurations and seeds')
    .addOption(new Option('--trace <name>', 'workload').choices(TRACES).makeOptionMandatory())
    .option('--data <dir>', "folder with the trace's original files (default: the tables that berth ships)")
    .option('--list <name>', 'openb: pod list of --data, openb_pod_list_<name>.csv (default: default)')
    .option('--node-list <name>', 'openb: node list of --data, openb_node_list_<name>.csv (default: all_node)')
    .option(
      '--config <file>',
      'KubeSchedulerConfiguration, as FILE or NAME=FILE; repeatable (default: what kube-scheduler does without one)',
      collect,
      [],
    )
    .addOption(new Option('--tie-break <rule>', 'which of the best nodes is taken').choices(TIE_BREAKS).default('heap'))
    .addOption(
      new Option(
        '--shuffle <what>',
        'what a seed draws the order of (default: nodes where the trace has arrival times, else both)',
      ).choices(SHUFFLES),
    )
    .option('--resume <dir>', 'go on with the interrupted run in this folder; needs the command that started it');
  return addSharedOptions(command, [1]).action(async (_, self: Command) => {
    await start(self.optsWithGlobals<Options>());
  });
}

async function start(options: Options): Promise<void> {
  const { data, resume, out, tieBreak } = options;
  if (resume !== undefined && out !== undefined)
    throw new InputError('--resume writes to the folder it names; leave out --out');
  const configs = options.config.length > 0 ? readConfigs(options.config) : [DEFAULT_CONFIG];
  const workload =
    data === undefined
      ? shippedWorkload(options)
      : await fromOpenb({ dir: data, podList: options.list, nodeList: options.nodeList });
  await runJob({
    ...options,
    workload,
    configs,
    shuffle: options.shuffle ?? defaultShuffle(workload),
    debug: options.debug === true,
    next:
      tieBreak === 'random'
        ? 'the same with --seeds 1..30 tells smaller differences apart'
        : 'the same with --tie-break random shows how much of it is the luck of ties',
  });
}

function shippedWorkload({ list, nodeList }: Options): Workload {
  if (list !== undefined && list !== 'default') {
    throw new InputError(
      `--list ${list}: berth ships the default list alone; name the folder of the original files with --data`,
    );
  }
  if (nodeList !== undefined && nodeList !== 'all_node') {
    throw new InputError(
      `--node-list ${nodeList}: berth ships all_node alone; name the folder of the original files with --data`,
    );
  }
  return openbTable();
}
