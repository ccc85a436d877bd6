import { existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ask } from '../ask.ts';
import type { Store } from '../store.ts';
import { Value } from '../value.ts';
import { openEmbeddedStore } from './embedded-store.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'berth-durable-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const put = (store: Store, key: string, value = 'v', lease = 0) =>
  ask((answer: Parameters<Store['txn']>[1]) =>
    store.txn({ compare: [], success: [{ type: 'put', key, value: Value.ofText(value), lease }] }, answer),
  );
const close = (store: Store) => ask<void>((answer) => store.close(answer));
const count = async (store: Store): Promise<number> => {
  const range = { key: '\0', rangeEnd: '\0' };
  return (await ask((answer: Parameters<Store['range']>[2]) => store.range(range, {}, answer))).count;
};

describe('the embedded store', () => {
  it('answers, tells and shows nothing before it is on disk', async () => {
    const store = openEmbeddedStore({ folder });
    const order: string[] = [];
    store.watch({ key: 'a' }, { events: () => order.push('event') });
    const written = put(store, 'a').then(() => order.push('answer'));
    const read = ask((answer: Parameters<Store['range']>[2]) => store.range({ key: 'a' }, {}, answer)).then(({ kvs }) =>
      order.push(`read ${kvs.length}`),
    );
    expect(order).toEqual([]);
    await Promise.all([written, read]);
    expect(order).toEqual(['event', 'answer', 'read 1']);
    await close(store);
  });

  it('keeps history, leases, revision and compaction over a restart', async () => {
    const store = openEmbeddedStore({ folder });
    await ask((answer: Parameters<Store['leaseGrant']>[2]) => store.leaseGrant(500, 9, answer));
    await put(store, 'a', '1');
    await put(store, 'a', '2', 9);
    await put(store, 'a', '3', 9);
    await ask<void>((answer) => store.compact(3, answer));
    await close(store);
    const again = openEmbeddedStore({ folder });
    const at = async (revision: number): Promise<string | undefined> =>
      (await ask((answer: Parameters<Store['range']>[2]) => again.range({ key: 'a' }, { revision }, answer))).kvs[0]
        ?.value.text;
    expect([await at(3), await at(4)]).toEqual(['2', '3']);
    await expect(at(2)).rejects.toThrow('compacted');
    await ask<void>((answer) => again.leaseRevoke(9, answer));
    expect((await put(again, 'b')).revision).toBe(6);
    await close(again);
    const third = openEmbeddedStore({ folder });
    expect([await count(third), await ask((answer: Parameters<Store['leases']>[0]) => third.leases(answer))]).toEqual([
      1,
      [],
    ]);
    await close(third);
  });

  it('does not open twice, and says who has it; a lock without a process is taken over', async () => {
    const store = openEmbeddedStore({ folder });
    await put(store, 'a');
    expect(() => openEmbeddedStore({ folder })).toThrow(`${folder} is in use by process ${process.pid}`);
    await close(store);
    const gone = { pid: 2 ** 22 - 1, started: '1', host: hostname(), command: 'gone' };
    writeFileSync(join(folder, 'lock.json'), JSON.stringify(gone));
    const again = openEmbeddedStore({ folder });
    expect(await count(again)).toBe(1);
    await close(again);
    expect(existsSync(join(folder, 'lock.json'))).toBe(false);
  });

  it('refuses a file that was cut off or changed, and lets go of the folder', async () => {
    const store = openEmbeddedStore({ folder });
    for (let index = 0; index < 50; index++) await put(store, `k${index}`, 'x'.repeat(500));
    await close(store);
    const path = join(folder, 'store.mdb');
    const whole = readFileSync(path);
    truncateSync(path, whole.length - 20 * 4096);
    expect(() => openEmbeddedStore({ folder })).toThrow(/is damaged/);
    const changed = Buffer.from(whole);
    // In the newest row, wherever its page is.
    changed[whole.lastIndexOf('k49') + 100] ^= 1;
    writeFileSync(path, changed);
    expect(() => openEmbeddedStore({ folder })).toThrow(/is damaged.*checksum/);
    writeFileSync(path, whole);
    const again = openEmbeddedStore({ folder });
    expect(await count(again)).toBe(50);
    await close(again);
  });

  it('refuses puts above its quota, and takes deletions', async () => {
    const store = openEmbeddedStore({ folder, quotaBytes: 200_000 });
    const fill = async (): Promise<void> => {
      for (let index = 0; index < 1000; index++) await put(store, `k${index}`, 'x'.repeat(100_000));
    };
    await expect(fill()).rejects.toThrow('etcdserver: mvcc: database space exceeded');
    await ask((answer: Parameters<Store['txn']>[1]) =>
      store.txn({ compare: [], success: [{ type: 'delete', key: 'k', rangeEnd: 'l' }] }, answer),
    );
    await close(store);
  });
});
