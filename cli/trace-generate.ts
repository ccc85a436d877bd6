/** `berth trace generate` and `berth trace presets`: workloads made from a description, and descriptions to start from. */
import { Command, InvalidArgumentError } from 'commander';
import { InputError } from '../api/index.ts';
import { alignRows } from '../reports/text.ts';
import {
  durationSeconds,
  FolderSink,
  type Generator,
  generate,
  generatorOf,
  PRESETS,
  type Preset,
  presetOf,
  presetText,
} from '../workloads/index.ts';
import { parseSeed } from './seed-option.ts';

interface Options {
  readonly preset?: string;
  readonly out: string;
  readonly seed: number;
  readonly duration?: number;
}

export function generateCommand(): Command {
  return new Command('generate')
    .description('Make a trace from a description: arrivals, lifetimes, shapes, constraints and nodes')
    .argument('[file]', 'generator file; berth trace presets NAME prints one to start from')
    .option('--preset <name>', 'a preset of berth trace presets, instead of a file')
    .requiredOption('-o, --out <dir>', 'folder to write; must not be there, or be empty')
    .option('--seed <n>', 'what the draws depend on', parseSeed, 1)
    .option('--duration <time>', 'how long, such as 12h or 30d, instead of what the description says', parseLength)
    .action((file: string | undefined, options: Options) => {
      write(file, options);
    });
}

function write(file: string | undefined, { preset, out, seed, duration }: Options): void {
  if ((file === undefined) === (preset === undefined))
    throw new InputError('name a generator file, or a preset with --preset; one of the two');
  if (preset !== undefined) presetOf(preset);
  const { generator, files } = generatorOf((preset ?? file)!);
  const made: Generator = duration === undefined ? generator : { ...generator, durationSeconds: duration };
  const sink = new FolderSink(out, true);
  try {
    generate(made, seed, sink);
    const { nodes, pods } = sink;
    sink.finish({
      title: made.about === '' ? made.name : made.about,
      hasTimes: true,
      generator: { name: made.name, seed, durationSeconds: made.durationSeconds, files },
      nodes,
      pods,
    });
    process.stdout.write(
      `${out}: ${nodes.toLocaleString('en-US')} nodes, ${pods.toLocaleString('en-US')} pods, seed ${seed}\n`,
    );
    process.stdout.write(`next: berth trace stats ${out}      berth run --trace ${out}\n`);
  } catch (error) {
    sink.abandon();
    throw error;
  }
}

export function presetsCommand(): Command {
  return new Command('presets')
    .description('List generators with what was measured of the traces they stand for, or print one as a file')
    .argument('[name]', 'preset to print')
    .action((name: string | undefined) => {
      process.stdout.write(name === undefined ? PRESETS.map(summary).join('\n') : presetText(presetOf(name)));
    });
}

function summary({ source, targets, file }: Preset): string {
  const { per, perHour, idc, lag1, lifetime } = targets;
  const rows = [
    ['measured', source],
    ['arrivals', `${perHour} ${per}s an hour`],
    ['dispersion', idc.map(([seconds, value]) => `${value} in ${shownTime(seconds)}`).join(', ')],
    ...(lag1 === undefined ? [] : [['neighbours', `correlation ${lag1[1]} in ${shownTime(lag1[0])}`]]),
    ['lifetime', lifetime.map(([share, seconds]) => `p${share * 100} ${shownTime(seconds)}`).join(', ')],
  ];
  return `${file.name}: ${file.about}\n${alignRows(rows, [true, true])
    .map((line) => `  ${line}\n`)
    .join('')}`;
}

function shownTime(seconds: number): string {
  const [unit, name] = (
    [
      [86_400, 'd'],
      [3600, 'h'],
      [60, 'min'],
      [1, 's'],
    ] as const
  ).find(([size]) => seconds >= size) ?? [1, 's'];
  return `${Number((seconds / unit).toPrecision(3))} ${name}`;
}

function parseLength(text: string): number {
  const seconds = durationSeconds(text);
  if (seconds !== undefined && seconds > 0) return seconds;
  throw new InvalidArgumentError(`"${text}" is not a duration such as 12h or 30d.`);
}
