/** Options that `berth run` and `berth demo` share, and how their texts are read. */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { InputError } from '../api/index.ts';
import type { ConfigSource } from '../bench/index.ts';
import type { EngineName } from '../scheduler/index.ts';
import { engineOption } from './engine-option.ts';

const SEEDS_MAX = 100_000;
const SEED_MAX = 2 ** 32 - 1;
const WORKERS_MAX = 1024;

export const OUTPUTS = ['table', 'json', 'csv', 'markdown'] as const;
export type Output = (typeof OUTPUTS)[number];

export interface SharedOptions {
  readonly engine: EngineName;
  readonly seeds: readonly number[];
  readonly workers: number;
  readonly out?: string;
  readonly output: Output;
  readonly quiet?: boolean;
}

export function addSharedOptions(command: Command, seeds: readonly number[]): Command {
  return command
    .option('--seeds <list>', 'seeds, like 1..10 or 1,4,7', parseSeeds, seeds)
    .addOption(engineOption())
    .option('--workers <n>', 'worker threads', parseWorkers, availableParallelism())
    .option('--out <dir>', 'folder for the results (default: runs/<date>-<trace>)')
    .addOption(new Option('-o, --output <format>', 'format of the comparison').choices(OUTPUTS).default('table'))
    .option('-q, --quiet', 'no progress and no notes');
}

/** `1..10`, `7`, `1,4,7` and mixtures, in the order given. Throws commander's InvalidArgumentError. */
export function parseSeeds(text: string): number[] {
  const seeds: number[] = [];
  for (const part of text.split(',')) {
    const match = /^\s*(\d+)(?:\.\.(\d+))?\s*$/.exec(part);
    if (match === null) throw new InvalidArgumentError(`"${part}" is neither a seed like 7 nor a range like 1..10.`);
    const first = Number(match[1]);
    const last = Number(match[2] ?? first);
    if (last < first) throw new InvalidArgumentError(`"${part}" runs backwards; write ${last}..${first}.`);
    if (last > SEED_MAX) throw new InvalidArgumentError(`a seed is a whole number between 0 and ${SEED_MAX}.`);
    if (seeds.length + last - first >= SEEDS_MAX) throw new InvalidArgumentError(`more than ${SEEDS_MAX} seeds.`);
    for (let seed = first; seed <= last; seed++) seeds.push(seed);
  }
  const twice = seeds.find((seed, index) => seeds.indexOf(seed) !== index);
  if (twice !== undefined) throw new InvalidArgumentError(`seed ${twice} stands there twice.`);
  return seeds;
}

export function parseWorkers(text: string): number {
  const workers = Number(text);
  if (!/^\d+$/.test(text) || workers < 1 || workers > WORKERS_MAX) {
    throw new InvalidArgumentError(`a whole number between 1 and ${WORKERS_MAX} is expected.`);
  }
  return workers;
}

/** Files named by `--config`, as `FILE` (the name is that of the file, without its ending) or `NAME=FILE`. */
export function readConfigs(texts: readonly string[]): ConfigSource[] {
  const sources = texts.map(readConfig);
  for (const [index, { name, file }] of sources.entries()) {
    const earlier = sources.findIndex((other) => other.name === name);
    if (earlier < index) {
      throw new InputError(
        `--config ${file}: ${sources[earlier]!.file} has the name "${name}" already; write NAME=${file} to give it another`,
      );
    }
  }
  return sources;
}

function readConfig(text: string): ConfigSource {
  const named = /^([^=/\\]+)=(.+)$/s.exec(text);
  const file = named?.[2] ?? text;
  const name = named?.[1] ?? path.basename(file).replace(/\.(ya?ml|json)$/i, '');
  try {
    return { name, file, text: readFileSync(file, 'utf8'), baseDir: path.dirname(path.resolve(file)) };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const problem = code === 'ENOENT' ? 'no such file' : code === 'EISDIR' ? 'this is a folder, not a file' : message;
    throw new InputError(`--config ${file}: ${problem}`);
  }
}
