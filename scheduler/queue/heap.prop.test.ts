import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Cluster } from './cluster.ts';
import type { QueuedPod } from './plugin.ts';
import { PodQueue } from './queue.ts';

const less = (a: QueuedPod, b: QueuedPod): boolean =>
  a.pod.priority > b.pod.priority || (a.pod.priority === b.pod.priority && a.timestamp < b.timestamp);

const { classes } = new Cluster();
const queued = (id: number, priority: number, timestamp: number): QueuedPod => ({
  pod: classes.info({ metadata: { name: `p${id}`, uid: `u${id}` }, spec: { containers: [], priority } } as never),
  timestamp,
});

describe('queue order', () => {
  it('pops by priority, then age, whatever was pushed, updated and removed before', () => {
    const entry = fc.record({
      op: fc.constantFrom('push', 'push', 'push', 'remove', 'pop'),
      id: fc.integer({ min: 0, max: 20 }),
      priority: fc.integer({ min: -2, max: 2 }),
    });
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 80 }), (ops) => {
        const queue = new PodQueue(less);
        const model = new Map<string, QueuedPod>();
        const best = () => [...model.values()].sort((a, b) => (less(a, b) ? -1 : 1))[0];
        ops.forEach(({ op, id, priority }, timestamp) => {
          if (op === 'push') {
            const pod = queued(id, priority, timestamp);
            queue.push(pod);
            model.set(pod.pod.uid, pod);
          } else if (op === 'remove') {
            expect(queue.remove(`u${id}`)).toBe(model.delete(`u${id}`));
          } else {
            const expected = best();
            expect(queue.pop()?.pod.uid).toBe(expected?.pod.uid);
            if (expected) model.delete(expected.pod.uid);
          }
          expect(queue.length).toBe(model.size);
        });
        for (let expected = best(); expected !== undefined; expected = best()) {
          expect(queue.pop()?.pod.uid).toBe(expected.pod.uid);
          model.delete(expected.pod.uid);
        }
      }),
    );
  });

  it('lets equal pods leave in the order of a Go heap: first, then from the back', () => {
    const queue = new PodQueue(less);
    for (let id = 0; id < 6; id++) queue.push(queued(id, 0, 0));
    const order = Array.from({ length: 6 }, () => queue.pop()!.pod.name);
    expect(order).toEqual(['p0', 'p5', 'p4', 'p3', 'p2', 'p1']);
  });
});
