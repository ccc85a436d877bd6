/** `berth run`: workloads under several configurations and seeds, from a suite file or from options alone. */
import path from 'node:path';
import { Command, Option } from 'commander';
import { InputError } from '../api/index.ts';
import { knownMetric, parseGate, parseThreshold } from '../bench/compare/index.ts';
import {
  evaluationFor,
  expandSuite,
  loadWorkload,
  parseAssertion,
  parseSet,
  type RunRequest,
  readSuite,
  SHUFFLES,
  type Shuffle,
  type Suite,
  type SuiteAxis,
  type SuitePlan,
  type SuiteProfile,
  type SuiteSettings,
  type SuiteWorkload,
} from '../bench/index.ts';
import { RUNTIMES, type RuntimeName } from '../cluster/runtimes/index.ts';
import { attemptTime } from '../cluster/simulation/index.ts';
import type { TieBreak } from '../scheduler/index.ts';
import type { Workload } from '../workloads/index.ts';
import { parseDuration } from './duration-option.ts';
import { type Job, runJob } from './run-job.ts';
import { addSharedOptions, namedConfigs, parseRepeats, parseSeeds, type SharedOptions } from './run-options.ts';
import { parseSeed } from './seed-option.ts';
import { printVerdicts, type VerdictOptions } from './verdicts.ts';

const TIE_BREAKS: readonly TieBreak[] = ['heap', 'first', 'random'];

interface Options extends SharedOptions {
  readonly trace?: string;
  readonly data?: string;
  readonly list?: string;
  readonly nodeList?: string;
  readonly generate?: string;
  readonly generateSeed?: number;
  readonly nodes?: readonly string[];
  readonly pods?: readonly string[];
  readonly objects?: readonly string[];
  readonly config: readonly string[];
  readonly set: readonly string[];
  readonly tieSeeds?: readonly number[];
  readonly repeats?: number;
  readonly shuffle?: Shuffle;
  readonly tieBreak: TieBreak;
  readonly static?: boolean;
  readonly mode?: 'core' | 'cluster';
  readonly runtime?: RuntimeName;
  readonly timed?: boolean;
  readonly until?: number;
  readonly attemptTime?: string;
  readonly bindingTime?: number;
  readonly sampleEvery?: number;
  readonly assert: readonly string[];
  readonly report?: boolean;
  readonly resume?: string;
  readonly debug?: boolean;
}

const ATTEMPT_TIME = 'upstream';
const REPORT_FILE = 'report.html';

const collect = (value: string, earlier: readonly string[] = []): string[] => [...earlier, value];

const HELP = `
A suite is a YAML file with workloads, configurations and what varies ("berth init" writes one with comments, "berth schema"
prints its JSON Schema). Options that are given beside it count instead of what it says.

Examples:
  berth run suite.yaml
  berth run --nodes nodes.yaml --pods pods.yaml --config a.yaml --config b.yaml --seeds 1..20
  berth run --trace openb --set config.percentageOfNodesToScore=0,50,100 --set weight.NodeResourcesFit=1..5
`;

export function runCommand(): Command {
  const command = new Command('run')
    .description('Run workloads under several scheduler configurations and seeds')
    .argument('[suite]', 'suite file; without it, options say what to run')
    .option(
      '--trace <trace>',
      'workload: openb, a folder that berth trace import wrote, or with --data a family of berth trace sources',
    )
    .option('--data <dir>', "folder with the trace's original files (default: the tables that berth ships)")
    .option('--list <name>', 'openb: pod list of --data, openb_pod_list_<name>.csv (default: default)')
    .option('--node-list <name>', 'openb: node list of --data, openb_node_list_<name>.csv (default: all_node)')
    .option('--generate <source>', 'workload: a generator file, or a preset of berth trace presets')
    .option('--generate-seed <n>', 'what the draws of --generate depend on (default: 1)', parseSeed)
    .option(
      '--nodes <file>',
      'workload: nodes as kubectl writes them, with other objects if there; repeatable',
      collect,
    )
    .option('--pods <file>', 'pods: those without spec.nodeName are scheduled; repeatable', collect)
    .option('--objects <file>', 'whatever else scheduling reads; repeatable', collect)
    .option(
      '--config <file>',
      'KubeSchedulerConfiguration, as FILE or NAME=FILE, or default: what kube-scheduler does without one; repeatable',
      collect,
      [],
    )
    .option(
      '--set <path=values>',
      'what varies: config.PATH, weight.PLUGIN, a setting such as tieBreak, with A,B,C or FROM..TO; repeatable',
      collect,
      [],
    )
    .option('--tie-seeds <list>', 'seeds that draw ties alone, with each seed', parseSeeds)
    .option('--repeats <n>', 'each cell so many times, for timings', parseRepeats)
    .addOption(new Option('--tie-break <rule>', 'which of the best nodes is taken').choices(TIE_BREAKS).default('heap'))
    .addOption(
      new Option(
        '--shuffle <what>',
        'what a seed draws the order of (default: nodes where the trace has arrival times, else both)',
      ).choices(SHUFFLES),
    )
    .addOption(
      new Option(
        '--mode <mode>',
        'core: the scheduler alone; cluster: with API server, controllers, kubelets and container runtimes (default: core)',
      ).choices(['core', 'cluster']),
    )
    .addOption(
      new Option('--runtime <name>', 'of --mode cluster: model of the runtime (default: containerd)').choices(RUNTIMES),
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
    .option(
      '--assert <text>',
      "what must hold, such as 'placed_share >= 99%', else exit code 1; repeatable",
      collect,
      [],
    )
    .option('--report', `write ${REPORT_FILE} into the folder (default: for suites)`)
    .option('--no-report', 'write none')
    .option('--resume <dir>', 'go on with the interrupted run in this folder; needs the command that started it')
    .addHelpText('after', HELP);
  return addSharedOptions(command, [1]).action(async (file: string | undefined, _, self: Command) => {
    await start(file, self.optsWithGlobals<Options>(), self);
  });
}

async function start(file: string | undefined, options: Options, command: Command): Promise<void> {
  const { resume, out } = options;
  if (resume !== undefined && out !== undefined)
    throw new InputError('--resume writes to the folder it names; leave out --out');
  const given = (name: keyof Options): boolean => command.getOptionValueSource(name) === 'cli';
  const suite = file === undefined ? suiteOf(options) : merged(readSuite(file), options, given);
  const assertions = [...suite.assertions, ...options.assert].map(parseAssertion);
  const verdicts = verdictOptions(suite, options);
  const plan = expandSuite(suite);
  for (const variant of plan.variants) attemptTime(variant.evaluation.attemptTime ?? ATTEMPT_TIME);
  const workloads = await loaded(plan, suite, options.quiet === true);
  if (file === undefined) {
    for (const { evaluation } of plan.variants) for (const each of workloads) evaluationFor(evaluation, each, flagOf);
  }
  const job: Job = {
    ...options,
    workers: given('workers') ? options.workers : (suite.workers ?? options.workers),
    name: suite.name === '' ? workloads[0]!.name : suite.name,
    workloads,
    variants: plan.variants,
    cells: plan.cells,
    request: requestOf(plan, suite),
    assertions,
    debug: options.debug === true,
    next: nextStep(plan, suite),
  };
  const dir = await runJob(job);
  // Its table is the answer; beside a data format of its own it would be noise.
  if (dir !== undefined && suite.isFile && plan.variants.length > 1 && options.output === 'table') {
    process.stdout.write('\n');
    await printVerdicts([dir], verdicts);
  }
  if (dir !== undefined && (options.report ?? suite.isFile)) {
    const { writeReport } = await import('./report.ts');
    const file = path.join(dir, REPORT_FILE);
    await writeReport([dir], file, {});
    process.stderr.write(`report in ${file}\n`);
  }
}

const flagOf = (setting: string): string => `--${setting.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** The same as a suite file would say it. */
function suiteOf(options: Options): Suite & { readonly isFile: boolean } {
  const { trace, generate, nodes, pods } = options;
  if (trace === undefined && generate === undefined && nodes === undefined) {
    throw new InputError(
      'what to run? Name a suite file, or --trace NAME, or --generate PRESET, or --nodes FILE with --pods FILE (berth run --help)',
    );
  }
  if (trace !== undefined && (nodes ?? pods) !== undefined) {
    throw new InputError('--trace has nodes and pods of its own; leave out --nodes and --pods');
  }
  if (generate !== undefined && (trace ?? nodes ?? pods) !== undefined) {
    throw new InputError('--generate makes nodes and pods; leave out --trace, --nodes and --pods');
  }
  if (generate === undefined && options.generateSeed !== undefined)
    throw new InputError('--generate-seed goes with --generate');
  if (trace === undefined && options.data !== undefined) throw new InputError('--data goes with --trace');
  return {
    name: '',
    isFile: false,
    baseDir: '.',
    workloads: [workloadOf(options)],
    profiles: options.config.length > 0 ? namedConfigs(options.config) : [{ name: 'default' }],
    axes: axesOf(options.set),
    combine: 'product',
    seeds: options.seeds,
    tieSeeds: options.tieSeeds,
    repeats: options.repeats ?? 1,
    settings: settingsOf(options, () => true),
    assertions: [],
    report: {},
    at: () => ({}),
  };
}

const workloadOf = (options: Options): SuiteWorkload => {
  const { trace, data, list, nodeList, generate, generateSeed, nodes, pods, objects } = options;
  if (generate !== undefined) return { generate, generateSeed };
  return trace === undefined ? { nodes, pods, objects } : { trace, data, list, nodeList };
};

/** What is given on the command line goes before what the file says. */
function merged(suite: Suite, options: Options, given: (name: keyof Options) => boolean): Suite & { isFile: boolean } {
  if ((options.trace ?? options.generate ?? options.nodes) !== undefined) {
    throw new InputError('the suite names its workloads; leave out --trace, --generate, --nodes and --pods');
  }
  const set = axesOf(options.set);
  return {
    ...suite,
    isFile: true,
    profiles: given('config') ? namedConfigs(options.config).map(fromHere) : suite.profiles,
    axes: [...suite.axes.filter(({ path }) => !set.some((axis) => axis.path === path)), ...set],
    seeds: given('seeds') ? options.seeds : suite.seeds,
    tieSeeds: options.tieSeeds ?? suite.tieSeeds,
    repeats: options.repeats ?? suite.repeats,
    settings: { ...suite.settings, ...settingsOf(options, given) },
  };
}

/** Files of the command line do not start from the suite's folder. */
const fromHere = (profile: SuiteProfile): SuiteProfile =>
  profile.file === undefined ? profile : { ...profile, file: path.resolve(profile.file) };

const axesOf = (set: readonly string[]): SuiteAxis[] => set.map(parseSet);

function settingsOf(options: Options, given: (name: keyof Options) => boolean): SuiteSettings {
  if (options.static && options.timed) throw new InputError('--static and --timed are contraries; leave out one');
  const { mode } = options;
  if (mode === 'cluster' && (options.static || options.timed)) {
    throw new InputError('--static and --timed say how the scheduler alone is run; leave them out with --mode cluster');
  }
  const ms = (name: 'until' | 'bindingTime' | 'sampleEvery') =>
    options[name] === undefined ? {} : { [name]: `${options[name]}ms` };
  return {
    ...(given('engine') ? { engine: options.engine } : {}),
    ...(given('tieBreak') ? { tieBreak: options.tieBreak } : {}),
    ...(options.shuffle === undefined ? {} : { shuffle: options.shuffle }),
    ...(options.static ? { evaluation: 'static' as const } : options.timed ? { evaluation: 'timed' as const } : {}),
    ...(mode === 'cluster' ? { evaluation: 'cluster' as const } : {}),
    ...(options.runtime === undefined ? {} : { runtime: options.runtime }),
    ...(options.attemptTime === undefined ? {} : { attemptTime: options.attemptTime }),
    ...ms('until'),
    ...ms('bindingTime'),
    ...ms('sampleEvery'),
  };
}

async function loaded(plan: SuitePlan, { baseDir }: Suite, quiet: boolean): Promise<Workload[]> {
  const workloads: Workload[] = [];
  for (const spec of plan.workloads) {
    const { workload, notes } = await loadWorkload(spec, baseDir);
    if (!quiet) for (const note of notes) process.stderr.write(`note: ${note}\n`);
    workloads.push(workload);
  }
  return workloads;
}

function verdictOptions({ report, at }: Suite, { output }: Options): VerdictOptions {
  const { base, primary, thresholds = [], failOn = [] } = report;
  const placed = <Result>(key: string, make: () => Result): Result => {
    try {
      return make();
    } catch (error) {
      throw error instanceof InputError ? new InputError(error.message, at(['report', key])) : error;
    }
  };
  placed('primary', () => primary?.forEach(knownMetric));
  return {
    base,
    primary,
    thresholds: placed('thresholds', () => new Map(thresholds.map(parseThreshold))),
    gates: placed('failOn', () => failOn.map(parseGate)),
    strict: false,
    output,
  };
}

const requestOf = ({ workloads, variants }: SuitePlan, { baseDir, report }: Suite): RunRequest => ({
  workloads,
  configs: variants.map(({ file }) => file ?? null),
  ...(Object.values(report).some((value) => value !== undefined) ? { report } : {}),
  baseDir,
});

function nextStep({ variants }: SuitePlan, { settings }: Suite): string {
  if (variants.length > 1) return 'berth compare RUN says which differences are sure';
  return settings.tieBreak === 'random'
    ? 'the same with --seeds 1..30 tells smaller differences apart'
    : 'the same with --tie-break random shows how much of it is the luck of ties';
}
