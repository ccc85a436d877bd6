/**
 * Where a cell's rows go: straight to files of its own, so that a cell of millions of rows needs no memory for them. The
 * run's files are put together from these, cell by cell.
 */
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import { CSV_FILE_NAMES, type CsvFile } from './csv-files.ts';

export interface CellOutput {
  /** @param line One record, line end included. */
  write(file: CsvFile, line: string): void;
}

/** What a cell has left in each file. */
export interface FileSizes {
  readonly rows: Readonly<Record<CsvFile, number>>;
  readonly bytes: Readonly<Record<CsvFile, number>>;
}

export const partFile = (dir: string, cell: number, file: CsvFile): string => path.join(dir, `${cell}-${file}`);

const BUFFER_CHARS = 1 << 16;

interface Part {
  readonly descriptor: number;
  text: string;
  rows: number;
  bytes: number;
}

export class PartFiles implements CellOutput {
  private readonly dir: string;
  private readonly cell: number;
  private readonly parts: ReadonlyMap<CsvFile, Part>;

  constructor(dir: string, cell: number) {
    this.dir = dir;
    this.cell = cell;
    this.parts = new Map(
      CSV_FILE_NAMES.map((file) => [
        file,
        { descriptor: openSync(partFile(dir, cell, file), 'w'), text: '', rows: 0, bytes: 0 },
      ]),
    );
  }

  write(file: CsvFile, line: string): void {
    const part = this.parts.get(file)!;
    part.text += line;
    part.rows++;
    if (part.text.length >= BUFFER_CHARS) flush(part);
  }

  close(): FileSizes {
    for (const part of this.parts.values()) {
      flush(part);
      closeSync(part.descriptor);
    }
    const ofParts = (figure: 'rows' | 'bytes') =>
      Object.fromEntries([...this.parts].map(([file, part]) => [file, part[figure]])) as Record<CsvFile, number>;
    return { rows: ofParts('rows'), bytes: ofParts('bytes') };
  }

  /** For a cell that failed: leaves nothing. */
  discard(): void {
    for (const [file, { descriptor }] of this.parts) {
      closeSync(descriptor);
      rmSync(partFile(this.dir, this.cell, file));
    }
  }
}

function flush(part: Part): void {
  const bytes = Buffer.from(part.text);
  for (let from = 0; from < bytes.length; ) from += writeSync(part.descriptor, bytes, from);
  part.bytes += bytes.length;
  part.text = '';
}
