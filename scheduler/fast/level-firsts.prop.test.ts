import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChangeLog } from '../change-log.ts';
import { heapPick } from '../host-selection.ts';
import { ClassIndex, REJECTED } from './class-index.ts';
import { FeasibleLists } from './feasible-lists.ts';

const VALUES = 3;
const NO_GROUPS = new Uint8Array(1);

/** What a node comes to be worth between two picks; −1: it is feasible no more. */
const change = fc.record({ node: fc.nat(), value: fc.integer({ min: -1, max: VALUES - 1 }) });
const history = fc.record({
  nodeCount: fc.integer({ min: 2, max: 700 }),
  start: fc.nat(),
  /** Most picks are followed by a change or two, as those of other classes are. */
  changes: fc.array(fc.array(change, { maxLength: 3 }), { minLength: 100, maxLength: 300 }),
  spoils: fc.boolean(),
});

describe('what is kept of picks', () => {
  it('leads to the node that the heap rule takes, as nodes are taken and change', () => {
    let kept = 0;
    fc.assert(
      fc.property(history, ({ nodeCount, start: anyStart, changes: steps, spoils }) => {
        const index = new ClassIndex(nodeCount);
        const group = index.addGroup();
        const lists = new FeasibleLists(index, true);
        const log = new ChangeLog();
        const start = anyStart % nodeCount;
        const cluster = { changes: log, position: Int32Array.from({ length: nodeCount }, (_, i) => i) };
        const put = (node: number, value: number) => {
          const bucket = value < 0 ? REJECTED : index.bucket(group, value);
          const before = index.bucketAt[node]!;
          index.put(node, bucket);
          lists.moved(node, before, bucket);
          log.append(node);
        };
        const worthOf = (node: number) => index.bucketValue[index.bucketAt[node]!]!;
        for (let node = 0; node < nodeCount; node++) put(node, VALUES - 1);
        for (const step of steps) {
          // Without nodes that stop being feasible the list stays as it is.
          for (const { node, value } of step) put(node % nodeCount, spoils ? value : Math.max(value, 0));
          const feasible = Array.from({ length: nodeCount }, (_, i) => (start + i) % nodeCount).filter(
            (node) => worthOf(node) >= 0,
          );
          if (feasible.length === 0) continue;
          const expected = feasible[heapPick(Float64Array.from(feasible, worthOf), feasible.length)]!;
          index.mark(index.bucket(group, worthOf(expected)));
          const list = lists.without(NO_GROUPS, 0);
          list.startAt(start);
          const picked = list.memory.pick({ index, list, listKey: list.key, start, cluster });
          index.unmarkAll();
          if (picked >= 0) {
            kept++;
            expect(picked).toBe(expected);
          }
          put(expected, Math.max(0, worthOf(expected) - 1));
        }
      }),
      { numRuns: 80, seed: 11 },
    );
    expect(kept).toBeGreaterThan(5000);
  });
});
