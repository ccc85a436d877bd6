/** `berth simulate`: a cluster and timed events in virtual time, and everything the scheduler does about them. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { InputError, type PriorityClass, priorityTable } from '../api/index.ts';
import { httpTransport } from '../cluster/extender-http/index.ts';
import {
  ApiBinding,
  AttemptRecorder,
  attemptTime,
  type EventsFile,
  readEventsFile,
  Simulation,
} from '../cluster/simulation/index.ts';
import { expressionPlugins, inTreePlugins } from '../plugins/index.ts';
import { lifeCsv, lifeTable, type SimulationResult, simulationCsv, simulationTable } from '../reports/index.ts';
import { defaultConfig, type LoadedConfig, loadConfig } from '../scheduler/config/index.ts';
import type { FeatureGates } from '../scheduler/feature-gates.ts';
import { ENGINES, type EngineName, type TieBreak } from '../scheduler/index.ts';
import { type ClusterObjects, readClusterObjects } from '../workloads/index.ts';
import { parseDuration } from './duration-option.ts';
import { engineOption } from './engine-option.ts';
import { parseFeatureGates } from './feature-gates.ts';

const OUTPUTS = ['table', 'json', 'csv'] as const;
const TIE_BREAKS: readonly TieBreak[] = ['heap', 'first', 'random'];
const WIDTH_MAX = 120;

interface Options {
  readonly nodes: readonly string[];
  readonly events: string;
  readonly config?: string;
  readonly until?: number;
  readonly explain?: string;
  readonly showEvents?: boolean;
  readonly attemptTime: string;
  readonly bindingTime: number;
  readonly featureGates: Partial<FeatureGates>;
  readonly engine: EngineName;
  readonly tieBreak: TieBreak;
  readonly seed: number;
  readonly output: (typeof OUTPUTS)[number];
  readonly quiet?: boolean;
}

const HELP = `
--nodes takes Kubernetes objects as kubectl writes them: nodes, and whatever else is there from the beginning.
--events takes a list, YAML or JSON, in order of time; docs/simulate.md describes it:

  - {at: 0s, op: create, lifetime: 5m, object: {apiVersion: v1, kind: Pod, …}}
  - {at: 1m30s, op: patch, kind: Node, name: n1, patch: {spec: {unschedulable: true}}}
  - {at: 2m, op: delete, kind: Pod, name: web-1}

Exit codes: 0 also when pods stay pending; 2 when the input cannot be used.

Examples:
  berth simulate --nodes nodes.yaml --events events.yaml
  berth simulate --nodes nodes.yaml --events events.yaml --explain default/web-1
`;

const collect = (value: string, earlier: readonly string[] = []): string[] => [...earlier, value];

export function simulateCommand(): Command {
  return new Command('simulate')
    .description('Run a cluster in virtual time, and show every attempt of its scheduler')
    .requiredOption('--nodes <file>', 'nodes, and other objects that are there from the beginning; repeatable', collect)
    .requiredOption('--events <file>', 'what happens, and when')
    .option('--config <file>', 'KubeSchedulerConfiguration (default: what kube-scheduler does without one)')
    .option('--until <time>', 'when to stop, such as 10m (default: when nothing can happen any more)', parseDuration)
    .option('--explain <pod>', 'the life of one pod, by name or namespace/name')
    .option('--show-events', 'also list the events that the scheduler emits (json has them always)')
    .option(
      '--attempt-time <model>',
      'how long an attempt takes: zero, upstream, or a duration such as 5ms',
      'upstream',
    )
    .option('--binding-time <duration>', 'how long the call that binds takes', parseDuration, 0)
    .option(
      '--feature-gates <list>',
      'feature gates that differ from v1.37, such as GenericWorkload=true',
      parseFeatureGates,
      {},
    )
    .addOption(engineOption())
    .addOption(new Option('--tie-break <rule>', 'which of the best nodes is taken').choices(TIE_BREAKS).default('heap'))
    .option('--seed <n>', 'seed of --tie-break random', wholeNumber, 0)
    .addOption(new Option('-o, --output <format>', 'output format').choices(OUTPUTS).default('table'))
    .option('-q, --quiet', 'no notes')
    .addHelpText('after', HELP)
    .action(run);
}

async function run(options: Options): Promise<void> {
  const input = readClusterObjects(options.nodes);
  const events = readEvents(options.events, input);
  const loaded = await readConfig(options);
  const followed = options.explain === undefined ? undefined : fullName(options.explain);
  if (followed !== undefined) checkPod(followed, input, events);
  const notes = [...input.notes, ...groupNotes(options, input, events)];
  if (!options.quiet) for (const note of notes) process.stderr.write(`note: ${note}\n`);
  const result = simulate(options, loaded, input, events, followed);
  process.stdout.write(text(result, followed, options));
}

function simulate(
  options: Options,
  loaded: LoadedConfig,
  input: ClusterObjects,
  { events, lifetimesMs }: EventsFile,
  followed: string | undefined,
): SimulationResult {
  const recorder = new AttemptRecorder(followed);
  const simulation = new Simulation({
    ...loaded,
    featureGates: options.featureGates,
    engine: ENGINES[options.engine],
    tieBreak: options.tieBreak,
    seed: options.seed,
    attemptMs: attemptTime(options.attemptTime),
    bindingDelayMs: options.bindingTime,
    lifetimeMs: ({ metadata }) => lifetimesMs.get(metadata?.uid ?? ''),
    extenderTransport: (config) => new ApiBinding(httpTransport(config), () => simulation.api),
    observer: recorder.observer,
  });
  recorder.attach(simulation);
  simulation.load([...input.nodes, ...input.objects, ...input.bound, ...input.pending]);
  simulation.start(events);
  if (options.until === undefined) simulation.runToEnd(Number.POSITIVE_INFINITY);
  else simulation.run(options.until);
  if (!options.quiet) for (const error of recorder.errors) process.stderr.write(`note: ${error}\n`);
  return resultOf(simulation, recorder, input, events.length);
}

function resultOf(
  simulation: Simulation,
  recorder: AttemptRecorder,
  input: ClusterObjects,
  events: number,
): SimulationResult {
  const { attempts, kubeEvents, life, waitsMs, evictions } = recorder;
  const waits = [...waitsMs].sort((a, b) => a - b);
  const { queue } = simulation.scheduler;
  const untried = queue.pods().filter(({ attempts: n }) => n === 0).length;
  return {
    summary: {
      nodes: input.nodes.length,
      events,
      pods: new Set(attempts.map(({ pod }) => pod)).size + untried,
      bound: waits.length,
      pending: queue.pods().length,
      attempts: attempts.at(-1)?.number ?? 0,
      evictions,
      waitMsMedian: waits[Math.floor((waits.length - 1) / 2)],
      waitMsMax: waits.at(-1),
      endMs: simulation.nowMs,
    },
    attempts,
    kubeEvents,
    life: life.length > 0 ? life : undefined,
  };
}

function text(result: SimulationResult, followed: string | undefined, { output, showEvents }: Options): string {
  if (output === 'json') return `${JSON.stringify(result, null, 2)}\n`;
  if (output === 'csv') return followed === undefined ? simulationCsv(result) : lifeCsv(result);
  const width = Math.min(WIDTH_MAX, process.stdout.columns ?? WIDTH_MAX);
  return followed === undefined ? simulationTable(result, width, showEvents) : lifeTable(followed, result, width);
}

function readEvents(file: string, input: ClusterObjects): EventsFile {
  const classes = input.objects.filter(({ kind }) => kind === 'PriorityClass') as PriorityClass[];
  const initial = [
    ...input.nodes.map((node) => ({ ...node, kind: 'Node' })),
    ...[...input.bound, ...input.pending].map((pod) => ({ ...pod, kind: 'Pod' })),
    ...input.objects,
  ];
  return readEventsFile({ text: readText(file, '--events'), file, initial, priorities: priorityTable(classes) });
}

function readText(file: string, flag: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new InputError(`${flag} ${file}: the file cannot be read`);
  }
}

async function readConfig({ config: file, featureGates }: Options): Promise<LoadedConfig> {
  if (file === undefined) return { config: defaultConfig(inTreePlugins, featureGates), registry: inTreePlugins };
  const text = readText(file, '--config');
  const baseDir = path.dirname(path.resolve(file));
  return loadConfig({ text, file, baseDir, registry: inTreePlugins, named: expressionPlugins, featureGates });
}

/** Groups say what pods are to do together, and nobody listens unless told to. */
function groupNotes({ featureGates }: Options, { objects }: ClusterObjects, { events }: EventsFile): string[] {
  if (featureGates.GenericWorkload) return [];
  const created = events.flatMap((event) => (event.op === 'create' ? event.object : []));
  const count = [...objects, ...created].filter(({ kind }) => kind === 'PodGroup').length;
  if (count === 0) return [];
  const which = count === 1 ? '1 PodGroup counts' : `${count} PodGroups count`;
  return [`${which} for nothing: the gate is off (--feature-gates GenericWorkload=true)`];
}

const fullName = (pod: string): string => (pod.includes('/') ? pod : `default/${pod}`);

function checkPod(pod: string, { pending, bound }: ClusterObjects, { events }: EventsFile): void {
  const created = events.flatMap((event) => (event.op === 'create' && event.object.kind === 'Pod' ? event.object : []));
  const names = [...pending, ...bound, ...created].map(
    ({ metadata }) => `${metadata?.namespace || 'default'}/${metadata?.name}`,
  );
  if (names.includes(pod)) return;
  throw new InputError(`--explain ${pod}: there is no such pod, neither in --nodes nor in --events`);
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('a whole number is expected.');
  return Number(text);
}
