/** Clients that read, write and compare-and-set a few keys at once, and the history of what they were told. */
import { performance } from 'node:perf_hooks';
import { ask, type Compare, type Store, StoreError, type TxnResult, Value } from '../../cluster/store/index.ts';
import type { Operation, RegisterCall } from './linearizability.ts';

export interface ClientsOptions {
  readonly clients: number;
  readonly callsPerClient: number;
  readonly keys: number;
  readonly random: () => number;
}

export async function recordHistory(store: Store, prefix: string, options: ClientsOptions): Promise<Operation[]> {
  const history: Operation[] = [];
  let serial = 0;
  const client = async (): Promise<void> => {
    /** The version last read per key, with its value. */
    const known = new Map<string, { mod: number; value: string | undefined }>();
    for (let count = 0; count < options.callsPerClient; count++) {
      const key = `${prefix}${Math.floor(options.random() * options.keys)}`;
      const kind = options.random();
      const before = known.get(key);
      const value = `v${serial++}`;
      const calledAt = performance.now();
      let call: RegisterCall | undefined;
      let answeredAt = Number.POSITIVE_INFINITY;
      try {
        if (kind < 0.4) {
          const { kvs } = await ask((answer: Parameters<Store['range']>[2]) => store.range({ key }, {}, answer));
          const found = kvs[0]?.value.text;
          known.set(key, { mod: kvs[0]?.modRevision ?? 0, value: found });
          call = { type: 'read', found };
        } else if (kind < 0.7 || before === undefined) {
          call = { type: 'write', value };
          await put(store, key, value, []);
        } else {
          // Every value is written once, so the value that was read stands for its revision.
          call = { type: 'cas', expected: before.value, value, succeeded: true };
          const { succeeded } = await put(store, key, value, [
            { key, target: 'mod', operator: '=', operand: before.mod },
          ]);
          call = { type: 'cas', expected: before.value, value, succeeded };
        }
        answeredAt = performance.now();
      } catch (error) {
        if (!(error instanceof StoreError)) throw error;
      }
      // A read without an answer tells nothing.
      if (call !== undefined) history.push({ key, call, calledAt, answeredAt });
    }
  };
  await Promise.all(Array.from({ length: options.clients }, client));
  return history;
}

const put = (store: Store, key: string, value: string, compare: readonly Compare[]): Promise<TxnResult> =>
  ask((answer) => store.txn({ compare, success: [{ type: 'put', key, value: Value.ofText(value) }] }, answer));
