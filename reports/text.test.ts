import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alignRows, shorten, wrap, wrapItems } from './text.ts';

const words = fc.array(fc.stringMatching(/^[a-z]{1,9}$/), { minLength: 1, maxLength: 40 });

describe('wrapped text', () => {
  it('keeps all words in order and no line longer than it may be', () => {
    fc.assert(
      fc.property(words, fc.integer({ min: 14, max: 60 }), fc.integer({ min: 0, max: 4 }), (given, width, indent) => {
        const lines = wrap(given.join(' '), width, indent);
        expect(lines.join(' ').split(/ +/).filter(Boolean)).toEqual(given);
        for (const line of lines) expect(line.length).toBeLessThanOrEqual(width);
        for (const line of lines.slice(1)) expect(line.startsWith(' '.repeat(indent))).toBe(true);
      }),
    );
  });

  it('is broken between the items of a list', () => {
    expect(wrapItems('rejected', ['3 Insufficient cpu', '2 Too many pods', '1 taint'], 40, 2)).toEqual([
      'rejected: 3 Insufficient cpu ·',
      '  2 Too many pods · 1 taint',
    ]);
  });
});

it('names that are too long keep their start and their end', () => {
  expect(shorten('ip-10-0-31-7.eu-west-1.compute.internal', 20)).toBe('ip-10-0-31….internal');
  expect(shorten('short', 20)).toBe('short');
});

it('columns are aligned, text to the left, numbers to the right', () => {
  expect(
    alignRows(
      [
        ['pod', 'points', 'note'],
        ['a', '7', ''],
        ['long', '1,000', 'x'],
      ],
      [true, false, true],
      2,
    ),
  ).toEqual(['pod   points  note', 'a          7', 'long   1,000  x']);
});
