/** The store: one contract, three implementations. */
export { ask } from './ask.ts';
export { COMPACT_REV_KEY, type CompactorOptions, startCompactor } from './compactor.ts';
export { type EmbeddedStore, type EmbeddedStoreOptions, openEmbeddedStore } from './embedded/embedded-store.ts';
export { EtcdStore, type EtcdStoreOptions } from './etcd/etcd-store.ts';
export { type KeyOrder, prefixEnd, prefixRange } from './key-order.ts';
export { MemoryStore, type MemoryStoreOptions } from './memory-store.ts';
export { type RestoreOptions, restoreSnapshot } from './snapshot/restore.ts';
export { type SnapshotStatus, saveSnapshot, snapshotStatus, streamSnapshot } from './snapshot/snapshot-file.ts';
export type * from './store.ts';
export { StoreError, type StoreErrorCode } from './store-error.ts';
export { Value } from './value.ts';
