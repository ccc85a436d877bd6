import { parse } from 'csv-parse/sync';
import type { CellSummary } from '../reports/index.ts';
import { runCell } from './cell.ts';
import type { CellInput } from './cell-input.ts';
import type { CellOutput } from './cell-output.ts';
import { CSV_FILES, type CsvFile } from './csv-files.ts';

/** A cell's files as texts, and their rows. */
export class MemoryOutput implements CellOutput {
  private readonly lines = new Map<CsvFile, string[]>();

  write(file: CsvFile, line: string): void {
    const lines = this.lines.get(file);
    if (lines === undefined) this.lines.set(file, [line]);
    else lines.push(line);
  }

  text(file: CsvFile): string {
    return CSV_FILES[file] + (this.lines.get(file) ?? []).join('');
  }

  rows(file: CsvFile): Array<Record<string, string>> {
    return parse(this.text(file), { columns: true }) as unknown as Array<Record<string, string>>;
  }
}

export function runToMemory(input: CellInput): { readonly summary: CellSummary; readonly output: MemoryOutput } {
  const output = new MemoryOutput();
  return { summary: runCell(input, output), output };
}
