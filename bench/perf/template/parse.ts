/** Pieces → tree. Source: `text/template/parse/parse.go`, Go 1.26, without `define`, `template` and `block`. */
import { type Piece, scan, TemplateError, type Token } from './scan.ts';
import type { TemplateValue } from './value.ts';

export type Operand =
  | { readonly kind: 'dot' | 'nil' }
  | { readonly kind: 'constant'; readonly value: TemplateValue }
  | { readonly kind: 'field'; readonly fields: readonly string[] }
  | { readonly kind: 'variable'; readonly name: string; readonly fields: readonly string[] }
  | { readonly kind: 'function'; readonly name: string }
  | { readonly kind: 'pipe'; readonly pipe: Pipe; readonly fields: readonly string[] };

export interface Command {
  readonly operands: readonly Operand[];
  readonly at: number;
}

export interface Pipe {
  readonly variables: readonly string[];
  /** The variables are there already. */
  readonly isAssignment: boolean;
  readonly commands: readonly Command[];
  readonly at: number;
}

interface Branches {
  readonly pipe: Pipe;
  readonly body: readonly Node[];
  readonly otherwise: readonly Node[];
}

export type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'print'; readonly pipe: Pipe }
  | ({ readonly kind: 'if' | 'with' | 'range' } & Branches)
  | { readonly kind: 'break' | 'continue' };

const KEYWORDS: ReadonlySet<string> = new Set(['if', 'with', 'range', 'else', 'end', 'break', 'continue']);
const UNSUPPORTED: ReadonlySet<string> = new Set(['define', 'template', 'block']);

/** Throws TemplateError. */
export function parse(source: string, isFunction: (name: string) => boolean): readonly Node[] {
  return new Parser(source, isFunction).all();
}

class Parser {
  private readonly source: string;
  private readonly isFunction: (name: string) => boolean;
  private readonly pieces: readonly Piece[];
  private next = 0;
  private rangeDepth = 0;
  private scope: string[] = ['$'];

  constructor(source: string, isFunction: (name: string) => boolean) {
    this.source = source;
    this.isFunction = isFunction;
    this.pieces = scan(source);
  }

  all(): readonly Node[] {
    const { nodes, stop } = this.list();
    if (stop !== undefined) throw new TemplateError(`unexpected {{${stop.text}}}`, stop.at);
    return nodes;
  }

  /** Up to an `else` or `end`, which is returned with what stands behind it. */
  private list(): { readonly nodes: Node[]; readonly stop?: Token; readonly rest: readonly Token[] } {
    const nodes: Node[] = [];
    while (this.next < this.pieces.length) {
      const piece = this.pieces[this.next++]!;
      if (piece.kind === 'text') {
        nodes.push(piece);
        continue;
      }
      const [first, ...rest] = piece.tokens;
      if (first === undefined) throw new TemplateError('missing value for command', piece.at);
      if (first.kind === 'word' && (first.text === 'else' || first.text === 'end')) return { nodes, stop: first, rest };
      nodes.push(this.action(first, piece.tokens));
    }
    return { nodes, rest: [] };
  }

  private action(first: Token, tokens: readonly Token[]): Node {
    const word = first.kind === 'word' ? first.text : '';
    if (UNSUPPORTED.has(word)) throw new TemplateError(`{{${word}}} is not supported here`, first.at);
    if (word === 'break' || word === 'continue') {
      if (this.rangeDepth === 0) throw new TemplateError(`{{${word}}} outside {{range}}`, first.at);
      return { kind: word };
    }
    if (word === 'if' || word === 'with' || word === 'range') return this.branches(word, first, tokens.slice(1));
    return { kind: 'print', pipe: this.pipe(tokens) };
  }

  private branches(kind: 'if' | 'with' | 'range', keyword: Token, condition: readonly Token[]): Node {
    const outer = this.scope;
    this.scope = [...outer];
    if (condition.length === 0) throw new TemplateError(`missing value for ${kind}`, keyword.at);
    const pipe = this.pipe(condition, kind === 'range');
    const inner = this.scope;
    if (kind === 'range') this.rangeDepth++;
    const body = this.list();
    if (kind === 'range') this.rangeDepth--;
    let otherwise: readonly Node[] = [];
    if (body.stop?.text === 'else') {
      this.scope = [...inner];
      otherwise = this.otherwise(kind, body.rest);
    } else if (body.stop === undefined) throw new TemplateError('unexpected EOF', this.source.length);
    this.scope = outer;
    return { kind, pipe, body: body.nodes, otherwise };
  }

  /** What follows `else`: another condition of the same kind, or a list of its own. */
  private otherwise(kind: 'if' | 'with' | 'range', rest: readonly Token[]): readonly Node[] {
    const [again] = rest;
    if (again !== undefined) {
      if (kind === 'range' || again.text !== kind) {
        throw new TemplateError(`unexpected <${again.text}> in else clause`, again.at);
      }
      return [this.branches(kind, again, rest.slice(1))];
    }
    const { nodes, stop: end } = this.list();
    if (end === undefined) throw new TemplateError('unexpected EOF', this.source.length);
    if (end.text !== 'end') throw new TemplateError('expected end; found {{else}}', end.at);
    return nodes;
  }

  // --- pipelines -------------------------------------------------------------------------------------------------------

  private pipe(tokens: readonly Token[], isRange = false): Pipe {
    const at = tokens[0]!.at;
    const { variables, isAssignment, rest } = this.declarations(tokens, isRange);
    const commands: Command[] = [];
    let current: Token[] = [];
    let depth = 0;
    const flush = (end: number): void => {
      if (current.length === 0) throw new TemplateError('missing value for command', end);
      commands.push(this.command(current, commands.length > 0));
      current = [];
    };
    for (const token of rest) {
      if (token.kind === 'open') depth++;
      if (token.kind === 'close' && --depth < 0) throw new TemplateError('unexpected right paren', token.at);
      if (token.kind === 'pipe' && depth === 0) flush(token.at);
      else current.push(token);
    }
    if (depth > 0) throw new TemplateError('unclosed left paren', at);
    flush(at);
    if (!isAssignment) this.scope.push(...variables);
    return { variables, isAssignment, commands, at };
  }

  private declarations(
    tokens: readonly Token[],
    isRange: boolean,
  ): { readonly variables: string[]; readonly isAssignment: boolean; readonly rest: readonly Token[] } {
    const sign = tokens.findIndex(({ kind }) => kind === 'declare' || kind === 'assign');
    if (sign < 0) return { variables: [], isAssignment: false, rest: tokens };
    const isAssignment = tokens[sign]!.kind === 'assign';
    const names = tokens.slice(0, sign).filter(({ kind }) => kind !== 'comma');
    const wrong =
      names.find(({ kind }) => kind !== 'variable') ?? (names.length > (isRange ? 2 : 1) ? names.at(-1) : undefined);
    if (wrong !== undefined || names.length === 0) {
      throw new TemplateError(`unexpected ${tokens[sign]!.text} in command`, wrong?.at ?? tokens[sign]!.at);
    }
    const variables = names.map(({ text }) => text);
    if (isAssignment) for (const name of names) this.checkVariable(name);
    return { variables, isAssignment, rest: tokens.slice(sign + 1) };
  }

  private command(tokens: readonly Token[], takesPiped: boolean): Command {
    const operands: Operand[] = [];
    for (let i = 0; i < tokens.length; ) {
      const [operand, used] = this.operand(tokens, i);
      operands.push(operand);
      i += used;
    }
    const { at } = tokens[0]!;
    const [first] = operands;
    if (first!.kind === 'nil' && operands.length === 1) throw new TemplateError('nil is not a command', at);
    if ((operands.length > 1 || takesPiped) && first!.kind !== 'function' && first!.kind !== 'field') {
      throw new TemplateError(
        takesPiped ? 'non executable command in pipeline' : `can't give argument to non-function ${tokens[0]!.text}`,
        at,
      );
    }
    return { operands, at };
  }

  private operand(tokens: readonly Token[], start: number): readonly [operand: Operand, used: number] {
    const token = tokens[start]!;
    if (token.kind === 'open') {
      const close = closing(tokens, start);
      const pipe = this.pipe(tokens.slice(start + 1, close));
      const fields = fieldsAfter(tokens, close + 1);
      return [{ kind: 'pipe', pipe, fields }, close + 1 - start + fields.length];
    }
    if (token.kind === 'field') {
      const fields = [token.text.slice(1), ...fieldsAfter(tokens, start + 1)];
      return [{ kind: 'field', fields }, fields.length];
    }
    if (token.kind === 'variable') {
      this.checkVariable(token);
      const fields = fieldsAfter(tokens, start + 1);
      return [{ kind: 'variable', name: token.text, fields }, 1 + fields.length];
    }
    return [this.simpleOperand(token), 1];
  }

  private simpleOperand(token: Token): Operand {
    const { kind, text, at } = token;
    if (kind === 'dot') return { kind: 'dot' };
    if (kind === 'number') return { kind: 'constant', value: numberOf(text) };
    if (kind === 'string') return { kind: 'constant', value: stringOf(text, at) };
    if (kind === 'word' && !KEYWORDS.has(text)) {
      if (text === 'nil') return { kind: 'nil' };
      if (text === 'true' || text === 'false') return { kind: 'constant', value: text === 'true' };
      if (this.isFunction(text)) return { kind: 'function', name: text };
      throw new TemplateError(`function ${JSON.stringify(text)} not defined`, at);
    }
    throw new TemplateError(`unexpected <${text}> in operand`, at);
  }

  private checkVariable({ text, at }: Token): void {
    if (!this.scope.includes(text)) throw new TemplateError(`undefined variable ${JSON.stringify(text)}`, at);
  }
}

function closing(tokens: readonly Token[], open: number): number {
  let depth = 0;
  for (let i = open; i < tokens.length; i++) {
    if (tokens[i]!.kind === 'open') depth++;
    if (tokens[i]!.kind === 'close' && --depth === 0) {
      if (i === open + 1) throw new TemplateError('missing value for parenthesized pipeline', tokens[open]!.at);
      return i;
    }
  }
  throw new TemplateError('unclosed left paren', tokens[open]!.at);
}

function fieldsAfter(tokens: readonly Token[], start: number): string[] {
  const fields: string[] = [];
  for (let i = start; tokens[i]?.kind === 'field' && tokens[i]!.isJoined; i++) fields.push(tokens[i]!.text.slice(1));
  return fields;
}

/** A constant without a fraction is an int, however it is written. */
function numberOf(text: string): TemplateValue {
  const value = Number(text);
  return Number.isInteger(value) && !text.includes('.') ? BigInt(value) : value;
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '\\': '\\', '"': '"' };

function stringOf(text: string, at: number): string {
  if (text.startsWith('`')) return text.slice(1, -1);
  return text.slice(1, -1).replace(/\\(.)/g, (_, character: string) => {
    const escaped = ESCAPES[character];
    if (escaped === undefined) throw new TemplateError(`invalid syntax in string ${text}`, at);
    return escaped;
  });
}
