/** A value in a YAML file together with where it stands, so that every mistake is told with file, line and column. */
import { isNode, LineCounter, parseDocument } from 'yaml';
import { InputError, parseQuantity } from '../../api/index.ts';

type Key = string | number;
type Locate = (place: readonly Key[]) => { readonly file?: string; readonly line?: number; readonly column?: number };

export class Field {
  readonly value: unknown;
  private readonly place: readonly Key[];
  private readonly locate: Locate;

  constructor(value: unknown, place: readonly Key[], locate: Locate) {
    this.value = value;
    this.place = place;
    this.locate = locate;
  }

  fail(problem: string): InputError {
    const path = this.place
      .map((key, i) => (typeof key === 'number' ? `[${key}]` : i === 0 ? key : `.${key}`))
      .join('');
    return new InputError(problem, path === '' ? this.locate([]) : { ...this.locate(this.place), path });
  }

  get isGiven(): boolean {
    return this.value !== undefined;
  }

  get isMap(): boolean {
    return typeof this.value === 'object' && this.value !== null && !Array.isArray(this.value);
  }

  /** The fields of a map; any that is not in `known` is a mistake. */
  map<Name extends string>(known: readonly Name[]): Readonly<Record<Name, Field>> {
    if (!this.isMap) throw this.fail(`a map is expected, with ${known.join(', ')}`);
    const map = this.value as Record<string, unknown>;
    for (const key of Object.keys(map)) {
      if (!(known as readonly string[]).includes(key))
        throw this.at(key).fail(`there is no such field; there are ${known.join(', ')}`);
    }
    return Object.fromEntries(known.map((key) => [key, this.at(key)])) as Record<Name, Field>;
  }

  entries(): [string, Field][] {
    if (!this.isMap) throw this.fail('a map is expected');
    return Object.keys(this.value as object).map((key) => [key, this.at(key)]);
  }

  list(least = 0): Field[] {
    if (!Array.isArray(this.value) || this.value.length < least) {
      throw this.fail(least > 0 ? 'a list with at least one entry is expected' : 'a list is expected');
    }
    return this.value.map((_, i) => this.at(i));
  }

  text(): string {
    if (typeof this.value === 'string' && this.value !== '') return this.value;
    throw this.fail('a text is expected');
  }

  oneOf<Name extends string>(names: readonly Name[]): Name {
    if ((names as readonly unknown[]).includes(this.value)) return this.value as Name;
    throw this.fail(`one of ${names.join(', ')} is expected`);
  }

  flag(): boolean {
    if (typeof this.value === 'boolean') return this.value;
    throw this.fail('true or false is expected');
  }

  number(least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY): number {
    const { value } = this;
    if (typeof value === 'number' && value >= least && value <= most && Number.isFinite(value)) return value;
    throw this.fail(`a number ${range(least, most)}is expected`);
  }

  positive(): number {
    const value = this.number(0);
    if (value > 0) return value;
    throw this.fail('a number above 0 is expected');
  }

  whole(least: number, most = Number.MAX_SAFE_INTEGER): number {
    const { value } = this;
    if (Number.isInteger(value) && (value as number) >= least && (value as number) <= most) return value as number;
    throw this.fail(`a whole number ${range(least, most)}is expected`);
  }

  numbers(count: number): number[] {
    const list = this.list();
    if (list.length === count) return list.map((field) => field.number(0));
    throw this.fail(`${count} numbers are expected, and these are ${list.length}`);
  }

  /** A number of seconds, or a text such as 90s, 1h30m or 30d. */
  seconds(): number {
    const seconds = typeof this.value === 'string' ? durationSeconds(this.value) : this.value;
    if (typeof seconds === 'number' && seconds >= 0 && Number.isFinite(seconds)) return seconds;
    throw this.fail('seconds as a number are expected, or a duration such as 90s, 1h30m or 30d');
  }

  /** A Kubernetes quantity as whole units of 10^-3 or 2^20. */
  quantity(unit: 'milli' | 'Mi'): number {
    try {
      const { nano } = parseQuantity(this.value as string);
      const one = unit === 'milli' ? 1_000_000n : 1_000_000_000n << 20n;
      if (nano >= 0n) return Number((nano + one - 1n) / one);
    } catch {
      // Said below.
    }
    throw this.fail(`a Kubernetes quantity is expected, such as ${unit === 'milli' ? '500m' : '2Gi'}`);
  }

  texts(): Record<string, string> {
    return Object.fromEntries(
      this.entries().map(([key, field]) => [key, typeof field.value === 'number' ? String(field.value) : field.text()]),
    );
  }

  private at(key: Key): Field {
    return new Field((this.value as Record<Key, unknown>)[key], [...this.place, key], this.locate);
  }
}

function range(least: number, most: number): string {
  if (most !== Number.POSITIVE_INFINITY && most !== Number.MAX_SAFE_INTEGER) return `from ${least} to ${most} `;
  return least === Number.NEGATIVE_INFINITY ? '' : `of at least ${least} `;
}

const UNIT_SECONDS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86400 };

/** Undefined for what is no duration. */
export function durationSeconds(text: string): number | undefined {
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text)) return undefined;
  let sum = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g))
    sum += Number(amount) * UNIT_SECONDS[unit!]!;
  return sum;
}

export function yamlField(text: string, file: string): Field {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  const position = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col };
  };
  const [broken] = document.errors;
  if (broken !== undefined) throw new InputError(broken.message.split('\n')[0]!, position(broken.pos[0]));
  return new Field(document.toJS(), [], (place) => {
    // The nearest that is there: a missing field is missing in something.
    for (let length = place.length; length > 0; length--) {
      const node = document.getIn(place.slice(0, length), true);
      if (isNode(node) && node.range != null) return position(node.range[0]);
    }
    return { file };
  });
}
