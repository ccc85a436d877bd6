/** Names made up from a prefix, as API servers and clients do: five characters that are no vowels. */
import { Random } from '../../scheduler/index.ts';

const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
const LENGTH = 5;

export class NameMaker {
  private readonly random = new Random(1);

  /** A name that `isTaken` does not know. */
  make(prefix: string, isTaken: (name: string) => boolean): string {
    for (;;) {
      let name = prefix;
      for (let i = 0; i < LENGTH; i++) name += ALPHABET[this.random.below(ALPHABET.length)];
      if (!isTaken(name)) return name;
    }
  }
}
