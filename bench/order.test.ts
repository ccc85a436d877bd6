import { describe, expect, test } from 'vitest';
import { defaultShuffle, drawOrder } from './order.ts';
import { SMALL, tinyWorkload } from './tiny-workload.fixture.ts';

const workload = tinyWorkload(Array.from({ length: 50 }, () => SMALL));
const listed = Array.from({ length: 50 }, (_, i) => i);
const isListed = (order: ArrayLike<number>) => Array.from(order).every((item, index) => item === index);

describe('what a seed draws', () => {
  test.each([
    ['none', true, true],
    ['nodes', false, true],
    ['pods', true, false],
    ['both', false, false],
  ] as const)('%s', (shuffle, nodesListed, podsListed) => {
    // Three nodes may come out in the listed order by chance, so several seeds are asked.
    const orders = [1, 2, 3, 4, 5].map((seed) => drawOrder(workload, seed, shuffle));
    expect(orders.every((order) => isListed(order.nodes))).toBe(nodesListed);
    expect(orders.every((order) => isListed(order.pods))).toBe(podsListed);
    for (const { nodes, pods } of orders) {
      expect([...pods].sort((a, b) => a - b)).toEqual(listed);
      expect([...nodes].sort()).toEqual([0, 1, 2]);
    }
  });

  test('the same seed draws the same, another one does not', () => {
    expect(drawOrder(workload, 7, 'both')).toEqual(drawOrder(workload, 7, 'both'));
    expect(drawOrder(workload, 7, 'both').pods).not.toEqual(drawOrder(workload, 8, 'both').pods);
    expect(drawOrder(workload, 7, 'both').tieSeed).not.toBe(drawOrder(workload, 8, 'both').tieSeed);
  });

  test('drawing the pods too does not change the order of the nodes', () => {
    expect(drawOrder(workload, 7, 'both').nodes).toEqual(drawOrder(workload, 7, 'nodes').nodes);
  });
});

describe('arrivals', () => {
  test('pods come by arrival, equal arrivals as listed, whatever the order of the rows', () => {
    const arrivalSeconds = new Float64Array([30, 10, 20, 10]);
    const mixed = { ...workload, pods: { ...workload.pods, count: 4, arrivalSeconds } };
    const order = drawOrder(mixed, 1, 'none');
    expect([...order.pods]).toEqual([1, 3, 2, 0]);
    expect([...order.arrivalSeconds]).toEqual([10, 10, 20, 30]);
  });

  test('shuffled pods arrive at the recorded instants', () => {
    expect([...drawOrder(workload, 1, 'pods').arrivalSeconds]).toEqual([...workload.pods.arrivalSeconds]);
  });

  test('recorded arrivals are kept by default; without them pods are shuffled too', () => {
    expect(defaultShuffle(tinyWorkload([SMALL], true))).toBe('nodes');
    expect(defaultShuffle(tinyWorkload([SMALL], false))).toBe('both');
  });
});
