import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasEtcd, startEtcd } from '../../cluster/store/etcd/etcd-process.fixture.ts';
import { ask, EtcdStore, openEmbeddedStore, type Store } from '../../cluster/store/index.ts';
import { recordHistory } from './concurrent-clients.ts';
import { notLinearizable, type Operation, type RegisterCall } from './linearizability.ts';

const write = (value: string): RegisterCall => ({ type: 'write', value });
const read = (found: string | undefined): RegisterCall => ({ type: 'read', found });
const cas = (expected: string | undefined, value: string, succeeded: boolean): RegisterCall => ({
  type: 'cas',
  expected,
  value,
  succeeded,
});
const history = (...rows: [calledAt: number, answeredAt: number, call: RegisterCall][]): Operation[] =>
  rows.map(([calledAt, answeredAt, call]) => ({ key: 'k', call, calledAt, answeredAt }));

const LINEARIZABLE: Record<string, Operation[]> = {
  'one after the other': history([0, 1, read(undefined)], [2, 3, write('a')], [4, 5, read('a')]),
  'a read during a write may see either': history([0, 9, write('a')], [1, 2, read(undefined)], [3, 4, read('a')]),
  'two writes at once, in the order that the reads show': history(
    [0, 9, write('a')],
    [0, 9, write('b')],
    [10, 11, read('a')],
  ),
  'a write without an answer may take effect late': history(
    [0, Number.POSITIVE_INFINITY, write('a')],
    [5, 6, read(undefined)],
    [7, 8, read('a')],
  ),
  'a write without an answer may never take effect': history(
    [0, Number.POSITIVE_INFINITY, write('a')],
    [5, 6, read(undefined)],
  ),
  'of two that compare with the same, one succeeds': history(
    [0, 9, cas(undefined, 'a', true)],
    [0, 9, cas(undefined, 'b', false)],
    [10, 11, read('a')],
  ),
};

const NOT_LINEARIZABLE: Record<string, Operation[]> = {
  'a stale read': history([0, 1, write('a')], [2, 3, write('b')], [4, 5, read('a')]),
  'a lost write': history([0, 1, write('a')], [2, 3, read(undefined)]),
  'a value from nowhere': history([0, 1, read('a')]),
  'a value seen and then not any more': history([0, 9, write('a')], [1, 2, read('a')], [3, 4, read(undefined)]),
  'both that compare with the same succeed': history(
    [0, 9, cas(undefined, 'a', true)],
    [0, 9, cas(undefined, 'b', true)],
  ),
  'two readers disagree on the order': history(
    [0, 20, write('a')],
    [0, 20, write('b')],
    [1, 2, read('a')],
    [3, 4, read('b')],
    [5, 6, read('a')],
  ),
};

describe('the checker', () => {
  for (const [title, operations] of Object.entries(LINEARIZABLE)) {
    it(`accepts: ${title}`, () => expect(notLinearizable(operations)).toEqual([]));
  }
  for (const [title, operations] of Object.entries(NOT_LINEARIZABLE)) {
    it(`refuses: ${title}`, () => expect(notLinearizable(operations)).toEqual(['k']));
  }

  it('agrees with trying every order', () => {
    const call = fc.oneof(
      fc.constantFrom('a', 'b').map(write),
      fc.constantFrom('a', 'b', undefined).map(read),
      fc.tuple(fc.constantFrom('a', undefined), fc.constantFrom('a', 'b'), fc.boolean()).map((args) => cas(...args)),
    );
    const operation = fc.tuple(fc.nat(12), fc.nat(6), call, fc.boolean()).map(([at, length, made, isAnswered]) => ({
      key: 'k',
      call: made,
      calledAt: at,
      answeredAt: isAnswered || made.type === 'read' ? at + length + 0.5 : Number.POSITIVE_INFINITY,
    }));
    let refused = 0;
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 6 }), (operations) => {
        const expected = everyOrder(operations, undefined);
        if (!expected) refused++;
        expect(notLinearizable(operations).length === 0).toBe(expected);
      }),
      { numRuns: 3000, seed: 3 },
    );
    expect(refused).toBeGreaterThan(500);
  });
});

/** By the definition alone. */
function everyOrder(open: readonly Operation[], state: string | undefined): boolean {
  if (open.every(({ answeredAt }) => answeredAt === Number.POSITIVE_INFINITY)) return true;
  return open.some((next) => {
    if (open.some((other) => other !== next && other.answeredAt < next.calledAt)) return false;
    const { call } = next;
    const rest = open.filter((other) => other !== next);
    if (call.type === 'write') return everyOrder(rest, call.value);
    if (call.type === 'read') return call.found === state && everyOrder(rest, state);
    return (call.expected === state) === call.succeeded && everyOrder(rest, call.succeeded ? call.value : state);
  });
}

/** A linear congruential generator: enough to mix calls. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

async function checkStore(store: Store): Promise<void> {
  const options = { clients: 8, callsPerClient: 60, keys: 4, random: seeded(5) };
  const operations = await recordHistory(store, 'lin/', options);
  expect(operations.length).toBe(480);
  expect(notLinearizable(operations)).toEqual([]);
}

describe('histories of concurrent clients are linearizable', () => {
  it('of the embedded store', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'berth-lin-'));
    const store = openEmbeddedStore({ folder });
    await checkStore(store);
    await ask<void>((answer) => store.close(answer));
    rmSync(folder, { recursive: true });
  });

  it.skipIf(!hasEtcd())('of a real etcd', async () => {
    const cluster = await startEtcd(1);
    const store = new EtcdStore(cluster);
    await checkStore(store);
    store.close(() => {});
    await cluster.close();
  });
});
