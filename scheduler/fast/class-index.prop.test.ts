/** Whatever has been put where, and however often one has looked, the index finds the same node as a walk over all of them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ClassIndex, REJECTED } from './class-index.ts';

const GROUPS = 3;
const VALUES = 5;

const history = fc.integer({ min: 1, max: 40_000 }).chain((nodeCount) =>
  fc.record({
    nodeCount: fc.constant(nodeCount),
    moves: fc.array(fc.tuple(fc.nat(nodeCount - 1), fc.integer({ min: -1, max: GROUPS * VALUES - 1 })), {
      maxLength: 300,
    }),
    looks: fc.array(
      fc.record({
        buckets: fc.uniqueArray(fc.nat(GROUPS * VALUES - 1), { minLength: 1, maxLength: 3 }),
        from: fc.nat(nodeCount - 1),
        end: fc.integer({ min: 1, max: nodeCount }),
      }),
      { minLength: 1, maxLength: 30 },
    ),
  }),
);

describe('a class index', () => {
  it('finds the next node of the marked buckets, and keeps its counts', () => {
    fc.assert(
      fc.property(history, ({ nodeCount, moves, looks }) => {
        const index = new ClassIndex(nodeCount);
        for (let group = 0; group < GROUPS; group++) index.addGroup();
        const bucketOf = (cell: number) =>
          cell < 0 ? REJECTED : index.bucket(Math.floor(cell / VALUES), (cell % VALUES) * 300);
        for (let position = 0; position < nodeCount; position++)
          index.put(position, bucketOf(position % 7 === 0 ? 0 : -1));
        let moved = 0;
        for (const { buckets, from, end } of looks) {
          for (const [position, cell] of moves.slice(moved, moved + 10)) index.put(position, bucketOf(cell));
          moved += 10;
          const marked = new Set(buckets.map(bucketOf));
          for (const bucket of marked) index.mark(bucket);
          let expected = -1;
          for (let position = end - 1; position >= from; position--) {
            if (marked.has(index.bucketAt[position]!)) expected = position;
          }
          expect(index.next(from, end)).toBe(expected);
          index.unmarkAll();
        }
        index.check();
      }),
      { numRuns: 60 },
    );
  });
});
