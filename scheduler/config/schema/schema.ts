/**
 * The Go types behind a configuration, as values: how to read them from a tree and how to write them back. A schema
 * knows Go's name of its type (error messages tell it), its zero value, and when `omitempty` leaves it out.
 * nil is `undefined`; int64 is a bigint, durations are nanoseconds.
 */

import { isList, NumberText, ObjectValue, toPlain, typeName, type Value } from '../../../api/text/value.ts';
import { DurationError, formatDuration, parseDuration } from '../duration.ts';
import { decodeBase64 } from './base64.ts';
import { DecodeError, type Reader } from './reader.ts';

export interface Schema<T> {
  readonly goType: string;
  /** Written even when empty: the field has no `omitempty`. */
  readonly always?: boolean;
  /** The Go struct by whose embedding the field comes in. */
  readonly embeddedIn?: string;
  zero(): T;
  read(value: Value, reader: Reader): T;
  isEmpty(value: T): boolean;
  /** Plain data, ready for JSON. */
  write(value: T, form?: Form): unknown;
}

/** Upstream writes a type as its API version has it, or as its own code does: Go's field names and nothing left out. */
export type Form = 'v1' | 'internal';

export type Decoded<S> = S extends Schema<infer T> ? T : never;

/** A type of one JSON kind, for which null means "leave it at zero". */
function scalar<T>(goType: string, zero: T, parse: (value: Value, reader: Reader) => T | undefined): Schema<T> {
  return {
    goType,
    zero: () => zero,
    read: (value, reader) => (value === null ? zero : (parse(value, reader) ?? zero)),
    isEmpty: (value) => value === zero,
    write: (value) => (typeof value === 'bigint' ? Number(value) : value),
  };
}

const wrong = (value: Value, goType: string, reader: Reader): undefined =>
  reader.wrongType(typeName(value), goType) as undefined;

export const bool: Schema<boolean> = scalar('bool', false, (value, reader) =>
  typeof value === 'boolean' ? value : wrong(value, 'bool', reader),
);

/** A string, or one of Go's named string types. */
export const text = (goType = 'string'): Schema<string> =>
  scalar(goType, '', (value, reader) => (typeof value === 'string' ? value : wrong(value, goType, reader)));

export const int32: Schema<number> = scalar('int32', 0, (value, reader) => {
  const integer = integerOf(value, 32, 'int32', reader);
  return integer === undefined ? undefined : Number(integer);
});

export const int64: Schema<bigint> = scalar('int64', 0n, (value, reader) => integerOf(value, 64, 'int64', reader));

function integerOf(value: Value, bits: number, goType: string, reader: Reader): bigint | undefined {
  if (!(value instanceof NumberText)) return wrong(value, goType, reader);
  const integer = /^-?\d+$/.test(value.text) ? BigInt(value.text) : undefined;
  if (integer !== undefined && BigInt.asIntN(bits, integer) === integer) return integer;
  return reader.wrongType(`number ${value.text}`, goType) as undefined;
}

export const float32: Schema<number> = scalar('float32', 0, (value, reader) => {
  if (!(value instanceof NumberText)) return wrong(value, 'float32', reader);
  const float = Math.fround(Number(value.text));
  if (Number.isFinite(float)) return float;
  return reader.wrongType(`number ${value.text}`, 'float32') as undefined;
});

/** `[]byte`: Base64 in the text, and here too. Go also takes a list of numbers. */
export const bytes: Schema<string> = scalar('[]uint8', '', (value, reader) => {
  if (isList(value)) {
    const numbers = value.map((item, i) => reader.inItem(i, () => (item === null ? 0 : byteOf(item, reader))));
    return Buffer.from(numbers).toString('base64');
  }
  if (typeof value !== 'string') return wrong(value, '[]uint8', reader);
  const decoded = decodeBase64(value);
  if (typeof decoded !== 'number') return decoded;
  return reader.otherError(`illegal base64 data at input byte ${decoded}`) as undefined;
});

function byteOf(value: Value, reader: Reader): number {
  if (!(value instanceof NumberText)) return wrong(value, 'uint8', reader) ?? 0;
  if (/^\d+$/.test(value.text) && Number(value.text) < 256) return Number(value.text);
  reader.wrongType(`number ${value.text}`, 'uint8');
  return 0;
}

/** `metav1.Duration`. It decodes itself, so a fault ends the reading, and null is as wrong as ''. */
export const duration: Schema<bigint> = {
  ...scalar('v1.Duration', 0n, () => undefined),
  read: (value, reader) => {
    if (value !== null && typeof value !== 'string') return reader.stopAtWrongType(typeName(value), 'string');
    try {
      return parseDuration(value ?? '');
    } catch (error) {
      if (error instanceof DurationError) throw new DecodeError(error.message);
      throw error;
    }
  },
  write: (value) => formatDuration(value),
};

/** `runtime.RawExtension`: kept as it stands. */
export const raw: Schema<Value | undefined> = {
  goType: 'runtime.RawExtension',
  zero: () => undefined,
  read: (value) => value ?? undefined,
  isEmpty: () => false,
  write: (value) => (value === undefined ? null : toPlain(value)),
};

/** A pointer. */
export const optional = <T>(of: Schema<T>): Schema<T | undefined> => ({
  goType: of.goType,
  zero: () => undefined,
  read: (value, reader) => (value === null ? undefined : of.read(value, reader)),
  isEmpty: (value) => value === undefined,
  write: (value, form) => (value === undefined ? null : of.write(value, form)),
});

export const list = <T>(of: Schema<T>): Schema<readonly T[] | undefined> => {
  const goType = `[]${of.goType}`;
  return {
    goType,
    zero: () => undefined,
    read: (value, reader) => {
      if (value === null) return undefined;
      if (isList(value)) return value.map((item, i) => reader.inItem(i, () => of.read(item, reader)));
      return wrong(value, goType, reader);
    },
    isEmpty: (value) => (value ?? []).length === 0,
    write: (value, form) => value?.map((item) => of.write(item, form)) ?? null,
  };
};

/** `map[string]string` and its like; keys are written in order. */
export const map = <T>(of: Schema<T>): Schema<Readonly<Record<string, T>> | undefined> => {
  const goType = `map[string]${of.goType}`;
  return {
    goType,
    zero: () => undefined,
    read: (value, reader) => {
      if (value === null) return undefined;
      if (!(value instanceof ObjectValue)) return wrong(value, goType, reader);
      const seen = new Map<string, T>();
      for (const [key, child] of value.entries) {
        if (seen.has(key)) reader.duplicateField(key);
        seen.set(
          key,
          reader.inKey(key, () => of.read(child, reader)),
        );
      }
      return Object.fromEntries(seen);
    },
    isEmpty: (value) => Object.keys(value ?? {}).length === 0,
    write: (value) =>
      value === undefined
        ? null
        : Object.fromEntries(
            Object.keys(value)
              .sort()
              .map((key) => [key, of.write(value[key]!)]),
          ),
  };
};

type Fields = Readonly<Record<string, Schema<never>>>;
type Struct<F> = { readonly [K in keyof F]: F[K] extends Schema<infer T> ? T : never };

/** Field names are case-sensitive; the order of `fields` is that of the Go struct. */
export function struct<F>(name: string, goPackage: string, fields: F): Schema<Struct<F>> {
  const schemas = Object.entries(fields as unknown as Fields) as unknown as ReadonlyArray<[string, Schema<unknown>]>;
  const byName = new Map(schemas);
  const goType = `${goPackage}.${name}`;
  const zero = (): Record<string, unknown> => Object.fromEntries(schemas.map(([key, schema]) => [key, schema.zero()]));
  const schema: Schema<Record<string, unknown>> = {
    goType,
    zero,
    read: (value, reader) => {
      const result = zero();
      if (value === null) return result;
      if (!(value instanceof ObjectValue)) {
        wrong(value, goType, reader);
        return result;
      }
      const seen = new Set<string>();
      for (const [key, child] of value.entries) {
        const field = byName.get(key);
        if (field === undefined) {
          reader.unknownField(key);
          continue;
        }
        const again = seen.has(key);
        if (again) reader.duplicateField(key);
        seen.add(key);
        const given = reader.inField(name, key, field.embeddedIn, () => field.read(child, reader));
        // A null that comes second leaves what is no pointer as it is.
        if (!again || child !== null || field.zero() === undefined) result[key] = given;
      }
      return result;
    },
    isEmpty: () => false,
    write: (value, form) =>
      Object.fromEntries(
        schemas
          .filter(([key, field]) =>
            form === 'internal' ? field.embeddedIn === undefined : field.always || !field.isEmpty(value[key]),
          )
          .map(([key, field]) => [form === 'internal' ? goName(key) : key, field.write(value[key], form)]),
      ),
  };
  return schema as unknown as Schema<Struct<F>>;
}

/** A struct of Kubernetes' core API, which has no internal form here. */
export function coreStruct<F>(name: string, fields: F): Schema<Struct<F>> {
  const schema = struct(name, 'v1', fields);
  return { ...schema, write: (value) => schema.write(value) };
}

const goName = (key: string): string => `${key[0]!.toUpperCase()}${key.slice(1)}`;

export const always = <T>(schema: Schema<T>): Schema<T> => ({ ...schema, always: true });

export const embedded = <T>(embeddedIn: string, schema: Schema<T>): Schema<T> => ({ ...schema, embeddedIn });

/** `metav1.TypeMeta`, which every kind embeds. */
export const typeMeta = {
  kind: embedded('TypeMeta', text()),
  apiVersion: embedded('TypeMeta', text()),
};
