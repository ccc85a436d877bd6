/**
 * The part of jq that Stage files use: paths (`.a.b["c"].[0].[]`), pipes, `select(PATH == LITERAL and ...)` and `PATH //
 * LITERAL`. An expression gives all values that it finds; nulls are none.
 */
import { InputError } from '../../api/index.ts';

export type Expression = (input: unknown) => unknown[];

/** Throws InputError. */
export function parseExpression(text: string, where: string): Expression {
  const reader = new Reader(text, where);
  const expression = reader.pipe();
  reader.end();
  return (input) => expression(input).filter((value) => value !== null && value !== undefined);
}

class Reader {
  private readonly text: string;
  private readonly where: string;
  private at = 0;

  constructor(text: string, where: string) {
    this.text = text;
    this.where = where;
  }

  pipe(): Expression {
    let expression = this.alternative();
    while (this.takes('|')) {
      const [before, after] = [expression, this.alternative()];
      expression = (input) => before(input).flatMap(after);
    }
    return expression;
  }

  end(): void {
    this.skipSpace();
    if (this.at < this.text.length) this.refuse('nothing more');
  }

  /** What is not there, or false, is replaced. */
  private alternative(): Expression {
    const first = this.term();
    if (!this.takes('//')) return first;
    const second = this.term();
    return (input) => {
      const found = first(input).filter((value) => value !== null && value !== undefined && value !== false);
      return found.length > 0 ? found : second(input);
    };
  }

  private term(): Expression {
    this.skipSpace();
    if (this.takesWord('select')) return this.select();
    if (this.text[this.at] === '.') return this.path();
    const value = this.literal();
    return () => [value];
  }

  private select(): Expression {
    if (!this.takes('(')) this.refuse('( after select');
    const condition = this.either();
    if (!this.takes(')')) this.refuse(')');
    return (input) => (condition(input) ? [input] : []);
  }

  private either(): (input: unknown) => boolean {
    let condition = this.both();
    while (this.takesWord('or')) {
      const [a, b] = [condition, this.both()];
      condition = (input) => a(input) || b(input);
    }
    return condition;
  }

  private both(): (input: unknown) => boolean {
    let condition = this.comparison();
    while (this.takesWord('and')) {
      const [a, b] = [condition, this.comparison()];
      condition = (input) => a(input) && b(input);
    }
    return condition;
  }

  private comparison(): (input: unknown) => boolean {
    const left = this.alternative();
    const operator = ['==', '!='].find((each) => this.takes(each));
    if (operator === undefined)
      return (input) => left(input).some((value) => value !== null && value !== false && value !== undefined);
    const right = this.alternative();
    return (input) => {
      const [a, b] = [left(input)[0] ?? null, right(input)[0] ?? null];
      return (a === b) === (operator === '==');
    };
  }

  private path(): Expression {
    const steps: Expression[] = [];
    while (this.text[this.at] === '.' || this.text[this.at] === '[') {
      if (this.text[this.at] === '.') this.at++;
      const name = /^[A-Za-z_]\w*/.exec(this.text.slice(this.at))?.[0];
      if (name !== undefined) {
        this.at += name.length;
        steps.push((input) => [fieldOf(input, name)]);
      } else if (this.text[this.at] === '[') steps.push(this.bracket());
      else if (steps.length > 0) this.refuse('a field name');
      else break;
      if (this.text[this.at] === '?') this.at++;
    }
    return (input) => steps.reduce<unknown[]>((values, step) => values.flatMap(step), [input]);
  }

  private bracket(): Expression {
    this.at++;
    if (this.takes(']')) {
      return (input) => (Array.isArray(input) ? input : isObject(input) ? Object.values(input) : []);
    }
    const key = this.literal();
    if (!this.takes(']')) this.refuse(']');
    if (typeof key === 'number') return (input) => (Array.isArray(input) ? [input.at(key)] : []);
    return (input) => [fieldOf(input, String(key))];
  }

  private literal(): string | number | boolean | null {
    this.skipSpace();
    const match = /^(?:"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?|true|false|null)/.exec(this.text.slice(this.at));
    if (match === null) return this.refuse('a path, a text, a number, true, false or null');
    this.at += match[0].length;
    return JSON.parse(match[0]) as string | number | boolean | null;
  }

  private takes(token: string): boolean {
    this.skipSpace();
    // A pipe is not the beginning of an alternative.
    if (!this.text.startsWith(token, this.at)) return false;
    this.at += token.length;
    return true;
  }

  private takesWord(word: string): boolean {
    this.skipSpace();
    const found = new RegExp(`^${word}\\b`).test(this.text.slice(this.at));
    if (found) this.at += word.length;
    return found;
  }

  private skipSpace(): void {
    while (/\s/.test(this.text[this.at] ?? '')) this.at++;
  }

  private refuse(wanted: string): never {
    throw new InputError(
      `${this.where}: ${JSON.stringify(this.text)}: ${wanted} is expected at character ${this.at + 1}`,
    );
  }
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

const fieldOf = (input: unknown, name: string): unknown =>
  isObject(input) && !Array.isArray(input) && Object.hasOwn(input, name) ? input[name] : null;
