/** `berth run`: a workload under several configurations and seeds. */
import { statSync } from 'node:fs';
import path from 'node:path';
import { Command, Option } from 'commander';
import { InputError } from '../api/index.ts';
import { DEFAULT_CONFIG, defaultShuffle, type Evaluation, SHUFFLES, type Shuffle, STATIC } from '../bench/index.ts';
import { attemptTime } from '../cluster/simulation/index.ts';
import type { TieBreak } from '../scheduler/index.ts';
import {
  fromOpenb,
  fromTraceFolder,
  openbTable,
  TRACE_FAMILIES,
  type TraceFamily,
  type Workload,
  workloadFrom,
} from '../workloads/index.ts';
import { parseDuration } from './duration-option.ts';
import { runJob } from './run-job.ts';
import { addSharedOptions, readConfigs, type SharedOptions } from './run-options.ts';
import { knownFiles, reportLines } from './trace-import.ts';
import { addTraceReadOptions, importOptions, type TraceReadOptions, traceFiles } from './trace-options.ts';

const OPENB = 'openb';
const TIE_BREAKS: readonly TieBreak[] = ['heap', 'first', 'random'];

interface Options extends SharedOptions, TraceReadOptions {
  readonly trace: string;
  readonly data?: string;
  readonly list?: string;
  readonly nodeList?: string;
  readonly config: readonly string[];
  readonly shuffle?: Shuffle;
  readonly tieBreak: TieBreak;
  readonly static?: boolean;
  readonly timed?: boolean;
  readonly until?: number;
  readonly attemptTime?: string;
  readonly bindingTime?: number;
  readonly sampleEvery?: number;
  readonly resume?: string;
  readonly debug?: boolean;
}

const ATTEMPT_TIME = 'upstream';
const TIMED_OPTIONS = ['until', 'attemptTime', 'bindingTime', 'sampleEvery'] as const;

const collect = (value: string, earlier: readonly string[]): string[] => [...earlier, value];

export function runCommand(): Command {
  const command = new Command('run')
    .description('Run a workload under several scheduler configurations and seeds')
    .requiredOption(
      '--trace <trace>',
      'workload: openb, a folder that berth trace import wrote, or with --data a family of berth trace sources',
    )
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
    .option('--static', 'each pod is tried once as it comes, and none ends: ignores arrivals and lifetimes')
    .option(
      '--timed',
      'the contrary (default: timed where the workload has times); without times, pods come 1 s apart and stay',
    )
    .option(
      '--until <time>',
      'when to stop, in virtual time, such as 36h (default: when nothing can happen any more)',
      parseDuration,
    )
    .option(
      '--attempt-time <model>',
      `how long an attempt takes in virtual time: zero, upstream, or a duration such as 5ms (default: ${ATTEMPT_TIME})`,
    )
    .option(
      '--binding-time <duration>',
      'how long the call that binds takes in virtual time (default: 0)',
      parseDuration,
    )
    .option(
      '--sample-every <duration>',
      'virtual time between rows of timeseries.csv (default: a hundredth of the workload)',
      parseDuration,
    )
    .option('--resume <dir>', 'go on with the interrupted run in this folder; needs the command that started it');
  return addSharedOptions(addTraceReadOptions(command), [1]).action(async (_, self: Command) => {
    await start(self.optsWithGlobals<Options>());
  });
}

async function start(options: Options): Promise<void> {
  const { resume, out, tieBreak } = options;
  if (resume !== undefined && out !== undefined)
    throw new InputError('--resume writes to the folder it names; leave out --out');
  const configs = options.config.length > 0 ? readConfigs(options.config) : [DEFAULT_CONFIG];
  const workload = await workloadOf(options);
  await runJob({
    ...options,
    workload,
    configs,
    evaluation: evaluationOf(options, workload),
    shuffle: options.shuffle ?? defaultShuffle(workload),
    debug: options.debug === true,
    next:
      tieBreak === 'random'
        ? 'the same with --seeds 1..30 tells smaller differences apart'
        : 'the same with --tie-break random shows how much of it is the luck of ties',
  });
}

/** A workload without times has nothing to simulate, unless somebody wants it all the same. */
function evaluationOf(options: Options, { hasTimes }: Workload): Evaluation {
  const { until, attemptTime: model = ATTEMPT_TIME, bindingTime = 0, sampleEvery } = options;
  if (options.static && options.timed) throw new InputError('--static and --timed are contraries; leave out one');
  const isTimed = options.timed || (hasTimes && !options.static);
  if (!isTimed) {
    const [given] = TIMED_OPTIONS.filter((name) => options[name] !== undefined);
    if (given === undefined) return STATIC;
    const why = options.static
      ? ''
      : '; this workload has no times, and --timed would have its pods come a second apart';
    throw new InputError(`--${dashed(given)} means nothing to the static evaluation${why}`);
  }
  if (sampleEvery === 0) throw new InputError('--sample-every 0: a duration of more than 0, such as 1m, is expected');
  // Says now what is wrong with it.
  attemptTime(model);
  return { kind: 'timed', attemptTime: model, bindingMs: bindingTime, untilMs: until, sampleMs: sampleEvery };
}

const dashed = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

async function workloadOf(options: Options): Promise<Workload> {
  const { trace, data, list, nodeList } = options;
  const family = TRACE_FAMILIES.find(({ name }) => name === trace);
  if (family !== undefined && trace !== OPENB && data !== undefined) return originalTrace(family, data, options);
  if (trace !== OPENB) return ownTrace(options);
  return data === undefined ? shippedWorkload(options) : await fromOpenb({ dir: data, podList: list, nodeList });
}

async function originalTrace(family: TraceFamily, data: string, options: Options): Promise<Workload> {
  const given = (['list', 'nodeList'] as const).find((name) => options[name] !== undefined);
  if (given !== undefined) throw new InputError(`--${dashed(given)} belongs to --trace ${OPENB}; leave it out`);
  const files = await knownFiles(family, traceFiles([data]), [data]);
  const { workload, report } = await workloadFrom(family, files, importOptions(options));
  if (!options.quiet) for (const line of reportLines(report)) process.stderr.write(`${line}\n`);
  return workload;
}

function ownTrace(options: Options): Workload {
  const { trace } = options;
  const given = (['data', 'list', 'nodeList'] as const).find((name) => options[name] !== undefined);
  if (given !== undefined) throw new InputError(`--${dashed(given)} belongs to --trace ${OPENB}; leave it out`);
  const found = statSync(trace, { throwIfNoEntry: false });
  if (found?.isDirectory()) return fromTraceFolder(trace);
  // Whoever names the pods means the trace that they are in.
  if (found !== undefined && path.basename(trace) === 'pods.csv') return fromTraceFolder(path.dirname(trace));
  const problem = found === undefined ? 'no such folder' : 'this is a file';
  throw new InputError(
    `--trace ${trace}: ${problem}; ${OPENB} is expected, or a folder with a trace in berth's own format (pools.json, nodes.csv, shapes.json, pods.csv)`,
  );
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
