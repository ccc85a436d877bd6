/** `berth schedule`: where would the pending pods go? A what-if on the objects of a cluster, and why, pod by pod. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Command, Option } from 'commander';
import { stringify } from 'yaml';
import { InputError } from '../api/index.ts';
import { expressionPlugins, inTreePlugins } from '../plugins/index.ts';
import {
  explainTable,
  explanationCsv,
  explanationData,
  mostTelling,
  scheduleCsv,
  scheduleData,
  scheduleTable,
} from '../reports/index.ts';
import { defaultConfig, type LoadedConfig, loadConfig } from '../scheduler/config/index.ts';
import type { EngineName, TieBreak } from '../scheduler/index.ts';
import { readClusterObjects } from '../workloads/index.ts';
import { DEFAULT_ENGINE, engineOption } from './engine-option.ts';
import { explainPod, scheduleAll, type WhatIfOptions } from './schedule-what-if.ts';
import { parseSeed } from './seed-option.ts';

const OUTPUTS = ['table', 'json', 'yaml', 'csv'] as const;
const TIE_BREAKS: readonly TieBreak[] = ['heap', 'first', 'random'];
const WIDTH_MAX = 120;

interface Options {
  readonly nodes?: readonly string[];
  readonly pods?: readonly string[];
  readonly objects?: readonly string[];
  readonly config?: string;
  readonly explain?: string;
  readonly all?: boolean;
  readonly output: (typeof OUTPUTS)[number];
  readonly engine: EngineName;
  readonly tieBreak: TieBreak;
  readonly seed: number;
  readonly quiet?: boolean;
}

const HELP = `
Files hold Kubernetes objects as kubectl writes them, JSON or YAML, in any mix: one file from
"kubectl get nodes,pods -A -o json" serves as --nodes and as --pods. "-" is standard input.
Pods without spec.nodeName are placed one after another, the most important first, then the oldest;
each finds the cluster as the earlier ones left it. Pods with status.phase Succeeded or Failed are left out.

Exit codes: 0 also when pods stay pending, for this is a what-if; 1 when a decision ended in an error (a plugin that
fails, say); 2 when the input cannot be used.

Examples:
  kubectl get nodes,pods -A -o json | berth schedule --nodes -
  berth schedule --nodes nodes.yaml --pods pods.yaml --explain default/web-1
`;

const collect = (value: string, earlier: readonly string[] = []): string[] => [...earlier, value];

export function scheduleCommand(): Command {
  return new Command('schedule')
    .description('Place the pending pods of a cluster as kube-scheduler would, and say why')
    .option('--nodes <file>', 'nodes of the cluster, with pods and other objects if there; repeatable', collect)
    .option('--pods <file>', 'pods, on nodes and pending; repeatable', collect)
    .option('--objects <file>', 'other objects: claims, volumes, services, priority classes, …; repeatable', collect)
    .option('--config <file>', 'KubeSchedulerConfiguration (default: what kube-scheduler does without one)')
    .option('--explain <pod>', 'explain the decision on one pod, by name or namespace/name')
    .option('--all', 'with --explain: all feasible nodes, not only the best five')
    .addOption(new Option('-o, --output <format>', 'output format').choices(OUTPUTS).default('table'))
    .addOption(engineOption())
    .addOption(new Option('--tie-break <rule>', 'which of the best nodes is taken').choices(TIE_BREAKS).default('heap'))
    .option('--seed <n>', 'seed of --tie-break random', parseSeed, 0)
    .option('-q, --quiet', 'no notes')
    .addHelpText('after', HELP)
    .action(run);
}

async function run(options: Options): Promise<void> {
  const files = [options.nodes, options.pods, options.objects].flatMap((named) => named ?? []);
  if (files.length === 0) throw new InputError('no input: name files with --nodes and --pods (berth schedule --help)');
  if (options.all && options.explain === undefined) throw new InputError('--all goes with --explain');
  const input = readClusterObjects(files);
  const { engine, tieBreak, seed } = options;
  const whatIf = { ...(await readConfig(options.config)), input, engine, tieBreak, seed };
  if (!options.quiet) for (const note of input.notes) process.stderr.write(`note: ${note}\n`);
  process.stdout.write(options.explain === undefined ? placements(whatIf, options) : explanation(whatIf, options));
}

async function readConfig(file: string | undefined): Promise<LoadedConfig> {
  if (file === undefined) return { config: defaultConfig(inTreePlugins), registry: inTreePlugins };
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    throw new InputError(`--config ${file}: the file cannot be read`);
  }
  return loadConfig({
    text,
    file,
    baseDir: path.dirname(path.resolve(file)),
    registry: inTreePlugins,
    named: expressionPlugins,
  });
}

function placements(whatIf: WhatIfOptions, options: Options): string {
  const result = scheduleAll(whatIf);
  if (result.placements.some(({ outcome }) => outcome === 'error')) process.exitCode = 1;
  if (options.output === 'csv') return scheduleCsv(result);
  if (options.output !== 'table') return encode(scheduleData(result), options.output);
  const telling = mostTelling(result.placements);
  const next = telling === undefined || options.quiet ? '' : `next: ${commandLine(options)} --explain ${telling.pod}\n`;
  return scheduleTable(result, terminalWidth()) + next;
}

function explanation(whatIf: WhatIfOptions, options: Options): string {
  const explained = explainPod(whatIf, options.explain!);
  if (options.output === 'csv') return explanationCsv(explained);
  if (options.output !== 'table') return encode(explanationData(explained), options.output);
  return explainTable(explained, { width: terminalWidth(), all: options.all === true });
}

const encode = (data: object, output: 'json' | 'yaml'): string =>
  output === 'json'
    ? `${JSON.stringify(data, null, 2)}\n`
    : stringify(JSON.parse(JSON.stringify(data)), { lineWidth: 0 });

const terminalWidth = (): number => Math.min(WIDTH_MAX, process.stdout.columns ?? WIDTH_MAX);

/** The command that the user gave, as far as it matters for the next one. */
function commandLine({ nodes = [], pods = [], objects = [], config, engine, tieBreak, seed }: Options): string {
  const flags = [
    ...nodes.map((file) => ['--nodes', file]),
    ...pods.map((file) => ['--pods', file]),
    ...objects.map((file) => ['--objects', file]),
    ...(config === undefined ? [] : [['--config', config]]),
    ...(engine === DEFAULT_ENGINE ? [] : [['--engine', engine]]),
    ...(tieBreak === 'heap' ? [] : [['--tie-break', tieBreak]]),
    ...(seed === 0 ? [] : [['--seed', String(seed)]]),
  ];
  const quoted = (word: string): string => (/^[\w./:=@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);
  return ['berth', 'schedule', ...flags.flat().map(quoted)].join(' ');
}
