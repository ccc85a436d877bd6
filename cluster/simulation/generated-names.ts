/** As API servers make names: no vowels, and nothing that looks like something else. */
const CHARACTERS = 'bcdfghjklmnpqrstvwxz2456789';
const SUFFIX_LENGTH = 5;

/** Spreads successive numbers over all suffixes; prime to their number, so that none comes twice. */
const STRIDE = 5_915_587;
const SUFFIXES = CHARACTERS.length ** SUFFIX_LENGTH;

/** Names from prefixes, the same in every run. */
export class GeneratedNames {
  private made = 0;

  nameFrom(prefix: string): string {
    let rest = (this.made++ * STRIDE) % SUFFIXES;
    let suffix = '';
    for (let i = 0; i < SUFFIX_LENGTH; i++) {
      suffix = CHARACTERS[rest % CHARACTERS.length] + suffix;
      rest = Math.floor(rest / CHARACTERS.length);
    }
    return prefix + suffix;
  }
}
