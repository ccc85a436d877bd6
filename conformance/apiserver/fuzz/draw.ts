/**
 * Everything random about a request comes from one list of numbers, so that fast-check makes requests smaller by making the
 * list shorter and its numbers smaller: where the list has ended, the first choice is taken. (The idea is Hypothesis's.)
 */
import fc from 'fast-check';

const MAX = 2 ** 32 - 1;
const CHOICES = 160;

/** Every number as likely as the others: what is odd is made odd by what they choose. */
const number = fc.noBias(fc.integer({ min: 0, max: MAX }));

export const choices: fc.Arbitrary<number[]> = fc.array(number, { minLength: CHOICES, maxLength: CHOICES });

/** Lists that are cut while they are made smaller. */
export const shrinkable: fc.Arbitrary<number[]> = fc.array(number, { maxLength: CHOICES });

export class Draw {
  private readonly numbers: readonly number[];
  private next = 0;

  constructor(numbers: readonly number[]) {
    this.numbers = numbers;
  }

  /** From 0 up to, not including, the limit: a whole number. */
  below(limit: number): number {
    return Math.floor(this.share() * limit);
  }

  private share(): number {
    const number = this.numbers[this.next] ?? 0;
    this.next++;
    return number / (MAX + 1);
  }

  /** True about `share` of the times; false once the list has ended. */
  chance(share: number): boolean {
    return this.share() >= 1 - share;
  }

  of<T>(options: readonly T[]): T {
    return options[this.below(options.length)]!;
  }

  /** One of the ways, each as often as its weight says; the first one at the end of the list. */
  way<T>(ways: ReadonlyArray<readonly [weight: number, make: () => T]>): T {
    const total = ways.reduce((sum, [weight]) => sum + weight, 0);
    let at = this.share() * total;
    for (const [weight, make] of ways) {
      if (at < weight) return make();
      at -= weight;
    }
    return ways[0]![1]();
  }
}
