/** How large one request may be. Source: etcd v3.4 `embed/config.go` DefaultMaxRequestBytes. */
import type { Op, Txn } from './store.ts';
import { refusal } from './store-error.ts';

export const REQUEST_BYTES_MAX = 1.5 * 1024 * 1024;

/** Throws `RequestTooLarge`. */
export function checkTxnBytes(txn: Txn): void {
  if (bytesOf(txn.success) + (txn.failure === undefined ? 0 : bytesOf(txn.failure)) > REQUEST_BYTES_MAX) {
    throw refusal('RequestTooLarge');
  }
}

function bytesOf(ops: readonly Op[]): number {
  let bytes = 0;
  for (const op of ops) {
    if (op.type === 'put') bytes += op.key.length + (op.value?.heldBytes ?? 0);
    else if (op.type === 'txn') bytes += bytesOf(op.success) + bytesOf(op.failure ?? []);
  }
  return bytes;
}
