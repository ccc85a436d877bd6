/** GET with `watch`: the state first or changes since a revision, then what comes. Source: `cacher/cacher.go`, v0.37.2. */
import type { KubeObject } from '../../../api/index.ts';
import type { CacheEvent } from '../cache/cache-event.ts';
import type { KindCache } from '../cache/kind-cache.ts';
import type { WatchHub } from '../cache/watch-hub.ts';
import type { ApiWatchHandler, Target, WatchOptions } from '../client.ts';
import type { Core, Resolved } from '../core.ts';
import { expired } from '../failures.ts';
import type { RequestContext } from '../request-context.ts';
import { type Selection, selectionOf } from '../selectors/selection.ts';
import type { Status } from '../status.ts';
import { whenAtLeast, whenCurrent } from './list.ts';
import { resolve } from './resolve.ts';
import { checkWatchOptions, parseVersion } from './resource-version.ts';

/** Throws ApiFailure where a server answers without a stream; what is wrong later comes as an ERROR event. */
export function watch(
  core: Core,
  hub: WatchHub,
  context: RequestContext,
  target: Target,
  options: WatchOptions,
  handler: ApiWatchHandler,
): () => void {
  const resolved = resolve(core, context, target, 'watch');
  checkWatchOptions(options);
  const selection = selectionOf(resolved.stored, options, resolved.namespace);
  const version = parseVersion(options.resourceVersion);
  const { sendInitialEvents, resourceVersion = '' } = options;
  let stop: (() => void) | undefined;
  let isStopped = false;
  const begin = (start: Start): void => {
    if (!isStopped) stop = open(core, hub, resolved, selection, options, handler, start);
  };
  const refuse = (status: Status | undefined): void => {
    if (status === undefined || isStopped) return;
    core.clock.soon(() => {
      handler.event({ type: 'ERROR', object: status });
      handler.ended();
    });
  };
  const wantsState = sendInitialEvents ?? (resourceVersion === '' || resourceVersion === '0');
  if (!wantsState) begin({ since: resourceVersion === '' ? core.feed.revision : version, withState: false });
  else if (version > 0) whenAtLeast(core, version, refuse, () => begin({ since: 0, withState: true }));
  else if (resourceVersion === '0') begin({ since: 0, withState: true });
  else whenCurrent(core, refuse, () => begin({ since: 0, withState: true }));
  return () => {
    isStopped = true;
    stop?.();
  };
}

interface Start {
  readonly since: number;
  readonly withState: boolean;
}

function open(
  core: Core,
  hub: WatchHub,
  { resource, stored, namespace }: Resolved,
  selection: Selection,
  options: WatchOptions,
  handler: ApiWatchHandler,
  { since, withState }: Start,
): (() => void) | undefined {
  const cache = core.cacheOf(stored);
  let past: readonly CacheEvent[] = [];
  let initial: KubeObject[] = [];
  if (withState) initial = stateOf(cache, namespace, selection);
  else if (since < cache.ring.since) {
    const status = expired(`too old resource version: ${since} (${cache.ring.since})`);
    core.clock.soon(() => {
      handler.event({ type: 'ERROR', object: status });
      handler.ended();
    });
    return undefined;
  } else past = cache.ring.after(since);
  return hub.watch(
    cache,
    {
      resource,
      selection,
      namespace,
      handler,
      since: withState ? core.feed.revision : since,
      allowBookmarks: options.allowWatchBookmarks === true,
      initial,
      marksInitialEnd: options.sendInitialEvents === true && options.allowWatchBookmarks === true,
      timeoutS: options.timeoutSeconds,
    },
    past,
  );
}

function stateOf(cache: KindCache, namespace: string, selection: Selection): KubeObject[] {
  const found: KubeObject[] = [];
  for (const object of cache.list(namespace === '' ? undefined : namespace)) {
    if (selection.matches(object)) found.push(object);
  }
  return found;
}
