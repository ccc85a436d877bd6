/**
 * GET of a collection. The newest state and all that is at least so new come from the cache, an exact revision and the
 * later pages of a list from the store. Source: `apiserver/pkg/storage/etcd3/store.go` (`GetList`) and
 * `cacher/cacher.go`, v0.37.2.
 */
import type { KubeObject } from '../../../api/index.ts';
import { inVersion } from '../cache/cache-event.ts';
import { keyOf, keyPrefixOf, objectOf } from '../cache/kind-cache.ts';
import type { ListOptions, ObjectList, Target } from '../client.ts';
import type { Core, Resolved, ServerAnswer } from '../core.ts';
import { ApiFailure, badRequest, expired, tooLargeVersion } from '../failures.ts';
import type { RequestContext } from '../request-context.ts';
import { type Selection, selectionOf } from '../selectors/selection.ts';
import type { Status } from '../status.ts';
import { statusOf } from '../storage-write.ts';
import { decodeContinue, encodeContinue } from './continue-token.ts';
import { guarded, resolve } from './resolve.ts';
import { checkListOptions, parseVersion } from './resource-version.ts';

const OK = 200;
/** How long a revision that is yet to come is waited for (`cacher/watch_cache.go`). */
const FRESH_WAIT_MS = 3000;
const STORE_PAGE = 1000;

export function list(
  core: Core,
  context: RequestContext,
  target: Target,
  options: ListOptions,
  answer: ServerAnswer<ObjectList>,
): void {
  guarded(answer, () => listResolved(core, resolve(core, context, target, 'list'), options, answer));
}

/** Throws ApiFailure. */
export function listResolved(
  core: Core,
  resolved: Resolved,
  options: ListOptions,
  answer: ServerAnswer<ObjectList>,
): void {
  checkListOptions(options);
  const selection = selectionOf(resolved.stored, options, resolved.namespace);
  const version = parseVersion(options.resourceVersion);
  const { limit = 0, resourceVersionMatch: match } = options;
  if (options.continue) {
    if (version !== 0) {
      throw new ApiFailure(badRequest('specifying resource version is not allowed when using continue'));
    }
    const { key, revision } = decodeContinue(options.continue, listPrefix(resolved));
    listStored(core, resolved, selection, { from: key, revision: revision < 0 ? undefined : revision, limit }, answer);
  } else if (match === 'Exact') {
    const from = `${listPrefix(resolved)}/`;
    listStored(core, resolved, selection, { from, revision: version, limit, exact: true }, answer);
  } else if (options.resourceVersion === undefined || options.resourceVersion === '') {
    whenCurrent(core, answer, () => answer(undefined, fromCache(core, resolved, selection, limit), OK));
  } else {
    whenAtLeast(core, version, answer, () => answer(undefined, fromCache(core, resolved, selection, limit), OK));
  }
}

/** Waits until the caches have everything that has been acknowledged. */
export function whenCurrent<T>(core: Core, answer: ServerAnswer<T>, run: () => void): void {
  // Any key tells the revision.
  core.store.range({ key: '/registry/' }, { countOnly: true }, (error, result) => {
    if (error === undefined) core.feed.whenAt(result.revision, guardedRun(answer, run));
    else {
      const status = statusOf(error);
      answer(status, undefined as T, status.code);
    }
  });
}

const guardedRun =
  <T>(answer: ServerAnswer<T>, run: () => void): (() => void) =>
  () =>
    guarded(answer, run);

export function whenAtLeast<T>(core: Core, revision: number, answer: ServerAnswer<T>, run: () => void): void {
  if (core.feed.revision >= revision) {
    guarded(answer, run);
    return;
  }
  let isOver = false;
  const giveUp = core.feed.whenAt(revision, () => {
    isOver = true;
    stopTimer();
    guarded(answer, run);
  });
  const stopTimer = core.clock.timer(core.clock.nowMs + FRESH_WAIT_MS, () => {
    if (isOver) return;
    giveUp();
    const status = tooLargeVersion(revision, core.feed.revision);
    answer(status, undefined as T, status.code);
  });
}

function fromCache(core: Core, resolved: Resolved, selection: Selection, limit: number): ObjectList {
  const { resource, stored, namespace } = resolved;
  const cache = core.cacheOf(stored);
  const items: KubeObject[] = [];
  let last: KubeObject | undefined;
  let isMore = false;
  let seen = 0;
  const scope = stored.namespaced && namespace !== '' ? namespace : undefined;
  for (const object of candidates(cache, scope, selection)) {
    if (limit > 0 && items.length === limit) {
      // One more that matches makes another page.
      if (!selection.matches(object)) continue;
      isMore = true;
      break;
    }
    seen++;
    if (!selection.matches(object)) continue;
    items.push(inVersion(resource, object));
    last = object;
  }
  const { revision } = core.feed;
  const metadata: Record<string, unknown> = { resourceVersion: String(revision) };
  if (isMore) {
    const key = keyOf(stored, last!.metadata?.namespace ?? '', last!.metadata?.name ?? '');
    metadata.continue = encodeContinue(`${key}\0`, listPrefix(resolved), revision);
    if (selection.isEverything) metadata.remainingItemCount = cache.sizeOf(scope) - seen;
  }
  return listOf(resource, metadata, items);
}

function candidates(
  cache: ReturnType<Core['cacheOf']>,
  scope: string | undefined,
  { name }: Selection,
): Iterable<KubeObject> {
  if (name === undefined || (cache.stored.namespaced && scope === undefined)) return cache.list(scope);
  const object = cache.get(scope ?? '', name);
  return object === undefined ? [] : [object];
}

interface StoredPage {
  readonly from: string;
  /** Undefined for the current one. */
  readonly revision: number | undefined;
  readonly limit: number;
  readonly exact?: boolean;
}

const TOO_OLD = 'The resourceVersion for the provided list is too old.';
const TOO_OLD_TO_CONTINUE =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.';

/** From the store, in pieces until the page is full. */
function listStored(
  core: Core,
  resolved: Resolved,
  selection: Selection,
  page: StoredPage,
  answer: ServerAnswer<ObjectList>,
): void {
  const { resource } = resolved;
  const { limit, exact } = page;
  const prefix = listPrefix(resolved);
  const items: KubeObject[] = [];
  const refuse = (status: Status): void => answer(status, undefined as never, status.code);

  const next = (key: string, revision: number | undefined): void => {
    const options = { revision, limit: limit === 0 ? STORE_PAGE : limit - items.length + 1 };
    core.store.range({ key, rangeEnd: `${prefix}0` }, options, (error, result) => {
      if (error !== undefined) {
        if (error.code === 'FutureRevision') refuse(tooLargeVersion(revision!, core.feed.revision));
        else if (error.code !== 'Compacted') refuse(statusOf(error));
        else if (exact) refuse(expired(TOO_OLD));
        else refuse({ ...expired(TOO_OLD_TO_CONTINUE), metadata: { continue: encodeContinue(key, prefix, -1) } });
        return;
      }
      const at = revision ?? result.revision;
      let seen = 0;
      for (const kv of result.kvs) {
        if (limit > 0 && items.length === limit) break;
        seen++;
        const object = objectOf(kv);
        if (selection.matches(object)) items.push(inVersion(resource, object));
      }
      const lastKey = seen === 0 ? undefined : result.kvs[seen - 1]!.key;
      const left = result.count - seen;
      if (left > 0 && lastKey !== undefined && (limit === 0 || items.length < limit)) {
        next(`${lastKey}\0`, at);
        return;
      }
      const metadata: Record<string, unknown> = { resourceVersion: String(at) };
      if (left > 0) {
        metadata.continue = encodeContinue(`${lastKey}\0`, prefix, at);
        if (selection.isEverything) metadata.remainingItemCount = left;
      }
      answer(undefined, listOf(resource, metadata, items), OK);
    });
  };

  next(page.from, page.revision);
}

const listOf = (
  { kind, apiVersion }: Resolved['resource'],
  metadata: Record<string, unknown>,
  items: KubeObject[],
): ObjectList => ({ kind: `${kind}List`, apiVersion, metadata: metadata as unknown as ObjectList['metadata'], items });

/** `/registry/pods/default`: of everything that the list may hold, without a slash at its end. */
function listPrefix({ stored, namespace }: Resolved): string {
  const prefix = keyPrefixOf(stored);
  return stored.namespaced && namespace !== '' ? prefix + namespace : prefix.slice(0, -1);
}
