/** What the store refuses, by etcd's names, codes and words. */
export type StoreErrorCode =
  | 'Compacted'
  | 'FutureRevision'
  | 'LeaseNotFound'
  | 'LeaseExists'
  | 'LeaseTtlTooLarge'
  | 'TooManyOps'
  | 'DuplicateKey'
  | 'KeyNotFound'
  | 'EmptyKey'
  | 'ValueProvided'
  | 'LeaseProvided'
  | 'RequestTooLarge'
  | 'NoSpace'
  | 'InvalidArgument'
  | 'Unavailable'
  | 'Corrupt'
  | 'Closed';

export class StoreError extends Error {
  readonly code: StoreErrorCode;
  /** With `Compacted`: reads and watches below it fail. */
  readonly compactRevision: number | undefined;

  constructor(code: StoreErrorCode, message: string, compactRevision?: number) {
    super(message);
    this.name = 'StoreError';
    this.code = code;
    this.compactRevision = compactRevision;
  }
}

/** The messages that clients compare against. Source: etcd v3.4 and v3.7, recorded; `api/v3rpc/rpctypes/error.go`. */
export const STORE_MESSAGES = {
  Compacted: 'etcdserver: mvcc: required revision has been compacted',
  FutureRevision: 'etcdserver: mvcc: required revision is a future revision',
  LeaseNotFound: 'etcdserver: requested lease not found',
  LeaseExists: 'etcdserver: lease already exists',
  LeaseTtlTooLarge: 'etcdserver: too large lease TTL',
  TooManyOps: 'etcdserver: too many operations in txn request',
  DuplicateKey: 'etcdserver: duplicate key given in txn request',
  KeyNotFound: 'etcdserver: key not found',
  EmptyKey: 'etcdserver: key is not provided',
  ValueProvided: 'etcdserver: value is provided',
  LeaseProvided: 'etcdserver: lease is provided',
  RequestTooLarge: 'etcdserver: request is too large',
  NoSpace: 'etcdserver: mvcc: database space exceeded',
} as const;

export type RefusalCode = keyof typeof STORE_MESSAGES;

export const refusal = (code: RefusalCode, compactRevision?: number): StoreError =>
  new StoreError(code, STORE_MESSAGES[code], compactRevision);

/** What a call answers once `close` was called. */
export const closedError = (): StoreError => new StoreError('Closed', 'the store is closed');

/** A StoreError as it is; anything else goes on up, since it is a mistake of ours. */
export function storeErrorOf(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  throw error;
}
