/**
 * `part * 100 / whole` in whole numbers, as Go's int64 division has it.
 *
 * Floats are exact while the product is: up to a capacity of 2^53 / 100 (81.92 TiB); beyond it BigInt takes over, exact as
 * long as the amounts themselves are (2^53).
 */
export const FLOAT_EXACT_MAX = 2 ** 53 / 100;

/** Needs 0 ≤ part ≤ whole and whole > 0. */
export function percentOf(part: number, whole: number): number {
  if (whole <= FLOAT_EXACT_MAX) return Math.floor((part * 100) / whole);
  return Number((BigInt(part) * 100n) / BigInt(whole));
}
