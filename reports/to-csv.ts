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
