import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { heapPick } from '../host-selection.ts';
import { type FeasibleList, FeasibleView } from './feasible-view.ts';
import { GroupedView } from './grouped-view.ts';
import { heapKey } from './pick.ts';

/** Nodes join and leave the list one by one; the list starts somewhere. */
const history = fc.integer({ min: 1, max: 2500 }).chain((nodeCount) =>
  fc.record({
    nodeCount: fc.constant(nodeCount),
    toggled: fc.array(fc.nat(nodeCount - 1), { minLength: 1, maxLength: 400 }),
    startsFull: fc.boolean(),
    start: fc.nat(nodeCount - 1),
  }),
);

function expectList(list: FeasibleList, feasible: readonly number[], start: number): void {
  expect(list.count).toBe(feasible.length);
  if (feasible.length === 0) return;
  list.startAt(start);
  const turned = [
    ...feasible.filter((position) => position >= start),
    ...feasible.filter((position) => position < start),
  ];
  for (let level = 0; 2 ** level - 1 < turned.length; level++) {
    expect(list.levelStart(level)).toBe(turned[2 ** level - 1]);
  }
  for (const place of [0, turned.length >> 1, turned.length - 1]) {
    expect(list.place(turned[place]!)).toBe(place);
    expect(list.select(place)).toBe(feasible[place]);
    expect(list.rank(feasible[place]!)).toBe(place);
  }
}

describe('feasible lists', () => {
  it('keep ranks and the starts of heap levels as nodes join and leave', () => {
    fc.assert(
      fc.property(history, ({ nodeCount, toggled, startsFull, start }) => {
        const view = new FeasibleView(nodeCount, new Uint8Array(1));
        const is = new Uint8Array(nodeCount);
        const toggle = (position: number) => {
          is[position]! ^= 1;
          view.set(position, is[position] === 1);
        };
        if (startsFull) for (let position = 0; position < nodeCount; position++) toggle(position);
        const feasible = () => Array.from(is.keys()).filter((position) => is[position] === 1);
        for (const [i, position] of toggled.entries()) {
          toggle(position);
          // Levels that were looked at are kept from here on, so looking now and then tests the keeping.
          if (i % 37 === 0) expectList(view, feasible(), start);
        }
        expectList(view, feasible(), start);
      }),
      { numRuns: 150 },
    );
  });

  it('of any set of groups are the nodes of these groups', () => {
    fc.assert(
      fc.property(
        history,
        fc.array(fc.boolean(), { minLength: 1, maxLength: 12 }),
        fc.boolean(),
        ({ nodeCount, toggled, startsFull, start }, rejected, isClustered) => {
          const view = new GroupedView(nodeCount);
          const groups = rejected.length;
          const groupOf = (position: number) =>
            isClustered ? Math.floor((position * groups) / nodeCount) : (position * 7) % groups;
          const is = new Uint8Array(nodeCount);
          const toggle = (position: number) => {
            is[position]! ^= 1;
            view.set(groupOf(position), position, is[position] === 1);
          };
          if (startsFull) for (let position = 0; position < nodeCount; position++) toggle(position);
          for (const position of toggled) toggle(position);
          const nodes = Array.from(is.keys()).filter((position) => is[position] === 1);
          const active = [...new Set(nodes.map(groupOf))];
          view.list(
            active,
            Uint8Array.from(rejected, (one) => (one ? 1 : 0)),
          );
          expectList(
            view,
            nodes.filter((position) => !rejected[groupOf(position)]),
            start,
          );
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('heapKey', () => {
  it('is lowest for the place that the heap rule takes', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(3), { minLength: 1, maxLength: 3000 }), (scores) => {
        const best = Math.max(...scores);
        let chosen = -1;
        scores.forEach((score, place) => {
          if (score === best && (chosen < 0 || heapKey(place) < heapKey(chosen))) chosen = place;
        });
        expect(chosen).toBe(heapPick(Float64Array.from(scores), scores.length));
      }),
    );
  });
});
