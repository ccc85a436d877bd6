/**
 * The order of keys is that of their UTF-8 bytes. JavaScript compares strings by UTF-16 units, which is the same order except
 * where a surrogate meets a unit from U+E000 on: only stores that hold such keys pay for the exact comparison.
 */
import { StoreError } from './store-error.ts';

export type KeyOrder = (a: string, b: string) => number;

/** `rangeEnd` of "every key from `key` on". */
export const FROM_KEY_END = '\0';

export const byUtf16: KeyOrder = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

const FIRST_SURROGATE = 0xd800;
const FIRST_AFTER_SURROGATES = 0xe000;
const LAST_CODE_POINT = 0x10ffff;

/** Moves surrogates, which stand for the code points from U+10000 on, behind all other units. */
const weigh = (unit: number): number =>
  unit >= FIRST_SURROGATE && unit < FIRST_AFTER_SURROGATES ? unit + 0x10000 : unit;

export const byUtf8: KeyOrder = (a, b) => {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const unitA = a.charCodeAt(index);
    const unitB = b.charCodeAt(index);
    if (unitA !== unitB) return weigh(unitA) - weigh(unitB);
  }
  return a.length - b.length;
};

const HIGH_UNIT = /[\ud800-\uffff]/;
const LONE_SURROGATE = /\p{Surrogate}/u;

/** True when the key needs `byUtf8`. Throws `InvalidArgument` for a string that has no UTF-8 form. */
export function needsUtf8Order(key: string): boolean {
  if (!HIGH_UNIT.test(key)) return false;
  if (LONE_SURROGATE.test(key)) {
    throw new StoreError(
      'InvalidArgument',
      `key ${JSON.stringify(key)} is not valid Unicode: it holds half a surrogate pair`,
    );
  }
  return true;
}

/** The first string behind all strings that begin with the prefix; `'\0'` (no end) when there is none. */
export function prefixEnd(prefix: string): string {
  const points = [...prefix];
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    const point = last.codePointAt(0)!;
    if (point === LAST_CODE_POINT) continue;
    const next = point + 1 === FIRST_SURROGATE ? FIRST_AFTER_SURROGATES : point + 1;
    return points.join('') + String.fromCodePoint(next);
  }
  return FROM_KEY_END;
}

/** All keys that begin with the prefix; every key for the empty one. */
export const prefixRange = (prefix: string): { readonly key: string; readonly rangeEnd: string } =>
  prefix === '' ? { key: FROM_KEY_END, rangeEnd: FROM_KEY_END } : { key: prefix, rangeEnd: prefixEnd(prefix) };
