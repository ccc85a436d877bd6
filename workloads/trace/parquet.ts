/** Parquet tables row by row, one row group in memory at a time. hyparquet is loaded where there is such a file. */
import { InputError } from '../../api/index.ts';
import type { CsvRow } from '../csv-rows.ts';
import { ByteSource } from './byte-source.ts';
import type { Tally } from './refusals.ts';

export async function readParquet(
  file: string,
  columns: readonly string[],
  tally: Tally,
  onRow: (row: CsvRow) => void,
): Promise<void> {
  const name = file.split(/[\\/]/).at(-1)!;
  const { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } = await import('hyparquet');
  tally.begin('parquet', name);
  const buffer = await asyncBufferFromFile(file);
  let line = 0;
  try {
    const metadata = await parquetMetadataAsync(buffer);
    const names = metadata.schema.slice(1).map((element) => element.name);
    const missing = columns.filter((column) => !names.includes(column));
    if (missing.length > 0)
      throw new InputError(`the table lacks the columns ${missing.join(', ')}; it has ${names.join(', ')}`, {
        file: name,
      });
    for (const group of metadata.row_groups) {
      const rowEnd = line + Number(group.num_rows);
      const rows = await parquetReadObjects({ file: buffer, metadata, columns: [...columns], rowStart: line, rowEnd });
      for (const values of rows) {
        line++;
        tally.row();
        try {
          onRow(new ParquetRow(name, line, values));
        } catch (error) {
          tally.refuse(error);
        }
      }
    }
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`not a Parquet file that can be read: ${(error as Error).message}`, { file: name });
  }
  const source = new ByteSource(file);
  for await (const _ of source);
  tally.end(source.source());
}

/** Values of a row with the questions that CSV rows answer. */
class ParquetRow implements CsvRow {
  readonly line: number;
  private readonly file: string;
  private readonly values: Readonly<Record<string, unknown>>;

  constructor(file: string, line: number, values: Readonly<Record<string, unknown>>) {
    this.file = file;
    this.line = line;
    this.values = values;
  }

  has(column: string): boolean {
    return column in this.values;
  }

  text(column: string): string {
    const value = this.values[column];
    return value === null || value === undefined ? '' : value instanceof Date ? String(value.getTime()) : String(value);
  }

  whole(column: string, least: number, most: number): number {
    const value = this.number(column, least);
    if (Number.isInteger(value) && value <= most) return value;
    throw this.fail(column, `${value} is not a whole number between ${least} and ${most}`);
  }

  /** Timestamps in milliseconds. */
  number(column: string, least: number): number {
    const value = this.text(column);
    if (value !== '' && Number(value) >= least && Number.isFinite(Number(value))) return Number(value);
    throw this.fail(column, `${JSON.stringify(value)} is not a number of at least ${least}`);
  }

  fail(column: string, problem: string): InputError {
    return new InputError(problem, { file: this.file, line: this.line, column });
  }
}
