/**
 * A configuration text as a tree, before any schema is applied. Unlike plain objects it keeps what error messages
 * need: numbers as they were written, fields in order, and fields that were given twice.
 */
import { goJson } from '../field-error.ts';

/** A number in JSON's notation. */
export class NumberText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Entry = readonly [key: string, value: Value];

export class ObjectValue {
  readonly entries: readonly Entry[];
  /** The JSON text that it came from; absent when it came from YAML. */
  readonly source?: string;

  constructor(entries: readonly Entry[], source?: string) {
    this.entries = entries;
    this.source = source;
  }
}

export type Value = null | boolean | string | NumberText | readonly Value[] | ObjectValue;

export const isList = (value: Value): value is readonly Value[] => Array.isArray(value);

/** What JSON calls the type of a value, in Go's words. */
export function typeName(value: Value): 'null' | 'bool' | 'string' | 'number' | 'array' | 'object' {
  if (value === null) return 'null';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'string') return 'string';
  if (value instanceof NumberText) return 'number';
  return value instanceof ObjectValue ? 'object' : 'array';
}

/** The value as plain data; of fields given twice the last one counts. */
export function toPlain(value: Value): unknown {
  if (value instanceof NumberText) return Number(value.text);
  if (value instanceof ObjectValue) {
    return Object.fromEntries(value.entries.map(([key, child]) => [key, toPlain(child)]));
  }
  return isList(value) ? value.map(toPlain) : value;
}

/** Compact JSON, as Go writes it; the source text where there is one. */
export function toJsonText(value: Value): string {
  if (value instanceof NumberText) return value.text;
  if (value instanceof ObjectValue) {
    return value.source ?? `{${value.entries.map(([key, child]) => `${goJson(key)}:${toJsonText(child)}`).join(',')}}`;
  }
  return isList(value) ? `[${value.map(toJsonText).join(',')}]` : goJson(value);
}

/** A JSON text without its white space, as Go compacts it: `<`, `>` and `&` escaped. */
export const compactJson = (text: string): string =>
  text
    .replace(/("(?:[^"\\]|\\.)*")|\s+/g, '$1')
    .replace(/[<>&\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
