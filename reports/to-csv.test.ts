import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Column, csvField, csvHeader, csvLines, csvNumber } from './to-csv.ts';

describe('fields after RFC 4180', () => {
  test.each([
    ['plain', 'plain'],
    ['', ''],
    [undefined, ''],
    ['with, comma', '"with, comma"'],
    ['with "quotes"', '"with ""quotes"""'],
    ['two\nlines', '"two\nlines"'],
    ['carriage\rreturn', '"carriage\rreturn"'],
    [0, '0'],
    [8152, '8152'],
    [0.1 + 0.2, '0.3'],
    [1 / 3, '0.333333'],
    [-1.5, '-1.5'],
  ])('%j', (value, text) => {
    expect(csvField(value)).toBe(text);
  });
});

const COLUMNS: ReadonlyArray<Column<{ text: string; number: number }>> = [
  { name: 'text', value: (row) => row.text },
  { name: 'amount_bytes', value: (row) => row.number },
];

test('lines end with CR LF, the header first', () => {
  expect(csvHeader(COLUMNS) + csvLines(COLUMNS, [{ text: 'a', number: 1 }])).toBe('text,amount_bytes\r\na,1\r\n');
});

test('whatever is written is read back', () => {
  const rows = fc.array(
    fc.record({ text: fc.string({ unit: 'binary' }), number: fc.double({ noNaN: true, min: -1e9, max: 1e9 }) }),
  );
  fc.assert(
    fc.property(rows, (records) => {
      const text = csvHeader(COLUMNS) + csvLines(COLUMNS, records);
      const read = parse(text, { columns: true, record_delimiter: '\r\n' }) as Array<Record<string, string>>;
      expect(read.map((row) => ({ text: row.text, number: Number(row.amount_bytes) }))).toEqual(
        records.map(({ text, number }) => ({ text, number: csvNumber(number) || 0 })),
      );
    }),
  );
});
