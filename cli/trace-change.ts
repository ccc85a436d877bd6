/** `berth trace sample`, `scale` and `convert`: a trace made into another, or into Kubernetes objects. */
import { existsSync, readdirSync } from 'node:fs';
import { Command, InvalidArgumentError, Option } from 'commander';
import { InputError } from '../api/index.ts';
import { FolderSink, KubernetesSink, type Scaling, ScalingSink } from '../workloads/index.ts';
import { parseDuration } from './duration-option.ts';
import { parseSeed } from './seed-option.ts';
import { addSourceOptions, openTrace, type SourceOptions } from './trace-source.ts';

interface ChangeOptions extends SourceOptions {
  readonly out: string;
  readonly seed: number;
}

interface ScaleOptions extends ChangeOptions {
  readonly compress?: number;
  readonly compressLifetimes?: number;
  readonly clone?: number;
  readonly jitter?: number;
  readonly keep?: number;
  readonly cloneNodes?: number;
  readonly keepNodes?: number;
}

const CLONES_MAX = 10_000;

export function sampleCommand(): Command {
  const command = new Command('sample').description(
    'Keep a share of the owners (pods without owner), their pods whole; all nodes stay',
  );
  return addChangeOptions(command)
    .requiredOption('--share <share>', 'share that stays, such as 0.1', parseShare)
    .action(async (names: string[], options: ChangeOptions & { share: number }) => {
      await change(names, options, { keep: options.share, seed: options.seed });
    });
}

export function scaleCommand(): Command {
  const command = new Command('scale').description('Make a trace denser, larger or smaller');
  return addChangeOptions(command)
    .option('--compress <factor>', 'arrivals come so many times as fast', parseFactor)
    .option('--compress-lifetimes <factor>', 'lifetimes are so many times as short', parseFactor)
    .option('--clone <copies>', 'so many copies of every pod, itself included', parseCopies)
    .option(
      '--jitter <duration>',
      'a copy comes up to so much earlier or later, before time is compressed (default: 0)',
      parseDuration,
    )
    .option('--keep <share>', 'share of the owners that stay', parseShare)
    .option('--clone-nodes <copies>', 'so many copies of every node, itself included', parseCopies)
    .option('--keep-nodes <share>', 'share of the nodes that stay', parseShare)
    .action(async (names: string[], options: ScaleOptions) => {
      const { seed, compress, compressLifetimes, clone, jitter, keep, cloneNodes, keepNodes } = options;
      const scaling: Scaling = {
        seed,
        compress,
        compressLifetimes,
        clone,
        jitterSeconds: jitter === undefined ? undefined : jitter / 1000,
        keep,
        cloneNodes,
        keepNodes,
      };
      const isSaid = Object.entries(scaling).some(
        ([name, value]) => name !== 'seed' && name !== 'jitterSeconds' && value !== undefined,
      );
      if (!isSaid) throw new InputError('nothing to change; say --compress, --clone, --keep or one for nodes');
      await change(names, options, scaling);
    });
}

export function convertCommand(): Command {
  const command = new Command('convert').description("Write a trace in berth's own CSV, or as Kubernetes YAML");
  return addSourceOptions(command)
    .addOption(
      new Option('--to <format>', 'csv, or yaml: nodes.yaml, pods.yaml, and events.yaml for berth simulate')
        .choices(['csv', 'yaml'])
        .makeOptionMandatory(),
    )
    .requiredOption('-o, --out <dir>', 'folder to write; must not be there, or be empty')
    .action(async (names: string[], options: SourceOptions & { to: 'csv' | 'yaml'; out: string }) => {
      if (options.to === 'csv') return change(names, { ...options, seed: 0 }, { seed: 0 });
      const source = await openTrace(names, options);
      if (existsSync(options.out) && readdirSync(options.out).length > 0) {
        throw new InputError(`${options.out} is there already; name a folder that is not, or is empty`);
      }
      const sink = new KubernetesSink();
      await source.read(sink);
      const written = sink.write(options.out);
      process.stdout.write(
        `${options.out}: ${Object.entries(written)
          .map(([file, count]) => `${file} ${count.toLocaleString('en-US')}`)
          .join(', ')}\n`,
      );
      process.stdout.write(
        `next: berth simulate --nodes ${options.out}/nodes.yaml --events ${options.out}/events.yaml\n`,
      );
    });
}

function addChangeOptions(command: Command): Command {
  return addSourceOptions(command)
    .requiredOption('-o, --out <dir>', 'folder to write; must not be there, or be empty')
    .option('--seed <n>', 'what the draws depend on', parseSeed, 1);
}

async function change(names: readonly string[], options: ChangeOptions, scaling: Scaling): Promise<void> {
  const source = await openTrace(names, options);
  const sink = new FolderSink(options.out, source.hasOwners);
  try {
    const about = await source.read(new ScalingSink(sink, scaling));
    const { nodes, pods } = sink;
    const { seed: _, ...said } = scaling;
    const isChanged = Object.values(said).some((value) => value !== undefined);
    sink.finish({ ...about, nodes, pods, ...(isChanged ? { scaled: scaling } : {}) });
    process.stdout.write(
      `${options.out}: ${nodes.toLocaleString('en-US')} nodes, ${pods.toLocaleString('en-US')} pods\n`,
    );
  } catch (error) {
    sink.abandon();
    throw error;
  }
}

function parseShare(text: string): number {
  const share = Number(text);
  if (share > 0 && share <= 1) return share;
  throw new InvalidArgumentError(`"${text}" is not a share above 0 and up to 1.`);
}

function parseFactor(text: string): number {
  const factor = Number(text);
  if (factor > 0 && Number.isFinite(factor)) return factor;
  throw new InvalidArgumentError(`"${text}" is not a number above 0.`);
}

function parseCopies(text: string): number {
  const copies = Number(text);
  if (Number.isInteger(copies) && copies >= 1 && copies <= CLONES_MAX) return copies;
  throw new InvalidArgumentError(`"${text}" is not a whole number between 1 and ${CLONES_MAX}.`);
}
