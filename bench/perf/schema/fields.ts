/**
 * The text of a suite file, field by field, as Go decodes it: names in any case, unknown fields refused, null the same as
 * absent. What is wrong is told with file, line and column.
 */
import { goQuote, InputError } from '../../../api/index.ts';
import { locateField } from '../../../api/text/locate.ts';
import { positionAt } from '../../../api/text/position.ts';
import { parseYamlDocuments, YamlError } from '../../../api/text/yaml.ts';

export class SuiteText {
  readonly file: string;
  private readonly text: string;

  constructor(text: string, file: string) {
    this.text = text;
    this.file = file;
  }

  /** The first document. Throws InputError. */
  value(): unknown {
    try {
      const [document] = parseYamlDocuments(this.text);
      const repeat = document?.repeats[0];
      if (repeat === undefined) return document?.value ?? null;
      const place = { file: this.file, ...positionAt(this.text, repeat.at) };
      throw new InputError(`key ${repeat.shown} already set in map`, place);
    } catch (error) {
      if (!(error instanceof YamlError)) throw error;
      const place = error.at === undefined ? {} : positionAt(this.text, error.at);
      throw new InputError(`not YAML: ${error.problem}`, { file: this.file, ...place });
    }
  }

  error(path: string, message: string): InputError {
    const place = positionAt(this.text, locateField(this.text, 0, path));
    return new InputError(message, { file: this.file, ...place, path: path === '' ? undefined : path });
  }
}

type PlainObject = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is PlainObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** One object of a suite file. Every getter gives undefined, or nothing, for a field that is absent. */
export class Fields {
  readonly path: string;
  readonly source: SuiteText;
  private readonly byName = new Map<string, readonly [key: string, value: unknown]>();
  private readonly unread = new Set<string>();

  constructor(source: SuiteText, value: unknown, path: string) {
    this.source = source;
    this.path = path;
    if (value === null) return;
    if (!isObject(value)) throw wrongType(source, path, value, 'object');
    for (const entry of Object.entries(value)) {
      this.byName.set(entry[0].toLowerCase(), entry);
      this.unread.add(entry[0].toLowerCase());
    }
  }

  error(message: string, name?: string): InputError {
    return this.source.error(name === undefined ? this.path : this.pathOf(name), message);
  }

  text(name: string): string | undefined {
    return this.read(name, 'string', (value) => (typeof value === 'string' ? value : undefined));
  }

  int(name: string): number | undefined {
    return this.read(name, 'int', (value) => (Number.isSafeInteger(value) ? (value as number) : undefined));
  }

  float(name: string): number | undefined {
    return this.read(name, 'float64', (value) => (typeof value === 'number' ? value : undefined));
  }

  flag(name: string): boolean {
    return this.read(name, 'bool', (value) => (typeof value === 'boolean' ? value : undefined)) ?? false;
  }

  texts(name: string): readonly string[] {
    return this.items(name).map((value, i) => {
      if (typeof value !== 'string') throw wrongType(this.source, `${this.pathOf(name)}[${i}]`, value, 'string');
      return value;
    });
  }

  objects(name: string): readonly Fields[] {
    return this.items(name).map((value, i) => new Fields(this.source, value, `${this.pathOf(name)}[${i}]`));
  }

  object(name: string): Fields | undefined {
    const value = this.value(name);
    return value === null ? undefined : new Fields(this.source, value, this.pathOf(name));
  }

  textMap(name: string): Readonly<Record<string, string>> {
    return this.map(name, 'string', (value) => (typeof value === 'string' ? value : undefined));
  }

  flagMap(name: string): Readonly<Record<string, boolean>> {
    return this.map(name, 'bool', (value) => (typeof value === 'boolean' ? value : undefined));
  }

  floatMap(name: string): Readonly<Record<string, number>> {
    return this.map(name, 'float64', (value) => (typeof value === 'number' ? value : undefined));
  }

  /** A map of anything. */
  anyMap(name: string): Readonly<Record<string, unknown>> {
    return this.map(name, 'interface {}', (value) => value);
  }

  isMap(name: string): boolean {
    return isObject(this.value(name));
  }

  /** Keys of a map, in order. */
  keys(name: string): readonly string[] {
    const value = this.value(name);
    return isObject(value) ? Object.keys(value) : [];
  }

  pathOf(name: string): string {
    const key = this.byName.get(name.toLowerCase())?.[0];
    if (key === undefined) return this.path;
    return this.path === '' ? key : `${this.path}.${key}`;
  }

  /** Every field must have been asked for. Throws InputError. */
  finish(): void {
    for (const name of this.unread) {
      const [key] = this.byName.get(name)!;
      throw this.error(`json: unknown field ${goQuote(key)}`, key);
    }
  }

  private value(name: string): unknown {
    const key = name.toLowerCase();
    this.unread.delete(key);
    return this.byName.get(key)?.[1] ?? null;
  }

  private read<T>(name: string, goType: string, as: (value: unknown) => T | undefined): T | undefined {
    const value = this.value(name);
    if (value === null) return undefined;
    const read = as(value);
    if (read === undefined) throw wrongType(this.source, this.pathOf(name), value, goType);
    return read;
  }

  private items(name: string): readonly unknown[] {
    return this.read(name, 'array', (value) => (Array.isArray(value) ? (value as unknown[]) : undefined)) ?? [];
  }

  private map<T>(name: string, goType: string, as: (value: unknown) => T | undefined): Readonly<Record<string, T>> {
    const value = this.read(name, 'object', (given) => (isObject(given) ? given : undefined)) ?? {};
    return Object.fromEntries(
      Object.entries(value).map(([key, child]) => {
        const read = as(child);
        if (read === undefined) throw wrongType(this.source, `${this.pathOf(name)}[${key}]`, child, goType);
        return [key, read];
      }),
    );
  }
}

function wrongType(source: SuiteText, path: string, value: unknown, goType: string): InputError {
  return source.error(path, `json: cannot unmarshal ${shown(value)} into a field of type ${goType}`);
}

/** As Go names what it found. */
function shown(value: unknown): string {
  if (typeof value === 'number') return `number ${value}`;
  if (typeof value === 'boolean') return 'bool';
  if (Array.isArray(value)) return 'array';
  return typeof value;
}

/** The items of a text that is a list of objects. Throws InputError. */
export function itemsOf(source: SuiteText): readonly Fields[] {
  const value = source.value();
  if (value === null) return [];
  if (!Array.isArray(value)) throw wrongType(source, '', value, 'array');
  return value.map((item, i) => new Fields(source, item, `[${i}]`));
}
