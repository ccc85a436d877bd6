/**
 * JSON documents in files that are larger than the longest string: the items of a list are told apart as bytes and parsed
 * in batches.
 *
 * Cost: one pass over the bytes beside the parsing.
 */
import { InputError } from '../errors.ts';
import { jsonErrorAt } from './json-error.ts';
import { positionAt } from './position.ts';

const LARGE_BYTES = 2 ** 28;
const BATCH_BYTES = 2 ** 24;

const QUOTE = 34;
const BACKSLASH = 92;
const COMMA = 44;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;

export const isLargeJson = (bytes: Uint8Array): boolean =>
  bytes.length > LARGE_BYTES && bytes[afterSpace(bytes, 0)] === OPEN_BRACE;

/**
 * @param batchBytes Documents, and runs of list items, of about this length are parsed at once.
 * @throws InputError where the text is not JSON.
 */
export function* largeJsonDocuments(bytes: Uint8Array, file: string, batchBytes = BATCH_BYTES): Generator<unknown> {
  const reader = new LargeReader(bytes, file, batchBytes);
  for (let at = afterSpace(bytes, 0); at < bytes.length; at = afterSpace(bytes, at)) {
    const end = valueEnd(bytes, at, at + batchBytes);
    if (end < at + batchBytes || bytes[at] !== OPEN_BRACE) {
      yield reader.parse(at, end);
      at = end;
    } else {
      yield reader.object(at);
      at = reader.at;
    }
  }
}

class LargeReader {
  private readonly bytes: Uint8Array;
  private readonly file: string;
  private readonly batchBytes: number;
  private readonly decoder = new TextDecoder();
  /** Offset behind what was read last. */
  at = 0;

  constructor(bytes: Uint8Array, file: string, batchBytes: number) {
    this.bytes = bytes;
    this.file = file;
    this.batchBytes = batchBytes;
  }

  parse(from: number, to: number): unknown {
    const text = this.decoder.decode(this.bytes.subarray(from, to));
    try {
      return JSON.parse(text);
    } catch (cause) {
      throw this.errorIn(text, from, 0) ?? cause;
    }
  }

  /** An object too long to be parsed at once, because it holds a list that is. */
  object(open: number): Record<string, unknown> {
    const { bytes } = this;
    const members: Record<string, unknown> = {};
    let at = afterSpace(bytes, open + 1);
    while (bytes[at] === QUOTE) {
      const keyEnd = valueEnd(bytes, at);
      const key = this.parse(at, keyEnd) as string;
      const from = afterSpace(bytes, afterSpace(bytes, keyEnd) + 1);
      if (bytes[from] === OPEN_BRACKET) members[key] = this.items(from);
      else {
        this.at = valueEnd(bytes, from);
        members[key] = this.parse(from, this.at);
      }
      at = afterSpace(bytes, this.at);
      if (bytes[at] === COMMA) at = afterSpace(bytes, at + 1);
    }
    if (bytes[at] !== CLOSE_BRACE) throw this.unfinished(at);
    this.at = at + 1;
    return members;
  }

  private items(open: number): unknown[] {
    const { bytes } = this;
    const items: unknown[] = [];
    let from = afterSpace(bytes, open + 1);
    let at = from;
    while (at < bytes.length && bytes[at] !== CLOSE_BRACKET) {
      const end = valueEnd(bytes, at);
      at = afterSpace(bytes, end);
      const isLast = bytes[at] !== COMMA;
      if (isLast || end - from > this.batchBytes) {
        for (const item of this.batch(from, end)) items.push(item);
        from = at + 1;
      }
      if (isLast) break;
      at = afterSpace(bytes, at + 1);
    }
    if (bytes[at] !== CLOSE_BRACKET) throw this.unfinished(at);
    this.at = at + 1;
    return items;
  }

  private batch(from: number, to: number): unknown[] {
    const text = `[${this.decoder.decode(this.bytes.subarray(from, to))}`;
    try {
      return JSON.parse(`${text}]`) as unknown[];
    } catch (cause) {
      throw this.errorIn(text, from, 1) ?? cause;
    }
  }

  /** @param added Characters put before the text that the file does not have. */
  private errorIn(text: string, from: number, added: number): InputError | undefined {
    const wrong = jsonErrorAt(text, 0);
    if (wrong === undefined) return undefined;
    const before = lineAt(this.bytes, from);
    const { line, column } = positionAt(text, wrong.at);
    const place = { line: before.line + line - 1, column: line === 1 ? before.column + column - 1 - added : column };
    return new InputError(`not JSON: ${wrong.message}`, { file: this.file, ...place });
  }

  private unfinished(at: number): InputError {
    const message =
      at >= this.bytes.length ? 'unexpected end of JSON input' : 'a comma or a closing bracket is missing';
    return new InputError(`not JSON: ${message}`, { file: this.file, ...lineAt(this.bytes, at) });
  }
}

function lineAt(bytes: Uint8Array, at: number): { line: number; column: number } {
  let line = 1;
  let start = 0;
  for (let i = bytes.indexOf(10); i >= 0 && i < at; i = bytes.indexOf(10, i + 1)) {
    line++;
    start = i + 1;
  }
  return { line, column: at - start + 1 };
}

function afterSpace(bytes: Uint8Array, from: number): number {
  let at = from;
  while (bytes[at] === 32 || bytes[at] === 10 || bytes[at] === 13 || bytes[at] === 9) at++;
  return at;
}

/** Offset behind the value that starts at `from`, if it is one; `limit` or more when it is longer. */
function valueEnd(bytes: Uint8Array, from: number, limit = bytes.length): number {
  const last = Math.min(limit, bytes.length);
  let depth = 0;
  for (let at = from; at < last; at++) {
    const byte = bytes[at]!;
    // Most of what kubectl writes is indentation.
    if (byte <= 32) continue;
    if (byte === QUOTE) at = stringEnd(bytes, at) - 1;
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth++;
    else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) depth--;
    else if (depth === 0) return scalarEnd(bytes, at);
    if (depth <= 0) return at + 1;
  }
  return last;
}

function stringEnd(bytes: Uint8Array, open: number): number {
  let at = open + 1;
  while (at < bytes.length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
  return at + 1;
}

function scalarEnd(bytes: Uint8Array, from: number): number {
  let at = from + 1;
  while (at < bytes.length && !' \n\r\t,]}{["'.includes(String.fromCharCode(bytes[at]!))) at++;
  return at;
}
