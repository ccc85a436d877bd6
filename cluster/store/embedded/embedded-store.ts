/**
 * The durable store: all of it in memory, and every row on disk before anybody hears of it. Transactions are carried out at
 * once; their outcome, and whatever was read after them, is held back until the commit that holds them is on disk. While one
 * commit is being written the next one fills, so that many writers share one sync.
 *
 * After a commit that failed the state in memory is ahead of the disk: the store answers `Unavailable` from then on, and
 * opening it again gives the last commit.
 */
import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { MvccStore, type MvccStoreOptions, type WhenSafe } from '../mvcc-store.ts';
import type { Answer, LeaseStatus, Txn } from '../store.ts';
import { closedError, refusal, StoreError } from '../store-error.ts';
import type { Version } from '../version.ts';
import { type FolderLock, lockFolder } from './folder-lock.ts';
import { type Loaded, loadRows } from './load.ts';
import { leaseKey, leaseRow, type Row, versionKey, versionRow } from './row.ts';
import { RowFile } from './row-file.ts';
import { syncFolderOf } from './sync-folder.ts';

export interface EmbeddedStoreOptions extends MvccStoreOptions {
  /** Made when it does not exist, for its owner alone. */
  readonly folder: string;
  /** Writes are refused above it, deletions and compaction not. @default 8 GiB, etcd's advised maximum */
  readonly quotaBytes?: number;
}

export const DATA_FILE = 'store.mdb';
const QUOTA_BYTES = 8 * 2 ** 30;
/** Source: etcd v3.4 `mvcc/kvstore.go` defaultCompactBatchLimit. */
const COMPACTION_ROWS_PER_COMMIT = 1000;

/** Throws `Unavailable` when another process has the folder, `Corrupt` when it is damaged. */
export function openEmbeddedStore(options: EmbeddedStoreOptions): EmbeddedStore {
  const lock = lockFolder(options.folder);
  try {
    return new EmbeddedStore(options, lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

export class EmbeddedStore extends MvccStore {
  private readonly lock: FolderLock;
  private readonly quotaBytes: number;
  private file: RowFile;
  /** Up to where in the log the changes are written or waiting to be. */
  private collected: number;
  private puts: Row[] = [];
  private removals: { key: Buffer; crc: number }[] = [];
  private waiting: WhenSafe[] = [];
  private isWriting = false;
  private needsCommit = false;
  private failure: StoreError | undefined;
  /** Versions whose rows are still to be removed. */
  private obsolete: Version[];
  private readonly leaseRows = new Map<number, Row>();

  constructor(options: EmbeddedStoreOptions, lock: FolderLock) {
    let loaded: Loaded | undefined;
    const path = join(options.folder, DATA_FILE);
    rmSync(defragPath(path), { force: true });
    super(options, (mvcc, lessor) => {
      loaded = loadRows(path, mvcc, lessor);
    });
    this.lock = lock;
    this.quotaBytes = options.quotaBytes ?? QUOTA_BYTES;
    this.file = new RowFile(path, loaded!.tally);
    this.collected = this.mvcc.log.end;
    this.obsolete = [...loaded!.obsolete];
    for (const id of this.lessor.ids)
      this.leaseRows.set(id, leaseRow({ id, ttlS: this.lessor.timeToLive(id).grantedTtlS }));
    this.removeObsolete();
  }

  protected override sizes() {
    return { dbSizeBytes: this.file.sizeBytes, dbSizeInUseBytes: this.file.inUseBytes };
  }

  /** Writes stop for as long as it takes to copy what is in use. */
  defrag(answer: Answer<void>): void {
    if (this.isClosed) {
      answer(closedError(), undefined);
      return;
    }
    this.whenIdle(() => this.replaceFile()).then(
      () => answer(this.failure, undefined),
      (error: unknown) => {
        this.fail(error);
        answer(this.failure, undefined);
      },
    );
  }

  close(answer: Answer<void>): void {
    if (this.isClosed) {
      answer(undefined, undefined);
      return;
    }
    this.isClosed = true;
    this.lessor.stop();
    this.whenIdle(() => this.file.close()).then(() => {
      this.hub.cancelAll(closedError());
      this.lock.release();
      answer(undefined, undefined);
    });
  }

  protected whenSafe(done: WhenSafe): void {
    if (this.failure !== undefined) done(this.failure);
    else if (this.needsCommit || this.isWriting) this.waiting.push(done);
    else done(undefined);
  }

  protected changed(): void {
    const { log } = this.mvcc;
    for (; this.collected < log.end; this.collected++) {
      this.puts.push(versionRow(log.at(this.collected)));
      this.wantCommit();
    }
  }

  protected compacted(): void {
    this.wantCommit();
    this.waiting.push((error) => {
      if (error === undefined) this.hub.whenTold(() => this.prune());
    });
  }

  protected leaseGranted({ id, grantedTtlS }: LeaseStatus): void {
    const row = leaseRow({ id, ttlS: grantedTtlS });
    this.leaseRows.set(id, row);
    this.puts.push(row);
    this.wantCommit();
  }

  protected leaseRevoked(id: number): void {
    const row = this.leaseRows.get(id)!;
    this.leaseRows.delete(id);
    // One that was granted since the last commit began is only about to be written.
    const waiting = this.puts.indexOf(row);
    if (waiting >= 0) this.puts.splice(waiting, 1);
    else this.removals.push({ key: leaseKey(id), crc: row.crc });
    this.wantCommit();
  }

  protected checkWritable(txn: Txn): void {
    if (this.failure !== undefined) throw this.failure;
    const isFull = this.file.sizeBytes > this.quotaBytes && this.file.inUseBytes > this.quotaBytes;
    if (isFull && hasPut(txn)) throw refusal('NoSpace');
  }

  private prune(): void {
    this.mvcc.prune((version) => this.obsolete.push(version));
    this.removeObsolete();
  }

  private removeObsolete(): void {
    if (this.obsolete.length === 0 || this.failure !== undefined) return;
    for (const version of this.obsolete.splice(0, COMPACTION_ROWS_PER_COMMIT)) {
      const key = versionKey(version.modRevision, version.sub);
      this.removals.push({ key, crc: this.file.crcOf(key) });
    }
    this.wantCommit();
    this.waiting.push(() => this.removeObsolete());
  }

  private wantCommit(): void {
    if (this.needsCommit) return;
    this.needsCommit = true;
    // At the end of this turn, so that what is asked in one turn is one commit.
    if (!this.isWriting) queueMicrotask(() => this.writeNext());
  }

  private writeNext(): void {
    if (this.isWriting || !this.needsCommit) return;
    this.isWriting = true;
    this.needsCommit = false;
    const { puts, removals, waiting } = this;
    this.puts = [];
    this.removals = [];
    this.waiting = [];
    const { revision, compactRevision } = this.mvcc;
    this.file.commit({ puts, removals, revision, compactRevision }).then(
      () => this.written(waiting),
      (error: unknown) => {
        this.waiting = [...waiting, ...this.waiting];
        this.fail(error);
      },
    );
  }

  /** What came while it was written waits for the next commit, of which there is one if anything was changed. */
  private written(waiting: readonly WhenSafe[]): void {
    this.isWriting = false;
    for (const done of waiting) done(this.failure);
    if (this.needsCommit) this.writeNext();
    else for (const done of this.waiting.splice(0)) done(this.failure);
  }

  private fail(error: unknown): void {
    this.failure ??= new StoreError('Unavailable', `the store cannot write ${this.file.path}: ${String(error)}`);
    this.isWriting = false;
    this.needsCommit = false;
    for (const done of this.waiting.splice(0)) done(this.failure);
    this.hub.cancelAll(this.failure);
  }

  /** Runs the work when no commit is being written, and holds back those that come. */
  private async whenIdle(work: () => Promise<void>): Promise<void> {
    while (this.isWriting || this.needsCommit) {
      await new Promise<void>((resolve) => this.waiting.push(() => resolve()));
    }
    if (this.failure !== undefined && !this.isClosed) return;
    this.isWriting = true;
    try {
      await work();
    } finally {
      this.written([]);
    }
  }

  private async replaceFile(): Promise<void> {
    const { path } = this.file;
    const copy = defragPath(path);
    await this.file.copyTo(copy);
    await this.file.close();
    const fresh = this.file.movedTo(copy);
    const { revision, compactRevision } = this.mvcc;
    // Two commits of its own: what opens it expects the roots of both newest commits to have been written by them.
    for (let commit = 0; commit < 2; commit++)
      await fresh.commit({ puts: [], removals: [], revision, compactRevision });
    await fresh.close();
    renameSync(copy, path);
    syncFolderOf(path);
    this.file = fresh.movedTo(path);
  }
}

const defragPath = (path: string): string => `${path}.defrag`;

const hasPut = (txn: Txn): boolean =>
  [...txn.success, ...(txn.failure ?? [])].some((op) => op.type === 'put' || (op.type === 'txn' && hasPut(op)));
