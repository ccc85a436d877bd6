import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstGaps, has, merged, ofIndexes, overlap, parseIntervals, textOf, total } from './intervals.ts';

describe('intervals', () => {
  it.each([
    { text: '', completions: 10, written: '' },
    { text: '1,3-5,7', completions: 10, written: '1,3-5,7' },
    { text: '0-1', completions: 10, written: '0,1' },
    { text: '1,2,3', completions: 10, written: '1-3' },
    { text: '1,3-9', completions: 5, written: '1,3,4' },
    { text: '6', completions: 5, written: '' },
    { text: 'x,2,,3-y,4', completions: 5, written: '2,4' },
  ])('reads "$text" of $completions as "$written"', ({ text, completions, written }) => {
    expect(textOf(parseIntervals(text, completions))).toBe(written);
  });

  it('are what sets of numbers are', () => {
    const numbers = fc.uniqueArray(fc.nat(30));
    fc.assert(
      fc.property(numbers, numbers, fc.nat(12), (a, b, count) => {
        const [left, right] = [ofIndexes(a), ofIndexes(b)];
        const both = merged(left, right);
        const union = [...new Set([...a, ...b])];
        const all = Array.from({ length: 32 }, (_, i) => i);
        expect(total(both)).toBe(union.length);
        expect(all.filter((i) => has(both, i))).toEqual(all.filter((i) => union.includes(i)));
        expect(overlap(left, right)).toBe(a.filter((i) => b.includes(i)).length);
        expect(firstGaps(both, count, 32)).toEqual(all.filter((i) => !union.includes(i)).slice(0, count));
        expect(parseIntervals(textOf(both), 32)).toEqual(both);
      }),
      { seed: 1 },
    );
  });
});
