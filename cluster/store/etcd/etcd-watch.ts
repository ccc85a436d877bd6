/**
 * A watch on a real etcd that outlives its connection: it resumes from the revision after the last one seen, so there is
 * neither a gap nor a duplicate. Only compaction of what it has not seen ends it.
 */
import type { Duplex } from 'node:stream';
import type { Etcd3, IWatchResponse } from 'etcd3';
import type { Watcher, WatchHandler, WatchOptions } from '../store.ts';
import { refusal, StoreError } from '../store-error.ts';
import { eventOf, rangeOf } from './convert.ts';

const RETRY_MS_MIN = 50;
const RETRY_MS_MAX = 2000;
/** Answers to `progress_request` carry no watch. */
const NO_WATCH = '-1';

export class EtcdWatch implements Watcher {
  private readonly client: Etcd3;
  private readonly options: WatchOptions;
  private readonly handler: WatchHandler;
  private readonly ended: (watch: EtcdWatch) => void;
  /** 0 until etcd has said where "now" is. */
  private nextRevision: number;
  private stream: Duplex | undefined;
  private isReady = false;
  private isOn = true;
  private progressWanted = 0;
  private retryMs = RETRY_MS_MIN;
  private timer: NodeJS.Timeout | undefined;

  constructor(client: Etcd3, options: WatchOptions, handler: WatchHandler, ended: (watch: EtcdWatch) => void) {
    this.client = client;
    this.options = options;
    this.handler = handler;
    this.ended = ended;
    this.nextRevision = options.startRevision ?? 0;
    this.connect();
  }

  /** etcd before 3.4.25 and 3.5.8 may answer before it has sent the events up to that revision. */
  requestProgress(): void {
    if (this.isReady) this.stream!.write({ progress_request: {} });
    else this.progressWanted++;
  }

  cancel(): void {
    this.stop();
  }

  /** Ends it with the reason. */
  fail(error: StoreError): void {
    if (!this.isOn) return;
    this.stop();
    this.handler.canceled?.(error);
  }

  private stop(): void {
    this.isOn = false;
    clearTimeout(this.timer);
    this.drop();
    this.ended(this);
  }

  private drop(): void {
    const stream = this.stream as (Duplex & { cancel?: () => void }) | undefined;
    this.stream = undefined;
    this.isReady = false;
    stream?.removeAllListeners('data');
    // Half closed first: the library takes an end that was not asked for as the host's failure.
    stream?.end();
    stream?.cancel?.();
  }

  private connect(): void {
    this.client.watchClient.watch().then(
      (call) => this.begin(call as unknown as Duplex),
      () => this.reconnect(),
    );
  }

  private begin(stream: Duplex): void {
    // A canceled call reports its own end as an error.
    stream.on('error', () => this.lost(stream));
    if (!this.isOn) {
      (stream as Duplex & { cancel?: () => void }).cancel?.();
      return;
    }
    this.stream = stream;
    stream.on('end', () => this.lost(stream));
    stream.on('data', (response: IWatchResponse) => {
      if (this.stream === stream) this.take(response);
    });
    stream.write({
      create_request: {
        ...rangeOf(this.options),
        start_revision: this.nextRevision,
        progress_notify: this.options.progressNotify ?? false,
        prev_kv: this.options.prevKv ?? false,
        filters: [...(this.options.noPut ? ['Noput'] : []), ...(this.options.noDelete ? ['Nodelete'] : [])],
      },
    });
  }

  private take(response: IWatchResponse): void {
    this.retryMs = RETRY_MS_MIN;
    const revision = Number(response.header.revision);
    if (response.canceled) {
      const compacted = Number(response.compact_revision);
      const reason = (response as { cancel_reason?: string }).cancel_reason;
      this.fail(
        compacted > 0
          ? refusal('Compacted', compacted)
          : new StoreError('Unavailable', `etcd ended the watch: ${reason || 'it gave no reason'}`),
      );
    } else if (response.created) this.ready(revision);
    else if (response.events.length > 0) this.tell(response);
    else {
      if (response.watch_id !== NO_WATCH) this.nextRevision = Math.max(this.nextRevision, revision + 1);
      this.handler.progress?.(revision);
    }
  }

  private ready(revision: number): void {
    if (this.nextRevision === 0) this.nextRevision = revision + 1;
    this.isReady = true;
    for (; this.progressWanted > 0; this.progressWanted--) this.stream!.write({ progress_request: {} });
  }

  private tell(response: IWatchResponse): void {
    const events = response.events.map(eventOf).filter(({ kv }) => kv.modRevision >= this.nextRevision);
    if (events.length === 0) return;
    const last = events[events.length - 1].kv.modRevision;
    this.nextRevision = last + 1;
    this.handler.events(events, last);
  }

  private lost(stream: Duplex): void {
    if (this.stream !== stream) return;
    this.drop();
    this.reconnect();
  }

  private reconnect(): void {
    if (!this.isOn) return;
    this.timer = setTimeout(() => this.connect(), this.retryMs);
    this.retryMs = Math.min(this.retryMs * 2, RETRY_MS_MAX);
  }
}
