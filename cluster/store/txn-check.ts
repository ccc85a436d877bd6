/**
 * What a transaction must be before anything of it is evaluated. Source: etcd v3.4 `etcdserver/api/v3rpc/key.go`
 * (checkTxnRequest, checkIntervals).
 */
import type { KeyOrder } from './key-order.ts';
import { FROM_KEY_END, needsUtf8Order } from './key-order.ts';
import type { Compare, DeleteOp, KeyRange, Op, PutOp, Txn } from './store.ts';
import { refusal } from './store-error.ts';

/** Source: etcd v3.4 `embed/config.go` DefaultMaxTxnOps. */
export const TXN_OPS_MAX = 128;

export function checkTxn(txn: Txn, order: KeyOrder, opsMax = TXN_OPS_MAX): void {
  const { compare, success, failure = [] } = txn;
  const width = Math.max(compare.length, success.length, failure.length);
  if (width > opsMax) throw refusal('TooManyOps');
  for (const one of compare) checkCompare(one);
  for (const op of success) checkOp(op, order, opsMax - width);
  for (const op of failure) checkOp(op, order, opsMax - width);
  if (success.length > 1 || hasTxn(success)) collectWrites(success, order);
  if (failure.length > 1 || hasTxn(failure)) collectWrites(failure, order);
}

const hasTxn = (ops: readonly Op[]): boolean => ops.some(({ type }) => type === 'txn');

export function checkRange(range: KeyRange): void {
  if (range.key === '') throw refusal('EmptyKey');
}

function checkCompare(compare: Compare): void {
  checkRange(compare);
}

function checkOp(op: Op, order: KeyOrder, opsMax: number): void {
  if (op.type === 'txn') checkTxn(op, order, opsMax);
  else {
    checkRange(op);
    if (op.type === 'put') checkPut(op);
  }
}

function checkPut(op: PutOp): void {
  needsUtf8Order(op.key);
  if (op.ignoreValue && op.value !== undefined && !op.value.isEmpty) throw refusal('ValueProvided');
  if (op.ignoreLease && op.lease !== undefined && op.lease !== 0) throw refusal('LeaseProvided');
}

interface Writes {
  readonly puts: ReadonlySet<string>;
  readonly deletes: readonly DeleteOp[];
}

/** No key may be written twice, except in the two branches of one transaction, of which only one runs. */
function collectWrites(ops: readonly Op[], order: KeyOrder): Writes {
  const deletes = ops.filter((op) => op.type === 'delete');
  const puts = new Set<string>();
  const add = (key: string): void => {
    if (puts.has(key) || deletes.some((range) => isIn(key, range, order))) throw refusal('DuplicateKey');
    puts.add(key);
  };
  for (const op of ops) {
    if (op.type !== 'txn') continue;
    const then = collectWrites(op.success, order);
    const otherwise = collectWrites(op.failure ?? [], order);
    for (const key of new Set([...then.puts, ...otherwise.puts])) add(key);
    deletes.push(...then.deletes, ...otherwise.deletes);
  }
  for (const op of ops) if (op.type === 'put') add(op.key);
  return { puts, deletes };
}

const isIn = (key: string, range: KeyRange, order: KeyOrder): boolean =>
  range.rangeEnd === undefined
    ? key === range.key
    : order(key, range.key) >= 0 && (range.rangeEnd === FROM_KEY_END || order(key, range.rangeEnd) < 0);
