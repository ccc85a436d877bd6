/** The shapes of etcdctl's answers. Source: etcdctl 3.4.23, recorded. */
import type { KeyValue, RangeResult } from '../../cluster/store/index.ts';
import type { Format } from './target.ts';

export const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

export const header = (revision: number): { header: { revision: number } } => ({ header: { revision } });

export const jsonOfKv = (kv: KeyValue): Record<string, unknown> => ({
  key: base64(Buffer.from(kv.key)),
  create_revision: kv.createRevision,
  mod_revision: kv.modRevision,
  version: kv.version,
  ...(kv.value.isEmpty ? {} : { value: base64(kv.value.bytes) }),
  ...(kv.lease === 0 ? {} : { lease: kv.lease }),
});

export interface KvPrinting {
  readonly keysOnly?: boolean;
  readonly printValueOnly?: boolean;
  readonly countOnly?: boolean;
}

export function printRange(result: RangeResult, format: Format, printing: KvPrinting): void {
  if (format === 'json') {
    const { kvs, more, count, revision } = result;
    const rest = { ...(kvs.length === 0 ? {} : { kvs: kvs.map(jsonOfKv) }), ...(more ? { more } : {}), count };
    print(JSON.stringify({ ...header(revision), ...rest }));
  } else if (format === 'fields') {
    print(`"Revision" : ${result.revision}`);
    for (const kv of result.kvs) printFieldsOf(kv);
    print(`"More" : ${result.more}`);
    print(`"Count" : ${result.count}`);
  } else if (format === 'table') {
    printTable(
      ['KEY', 'CREATE REVISION', 'MOD REVISION', 'VERSION', 'LEASE', 'VALUE'],
      result.kvs.map((kv) =>
        [kv.key, kv.createRevision, kv.modRevision, kv.version, leaseText(kv.lease), kv.value.text].map(String),
      ),
    );
  } else if (!printing.countOnly) for (const kv of result.kvs) printKv(kv, printing);
}

export function printKv(kv: KeyValue, { keysOnly, printValueOnly }: KvPrinting = {}): void {
  if (!printValueOnly) print(kv.key);
  process.stdout.write(Buffer.concat([keysOnly ? Buffer.alloc(0) : kv.value.bytes, Buffer.from('\n')]));
}

function printFieldsOf(kv: KeyValue): void {
  print(`"Key" : ${JSON.stringify(kv.key)}`);
  print(`"CreateRevision" : ${kv.createRevision}`);
  print(`"ModRevision" : ${kv.modRevision}`);
  print(`"Version" : ${kv.version}`);
  print(`"Value" : ${JSON.stringify(kv.value.text)}`);
  print(`"Lease" : ${kv.lease}`);
}

export function printTable(heads: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = heads.map((head, column) => Math.max(head.length, ...rows.map((row) => row[column].length)));
  const line = `+${widths.map((width) => '-'.repeat(width + 2)).join('+')}+`;
  const rowText = (row: readonly string[]): string =>
    `|${row.map((cell, column) => ` ${cell.padStart(widths[column])} `).join('|')}|`;
  for (const text of [line, rowText(heads), line, ...rows.map(rowText), line]) print(text);
}

export const leaseText = (id: number): string => (id === 0 ? '0' : id.toString(16).padStart(16, '0'));

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** As etcdctl: powers of 1000, two digits. */
export function bytesText(bytes: number): string {
  let size = bytes;
  let unit = 0;
  for (; size >= 1000 && unit < UNITS.length - 1; unit++) size /= 1000;
  return `${unit === 0 || size >= 10 ? Math.round(size) : size.toFixed(1)} ${UNITS[unit]}`;
}
