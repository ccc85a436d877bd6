/** Quorum arithmetic, against sums that were worked out by hand. */
import { describe, expect, it } from 'vitest';
import { availability, isUp, machinesOf, processesOf, quorum, survivals } from './availability.ts';

const stacked = { topology: 'stacked', replicas: 3 } as const;
const external = { topology: 'external', replicas: 3 } as const;
const counts = (shape: typeof stacked | typeof external, units = machinesOf(shape)) =>
  survivals(shape, units).map(({ survived, ways }) => `${survived}/${ways}`);

describe('availability model', () => {
  it('needs a majority: n members tolerate the loss of the others', () => {
    expect([1, 2, 3, 4, 5, 7].map(quorum)).toEqual([1, 2, 2, 3, 3, 4]);
  });
  it('stacked: any one machine may fail, no two', () => {
    expect(counts(stacked)).toEqual(['1/1', '3/3', '0/3', '0/1']);
  });
  it('external: any one machine, most pairs, never two of etcd or all API servers', () => {
    expect(counts(external)).toEqual(['1/1', '6/6', '12/15', '9/20', '0/15', '0/6', '0/1']);
  });
  it('stacked: a member takes the API server beside it along', () => {
    expect(isUp(stacked, [{ etcd: 0 }, { server: 1 }])).toBe(true);
    expect(isUp(stacked, [{ etcd: 0 }, { server: 1 }, { server: 2 }])).toBe(false);
    expect(isUp(external, [{ etcd: 0 }, { server: 1 }, { server: 2 }])).toBe(true);
  });
  it('two API server processes may fail in both, two etcd processes in neither', () => {
    for (const shape of [stacked, external]) {
      expect(counts(shape, processesOf(shape, 'API server'))).toEqual(['1/1', '3/3', '3/3', '0/1']);
      expect(counts(shape, processesOf(shape, 'etcd member'))).toEqual(['1/1', '3/3', '0/3', '0/1']);
    }
  });
  it('agrees with the closed forms: 3a² − 2a³, times 1 − (1 − a)³ where API servers fail apart', () => {
    for (const a of [0.9, 0.99, 0.999]) {
      const etcd = 3 * a ** 2 - 2 * a ** 3;
      expect(availability(stacked, a)).toBeCloseTo(etcd, 12);
      expect(availability(external, a)).toBeCloseTo(etcd * (1 - (1 - a) ** 3), 12);
    }
    expect(availability(stacked, 0.99)).toBeCloseTo(0.999702, 9);
    expect(availability({ topology: 'stacked', replicas: 2 }, 0.99)).toBeCloseTo(0.99 ** 2, 12);
  });
});
