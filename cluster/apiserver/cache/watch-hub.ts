/**
 * Hands events to watchers, in order, once whoever wrote has come to an end: a watcher that writes finds everybody told the
 * same things in the same order. Each watcher is told by one queue of one moment, whatever it asked for.
 *
 * Cost: an event costs a call per watcher that it may concern.
 */
import type { KubeObject } from '../../../api/index.ts';
import type { Cancel, Clock } from '../../../scheduler/clock.ts';
import type { ApiWatchEvent, ApiWatchHandler } from '../client.ts';
import type { Resource } from '../kinds/resource.ts';
import type { Selection } from '../selectors/selection.ts';
import type { CacheEvent } from './cache-event.ts';
import { inVersion } from './cache-event.ts';
import type { KindCache } from './kind-cache.ts';
import type { CacheWatcher, WatchFile } from './watchers.ts';

export interface WatchRequest {
  readonly resource: Resource;
  readonly selection: Selection;
  readonly namespace: string;
  readonly handler: ApiWatchHandler;
  /** Changes up to this revision are not news; it may be yet to come. */
  readonly since: number;
  readonly allowBookmarks: boolean;
  /** Sent first, as ADDED. */
  readonly initial: readonly KubeObject[];
  /** After `initial`: a bookmark that says so. */
  readonly marksInitialEnd: boolean;
  readonly timeoutS: number | undefined;
}

interface Told {
  readonly cache: KindCache;
  readonly event: CacheEvent;
}

export class WatchHub {
  private readonly clock: Clock;
  private readonly revision: () => number;
  private queue: Told[] = [];
  private starting: Stream[] = [];
  private readonly bookmarked = new Set<Stream>();
  private isPlanned = false;
  /** Everything up to it has been told. */
  private told = 0;
  private readonly bookmarkEveryMs: number;
  private bookmarkTimer: Cancel | undefined;

  /** @param revision That everything told so far belongs to. */
  constructor(clock: Clock, revision: () => number, bookmarkEveryMs: number) {
    this.clock = clock;
    this.revision = revision;
    this.bookmarkEveryMs = bookmarkEveryMs;
  }

  /** An event that its cache has taken. */
  publish(cache: KindCache, event: CacheEvent): void {
    this.queue.push({ cache, event });
    this.plan();
  }

  /** @param past Events after `since` that the cache has already. */
  watch(cache: KindCache, request: WatchRequest, past: readonly CacheEvent[]): () => void {
    const stream = new Stream(cache, request, past);
    stream.whenOver = () => this.bookmarked.delete(stream);
    cache.watchers.add(stream);
    this.starting.push(stream);
    if (request.timeoutS !== undefined) {
      const endMs = this.clock.nowMs + request.timeoutS * 1000;
      stream.stopTimer = this.clock.timer(endMs, () => {
        if (request.allowBookmarks) stream.bookmark(this.toldRevision());
        stream.end();
      });
    }
    if (request.allowBookmarks) {
      this.bookmarked.add(stream);
      this.armBookmarks();
    }
    this.plan();
    return () => stream.stop();
  }

  /** Ends every watch of a cache: its past is lost. */
  endAll(cache: KindCache): void {
    for (const watcher of cache.watchers.everyone()) (watcher as Stream).end();
  }

  private plan(): void {
    if (this.isPlanned) return;
    this.isPlanned = true;
    this.clock.soon(() => this.run());
  }

  private run(): void {
    // What is published meanwhile comes in a later turn of the same moment.
    this.isPlanned = false;
    const { queue, starting } = this;
    this.queue = [];
    this.starting = [];
    const revision = this.revision();
    for (const stream of starting) stream.begin();
    for (const { cache, event } of queue) cache.watchers.tell(event);
    this.told = revision;
  }

  private toldRevision(): number {
    return this.queue.length === 0 ? this.revision() : this.told;
  }

  private armBookmarks(): void {
    if (this.bookmarkTimer !== undefined || this.bookmarkEveryMs <= 0) return;
    this.bookmarkTimer = this.clock.timer(this.clock.nowMs + this.bookmarkEveryMs, () => {
      this.bookmarkTimer = undefined;
      for (const stream of [...this.bookmarked]) stream.bookmark(this.toldRevision());
      if (this.bookmarked.size > 0) this.armBookmarks();
    });
  }
}

const INITIAL_END = { 'k8s.io/initial-events-end': 'true' };
/** Events that wait for a client to have taken the state before them. */
const BEHIND_MAX = 262_144;

/** One watch. */
class Stream implements CacheWatcher {
  readonly file: WatchFile;
  stopTimer: Cancel | undefined;
  whenOver: (() => void) | undefined;
  private readonly cache: KindCache;
  private readonly request: WatchRequest;
  /** What was there at first, and what has come since; told as fast as the client takes it. */
  private initial: readonly KubeObject[];
  private past: CacheEvent[];
  private next = 0;
  /** Later events are news. */
  private readonly known: number;
  private hasBegun = false;
  private isCaughtUp = false;
  private isOver = false;

  constructor(cache: KindCache, request: WatchRequest, past: readonly CacheEvent[]) {
    this.cache = cache;
    this.request = request;
    this.initial = request.initial;
    this.past = [...past];
    this.file = request.selection.file;
    this.known = cache.sequence;
  }

  begin(): void {
    this.hasBegun = true;
    this.tellState();
  }

  private readonly tellState = (): void => {
    const { resource, marksInitialEnd, since } = this.request;
    for (; this.next < this.initial.length; this.next++) {
      if (this.isHeldUp(this.tellState)) return;
      this.send({ type: 'ADDED', object: inVersion(resource, this.initial[this.next]!) });
    }
    this.initial = [];
    this.next = 0;
    if (marksInitialEnd) this.tellBookmark(since, INITIAL_END);
    this.catchUp();
  };

  private readonly catchUp = (): void => {
    for (; this.next < this.past.length; this.next++) {
      if (this.isHeldUp(this.catchUp)) return;
      this.pass(this.past[this.next]!);
    }
    this.isCaughtUp = true;
    this.past = [];
  };

  private isHeldUp(resume: () => void): boolean {
    return this.isOver || this.request.handler.isFull?.(resume) === true;
  }

  take(event: CacheEvent): void {
    if (!this.hasBegun || event.sequence <= this.known || event.revision <= this.request.since) return;
    if (this.isCaughtUp) this.pass(event);
    else if (this.past.length - this.next < BEHIND_MAX) this.past.push(event);
    else this.end();
  }

  /** Of no use to who is still behind. */
  bookmark(revision: number): void {
    if (this.isCaughtUp) this.tellBookmark(revision);
  }

  private tellBookmark(revision: number, annotations?: Record<string, string>): void {
    if (this.isOver) return;
    const { kind, apiVersion } = this.request.resource;
    const metadata = { resourceVersion: String(revision), ...(annotations && { annotations }) };
    this.send({ type: 'BOOKMARK', object: { kind, apiVersion, metadata } });
  }

  /** The client no longer wants it. */
  stop(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.cache.watchers.remove(this);
    this.stopTimer?.();
    this.whenOver?.();
  }

  end(): void {
    if (this.isOver) return;
    this.stop();
    this.request.handler.ended();
  }

  private pass(event: CacheEvent): void {
    if (this.isOver) return;
    const { resource, selection, namespace } = this.request;
    if (namespace !== '' && event.namespace !== namespace) return;
    if (selection.isEverything) {
      this.send(event.forAll(resource));
      return;
    }
    const matchedBefore = event.previous !== undefined && selection.matches(event.previous);
    const matches = event.type !== 'DELETED' && selection.matches(event.object);
    if (matches) this.send(matchedBefore || event.type === 'ADDED' ? event.forAll(resource) : event.asAdded(resource));
    else if (matchedBefore) {
      this.send(event.type === 'DELETED' ? event.forAll(resource) : event.asDeleted(resource));
    }
  }

  private send(event: ApiWatchEvent): void {
    this.request.handler.event(event);
  }
}
