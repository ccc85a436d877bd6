import { describe, expect, test } from 'vitest';
import { GoRandom } from './go-random.ts';

describe("Go's math/rand", () => {
  test('the first numbers of seed 1, as every Go program before 1.20 printed them', () => {
    const random = new GoRandom(1);
    const int63 = () => random.next() & (2n ** 63n - 1n);
    expect([int63(), int63(), int63()]).toEqual([5577006791947779410n, 8674665223082153551n, 6129484611666145821n]);
  });

  test('rand.Intn(100) of seed 1: 81, 87, 47', () => {
    const random = new GoRandom(1);
    expect([random.below(100), random.below(100), random.below(100)]).toEqual([81, 87, 47]);
  });

  test('a shuffle and a permutation keep every item', () => {
    const items = Array.from({ length: 50 }, (_, i) => i);
    const shuffled = [...items];
    new GoRandom(7).shuffle(shuffled);
    expect(shuffled).not.toEqual(items);
    expect([...shuffled].sort((a, b) => a - b)).toEqual(items);
    expect(new GoRandom(7).permutation(50).sort((a, b) => a - b)).toEqual(items);
  });
});
