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

/** Two hexadecimal digits for every byte. */
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

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
    return `${hex(a)}-${hex2(b >>> 16)}-${hex2(((b & 0x0fff) | 0x4000) >>> 0)}-${hex2(((c >>> 16) & 0x3fff) | 0x8000)}-${hex2(c & 0xffff)}${hex(d)}`;
  }

  nameSuffix(): string {
    let text = '';
    for (let i = 0; i < SUFFIX_LENGTH; i++) text += CHARACTERS[this.word() % CHARACTERS.length];
    return text;
  }
}

/** The same ids for the same seed. */
export const seededIds = (seed: number): IdSource => new WordIds(splitMix32(seed));

const hex2 = (half: number): string => HEX[(half >>> 8) & 0xff]! + HEX[half & 0xff]!;
const hex = (word: number): string => hex2(word >>> 16) + hex2(word & 0xffff);

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
