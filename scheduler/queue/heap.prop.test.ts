import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { prioritySort } from '../../plugins/priority-sort.ts';
import { TIMELESS } from '../framework.ts';
import type { PluginHandle } from '../plugin.ts';
import { PodClasses } from '../pod-info.ts';
import { QueuedEntity } from './entity.ts';
import { Heap } from './heap.ts';

const sort = prioritySort.create({}, { profileName: '', ...TIMELESS } as PluginHandle);
const less = (a: QueuedEntity, b: QueuedEntity): boolean => sort.less!(a, b);

const classes = new PodClasses();
const queued = (id: number, priority: number, timestamp: number): QueuedEntity =>
  new QueuedEntity(
    classes.info({ metadata: { name: `p${id}`, uid: `u${id}` }, spec: { containers: [], priority } }),
    timestamp,
  );

describe('queue order', () => {
  it('pops by priority, then age, whatever was pushed, updated and removed before', () => {
    const entry = fc.record({
      op: fc.constantFrom('push', 'push', 'push', 'remove', 'update', 'pop'),
      id: fc.integer({ min: 0, max: 60 }),
      priority: fc.integer({ min: -2, max: 2 }),
    });
    fc.assert(
      fc.property(fc.array(entry, { minLength: 40, maxLength: 300 }), (ops) => {
        const heap = new Heap<QueuedEntity>(less);
        const model = new Map<number, QueuedEntity>();
        const best = () => [...model.values()].sort((a, b) => (less(a, b) ? -1 : 1))[0];
        const remove = (entity: QueuedEntity) => model.delete(Number(entity.pod.name.slice(1)));
        ops.forEach(({ op, id, priority }, timestamp) => {
          const known = model.get(id);
          if (op === 'push' && known === undefined) {
            const entity = queued(id, priority, timestamp);
            heap.push(entity);
            model.set(id, entity);
          } else if (op === 'remove' && known !== undefined) {
            heap.remove(known);
            model.delete(id);
          } else if (op === 'update' && known !== undefined) {
            known.timestamp = timestamp;
            heap.update(known);
          } else if (op === 'pop') {
            const expected = best();
            expect(heap.pop()).toBe(expected);
            if (expected) remove(expected);
          }
          expect(heap.size).toBe(model.size);
          heap.list().forEach((entity, index) => {
            expect(entity.heapIndex).toBe(index);
          });
        });
        for (let expected = best(); expected !== undefined; expected = best()) {
          expect(heap.pop()).toBe(expected);
          remove(expected);
        }
        expect(heap.pop()).toBeUndefined();
      }),
    );
  });

  it('lets equal pods leave in the order of a Go heap: first, then from the back', () => {
    const heap = new Heap<QueuedEntity>(less);
    for (let id = 0; id < 6; id++) heap.push(queued(id, 0, 0));
    const order = Array.from({ length: 6 }, () => heap.pop()!.pod.name);
    expect(order).toEqual(['p0', 'p5', 'p4', 'p3', 'p2', 'p1']);
  });
});
