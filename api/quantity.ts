/**
 * Kubernetes quantities, exact: whole nano-units in a bigint, and the format they were written in.
 * Source: `apimachinery/pkg/api/resource`, v0.37.2.
 *
 * Cost: parsing is memoised by text, so a repeated quantity costs one Map lookup.
 */

export type QuantityFormat = 'DecimalSI' | 'BinarySI' | 'DecimalExponent';

/** An exact amount. Immutable. */
export interface Quantity {
  readonly nano: bigint;
  readonly format: QuantityFormat;
}

/** A text is not a quantity; the message is upstream's. */
export class QuantityError extends Error {
  override readonly name = 'QuantityError';
}

const NANO = 1_000_000_000n;
const MAX_INT64 = 2n ** 63n - 1n;

const FORMAT_WRONG = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const NUMBER_WRONG = 'unable to parse numeric part of quantity';
const SUFFIX_WRONG = "unable to parse quantity's suffix";
const SYNTAX = /^([+-]?)(\d*)(?:\.(\d*))?(.*)$/s;

const DECIMAL_EXPONENT: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  '': 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};
const BINARY_SHIFT: Readonly<Record<string, bigint>> = { Ki: 10n, Mi: 20n, Gi: 30n, Ti: 40n, Pi: 50n, Ei: 60n };

export const ZERO_QUANTITY: Quantity = { nano: 0n, format: 'DecimalSI' };

const EXPONENT_LIMIT = 1000;
const MEMO_LIMIT = 20_000;
const memo = new Map<string, Quantity>();

/** Throws QuantityError. Numbers are taken by their text, as in JSON. */
export function parseQuantity(input: string | number): Quantity {
  const text = typeof input === 'string' ? input : String(input);
  let parsed = memo.get(text);
  if (parsed === undefined) {
    parsed = parse(text);
    if (memo.size >= MEMO_LIMIT) memo.clear();
    memo.set(text, parsed);
  }
  return parsed;
}

function parse(text: string): Quantity {
  if (text === '') throw new QuantityError(FORMAT_WRONG);
  const [, sign, whole = '', fraction = '', suffix = ''] = SYNTAX.exec(text)!;
  const scale = suffixOf(suffix);
  // Upstream's fast path takes a sign, a point or a suffix without digits for 0; its slow path refuses them.
  const digits = whole + fraction;
  if (digits === '' && (scale.exponent < -9 || scale.shift >= 50n)) throw new QuantityError(NUMBER_WRONG);
  let numerator = BigInt(digits);
  let denominator = 10n ** BigInt(fraction.length);
  if (scale.shift > 0n) numerator <<= scale.shift;
  else if (scale.exponent >= 0) numerator *= 10n ** BigInt(scale.exponent);
  else denominator *= 10n ** BigInt(-scale.exponent);
  // Finer than a nano-unit is rounded away from zero.
  let nano = ceilDivide(numerator * NANO, denominator);
  if (nano > MAX_INT64 * NANO && scale.format === 'BinarySI') nano = MAX_INT64 * NANO;
  return { nano: sign === '-' ? -nano : nano, format: scale.format };
}

interface Scale {
  readonly exponent: number;
  readonly shift: bigint;
  readonly format: QuantityFormat;
}

function suffixOf(suffix: string): Scale {
  const shift = BINARY_SHIFT[suffix];
  if (shift !== undefined) return { exponent: 0, shift, format: 'BinarySI' };
  const exponent = DECIMAL_EXPONENT[suffix];
  if (exponent !== undefined) return { exponent, shift: 0n, format: 'DecimalSI' };
  const scientific = /^[eE]([-+]?\d+)$/.exec(suffix);
  if (scientific === null) {
    throw new QuantityError(/^[eEinumkKMGTP]*[-+]?[0-9]*$/.test(suffix) ? SUFFIX_WRONG : FORMAT_WRONG);
  }
  const value = Number(scientific[1]);
  // Upstream goes on into numbers that take minutes to compute.
  if (Math.abs(value) > EXPONENT_LIMIT) throw new QuantityError(SUFFIX_WRONG);
  return { exponent: value, shift: 0n, format: 'DecimalExponent' };
}

/** Away from zero. */
function ceilDivide(numerator: bigint, denominator: bigint): bigint {
  const quotient = numerator / denominator;
  const remainder = numerator % denominator;
  if (remainder === 0n) return quotient;
  return numerator > 0n ? quotient + 1n : quotient - 1n;
}

/** A zero takes the format of what is added to it, as upstream. */
export function addQuantity(a: Quantity, b: Quantity): Quantity {
  return { nano: a.nano + b.nano, format: a.nano === 0n ? b.format : a.format };
}

export function subQuantity(a: Quantity, b: Quantity): Quantity {
  return { nano: a.nano - b.nano, format: a.nano === 0n ? b.format : a.format };
}

export function compareQuantity(a: Quantity, b: Quantity): -1 | 0 | 1 {
  return a.nano < b.nano ? -1 : a.nano > b.nano ? 1 : 0;
}

export const maxQuantity = (a: Quantity, b: Quantity): Quantity => (b.nano > a.nano ? b : a);

/** `Value()`: whole units, rounded away from zero. Above 2^53 the nearest double. */
export const quantityValue = (quantity: Quantity): number => Number(ceilDivide(quantity.nano, NANO));

/**
 * `Value()` without loss: whole units, rounded away from zero. Beyond int64 it wraps, as upstream's does for quantities
 * written out in full (for short ones such as `10E` upstream gives 0).
 */
export const quantityInt64 = (quantity: Quantity): bigint => BigInt.asIntN(64, ceilDivide(quantity.nano, NANO));

/** `MilliValue()`: thousandths, rounded away from zero. */
export const quantityMilliValue = (quantity: Quantity): number => Number(ceilDivide(quantity.nano, 1_000_000n));

/** Rounded away from zero to whole thousandths; the same object when it already is. */
export function roundUpToMilli(quantity: Quantity): Quantity {
  if (quantity.nano % 1_000_000n === 0n) return quantity;
  return { nano: ceilDivide(quantity.nano, 1_000_000n) * 1_000_000n, format: quantity.format };
}

/** Milli-cores of a quantity text. Throws QuantityError. */
export const cpuMilliOf = (text: string | number): number => quantityMilliValue(parseQuantity(text));

/** Whole units of a quantity text. Throws QuantityError. */
export const wholeUnitsOf = (text: string | number): number => quantityValue(parseQuantity(text));

/** The canonical text: no fraction, the largest suffix that keeps the value whole. */
export function formatQuantity(quantity: Quantity): string {
  const { nano, format } = quantity;
  if (nano === 0n) return '0';
  const sign = nano < 0n ? '-' : '';
  const amount = nano < 0n ? -nano : nano;
  // Binary suffixes need whole units of at least 1024; what is smaller or fractional is written in decimal.
  if (format === 'BinarySI' && amount >= 1024n * NANO && amount % NANO === 0n) {
    let units = amount / NANO;
    let suffix = '';
    for (const name of Object.keys(BINARY_SHIFT)) {
      if (units % 1024n !== 0n) break;
      units /= 1024n;
      suffix = name;
    }
    return `${sign}${units}${suffix}`;
  }
  // Upstream goes past E in DecimalSI too, finds no suffix there and leaves it out: 1000E becomes 1. Not here.
  const last = format === 'DecimalExponent' ? Number.POSITIVE_INFINITY : 18;
  let digits = amount;
  let exponent = -9;
  while (exponent < last && digits % 1000n === 0n) {
    digits /= 1000n;
    exponent += 3;
  }
  if (format === 'DecimalExponent') return exponent === 0 ? `${sign}${digits}` : `${sign}${digits}e${exponent}`;
  const suffix = Object.keys(DECIMAL_EXPONENT).find((name) => DECIMAL_EXPONENT[name] === exponent) ?? '';
  return `${sign}${digits}${suffix}`;
}
