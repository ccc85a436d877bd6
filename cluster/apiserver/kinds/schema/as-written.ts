/**
 * An object as Go writes it: fields that are always written stand there with their zero value (`null` for lists, maps and
 * times) even when nobody has set them.
 *
 * Cost: one look at every field that may be missing, or that may hold a struct with such a field: 40 for a pod with one
 * container, 1 us. What needs nothing is shared with the object given.
 */
import type { FieldSchema, StructSchema, TypeSchema } from './schema.ts';

type Fields = Readonly<Record<string, unknown>>;

export const asWritten = (object: object, schema: StructSchema): object => writtenStruct(object as Fields, schema);

function writtenStruct(object: Fields, schema: StructSchema): Fields {
  let changed: Record<string, unknown> | undefined;
  for (const field of looksOf(schema)) {
    const value = object[field.name];
    const written = value === undefined ? zeroOf(field) : writtenValue(value, field.type);
    if (written === value) continue;
    changed ??= { ...object };
    changed[field.name] = written;
  }
  return changed ?? object;
}

const looks = new WeakMap<StructSchema, readonly FieldSchema[]>();

/** The fields that are always written, and those in which some may be. */
function looksOf(schema: StructSchema): readonly FieldSchema[] {
  let fields = looks.get(schema);
  if (fields === undefined) {
    fields = [...schema.fields.values()].filter(
      (field) => field.isAlwaysWritten || holdsWritten(field.type, new Set()),
    );
    looks.set(schema, fields);
  }
  return fields;
}

/** Whether a struct in it has a field that is always written. Structs may hold themselves. */
function holdsWritten(schema: TypeSchema, seen: Set<StructSchema>): boolean {
  if (schema.type === 'list' || schema.type === 'map') return holdsWritten(schema.of, seen);
  if (schema.type !== 'struct' || seen.has(schema)) return false;
  seen.add(schema);
  for (const field of schema.fields.values()) {
    if (field.isAlwaysWritten || holdsWritten(field.type, seen)) return true;
  }
  return false;
}

function writtenValue(value: unknown, schema: TypeSchema): unknown {
  if (typeof value !== 'object' || value === null) return value;
  switch (schema.type) {
    case 'struct':
      return writtenStruct(value as Fields, schema);
    case 'list':
      return holdsStructs(schema.of) ? writtenList(value as readonly unknown[], schema.of) : value;
    case 'map':
      return holdsStructs(schema.of) ? writtenMap(value as Fields, schema.of) : value;
    default:
      return value;
  }
}

const holdsStructs = (schema: TypeSchema): boolean =>
  schema.type === 'struct' || ((schema.type === 'list' || schema.type === 'map') && holdsStructs(schema.of));

function writtenList(items: readonly unknown[], schema: TypeSchema): readonly unknown[] {
  const written = items.map((item) => writtenValue(item, schema));
  return written.every((item, i) => item === items[i]) ? items : written;
}

const writtenMap = (map: Fields, schema: TypeSchema): Fields =>
  Object.fromEntries(Object.entries(map).map(([key, value]) => [key, writtenValue(value, schema)]));

/** Undefined for what is left out. */
function zeroOf({ type: schema, isPointer, isAlwaysWritten }: FieldSchema): unknown {
  if (!isAlwaysWritten) return undefined;
  if (isPointer) return null;
  switch (schema.type) {
    case 'struct':
      return writtenStruct({}, schema);
    case 'string':
      return '';
    case 'bool':
      return false;
    case 'quantity':
    case 'intOrString':
      return schema.type === 'quantity' ? '0' : 0;
    case 'int32':
    case 'int64':
    case 'uint8':
    case 'uint32':
    case 'float64':
      return 0;
    default:
      return null;
  }
}
