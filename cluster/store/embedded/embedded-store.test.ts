import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ask } from '../ask.ts';
import { describeStoreContract } from '../store.contract.ts';
import { openEmbeddedStore } from './embedded-store.ts';

describeStoreContract('the embedded store', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'berth-store-'));
  const store = openEmbeddedStore({ folder });
  return {
    store,
    async close() {
      await ask<void>((answer) => store.close(answer));
      // What is on disk opens again, whatever the cases have done to it.
      const again = openEmbeddedStore({ folder });
      await ask<void>((answer) => again.close(answer));
      rmSync(folder, { recursive: true });
    },
  };
});
