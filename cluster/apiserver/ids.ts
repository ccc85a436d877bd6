/** Where the UIDs and the ends of generated names come from: seeded, so that a run can be repeated, or from the host. */
export interface IdSource {
  /** A UUID of version 4. */
  uid(): string;
  /** Five characters for the end of a generated name. */
  nameSuffix(): string;
}

/** No vowels, and nothing that looks like something else (`apimachinery/pkg/util/rand/rand.go`, v0.37.2). */
const CHARACTERS = 'bcdfghjklmnpqrstvwxz2456789';
const SUFFIX_LENGTH = 5;

const DIGITS = Buffer.from('0123456789abcdef');
/** Where the digits of a UUID are written: a text put together from pieces would be kept in pieces, ten times as long. */
const uuid = Buffer.from('00000000-0000-0000-0000-000000000000');

/** The ids of 32-bit random words. */
export class WordIds implements IdSource {
  private readonly word: () => number;

  /** @param word A random whole number from 0 up to 2^32. */
  constructor(word: () => number) {
    this.word = word;
  }

  uid(): string {
    const a = this.word();
    const b = this.word();
    const c = this.word();
    const d = this.word();
    writeHex(a, 8, 0);
    writeHex(b >>> 16, 4, 9);
    writeHex((b & 0x0fff) | 0x4000, 4, 14);
    writeHex(((c >>> 16) & 0x3fff) | 0x8000, 4, 19);
    writeHex(c & 0xffff, 4, 24);
    writeHex(d, 8, 28);
    return uuid.toString('latin1');
  }

  nameSuffix(): string {
    let text = '';
    for (let i = 0; i < SUFFIX_LENGTH; i++) text += CHARACTERS[this.word() % CHARACTERS.length];
    return text;
  }
}

/** The same ids for the same seed. */
export const seededIds = (seed: number): IdSource => new WordIds(splitMix32(seed));

function writeHex(word: number, digits: number, at: number): void {
  for (let i = 0; i < digits; i++) uuid[at + i] = DIGITS[(word >>> (4 * (digits - 1 - i))) & 0xf]!;
}

/** SplitMix with 32 bits of state and MurmurHash3's finaliser. */
function splitMix32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  };
}
