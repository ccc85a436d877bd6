/**
 * The store's contract: etcd's semantics by etcd's names. Data is only added: every successful transaction is one new
 * revision, old revisions stay readable until they are compacted. Three implementations keep it: memory, embedded (durable),
 * and a real etcd; `contract.ts` holds what all of them must do.
 *
 * Every call answers through its last argument, before it returns (memory) or later (the others), so that a simulation by
 * virtual time and a server by the time of day run the same code above it.
 */
import type { StoreError } from './store-error.ts';
import type { Value } from './value.ts';

export interface KeyValue {
  readonly key: string;
  readonly value: Value;
  /** Revision of the put that began this life of the key. */
  readonly createRevision: number;
  /** Revision of the last put. */
  readonly modRevision: number;
  /** 1 at creation, one more with every put. */
  readonly version: number;
  /** 0 without a lease. */
  readonly lease: number;
}

/** One key, or with `rangeEnd` all keys from `key` up to but without it; `'\0'` is every key from `key` on. */
export interface KeyRange {
  /** Keys are ordered by their UTF-8 bytes. */
  readonly key: string;
  readonly rangeEnd?: string;
}

export interface RangeOptions {
  /** Read as of this revision. @default the current one, of which every acknowledged write is part */
  readonly revision?: number;
  /** 0: no limit. */
  readonly limit?: number;
  readonly keysOnly?: boolean;
  readonly countOnly?: boolean;
  readonly sort?: { readonly by: 'key' | 'version' | 'create' | 'mod' | 'value'; readonly descending?: boolean };
  readonly minModRevision?: number;
  readonly maxModRevision?: number;
  readonly minCreateRevision?: number;
  readonly maxCreateRevision?: number;
}

export interface RangeResult {
  readonly kvs: readonly KeyValue[];
  readonly more: boolean;
  /** Of all keys in the range, before `limit`. */
  readonly count: number;
  /** The store's current revision, not the one that was read. */
  readonly revision: number;
}

export type CompareOperator = '=' | '!=' | '>' | '<';
export interface Compare extends KeyRange {
  readonly target: 'version' | 'create' | 'mod' | 'lease' | 'value';
  readonly operator: CompareOperator;
  /** A key that does not exist has 0 for each number; a comparison of its value never holds. */
  readonly operand: number | Value;
}

export interface PutOp {
  readonly type: 'put';
  readonly key: string;
  readonly value?: Value;
  readonly lease?: number;
  readonly prevKv?: boolean;
  readonly ignoreValue?: boolean;
  readonly ignoreLease?: boolean;
}
export interface DeleteOp extends KeyRange {
  readonly type: 'delete';
  readonly prevKv?: boolean;
}
export interface RangeOp extends KeyRange, RangeOptions {
  readonly type: 'range';
}
export interface TxnOp extends Txn {
  readonly type: 'txn';
}
export type Op = PutOp | DeleteOp | RangeOp | TxnOp;

export interface Txn {
  readonly compare: readonly Compare[];
  readonly success: readonly Op[];
  readonly failure?: readonly Op[];
}

export type OpResult =
  | { readonly type: 'put'; readonly prevKv?: KeyValue }
  | { readonly type: 'delete'; readonly deleted: number; readonly prevKvs: readonly KeyValue[] }
  | ({ readonly type: 'range' } & RangeResult)
  | ({ readonly type: 'txn' } & TxnResult);

export interface TxnResult {
  readonly succeeded: boolean;
  readonly responses: readonly OpResult[];
  readonly revision: number;
}

export interface StoreEvent {
  readonly type: 'put' | 'delete';
  /** Of a delete: the key, and the revision of the deletion as `modRevision`; the value is empty. */
  readonly kv: KeyValue;
  readonly prevKv?: KeyValue;
}

export interface WatchOptions extends KeyRange {
  /** The first revision to see. @default what comes from now on */
  readonly startRevision?: number;
  readonly prevKv?: boolean;
  readonly noPut?: boolean;
  readonly noDelete?: boolean;
  /** Answer `progress` now and then when nothing happens. */
  readonly progressNotify?: boolean;
}

/** Events of the past, and a refusal, may come before `watch` has returned. */
export interface WatchHandler {
  /** All events of one or more revisions, in order, never a part of a revision. */
  events(events: readonly StoreEvent[], revision: number): void;
  /** Everything up to this revision has been seen. */
  progress?(revision: number): void;
  /** The watch is over: `ErrCompacted` with `compactRevision`, or the store is gone. */
  canceled?(error: StoreError): void;
}

export interface Watcher {
  /** Answers `progress` as soon as all up to the current revision has been seen. */
  requestProgress(): void;
  cancel(): void;
}

export interface StoreStatus {
  readonly version: string;
  readonly revision: number;
  readonly compactRevision: number;
  readonly keys: number;
  readonly dbSizeBytes: number;
  readonly dbSizeInUseBytes: number;
  readonly memberId?: string;
  readonly leader?: string;
}

export interface LeaseStatus {
  /** At most 2^53 − 1; etcd's own ids may be larger, so the client of a real etcd chooses them itself. */
  readonly id: number;
  /** What is left of it; −1 for a lease that does not exist (any more). */
  readonly ttlS: number;
  readonly grantedTtlS: number;
  readonly keys: readonly string[];
}

export type Answer<T> = (error: StoreError | undefined, result: T) => void;

export interface Store {
  range(range: KeyRange, options: RangeOptions, answer: Answer<RangeResult>): void;
  /** One or all of the operations, as one revision. At most 128 of them; a key is put only once. */
  txn(txn: Txn, answer: Answer<TxnResult>): void;
  watch(options: WatchOptions, handler: WatchHandler): Watcher;
  compact(revision: number, answer: Answer<void>): void;
  leaseGrant(ttlS: number, id: number | undefined, answer: Answer<LeaseStatus>): void;
  leaseRevoke(id: number, answer: Answer<void>): void;
  leaseKeepAlive(id: number, answer: Answer<LeaseStatus>): void;
  leaseTimeToLive(id: number, answer: Answer<LeaseStatus>): void;
  leases(answer: Answer<readonly number[]>): void;
  status(answer: Answer<StoreStatus>): void;
  /** Gives freed space back. */
  defrag(answer: Answer<void>): void;
  /** Ends watches, writes what is waiting, lets go of files and connections. */
  close(answer: Answer<void>): void;
}
