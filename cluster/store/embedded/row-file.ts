/**
 * The file of rows, written through LMDB. A commit is one LMDB transaction: pages by write and fdatasync, then the page
 * that names the new root, synchronously (neither MDB_NOSYNC, MDB_NOMETASYNC, MDB_WRITEMAP nor the library's overlapping
 * sync), so that a commit that was answered is on disk and one that was not is not there at all.
 */
import { existsSync, rmSync, statSync } from 'node:fs';
import { open, type RootDatabase } from 'lmdb';
import { HEAD_KEY, headRow, type Row, type Tally } from './row.ts';
import { syncFolderOf } from './sync-folder.ts';

export interface Batch {
  readonly puts: readonly Row[];
  /** Rows that go: their key and, for the sums, their checksum. */
  readonly removals: readonly { readonly key: Buffer; readonly crc: number }[];
  readonly revision: number;
  readonly compactRevision: number;
}

export class RowFile {
  readonly path: string;
  private readonly db: RootDatabase<Buffer, Buffer>;
  private readonly tally: Tally;

  constructor(path: string, tally: Tally) {
    this.path = path;
    this.tally = tally;
    // What a process that was killed left of its readers and locks.
    rmSync(`${path}-lock`, { force: true });
    this.db = open<Buffer, Buffer>({
      path,
      noSubdir: true,
      encoding: 'binary',
      keyEncoding: 'binary',
      overlappingSync: false,
      cache: false,
      maxDbs: 1,
    });
    syncFolderOf(path);
  }

  /** Resolves when it is on disk, and rejects when none of it will be. */
  async commit(batch: Batch): Promise<void> {
    try {
      await this.write(batch);
    } catch (error) {
      // The library rejects a second promise with the cause, which nobody else waits for.
      const { commitError } = error as { commitError?: Promise<never> };
      throw commitError === undefined ? error : await commitError.catch((cause: unknown) => cause);
    }
  }

  private async write({ puts, removals, revision, compactRevision }: Batch): Promise<void> {
    const { db, tally } = this;
    await db.batch(() => {
      for (const { key, value, crc } of puts) {
        db.put(key, value);
        tally.add(crc);
      }
      for (const { key, crc } of removals) {
        db.remove(key);
        tally.remove(crc);
      }
      const { rows, sum } = tally;
      db.put(HEAD_KEY, headRow({ revision, compactRevision, rows, sum }).value);
    });
  }

  /** The checksum of a row that is there; it was checked when the file was opened. */
  crcOf(key: Buffer): number {
    return this.db.getBinary(key)!.readUInt32BE(0);
  }

  get sizeBytes(): number {
    return existsSync(this.path) ? statSync(this.path).size : 0;
  }

  get inUseBytes(): number {
    const stats = this.db.getStats() as unknown as PageCounts & { free: PageCounts };
    return Math.min(this.sizeBytes, (pagesOf(stats) + pagesOf(stats.free) + 2) * stats.pageSize);
  }

  /** Writes what is in use into a new file. */
  copyTo(path: string): Promise<void> {
    return this.db.backup(path, true);
  }

  /** The same rows, after this one was closed and its file was moved or copied. */
  movedTo(path: string): RowFile {
    return new RowFile(path, this.tally);
  }

  close(): Promise<void> {
    return this.db.close();
  }
}

interface PageCounts {
  readonly pageSize: number;
  readonly treeBranchPageCount: number;
  readonly treeLeafPageCount: number;
  readonly overflowPages: number;
}

const pagesOf = (counts: PageCounts): number =>
  counts.treeBranchPageCount + counts.treeLeafPageCount + counts.overflowPages;
