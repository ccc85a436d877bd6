/**
 * The folder of a run while it is written. CSV files grow under temporary names, cell after cell in the order of the cells
 * (a cell that is done early waits for its turn), and get their names when the run ends, however it ends; `run.json` is
 * replaced as a whole. So what has its name is complete.
 */
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { InputError } from '../api/index.ts';
import {
  type Column,
  csvHeader,
  PLACEMENT_COLUMNS,
  PLUGIN_COLUMNS,
  SUMMARY_COLUMNS,
  TIMESERIES_COLUMNS,
} from '../reports/index.ts';
import type { Manifest } from './manifest.ts';

export const PARTIAL = '.partial';
export const MANIFEST_FILE = 'run.json';

/** The CSV files of a run, and the headers that they start with. */
export const CSV_FILES = {
  'summary.csv': header(SUMMARY_COLUMNS),
  'placements.csv': header(PLACEMENT_COLUMNS),
  'timeseries.csv': header(TIMESERIES_COLUMNS),
  'plugins.csv': header(PLUGIN_COLUMNS),
} as const;
export type CsvFile = keyof typeof CSV_FILES;
export const CSV_FILE_NAMES = Object.keys(CSV_FILES) as CsvFile[];

function header<T>(columns: ReadonlyArray<Column<T>>): string {
  return csvHeader(columns);
}

/** What a cell adds to each file: lines without header. */
export type CellChunks = Readonly<Record<CsvFile, string>>;

/** Makes a new folder. Throws InputError when that cannot be done or there is something in it. */
export function makeRunFolder(dir: string): void {
  try {
    mkdirSync(dir, { recursive: true });
    if (readdirSync(dir).length > 0) {
      throw new InputError(`${dir} is not empty; name a new folder, or go on with the run in it by --resume ${dir}`);
    }
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`cannot make the folder ${dir}: ${(error as Error).message}`);
  }
}

export class RunFolder {
  readonly dir: string;
  private readonly files: ReadonlyMap<CsvFile, number>;
  private readonly waiting = new Map<number, CellChunks>();
  private next = 0;

  /** Starts the CSV files. Throws InputError when the folder cannot be written to. */
  constructor(dir: string) {
    this.dir = dir;
    try {
      this.files = new Map(CSV_FILE_NAMES.map((file) => [file, openSync(this.path(file) + PARTIAL, 'w')]));
      for (const [file, descriptor] of this.files) writeSync(descriptor, CSV_FILES[file]);
    } catch (error) {
      throw new InputError(`cannot write to the folder ${dir}: ${(error as Error).message}`);
    }
  }

  /** Takes what cell `index` left; undefined when it left nothing. */
  add(index: number, chunks: CellChunks | undefined): void {
    this.waiting.set(index, chunks ?? EMPTY);
    for (;;) {
      const due = this.waiting.get(this.next);
      if (due === undefined) return;
      this.write(due);
      this.waiting.delete(this.next);
      this.next++;
    }
  }

  writeManifest(manifest: Manifest): void {
    const file = this.path(MANIFEST_FILE);
    writeFileSync(file + PARTIAL, `${JSON.stringify(manifest, null, 2)}\n`);
    renameSync(file + PARTIAL, file);
  }

  /** Writes what still waits for cells that never came, and gives the files their names. */
  close(): void {
    for (const [, chunks] of [...this.waiting].sort(([a], [b]) => a - b)) this.write(chunks);
    this.waiting.clear();
    for (const [file, descriptor] of this.files) {
      closeSync(descriptor);
      renameSync(this.path(file) + PARTIAL, this.path(file));
    }
  }

  private write(chunks: CellChunks): void {
    for (const [file, descriptor] of this.files) writeSync(descriptor, chunks[file]);
  }

  private path(file: string): string {
    return path.join(this.dir, file);
  }
}

const EMPTY: CellChunks = { 'summary.csv': '', 'placements.csv': '', 'timeseries.csv': '', 'plugins.csv': '' };

/** `parent/name`, or `parent/name-2` and so on where that is taken. */
export function freeFolder(parent: string, name: string): string {
  for (let number = 1; ; number++) {
    const dir = path.join(parent, number === 1 ? name : `${name}-${number}`);
    if (!existsSync(dir)) return dir;
  }
}
