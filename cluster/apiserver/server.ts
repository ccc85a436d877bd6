/**
 * The API server: the only one that touches the store. Whoever wants something of it does so by these verbs, by reference
 * (`InProcessClient`) or over HTTP (`wire/`).
 *
 * Every verb answers through its last argument, before it returns with the memory store, later with the others. Watches are
 * told by tasks of the clock, so that time has to run for them.
 */
import type { KubeObject } from '../../api/index.ts';
import type { Clock } from '../../scheduler/clock.ts';
import { type Store, type StoreError, startCompactor } from '../store/index.ts';
import { type AdmissionSwitches, DEFAULT_ADMISSION } from './admission/switches.ts';
import type { CacheEvent } from './cache/cache-event.ts';
import { Feed } from './cache/feed.ts';
import type { KindCache } from './cache/kind-cache.ts';
import { WatchHub } from './cache/watch-hub.ts';
import type {
  ApiWatchHandler,
  DeleteOptions,
  ListOptions,
  ObjectList,
  PatchType,
  Target,
  WatchOptions,
  WriteOptions,
} from './client.ts';
import type { Core, Reviews, ServerAnswer } from './core.ts';
import { SharedLeases } from './event-leases.ts';
import { create } from './handlers/create.ts';
import { remove } from './handlers/delete.ts';
import { removeCollection } from './handlers/delete-collection.ts';
import { get } from './handlers/get.ts';
import { list } from './handlers/list.ts';
import { patch, update } from './handlers/update.ts';
import { watch } from './handlers/watch.ts';
import type { IdSource } from './ids.ts';
import type { Registry } from './kinds/registry.ts';
import type { StoredKind } from './kinds/resource.ts';
import { registry } from './kinds/table.ts';
import type { Patcher } from './patcher.ts';
import type { Authorize, RequestContext } from './request-context.ts';
import { seed } from './seeds.ts';
import { AddressPool, type ServiceRanges } from './services/address-pool.ts';
import { addressesOf } from './services/place.ts';
import { DEFAULT_RANGES } from './services/ranges.ts';
import type { Status } from './status.ts';
import { statusOf } from './storage-write.ts';
import { patcher } from './wire/patch/index.ts';

export interface ApiServerOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: IdSource;
  /** @default everybody may do everything */
  readonly authorize?: Authorize;
  /** Answers kinds that are not stored: access and token reviews, `serviceaccounts/token`. @default none */
  readonly reviews?: Reviews;
  readonly admission?: Partial<AdmissionSwitches>;
  /** What services get their addresses from. @default 10.96.0.0/12, ports 30000-32767 */
  readonly serviceRanges?: ServiceRanges;
  /** Events kept per kind for watches that resume. @default 131072 */
  readonly historySize?: number;
  /** How often watches that want it hear how far they are; 0 for never. @default 60 s */
  readonly bookmarkEveryMs?: number;
  /** The store's history is dropped that often, up to where it was the time before; 0 for never. @default never */
  readonly compactEveryMs?: number;
  /** The store cannot be read any more. */
  readonly failed?: (error: StoreError) => void;
}

const HISTORY = 131_072;
const BOOKMARK_MS = 60_000;

export class ApiServer {
  readonly registry: Registry = registry;
  readonly core: Core;
  private readonly options: ApiServerOptions;
  private readonly hub: WatchHub;
  private readonly feed: Feed;
  private readonly addresses: AddressPool;
  private stopCompactor: () => void = () => {};

  constructor(options: ApiServerOptions) {
    const { store, clock, ids, authorize, reviews = {}, admission = {} } = options;
    this.options = options;
    this.addresses = new AddressPool(options.serviceRanges ?? DEFAULT_RANGES);
    this.feed = new Feed({
      store,
      kinds: registry.storedKinds,
      ringCapacity: options.historySize ?? HISTORY,
      changed: (cache, event) => {
        if (cache.stored.kind === 'Service') this.learn(event);
        this.hub.publish(cache, event);
      },
      filled: () => this.learnAll(),
      restarted: () => this.endWatches(),
      failed: (error) => options.failed?.(error),
    });
    this.hub = new WatchHub(clock, () => this.feed.revision, options.bookmarkEveryMs ?? BOOKMARK_MS);
    this.core = {
      store,
      clock,
      ids,
      registry,
      feed: this.feed,
      patcher: patcher as Patcher,
      admission: { ...DEFAULT_ADMISSION, ...admission },
      authorize,
      reviews,
      leases: new SharedLeases(store, clock),
      addresses: this.addresses,
      admittedSpecs: new WeakMap(),
      cacheOf: (stored) => this.feed.cacheOf(stored),
      cached: (kind, namespace, name) => this.feed.cacheOf(registry.storedKind(kind)).get(namespace, name),
      cachedAll: (kind, namespace) => this.feed.cacheOf(registry.storedKind(kind)).unordered(namespace),
      timestamp: timestamps(clock),
    };
  }

  /** Reads what the store has and makes what a cluster cannot be without. */
  start(done: (error: Status | undefined) => void): void {
    this.feed.start((error) => {
      if (error !== undefined) done(statusOf(error));
      else seed(this.core, done);
    });
    const { store, clock, compactEveryMs: intervalMs } = this.options;
    if (intervalMs) this.stopCompactor = startCompactor(store, clock, { intervalMs });
  }

  /** Watches end; the store stays open. */
  stop(): void {
    this.stopCompactor();
    this.feed.stop();
    this.endWatches();
  }

  /** What the caches have is so new. */
  get revision(): number {
    return this.feed.revision;
  }

  cacheOf(stored: StoredKind): KindCache {
    return this.feed.cacheOf(stored);
  }

  get(context: RequestContext, target: Target, answer: ServerAnswer<KubeObject>): void {
    get(this.core, context, target, answer);
  }

  list(context: RequestContext, target: Target, options: ListOptions, answer: ServerAnswer<ObjectList>): void {
    list(this.core, context, target, options, answer);
  }

  /** Throws ApiFailure where there is no stream to be had. */
  watch(context: RequestContext, target: Target, options: WatchOptions, handler: ApiWatchHandler): () => void {
    return watch(this.core, this.hub, context, target, options, handler);
  }

  create(
    context: RequestContext,
    target: Target,
    object: KubeObject,
    options: WriteOptions,
    answer: ServerAnswer<KubeObject>,
  ): void {
    create(this.core, context, target, object, options, answer);
  }

  update(
    context: RequestContext,
    target: Target,
    object: KubeObject,
    options: WriteOptions,
    answer: ServerAnswer<KubeObject>,
  ): void {
    update(this.core, context, target, object, options, answer);
  }

  patch(
    context: RequestContext,
    target: Target,
    type: PatchType,
    change: unknown,
    options: WriteOptions,
    answer: ServerAnswer<KubeObject>,
  ): void {
    patch(this.core, context, target, type, change, options, answer);
  }

  remove(
    context: RequestContext,
    target: Target,
    options: DeleteOptions,
    answer: ServerAnswer<KubeObject | Status>,
  ): void {
    remove(this.core, context, target, options, answer);
  }

  removeCollection(
    context: RequestContext,
    target: Target,
    options: DeleteOptions,
    listOptions: ListOptions,
    answer: ServerAnswer<ObjectList>,
  ): void {
    removeCollection(this.core, context, target, options, listOptions, answer);
  }

  /** What a service has now, it has; what it had, others may get. */
  private learn({ type, object }: CacheEvent): void {
    this.addresses.learn(object.metadata?.uid ?? '', type === 'DELETED' ? undefined : addressesOf(object));
  }

  private learnAll(): void {
    this.addresses.forget();
    for (const service of this.core.cachedAll('Service')) {
      this.addresses.learn(service.metadata?.uid ?? '', addressesOf(service));
    }
  }

  private endWatches(): void {
    for (const cache of this.feed.caches()) this.hub.endAll(cache);
  }
}

/** The text of a second is made once. */
function timestamps(clock: Clock): (offsetS?: number) => string {
  let lastSecond = -1;
  let text = '';
  return (offsetS = 0) => {
    const second = Math.floor(clock.nowMs / 1000) + Math.floor(offsetS);
    if (second !== lastSecond) {
      lastSecond = second;
      text = `${new Date(second * 1000).toISOString().slice(0, -5)}Z`;
    }
    return text;
  };
}
