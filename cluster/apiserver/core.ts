/** What all handlers work with. */
import type { KubeObject, PodSpec } from '../../api/index.ts';
import type { Clock } from '../../scheduler/clock.ts';
import type { Store } from '../store/index.ts';
import type { AdmissionSwitches } from './admission/switches.ts';
import type { Feed } from './cache/feed.ts';
import type { KindCache } from './cache/kind-cache.ts';
import type { Target } from './client.ts';
import type { IdSource } from './ids.ts';
import type { Registry } from './kinds/registry.ts';
import type { Resource, StoredKind } from './kinds/resource.ts';
import type { Patcher } from './patcher.ts';
import type { Authorize, RequestContext } from './request-context.ts';
import type { AddressPool } from './services/address-pool.ts';
import type { Status } from './status.ts';

export interface Core {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly registry: Registry;
  readonly feed: Feed;
  readonly patcher: Patcher;
  readonly admission: AdmissionSwitches;
  readonly authorize: Authorize | undefined;
  readonly reviews: Reviews;
  readonly leases: EventLeases;
  /** Addresses and ports of services. */
  readonly addresses: AddressPool;
  /** What admission has made of a spec, at a state of the priority classes. */
  readonly admittedSpecs: WeakMap<PodSpec, { readonly sequence: number; readonly spec: PodSpec }>;
  cacheOf(stored: StoredKind): KindCache;
  /** A stored object by its kind; '' as namespace for cluster-scoped ones. */
  cached(kind: string, namespace: string, name: string): KubeObject | undefined;
  cachedAll(kind: string, namespace?: string): Iterable<KubeObject>;
  /** Now, in whole seconds, as the API writes times. */
  timestamp(offsetS?: number): string;
}

/** Kinds that are answered, not stored: `selfsubjectaccessreviews`, `tokenreviews`, and the subresource `serviceaccounts/token`. */
export type Reviews = Readonly<Record<string, Review>>;
export type Review = (request: ReviewRequest, answer: ServerAnswer<KubeObject>) => void;
export interface ReviewRequest {
  readonly context: RequestContext;
  readonly target: Target;
  readonly object: KubeObject;
}

/** Leases for what the store is to forget after a while. */
export interface EventLeases {
  leaseFor(ttlS: number, use: (error: Status | undefined, lease: number) => void): void;
}

/** `code` is the HTTP status. */
export type ServerAnswer<T> = (error: Status | undefined, result: T, code: number) => void;

/** A request whose target is known to be served. */
export interface Resolved {
  readonly context: RequestContext;
  readonly resource: Resource;
  readonly stored: StoredKind;
  readonly namespace: string;
  readonly name: string;
  readonly subresource: string;
}
