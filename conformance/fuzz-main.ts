/**
 * `npm run conformance:fuzz`: fresh random cases, decided by berth and by the oracle program. Exit code 0: no difference,
 * 1: some, 2: the oracle or an option cannot be used.
 */
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { InputError } from '../api/index.ts';
import { ENGINES, type EngineName } from './engines.ts';
import { FAMILIES, type FamilyCount, fuzz } from './fuzz/fuzz.ts';
import { Oracle } from './fuzz/oracle.ts';
import { tableText } from './report-text.ts';

interface Options {
  readonly oracle: string;
  readonly families: string[];
  readonly count: number;
  readonly seed: number;
  readonly scale: number;
  readonly out: string;
  readonly minutes?: number;
  readonly engine: EngineName;
  readonly configOnly?: boolean;
}

const wholeNumber = (text: string): number => {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('a whole number is expected.');
  return Number(text);
};

const positiveNumber = (text: string): number => {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('a number above 0 is expected.');
  return value;
};

function familyList(text: string): string[] {
  const names = text.split(',').filter((name) => name !== '');
  const wrong = names.find((name) => !FAMILIES.some((family) => family === name));
  if (wrong !== undefined) throw new InvalidArgumentError(`"${wrong}" is none of ${FAMILIES.join(', ')}.`);
  return names;
}

function engineName(text: string): EngineName {
  const found = ENGINES.find((name) => name === text);
  if (found === undefined) throw new InvalidArgumentError(`"${text}" is none of ${ENGINES.join(', ')}.`);
  return found;
}

async function main(options: Options): Promise<void> {
  const { families, configOnly, minutes, oracle, ...rest } = options;
  const counts = await fuzz({
    ...rest,
    oracle: new Oracle(oracle),
    families: configOnly ? ['config'] : families,
    deadlineMs: minutes === undefined ? undefined : performance.now() + minutes * 60_000,
    log: (line) => process.stdout.write(`${line}\n`),
    onProgress: everyTenSeconds((soFar) => process.stderr.write(`… ${resultLine(soFar)}\n`)),
  });
  process.stdout.write(`\n${tableOf(counts)}\n\n${resultLine(counts)}\n`);
  if (sumOf(counts, 'failed') > 0) process.exitCode = 1;
}

const sumOf = (counts: readonly FamilyCount[], field: 'passed' | 'failed'): number =>
  counts.reduce((total, count) => total + count[field], 0);

const resultLine = (counts: readonly FamilyCount[]): string =>
  `${sumOf(counts, 'passed')} passed, ${sumOf(counts, 'failed')} failed`;

function everyTenSeconds<T>(report: (value: T) => void): (value: T) => void {
  let next = performance.now() + 10_000;
  return (value) => {
    if (performance.now() < next) return;
    next = performance.now() + 10_000;
    report(value);
  };
}

function tableOf(counts: readonly FamilyCount[]): string {
  const header = ['family', 'cases', 'pods', 'attempts', 'passed', 'failed', 'refused by the oracle'];
  return tableText([
    header,
    ...counts.map(({ family, ...numbers }) => [family, ...Object.values(numbers).map(String)]),
  ]);
}

const command = new Command('conformance:fuzz')
  .exitOverride()
  .description('Compare berth with the oracle program on fresh random cases, and shrink what differs')
  .requiredOption('--oracle <binary>', 'the oracle program')
  .option('--families <list>', 'families, separated by commas', familyList, [...FAMILIES])
  .option('--config-only', 'only the family "config"')
  .option('--count <n>', 'cases per family', wholeNumber, 100)
  .option('--seed <s>', 'seed of the generators', wholeNumber, 1)
  .option('--scale <x>', 'size factor for nodes and pods', positiveNumber, 1)
  .option('--minutes <m>', 'start no new batch after so long', positiveNumber)
  .option('--engine <name>', 'engine to put to the test', engineName, ENGINES[0])
  .option('--out <dir>', 'folder for shrunk cases', 'fuzz-findings')
  .action(main);

try {
  await command.parseAsync();
} catch (error) {
  // Commander has printed its own complaint, or the help that was asked for.
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else if (error instanceof InputError) {
    process.stderr.write(`error: ${error.message}\n`);
    process.exitCode = 2;
  } else throw error;
}
