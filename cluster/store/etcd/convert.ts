/** Between the contract and the messages of etcd v3. 64-bit integers travel as strings; ours are exact up to 2^53. */
import type {
  ICompare,
  IEvent,
  IKeyValue,
  IRangeRequest,
  IRangeResponse,
  IRequestOp,
  IResponseOp,
  ITxnRequest,
  ITxnResponse,
} from 'etcd3';
import { FROM_KEY_END } from '../key-order.ts';
import type {
  Compare,
  KeyRange,
  KeyValue,
  Op,
  OpResult,
  RangeOptions,
  RangeResult,
  StoreEvent,
  Txn,
  TxnResult,
} from '../store.ts';
import { Value } from '../value.ts';

const NO_END = Buffer.of(0);

/** Values that go over the wire as they are: views of memory that nobody writes to any more. */
const bytesOf = (value: Value | undefined): Buffer => {
  const { bytes } = value ?? Value.empty;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
};

export const rangeOf = ({ key, rangeEnd }: KeyRange): { key: Buffer; range_end?: Buffer } => {
  if (rangeEnd === undefined) return { key: Buffer.from(key) };
  return { key: Buffer.from(key), range_end: rangeEnd === FROM_KEY_END ? NO_END : Buffer.from(rangeEnd) };
};

const SORT_TARGETS = { key: 'Key', version: 'Version', create: 'Create', mod: 'Mod', value: 'Value' } as const;

export function rangeRequestOf(range: KeyRange, options: RangeOptions): IRangeRequest {
  const { sort } = options;
  return {
    ...rangeOf(range),
    limit: options.limit ?? 0,
    revision: options.revision ?? 0,
    keys_only: options.keysOnly ?? false,
    count_only: options.countOnly ?? false,
    min_mod_revision: options.minModRevision ?? 0,
    max_mod_revision: options.maxModRevision ?? 0,
    min_create_revision: options.minCreateRevision ?? 0,
    max_create_revision: options.maxCreateRevision ?? 0,
    ...(sort === undefined
      ? {}
      : { sort_order: sort.descending ? 'Descend' : 'Ascend', sort_target: SORT_TARGETS[sort.by] }),
  };
}

const OPERATORS = { '=': 'Equal', '!=': 'NotEqual', '>': 'Greater', '<': 'Less' } as const;
const COMPARE_TARGETS = { version: 'Version', create: 'Create', mod: 'Mod', lease: 'Lease', value: 'Value' } as const;

function compareOf(compare: Compare): ICompare {
  const { target, operator, operand } = compare;
  const number = operand as number;
  const union: ICompare = {
    version: { version: number },
    create: { create_revision: number },
    mod: { mod_revision: number },
    lease: { lease: number },
    value: { value: target === 'value' ? bytesOf(operand as Value) : undefined },
  }[target];
  return {
    ...rangeOf(compare),
    result: OPERATORS[operator],
    target: COMPARE_TARGETS[target],
    ...union,
  };
}

function requestOf(op: Op): IRequestOp {
  switch (op.type) {
    case 'put':
      return {
        request_put: {
          key: Buffer.from(op.key),
          value: bytesOf(op.value),
          lease: op.lease ?? 0,
          prev_kv: op.prevKv ?? false,
          ignore_value: op.ignoreValue ?? false,
          ignore_lease: op.ignoreLease ?? false,
        },
      };
    case 'delete':
      return { request_delete_range: { ...rangeOf(op), prev_kv: op.prevKv ?? false } };
    case 'range':
      return { request_range: rangeRequestOf(op, op) };
    case 'txn':
      return { request_txn: txnRequestOf(op) };
  }
}

export const txnRequestOf = ({ compare, success, failure = [] }: Txn): ITxnRequest => ({
  compare: compare.map(compareOf),
  success: success.map(requestOf),
  failure: failure.map(requestOf),
});

export function kvOf(kv: IKeyValue): KeyValue {
  return {
    key: kv.key.toString(),
    value: Value.ofBytes(kv.value),
    createRevision: Number(kv.create_revision),
    modRevision: Number(kv.mod_revision),
    version: Number(kv.version),
    lease: Number(kv.lease),
  };
}

export const rangeResultOf = (response: IRangeResponse, revision: string): RangeResult => ({
  kvs: response.kvs.map(kvOf),
  more: response.more,
  count: Number(response.count),
  revision: Number(revision),
});

/** Answers inside a transaction have no revision of their own in some versions: the transaction's stands for it. */
function resultOf(response: IResponseOp, revision: string): OpResult {
  const { response_put: put, response_delete_range: deleted, response_range: range, response_txn: txn } = response;
  if (put) return put.prev_kv ? { type: 'put', prevKv: kvOf(put.prev_kv) } : { type: 'put' };
  if (deleted) return { type: 'delete', deleted: Number(deleted.deleted), prevKvs: deleted.prev_kvs.map(kvOf) };
  if (range) return { type: 'range', ...rangeResultOf(range, range.header?.revision ?? revision) };
  return { type: 'txn', ...txnResultOf(txn, revision) };
}

export const txnResultOf = (response: ITxnResponse, revision: string): TxnResult => ({
  succeeded: response.succeeded,
  responses: response.responses.map((one) => resultOf(one, revision)),
  revision: Number(revision),
});

export function eventOf({ type, kv, prev_kv: prevKv }: IEvent): StoreEvent {
  return { type: type === 'Put' ? 'put' : 'delete', kv: kvOf(kv), ...(prevKv ? { prevKv: kvOf(prevKv) } : {}) };
}
