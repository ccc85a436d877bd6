/**
 * Go's templates, as far as Stage files use them: variables, pipelines, `if`, `with`, `range`, and functions that are handed
 * in. What a template does not know of is an error when it is parsed. Source: `text/template` of Go 1.26.
 */
import { InputError } from '../../api/index.ts';

export type TemplateFunction = (...values: unknown[]) => unknown;
export type Functions = Readonly<Record<string, TemplateFunction>>;

export type Template = (data: unknown, functions: Functions) => string;

/** Throws InputError. @param names Functions that there will be, beside those of Go. */
export function parseTemplate(text: string, names: ReadonlySet<string>, where: string): Template {
  const parser = new Parser(tokensOf(text), names, where);
  const node = parser.block([]);
  return (data, functions) => {
    const out: string[] = [];
    node.run({ dot: data, root: data, variables: new Map(), functions: { ...BUILT_IN, ...functions }, out });
    return out.join('');
  };
}

interface Scope {
  readonly dot: unknown;
  readonly root: unknown;
  readonly variables: Map<string, unknown>;
  readonly functions: Functions;
  readonly out: string[];
}

interface Node {
  run(scope: Scope): void;
}

type Value = (scope: Scope) => unknown;

type Token = { readonly text: string } | { readonly action: string };

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let from = 0;
  for (const match of text.matchAll(/\{\{(-?)([\s\S]*?)(-?)\}\}/g)) {
    let before = text.slice(from, match.index);
    if (match[1] === '-') before = before.trimEnd();
    tokens.push({ text: before }, { action: match[2]!.trim() });
    from = match.index + match[0].length;
    if (match[3] === '-') from += /^\s*/.exec(text.slice(from))![0].length;
  }
  tokens.push({ text: text.slice(from) });
  return tokens;
}

class Parser {
  private readonly tokens: readonly Token[];
  private readonly names: ReadonlySet<string>;
  private readonly where: string;
  private at = 0;
  /** The action that ended the last block. */
  private ended = '';

  constructor(tokens: readonly Token[], names: ReadonlySet<string>, where: string) {
    this.tokens = tokens;
    this.names = names;
    this.where = where;
  }

  /** Up to an action that begins with one of the words, or to the end of the text. */
  block(ends: readonly string[]): Node {
    const nodes: Node[] = [];
    for (;;) {
      const token = this.tokens[this.at++];
      if (token === undefined) {
        if (ends.length > 0) this.refuse('{{ end }} is missing');
        return sequence(nodes);
      }
      if ('text' in token) {
        const { text } = token;
        if (text !== '') nodes.push({ run: ({ out }) => void out.push(text) });
        continue;
      }
      const [word = ''] = token.action.split(/\s/, 1);
      if (ends.includes(word)) {
        this.ended = token.action;
        return sequence(nodes);
      }
      nodes.push(this.action(token.action, word));
    }
  }

  private action(action: string, word: string): Node {
    const rest = action.slice(word.length).trim();
    switch (word) {
      case 'if':
        return this.branch(this.pipeline(rest), (scope) => scope);
      case 'with':
        return this.branch(this.pipeline(rest), (scope, dot) => ({ ...scope, dot }));
      case 'range':
        return this.range(rest);
      case 'end':
      case 'else':
        return this.refuse(`{{ ${action} }} ends nothing`);
      default:
        return action.startsWith('/*') ? sequence([]) : this.output(action);
    }
  }

  private output(action: string): Node {
    const set = /^(\$\w*)\s*:?=\s*([\s\S]+)$/.exec(action);
    if (set !== null) {
      const [, name = '', text = ''] = set;
      const value = this.pipeline(text);
      return { run: (scope) => void scope.variables.set(name, value(scope)) };
    }
    const value = this.pipeline(action);
    return { run: (scope) => void scope.out.push(printed(value(scope))) };
  }

  private branch(condition: Value, inner: (scope: Scope, value: unknown) => Scope): Node {
    const yes = this.block(['else', 'end']);
    const no = this.otherwise();
    return {
      run: (scope) => {
        const value = condition(scope);
        if (isTrue(value)) yes.run(inner(nested(scope), value));
        else no.run(nested(scope));
      },
    };
  }

  private otherwise(): Node {
    if (!this.ended.startsWith('else')) return sequence([]);
    const more = this.ended.slice('else'.length).trim();
    if (more === '') return this.block(['end']);
    const [word = ''] = more.split(/\s/, 1);
    return this.action(more, word);
  }

  private range(text: string): Node {
    const set = /^(?:(\$\w+)\s*,\s*)?(\$\w+)\s*:=\s*([\s\S]+)$/.exec(text);
    const value = this.pipeline(set?.[3] ?? text);
    const body = this.block(['else', 'end']);
    const empty = this.otherwise();
    return {
      run: (scope) => {
        const items = entriesOf(value(scope));
        if (items.length === 0) empty.run(nested(scope));
        for (const [key, item] of items) {
          const inner = { ...nested(scope), dot: item };
          if (set?.[1] !== undefined) inner.variables.set(set[1], key);
          if (set?.[2] !== undefined) inner.variables.set(set[2], item);
          body.run(inner);
        }
      },
    };
  }

  private pipeline(text: string): Value {
    const words = wordsOf(text, (why) => this.refuse(why));
    const value = this.commands(words);
    if (words.length > 0) this.refuse(`${JSON.stringify(words[0])} is not expected in {{ ${text} }}`);
    return value;
  }

  /** Up to a closing bracket or the end; each command is the last argument of the next. */
  private commands(words: string[]): Value {
    let value = this.command(words, undefined);
    while (words[0] === '|') {
      words.shift();
      value = this.command(words, value);
    }
    return value;
  }

  private command(words: string[], piped: Value | undefined): Value {
    const [first] = words;
    if (first === undefined) return this.refuse('a value is missing');
    if (!/^[A-Za-z_]\w*$/.test(first) || CONSTANTS.has(first)) {
      if (piped !== undefined) this.refuse(`${JSON.stringify(first)} is no function`);
      return this.operand(words);
    }
    if (!this.names.has(first) && !Object.hasOwn(BUILT_IN, first))
      this.refuse(`function ${JSON.stringify(first)} not defined`);
    words.shift();
    const values: Value[] = [];
    while (words.length > 0 && words[0] !== '|' && words[0] !== ')') values.push(this.operand(words));
    if (piped !== undefined) values.push(piped);
    return (scope) => scope.functions[first]!(...values.map((value) => value(scope)));
  }

  private operand(words: string[]): Value {
    const word = words.shift()!;
    if (word === '(') {
      const inner = this.commands(words);
      if (words.shift() !== ')') this.refuse(') is missing');
      const path = words[0]?.startsWith('.') === true ? words.shift()! : '';
      return (scope) => follow(inner(scope), path);
    }
    if (CONSTANTS.has(word)) return () => CONSTANTS.get(word);
    if (word.startsWith('"')) {
      const text = JSON.parse(word) as string;
      return () => text;
    }
    if (word.startsWith('`')) return () => word.slice(1, -1);
    if (/^-?\d/.test(word)) return () => Number(word);
    if (word.startsWith('.')) return ({ dot }) => follow(dot, word);
    if (word.startsWith('$')) {
      const [, name = '', path = ''] = /^(\$\w*)(.*)$/.exec(word)!;
      return ({ variables, root }) => follow(name === '$' ? root : variables.get(name), path);
    }
    if (this.names.has(word) || Object.hasOwn(BUILT_IN, word)) return ({ functions }) => functions[word]!();
    return this.refuse(`function ${JSON.stringify(word)} not defined`);
  }

  private refuse(why: string): never {
    throw new InputError(`${this.where}: ${why}`);
  }
}

const CONSTANTS = new Map<string, unknown>([
  ['true', true],
  ['false', false],
  ['nil', null],
]);

/** Variables of a block end with it, and what it sets of those outside it shows there no more than it needs to. */
const nested = (scope: Scope): Scope => ({ ...scope, variables: new Map(scope.variables) });

const sequence = (nodes: readonly Node[]): Node => ({
  run: (scope) => {
    for (const node of nodes) node.run(scope);
  },
});

function wordsOf(text: string, refuse: (why: string) => never): string[] {
  const words: string[] = [];
  const pattern = /\s*("(?:[^"\\]|\\.)*"|`[^`]*`|[()|]|[^\s()|"`]+)/y;
  let at = 0;
  while (text.slice(at).trim() !== '') {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match === null) return refuse(`{{ ${text} }} cannot be read`);
    words.push(match[1]!);
    at = pattern.lastIndex;
  }
  return words;
}

function follow(value: unknown, path: string): unknown {
  let found = value;
  for (const name of path.split('.')) {
    if (name === '') continue;
    found = typeof found === 'object' && found !== null ? (found as Record<string, unknown>)[name] : undefined;
  }
  return found;
}

function entriesOf(value: unknown): Array<[unknown, unknown]> {
  if (Array.isArray(value)) return value.map((item, i) => [i, item]);
  if (typeof value === 'object' && value !== null) return Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return [];
}

export function isTrue(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  return Boolean(value);
}

const printed = (value: unknown): string =>
  value === undefined || value === null
    ? '<no value>'
    : typeof value === 'object'
      ? JSON.stringify(value)
      : String(value);

const BUILT_IN: Functions = {
  or: (...values) => values.find(isTrue) ?? values.at(-1),
  and: (...values) => values.find((value) => !isTrue(value)) ?? values.at(-1),
  not: (value) => !isTrue(value),
  eq: (first, ...others) => others.some((other) => other === first),
  ne: (a, b) => a !== b,
  lt: (a, b) => (a as number) < (b as number),
  le: (a, b) => (a as number) <= (b as number),
  gt: (a, b) => (a as number) > (b as number),
  ge: (a, b) => (a as number) >= (b as number),
  len: (value) => (typeof value === 'string' ? value.length : entriesOf(value).length),
  index: (value, ...keys) =>
    keys.reduce<unknown>(
      (found, key) =>
        typeof found === 'object' && found !== null ? (found as Record<string, unknown>)[key as string] : undefined,
      value,
    ),
  dict: (...pairs) => {
    const made: Record<string, unknown> = {};
    for (let i = 0; i + 1 < pairs.length; i += 2) made[String(pairs[i])] = pairs[i + 1];
    return made;
  },
  default: (other, value) => (isTrue(value) ? value : other),
  printf: (format, ...values) => {
    let next = 0;
    return String(format).replace(/%[svdq%]/g, (verb) =>
      verb === '%%' ? '%' : verb === '%q' ? JSON.stringify(String(values[next++])) : printed(values[next++]),
    );
  },
};
