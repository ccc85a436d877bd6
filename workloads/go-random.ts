/**
 * The random stream of Go's `math/rand` with a fixed seed, bit for bit: published experiments drew their arrival orders
 * from it. An additive lagged Fibonacci generator, s(k) = s(k−607) + s(k−273) mod 2⁶⁴, whose start is a seeded sequence
 * xor the state that one seed reaches after 7.8·10¹² steps. Go ships that state as a table; here it is computed, by
 * raising x to that power modulo the characteristic polynomial (about half a second, once per process).
 */
const LENGTH = 607;
const TAP = 273;
const MODULUS = 2 ** 31 - 1;
const STEPS = 7_800_000_000_000n;
const WORD = (1n << 64n) - 1n;
const LIMBS = 4;
const LIMB_BITS = 16n;

/** x → 48271·x mod 2³¹ − 1, without leaving 32 bits. */
function lehmer(x: number): number {
  const value = 48271 * (x % 44488) - 3399 * Math.floor(x / 44488);
  return value < 0 ? value + MODULUS : value;
}

function seeded(seed: number, firstShift: bigint, secondShift: bigint): bigint[] {
  let x = seed;
  const words: bigint[] = [];
  for (let skip = 0; skip < 20; skip++) x = lehmer(x);
  for (let i = 0; i < LENGTH; i++) {
    x = lehmer(x);
    let word = BigInt(x) << firstShift;
    x = lehmer(x);
    word ^= BigInt(x) << secondShift;
    x = lehmer(x);
    words.push((word ^ BigInt(x)) & WORD);
  }
  return words;
}

/** Product modulo x⁶⁰⁷ − x³³⁴ − 1 over the integers mod 2⁶⁴; in limbs of 16 bits, whose sums a double holds exactly. */
function product(a: readonly bigint[], b: readonly bigint[]): bigint[] {
  const left = limbs(a);
  const right = limbs(b);
  const sums = Array.from({ length: LIMBS }, () => new Float64Array(2 * LENGTH - 1));
  for (let i = 0; i < LIMBS; i++) {
    for (let j = 0; i + j < LIMBS; j++) accumulate(left[i]!, right[j]!, sums[i + j]!);
  }
  const full = Array.from({ length: 2 * LENGTH - 1 }, (_, k) => {
    let word = 0n;
    for (let limb = LIMBS - 1; limb >= 0; limb--) word = (word << LIMB_BITS) + BigInt(sums[limb]![k]!);
    return word & WORD;
  });
  for (let k = full.length - 1; k >= LENGTH; k--) {
    const top = full[k]!;
    full[k - LENGTH] = (full[k - LENGTH]! + top) & WORD;
    full[k - TAP] = (full[k - TAP]! + top) & WORD;
  }
  return full.slice(0, LENGTH);
}

function accumulate(a: Float64Array, b: Float64Array, into: Float64Array): void {
  for (let p = 0; p < LENGTH; p++) {
    const factor = a[p]!;
    if (factor === 0) continue;
    for (let q = 0; q < LENGTH; q++) into[p + q]! += factor * b[q]!;
  }
}

function limbs(words: readonly bigint[]): Float64Array[] {
  return Array.from({ length: LIMBS }, (_, limb) =>
    Float64Array.from(words, (word) => Number((word >> (BigInt(limb) * LIMB_BITS)) & 0xffffn)),
  );
}

/** x to the power of STEPS. */
function jump(): bigint[] {
  let power: bigint[] = [1n, ...new Array<bigint>(LENGTH - 1).fill(0n)];
  for (const bit of STEPS.toString(2)) {
    power = product(power, power);
    if (bit === '0') continue;
    const top = power[LENGTH - 1]!;
    power = [0n, ...power.slice(0, LENGTH - 1)];
    power[0] = top;
    power[LENGTH - TAP] = (power[LENGTH - TAP]! + top) & WORD;
  }
  return power;
}

/** Where the register keeps s(k); it runs backwards. */
const placeOf = (k: number): number => (((LENGTH - TAP - k) % LENGTH) + LENGTH) % LENGTH;

let cooked: readonly bigint[] | undefined;

/** The register after STEPS steps from seed 1. */
function cookedState(): readonly bigint[] {
  if (cooked !== undefined) return cooked;
  const start = seeded(1, 20n, 10n);
  const sequence = Array.from({ length: LENGTH }, (_, j) => start[placeOf(j - LENGTH + 1)]!);
  for (let j = LENGTH; j < 2 * LENGTH; j++) sequence.push((sequence[j - LENGTH]! + sequence[j - TAP]!) & WORD);
  const power = jump();
  const state = new Array<bigint>(LENGTH);
  const last = Number(STEPS % BigInt(LENGTH));
  for (let i = 0; i < LENGTH; i++) {
    let word = 0n;
    for (let j = 0; j < LENGTH; j++) word += power[j]! * sequence[i + j]!;
    state[placeOf(last - LENGTH + 1 + i)] = word & WORD;
  }
  cooked = state;
  return state;
}

export class GoRandom {
  private readonly register: bigint[];
  private tap = 0;
  private feed = LENGTH - TAP;

  /** @param seed Whole and above 0. */
  constructor(seed: number) {
    const state = cookedState();
    this.register = seeded(seed % MODULUS, 40n, 20n).map((word, i) => word ^ state[i]!);
  }

  /** `Uint64`. */
  next(): bigint {
    this.tap = (this.tap + LENGTH - 1) % LENGTH;
    this.feed = (this.feed + LENGTH - 1) % LENGTH;
    const word = (this.register[this.feed]! + this.register[this.tap]!) & WORD;
    this.register[this.feed] = word;
    return word;
  }

  /** `Intn`: below n, an int32 above 0. */
  below(n: number): number {
    if ((n & (n - 1)) === 0) return this.bits31() & (n - 1);
    const most = 2 ** 31 - 1 - (2 ** 31 % n);
    let value = this.bits31();
    while (value > most) value = this.bits31();
    return value % n;
  }

  /** `Perm`. */
  permutation(n: number): number[] {
    const places: number[] = [];
    for (let i = 0; i < n; i++) {
      const j = this.below(i + 1);
      places[i] = places[j]!;
      places[j] = i;
    }
    return places;
  }

  /** `Shuffle`: Fisher and Yates from the end, with Lemire's way to draw below n. */
  shuffle<T>(items: T[]): void {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.shuffleIndex(i + 1);
      const kept = items[i]!;
      items[i] = items[j]!;
      items[j] = kept;
    }
  }

  private shuffleIndex(n: number): number {
    const threshold = (2 ** 32 - n) % n;
    for (;;) {
      const wide = BigInt(this.bits32()) * BigInt(n);
      if (Number(wide & 0xffff_ffffn) >= threshold) return Number(wide >> 32n);
    }
  }

  private bits31(): number {
    return Number((this.next() & (WORD >> 1n)) >> 32n);
  }

  private bits32(): number {
    return Number((this.next() & (WORD >> 1n)) >> 31n);
  }
}
