/** Options that `berth run` and `berth demo` share, and how their texts are read. */
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { InputError } from '../api/index.ts';
import { type SuiteProfile, seedsOf } from '../bench/index.ts';
import type { EngineName } from '../scheduler/index.ts';
import { engineOption } from './engine-option.ts';

const WORKERS_MAX = 1024;
const REPEATS_MAX = 1000;
const DEFAULT = 'default';

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

/** Throws commander's InvalidArgumentError. */
export function parseSeeds(text: string): number[] {
  try {
    return seedsOf(text);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

/** Throws commander's InvalidArgumentError. */
export function parseRepeats(text: string): number {
  const repeats = Number(text);
  if (!/^\d+$/.test(text) || repeats < 1 || repeats > REPEATS_MAX) {
    throw new InvalidArgumentError(`a whole number between 1 and ${REPEATS_MAX} is expected.`);
  }
  return repeats;
}

export function parseWorkers(text: string): number {
  const workers = Number(text);
  if (!/^\d+$/.test(text) || workers < 1 || workers > WORKERS_MAX) {
    throw new InvalidArgumentError(`a whole number between 1 and ${WORKERS_MAX} is expected.`);
  }
  return workers;
}

/**
 * Files named by `--config`, as `FILE` (the name is that of the file, without its ending) or `NAME=FILE`; `default` is what
 * kube-scheduler does without one.
 */
export function namedConfigs(texts: readonly string[]): SuiteProfile[] {
  const profiles = texts.map(namedConfig);
  for (const [index, { name, file }] of profiles.entries()) {
    const earlier = profiles.findIndex((other) => other.name === name);
    if (earlier < index) {
      throw new InputError(
        `--config ${file}: ${profiles[earlier]!.file} has the name "${name}" already; write NAME=${file} to give it another`,
      );
    }
  }
  return profiles;
}

function namedConfig(text: string): SuiteProfile {
  if (text === DEFAULT && !existsSync(text)) return { name: DEFAULT };
  const named = /^([^=/\\]+)=(.+)$/s.exec(text);
  const file = named?.[2] ?? text;
  const name = named?.[1] ?? path.basename(file).replace(/\.(ya?ml|json)$/i, '');
  try {
    accessSync(file, constants.R_OK);
    if (!statSync(file).isDirectory()) return { name, file };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new InputError(`--config ${file}: ${code === 'ENOENT' ? 'no such file' : message}`);
  }
  throw new InputError(`--config ${file}: this is a folder, not a file`);
}
