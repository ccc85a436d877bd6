/** Options of commands that have a container runtime: which one, what it costs, and what containers do in it. */
import { readFileSync } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { parse } from 'yaml';
import { InputError } from '../api/index.ts';
import { type BehaviourRule, RUNTIMES, type RuntimeName, readBehaviourRules } from '../cluster/runtimes/index.ts';

export interface RuntimeOptions {
  readonly runtime: RuntimeName;
  readonly runtimeSet: Readonly<Record<string, unknown>>;
  readonly behaviours?: string;
}

export const addRuntimeOptions = (command: Command): Command =>
  command
    .addOption(new Option('--runtime <name>', 'model of the container runtime').choices(RUNTIMES).default('containerd'))
    .option('--runtime-set <name=value>', 'a figure of the model, such as sandboxMs=50; may be repeated', collect, {})
    .option('--behaviours <file>', 'YAML list of {image, container, labels, behaviour}: what containers do');

function collect(text: string, before: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const [, name, value] = /^(\w+)=(.+)$/.exec(text) ?? [];
  if (name === undefined) throw new InvalidArgumentError('name=value is expected, such as sandboxMs=50.');
  return { ...before, [name]: parse(value!) as unknown };
}

/** Throws InputError. */
export function readText(file: string, flag: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new InputError(`${flag} ${file}: the file cannot be read`);
  }
}

/** Throws InputError. */
export const readBehaviourFile = (file: string): BehaviourRule[] =>
  readBehaviourRules(readText(file, '--behaviours'), file);
