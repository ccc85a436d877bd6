/** What is wrong with a text that is not JSON, in the words of Go 1.26's `encoding/json` (`scanner.go`). */
import { goQuote } from '../field-error.ts';

export interface JsonError {
  readonly message: string;
  /** Offset of the character that cannot be there. */
  readonly at: number;
}

/** The first fault of the value that begins at an offset; undefined when it has none. */
export function jsonErrorAt(text: string, from: number): JsonError | undefined {
  const checker = new Checker(text, from);
  try {
    checker.value(0);
    return undefined;
  } catch (error) {
    if (error instanceof Fault) return error.fault;
    throw error;
  }
}

class Fault extends Error {
  readonly fault: JsonError;

  constructor(fault: JsonError) {
    super(fault.message);
    this.fault = fault;
  }
}

/** Deeper texts are refused: Go allows 10,000 levels, more than recursion can take here. */
const DEPTH_MAX = 1_000;

class Checker {
  private readonly text: string;
  private at: number;

  constructor(text: string, from: number) {
    this.text = text;
    this.at = from;
  }

  value(depth: number): void {
    if (depth > DEPTH_MAX) throw this.unexpected('exceeded max depth');
    const next = this.next();
    if (next === '{') this.list('}', 'after object key:value pair', () => this.member(depth));
    else if (next === '[') this.list(']', 'after array element', () => this.value(depth + 1));
    else if (next === '"') this.string();
    else if (next === '-' || isDigit(next)) this.number();
    else if (next === 't') this.literal('true');
    else if (next === 'f') this.literal('false');
    else if (next === 'n') this.literal('null');
    else throw this.unexpected('looking for beginning of value');
  }

  /** A method, not a property: what it returns changes between two looks. */
  private next(): string {
    return this.text[this.at] ?? '';
  }

  private skipSpace(): void {
    while (this.next() !== '' && ' \n\t\r'.includes(this.next())) this.at++;
  }

  private unexpected(context: string): Fault {
    const { text, at } = this;
    if (at >= text.length) return new Fault({ message: 'unexpected end of JSON input', at });
    return new Fault({ message: `invalid character ${quoteFirstByte(text, at)} ${context}`, at });
  }

  private list(end: string, afterItem: string, item: () => void): void {
    this.at++;
    this.skipSpace();
    if (this.next() !== end) {
      for (;;) {
        item();
        this.skipSpace();
        if (this.next() === end) break;
        if (this.next() !== ',') throw this.unexpected(afterItem);
        this.at++;
        this.skipSpace();
      }
    }
    this.at++;
  }

  private member(depth: number): void {
    if (this.next() !== '"') throw this.unexpected('looking for beginning of object key string');
    this.string();
    this.skipSpace();
    if (this.next() !== ':') throw this.unexpected('after object key');
    this.at++;
    this.skipSpace();
    this.value(depth + 1);
  }

  private string(): void {
    this.at++;
    while (this.next() !== '"') {
      if (this.next() < ' ') throw this.unexpected('in string literal');
      if (this.next() === '\\') this.escape();
      else this.at++;
    }
    this.at++;
  }

  private escape(): void {
    this.at++;
    if (this.next() === '' || !'bfnrt"\\/u'.includes(this.next())) throw this.unexpected('in string escape code');
    const isHex = this.next() === 'u';
    this.at++;
    for (let i = 0; isHex && i < 4; i++, this.at++) {
      if (!/^[0-9a-fA-F]$/.test(this.next())) throw this.unexpected('in \\u hexadecimal character escape');
    }
  }

  private number(): void {
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
  }

  private digits(context: string): void {
    if (!isDigit(this.next())) throw this.unexpected(context);
    while (isDigit(this.next())) this.at++;
  }

  private literal(word: string): void {
    this.at++;
    for (const letter of word.slice(1)) {
      if (this.next() !== letter) throw this.unexpected(`in literal ${word} (expecting '${letter}')`);
      this.at++;
    }
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
