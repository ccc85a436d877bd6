/**
 * Rows of delimited text straight from bytes: for tables of many millions of rows whose producers never quote. Whatever
 * a user may have edited goes through `csv-rows.ts` instead.
 *
 * Cost: one look at every byte of short fields and a search over long ones, no allocation per row; a string only for the fields that are asked for as text.
 */
import { InputError } from '../../api/index.ts';
import type { SourceFile } from '../workload.ts';
import { ByteSource } from './byte-source.ts';
import { located, type Tally } from './refusals.ts';

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const QUOTE = 34;
const MINUS = 45;
const DOT = 46;
const FIELDS_MAX = 4096;
/** From here on a search by the runtime beats a look at each byte. */
const SHORT_FIELD_BYTES = 12;
/** Quotients of whole numbers up to 2⁵³ and powers of ten up to this one are rounded once, like a decimal literal. */
const EXACT_POWER = 22;
const POWERS = Array.from({ length: EXACT_POWER + 1 }, (_, power) => Number(`1e${power}`));

export interface Layout {
  /** What the rows are called in counts and messages. */
  readonly table: string;
  /** Names of the columns, for messages; fields beyond them are ragged extras. */
  readonly columns: readonly string[];
  /** A byte, or `blank` for runs of blanks and tabs. */
  readonly separator: number | 'blank';
  /** Rows with fewer fields are refused. @default the number of columns */
  readonly fieldsMin?: number;
  /** Rows with more are refused, unless undefined. */
  readonly fieldsMax?: number;
  /** Lines that begin with this byte are comments. */
  readonly comment?: number;
  /** True: the first line names the columns; undefined: it may. */
  readonly header?: boolean;
}

export const COMMA = 44;
export const TAB = 9;
export const SEMICOLON = 59;

/** The fields of one row; reused for the next. */
export class Fields {
  line = 0;
  count = 0;
  private bytes: Buffer = Buffer.alloc(0);
  private readonly starts = new Int32Array(FIELDS_MAX);
  private readonly ends = new Int32Array(FIELDS_MAX);
  private readonly file: string;
  private readonly layout: Layout;
  private readonly separator: number;

  constructor(file: string, layout: Layout) {
    this.file = file;
    this.layout = layout;
    this.separator = layout.separator === 'blank' ? 0 : layout.separator;
  }

  /** Splits the line in `bytes[from, end)`. */
  split(bytes: Buffer, from: number, end: number): void {
    this.bytes = bytes;
    if (this.layout.separator === 'blank') this.splitBlank(from, end);
    else this.splitAt(from, end);
    const { columns, fieldsMin = columns.length, fieldsMax = Number.POSITIVE_INFINITY } = this.layout;
    if (this.count < fieldsMin || this.count > fieldsMax) {
      const wanted = fieldsMin === fieldsMax ? fieldsMin : `at least ${fieldsMin}`;
      throw this.fail(undefined, `${this.count} fields; ${wanted} are expected: ${columns.join(', ')}`);
    }
  }

  private splitAt(from: number, end: number): void {
    const { bytes, starts, ends, separator } = this;
    let count = 0;
    let start = from;
    for (;;) {
      const soon = Math.min(start + SHORT_FIELD_BYTES, end);
      let at = start;
      while (at < soon && bytes[at] !== separator) at++;
      if (at === soon && at < end) {
        at = bytes.indexOf(separator, at);
        if (at < 0 || at > end) at = end;
      }
      if (count === FIELDS_MAX) throw this.fail(undefined, `more than ${FIELDS_MAX} fields`);
      starts[count] = start;
      ends[count++] = at;
      if (at >= end) break;
      start = at + 1;
    }
    this.count = count;
  }

  private splitBlank(from: number, end: number): void {
    const { bytes, starts, ends } = this;
    let count = 0;
    let at = from;
    for (;;) {
      while (at < end && (bytes[at] === 32 || bytes[at] === TAB)) at++;
      if (at === end) break;
      if (count === FIELDS_MAX) throw this.fail(undefined, `more than ${FIELDS_MAX} fields`);
      starts[count] = at;
      while (at < end && bytes[at] !== 32 && bytes[at] !== TAB) at++;
      ends[count++] = at;
    }
    this.count = count;
  }

  isEmpty(field: number): boolean {
    return this.starts[field] === this.ends[field];
  }

  /** Without blanks around it. */
  text(field: number): string {
    const from = this.starts[field]!;
    const end = this.ends[field]!;
    if (this.bytes[from] === QUOTE)
      throw this.fail(field, 'quotes are not part of this format; write the field without');
    for (let at = from; at < end; at++) {
      if (this.bytes[at]! > 127) return this.bytes.toString('utf8', from, end).trim();
    }
    return this.bytes.toString('latin1', from, end).trim();
  }

  /**
   * 53 bits that tell the texts of a field apart without making strings of them: for ids that are hashes themselves. Of a
   * million texts two are the same with a chance of one in 18,000.
   */
  hash(field: number): number {
    const { bytes } = this;
    const end = this.ends[field]!;
    let a = 0x811c9dc5;
    let b = 0x9e3779b9;
    for (let at = this.starts[field]!; at < end; at++) {
      const byte = bytes[at]!;
      a = Math.imul(a ^ byte, 0x01000193);
      b = Math.imul(b ^ byte, 0x85ebca6b) ^ (b >>> 13);
    }
    return (a >>> 0) * 2 ** 21 + (b >>> 11);
  }

  /** Whether a field is this text (ASCII), without making a string of it. */
  is(field: number, text: string): boolean {
    const from = this.starts[field]!;
    if (this.ends[field]! - from !== text.length) return false;
    for (let i = 0; i < text.length; i++) if (this.bytes[from + i] !== text.charCodeAt(i)) return false;
    return true;
  }

  /** The first byte of a field, 0 for an empty one. */
  byte(field: number): number {
    const from = this.starts[field]!;
    return from === this.ends[field] ? 0 : this.bytes[from]!;
  }

  /** NaN for an empty field; throws for text that is no number. */
  number(field: number): number {
    const from = this.starts[field]!;
    const end = this.ends[field]!;
    if (from === end) return Number.NaN;
    const { bytes } = this;
    const isNegative = bytes[from] === MINUS;
    let whole = 0;
    let fraction = -1;
    let at = isNegative ? from + 1 : from;
    const first = at;
    for (; at < end; at++) {
      const digit = bytes[at]! - 48;
      if (digit >= 0 && digit <= 9) {
        whole = whole * 10 + digit;
        if (fraction >= 0) fraction++;
      } else if (bytes[at] === DOT && fraction < 0) fraction = 0;
      else break;
    }
    const isPlain = at === end && at > first && whole <= Number.MAX_SAFE_INTEGER && fraction <= EXACT_POWER;
    if (!isPlain) return this.slowNumber(field);
    const value = fraction > 0 ? whole / POWERS[fraction]! : whole;
    return isNegative ? -value : value;
  }

  private slowNumber(field: number): number {
    const text = this.text(field);
    if (text === '') return Number.NaN;
    if (/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text) && Number.isFinite(Number(text))) return Number(text);
    throw this.fail(field, `${JSON.stringify(text)} is not a number`);
  }

  /** Seconds, of which 0 and less mean before the trace. */
  seconds(field: number): number {
    return Math.max(0, this.amount(field, Number.NEGATIVE_INFINITY));
  }

  /** Throws for what is no number of at least `least`. */
  amount(field: number, least = 0): number {
    const value = this.number(field);
    if (value >= least) return value;
    const range = least === Number.NEGATIVE_INFINITY ? '' : ` of at least ${least}`;
    throw this.fail(field, `${JSON.stringify(this.text(field))} is not a number${range}`);
  }

  /** Throws for what is no whole number of at least `least`; float noise (`3.0`) is let through. */
  whole(field: number, least = 0, most = Number.MAX_SAFE_INTEGER): number {
    const value = this.number(field);
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `between ${least} and ${most}`;
    throw this.fail(field, `${JSON.stringify(this.text(field))} is not a whole number ${range}`);
  }

  fail(field: number | undefined, problem: string): InputError {
    const column = field === undefined ? undefined : (this.layout.columns[field] ?? field + 1);
    return new InputError(problem, { file: this.file, line: this.line, column });
  }
}

/** Calls `onRow` for every row; bad ones go to the tally, and so do the counts. */
export async function readFields(
  file: string,
  layout: Layout,
  tally: Tally,
  onRow: (row: Fields) => void,
  onComment: (text: string) => void = () => {},
): Promise<SourceFile> {
  const source = new ByteSource(file);
  const row = new Fields(source.name, layout);
  tally.begin(layout.table, source.name);
  const reader = new LineReader((bytes, from, end) => {
    row.line++;
    if (isBlank(bytes, from, end)) return;
    if (layout.comment !== undefined && bytes[from] === layout.comment) {
      onComment(bytes.toString('utf8', from + 1, end).trim());
      return;
    }
    if (row.line === 1 && layout.header !== false && isHeader(bytes.toString('utf8', from, end), layout)) return;
    tally.row();
    try {
      row.split(bytes, from, end);
      onRow(row);
    } catch (error) {
      tally.refuse(located(error, source.name, row.line));
    }
  });
  for await (const chunk of source) reader.push(chunk);
  reader.end();
  tally.end(source.source());
  return source.source();
}

function isBlank(bytes: Buffer, from: number, end: number): boolean {
  let at = from;
  while (at < end && bytes[at]! <= 32) at++;
  return at === end;
}

/** A first line is a header when it has the names of the first two columns. */
function isHeader(text: string, { columns, separator, header }: Layout): boolean {
  if (header === true) return true;
  if (separator === 'blank') return false;
  const names = text.replace(/^\ufeff/, '').split(String.fromCharCode(separator));
  return names[0]!.trim() === columns[0] && names[1]?.trim() === columns[1];
}

type OnLine = (bytes: Buffer, from: number, end: number) => void;

/** Cuts chunks into lines; a line over a boundary is copied, no other. */
export class LineReader {
  private readonly onLine: OnLine;
  private kept: Buffer = Buffer.alloc(0);

  constructor(onLine: OnLine) {
    this.onLine = onLine;
  }

  push(chunk: Uint8Array): void {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    let from = 0;
    if (this.kept.length > 0) {
      const feed = bytes.indexOf(LINE_FEED);
      if (feed < 0) {
        this.kept = Buffer.concat([this.kept, bytes]);
        return;
      }
      const line = Buffer.concat([this.kept, bytes.subarray(0, feed)]);
      this.line(line, 0, line.length);
      from = feed + 1;
    }
    for (;;) {
      const feed = bytes.indexOf(LINE_FEED, from);
      if (feed < 0) break;
      this.line(bytes, from, feed);
      from = feed + 1;
    }
    this.kept = Buffer.from(bytes.subarray(from));
  }

  /** The last line may lack its line feed. */
  end(): void {
    if (this.kept.length > 0) this.line(this.kept, 0, this.kept.length);
    this.kept = Buffer.alloc(0);
  }

  private line(bytes: Buffer, from: number, end: number): void {
    this.onLine(bytes, from, end > from && bytes[end - 1] === CARRIAGE_RETURN ? end - 1 : end);
  }
}
