/** Brings a file of rows into memory, or refuses it: everything is checked, row by row and as a whole. */
import { existsSync } from 'node:fs';
import type { Lessor } from '../lessor.ts';
import type { Mvcc } from '../mvcc.ts';
import { StoreError } from '../store-error.ts';
import type { Version } from '../version.ts';
import { LmdbFile } from './lmdb-file.ts';
import { checkRow, decodeRow, type Head, Tally } from './row.ts';

export interface Loaded {
  readonly tally: Tally;
  /** Rows that a compaction was about to remove when the process ended. */
  readonly obsolete: readonly Version[];
}

/** Throws `Corrupt`. */
export function loadRows(path: string, mvcc: Mvcc, lessor: Lessor): Loaded {
  const tally = new Tally();
  if (!existsSync(path)) return { tally, obsolete: [] };
  const file = new LmdbFile(path);
  try {
    const head = loadAll(file, mvcc, lessor, tally);
    if (head !== undefined) checkHead(head, tally, mvcc, path);
  } catch (error) {
    if (error instanceof RangeError) throw new StoreError('Corrupt', `${path} is damaged: ${error.message}`);
    if (error instanceof StoreError && !error.message.startsWith(path)) {
      throw new StoreError('Corrupt', `${path} is damaged: ${error.message}`);
    }
    throw error;
  } finally {
    file.close();
  }
  const obsolete: Version[] = [];
  if (mvcc.compactRevision > 0) {
    const keys = [...mvcc.allRecords].map(({ key }) => key);
    mvcc.pruneKeys(keys, (version) => obsolete.push(version));
  }
  return { tally, obsolete };
}

function loadAll(file: LmdbFile, mvcc: Mvcc, lessor: Lessor, tally: Tally): Head | undefined {
  let head: Head | undefined;
  for (const { key, value } of file.entries()) {
    const crc = checkRow(key, value);
    const row = decodeRow(key, value);
    if (row.kind === 'head') {
      head = row.head;
      mvcc.revision = head.revision;
      mvcc.compactRevision = head.compactRevision;
      continue;
    }
    if (head === undefined) throw new StoreError('Corrupt', 'its first row is not the head');
    tally.add(crc);
    if (row.kind === 'lease') lessor.grant(row.lease.ttlS, row.lease.id);
    else mvcc.load(row.key, (previous) => checked(row.make(previous), head!));
  }
  return head;
}

/** What no writer of ours produces was not written by one. */
function checked(version: Version, head: Head): Version {
  const { previous } = version;
  const isNext =
    version.modRevision <= head.revision &&
    (previous === undefined || previous.modRevision < version.modRevision) &&
    (previous === undefined || !previous.isLive || !version.isLive || version.version === previous.version + 1);
  if (!isNext) {
    throw new StoreError(
      'Corrupt',
      `revision ${version.modRevision} of ${version.key} does not follow from the one before`,
    );
  }
  return version;
}

function checkHead(head: Head, tally: Tally, mvcc: Mvcc, path: string): void {
  if (head.rows !== tally.rows || head.sum !== tally.sum) {
    throw new StoreError(
      'Corrupt',
      `${path} is damaged: ${tally.rows} rows where ${head.rows} were written, or others`,
    );
  }
  if (mvcc.log.end > mvcc.log.start && mvcc.log.at(mvcc.log.end - 1).modRevision > head.revision) {
    throw new StoreError('Corrupt', `${path} is damaged: it holds revisions above ${head.revision}`);
  }
}
