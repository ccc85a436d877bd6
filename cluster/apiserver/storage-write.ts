/**
 * Writes of one object: create where nothing is, change or delete what has not changed meanwhile. Source:
 * `apiserver/pkg/storage/etcd3/store.go` (`GuaranteedUpdate`), v0.37.2.
 */
import type { KubeObject } from '../../api/index.ts';
import { type Store, type StoreError, type TxnResult, Value } from '../store/index.ts';
import { objectOf, stamp } from './cache/kind-cache.ts';
import { ApiFailure, failure, internalError } from './failures.ts';
import type { Status } from './status.ts';

/** What a change makes of the state: a new object, the same object for no change, or nothing at all. */
export type Change = (current: KubeObject | undefined) => KubeObject | typeof DELETE;
export const DELETE = Symbol('delete');

/** `written` is the object as stored; of a deletion, the last state with the revision of the deletion. */
export type Written = (error: Status | undefined, written: KubeObject, isCreated: boolean) => void;

export interface WriteTarget {
  readonly key: string;
  /** From the cache: may be old, which costs one more attempt. */
  readonly cached: KubeObject | undefined;
  readonly dryRun: boolean;
  readonly lease?: number;
}

/** `taken` when something is there already. */
export function createObject(
  store: Store,
  { key, lease }: Pick<WriteTarget, 'key' | 'lease'>,
  object: KubeObject,
  answer: (error: Status | 'taken' | undefined, stored: KubeObject) => void,
): void {
  const txn = {
    compare: [{ key, target: 'mod', operator: '=', operand: 0 } as const],
    success: [{ type: 'put', key, value: Value.of(object), lease } as const],
  };
  store.txn(txn, (error, result) => {
    if (error !== undefined) answer(statusOf(error), object);
    else if (!result.succeeded) answer('taken', object);
    else answer(undefined, stamp(object, result.revision));
  });
}

export function guaranteedUpdate(store: Store, target: WriteTarget, change: Change, answer: Written): void {
  const { key, cached, dryRun, lease } = target;

  const attempt = (current: KubeObject | undefined, isFresh: boolean): void => {
    let next: KubeObject | typeof DELETE;
    try {
      next = change(current);
    } catch (error) {
      // What an old state refuses the current one may allow.
      if (isFresh || !(error instanceof ApiFailure)) refuse(error);
      else readAgain(current);
      return;
    }
    if (next === current) {
      if (isFresh) answer(undefined, next as KubeObject, false);
      else readAgain(current);
    } else if (dryRun) answer(undefined, next === DELETE ? current! : next, current === undefined);
    else commit(current, next);
  };

  const refuse = (error: unknown): void => answer(failureOf(error), undefined as never, false);

  const readAgain = (seen: KubeObject | undefined): void => {
    store.range({ key }, {}, (error, result) => {
      if (error !== undefined) {
        refuse(error);
        return;
      }
      const kv = result.kvs[0];
      const isUnchanged = kv !== undefined && seen !== undefined && versionOf(seen) === kv.modRevision;
      attempt(isUnchanged ? seen : kv && objectOf(kv), true);
    });
  };

  const commit = (current: KubeObject | undefined, next: KubeObject | typeof DELETE): void => {
    const operand = current === undefined ? 0 : versionOf(current);
    const put = { type: 'put', key, value: next === DELETE ? undefined : Value.of(next), lease } as const;
    const txn = {
      compare: [{ key, target: 'mod', operator: '=', operand } as const],
      success: [next === DELETE ? ({ type: 'delete', key } as const) : put],
      failure: [{ type: 'range', key } as const],
    };
    store.txn(txn, (error, result) => {
      if (error !== undefined) refuse(error);
      else if (!result.succeeded) attempt(currentIn(result), true);
      else if (next !== DELETE) answer(undefined, stamp(next, result.revision), current === undefined);
      else answer(undefined, withRevision(current!, result.revision), false);
    });
  };

  if (cached === undefined) readAgain(undefined);
  else attempt(cached, false);
}

const versionOf = ({ metadata }: KubeObject): number => Number(metadata?.resourceVersion ?? 0);

const withRevision = (object: KubeObject, revision: number): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, resourceVersion: String(revision) },
});

function currentIn(result: TxnResult): KubeObject | undefined {
  const [response] = result.responses;
  const kv = response?.type === 'range' ? response.kvs[0] : undefined;
  return kv && objectOf(kv);
}

/** What something thrown is to the client. */
export function failureOf(error: unknown): Status {
  if (error instanceof ApiFailure) return error.status;
  if (error instanceof Error && error.name === 'StoreError') return statusOf(error as StoreError);
  return internalError(error instanceof Error ? error.message : String(error));
}

/** What the store refuses, as upstream tells it. */
export function statusOf(error: StoreError): Status {
  switch (error.code) {
    case 'RequestTooLarge':
      return failure(413, 'RequestEntityTooLarge', 'Request entity too large: limit is 1572864');
    case 'Unavailable':
    case 'Closed':
      return failure(503, 'ServiceUnavailable', `the store cannot be reached: ${error.message}`);
    default:
      return internalError(error.message);
  }
}
