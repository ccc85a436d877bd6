/**
 * Values of the CEL environment of device selectors that CEL itself does not have: quantities and semantic versions.
 * Source: `apiserver/pkg/cel/library/{quantity,semverlib}.go`, v0.37.2.
 */
import { compareQuantity, parseQuantity, type Quantity, QuantityError } from '../../../api/index.ts';

const NANO = 1_000_000_000n;
const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);

/** A quantity inside a CEL expression. */
export class CelQuantity {
  readonly quantity: Quantity;

  constructor(quantity: Quantity) {
    this.quantity = quantity;
  }

  static parse(text: string): CelQuantity {
    return new CelQuantity(parseQuantity(text));
  }

  static isValid(text: string): boolean {
    try {
      parseQuantity(text);
      return true;
    } catch (error) {
      if (error instanceof QuantityError) return false;
      throw error;
    }
  }

  compareTo(other: CelQuantity): bigint {
    return BigInt(compareQuantity(this.quantity, other.quantity));
  }

  get isInteger(): boolean {
    const { nano } = this.quantity;
    return nano % NANO === 0n && nano / NANO <= INT64_MAX && nano / NANO >= INT64_MIN;
  }

  asInteger(): bigint {
    if (!this.isInteger) throw new Error('cannot convert value to integer');
    return this.quantity.nano / NANO;
  }

  asApproximateFloat(): number {
    return Number(this.quantity.nano) / 1e9;
  }

  sign(): bigint {
    const { nano } = this.quantity;
    return nano > 0n ? 1n : nano < 0n ? -1n : 0n;
  }

  plus(nano: bigint): CelQuantity {
    return new CelQuantity({ ...this.quantity, nano: this.quantity.nano + nano });
  }
}

export const nanoOfInteger = (value: bigint): bigint => value * NANO;

/** Semantic Versioning 2.0.0, strictly: three numbers without leading zeros, then pre-release and build. */
const SEMVER =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-((?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*))?(?:\+([0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*))?$/;

/** A semantic version inside a CEL expression. */
export class CelSemver {
  readonly major: bigint;
  readonly minor: bigint;
  readonly patch: bigint;
  private readonly preRelease: readonly string[];

  constructor(text: string) {
    const match = SEMVER.exec(text);
    if (match === null) throw new Error(`"${text}" is no semantic version`);
    this.major = BigInt(match[1]!);
    this.minor = BigInt(match[2]!);
    this.patch = BigInt(match[3]!);
    this.preRelease = match[4]?.split('.') ?? [];
  }

  static isValid(text: string): boolean {
    return SEMVER.test(text);
  }

  /** A release comes after its pre-releases; what is built from it does not count. */
  compareTo(other: CelSemver): bigint {
    for (const part of ['major', 'minor', 'patch'] as const) {
      if (this[part] !== other[part]) return this[part] < other[part] ? -1n : 1n;
    }
    const [a, b] = [this.preRelease, other.preRelease];
    if (a.length === 0 || b.length === 0) return BigInt(Math.sign(b.length - a.length));
    for (let i = 0; i < Math.min(a.length, b.length); i++) {
      const order = compareIdentifiers(a[i]!, b[i]!);
      if (order !== 0n) return order;
    }
    return BigInt(Math.sign(a.length - b.length));
  }
}

const NUMERIC = /^\d+$/;

function compareIdentifiers(a: string, b: string): bigint {
  const [isNumber, otherIsNumber] = [NUMERIC.test(a), NUMERIC.test(b)];
  if (isNumber !== otherIsNumber) return isNumber ? -1n : 1n;
  if (isNumber) return BigInt(a) === BigInt(b) ? 0n : BigInt(a) < BigInt(b) ? -1n : 1n;
  return a === b ? 0n : a < b ? -1n : 1n;
}
