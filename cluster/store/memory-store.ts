/** The store in memory: values by reference, answers before the call returns, no time but the clock's. */
import { MvccStore, type MvccStoreOptions, type WhenSafe } from './mvcc-store.ts';
import type { Answer } from './store.ts';
import { closedError } from './store-error.ts';

export type MemoryStoreOptions = MvccStoreOptions;

/** Of objects by reference, sizes are not known: neither is a request too large for them, nor has the store a size. */
export class MemoryStore extends MvccStore {
  constructor(options: MemoryStoreOptions = {}) {
    super(options);
  }

  defrag(answer: Answer<void>): void {
    this.reply(answer, () => {});
  }

  close(answer: Answer<void>): void {
    if (!this.isClosed) {
      this.isClosed = true;
      this.lessor.stop();
      this.hub.cancelAll(closedError());
    }
    answer(undefined, undefined);
  }

  protected whenSafe(done: WhenSafe): void {
    done(undefined);
  }

  protected compacted(): void {
    this.hub.whenTold(() => this.mvcc.prune(() => {}));
  }

  protected sizes() {
    return { dbSizeBytes: 0, dbSizeInUseBytes: 0 };
  }

  protected changed(): void {}
  protected leaseGranted(): void {}
  protected leaseRevoked(): void {}
  protected checkWritable(): void {}
}
