/**
 * Objects from Kubernetes' protobuf, by the schema tables: an envelope that names the kind, and the kind's own message.
 * What comes out is the JSON that the same object would have been sent as.
 * Source: `apimachinery/pkg/runtime/serializer/protobuf/protobuf.go`, v0.37.2.
 */
import {
  type FieldSchema,
  type StructSchema,
  schemaOf,
  structSchema,
  type TypeSchema,
} from '../../kinds/schema/schema.ts';
import type { Json } from '../patch/index.ts';
import { ProtobufError, type RawField, readFields, textOf } from './reader.ts';

/** `k8s` and a zero byte. */
const MAGIC = [0x6b, 0x38, 0x73, 0x00];
/** Deeper than any object of the API. */
const MAX_DEPTH = 100;

export interface Envelope {
  readonly apiVersion: string;
  readonly kind: string;
  readonly raw: Uint8Array;
}

export function openEnvelope(body: Uint8Array): Envelope {
  if (!MAGIC.every((byte, i) => body[i] === byte)) {
    throw new ProtobufError('provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]');
  }
  let apiVersion = '';
  let kind = '';
  let raw: Uint8Array = new Uint8Array(0);
  for (const { number, bytes } of readFields(body.subarray(MAGIC.length))) {
    if (number === 1) {
      for (const field of readFields(bytes)) {
        if (field.number === 1) apiVersion = textOf(field.bytes);
        else if (field.number === 2) kind = textOf(field.bytes);
      }
    } else if (number === 2) raw = bytes;
  }
  return { apiVersion, kind, raw };
}

/** @returns Undefined for a kind without a table. @throws ProtobufError */
export function decodeProtobuf(body: Uint8Array): Json | undefined {
  const { apiVersion, kind, raw } = openEnvelope(body);
  // Options of a request go under the version of what they are for.
  const schema = kind.endsWith('Options') ? structSchema(`meta.${kind}`) : schemaOf(apiVersion, kind);
  return schema === undefined ? undefined : { apiVersion, kind, ...decodeMessage(raw, schema, 0) };
}

function decodeMessage(bytes: Uint8Array, schema: StructSchema, depth: number): Json {
  if (depth > MAX_DEPTH) throw new ProtobufError('nested too deeply');
  const object: Json = {};
  const byNumber = fieldsByNumber(schema);
  for (const field of readFields(bytes)) {
    const known = byNumber.get(field.number);
    if (known instanceof Map) {
      // A struct that Go embeds is a message of its own.
      for (const inner of readFields(field.bytes)) put(object, known.get(inner.number), inner, depth);
    } else put(object, known, field, depth);
  }
  return object;
}

type Numbered = Map<number, FieldSchema | Map<number, FieldSchema>>;
const numbered = new WeakMap<StructSchema, Numbered>();

function fieldsByNumber(schema: StructSchema): Numbered {
  let byNumber = numbered.get(schema);
  if (byNumber !== undefined) return byNumber;
  byNumber = new Map();
  for (const field of schema.fields.values()) {
    if (field.protoNumber === undefined) continue;
    if (field.embeddedIn === undefined) byNumber.set(field.protoNumber, field);
    else {
      const inner = byNumber.get(field.embeddedIn);
      const fields = inner instanceof Map ? inner : new Map<number, FieldSchema>();
      byNumber.set(field.embeddedIn, fields.set(field.protoNumber, field));
    }
  }
  numbered.set(schema, byNumber);
  return byNumber;
}

function put(object: Json, field: FieldSchema | undefined, raw: RawField, depth: number): void {
  if (field === undefined) return;
  const { name, type } = field;
  if (type.type === 'list') {
    object[name] ??= [];
    const list = object[name] as unknown[];
    if (raw.wireType === 2 && isNumber(type.of)) {
      // Numbers may come packed.
      throw new ProtobufError(`proto: wrong wireType = 2 for field ${name}`);
    }
    list.push(readValue(raw, type.of, name, depth));
  } else if (type.type === 'map') {
    object[name] ??= {};
    putEntry(object[name] as Json, raw, type.of, name, depth);
  } else {
    const value = readValue(raw, type, name, depth);
    if (isMeant(value, field)) object[name] = value;
  }
}

/** Go writes its zero values too: what JSON would leave out is left out. */
function isMeant(value: unknown, { isPointer, isAlwaysWritten, type }: FieldSchema): boolean {
  if (value === undefined) return false;
  if (type.type === 'struct' || isPointer || isAlwaysWritten) return true;
  return value !== '' && value !== 0 && value !== false;
}

function putEntry(map: Json, { bytes }: RawField, type: TypeSchema, name: string, depth: number): void {
  let key = '';
  let value: unknown;
  for (const field of readFields(bytes)) {
    if (field.number === 1) key = textOf(field.bytes);
    else if (field.number === 2) value = readValue(field, type, name, depth);
  }
  const entry = value ?? (type.type === 'string' || type.type === 'bytes' ? '' : {});
  Object.defineProperty(map, key, { value: entry, writable: true, enumerable: true, configurable: true });
}

const isNumber = ({ type }: TypeSchema): boolean => ['int32', 'int64', 'uint8', 'uint32', 'bool'].includes(type);

function readValue(raw: RawField, schema: TypeSchema, name: string, depth: number): unknown {
  const wanted = schema.type === 'float64' ? 1 : isNumber(schema) ? 0 : 2;
  if (raw.wireType !== wanted) throw new ProtobufError(`proto: wrong wireType = ${raw.wireType} for field ${name}`);
  switch (schema.type) {
    case 'struct':
      return decodeMessage(raw.bytes, schema, depth + 1);
    case 'string':
      return textOf(raw.bytes);
    case 'bool':
      return raw.integer !== 0n;
    case 'int32':
      return Number(BigInt.asIntN(32, raw.integer));
    case 'int64':
      return Number(BigInt.asIntN(64, raw.integer));
    case 'uint8':
    case 'uint32':
      return Number(BigInt.asUintN(32, raw.integer));
    case 'float64':
      return doubleOf(raw.integer);
    case 'bytes':
      return Buffer.from(raw.bytes).toString('base64');
    case 'quantity':
      return firstText(raw.bytes);
    case 'time':
    case 'microTime':
      return timeOf(raw.bytes, schema.type === 'microTime');
    case 'intOrString':
      return intOrString(raw.bytes);
    case 'raw':
      return rawValue(raw.bytes);
    case 'list':
    case 'map':
      // A list within a map (`map[string][]string`) is a message with one repeated field.
      return listIn(raw.bytes, schema, name, depth);
  }
}

function doubleOf(bits: bigint): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, bits);
  return view.getFloat64(0);
}

function firstText(bytes: Uint8Array): string {
  for (const field of readFields(bytes)) if (field.number === 1) return textOf(field.bytes);
  return '0';
}

/** Undefined for the zero time. */
function timeOf(bytes: Uint8Array, withMicros: boolean): string | undefined {
  let seconds = 0n;
  let nanos = 0;
  for (const field of readFields(bytes)) {
    if (field.number === 1) seconds = BigInt.asIntN(64, field.integer);
    else if (field.number === 2) nanos = Number(BigInt.asIntN(32, field.integer));
  }
  if (seconds === 0n && nanos === 0) return undefined;
  const ms = Number(seconds) * 1000;
  if (Math.abs(ms) > 8.64e15) throw new ProtobufError('time out of range');
  // Go writes the zero time as the year 1.
  if (seconds <= -62135596800n) return undefined;
  const whole = new Date(ms).toISOString().slice(0, -5);
  return withMicros ? `${whole}.${String(Math.floor(nanos / 1000)).padStart(6, '0')}Z` : `${whole}Z`;
}

function intOrString(bytes: Uint8Array): number | string {
  let isText = false;
  let integer = 0;
  let text = '';
  for (const field of readFields(bytes)) {
    if (field.number === 1) isText = field.integer === 1n;
    else if (field.number === 2) integer = Number(BigInt.asIntN(32, field.integer));
    else if (field.number === 3) text = textOf(field.bytes);
  }
  return isText ? text : integer;
}

/** JSON in a message of its own. */
function rawValue(bytes: Uint8Array): unknown {
  for (const field of readFields(bytes)) {
    if (field.number !== 1 || field.bytes.length === 0) continue;
    try {
      return JSON.parse(textOf(field.bytes));
    } catch (error) {
      if (error instanceof ProtobufError) throw error;
      throw new ProtobufError('a raw field is no JSON');
    }
  }
  return undefined;
}

function listIn(bytes: Uint8Array, schema: TypeSchema, name: string, depth: number): unknown {
  if (schema.type !== 'list') throw new ProtobufError(`field ${name} cannot be read from protobuf`);
  return [...readFields(bytes)]
    .filter(({ number }) => number === 1)
    .map((field) => readValue(field, schema.of, name, depth + 1));
}
