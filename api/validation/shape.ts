/**
 * What Go's decoder does before anybody validates: values of the wrong type are refused, null fields are dropped, and
 * numbers given for quantities become their text. Only what scheduling reads has a shape; all else passes.
 *
 * Cost: one look at every field that has a shape; nothing is allocated unless something is wrong.
 */
import { type FieldError, invalidValue, Rendered, showValue } from '../field-error.ts';
import { parseQuantity, QuantityError } from '../quantity.ts';

export type Shape =
  | 'string'
  | 'integer'
  | 'boolean'
  | 'quantity'
  | 'time'
  | 'integerOrString'
  | { readonly list: Shape }
  | { readonly map: Shape }
  | { readonly fields: Fields };
export type Fields = Readonly<Record<string, Shape>>;

export const list = (shape: Shape): Shape => ({ list: shape });
export const map = (shape: Shape): Shape => ({ map: shape });
export const fields = (shapes: Fields): { readonly fields: Fields } => ({ fields: shapes });

const KNOWN_MAX = 1 << 16;

/** Parts of objects that were found in shape before: objects out of one file share theirs, and nobody changes them. */
export class DecodedParts {
  private readonly parts = new Set<unknown>();

  has(part: unknown): boolean {
    return this.parts.has(part);
  }

  add(part: unknown): void {
    if (this.parts.size >= KNOWN_MAX) this.parts.clear();
    this.parts.add(part);
  }
}

/** Brings an object in shape, in place, and says what does not fit. */
export function decode(object: object, shape: { readonly fields: Fields }, known?: DecodedParts): FieldError[] {
  const decoder = new Decoder(known);
  decoder.fields(object as Record<string, unknown>, shape.fields);
  return decoder.errors;
}

const QUANTITY_HINT = 'the suffixes are n, u, m, k, M, G, T, P, E and Ki, Mi, Gi, Ti, Pi, Ei';
const TIME = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[-+]\d\d:\d\d)$/;
const SHOWN_LENGTH = 80;
/** What is shared lies no deeper, such as `spec.containers`. */
const SHARED_DEPTH_MAX = 2;

class Decoder {
  readonly errors: FieldError[] = [];
  private readonly known: DecodedParts | undefined;
  /** The way to what is being looked at: names of fields, and in brackets what stands in lists and maps. */
  private readonly trail: Array<string | readonly [string | number]> = [];

  constructor(known: DecodedParts | undefined) {
    this.known = known;
  }

  fields(object: Record<string, unknown>, shapes: Fields): void {
    for (const key in object) {
      const value = object[key];
      if (value === undefined) continue;
      if (value === null) {
        object[key] = undefined;
        continue;
      }
      const shape = Object.hasOwn(shapes, key) ? shapes[key] : undefined;
      if (shape === undefined) continue;
      const decoded = this.inside(key, value, shape);
      if (decoded !== value) object[key] = decoded;
    }
  }

  private inside(step: Decoder['trail'][number], value: unknown, shape: Shape): unknown {
    this.trail.push(step);
    const decoded = typeof shape === 'string' ? this.scalar(value, shape) : this.part(value, shape);
    this.trail.pop();
    return decoded;
  }

  private part(value: unknown, shape: Exclude<Shape, string>): unknown {
    const known = this.trail.length <= SHARED_DEPTH_MAX ? this.known : undefined;
    if (known === undefined) return this.container(value, shape);
    if (known.has(value)) return value;
    const before = this.errors.length;
    const decoded = this.container(value, shape);
    if (this.errors.length === before) known.add(decoded);
    return decoded;
  }

  /** In lists and maps null stands for the zero value. */
  private element(step: string | number, value: unknown, shape: Shape): unknown {
    return value === null ? zeroOf(shape) : this.inside([step], value, shape);
  }

  private container(value: unknown, shape: Exclude<Shape, string>): unknown {
    if ('list' in shape) {
      if (!Array.isArray(value)) return this.wrong(value, 'must be a list');
      for (let i = 0; i < value.length; i++) value[i] = this.element(i, value[i], shape.list);
      return value;
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return this.wrong(value, 'must be a map');
    const object = value as Record<string, unknown>;
    if ('fields' in shape) this.fields(object, shape.fields);
    else for (const key of Object.keys(object)) object[key] = this.element(key, object[key], shape.map);
    return value;
  }

  private scalar(value: unknown, shape: Shape & string): unknown {
    switch (shape) {
      case 'string':
        if (typeof value === 'string') return value;
        return this.wrong(value, typeof value === 'object' ? 'must be a string' : 'must be a string: put it in quotes');
      case 'integer':
        return Number.isSafeInteger(value) ? value : this.wrong(value, 'must be a whole number');
      case 'integerOrString':
        if (typeof value === 'string' || Number.isSafeInteger(value)) return value;
        return this.wrong(value, 'must be a whole number or a percentage such as "50%"');
      case 'boolean':
        return typeof value === 'boolean' ? value : this.wrong(value, 'must be true or false');
      case 'time':
        if (typeof value === 'string' && TIME.test(value) && !Number.isNaN(Date.parse(value))) return value;
        return this.wrong(value, 'must be a time such as 2026-03-04T05:06:07Z');
      case 'quantity':
        return this.quantity(value);
    }
  }

  private quantity(value: unknown): unknown {
    if (typeof value !== 'string' && typeof value !== 'number') {
      return this.wrong(value, 'must be a quantity such as 500m, 2 or 4Gi');
    }
    const text = String(value).trim();
    try {
      parseQuantity(text);
      return text;
    } catch (error) {
      if (!(error instanceof QuantityError)) throw error;
      const isSuffix = error.message.includes('suffix');
      return this.wrong(text, isSuffix ? `${error.message}: ${QUANTITY_HINT}` : error.message);
    }
  }

  private wrong(value: unknown, detail: string): undefined {
    const shown = showValue(value);
    const short = shown.length > SHOWN_LENGTH ? `${shown.slice(0, SHOWN_LENGTH)}…` : shown;
    const path = this.trail.map((step) => (typeof step === 'string' ? `.${step}` : `[${step[0]}]`)).join('');
    this.errors.push(invalidValue(path.slice(1), new Rendered(short), detail));
    return undefined;
  }
}

function zeroOf(shape: Shape): unknown {
  if (typeof shape !== 'string') return 'list' in shape ? [] : {};
  if (shape === 'quantity') return '0';
  return shape === 'integer' || shape === 'integerOrString' ? 0 : shape === 'boolean' ? false : '';
}
