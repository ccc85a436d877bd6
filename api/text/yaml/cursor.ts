/** A place in a YAML text, moved character by character. Lines and columns count from 0. */

/** Line, from 0, and offset in the text. */
export interface Mark {
  readonly line: number;
  readonly offset: number;
}

/** The text is not YAML; the message is that of go-yaml, `yaml: ` included. */
export class YamlError extends Error {
  override readonly name = 'YamlError';
  /** The message without `yaml: ` and go-yaml's line, which is not always that of the fault. */
  readonly problem: string;
  /** Offset of what is wrong, where it is known. */
  readonly at?: number;

  constructor(problem: string, { at, message = `yaml: ${problem}` }: { at?: number; message?: string } = {}) {
    super(message);
    this.problem = problem;
    this.at = at;
  }
}

/** go-yaml tells the line of a fault in a token, and the line before a fault in the order of tokens; never the first. */
export const tokenError = (problem: string, mark: Mark): YamlError => errorAt(problem, mark, mark.line + 1);
export const orderError = (problem: string, mark: Mark): YamlError => errorAt(problem, mark, mark.line);

const errorAt = (problem: string, { line, offset }: Mark, told: number): YamlError =>
  new YamlError(problem, { at: offset, message: line === 0 ? undefined : `yaml: line ${told}: ${problem}` });

const NOT_ALLOWED = /[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;
const BYTE_ORDER_MARK = '\ufeff';

/** '' stands for the end of the text. */
export const isBreak = (character: string): boolean => character !== '' && '\r\n\u0085\u2028\u2029'.includes(character);
export const isBlank = (character: string): boolean => character === ' ' || character === '\t';
export const isBreakOrEnd = (character: string): boolean => character === '' || isBreak(character);
export const isBlankOrEnd = (character: string): boolean => isBlank(character) || isBreakOrEnd(character);
export const isWord = (character: string): boolean => /^[\w-]$/.test(character);

export class Cursor {
  index = 0;
  line = 0;
  column = 0;
  private readonly characters: readonly string[];
  private readonly marked: number;
  /** Offsets of the characters, where some of them take two places. */
  private readonly offsets: readonly number[] | undefined;

  /** Throws YamlError when a character is not allowed in YAML. */
  constructor(text: string) {
    const wrong = NOT_ALLOWED.exec(text);
    if (wrong !== null) throw new YamlError('control characters are not allowed', { at: wrong.index });
    this.marked = text.startsWith(BYTE_ORDER_MARK) ? 1 : 0;
    this.characters = Array.from(text.slice(this.marked));
    if (this.characters.length < text.length - this.marked) this.offsets = offsetsOf(this.characters);
  }

  get mark(): Mark {
    const { line, index, offsets, marked } = this;
    return { line, offset: marked + (offsets?.[index] ?? index) };
  }

  at(offset = 0): string {
    return this.characters[this.index + offset] ?? '';
  }

  startsWith(text: string): boolean {
    for (let i = 0; i < text.length; i++) if (this.at(i) !== text[i]) return false;
    return true;
  }

  /** `---` or `...` at the start of a line. */
  get atDocumentIndicator(): boolean {
    return this.column === 0 && (this.startsWith('---') || this.startsWith('...')) && isBlankOrEnd(this.at(3));
  }

  /** Not for line breaks. */
  skip(count = 1): void {
    this.index += count;
    this.column += count;
  }

  read(): string {
    const character = this.at();
    this.skip();
    return character;
  }

  readWhile(condition: (character: string) => boolean): string {
    let content = '';
    while (this.at() !== '' && condition(this.at())) content += this.read();
    return content;
  }

  skipBlanks(): void {
    while (isBlank(this.at())) this.skip();
  }

  skipComment(): void {
    if (this.at() !== '#') return;
    while (!isBreakOrEnd(this.at())) this.skip();
  }

  /** The line break here, as YAML reads it; '' when there is none. */
  readBreak(): string {
    const character = this.at();
    if (!isBreak(character)) return '';
    this.index += this.startsWith('\r\n') ? 2 : 1;
    this.column = 0;
    this.line++;
    return character === '\u2028' || character === '\u2029' ? character : '\n';
  }
}

function offsetsOf(characters: readonly string[]): number[] {
  let offset = 0;
  const offsets = characters.map(({ length }) => {
    offset += length;
    return offset - length;
  });
  return [...offsets, offset];
}
