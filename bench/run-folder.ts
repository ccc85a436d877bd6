/**
 * The folder of a run while it is written. Every cell writes files of its own; they are put together under temporary names,
 * cell after cell in the order of the cells (one that is done early waits for its turn), which become the files' names when
 * the run ends, however it ends; `run.json` is replaced as a whole. So what has its name is complete.
 */
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { InputError } from '../api/index.ts';
import { partFile } from './cell-output.ts';
import { CSV_FILE_NAMES, CSV_FILES, type CsvFile } from './csv-files.ts';
import type { Manifest } from './manifest.ts';

export const PARTIAL = '.partial';
export const MANIFEST_FILE = 'run.json';
const PARTS = `cells${PARTIAL}`;
const COPY_BYTES = 1 << 20;

/** Where the cells of a run in this folder write. */
export const partsFolder = (dir: string): string => path.join(dir, PARTS);

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

export function writeManifest(dir: string, manifest: Manifest): void {
  const file = path.join(dir, MANIFEST_FILE);
  writeFileSync(file + PARTIAL, `${JSON.stringify(manifest, null, 2)}\n`);
  renameSync(file + PARTIAL, file);
}

export class RunFolder {
  readonly dir: string;
  private readonly files: ReadonlyMap<CsvFile, number>;
  private readonly buffer = Buffer.allocUnsafe(COPY_BYTES);
  /** Cells that are done before their turn, and whether they left rows. */
  private readonly waiting = new Map<number, boolean>();
  private next = 0;

  /** Starts the CSV files. Throws InputError when the folder cannot be written to. */
  constructor(dir: string) {
    this.dir = dir;
    try {
      mkdirSync(partsFolder(dir), { recursive: true });
      this.files = new Map(CSV_FILE_NAMES.map((file) => [file, openSync(this.path(file) + PARTIAL, 'w')]));
      for (const [file, descriptor] of this.files) writeSync(descriptor, CSV_FILES[file]);
    } catch (error) {
      throw new InputError(`cannot write to the folder ${dir}: ${(error as Error).message}`);
    }
  }

  /** Cell `index` is done, and has left rows in its files or nothing. */
  add(index: number, leftRows: boolean): void {
    this.waiting.set(index, leftRows);
    for (;;) {
      const due = this.waiting.get(this.next);
      if (due === undefined) return;
      if (due) this.append(this.next);
      this.waiting.delete(this.next);
      this.next++;
    }
  }

  /** Takes in what still waits for cells that never came, and gives the files their names. */
  close(): void {
    const left = [...this.waiting].filter(([, leftRows]) => leftRows).map(([index]) => index);
    for (const index of left.sort((a, b) => a - b)) this.append(index);
    this.waiting.clear();
    for (const [file, descriptor] of this.files) {
      closeSync(descriptor);
      renameSync(this.path(file) + PARTIAL, this.path(file));
    }
    rmSync(partsFolder(this.dir), { recursive: true, force: true });
  }

  private append(cell: number): void {
    for (const [file, descriptor] of this.files) {
      const part = partFile(partsFolder(this.dir), cell, file);
      const from = openSync(part, 'r');
      copyBytes(from, 0, Number.POSITIVE_INFINITY, descriptor, this.buffer);
      closeSync(from);
      rmSync(part);
    }
  }

  private path(file: string): string {
    return path.join(this.dir, file);
  }
}

/** Copies up to so many bytes to where the target stands; how many there were. */
export function copyBytes(from: number, start: number, bytes: number, to: number, buffer: Buffer): number {
  let copied = 0;
  while (copied < bytes) {
    const read = readSync(from, buffer, 0, Math.min(buffer.length, bytes - copied), start + copied);
    if (read === 0) break;
    for (let written = 0; written < read; ) written += writeSync(to, buffer, written, read - written);
    copied += read;
  }
  return copied;
}

/** `parent/name`, or `parent/name-2` and so on where that is taken. */
export function freeFolder(parent: string, name: string): string {
  for (let number = 1; ; number++) {
    const dir = path.join(parent, number === 1 ? name : `${name}-${number}`);
    if (!existsSync(dir)) return dir;
  }
}
