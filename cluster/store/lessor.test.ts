import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../clock.ts';
import { startCompactor } from './compactor.ts';
import { MemoryStore } from './memory-store.ts';
import type { KeyValue, Store, StoreStatus } from './store.ts';
import { Value } from './value.ts';

const put = (store: Store, key: string, lease = 0): void =>
  store.txn({ compare: [], success: [{ type: 'put', key, value: Value.ofText('v'), lease }] }, (error) => {
    if (error !== undefined) throw error;
  });
const keys = (store: Store): string[] => {
  let found: readonly KeyValue[] = [];
  store.range({ key: '\0', rangeEnd: '\0' }, {}, (_, { kvs }) => {
    found = kvs;
  });
  return found.map(({ key }) => key);
};
const statusOf = (store: Store): StoreStatus => {
  let status: StoreStatus | undefined;
  store.status((_, result) => {
    status = result;
  });
  return status!;
};

describe('leases live by the clock', () => {
  it('one that runs out deletes its keys in one revision, one that is renewed does not', () => {
    const clock = new VirtualClock(0);
    const store = new MemoryStore({ clock });
    store.leaseGrant(10, 1, () => {});
    store.leaseGrant(10, 2, () => {});
    put(store, 'a', 1);
    put(store, 'b', 1);
    put(store, 'c', 2);
    const told: string[][] = [];
    store.watch(
      { key: 'a', rangeEnd: 'z' },
      { events: (events) => told.push(events.map(({ type, kv }) => `${type} ${kv.key}`)) },
    );
    clock.runUntil(6000);
    store.leaseKeepAlive(2, () => {});
    clock.runUntil(9999);
    expect(keys(store)).toEqual(['a', 'b', 'c']);
    clock.runUntil(10_000);
    expect(keys(store)).toEqual(['c']);
    expect(told).toEqual([['delete a', 'delete b']]);
    clock.runUntil(15_999);
    expect(keys(store)).toEqual(['c']);
    clock.runUntil(16_000);
    expect(keys(store)).toEqual([]);
    expect(clock.nextMs).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('periodic compaction', () => {
  it('goes to the revision of one interval before', () => {
    const clock = new VirtualClock(0);
    const store = new MemoryStore({ clock });
    const compacted: (number | undefined)[] = [];
    const stop = startCompactor(store, clock, { report: (revision) => compacted.push(revision) });
    // The first round has written revision 2.
    put(store, 'a');
    put(store, 'a');
    clock.runUntil(300_000);
    put(store, 'a');
    clock.runUntil(600_000);
    // Each round compacts to where the store stood when the round before it was over.
    expect(compacted).toEqual([undefined, 2, 5]);
    expect(statusOf(store)).toMatchObject({ revision: 7, compactRevision: 5 });
    stop();
    clock.runUntil(900_000);
    expect(compacted).toHaveLength(3);
  });

  it('of two servers, one at a time', () => {
    const clock = new VirtualClock(0);
    const store = new MemoryStore({ clock });
    const rounds: string[] = [];
    const serve = (name: string) =>
      startCompactor(store, clock, { report: (to, error) => rounds.push(`${name} ${error?.code ?? to ?? '-'}`) });
    const stops = [serve('x'), serve('y')];
    clock.runUntil(900_000);
    for (const stop of stops) stop();
    // Whoever finds the round taken only learns where the store stands.
    expect(rounds).toEqual(['x -', 'y -', 'x 2', 'y -', 'x 3', 'y -', 'x 4', 'y -']);
  });
});
