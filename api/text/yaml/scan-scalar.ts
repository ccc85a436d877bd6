/** Quoted, plain and block scalars. The rules: libyaml, as go-yaml v2.4.4 has it (`scannerc.go`). */
import { type Cursor, isBlank, isBlankOrEnd, isBreak, isBreakOrEnd, tokenError } from './cursor.ts';
import type { Token } from './token.ts';

const ESCAPES: Readonly<Record<string, string>> = {
  '0': '\0',
  a: '\x07',
  b: '\b',
  t: '\t',
  '\t': '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  e: '\x1b',
  ' ': ' ',
  '"': '"',
  "'": "'",
  '\\': '\\',
  N: '\u0085',
  _: '\u00a0',
  L: '\u2028',
  P: '\u2029',
};
const ESCAPE_DIGITS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

/** White space between two words: a line break alone becomes a space, further ones are kept. */
class Gap {
  broken: boolean;
  private blanks = '';
  private first = '';
  private others = '';

  /** `afterBreak`: as if a line break had been read and dropped. */
  constructor(afterBreak = false) {
    this.broken = afterBreak;
  }

  read(cursor: Cursor): void {
    if (isBlank(cursor.at())) {
      if (this.broken) cursor.skip();
      else this.blanks += cursor.read();
    } else if (this.broken) this.others += cursor.readBreak();
    else {
      this.first = cursor.readBreak();
      this.broken = true;
    }
  }

  get folded(): string {
    if (!this.broken) return this.blanks;
    if (this.first !== '\n') return this.first + this.others;
    return this.others === '' ? ' ' : this.others;
  }
}

export function scanQuoted(cursor: Cursor, quote: "'" | '"'): Token {
  const start = cursor.mark;
  cursor.skip();
  let value = '';
  for (;;) {
    if (cursor.atDocumentIndicator) throw tokenError('found unexpected document indicator', cursor.mark);
    if (cursor.at() === '') throw tokenError('found unexpected end of stream', cursor.mark);
    let joined = false;
    while (!isBlankOrEnd(cursor.at()) && !joined) {
      if (quote === "'" && cursor.startsWith("''")) {
        value += "'";
        cursor.skip(2);
      } else if (cursor.at() === quote) break;
      else if (quote === "'" || cursor.at() !== '\\') value += cursor.read();
      else if (isBreak(cursor.at(1))) {
        cursor.skip();
        cursor.readBreak();
        joined = true;
      } else value += readEscape(cursor);
    }
    if (cursor.at() === quote) break;
    const gap = new Gap(joined);
    while (isBlank(cursor.at()) || isBreak(cursor.at())) gap.read(cursor);
    value += gap.folded;
  }
  cursor.skip();
  return { kind: 'scalar', ...start, value, plain: false };
}

function readEscape(cursor: Cursor): string {
  const letter = cursor.at(1);
  const plain = Object.hasOwn(ESCAPES, letter) ? ESCAPES[letter] : undefined;
  if (plain !== undefined) {
    cursor.skip(2);
    return plain;
  }
  const length = Object.hasOwn(ESCAPE_DIGITS, letter) ? ESCAPE_DIGITS[letter] : undefined;
  if (length === undefined) throw tokenError('found unknown escape character', cursor.mark);
  cursor.skip(2);
  let code = 0;
  for (let i = 0; i < length; i++) {
    if (!/^[\da-fA-F]$/.test(cursor.at(i))) throw tokenError('did not find expected hexdecimal number', cursor.mark);
    code = code * 16 + Number.parseInt(cursor.at(i), 16);
  }
  if ((code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff) {
    throw tokenError('found invalid Unicode character escape code', cursor.mark);
  }
  cursor.skip(length);
  return String.fromCodePoint(code);
}

/** `indent` is that of the block around. `endsLine`: the scalar reached past its line, so a key may follow. */
export function scanPlain(cursor: Cursor, indent: number, inFlow: boolean): { token: Token; endsLine: boolean } {
  const start = cursor.mark;
  let value = '';
  let gap = new Gap();
  for (;;) {
    if (cursor.atDocumentIndicator || cursor.at() === '#') break;
    while (!isBlankOrEnd(cursor.at()) && !endsPlain(cursor, inFlow)) {
      value += gap.folded + cursor.read();
      gap = new Gap();
    }
    if (!isBlank(cursor.at()) && !isBreak(cursor.at())) break;
    while (isBlank(cursor.at()) || isBreak(cursor.at())) {
      if (gap.broken && cursor.column <= indent && cursor.at() === '\t') {
        throw tokenError('found a tab character that violates indentation', cursor.mark);
      }
      gap.read(cursor);
    }
    if (!inFlow && cursor.column <= indent) break;
  }
  return { token: { kind: 'scalar', ...start, value, plain: true }, endsLine: gap.broken };
}

const endsPlain = (cursor: Cursor, inFlow: boolean): boolean =>
  (cursor.at() === ':' && isBlankOrEnd(cursor.at(1))) || (inFlow && ',?[]{}'.includes(cursor.at()));

/** `|` keeps line breaks, `>` folds them. `indent` is that of the block around. */
export function scanBlock(cursor: Cursor, indent: number): Token {
  const start = cursor.mark;
  const literal = cursor.read() === '|';
  const { chomping, increment } = scanBlockHeader(cursor);
  const given = increment === 0 ? 0 : Math.max(indent, 0) + increment;
  const leading = scanBlockBreaks(cursor, given, indent);
  const content = leading.indent;
  let value = '';
  let lineBreak = '';
  let breaks = leading.breaks;
  let afterBlank = false;
  while (cursor.column === content && cursor.at() !== '') {
    const blank = isBlank(cursor.at());
    if (!literal && !afterBlank && !blank && lineBreak === '\n') value += breaks === '' ? ' ' : breaks;
    else value += lineBreak + breaks;
    afterBlank = blank;
    while (!isBreakOrEnd(cursor.at())) value += cursor.read();
    lineBreak = cursor.readBreak();
    breaks = scanBlockBreaks(cursor, content, indent).breaks;
  }
  if (chomping !== '-') value += lineBreak;
  if (chomping === '+') value += breaks;
  return { kind: 'scalar', ...start, value, plain: false };
}

/** The indicators may come in either order. */
function scanBlockHeader(cursor: Cursor): { readonly chomping: string; readonly increment: number } {
  let chomping = '';
  let increment = 0;
  const readChomping = (): void => {
    if (cursor.at() === '+' || cursor.at() === '-') chomping = cursor.read();
  };
  readChomping();
  if (/^\d$/.test(cursor.at())) {
    if (cursor.at() === '0') throw tokenError('found an indentation indicator equal to 0', cursor.mark);
    increment = Number(cursor.read());
    if (chomping === '') readChomping();
  }
  cursor.skipBlanks();
  cursor.skipComment();
  if (!isBreakOrEnd(cursor.at())) throw tokenError('did not find expected comment or line break', cursor.mark);
  cursor.readBreak();
  return { chomping, increment };
}

/** Empty lines and indentation. `known` is the indentation of the content, 0 when it is yet to be found. */
function scanBlockBreaks(cursor: Cursor, known: number, around: number): { breaks: string; indent: number } {
  let breaks = '';
  let most = 0;
  const short = (): boolean => known === 0 || cursor.column < known;
  for (;;) {
    while (short() && cursor.at() === ' ') cursor.skip();
    most = Math.max(most, cursor.column);
    if (short() && cursor.at() === '\t') {
      throw tokenError('found a tab character where an indentation space is expected', cursor.mark);
    }
    if (!isBreak(cursor.at())) break;
    breaks += cursor.readBreak();
  }
  return { breaks, indent: known === 0 ? Math.max(most, around + 1, 1) : known };
}
