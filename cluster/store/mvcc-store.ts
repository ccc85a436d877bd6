/**
 * What the project's own stores share: transactions are carried out at once, in order, against the state in memory. When
 * their outcome may be seen is for the store to say: at once, or when it is on disk.
 */
import type { Clock } from '../../scheduler/clock.ts';
import { Lessor } from './lessor.ts';
import { Mvcc } from './mvcc.ts';
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
} from './store.ts';
import { closedError, type StoreError, storeErrorOf } from './store-error.ts';
import { STORE_VERSION } from './store-version.ts';
import { checkTxnBytes } from './txn-bytes.ts';
import { WatchHub } from './watch-hub.ts';

export interface MvccStoreOptions {
  /** By which leases run out. @default none: leases last until they are revoked */
  readonly clock?: Clock;
}

/** Called with an error when what was waited for did not happen. */
export type WhenSafe = (error: StoreError | undefined) => void;

export abstract class MvccStore implements Store {
  readonly mvcc: Mvcc;
  protected readonly lessor: Lessor;
  protected readonly hub: WatchHub;
  protected isClosed = false;

  constructor(options: MvccStoreOptions, load?: (mvcc: Mvcc, lessor: Lessor) => void) {
    this.lessor = new Lessor(options.clock, (id) => this.leaseRevoke(id, () => {}));
    this.mvcc = new Mvcc(this.lessor);
    load?.(this.mvcc, this.lessor);
    this.hub = new WatchHub(this.mvcc, options.clock);
  }

  get leaseTtls(): { readonly id: number; readonly ttlS: number }[] {
    return this.lessor.ids.map((id) => ({ id, ttlS: this.lessor.timeToLive(id).grantedTtlS }));
  }

  /** Calls back once nothing that was read could still be lost. */
  protected abstract whenSafe(done: WhenSafe): void;
  /** Takes care of the changes since it was called last. */
  protected abstract changed(): void;
  protected abstract compacted(): void;
  protected abstract leaseGranted(lease: LeaseStatus): void;
  protected abstract leaseRevoked(id: number): void;
  /** Throws when nothing may be written. */
  protected abstract checkWritable(txn: Txn): void;

  /** What the store takes on disk. */
  protected abstract sizes(): Pick<StoreStatus, 'dbSizeBytes' | 'dbSizeInUseBytes'>;

  range(range: KeyRange, options: RangeOptions, answer: Answer<RangeResult>): void {
    this.reply(answer, () => this.mvcc.range(range, options));
  }

  /** Watches are told before the answer comes. */
  txn(txn: Txn, answer: Answer<TxnResult>): void {
    this.write(answer, () => {
      checkTxnBytes(txn);
      this.checkWritable(txn);
      return this.mvcc.transact(txn);
    });
  }

  /** Events of the past, and a refusal, come before the call returns. */
  watch(options: WatchOptions, handler: WatchHandler): Watcher {
    if (!this.isClosed) return this.hub.watch(options, handler);
    handler.canceled?.(closedError());
    return { requestProgress: () => {}, cancel: () => {} };
  }

  compact(revision: number, answer: Answer<void>): void {
    this.reply(answer, () => {
      this.mvcc.compact(revision);
      this.compacted();
    });
  }

  leaseGrant(ttlS: number, id: number | undefined, answer: Answer<LeaseStatus>): void {
    this.reply(answer, () => {
      const lease = this.lessor.grant(ttlS, id);
      this.leaseGranted(lease);
      return lease;
    });
  }

  leaseRevoke(id: number, answer: Answer<void>): void {
    this.write(answer, () => {
      this.mvcc.revokeLease(id);
      this.leaseRevoked(id);
    });
  }

  leaseKeepAlive(id: number, answer: Answer<LeaseStatus>): void {
    this.reply(answer, () => this.lessor.keepAlive(id));
  }

  leaseTimeToLive(id: number, answer: Answer<LeaseStatus>): void {
    this.reply(answer, () => this.lessor.timeToLive(id));
  }

  leases(answer: Answer<readonly number[]>): void {
    this.reply(answer, () => this.lessor.ids);
  }

  status(answer: Answer<StoreStatus>): void {
    this.reply(answer, () => ({
      version: STORE_VERSION,
      revision: this.mvcc.revision,
      compactRevision: this.mvcc.compactRevision,
      keys: this.mvcc.keys,
      ...this.sizes(),
    }));
  }

  abstract defrag(answer: Answer<void>): void;
  abstract close(answer: Answer<void>): void;

  protected reply<T>(answer: Answer<T>, compute: () => T): void {
    this.settle(answer, compute, (result) => answer(undefined, result));
  }

  private write<T>(answer: Answer<T>, compute: () => T): void {
    this.settle(
      answer,
      () => {
        const result = compute();
        this.changed();
        return { result, revision: this.mvcc.revision };
      },
      ({ result, revision }) => this.hub.publish(revision, () => answer(undefined, result)),
    );
  }

  private settle<T, R>(answer: Answer<T>, compute: () => R, deliver: (result: R) => void): void {
    let result: R;
    try {
      if (this.isClosed) throw closedError();
      result = compute();
    } catch (error) {
      answer(storeErrorOf(error), undefined as T);
      return;
    }
    this.whenSafe((error) => {
      if (error !== undefined) answer(error, undefined as T);
      else deliver(result);
    });
  }
}
