/** A table that a user may have edited: through csv-parse, counted like every other. */
import { type CsvOptions, type CsvRow, readCsv } from '../csv-rows.ts';
import type { FileHead } from './model.ts';
import type { Tally } from './refusals.ts';

export async function readTable(
  file: string,
  table: string,
  columns: readonly string[],
  tally: Tally,
  onRow: (row: CsvRow) => void,
  options: CsvOptions = {},
): Promise<void> {
  tally.begin(table, file.split(/[\\/]/).at(-1)!);
  const source = await readCsv(file, columns, onRow, {
    ...options,
    onSeen: () => tally.row(),
    onBadRow: (error) => tally.refuse(error),
  });
  tally.end(source);
}

/** Whether the first line names all of these columns. */
export function hasColumns(head: FileHead, columns: readonly string[], delimiter = ','): boolean {
  const names = (head.lines[0] ?? '').split(delimiter).map((name) => name.trim().replace(/^"|"$/g, ''));
  return columns.every((column) => names.includes(column));
}

/** Undefined for an empty field. */
export function optionalNumber(row: CsvRow, column: string, least = 0): number | undefined {
  return row.text(column).trim() === '' ? undefined : row.number(column, least);
}
