/**
 * What Go's decoder does to the JSON of an object, in place: null fields and those that are as good as absent go, quantities
 * take their canonical text, fields that nobody knows are dropped and told, and the first value of a wrong type is refused
 * in its words. Source: `sigs.k8s.io/json` and the `UnmarshalJSON` methods of `apimachinery`, v0.37.2.
 *
 * Cost: one look at every field that is there.
 */
import { formatQuantity, parseQuantity, QuantityError } from '../../../../api/index.ts';
import type { FieldSchema, StructSchema, TypeSchema } from './schema.ts';

export interface Decoded {
  /** In the decoder's words; undefined when everything has the right type. */
  readonly error: string | undefined;
  /** `spec.bogus`, `spec.containers[0].bogus`. */
  readonly unknownFields: readonly string[];
}

/** @param object Parsed JSON that nobody else holds. */
export function decodeStruct(object: Record<string, unknown>, schema: StructSchema): Decoded {
  const decoder = new Decoder();
  decoder.struct(object, schema);
  return decoder;
}

const INT32_MAX = 2 ** 31 - 1;
const UNKNOWN_FIELDS_TOLD = 100;

class Decoder implements Decoded {
  error: string | undefined;
  readonly unknownFields: string[] = [];
  /** Struct that holds the value being looked at. */
  private holder = '';
  /** The way to it, with and without places in lists. */
  private readonly trail: string[] = [];
  private readonly names: string[] = [];

  struct(object: Record<string, unknown>, schema: StructSchema): void {
    const outer = this.holder;
    for (const key of Object.keys(object)) {
      const value = object[key];
      const field = schema.fields.get(key);
      if (field === undefined) {
        this.unknown(key);
        delete object[key];
      } else if (value === null) delete object[key];
      else {
        this.holder = schema.goName;
        const decoded = this.field(field, value);
        if (decoded === undefined || (isLeftOut(field) && isZero(decoded))) delete object[key];
        else object[key] = decoded;
      }
    }
    // Two objects that are written alike are the same, and so are stored alike.
    for (const field of schema.always) object[field.name] ??= zeroOf(field.type);
    this.holder = outer;
  }

  private field(field: FieldSchema, value: unknown): unknown {
    this.trail.push(this.trail.length === 0 ? field.name : `.${field.name}`);
    this.names.push(field.name);
    const decoded = this.value(value, field.type);
    this.names.pop();
    this.trail.pop();
    return decoded;
  }

  private value(value: unknown, schema: TypeSchema): unknown {
    switch (schema.type) {
      case 'struct':
        if (!isObject(value)) return this.wrong(value, schema);
        this.struct(value, schema);
        return value;
      case 'list':
        return this.list(value, schema);
      case 'map':
        return this.map(value, schema);
      case 'string':
        return typeof value === 'string' ? value : this.wrong(value, schema);
      case 'bool':
        return typeof value === 'boolean' ? value : this.wrong(value, schema);
      default:
        return this.scalar(value, schema);
    }
  }

  private list(value: unknown, schema: TypeSchema & { type: 'list' }): unknown {
    if (!Array.isArray(value)) return this.wrong(value, schema);
    for (let i = 0; i < value.length; i++) {
      this.trail.push(`[${i}]`);
      value[i] = value[i] === null ? zeroOf(schema.of) : this.value(value[i], schema.of);
      this.trail.pop();
    }
    return value;
  }

  private map(value: unknown, schema: TypeSchema & { type: 'map' }): unknown {
    if (!isObject(value)) return this.wrong(value, schema);
    for (const key of Object.keys(value)) {
      this.trail.push(`[${key}]`);
      value[key] = value[key] === null ? zeroOf(schema.of) : this.value(value[key], schema.of);
      this.trail.pop();
    }
    return value;
  }

  private scalar(value: unknown, schema: TypeSchema): unknown {
    switch (schema.type) {
      case 'int32':
        return this.integer(value, schema, -INT32_MAX - 1, INT32_MAX);
      case 'int64':
        return this.integer(value, schema, -Number.MAX_VALUE, Number.MAX_VALUE);
      case 'uint8':
      case 'uint32':
        return this.integer(value, schema, 0, 2 ** (schema.type === 'uint8' ? 8 : 32) - 1);
      case 'float64':
        return typeof value === 'number' ? value : this.wrong(value, schema);
      case 'bytes':
        return this.bytes(value, schema);
      case 'quantity':
        return this.quantity(value, schema);
      case 'intOrString':
        if (typeof value === 'string') return value;
        return this.integer(value, INT32, -INT32_MAX - 1, INT32_MAX);
      case 'time':
      case 'microTime':
        return this.time(value);
      default:
        return value;
    }
  }

  private integer(value: unknown, schema: TypeSchema, min: number, max: number): unknown {
    if (typeof value !== 'number') return this.wrong(value, schema);
    if (Number.isInteger(value) && value >= min && value <= max) return value;
    return this.refuse(`number ${value}`, schema);
  }

  private bytes(value: unknown, schema: TypeSchema): unknown {
    if (typeof value !== 'string') return this.wrong(value, schema);
    const at = illegalBase64At(value);
    if (at >= 0) this.error ??= `illegal base64 data at input byte ${at}`;
    return value;
  }

  private quantity(value: unknown, schema: TypeSchema): unknown {
    if (typeof value !== 'string' && typeof value !== 'number') return this.wrong(value, schema);
    try {
      return canonicalQuantity(String(value).trim());
    } catch (error) {
      if (!(error instanceof QuantityError)) throw error;
      this.error ??= error.message;
      return '0';
    }
  }

  private time(value: unknown): unknown {
    if (typeof value !== 'string') {
      this.error ??= `json: cannot unmarshal ${nameOf(value)} into Go value of type string`;
      return undefined;
    }
    if (TIME.test(value) && !Number.isNaN(Date.parse(value))) return value;
    this.error ??= `parsing time ${JSON.stringify(value)} as "2006-01-02T15:04:05Z07:00": cannot parse ${JSON.stringify(value)} as "2006"`;
    return undefined;
  }

  private wrong(value: unknown, schema: TypeSchema): undefined {
    return this.refuse(nameOf(value), schema);
  }

  private refuse(what: string, schema: TypeSchema): undefined {
    const where = this.names.length === 0 ? 'value' : `struct field ${this.holder}.${this.names.join('.')}`;
    this.error ??= `json: cannot unmarshal ${what} into Go ${where} of type ${goTypeOf(schema)}`;
    return undefined;
  }

  private unknown(key: string): void {
    if (this.unknownFields.length >= UNKNOWN_FIELDS_TOLD) return;
    this.unknownFields.push(`${this.trail.join('')}${this.trail.length === 0 ? '' : '.'}${key}`);
  }
}

/** Go does not write such a field when it is zero, so nobody can tell that from an absent one. */
const isLeftOut = (field: FieldSchema): boolean => !field.isPointer && !field.isAlwaysWritten;

function isZero(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return value === '' || value === 0 || value === false;
  for (const _ in value) return false;
  return true;
}

const INT32: TypeSchema = { type: 'int32', goName: 'int32' };
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[-+]\d\d:\d\d)$/;
const CANONICAL_LIMIT = 10_000;
const canonical = new Map<string, string>();

/** The text that Go writes for a quantity. Throws QuantityError. */
export function canonicalQuantity(text: string): string {
  let known = canonical.get(text);
  if (known === undefined) {
    known = formatQuantity(parseQuantity(text));
    if (canonical.size >= CANONICAL_LIMIT) canonical.clear();
    canonical.set(text, known);
  }
  return known;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const nameOf = (value: unknown): string => {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
};

/** Also what null stands for in lists and maps. */
function zeroOf(schema: TypeSchema): unknown {
  switch (schema.type) {
    case 'struct': {
      const object: Record<string, unknown> = {};
      for (const field of schema.always) object[field.name] = zeroOf(field.type);
      return object;
    }
    case 'map':
      return {};
    case 'list':
      return [];
    case 'bool':
      return false;
    case 'quantity':
      return '0';
    case 'string':
    case 'bytes':
      return '';
    case 'time':
    case 'microTime':
    case 'raw':
      return undefined;
    default:
      return 0;
  }
}

function goTypeOf(schema: TypeSchema): string {
  switch (schema.type) {
    case 'struct':
      return `${/v\d\w*$/.exec(schema.name.split('.')[0]!)?.[0] ?? 'v1'}.${schema.goName}`;
    case 'list':
      return `[]${goTypeOf(schema.of)}`;
    case 'map':
      return schema.of.type === 'quantity' ? 'v1.ResourceList' : `map[string]${goTypeOf(schema.of)}`;
    default:
      return schema.goName;
  }
}

/** Where standard base64 ends to be such; −1 when it does not. */
function illegalBase64At(text: string): number {
  const at = text.search(/[^A-Za-z0-9+/]/);
  const body = at < 0 ? text.length : at;
  if (!/^=*$/.test(text.slice(body))) return body;
  const padding = text.length - body;
  return text.length % 4 === 0 && padding <= 2 ? -1 : body;
}
