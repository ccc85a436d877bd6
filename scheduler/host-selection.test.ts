import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstPick, heapPick, randomPick } from './host-selection.ts';
import { Random } from './random.ts';

const totals = (...scores: number[]) => Float64Array.from(scores);

describe('host selection', () => {
  // Executed against container/heap of the upstream release.
  it.each([
    [[5, 5, 5, 5], 0],
    [[1, 5, 5], 1],
    [[1, 2, 5, 5], 3],
    [[1, 5, 2, 5, 5], 1],
    [[1, 1, 1, 9, 9, 9, 9], 3],
    [[1, 1, 1, 1, 9, 9, 9, 9], 7],
    [[3, 3, 7, 7, 7], 3],
    [[1, 2, 3, 4, 5, 5], 4],
  ])('heap takes, of %j, index %i', (scores, expected) => {
    expect(heapPick(totals(...scores), scores.length)).toBe(expected);
  });

  it('heap takes the best total that comes first in pre-order of the implicit tree', () => {
    const preOrder = (count: number): number[] => {
      const walk = (i: number): number[] => (i >= count ? [] : [i, ...walk(2 * i + 1), ...walk(2 * i + 2)]);
      return walk(0);
    };
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 200 }), (scores) => {
        const best = Math.max(...scores);
        const expected = preOrder(scores.length).find((i) => scores[i] === best);
        expect(heapPick(totals(...scores), scores.length)).toBe(expected);
      }),
    );
  });

  it('first takes the earliest maximum', () => {
    expect(firstPick(totals(1, 7, 3, 7), 4)).toBe(1);
  });

  it('random is fair among the maxima, and replays with its seed', () => {
    const draw = (seed: number) => {
      const random = new Random(seed);
      const counts = [0, 0, 0, 0];
      for (let i = 0; i < 30_000; i++) counts[randomPick(totals(4, 9, 9, 9), 4, random)]!++;
      return counts;
    };
    const counts = draw(7);
    expect(counts[0]).toBe(0);
    for (const count of counts.slice(1)) expect(Math.abs(count - 10_000)).toBeLessThan(400);
    expect(draw(7)).toEqual(counts);
  });
});
