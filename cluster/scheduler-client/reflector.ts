/**
 * Follows one resource: lists it, then watches from there; when the server no longer remembers where we are (410), lists
 * anew and tells what has changed meanwhile. Source: `client-go/tools/cache/reflector.go`, v0.37.2.
 */
import type { KubeObject } from '../../api/index.ts';
import type { Clock } from '../../scheduler/clock.ts';
import type { WatchEvent } from '../../scheduler/timed/api.ts';
import type { ApiClient, ApiWatchEvent, Target } from '../apiserver/client.ts';
import type { Status } from '../apiserver/status.ts';

export interface ReflectorOptions {
  readonly client: ApiClient;
  readonly clock: Clock;
  readonly target: Target;
  readonly fieldSelector?: string;
  event(event: WatchEvent): void;
  /** All that was there at first has been told. */
  synced?(): void;
  /** Something went wrong; it is tried again. */
  failed?(target: Target, status: Status): void;
}

const FIRST_RETRY_MS = 800;
const LAST_RETRY_MS = 30_000;
const GONE = 410;

export class Reflector {
  private readonly options: ReflectorOptions;
  private readonly known = new Map<string, KubeObject>();
  /** Everything up to here has been told. */
  resourceVersion = '';
  private retryMs = FIRST_RETRY_MS;
  private isSynced = false;
  private isStopped = false;
  private stopWatch: () => void = () => {};

  constructor(options: ReflectorOptions) {
    this.options = options;
  }

  start(): void {
    this.list();
  }

  stop(): void {
    this.isStopped = true;
    this.stopWatch();
  }

  private list(): void {
    const { client, target, fieldSelector } = this.options;
    client.list(target, { fieldSelector }, (error, list) => {
      if (this.isStopped) return;
      if (error !== undefined) {
        this.again(error, () => this.list());
        return;
      }
      this.retryMs = FIRST_RETRY_MS;
      this.replace(list.items);
      this.resourceVersion = list.metadata.resourceVersion;
      if (!this.isSynced) this.options.synced?.();
      this.isSynced = true;
      this.watch();
    });
  }

  /** Tells the difference between what was known and what is there. */
  private replace(items: readonly KubeObject[]): void {
    const gone = new Map(this.known);
    for (const object of items) {
      const key = keyOf(object);
      const before = gone.get(key);
      gone.delete(key);
      if (before !== undefined && uidOf(before) === uidOf(object)) {
        if (versionOf(before) !== versionOf(object)) this.tell('modified', object);
        continue;
      }
      if (before !== undefined) this.tell('deleted', before);
      this.tell('added', object);
    }
    for (const object of gone.values()) this.tell('deleted', object);
  }

  private tell(type: WatchEvent['type'], object: KubeObject, key = keyOf(object)): void {
    if (type === 'deleted') this.known.delete(key);
    else this.known.set(key, object);
    this.options.event({ type, object });
  }

  private watch(): void {
    const { client, target, fieldSelector } = this.options;
    const options = { fieldSelector, resourceVersion: this.resourceVersion, allowWatchBookmarks: true };
    let refusal: Status | undefined;
    this.stopWatch = client.watch(target, options, {
      event: (event) => {
        if (event.type === 'ERROR') refusal = event.object;
        else this.take(event);
      },
      ended: () => {
        if (this.isStopped) return;
        if (refusal?.code === GONE) this.list();
        else if (refusal === undefined) this.again(undefined, () => this.watch());
        else this.again(refusal, () => this.list());
      },
    });
  }

  private take({ type, object }: Exclude<ApiWatchEvent, { type: 'ERROR' }>): void {
    if (this.isStopped) return;
    this.retryMs = FIRST_RETRY_MS;
    this.resourceVersion = object.metadata?.resourceVersion ?? this.resourceVersion;
    if (type === 'BOOKMARK') return;
    const key = keyOf(object);
    if (type === 'DELETED') this.tell('deleted', object, key);
    else this.tell(this.known.has(key) ? 'modified' : 'added', object, key);
  }

  /** Later and later while nothing works. */
  private again(status: Status | undefined, run: () => void): void {
    const { clock, target, failed } = this.options;
    if (status !== undefined) failed?.(target, status);
    const waitMs = this.retryMs;
    this.retryMs = Math.min(this.retryMs * 2, LAST_RETRY_MS);
    clock.timer(clock.nowMs + waitMs, () => {
      if (!this.isStopped) run();
    });
  }
}

const keyOf = ({ metadata }: KubeObject): string => `${metadata?.namespace ?? ''}/${metadata?.name ?? ''}`;
const uidOf = ({ metadata }: KubeObject): string | undefined => metadata?.uid;
const versionOf = ({ metadata }: KubeObject): string | undefined => metadata?.resourceVersion;
