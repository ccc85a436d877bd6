/**
 * A real etcd, one member or a cluster, through npm `etcd3` and its plain calls. Every call has a deadline. Reads go on to
 * another member when one does not answer; a write only when it cannot have reached any, because one that may have been
 * carried out must not be carried out again: it answers `Unavailable`, and the caller looks.
 */
import { randomInt } from 'node:crypto';
import { Etcd3, type IOptions } from 'etcd3';
import type {
  Answer,
  KeyRange,
  LeaseStatus,
  RangeOptions,
  RangeResult,
  Store,
  StoreStatus,
  Txn,
  TxnResult,
  Watcher,
  WatchHandler,
  WatchOptions,
} from '../store.ts';
import { closedError, refusal, StoreError } from '../store-error.ts';
import { rangeRequestOf, rangeResultOf, txnRequestOf, txnResultOf } from './convert.ts';
import { etcdErrorOf, mayAskAgain, wasNeverSent } from './etcd-errors.ts';
import { EtcdWatch } from './etcd-watch.ts';

export interface EtcdStoreOptions {
  /** `https://host:2379`, or `http://` for a member without TLS. Prefer names to addresses: TLS checks names. */
  readonly endpoints: readonly string[];
  /** PEM contents. */
  readonly tls?: { readonly ca: Buffer; readonly cert?: Buffer; readonly key?: Buffer };
  /** Of every call. @default 5000 */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 5000;
/** Taking space back stops a member for as long as it copies its file. */
const DEFRAG_TIMEOUT_MS = 120_000;
const LEASE_ID_MAX = 2 ** 48 - 1;
const EVERY_KEY: KeyRange = { key: '\0', rangeEnd: '\0' };

/** The library would send everything again, writes included, and shut out a member for seconds after three failures. */
const AS_IT_IS = { execute: async (call: () => unknown) => call() } as unknown as NonNullable<
  NonNullable<IOptions['faultHandling']>['global']
>;

const CHANNEL = {
  'grpc.max_receive_message_length': -1,
  'grpc.max_send_message_length': -1,
  'grpc.keepalive_time_ms': 10_000,
  'grpc.keepalive_timeout_ms': 5000,
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 1000,
};

export class EtcdStore implements Store {
  readonly client: Etcd3;
  private readonly options: EtcdStoreOptions;
  private readonly timeoutMs: number;
  private readonly watches = new Set<EtcdWatch>();
  private isClosed = false;
  /** Nothing below it can be read; the next search begins here. */
  private compactedAtLeast = 0;

  constructor(options: EtcdStoreOptions) {
    this.options = options;
    this.timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
    this.client = clientOf(options.endpoints, options.tls);
  }

  range(range: KeyRange, options: RangeOptions, answer: Answer<RangeResult>): void {
    this.read(answer, () => this.readRange(range, options));
  }

  txn(txn: Txn, answer: Answer<TxnResult>): void {
    this.write(answer, async () => {
      const response = await this.client.kv.txn(txnRequestOf(txn), this.within());
      return txnResultOf(response, response.header.revision);
    });
  }

  watch(options: WatchOptions, handler: WatchHandler): Watcher {
    if (options.key === '') return refuseWatch(handler, refusal('EmptyKey'));
    if (this.isClosed) return refuseWatch(handler, closedError());
    const watch = new EtcdWatch(this.client, options, handler, (ended) => this.watches.delete(ended));
    this.watches.add(watch);
    return watch;
  }

  compact(revision: number, answer: Answer<void>): void {
    this.write(answer, async () => {
      await this.client.kv.compact({ revision }, this.within());
    });
  }

  /** The server may give more time than asked for: at least its election timeout. */
  leaseGrant(ttlS: number, id: number | undefined, answer: Answer<LeaseStatus>): void {
    this.write(answer, async () => {
      const request = { TTL: Math.ceil(ttlS), ID: id || randomInt(1, LEASE_ID_MAX) };
      const lease = await this.client.leaseClient.leaseGrant(request, this.within());
      return { id: Number(lease.ID), ttlS: Number(lease.TTL), grantedTtlS: Number(lease.TTL), keys: [] };
    });
  }

  leaseRevoke(id: number, answer: Answer<void>): void {
    this.write(answer, async () => {
      await this.client.leaseClient.leaseRevoke({ ID: id }, this.within());
    });
  }

  leaseKeepAlive(id: number, answer: Answer<LeaseStatus>): void {
    this.read(answer, async () => {
      const ttlS = await this.keepAliveOnce(id);
      if (ttlS <= 0) throw refusal('LeaseNotFound');
      return { id, ttlS, grantedTtlS: ttlS, keys: [] };
    });
  }

  leaseTimeToLive(id: number, answer: Answer<LeaseStatus>): void {
    this.read(answer, async () => {
      const lease = await this.client.leaseClient.leaseTimeToLive({ ID: id, keys: true }, this.within());
      const keys = lease.keys.map((key) => key.toString()).sort();
      return { id: Number(lease.ID), ttlS: Number(lease.TTL), grantedTtlS: Number(lease.grantedTTL), keys };
    });
  }

  leases(answer: Answer<readonly number[]>): void {
    this.read(answer, async () => {
      const { leases } = await this.client.leaseClient.leaseLeases(this.within());
      return leases.map(({ ID }) => Number(ID)).sort((a, b) => a - b);
    });
  }

  /** etcd does not tell what was compacted: it is found by asking for old revisions, once per change of it. */
  status(answer: Answer<StoreStatus>): void {
    this.read(answer, async () => {
      const status = await this.client.maintenance.status(this.within());
      const { count, revision } = await this.readRange(EVERY_KEY, { countOnly: true });
      const sizes = status as unknown as { dbSize: string; dbSizeInUse: string };
      return {
        version: status.version,
        revision,
        compactRevision: await this.findCompactRevision(revision),
        keys: count,
        dbSizeBytes: Number(sizes.dbSize),
        dbSizeInUseBytes: Number(sizes.dbSizeInUse),
        memberId: hex(status.header.member_id),
        leader: hex(status.leader),
      };
    });
  }

  /** Of every member, one after the other. */
  defrag(answer: Answer<void>): void {
    this.write(answer, async () => {
      for (const endpoint of this.options.endpoints) {
        const member = clientOf([endpoint], this.options.tls);
        try {
          await member.maintenance.defragment({ deadline: Date.now() + DEFRAG_TIMEOUT_MS });
        } finally {
          member.close();
        }
      }
    });
  }

  close(answer: Answer<void>): void {
    if (!this.isClosed) {
      this.isClosed = true;
      for (const watch of [...this.watches]) watch.fail(closedError());
      this.client.close();
    }
    answer(undefined, undefined);
  }

  private within(): { deadline: number } {
    return { deadline: Date.now() + this.timeoutMs };
  }

  private async readRange(range: KeyRange, options: RangeOptions): Promise<RangeResult> {
    const response = await this.client.kv.range(rangeRequestOf(range, options), this.within());
    return rangeResultOf(response, response.header.revision);
  }

  private async keepAliveOnce(id: number): Promise<number> {
    const stream = await this.client.leaseClient.leaseKeepAlive(this.within());
    return new Promise<number>((resolve, reject) => {
      stream.on('data', ({ TTL }) => {
        resolve(Number(TTL));
        stream.end();
      });
      (stream as unknown as NodeJS.EventEmitter).on('error', reject);
      stream.write({ ID: id });
    });
  }

  private async findCompactRevision(current: number): Promise<number> {
    const isReadable = async (revision: number): Promise<boolean> => {
      try {
        await this.readRange({ key: '\0' }, { countOnly: true, revision });
        return true;
      } catch (error) {
        if (etcdErrorOf(error, []).code === 'Compacted') return false;
        throw error;
      }
    };
    let low = this.compactedAtLeast;
    if (low > 0 ? await isReadable(low) : await isReadable(1)) return low;
    let high = current;
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (await isReadable(middle)) high = middle;
      else low = middle;
    }
    this.compactedAtLeast = high;
    return high;
  }

  private read<T>(answer: Answer<T>, call: () => Promise<T>): void {
    this.settle(answer, call, (_, error) => mayAskAgain(error));
  }

  private write<T>(answer: Answer<T>, call: () => Promise<T>): void {
    this.settle(answer, call, wasNeverSent);
  }

  private settle<T>(
    answer: Answer<T>,
    call: () => Promise<T>,
    mayTryAgain: (cause: unknown, error: StoreError) => boolean,
  ): void {
    const attempt = async (left: number): Promise<T> => {
      if (this.isClosed) throw closedError();
      try {
        return await call();
      } catch (cause) {
        const error = cause instanceof StoreError ? cause : etcdErrorOf(cause, this.options.endpoints);
        if (left > 0 && mayTryAgain(cause, error)) return attempt(left - 1);
        throw error;
      }
    };
    // Several tries per member: which one is asked is chance.
    attempt(this.options.endpoints.length * 3).then(
      (result) => answer(undefined, result),
      (error: StoreError) => answer(error, undefined as T),
    );
  }
}

function refuseWatch(handler: WatchHandler, error: StoreError): Watcher {
  handler.canceled?.(error);
  return { requestProgress: () => {}, cancel: () => {} };
}

const hex = (id: string): string => BigInt(id).toString(16);

function clientOf(endpoints: readonly string[], tls: EtcdStoreOptions['tls']): Etcd3 {
  return new Etcd3({
    hosts: [...endpoints],
    grpcOptions: CHANNEL,
    faultHandling: { global: AS_IT_IS, host: () => AS_IT_IS },
    ...(tls === undefined
      ? {}
      : { credentials: { rootCertificate: tls.ca, privateKey: tls.key, certChain: tls.cert } }),
  });
}
