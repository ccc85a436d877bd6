/** CSV after RFC 4180: UTF-8, quotes where needed, lines end with CR LF, the same columns every time. */

export interface Column<T> {
  /** Name with its unit, for example `lifetime_seconds`. */
  readonly name: string;
  /** Undefined becomes an empty field. */
  value(record: T): string | number | undefined;
}

const DIGITS_MAX = 6;

/** A number as exact as a field holds it. */
export const csvNumber = (value: number): number =>
  Number.isInteger(value) ? value : Number(value.toFixed(DIGITS_MAX));

const NEEDS_QUOTES = /[",\r\n]/;

export function csvField(value: string | number | undefined): string {
  if (value === undefined) return '';
  if (typeof value === 'number') return String(csvNumber(value));
  return NEEDS_QUOTES.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

export const csvHeader = <T>(columns: ReadonlyArray<Column<T>>): string =>
  `${columns.map((column) => csvField(column.name)).join(',')}\r\n`;

export const csvLine = <T>(columns: ReadonlyArray<Column<T>>, record: T): string =>
  `${columns.map((column) => csvField(column.value(record))).join(',')}\r\n`;

export const csvLines = <T>(columns: ReadonlyArray<Column<T>>, records: readonly T[]): string =>
  records.map((record) => csvLine(columns, record)).join('');

/** The records of a CSV text as they stand, line end included; a quoted field may hold line ends. */
export function splitCsvRecords(text: string): string[] {
  const records: string[] = [];
  let start = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (char === 34) quoted = !quoted;
    else if (char === 10 && !quoted) {
      records.push(text.slice(start, i + 1));
      start = i + 1;
    }
  }
  if (start < text.length) records.push(text.slice(start));
  return records;
}
