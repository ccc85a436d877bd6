/** The shape of a golden result, as data: which fields there are, so that a field nobody knows is never skipped silently. */

export type Shape =
  /** A string, a number or a boolean. */
  | 'value'
  /** Anything; compared in full. */
  | 'json'
  | { readonly list: Shape }
  /** An object whose keys are data (node names, resource names). */
  | { readonly map: Shape }
  | { readonly fields: Readonly<Record<string, Shape>> };

/** The one shape that describes `T`: the compiler demands every field of the record, and no other. */
export type ShapeOf<T> = T extends string | number | boolean
  ? 'value'
  : T extends ReadonlyArray<infer Entry>
    ? { readonly list: ShapeOf<Entry> }
    : string extends keyof T
      ? { readonly map: ShapeOfField<T[keyof T]> }
      : { readonly fields: { readonly [Field in keyof T]-?: ShapeOfField<T[Field]> } };

type ShapeOfField<T> = unknown extends T ? 'json' : ShapeOf<NonNullable<T>>;
