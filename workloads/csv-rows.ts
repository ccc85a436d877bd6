/**
 * CSV files row by row, plain, gzip or Zstandard. Whatever is wrong is an InputError that names file, line and column and
 * says what would be right.
 */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CsvError, type Info, parse } from 'csv-parse';
import { InputError } from '../api/index.ts';
import { ByteSource } from './trace/byte-source.ts';
import { located } from './trace/refusals.ts';
import type { SourceFile } from './workload.ts';

/** One row with access by column name. */
export interface CsvRow {
  readonly line: number;
  has(column: string): boolean;
  /** '' when the field is empty. */
  text(column: string): string;
  /** Throws InputError unless the field is a whole number within the limits. */
  whole(column: string, least: number, most: number): number;
  /** Throws InputError unless the field is a number of at least `least`. */
  number(column: string, least: number): number;
  fail(column: string, problem: string): InputError;
}

export interface CsvOptions {
  /** @default ',' */
  readonly delimiter?: string;
  /** Takes the blanks around fields away. @default false */
  readonly trim?: boolean;
  /** Names of the columns of a file that has no header. */
  readonly columns?: readonly string[];
  /** Called for each row before it is read. */
  readonly onSeen?: () => void;
  /** Takes what a row threw, or throws it again. @default throws */
  readonly onBadRow?: (error: unknown) => void;
}

const rethrow = (error: unknown): never => {
  throw error;
};

/**
 * Calls `onRow` for every row below the header and returns what the file was. Columns may come in any order; those that
 * are not asked for are ignored.
 */
export async function readCsv(
  file: string,
  requiredColumns: readonly string[],
  onRow: (row: CsvRow) => void,
  { delimiter = ',', trim = false, columns: given, onSeen = () => {}, onBadRow = rethrow }: CsvOptions = {},
): Promise<SourceFile> {
  const source = new ByteSource(file);
  const { name } = source;
  let columns = given === undefined ? undefined : header(name, 1, given, requiredColumns);
  const parser = parse({ bom: true, info: true, relax_column_count: true, skip_empty_lines: true, delimiter, trim });
  // A row's own error is kept, since the pipeline may report that it stopped rather than why.
  let rowError: unknown;
  const rows = async (records: AsyncIterable<{ info: Info; record: string[] }>) => {
    for await (const { info, record } of records) {
      try {
        if (columns === undefined) {
          columns = header(name, info.lines, record, requiredColumns);
          continue;
        }
        onSeen();
        try {
          onRow(new Row(name, info.lines, columns, record));
        } catch (error) {
          onBadRow(located(error, name, info.lines));
        }
      } catch (error) {
        rowError = error;
        throw error;
      }
    }
  };
  try {
    await pipeline(Readable.from(kept(source)), parser, rows);
  } catch (error) {
    throw readable(rowError ?? error, name);
  }
  if (columns === undefined) {
    throw new InputError(`the file is empty; its first line should name the columns ${requiredColumns.join(', ')}`, {
      file: name,
    });
  }
  return source.source();
}

/** The parser holds chunks while it waits. */
async function* kept(source: ByteSource): AsyncGenerator<Buffer> {
  for await (const chunk of source) yield Buffer.from(chunk);
}

function header(
  file: string,
  line: number,
  names: readonly string[],
  required: readonly string[],
): ReadonlyMap<string, number> {
  const columns = new Map<string, number>();
  names.forEach((column, index) => {
    if (columns.has(column)) throw new InputError('the header names this column twice', { file, line, column });
    columns.set(column, index);
  });
  const missing = required.filter((column) => !columns.has(column));
  if (missing.length > 0) {
    const plural = missing.length > 1 ? 'columns' : 'column';
    throw new InputError(`the header lacks the ${plural} ${missing.join(', ')}; it has ${names.join(', ')}`, {
      file,
      line,
    });
  }
  return columns;
}

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

class Row implements CsvRow {
  readonly line: number;
  private readonly file: string;
  private readonly columns: ReadonlyMap<string, number>;
  private readonly fields: readonly string[];

  constructor(file: string, line: number, columns: ReadonlyMap<string, number>, fields: readonly string[]) {
    this.file = file;
    this.line = line;
    this.columns = columns;
    this.fields = fields;
    if (fields.length !== columns.size) {
      const problem = `${fields.length} fields where the header has ${columns.size}`;
      throw new InputError(`${problem}; write one value, possibly empty, per column`, { file, line });
    }
  }

  has(column: string): boolean {
    return this.columns.has(column);
  }

  text(column: string): string {
    return this.fields[this.columns.get(column)!]!;
  }

  whole(column: string, least: number, most: number): number {
    const text = this.text(column);
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= least && value <= most)) {
      const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `between ${least} and ${most}`;
      throw this.fail(column, `${JSON.stringify(text)} is not a whole number ${range}`);
    }
    return value;
  }

  number(column: string, least: number): number {
    const text = this.text(column);
    const value = DECIMAL.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value < Number.POSITIVE_INFINITY) return value;
    throw this.fail(column, `${JSON.stringify(text)} is not a number of at least ${least}`);
  }

  fail(column: string, problem: string): InputError {
    return new InputError(problem, { file: this.file, line: this.line, column });
  }
}

const CSV_PROBLEMS: Readonly<Record<string, string>> = {
  CSV_INVALID_CLOSING_QUOTE: 'a quoted field goes on after its closing quote; write a quote inside a field as ""',
  CSV_QUOTE_NOT_CLOSED: 'the file ends inside a quoted field; close the quote',
  INVALID_OPENING_QUOTE: 'a quote in the middle of a field; quote the whole field and write the quote as ""',
};

/** What csv-parse says, as one sentence for the user. */
function readable(error: unknown, file: string): unknown {
  if (error instanceof InputError) return error;
  if (error instanceof CsvError) {
    const line = typeof error.lines === 'number' ? error.lines : undefined;
    return new InputError(CSV_PROBLEMS[error.code] ?? error.message, { file, line });
  }
  return error;
}
