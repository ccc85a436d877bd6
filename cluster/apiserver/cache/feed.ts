/**
 * One watch on everything that the store keeps for the API, taken apart by kind. Caches are as new as the last revision
 * that the watch has told; who wants to read what is current waits for the store's current revision.
 */
import type { KeyValue, Store, StoreError, StoreEvent, Watcher } from '../../store/index.ts';
import type { StoredKind } from '../kinds/resource.ts';
import type { CacheEvent } from './cache-event.ts';
import { KindCache } from './kind-cache.ts';

export interface FeedOptions {
  readonly store: Store;
  readonly kinds: Iterable<StoredKind>;
  /** Events kept per kind. */
  readonly ringCapacity: number;
  /** An event, after its cache has it. */
  changed(cache: KindCache, event: CacheEvent): void;
  /** The caches have everything that the store had, at the start and whenever they have been read anew. */
  filled(): void;
  /** The caches have been read anew: what was between is lost, and watches end. */
  restarted(): void;
  /** The store can no longer be read. */
  failed(error: StoreError): void;
}

const ALL = { key: '/registry/', rangeEnd: '/registry0' };
const PAGE = 10_000;

export class Feed {
  /** Everything up to it is in the caches. */
  revision = 0;
  private readonly options: FeedOptions;
  private readonly byPrefix = new Map<string, KindCache>();
  private readonly byKind = new Map<StoredKind, KindCache>();
  private watcher: Watcher | undefined;
  /** Of the key that came last. */
  private lastCache: KindCache | undefined;
  private waiting: Array<{ readonly revision: number; run(): void }> = [];
  private isStopped = false;

  constructor(options: FeedOptions) {
    this.options = options;
  }

  cacheOf(stored: StoredKind): KindCache {
    return this.byKind.get(stored)!;
  }

  caches(): Iterable<KindCache> {
    return this.byPrefix.values();
  }

  /** Reads everything and follows it from there. */
  start(done: (error: StoreError | undefined) => void): void {
    this.page(ALL.key, undefined, [], (error, kvs, revision) => {
      if (error === undefined) {
        this.fill(kvs, revision);
        this.follow(revision + 1);
      }
      done(error);
    });
  }

  stop(): void {
    this.isStopped = true;
    this.watcher?.cancel();
  }

  /** Runs when the caches have a revision; at once if they do. Returns how to give up. */
  whenAt(revision: number, run: () => void): () => void {
    if (this.revision >= revision) {
      run();
      return () => {};
    }
    const entry = { revision, run };
    this.waiting.push(entry);
    this.watcher?.requestProgress();
    return () => {
      this.waiting = this.waiting.filter((other) => other !== entry);
    };
  }

  /** Pages of one revision. */
  private page(
    key: string,
    revision: number | undefined,
    read: KeyValue[],
    done: (error: StoreError | undefined, kvs: KeyValue[], revision: number) => void,
  ): void {
    this.options.store.range({ key, rangeEnd: ALL.rangeEnd }, { limit: PAGE, revision }, (error, result) => {
      if (error !== undefined) {
        done(error, [], 0);
        return;
      }
      for (const kv of result.kvs) read.push(kv);
      const at = revision ?? result.revision;
      if (result.more) this.page(`${result.kvs.at(-1)!.key}\0`, at, read, done);
      else done(undefined, read, at);
    });
  }

  private fill(kvs: readonly KeyValue[], revision: number): void {
    const { kinds, ringCapacity } = this.options;
    this.byPrefix.clear();
    this.lastCache = undefined;
    for (const stored of kinds) {
      const cache = new KindCache(stored, ringCapacity, revision);
      // Whoever compares sequences sees that something may have changed.
      cache.sequence = (this.byKind.get(stored)?.sequence ?? 0) + 1;
      this.byPrefix.set(cache.keyPrefix, cache);
      this.byKind.set(stored, cache);
    }
    for (const kv of kvs) this.cacheOfKey(kv.key)?.load(kv);
    this.options.filled();
    this.advance(revision);
  }

  private follow(startRevision: number): void {
    this.watcher = this.options.store.watch(
      { ...ALL, startRevision, progressNotify: true },
      {
        events: (events, revision) => this.take(events, revision),
        progress: (revision) => this.advance(revision),
        canceled: (error) => this.lost(error),
      },
    );
  }

  private take(events: readonly StoreEvent[], revision: number): void {
    for (const storeEvent of events) {
      const cache = this.cacheOfKey(storeEvent.kv.key);
      const event = cache?.apply(storeEvent);
      if (event !== undefined) this.options.changed(cache!, event);
    }
    this.advance(revision);
  }

  private advance(revision: number): void {
    if (revision > this.revision) this.revision = revision;
    if (this.waiting.length === 0) return;
    const ready = this.waiting.filter((entry) => entry.revision <= this.revision);
    if (ready.length === 0) return;
    this.waiting = this.waiting.filter((entry) => entry.revision > this.revision);
    for (const entry of ready) entry.run();
  }

  /** Slower than the compaction: everything is read anew. */
  private lost(error: StoreError): void {
    if (this.isStopped) return;
    if (error.code !== 'Compacted') {
      this.options.failed(error);
      return;
    }
    this.options.restarted();
    this.start((again) => {
      if (again !== undefined) this.options.failed(again);
    });
  }

  private cacheOfKey(key: string): KindCache | undefined {
    if (this.lastCache !== undefined && key.startsWith(this.lastCache.keyPrefix)) return this.lastCache;
    // `/registry/` is 10 characters; services and their endpoints have one step more.
    const end = key.indexOf('/', 10);
    let cache = this.byPrefix.get(key.slice(0, end + 1));
    if (cache === undefined) {
      const deeper = key.indexOf('/', end + 1);
      if (deeper >= 0) cache = this.byPrefix.get(key.slice(0, deeper + 1));
    }
    this.lastCache = cache;
    return cache;
  }
}
