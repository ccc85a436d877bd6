import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addQuantity,
  compareQuantity,
  formatQuantity,
  maxQuantity,
  parseQuantity,
  quantityInt64,
  quantityMilliValue,
  roundUpToMilli,
  subQuantity,
} from './quantity.ts';

/** A number as a fraction of whole numbers. */
interface Rational {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

const DECIMAL = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const BINARY = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 };

const digits = fc.stringMatching(/^[0-9]{1,12}$/);
const fraction = fc.option(fc.stringMatching(/^[0-9]{0,12}$/), { nil: undefined });
const suffix = fc.oneof(
  fc.constantFrom(...Object.keys(DECIMAL)),
  fc.constantFrom(...Object.keys(BINARY)),
  fc.integer({ min: -12, max: 24 }).map((exponent) => `e${exponent}`),
);
const sign = fc.constantFrom('', '', '', '+', '-');

const quantityText = fc
  .tuple(sign, digits, fraction, suffix)
  .map(([minus, whole, rest, unit]) => `${minus}${whole}${rest === undefined ? '' : `.${rest}`}${unit}`);

/** The value of a text by the grammar alone, before any rounding. */
function valueOfText(text: string): Rational {
  const [, minus, whole, rest = '', unit] = /^([-+]?)(\d*)(?:\.(\d*))?(.*)$/.exec(text)!;
  let numerator = BigInt(`${whole}${rest}`);
  let denominator = 10n ** BigInt(rest.length);
  const binary = (BINARY as Record<string, number>)[unit!];
  const exponent =
    binary !== undefined
      ? 0
      : unit!.startsWith('e')
        ? Number(unit!.slice(1))
        : (DECIMAL as Record<string, number>)[unit!]!;
  if (binary !== undefined) numerator *= 2n ** BigInt(binary);
  else if (exponent >= 0) numerator *= 10n ** BigInt(exponent);
  else denominator *= 10n ** BigInt(-exponent);
  return { numerator: minus === '-' ? -numerator : numerator, denominator };
}

/** Away from zero to a multiple of 1/scale, in units of 1/scale. */
function roundedAway({ numerator, denominator }: Rational, scale: bigint): bigint {
  const scaled = numerator * scale;
  const quotient = scaled / denominator;
  if (scaled % denominator === 0n) return quotient;
  return scaled > 0n ? quotient + 1n : quotient - 1n;
}

const NANO = 10n ** 9n;
const CAP = (2n ** 63n - 1n) * NANO;
/** Nano-units as they must be: rounded away from zero, binary amounts capped at int64. */
function expectedNano(text: string): bigint {
  const nano = roundedAway(valueOfText(text), NANO);
  if (!text.endsWith('i')) return nano;
  return nano > CAP ? CAP : nano < -CAP ? -CAP : nano;
}

describe('quantities are exact', () => {
  it('a text means what its grammar says, to the nano-unit', () => {
    fc.assert(
      fc.property(quantityText, (text) => {
        expect(parseQuantity(text).nano).toBe(expectedNano(text));
      }),
      { numRuns: 3000 },
    );
  });

  it('sums, differences, order and maximum are those of the rational numbers', () => {
    fc.assert(
      fc.property(quantityText, quantityText, (a, b) => {
        const [x, y] = [parseQuantity(a), parseQuantity(b)];
        const [p, q] = [expectedNano(a), expectedNano(b)];
        expect(addQuantity(x, y).nano).toBe(p + q);
        expect(subQuantity(x, y).nano).toBe(p - q);
        expect(compareQuantity(x, y)).toBe(p < q ? -1 : p > q ? 1 : 0);
        const { nano } = maxQuantity(x, y);
        expect([p, q].includes(nano) && nano >= p && nano >= q).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });

  it('whole and milli values are rounded away from zero', () => {
    fc.assert(
      fc.property(quantityText, (text) => {
        const exact = { numerator: expectedNano(text), denominator: NANO };
        const quantity = parseQuantity(text);
        expect(quantityInt64(quantity)).toBe(BigInt.asIntN(64, roundedAway(exact, 1n)));
        expect(quantityMilliValue(quantity)).toBe(Number(roundedAway(exact, 1000n)));
        expect(roundUpToMilli(quantity).nano).toBe(roundedAway(exact, 1000n) * 1_000_000n);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('the canonical text', () => {
  it('reads back as the same amount, and is its own canonical text', () => {
    fc.assert(
      fc.property(quantityText, (text) => {
        const quantity = parseQuantity(text);
        const canonical = formatQuantity(quantity);
        expect(parseQuantity(canonical).nano).toBe(quantity.nano);
        const again = formatQuantity(parseQuantity(canonical));
        // What is no whole number of Ki has lost its suffix; without one it reads as a decimal amount, whose thousands have one.
        if (text.endsWith('i') && /^-?\d+000$/.test(canonical))
          expect(formatQuantity(parseQuantity(again))).toBe(again);
        else expect(again).toBe(canonical);
      }),
      { numRuns: 3000 },
    );
  });

  // Answers of k8s.io/apimachinery v0.37.2, Quantity.CanonicalizeBytes.
  it.each([
    ['437.5Ki', '448000'],
    ['448000', '448k'],
    ['1.5Mi', '1536Ki'],
    ['0.5Ki', '512'],
    ['1000.5Ki', '1024512'],
    ['2.5Mi', '2560Ki'],
    ['500Ki', '500Ki'],
  ])('of %s is %s', (text, canonical) => {
    expect(formatQuantity(parseQuantity(text))).toBe(canonical);
  });

  it('has no fraction', () => {
    fc.assert(
      fc.property(quantityText, (text) => {
        expect(formatQuantity(parseQuantity(text))).toMatch(/^-?\d+([numkMGTPE]|[KMGTPE]i|e-?\d+)?$/);
      }),
    );
  });
});
