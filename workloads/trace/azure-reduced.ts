/**
 * The reduction of Azure's V1 trace: per line a second of the 300 s grid and the VMs that came since the line before, as letters of
 * flavors or as bins of lifetimes; `|` ends a batch of one tenant. Both files of a period have the same lines and items.
 */
import { InputError } from '../../api/index.ts';
import { ByteSource } from './byte-source.ts';
import { LineReader } from './fields.ts';
import type { ImportContext } from './model.ts';
import { ShapeCache } from './shapes.ts';

const GRID_SECONDS = 300;
const MIB_PER_GIB = 1024;
const BATCH_END = '|';

interface Line {
  readonly line: number;
  readonly seconds: number;
  /** Without the marks at the ends of batches. */
  readonly items: readonly string[];
  /** Of each item, counted over the file. */
  readonly batches: readonly number[];
}

interface Bin {
  readonly from: number;
  readonly to: number;
}

export async function readReduced({ of, sink, tally }: ImportContext): Promise<void> {
  const flavors = await readFlavors(one(of('flavor_map'), 'flav_map.txt'));
  const [intervalMap] = of('interval_map');
  const bins = intervalMap === undefined ? undefined : await readBins(intervalMap);
  const durations = of('durations');
  const shapes = new ShapeCache(sink);
  let number = 0;
  for (const file of of('flavors')) {
    const name = nameOf(file);
    // v1.dev.txt goes with v1.dev.c2100000.txt.
    const stem = name.replace(/\.txt.*$/, '');
    const match = durations.find((candidate) => nameOf(candidate).startsWith(`${stem}.c`));
    if (match !== undefined && bins === undefined)
      throw new InputError('azure-vm: durations without v1.interval_map.txt, which says how long each bin is');
    const lifetimes = match === undefined ? undefined : await readLines(match);
    tally.begin('flavors', name);
    const source = await eachLine(file, (line) => {
      const partner = lifetimes?.get(line.seconds);
      if (match !== undefined && partner?.items.length !== line.items.length) {
        throw new InputError(
          `${line.items.length} VMs where ${nameOf(match)} has ${partner?.items.length ?? 0} at second ${line.seconds}`,
          { file: name, line: line.line },
        );
      }
      for (const [i, letter] of line.items.entries()) {
        tally.row();
        const flavor = flavors.get(letter);
        try {
          if (flavor === undefined)
            throw new InputError(`${JSON.stringify(letter)} is not a letter of flav_map.txt`, {
              file: name,
              line: line.line,
              column: i + 1,
            });
          const lifetime =
            partner === undefined
              ? Number.POSITIVE_INFINITY
              : lifetimeOf(partner.items[i]!, bins!, i / line.items.length, nameOf(match!), partner.line, i);
          const arrival = line.seconds + (GRID_SECONDS * i) / line.items.length;
          const shape = shapes.of(flavor.cpuMilli, flavor.memoryMib);
          sink.pod(
            `${stem.replace(/[^a-z0-9]+/g, '-')}-${number++}`,
            shape,
            arrival,
            lifetime,
            `${stem.replace(/[^a-z0-9]+/g, '-')}-batch-${line.batches[i]}`,
            0,
          );
        } catch (error) {
          tally.refuse(error);
        }
      }
    });
    tally.end(source);
  }
}

/** `U3`: ended within bin 3, spread evenly over it by the place in the line; `C38`: was there still. */
function lifetimeOf(
  text: string,
  bins: readonly Bin[],
  place: number,
  file: string,
  line: number,
  item: number,
): number {
  const bin = bins[Number(text.slice(1))];
  if (!/^[UC]\d+$/.test(text) || bin === undefined)
    throw new InputError(`${JSON.stringify(text)} is not a bin such as U3 or C38`, { file, line, column: item + 1 });
  if (text.startsWith('C')) return Number.POSITIVE_INFINITY;
  return bin.from + (bin.to + GRID_SECONDS - bin.from) * place;
}

async function readLines(file: string): Promise<Map<number, Line>> {
  const lines = new Map<number, Line>();
  await eachLine(file, (line) => lines.set(line.seconds, line));
  return lines;
}

async function eachLine(file: string, onLine: (line: Line) => void): ReturnType<typeof read> {
  let batch = 0;
  return read(file, (text, line) => {
    const blank = text.indexOf(' ');
    const seconds = Number(text.slice(0, blank));
    if (!Number.isInteger(seconds) || blank < 1)
      throw new InputError('a second, a blank and items are expected', { file: nameOf(file), line });
    const items: string[] = [];
    const batches: number[] = [];
    for (const item of text.slice(blank + 1).split(',')) {
      if (item === BATCH_END) batch++;
      else if (item !== '') {
        items.push(item);
        batches.push(batch);
      }
    }
    batch++;
    onLine({ line, seconds, items, batches });
  });
}

async function readFlavors(file: string): Promise<Map<string, { cpuMilli: number; memoryMib: number }>> {
  const flavors = new Map<string, { cpuMilli: number; memoryMib: number }>();
  await read(file, (text, line) => {
    const match = /^(\d+),([\d.]+) ([a-z])$/.exec(text);
    if (match === null)
      throw new InputError(`${JSON.stringify(text)} is not cores,GiB and a letter`, { file: nameOf(file), line });
    flavors.set(match[3]!, {
      cpuMilli: Number(match[1]) * 1000,
      memoryMib: Math.round(Number(match[2]) * MIB_PER_GIB),
    });
  });
  return flavors;
}

/** The first and last second of the grid in each bin. */
async function readBins(file: string): Promise<Bin[]> {
  const bins: Bin[] = [];
  await read(file, (text, line) => {
    const [seconds, bin] = text.split(' ').map(Number);
    if (!(seconds! >= 0) || !(bin! >= 0))
      throw new InputError(`${JSON.stringify(text)} is not a second and a bin`, { file: nameOf(file), line });
    bins[bin!] = { from: bins[bin!]?.from ?? seconds!, to: seconds! };
  });
  return bins;
}

async function read(file: string, onLine: (text: string, line: number) => void) {
  const source = new ByteSource(file);
  let line = 0;
  const reader = new LineReader((bytes, from, end) => {
    line++;
    if (end > from) onLine(bytes.toString('latin1', from, end), line);
  });
  for await (const chunk of source) reader.push(chunk);
  reader.end();
  return source.source();
}

const nameOf = (file: string): string => file.split(/[\\/]/).at(-1)!;

function one(files: readonly string[], what: string): string {
  if (files.length === 1) return files[0]!;
  throw new InputError(`azure-vm: ${files.length === 0 ? 'no' : 'more than one'} ${what}; the reduced trace needs it`);
}
