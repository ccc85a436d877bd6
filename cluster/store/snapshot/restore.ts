/** A snapshot into a new folder of the embedded store: data, history, revisions and leases as they were. */
import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DATA_FILE } from '../embedded/embedded-store.ts';
import { lockFolder } from '../embedded/folder-lock.ts';
import { decodeRow, type Head, type Row, Tally } from '../embedded/row.ts';
import { RowFile } from '../embedded/row-file.ts';
import { syncFolderOf } from '../embedded/sync-folder.ts';
import { StoreError } from '../store-error.ts';
import { readSnapshot, verifySnapshot } from './snapshot-file.ts';

export interface RestoreOptions {
  /** Must not hold a store. */
  readonly folder: string;
  /** Added to the revision, so that no client has seen a later one. @default 0 */
  readonly bumpRevision?: number;
  /** Everything up to the revision counts as compacted, so that clients read anew. @default false */
  readonly markCompacted?: boolean;
}

const ROWS_PER_COMMIT = 10_000;

/** The revision that the new store stands at. Throws `Corrupt` before anything is written. */
export async function restoreSnapshot(path: string, options: RestoreOptions): Promise<number> {
  await verifySnapshot(path);
  const target = join(options.folder, DATA_FILE);
  if (existsSync(target)) {
    throw new StoreError(
      'InvalidArgument',
      `${options.folder} holds a store already; restore into a folder without one`,
    );
  }
  const lock = lockFolder(options.folder);
  const part = `${target}.restore`;
  try {
    rmSync(part, { force: true });
    const revision = await writeRows(path, part, options);
    renameSync(part, target);
    syncFolderOf(target);
    return revision;
  } finally {
    rmSync(part, { force: true });
    rmSync(`${part}-lock`, { force: true });
    lock.release();
  }
}

async function writeRows(path: string, part: string, options: RestoreOptions): Promise<number> {
  const file = new RowFile(part, new Tally());
  let head: Head | undefined;
  let puts: Row[] = [];
  const commit = (): Promise<void> => {
    const revision = head!.revision + (options.bumpRevision ?? 0);
    const compactRevision = options.markCompacted ? revision : head!.compactRevision;
    return file.commit({ puts: puts.splice(0), removals: [], revision, compactRevision });
  };
  try {
    for await (const row of readSnapshot(path)) {
      const decoded = decodeRow(row.key, row.value);
      if (decoded.kind === 'head') head = decoded.head;
      // A copy: what is read is only lent.
      else puts.push({ key: Buffer.from(row.key), value: Buffer.from(row.value), crc: row.crc });
      if (puts.length >= ROWS_PER_COMMIT) await commit();
    }
    if (head === undefined) throw new StoreError('Corrupt', `snapshot ${path} has no head`);
    await commit();
    puts = [];
    return head.revision + (options.bumpRevision ?? 0);
  } finally {
    await file.close();
  }
}
