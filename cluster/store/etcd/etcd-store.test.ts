import { describe, it } from 'vitest';
import { describeStoreContract } from '../store.contract.ts';
import { hasEtcd, NO_ETCD, startEtcd } from './etcd-process.fixture.ts';
import { EtcdStore } from './etcd-store.ts';

if (hasEtcd()) {
  describeStoreContract('a real etcd', async () => {
    const cluster = await startEtcd(1);
    const store = new EtcdStore(cluster);
    return {
      store,
      async close() {
        store.close(() => {});
        await cluster.close();
      },
    };
  });
} else {
  describe('a real etcd', () => it.skip(NO_ETCD, () => {}));
}
