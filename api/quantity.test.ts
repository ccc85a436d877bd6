import { describe, expect, it } from 'vitest';
import {
  addQuantity,
  cpuMilliOf,
  formatQuantity,
  parseQuantity,
  QuantityError,
  quantityInt64,
  quantityMilliValue,
  quantityValue,
  roundUpToMilli,
  subQuantity,
} from './quantity.ts';

const MAX_INT64 = 2n ** 63n - 1n;

/** Text, Value(), MilliValue() and canonical form as `k8s.io/apimachinery` v0.37.2 gives them; null where int64 overflows. */
const READINGS: ReadonlyArray<readonly [text: string, value: bigint | null, milli: bigint | null, canonical: string]> =
  [
    ['0', 0n, 0n, '0'],
    ['0.1', 1n, 100n, '100m'],
    ['100u', 1n, 1n, '100u'],
    ['1n', 1n, 1n, '1n'],
    ['2.5m', 1n, 3n, '2500u'],
    ['1500m', 2n, 1500n, '1500m'],
    ['-1.5', -2n, -1500n, '-1500m'],
    ['1.0000000001', 2n, 1001n, '1000000001n'],
    ['0.9999999999', 1n, 1000n, '1'],
    ['9Ei', MAX_INT64, null, '9223372036854775807'],
    ['10Ei', MAX_INT64, null, '9223372036854775807'],
    ['1.5Gi', 1610612736n, 1610612736000n, '1536Mi'],
    ['1.1Ki', 1127n, 1126400n, '1126400m'],
    ['0.1Ki', 103n, 102400n, '102400m'],
    ['1000Ki', 1024000n, 1024000000n, '1000Ki'],
    ['1024Ki', 1048576n, 1048576000n, '1Mi'],
    ['123Mi', 128974848n, 128974848000n, '123Mi'],
    ['129e6', 129000000n, 129000000000n, '129e6'],
    ['129M', 129000000n, 129000000000n, '129M'],
    ['1E3', 1000n, 1000000n, '1e3'],
    ['1.5e-1', 1n, 150n, '150e-3'],
    ['1E', 10n ** 18n, null, '1E'],
    ['412e21', null, null, '412e21'],
    ['1e1000', null, null, '10e999'],
    ['.5', 1n, 500n, '500m'],
    ['5.', 5n, 5000n, '5'],
    ['+1', 1n, 1000n, '1'],
    ['007', 7n, 7000n, '7'],
    ['1.G', 10n ** 9n, 10n ** 12n, '1G'],
    ['1000000000', 10n ** 9n, 10n ** 12n, '1G'],
    // No digits at all are 0, except where upstream leaves its fast path.
    ['+', 0n, 0n, '0'],
    ['.Mi', 0n, 0n, '0'],
    ['e5', 0n, 0n, '0'],
  ];

describe('a quantity means what k8s.io/apimachinery makes of it', () => {
  it.each(READINGS)('%s', (text, value, milli, canonical) => {
    const quantity = parseQuantity(text);
    if (value !== null) expect(quantityInt64(quantity)).toBe(value);
    if (value !== null) expect(quantityValue(quantity)).toBe(Number(value));
    if (milli !== null) expect(quantityMilliValue(quantity)).toBe(Number(milli));
    expect(formatQuantity(quantity)).toBe(canonical);
  });
});

describe('a text that is no quantity is refused in the words of k8s.io/apimachinery', () => {
  const FORMAT = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
  const SUFFIX = "unable to parse quantity's suffix";
  const NUMBER = 'unable to parse numeric part of quantity';
  it.each([
    ['', FORMAT],
    [' 1', FORMAT],
    ['1 ', FORMAT],
    ['abc', FORMAT],
    ['1_000', FORMAT],
    ['1.2.3', FORMAT],
    ['0x10', FORMAT],
    ['1e3.5', FORMAT],
    ['1K', SUFFIX],
    ['1mi', SUFFIX],
    ['1e', SUFFIX],
    ['1E+', SUFFIX],
    ['1kk', SUFFIX],
    ['.e-12', NUMBER],
    ['.Pi', NUMBER],
  ])('"%s": %s', (text, message) => {
    expect(() => parseQuantity(text)).toThrow(new QuantityError(message));
  });

  it('an exponent beyond all reason is refused at once, where upstream computes for minutes', () => {
    expect(() => parseQuantity('1e2147483648')).toThrow(SUFFIX);
  });
});

describe('sums', () => {
  const sum = (a: string, b: string): string => formatQuantity(addQuantity(parseQuantity(a), parseQuantity(b)));
  const difference = (a: string, b: string): string => formatQuantity(subQuantity(parseQuantity(a), parseQuantity(b)));

  it('are exact and rounded once, at the end', () => {
    const third = parseQuantity('100u');
    expect(quantityMilliValue(addQuantity(addQuantity(third, third), third))).toBe(1);
    expect(cpuMilliOf('300u')).toBe(1);
  });

  it.each([
    ['1Gi', '512Mi', '1536Mi', '512Mi'],
    ['1Gi', '1G', '2073741824', '73741824'],
    ['0', '1Mi', '1Mi', '-1Mi'],
    ['1', '1Mi', '1048577', '-1048575'],
    ['1e3', '500m', '1000500e-3', '999500e-3'],
    ['1.1Ki', '1Ki', '2150400m', '102400m'],
  ])('%s and %s: %s, %s', (a, b, added, subtracted) => {
    expect(sum(a, b)).toBe(added);
    expect(difference(a, b)).toBe(subtracted);
  });
});

describe('rounding up to thousandths, as the API server does before it stores a quantity', () => {
  it.each([
    ['100u', '1m'],
    ['1.0005', '1001m'],
    ['500m', '500m'],
    ['0.1Ki', '102400m'],
  ])('%s → %s', (text, rounded) => {
    expect(formatQuantity(roundUpToMilli(parseQuantity(text)))).toBe(rounded);
  });
});
