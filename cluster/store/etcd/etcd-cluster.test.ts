import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ask } from '../ask.ts';
import { prefixRange } from '../key-order.ts';
import type { Store } from '../store.ts';
import { StoreError } from '../store-error.ts';
import { Value } from '../value.ts';
import { hasEtcd, NO_ETCD, startEtcd } from './etcd-process.fixture.ts';
import { EtcdStore } from './etcd-store.ts';
import { makeTls } from './test-tls.fixture.ts';

const write = (store: Store, key: string, value: string) =>
  ask((answer: Parameters<Store['txn']>[1]) =>
    store.txn({ compare: [], success: [{ type: 'put', key, value: Value.ofText(value) }] }, answer),
  );

/** As a careful client does: a write without an answer is looked up before it is written again. */
async function writeSurely(store: Store, key: string, value: string): Promise<void> {
  for (;;) {
    try {
      await write(store, key, value);
      return;
    } catch (error) {
      if (!(error instanceof StoreError) || error.code !== 'Unavailable') throw error;
      const found = await ask((answer: Parameters<Store['range']>[2]) => store.range({ key }, {}, answer)).catch(
        () => undefined,
      );
      if (found?.kvs[0]?.value.text === value) return;
    }
  }
}

describe('three members with TLS', () => {
  it.skipIf(!hasEtcd())(`one may die: writes and watches go on (${hasEtcd() ? 'etcd found' : NO_ETCD})`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'berth-tls-'));
    const cluster = await startEtcd(3, await makeTls(folder));
    const store = new EtcdStore({ ...cluster, timeoutMs: 2000 });
    const seen: string[] = [];
    store.watch(
      { ...prefixRange('k'), startRevision: 2 },
      { events: (events) => seen.push(...events.map(({ kv }) => kv.key)) },
    );
    try {
      const expected: string[] = [];
      for (let index = 0; index < 30; index++) {
        if (index === 10) await cluster.members[0].kill();
        if (index === 20) {
          cluster.members[0].start();
          await cluster.members[1].kill();
        }
        const key = `k${String(index).padStart(2, '0')}`;
        expected.push(key);
        await writeSurely(store, key, 'v');
      }
      for (let tries = 0; seen.length < expected.length && tries < 200; tries++) {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      expect(seen).toEqual(expected);

      const stranger = new EtcdStore({ endpoints: cluster.endpoints, timeoutMs: 1000 });
      await expect(write(stranger, 'k', 'v')).rejects.toThrow(/etcd at https:/);
      stranger.close(() => {});

      await cluster.members[2].kill();
      const start = performance.now();
      await expect(write(store, 'k-lost', 'v')).rejects.toMatchObject({ code: 'Unavailable' });
      expect(performance.now() - start).toBeLessThan(20_000);
    } finally {
      store.close(() => {});
      await cluster.close();
      rmSync(folder, { recursive: true });
    }
  });
});
