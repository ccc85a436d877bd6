/**
 * JSON text → tree, with the messages of Go 1.26's `encoding/json` (`scanner.go`) for text that is not JSON.
 * Cost: one pass over the text.
 */
import { goQuote } from '../field-error.ts';
import { type Entry, NumberText, ObjectValue, type Value } from './value.ts';

/** The text is not JSON; the message is Go's. */
export class JsonSyntaxError extends Error {
  override readonly name = 'JsonSyntaxError';
  /** Offset of the character that cannot be there. */
  readonly at: number;
  /** The text may be JSON that is cut off. */
  readonly isAtEnd: boolean;

  constructor(message: string, at: number, isAtEnd = false) {
    super(message);
    this.at = at;
    this.isAtEnd = isAtEnd;
  }
}

/** Deeper texts are refused: Go allows 10,000 levels, more than recursion can take here. */
const DEPTH_MAX = 1_000;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const ESCAPES: Readonly<Record<string, string>> = {
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  '"': '"',
  '\\': '\\',
  '/': '/',
};

export function parseJson(text: string): Value {
  const reader = new Reader(text);
  reader.skipSpace();
  const value = reader.value(0);
  reader.skipSpace();
  if (!reader.atEnd) throw reader.unexpected('after top-level value');
  return value;
}

/** The first value of a stream, as Go's `Decoder` takes it; what follows is left alone. */
export function parseFirstJson(text: string): Value {
  const reader = new Reader(text);
  reader.skipSpace();
  if (reader.atEnd) throw new JsonSyntaxError('EOF', text.length, true);
  try {
    return reader.value(0);
  } catch (error) {
    throw reader.atEnd ? new JsonSyntaxError('unexpected EOF', text.length, true) : error;
  }
}

/** The first fault of the value that begins at an offset, as people want to hear of it; undefined when it has none. */
export function jsonErrorAt(text: string, from: number): { readonly message: string; readonly at: number } | undefined {
  try {
    new Reader(text, from).value(0);
    return undefined;
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    return error.isAtEnd ? { message: CUT_OFF, at: error.at } : error;
  }
}

const CUT_OFF = 'unexpected end of JSON input';

class Reader {
  private readonly text: string;
  private at: number;

  constructor(text: string, from = 0) {
    this.text = text;
    this.at = from;
  }

  get atEnd(): boolean {
    return this.at >= this.text.length;
  }

  /** A method, not a property: what it returns changes between two looks. */
  private next(): string {
    return this.text[this.at] ?? '';
  }

  skipSpace(): void {
    while (this.next() === ' ' || this.next() === '\n' || this.next() === '\t' || this.next() === '\r') this.at++;
  }

  unexpected(context: string): JsonSyntaxError {
    if (this.atEnd) return new JsonSyntaxError(CUT_OFF, this.at, true);
    return new JsonSyntaxError(`invalid character ${quoteFirstByte(this.text, this.at)} ${context}`, this.at);
  }

  /** Go feeds a space to what the text leaves open, so a token that is cut off stumbles over that. */
  private inToken(context: string): JsonSyntaxError {
    return this.atEnd
      ? new JsonSyntaxError(`invalid character ' ' ${context}`, this.at, true)
      : this.unexpected(context);
  }

  value(depth: number): Value {
    const next = this.next();
    if (next === '{') return this.object(depth + 1);
    if (next === '[') return this.array(depth + 1);
    if (next === '"') return this.string();
    if (next === '-' || isDigit(next)) return this.number();
    if (next === 't') return this.literal('true', true);
    if (next === 'f') return this.literal('false', false);
    if (next === 'n') return this.literal('null', null);
    throw this.unexpected('looking for beginning of value');
  }

  private object(depth: number): ObjectValue {
    if (depth > DEPTH_MAX) throw this.unexpected('exceeded max depth');
    const start = this.at++;
    const entries: Entry[] = [];
    this.skipSpace();
    if (this.next() !== '}') {
      for (;;) {
        if (this.next() !== '"') throw this.unexpected('looking for beginning of object key string');
        const key = this.string();
        this.skipSpace();
        if (this.next() !== ':') throw this.unexpected('after object key');
        this.at++;
        this.skipSpace();
        entries.push([key, this.value(depth)]);
        this.skipSpace();
        if (this.next() === '}') break;
        if (this.next() !== ',') throw this.unexpected('after object key:value pair');
        this.at++;
        this.skipSpace();
      }
    }
    this.at++;
    return new ObjectValue(entries, this.text.slice(start, this.at));
  }

  private array(depth: number): Value[] {
    if (depth > DEPTH_MAX) throw this.unexpected('exceeded max depth');
    this.at++;
    const items: Value[] = [];
    this.skipSpace();
    if (this.next() !== ']') {
      for (;;) {
        items.push(this.value(depth));
        this.skipSpace();
        if (this.next() === ']') break;
        if (this.next() !== ',') throw this.unexpected('after array element');
        this.at++;
        this.skipSpace();
      }
    }
    this.at++;
    return items;
  }

  private string(): string {
    this.at++;
    let content = '';
    for (;;) {
      content += this.plainCharacters();
      const character = this.next();
      if (character === '"') break;
      if (character !== '\\') throw this.unexpected('in string literal');
      this.at++;
      content += this.escape();
    }
    this.at++;
    return content.replace(/\p{Surrogate}/gu, '\ufffd');
  }

  /** All up to a quote, a backslash or what must not stand in a string. */
  private plainCharacters(): string {
    const start = this.at;
    for (; this.at < this.text.length; this.at++) {
      const code = this.text.charCodeAt(this.at);
      if (code === QUOTE || code === BACKSLASH || code < SPACE) break;
    }
    return this.text.slice(start, this.at);
  }

  private escape(): string {
    if (this.next() !== 'u') {
      const plain = ESCAPES[this.next()];
      if (plain === undefined) throw this.inToken('in string escape code');
      this.at++;
      return plain;
    }
    const start = ++this.at;
    while (this.at < start + 4) {
      if (!/^[0-9a-fA-F]$/.test(this.next())) throw this.inToken('in \\u hexadecimal character escape');
      this.at++;
    }
    return String.fromCharCode(Number.parseInt(this.text.slice(start, this.at), 16));
  }

  private number(): NumberText {
    const start = this.at;
    if (this.next() === '-') this.at++;
    if (this.next() === '0') this.at++;
    else this.digits('in numeric literal');
    if (this.next() === '.') {
      this.at++;
      this.digits('after decimal point in numeric literal');
    }
    if (this.next() === 'e' || this.next() === 'E') {
      this.at++;
      if (this.next() === '+' || this.next() === '-') this.at++;
      this.digits('in exponent of numeric literal');
    }
    return new NumberText(this.text.slice(start, this.at));
  }

  private digits(context: string): void {
    if (!isDigit(this.next())) throw this.inToken(context);
    while (isDigit(this.next())) this.at++;
  }

  private literal<T extends Value>(word: string, value: T): T {
    this.at++;
    for (const letter of word.slice(1)) {
      if (this.next() !== letter) throw this.inToken(`in literal ${word} (expecting '${letter}')`);
      this.at++;
    }
    return value;
  }
}

const isDigit = (character: string): boolean => character >= '0' && character <= '9';

/** Go looks at bytes: of a character outside ASCII it shows the first byte of its UTF-8 form. */
function quoteFirstByte(text: string, at: number): string {
  const character = String.fromCodePoint(text.codePointAt(at)!);
  if (character === "'") return "'\\''";
  if (character === '"') return "'\"'";
  const [byte] = new TextEncoder().encode(character);
  return `'${goQuote(String.fromCharCode(byte!)).slice(1, -1)}'`;
}
