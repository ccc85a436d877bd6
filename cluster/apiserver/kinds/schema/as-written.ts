/**
 * An object as Go writes it: fields that are always written stand there with their zero value (`null` for lists, maps and
 * times) even when nobody has set them.
 *
 * Cost: one look at every field that a present struct has; what needs nothing is shared with the object given.
 */
import type { FieldSchema, StructSchema, TypeSchema } from './schema.ts';

type Fields = Readonly<Record<string, unknown>>;

export const asWritten = (object: object, schema: StructSchema): object => writtenStruct(object as Fields, schema);

function writtenStruct(object: Fields, schema: StructSchema): Fields {
  let changed: Record<string, unknown> | undefined;
  for (const field of schema.fields.values()) {
    const value = object[field.name];
    const written = value === undefined ? zeroOf(field) : writtenValue(value, field.type);
    if (written === value) continue;
    changed ??= { ...object };
    changed[field.name] = written;
  }
  return changed ?? object;
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
