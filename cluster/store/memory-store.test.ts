import { MemoryStore } from './memory-store.ts';
import { describeStoreContract } from './store.contract.ts';

describeStoreContract('the memory store', async () => {
  const store = new MemoryStore();
  return { store, close: async () => store.close(() => {}) };
});
