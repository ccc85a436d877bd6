/**
 * Kubernetes objects out of JSON of any length, bytes in memory or bytes that come piece by piece: documents one after
 * another, the items of lists among them one by one. What is kept is a window of the bytes and a batch of objects.
 *
 * Cost: see `json-batch.ts`.
 */
import { InputError } from '../errors.ts';
import { jsonErrorAt } from './json.ts';
import { IRREGULAR, IS_LIST, JsonBatch, UNFINISHED } from './json-batch.ts';
import {
  afterSpace,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
  valueEnd,
} from './json-bytes.ts';
import { positionAt } from './position.ts';

/** Bytes that come piece by piece, such as those of an open file. */
export interface ByteSource {
  /** Fills the front of `into` with bytes from an offset on; returns how many, 0 at the end. */
  read(into: Uint8Array, offset: number): number;
  /** Whether `read` can go back, which only error messages do. */
  readonly isSeekable: boolean;
}

/** Takes what is found, in the order of the source. Offsets are in bytes. */
export interface JsonSink {
  document(value: unknown, offset: number): void;
  /** An item of the list that is being read; `list` has what the list said before its items. */
  item(value: unknown, offset: number, list: Readonly<Record<string, unknown>>): void;
  /** The list without its items. */
  listEnd(list: Readonly<Record<string, unknown>>, offset: number): void;
}

const WINDOW_BYTES = 1 << 22;
const BATCH_BYTES = 1 << 20;
const BATCH_ITEMS = 4096;

/** @throws InputError where the source is not JSON. */
export function readJsonStream(source: Buffer | ByteSource, file: string, sink: JsonSink, windowBytes = WINDOW_BYTES) {
  new StreamReader(source, file, sink, windowBytes).read();
}

type List = Record<string, unknown>;

class StreamReader {
  private readonly source: Buffer | ByteSource;
  private readonly file: string;
  private readonly sink: JsonSink;
  private readonly batch = new JsonBatch();
  /** The list that the objects of the batch are items of. */
  private list: List | undefined;
  private readonly starts: number[] = [];
  private readonly ends: number[] = [];

  private bytes: Buffer;
  private end = 0;
  /** Of the window in the source. */
  private offset = 0;
  private isAtEnd: boolean;

  constructor(source: Buffer | ByteSource, file: string, sink: JsonSink, windowBytes: number) {
    this.source = source;
    this.file = file;
    this.sink = sink;
    this.isAtEnd = Buffer.isBuffer(source);
    this.bytes = Buffer.isBuffer(source) ? source : Buffer.allocUnsafe(windowBytes);
    if (Buffer.isBuffer(source)) this.end = source.length;
  }

  read(): void {
    let at = this.skipSpace(0);
    while (at < this.end) {
      // A byte order mark is no part of the text.
      if (this.offset + at === 0 && this.bytes[0] === 0xef) at = this.skipSpace(3);
      at = this.skipSpace(this.document(at));
      if (at >= this.end) at = this.skipSpace(this.more(at));
    }
    this.flush();
  }

  // --- structure -------------------------------------------------------------------------------------------------------

  private document(from: number): number {
    let at = from;
    if (this.bytes[at] !== OPEN_BRACE) return this.plain(at, true);
    for (;;) {
      const behind = this.batch.add(this.bytes, at, this.end, true);
      if (behind >= 0) return this.taken(at, behind);
      if (behind === IS_LIST) {
        this.flush();
        return this.listOf(at);
      }
      if (behind === IRREGULAR) return this.plain(at, true);
      if (this.isAtEnd) throw this.faultIn(at);
      at = this.more(at);
    }
  }

  /** An object with a member `items` that is a list. */
  private listOf(open: number): number {
    const list: List = {};
    const start = this.offset + open;
    let at = this.skipSpace(open + 1);
    while (this.bytes[at] === QUOTE) {
      // A key may be cut off.
      let keyEnd = valueEnd(this.bytes, at, this.end);
      while (keyEnd >= this.end && !this.isAtEnd) {
        at = this.more(at);
        keyEnd = valueEnd(this.bytes, at, this.end);
      }
      const key = this.parsed(at, keyEnd) as string;
      at = this.skipSpace(keyEnd);
      if (this.bytes[at] !== COLON) throw this.unexpected(at, 'after object key');
      at = this.skipSpace(at + 1);
      if (key === 'items' && this.bytes[at] === OPEN_BRACKET) {
        at = this.items(at, list);
      } else {
        const behind = this.behindValue(at);
        at = behind.from;
        list[key] = this.parsed(at, behind.to);
        at = behind.to;
      }
      at = this.skipSpace(at);
      if (this.bytes[at] !== COMMA) break;
      at = this.skipSpace(at + 1);
    }
    if (this.bytes[at] !== CLOSE_BRACE || at >= this.end) throw this.unexpected(at, 'after object key:value pair');
    this.flush();
    this.sink.listEnd(list, start);
    return at + 1;
  }

  private items(open: number, list: List): number {
    let at = this.skipSpace(open + 1);
    if (at < this.end && this.bytes[at] === CLOSE_BRACKET) return at + 1;
    this.list = list;
    for (;;) {
      const behind = this.bytes[at] === OPEN_BRACE ? this.batch.add(this.bytes, at, this.end, false) : IRREGULAR;
      if (behind === UNFINISHED && !this.isAtEnd) {
        at = this.more(at);
        continue;
      }
      if (behind === UNFINISHED) throw this.faultIn(at);
      at = behind === IRREGULAR ? this.plain(at, false) : this.taken(at, behind);
      // The end of the window is the only place where space may be cut in two.
      at = this.skipSpace(at);
      if (this.bytes[at] !== COMMA || at >= this.end) break;
      at = this.skipSpace(at + 1);
    }
    if (this.bytes[at] !== CLOSE_BRACKET || at >= this.end) throw this.unexpected(at, 'after array element');
    this.flush();
    this.list = undefined;
    return at + 1;
  }

  /** A value that is not an object as they come. */
  private plain(from: number, isDocument: boolean): number {
    const { from: at, to } = this.behindValue(from);
    if (isDocument) {
      this.flush();
      this.sink.document(this.parsed(at, to), this.offset + at);
      return to;
    }
    this.parsed(at, to);
    this.batch.addPlain(this.bytes, at, to);
    return this.taken(at, to);
  }

  /** Where a value ends, after the window has been moved so that it is all there. */
  private behindValue(from: number): { from: number; to: number } {
    let at = from;
    let to = valueEnd(this.bytes, at, this.end);
    while (to >= this.end && !this.isAtEnd) {
      at = this.more(at);
      to = valueEnd(this.bytes, at, this.end);
    }
    return { from: at, to: Math.min(to, this.end) };
  }

  // --- batches ---------------------------------------------------------------------------------------------------------

  private taken(from: number, to: number): number {
    this.starts.push(from);
    this.ends.push(to);
    if (this.batch.count >= BATCH_ITEMS || this.batch.pendingBytes >= BATCH_BYTES) this.flush();
    return to;
  }

  private flush(): void {
    const { starts, ends, list, sink, offset } = this;
    if (starts.length === 0) return;
    let values: unknown[];
    try {
      values = this.batch.parse();
    } catch {
      values = starts.map((start, i) => this.parsed(start, ends[i]!));
    }
    values.forEach((value, i) => {
      const at = offset + starts[i]!;
      if (list === undefined) sink.document(value, at);
      else sink.item(value, at, list);
    });
    starts.length = 0;
    ends.length = 0;
  }

  private parsed(from: number, to: number): unknown {
    const text = this.bytes.toString('utf8', from, to);
    try {
      return JSON.parse(text);
    } catch {
      throw this.faultIn(from, to);
    }
  }

  // --- the window ------------------------------------------------------------------------------------------------------

  private skipSpace(from: number): number {
    let at = afterSpace(this.bytes, from, this.end);
    while (at >= this.end && !this.isAtEnd) at = afterSpace(this.bytes, this.more(at), this.end);
    return at;
  }

  /** Gets more bytes, and drops those before `from`; returns where `from` is now. */
  private more(from: number): number {
    if (this.isAtEnd) return from;
    this.flush();
    const source = this.source as ByteSource;
    const kept = this.end - from;
    // A long object needs a longer window.
    const bytes = kept > this.bytes.length / 2 ? Buffer.allocUnsafe(this.bytes.length * 2) : this.bytes;
    this.bytes.copy(bytes, 0, from, this.end);
    this.bytes = bytes;
    this.offset += from;
    const read = source.read(bytes.subarray(kept), this.offset + kept);
    this.isAtEnd = read === 0;
    this.end = kept + read;
    return 0;
  }

  // --- faults ----------------------------------------------------------------------------------------------------------

  private unexpected(at: number, context: string): InputError {
    const wrong = jsonErrorAt('', 0)!.message;
    if (at >= this.end) return this.fault(wrong, at);
    const character = this.bytes.toString('utf8', at, Math.min(at + 4, this.end)).slice(0, 1);
    return this.fault(`invalid character '${character}' ${context}`, at);
  }

  /** Of a value that is not JSON, what is wrong first. */
  private faultIn(from: number, to = this.end): InputError {
    const text = this.bytes.toString('utf8', from, to);
    const wrong = jsonErrorAt(text, 0);
    if (wrong !== undefined) return this.fault(wrong.message, from + Buffer.byteLength(text.slice(0, wrong.at)));
    // A whole value, and something that does not belong to it.
    const behind = afterSpace(this.bytes, valueEnd(this.bytes, from, to), to);
    return this.unexpected(behind < to ? behind : from, 'after top-level value');
  }

  private fault(message: string, at: number): InputError {
    const place =
      this.offset === 0 ? placeIn(this.bytes, at) : placeInSource(this.source as ByteSource, this.offset + at);
    return new InputError(`not JSON: ${message}`, { file: this.file, ...place });
  }
}

export interface Place {
  readonly line?: number;
  readonly column?: number;
}

export function placeIn(bytes: Buffer, at: number): Place {
  const start = bytes.lastIndexOf(10, at - 1) + 1;
  let line = 1;
  for (let i = bytes.indexOf(10); at > 0 && i >= 0 && i < at; i = bytes.indexOf(10, i + 1)) line++;
  const column = positionAt(bytes.toString('utf8', at === 0 ? 0 : start, at), at).column;
  return { line, column };
}

/** Reads the source anew, if it can be. */
export function placeInSource(source: ByteSource, at: number): Place {
  if (!source.isSeekable) return {};
  const window = Buffer.allocUnsafe(WINDOW_BYTES);
  let line = 1;
  let start = 0;
  for (let offset = 0; offset < at; ) {
    const read = Math.min(source.read(window, offset), at - offset);
    if (read === 0) break;
    for (let i = window.indexOf(10); i >= 0 && i < read; i = window.indexOf(10, i + 1)) {
      line++;
      start = offset + i + 1;
    }
    offset += read;
  }
  const before = Buffer.alloc(Math.min(at - start, WINDOW_BYTES));
  source.read(before, start);
  return { line, column: positionAt(before.toString('utf8'), before.length).column };
}
