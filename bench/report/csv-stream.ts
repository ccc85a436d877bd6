/** Rows of a CSV file that berth has written, one at a time. */
import { createReadStream } from 'node:fs';
import { parse } from 'csv-parse';

export class CsvStream {
  private readonly file: string;
  private columns: ReadonlyMap<string, number> = new Map();
  private row: readonly string[] = [];

  constructor(file: string) {
    this.file = file;
  }

  /** The row that is handed out is good until the next one. */
  async each(take: (row: this) => void): Promise<void> {
    let isHeader = true;
    for await (const fields of createReadStream(this.file).pipe(parse()) as AsyncIterable<string[]>) {
      if (isHeader) {
        this.columns = new Map(fields.map((name, index) => [name, index]));
        isHeader = false;
        continue;
      }
      this.row = fields;
      take(this);
    }
  }

  /** '' where there is no such column. */
  text(column: string): string {
    return this.row[this.columns.get(column) ?? -1] ?? '';
  }

  /** Undefined for an empty field. */
  number(column: string): number | undefined {
    const text = this.text(column);
    return text === '' ? undefined : Number(text);
  }
}
