/** A run folder read back, so that a run that was interrupted can go on where it stopped. Rows are copied, never held. */
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import path from 'node:path';

import { InputError } from '../api/index.ts';
import type { CellKey, CellSummary } from '../reports/index.ts';
import { type FileSizes, partFile } from './cell-output.ts';
import { CSV_FILE_NAMES, CSV_FILES, type CsvFile } from './csv-files.ts';
import { FORMAT_VERSION, type Manifest, type RunInputs } from './manifest.ts';
import { copyBytes, MANIFEST_FILE, PARTIAL, partsFolder } from './run-folder.ts';
import { summaryOf } from './summary-of.ts';

export interface FinishedCell {
  readonly summary: CellSummary;
  readonly sizes: FileSizes;
}

/** Where the rows of a cell are in one of the files. */
interface Place {
  readonly path: string;
  readonly start: number;
  readonly bytes: number;
}

type Places = Readonly<Record<CsvFile, Place>>;

const COPY_BYTES = 1 << 20;
const NEWLINE = 10;

export class PreviousRun {
  private readonly dir: string;
  private readonly manifest: Manifest;
  private readonly finished = new Map<string, FinishedCell & { readonly places: Places }>();

  /** Throws InputError when there is no run in the folder. */
  constructor(dir: string) {
    this.dir = dir;
    this.manifest = readManifest(dir);
    if (this.manifest.formatVersion === FORMAT_VERSION) this.collect();
  }

  cell(key: CellKey): FinishedCell | undefined {
    return this.finished.get(keyOf(key));
  }

  /** Gives a finished cell its own files back, as if it had just been run as number `index`. */
  unpack(key: CellKey, index: number): void {
    const { places } = this.finished.get(keyOf(key))!;
    const dir = partsFolder(this.dir);
    mkdirSync(dir, { recursive: true });
    const buffer = Buffer.allocUnsafe(COPY_BYTES);
    for (const file of CSV_FILE_NAMES) {
      const { path: source, start, bytes } = places[file];
      const target = partFile(dir, index, file);
      if (source === target) continue;
      const [from, to] = [openSync(source, 'r'), openSync(target, 'w')];
      copyBytes(from, start, bytes, to, buffer);
      closeSync(from);
      closeSync(to);
    }
  }

  /** Throws InputError when the run was made from something else. */
  check(version: string, inputs: RunInputs): void {
    const { formatVersion, berth, inputs: before } = this.manifest;
    if (formatVersion !== FORMAT_VERSION) {
      throw new InputError(
        `${this.dir}: format ${formatVersion} of run folders, and this is ${FORMAT_VERSION}; start a new run`,
      );
    }
    if (berth !== version) {
      throw new InputError(`${this.dir}: made by berth ${berth}, this is ${version}; start a new run`);
    }
    const now = JSON.parse(JSON.stringify(inputs)) as RunInputs;
    const different = (Object.keys(now) as Array<keyof RunInputs>).filter(
      (key) => JSON.stringify(now[key]) !== JSON.stringify(before[key]),
    );
    if (different.length > 0) {
      throw new InputError(
        `${this.dir}: that run has other ${different.map((key) => INPUT_NAMES[key]).join(', ')}; --resume needs the command that started it (its ${MANIFEST_FILE} tells)`,
      );
    }
  }

  /**
   * Cells stand in the files in the order of the manifest, but for those that waited for their turn and still have files of
   * their own. Whatever was cut off is not taken over.
   */
  private collect(): void {
    const whole = new Map(CSV_FILE_NAMES.map((file) => [file, this.wholeFile(file)]));
    this.manifest.cells.forEach((cell, index) => {
      const { state, rows, bytes } = cell;
      if (state !== 'finished' || rows === undefined || bytes === undefined) return;
      const places = Object.fromEntries(
        CSV_FILE_NAMES.map((file) => [
          file,
          this.partOf(index, file, bytes[file]) ?? nextIn(whole.get(file)!, bytes[file]),
        ]),
      ) as Places;
      if (CSV_FILE_NAMES.some((file) => !isWhole(places[file]))) return;
      const summary = summaryOf(CSV_FILES['summary.csv'] + textAt(places['summary.csv']));
      if (summary !== undefined && keyOf(summary) === keyOf(cell)) {
        this.finished.set(keyOf(cell), { summary, sizes: { rows, bytes }, places });
      }
    });
  }

  private partOf(index: number, file: CsvFile, bytes: number): Place | undefined {
    const part = { path: partFile(partsFolder(this.dir), index, file), start: 0, bytes };
    return existsSync(part.path) && isWhole(part) ? part : undefined;
  }

  /** A killed run leaves its files under their temporary names. */
  private wholeFile(file: CsvFile): { path: string; at: number } {
    const name = path.join(this.dir, file);
    const found = [name + PARTIAL, name].find((candidate) => existsSync(candidate));
    return { path: found ?? name, at: Buffer.byteLength(CSV_FILES[file]) };
  }
}

const INPUT_NAMES: Readonly<Record<keyof RunInputs, string>> = {
  workloads: 'workloads',
  variants: 'configurations or settings',
  cells: 'seeds or cells',
};

const keyOf = ({ workload, profile, seed, tieSeed, repeat = 1 }: CellKey): string =>
  JSON.stringify([workload, profile, seed, tieSeed ?? null, repeat]);

function nextIn(whole: { readonly path: string; at: number }, bytes: number): Place {
  const place = { path: whole.path, start: whole.at, bytes };
  whole.at += bytes;
  return place;
}

/** All of it is there, and it ends where a line does. */
function isWhole({ path: file, start, bytes }: Place): boolean {
  if (!existsSync(file) || statSync(file).size < start + bytes) return false;
  return bytes === 0 || bytesAt(file, start + bytes - 1, 1)[0] === NEWLINE;
}

const textAt = ({ path: file, start, bytes }: Place): string => bytesAt(file, start, bytes).toString();

function bytesAt(file: string, start: number, count: number): Buffer {
  const bytes = Buffer.alloc(count);
  const descriptor = openSync(file, 'r');
  readSync(descriptor, bytes, 0, count, start);
  closeSync(descriptor);
  return bytes;
}

/** Throws InputError when there is none. */
export function readManifest(dir: string): Manifest {
  const file = path.join(dir, MANIFEST_FILE);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    throw new InputError(`there is no run in ${dir}: ${MANIFEST_FILE} is missing`);
  }
  try {
    const manifest = JSON.parse(text) as Manifest;
    if (!Array.isArray(manifest.cells)) throw new Error('it lists no cells');
    return manifest;
  } catch (error) {
    throw new InputError(`${file}: not the manifest of a run: ${(error as Error).message}`);
  }
}
