/** Puts together objects of one structure: what differs comes from outside, the rest is shared or copied. */

/** Where a member comes from: the next value, the next part, or an object that is built as well. */
export const NEXT_VALUE = 0;
export const NEXT_PART = 1;
export type Source = typeof NEXT_VALUE | typeof NEXT_PART | Blueprint;

export interface Blueprint {
  /** An object like those to be made; members without a source of their own are shared with it. */
  readonly model: object;
  readonly keys: ReadonlyArray<string | number>;
  readonly sources: readonly Source[];
}

/** Values and parts in the order in which they stand in the text. */
export class Supply {
  private readonly values: readonly unknown[];
  private readonly parts: readonly unknown[];
  private valueAt = 0;
  private partAt = 0;

  constructor(values: readonly unknown[], parts: readonly unknown[]) {
    this.values = values;
    this.parts = parts;
  }

  nextValue(): unknown {
    return this.values[this.valueAt++];
  }

  build({ model, keys, sources }: Blueprint): unknown {
    const made = (Array.isArray(model) ? model.slice() : { ...model }) as Record<string | number, unknown>;
    for (let i = 0; i < keys.length; i++) {
      const source = sources[i]!;
      if (source === NEXT_VALUE) made[keys[i]!] = this.values[this.valueAt++];
      else if (source === NEXT_PART) made[keys[i]!] = this.parts[this.partAt++];
      else made[keys[i]!] = this.build(source);
    }
    return made;
  }
}
