/**
 * Compacts every few minutes to the revision of a few minutes ago. Several servers on one store take turns through a key
 * that counts their rounds: who finds it changed has been overtaken and learns from it.
 *
 * Source: `k8s.io/apiserver` v0.37.2 `pkg/storage/etcd3/compact.go`; interval: `storagebackend/config.go`
 * DefaultCompactInterval.
 */
import { type Clock, Lane } from '../../scheduler/clock.ts';
import type { Store } from './store.ts';
import type { StoreError } from './store-error.ts';
import { Value } from './value.ts';

export const COMPACT_REV_KEY = 'compact_rev_key';
export const COMPACT_INTERVAL_MS = 300_000;

export interface CompactorOptions {
  /** @default 5 minutes */
  readonly intervalMs?: number;
  /** Told of every round; a round that failed is tried again at the next interval. */
  readonly report?: (compactedTo: number | undefined, error: StoreError | undefined) => void;
}

/** Runs until the returned function is called. */
export function startCompactor(store: Store, clock: Clock, options: CompactorOptions = {}): () => void {
  const compactor = new Compactor(store, options.report ?? (() => {}));
  const intervalMs = options.intervalMs ?? COMPACT_INTERVAL_MS;
  let isOn = true;
  const round = (): void => {
    if (!isOn) return;
    compactor.round();
    clock.at(clock.nowMs + intervalMs, round, Lane.Component);
  };
  round();
  return () => {
    isOn = false;
  };
}

class Compactor {
  private readonly store: Store;
  private readonly report: NonNullable<CompactorOptions['report']>;
  /** `version` of the key as last seen: how many rounds all servers together have had. */
  private rounds = 0;
  /** The current revision at the last round: what this one compacts to. */
  private revision = 0;

  constructor(store: Store, report: NonNullable<CompactorOptions['report']>) {
    this.store = store;
    this.report = report;
  }

  round(): void {
    const key = COMPACT_REV_KEY;
    const target = this.revision;
    this.store.txn(
      {
        compare: [{ key, target: 'version', operator: '=', operand: this.rounds }],
        success: [{ type: 'put', key, value: Value.ofText(String(target)) }],
        failure: [{ type: 'range', key }],
      },
      (error, result) => {
        if (error !== undefined) {
          this.report(undefined, error);
          return;
        }
        this.revision = result.revision;
        const [response] = result.responses;
        if (response.type === 'range') {
          this.rounds = response.kvs[0]?.version ?? 0;
          this.report(undefined, undefined);
          return;
        }
        this.rounds++;
        // The first round only learns where the store stands.
        if (target === 0) this.report(undefined, undefined);
        else this.store.compact(target, (failure) => this.report(failure === undefined ? target : undefined, failure));
      },
    );
  }
}
