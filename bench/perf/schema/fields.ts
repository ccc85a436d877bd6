/**
 * The text of a suite file, field by field, as Go decodes it: names in any case, unknown fields refused, null the same as
 * absent. What is wrong is told with file, line and column.
 */
import { goQuote, InputError } from '../../../api/index.ts';
import { locateField } from '../../../api/text/locate.ts';
import { positionAt } from '../../../api/text/position.ts';
import { isList, NumberText, ObjectValue, toPlain, typeName, type Value } from '../../../api/text/value.ts';
import { parseYamlDocuments, YamlError } from '../../../api/text/yaml.ts';

export class SuiteText {
  readonly file: string;
  private readonly text: string;

  constructor(text: string, file: string) {
    this.text = text;
    this.file = file;
  }

  /** The first document. Throws InputError. */
  value(): Value {
    try {
      const [document] = parseYamlDocuments(this.text);
      const repeat = document?.repeats[0];
      if (repeat === undefined) return document?.value ?? null;
      const place = { file: this.file, ...positionAt(this.text, repeat.at) };
      throw new InputError(`key ${repeat.shown} already set in map`, place);
    } catch (error) {
      if (!(error instanceof YamlError)) throw error;
      const place = error.at === undefined ? {} : positionAt(this.text, error.at);
      throw new InputError(`not YAML: ${error.detail}`, { file: this.file, ...place });
    }
  }

  error(path: string, message: string): InputError {
    return new InputError(message, {
      file: this.file,
      ...positionAt(this.text, locateField(this.text, 0, path)),
      path,
    });
  }
}

/** One object of a suite file. Every getter takes the default for a field that is absent. */
export class Fields {
  readonly path: string;
  readonly source: SuiteText;
  private readonly byName = new Map<string, readonly [key: string, value: Value]>();
  private readonly unread = new Set<string>();

  constructor(source: SuiteText, value: Value, path: string) {
    this.source = source;
    this.path = path;
    if (value === null) return;
    if (!(value instanceof ObjectValue)) throw wrongType(source, path, value, 'object');
    for (const entry of value.entries) {
      this.byName.set(entry[0].toLowerCase(), entry);
      this.unread.add(entry[0].toLowerCase());
    }
  }

  error(message: string, name?: string): InputError {
    return this.source.error(name === undefined ? this.path : this.pathOf(name), message);
  }

  has(name: string): boolean {
    return this.value(name) !== null;
  }

  text(name: string): string | undefined {
    const value = this.value(name);
    if (value === null) return undefined;
    if (typeof value !== 'string') throw this.wrongType(name, value, 'string');
    return value;
  }

  int(name: string): number | undefined {
    const value = this.value(name);
    if (value === null) return undefined;
    if (!(value instanceof NumberText) || !/^-?\d+$/.test(value.text)) throw this.wrongType(name, value, 'int');
    return Number(value.text);
  }

  float(name: string): number | undefined {
    const value = this.value(name);
    if (value === null) return undefined;
    if (!(value instanceof NumberText)) throw this.wrongType(name, value, 'float64');
    return Number(value.text);
  }

  flag(name: string): boolean {
    const value = this.value(name);
    if (value === null) return false;
    if (typeof value !== 'boolean') throw this.wrongType(name, value, 'bool');
    return value;
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
    return this.has(name) ? new Fields(this.source, this.value(name), this.pathOf(name)) : undefined;
  }

  /** A map of texts. */
  textMap(name: string): Readonly<Record<string, string>> {
    return this.map(name, 'string', (value) => (typeof value === 'string' ? value : undefined));
  }

  flagMap(name: string): Readonly<Record<string, boolean>> {
    return this.map(name, 'bool', (value) => (typeof value === 'boolean' ? value : undefined));
  }

  floatMap(name: string): Readonly<Record<string, number>> {
    return this.map(name, 'float64', (value) => (value instanceof NumberText ? Number(value.text) : undefined));
  }

  /** A map of anything, as plain values. */
  anyMap(name: string): Readonly<Record<string, unknown>> {
    return this.map(name, 'interface {}', (value) => toPlain(value) ?? null);
  }

  isMap(name: string): boolean {
    return this.value(name) instanceof ObjectValue;
  }

  /** Keys of a map, in order. */
  keys(name: string): readonly string[] {
    const value = this.value(name);
    return value instanceof ObjectValue ? value.entries.map(([key]) => key) : [];
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

  private value(name: string): Value {
    const key = name.toLowerCase();
    this.unread.delete(key);
    return this.byName.get(key)?.[1] ?? null;
  }

  private items(name: string): readonly Value[] {
    const value = this.value(name);
    if (value === null) return [];
    if (!isList(value)) throw this.wrongType(name, value, 'array');
    return value;
  }

  private map<T>(name: string, goType: string, read: (value: Value) => T | undefined): Readonly<Record<string, T>> {
    const value = this.value(name);
    if (value === null) return {};
    if (!(value instanceof ObjectValue)) throw this.wrongType(name, value, 'object');
    return Object.fromEntries(
      value.entries.map(([key, child]) => {
        const plain = read(child);
        if (plain === undefined) throw wrongType(this.source, `${this.pathOf(name)}[${key}]`, child, goType);
        return [key, plain];
      }),
    );
  }

  private wrongType(name: string, value: Value, goType: string): InputError {
    return wrongType(this.source, this.pathOf(name), value, goType);
  }
}

function wrongType(source: SuiteText, path: string, value: Value, goType: string): InputError {
  const what = value instanceof NumberText ? `number ${value.text}` : typeName(value);
  return source.error(path, `json: cannot unmarshal ${what} into a field of type ${goType}`);
}

/** The items of a text that is a list of objects. Throws InputError. */
export function itemsOf(source: SuiteText): readonly Fields[] {
  const value = source.value();
  if (value === null) return [];
  if (!isList(value)) throw wrongType(source, '', value, 'array');
  return value.map((item, i) => new Fields(source, item, `[${i}]`));
}
