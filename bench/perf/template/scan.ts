/** Go template text → pieces: plain text, and the tokens of each action. Source: `text/template/parse/lex.go`, Go 1.26. */

export type TokenKind =
  | 'word'
  | 'field'
  | 'variable'
  | 'dot'
  | 'number'
  | 'string'
  | 'pipe'
  | 'open'
  | 'close'
  | 'declare'
  | 'assign'
  | 'comma';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly at: number;
  /** Nothing between this token and the one before: a field of what stands there. */
  readonly isJoined: boolean;
}

export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly tokens: readonly Token[]; readonly at: number };

/** A template cannot be read or executed. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
  /** Offset in the template. */
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

const LEFT = '{{';
const RIGHT = '}}';
const SPACE = /[ \t\r\n]*/y;
/** In the order in which they are tried. */
const TOKENS: ReadonlyArray<readonly [kind: TokenKind, pattern: RegExp]> = [
  ['field', /\.[\p{L}_][\p{L}\p{Nd}_]*/uy],
  ['number', /[+-]?(?:0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)/y],
  ['dot', /\./y],
  ['variable', /\$[\p{L}\p{Nd}_]*/uy],
  ['word', /[\p{L}_][\p{L}\p{Nd}_]*/uy],
  ['string', /"(?:[^"\\\n]|\\.)*"|`[^`]*`/y],
  ['pipe', /\|/y],
  ['open', /\(/y],
  ['close', /\)/y],
  ['declare', /:=/y],
  ['assign', /=/y],
  ['comma', /,/y],
];

/** Throws TemplateError. */
export function scan(source: string): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  let trimsNext = false;
  for (;;) {
    const left = source.indexOf(LEFT, at);
    const trims = left >= 0 && /^- ?/.test(source.slice(left + 2, left + 4)) && /\s/.test(source.charAt(left + 3));
    let text = source.slice(at, left < 0 ? source.length : left);
    if (trimsNext) text = text.trimStart();
    if (trims) text = text.trimEnd();
    if (text !== '') pieces.push({ kind: 'text', text });
    if (left < 0) return pieces;
    const start = left + (trims ? 3 : 2);
    const comment = skipComment(source, start);
    const action = comment ?? readAction(source, start, left);
    if (comment === undefined) pieces.push({ kind: 'action', tokens: action.tokens, at: left });
    trimsNext = action.trimsNext;
    at = action.end;
  }
}

interface Action {
  readonly tokens: readonly Token[];
  readonly end: number;
  readonly trimsNext: boolean;
}

function skipComment(source: string, start: number): Action | undefined {
  const from = skipSpace(source, start);
  if (!source.startsWith('/*', from)) return undefined;
  const close = source.indexOf('*/', from);
  if (close < 0) throw new TemplateError('unclosed comment', from);
  const end = /\s-\}\}|\}\}/y;
  end.lastIndex = close + 2;
  const match = end.exec(source);
  if (match === null) throw new TemplateError('comment ends before closing delimiter', from);
  return { tokens: [], end: end.lastIndex, trimsNext: match[0] !== RIGHT };
}

function readAction(source: string, start: number, left: number): Action {
  const tokens: Token[] = [];
  let at = start;
  for (;;) {
    const next = skipSpace(source, at);
    const isJoined = next === at && tokens.length > 0;
    if (source.startsWith(RIGHT, next)) return { tokens, end: next + 2, trimsNext: false };
    if (!isJoined && source.startsWith(`-${RIGHT}`, next)) return { tokens, end: next + 3, trimsNext: true };
    if (next >= source.length) throw new TemplateError('unclosed action', left);
    const token = tokenAt(source, next, isJoined);
    tokens.push(token);
    at = next + token.text.length;
  }
}

function tokenAt(source: string, at: number, isJoined: boolean): Token {
  for (const [kind, pattern] of TOKENS) {
    pattern.lastIndex = at;
    const match = pattern.exec(source);
    if (match !== null) return { kind, text: match[0], at, isJoined };
  }
  throw new TemplateError(`unexpected ${JSON.stringify(source.charAt(at))} in operand`, at);
}

function skipSpace(source: string, at: number): number {
  SPACE.lastIndex = at;
  SPACE.exec(source);
  return SPACE.lastIndex;
}
