/** The lines of a YAML text one after another, blank ones and comments left out, for `block.ts`. */

/** The text holds something that the quick reader leaves to the full parser. Thrown often, hence made once. */
export class Unusual extends Error {}

export const UNUSUAL = new Unusual();

export const SPACE = 32;
export const QUOTE = 34;
export const HASH = 35;
const PERCENT = 37;
export const APOSTROPHE = 39;
const DASH = 45;
export const COLON = 58;
export const QUESTION = 63;
export const OPEN_BRACKET = 91;
const BACKSLASH = 92;
export const OPEN_BRACE = 123;

/** What no plain scalar here starts with. `-`, `?` and `:` are looked at by themselves. */
export const INDICATORS: ReadonlySet<number> = new Set(
  [...'!&*|>%@`"\'{}[],#'].map((character) => character.charCodeAt(0)),
);

export class LineReader {
  readonly text: string;
  /** The current line: where its content starts and ends (line break excluded), and its depth; −1 behind the text. */
  start = 0;
  end = 0;
  indent = -1;
  /** Start of the next line. */
  next = 0;

  constructor(text: string) {
    if (text.includes('\r') || text.includes('\t')) throw UNUSUAL;
    this.text = text;
  }

  /** Moves to the next line that is neither blank nor a comment. */
  advance(): void {
    while (this.next < this.text.length) {
      this.step();
      if (this.start < this.end && this.text.charCodeAt(this.start) !== HASH) return;
    }
    this.start = this.text.length;
    this.end = this.text.length;
    this.indent = -1;
  }

  /** Moves to the next line, whatever it holds; there must be one. */
  step(): void {
    const from = this.next;
    const end = this.text.indexOf('\n', from);
    this.end = end < 0 ? this.text.length : end;
    this.next = this.end + 1;
    this.start = this.afterSpaces(from);
    this.indent = this.start - from;
  }

  /** `---` alone on its line; other markers and directives are unusual. */
  atMarker(): boolean {
    if (this.indent !== 0) return false;
    const { text, start, end } = this;
    const first = text.charCodeAt(start);
    if (first === DASH && text.startsWith('---', start)) {
      if (text.slice(start + 3, end).trim() === '') return true;
      if (text.charCodeAt(start + 3) === SPACE) throw UNUSUAL;
      return false;
    }
    if (text.startsWith('...', start) || first === PERCENT) throw UNUSUAL;
    return false;
  }

  /** Whether a list item starts here. */
  isDash(at: number): boolean {
    if (this.text.charCodeAt(at) !== DASH) return false;
    return at + 1 >= this.end || this.text.charCodeAt(at + 1) === SPACE;
  }

  afterSpaces(from: number): number {
    let at = from;
    while (at < this.end && this.text.charCodeAt(at) === SPACE) at++;
    return at;
  }

  /** Offset of the colon behind the key that starts at `at`; −1 when the line holds no key there. */
  keyEnd(at: number): number {
    const { text, end } = this;
    const first = text.charCodeAt(at);
    if (first === QUOTE || first === APOSTROPHE) {
      const colon = this.closingQuote(at + 1, first) + 1;
      return colon > 0 && text.charCodeAt(colon) === COLON && this.isGap(colon + 1) ? colon : -1;
    }
    if (first === OPEN_BRACE || first === OPEN_BRACKET) return -1;
    for (let i = at; i < end; i++) {
      const code = text.charCodeAt(i);
      if (code === COLON && this.isGap(i + 1)) {
        if (INDICATORS.has(first) || first === QUESTION || i === at) throw UNUSUAL;
        return i;
      }
      if (code === HASH && text.charCodeAt(i - 1) === SPACE) return -1;
    }
    return -1;
  }

  /** Offset of the quote that ends a text, if it ends on this line; else −1. */
  closingQuote(from: number, quote: number): number {
    const { text, end } = this;
    for (let i = from; i < end; i++) {
      const code = text.charCodeAt(i);
      if (code === BACKSLASH && quote === QUOTE) i++;
      else if (code === quote) {
        if (quote === APOSTROPHE && text.charCodeAt(i + 1) === APOSTROPHE) i++;
        else return i;
      }
    }
    return -1;
  }

  /** Behind a value there may only be a comment. */
  expectEnd(at: number): void {
    if (!/^(?: +#.*| *)$/.test(this.text.slice(at, this.end))) throw UNUSUAL;
  }

  private isGap(at: number): boolean {
    return at >= this.end || this.text.charCodeAt(at) === SPACE;
  }
}
