import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ask } from '../ask.ts';
import { openEmbeddedStore } from '../embedded/embedded-store.ts';
import { MemoryStore } from '../memory-store.ts';
import type { KeyValue, Op, Store } from '../store.ts';
import { Value } from '../value.ts';
import { restoreSnapshot } from './restore.ts';
import { saveSnapshot, snapshotStatus } from './snapshot-file.ts';

const EVERY = { key: '\0', rangeEnd: '\0' };
const write = (store: Store, ...success: Op[]) =>
  ask((answer: Parameters<Store['txn']>[1]) => store.txn({ compare: [], success }, answer));
const put = (key: string, value: string, lease = 0): Op => ({ type: 'put', key, value: Value.ofText(value), lease });
const close = (store: Store) => ask<void>((answer) => store.close(answer));
const read = async (store: Store, revision?: number): Promise<string[]> => {
  const { kvs } = await ask((answer: Parameters<Store['range']>[2]) => store.range(EVERY, { revision }, answer));
  return kvs.map((kv: KeyValue) =>
    [kv.key, kv.value.text, kv.createRevision, kv.modRevision, kv.version, kv.lease].join(' '),
  );
};

/** Revisions 2 to 6, compacted to 3, with a lease. */
async function fill(store: Store): Promise<void> {
  await ask((answer: Parameters<Store['leaseGrant']>[2]) => store.leaseGrant(3600, 77, answer));
  await write(store, put('a', '1'));
  await write(store, put('b', '1'), put('a', '2'));
  await write(store, { type: 'delete', key: 'b' });
  await write(store, put('c', '1', 77));
  await write(store, put('a', 'ä'));
  await ask<void>((answer) => store.compact(3, answer));
}

describe('snapshots', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'berth-snapshot-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  for (const [name, open] of [
    ['memory', () => new MemoryStore()],
    ['embedded', () => openEmbeddedStore({ folder: join(folder, 'from') })],
  ] as const) {
    it(`of the ${name} store restores data, history, revisions and leases`, async () => {
      const store = open();
      await fill(store);
      const status = await saveSnapshot(store, join(folder, 'snap'));
      expect(status).toMatchObject({ revision: 6, compactRevision: 3, totalKeys: 2 });
      const before = { now: await read(store), at4: await read(store, 4), at3: await read(store, 3) };
      await close(store);

      expect(await restoreSnapshot(join(folder, 'snap'), { folder: join(folder, 'to') })).toBe(6);
      const restored = openEmbeddedStore({ folder: join(folder, 'to') });
      expect({ now: await read(restored), at4: await read(restored, 4), at3: await read(restored, 3) }).toEqual(before);
      await expect(read(restored, 2)).rejects.toThrow('compacted');
      const lease = await ask((answer: Parameters<Store['leaseTimeToLive']>[1]) =>
        restored.leaseTimeToLive(77, answer),
      );
      expect([lease.grantedTtlS, lease.keys]).toEqual([3600, ['c']]);
      expect((await write(restored, put('d', 'next'))).revision).toBe(7);
      await close(restored);
    });
  }

  it('--bump-revision and --mark-compacted make every client read anew', async () => {
    const store = new MemoryStore();
    await fill(store);
    await saveSnapshot(store, join(folder, 'snap'));
    const options = { folder: join(folder, 'to'), bumpRevision: 1_000_000, markCompacted: true };
    expect(await restoreSnapshot(join(folder, 'snap'), options)).toBe(1_000_006);
    const restored = openEmbeddedStore({ folder: options.folder });
    expect(await read(restored)).toEqual(await read(store));
    await expect(read(restored, 6)).rejects.toThrow('compacted');
    let refusedAt: number | undefined;
    restored.watch(
      { ...EVERY, startRevision: 7 },
      {
        events: () => {},
        canceled: (error) => {
          refusedAt = error.compactRevision;
        },
      },
    );
    expect(refusedAt).toBe(1_000_006);
    expect((await write(restored, put('d', 'next'))).revision).toBe(1_000_007);
    await close(restored);
  });

  it('a damaged one is refused with the reason, wherever a bit was changed or the end is missing', async () => {
    const store = new MemoryStore();
    await fill(store);
    const path = join(folder, 'snap');
    await saveSnapshot(store, path);
    const whole = readFileSync(path);
    for (let at = 0; at < whole.length; at += 7) {
      const flipped = Buffer.from(whole);
      flipped[at] ^= 1 << (at % 8);
      writeFileSync(path, flipped);
      await expect(restoreSnapshot(path, { folder: join(folder, 'to') })).rejects.toThrow(/is damaged: its SHA-256/);
    }
    for (const length of [0, 10, 49, 100, whole.length - 1]) {
      writeFileSync(path, whole.subarray(0, length));
      await expect(snapshotStatus(path)).rejects.toThrow(/is damaged/);
    }
  });

  it('is not restored over a store', async () => {
    const store = new MemoryStore();
    await fill(store);
    await saveSnapshot(store, join(folder, 'snap'));
    await restoreSnapshot(join(folder, 'snap'), { folder: join(folder, 'to') });
    await expect(restoreSnapshot(join(folder, 'snap'), { folder: join(folder, 'to') })).rejects.toThrow(
      'holds a store',
    );
  });
});
