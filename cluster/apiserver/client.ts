/**
 * How everything talks to the API server, in process by reference or over HTTP: the same verbs, the same answers, the same
 * Status errors. Objects that come out are frozen by agreement: nobody changes one that it did not make.
 *
 * Every call answers through its last argument, before it returns or later, so that virtual time needs no event loop.
 */
import type { KubeObject } from '../../api/index.ts';
import type { Status } from './status.ts';

/** Which collection: `{ group: 'apps', version: 'v1', resource: 'deployments' }`; the core group is ''. */
export interface ResourceRef {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
}

export interface Target extends ResourceRef {
  /** Absent for cluster-scoped resources, and for lists over all namespaces. */
  readonly namespace?: string;
  readonly name?: string;
  readonly subresource?: string;
}

export type PatchType = 'json' | 'merge' | 'strategic' | 'apply';

export interface ListOptions {
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly limit?: number;
  readonly continue?: string;
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: string;
}

export interface WatchOptions extends Omit<ListOptions, 'limit' | 'continue'> {
  readonly allowWatchBookmarks?: boolean;
  readonly sendInitialEvents?: boolean;
  readonly timeoutSeconds?: number;
}

export interface WriteOptions {
  readonly dryRun?: boolean;
  readonly fieldManager?: string;
  readonly fieldValidation?: 'Ignore' | 'Warn' | 'Strict';
  /** Server-side apply: take fields over from other managers. */
  readonly force?: boolean;
}

/** `DeleteOptions` of meta/v1. */
export interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  readonly orphanDependents?: boolean;
  readonly dryRun?: boolean;
}

export interface ObjectList {
  readonly kind: string;
  readonly apiVersion: string;
  readonly metadata: {
    readonly resourceVersion: string;
    readonly continue?: string;
    readonly remainingItemCount?: number;
  };
  readonly items: readonly KubeObject[];
}

export type ApiWatchEvent =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'; readonly object: KubeObject }
  | { readonly type: 'ERROR'; readonly object: Status };

export interface ApiWatchHandler {
  event(event: ApiWatchEvent): void;
  /**
   * Whether what was there before the watch has to wait; `resume` is then called once, when it may go on. News does not wait.
   * @default never
   */
  isFull?(resume: () => void): boolean;
  /** The stream has ended (timeout, error sent, server going down); the client resumes or lists anew. */
  ended(): void;
}

/** `error` is undefined exactly when the call succeeded. */
export type ApiAnswer<T> = (error: Status | undefined, result: T) => void;

export interface ApiClient {
  get(target: Target, answer: ApiAnswer<KubeObject>): void;
  list(target: Target, options: ListOptions, answer: ApiAnswer<ObjectList>): void;
  /** Answers a stop function at once; a refusal comes as one ERROR event and `ended`. */
  watch(target: Target, options: WatchOptions, handler: ApiWatchHandler): () => void;
  /** With `subresource`: binding, eviction, token. */
  create(target: Target, object: KubeObject, options: WriteOptions, answer: ApiAnswer<KubeObject>): void;
  /** With `subresource`: status, scale, finalize. */
  update(target: Target, object: KubeObject, options: WriteOptions, answer: ApiAnswer<KubeObject>): void;
  patch(target: Target, type: PatchType, patch: unknown, options: WriteOptions, answer: ApiAnswer<KubeObject>): void;
  /** Answers the object as it stands, or a Status of success. */
  delete(target: Target, options: DeleteOptions, answer: ApiAnswer<KubeObject | Status>): void;
  deleteCollection(target: Target, options: DeleteOptions, list: ListOptions, answer: ApiAnswer<ObjectList>): void;
}
