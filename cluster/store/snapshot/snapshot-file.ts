/**
 * A snapshot as a stream of bytes: a first line, every row as it is on disk with its length before it, the head first, and
 * a SHA-256 of all that at the end.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { checkRow, decodeRow, type Head, headRow, leaseRow, type Row, versionRow } from '../embedded/row.ts';
import { syncFolderOf } from '../embedded/sync-folder.ts';
import type { Store } from '../store.ts';
import { StoreError } from '../store-error.ts';
import { capture } from './capture.ts';

const FIRST_LINE = Buffer.from('berth-snapshot 1\n');
const TRAILER_BYTES = 32;
const LENGTHS_BYTES = 6;
const CHUNK_BYTES = 1 << 20;

export interface SnapshotStatus {
  /** The SHA-256 at its end. */
  readonly hash: string;
  readonly revision: number;
  readonly compactRevision: number;
  /** Keys that exist at the revision. */
  readonly totalKeys: number;
  readonly totalVersions: number;
  readonly totalBytes: number;
}

/** The snapshot of the store as it stands, for a file or for an answer over the network. */
export async function* streamSnapshot(store: Store): AsyncGenerator<Buffer> {
  const { revision, compactRevision, leases, versions } = await capture(store);
  const hash = createHash('sha256');
  let parts: Buffer[] = [FIRST_LINE];
  let bytes = 0;
  const chunk = (): Buffer => {
    const whole = Buffer.concat(parts);
    hash.update(whole);
    parts = [];
    bytes = 0;
    return whole;
  };
  for (const row of rowsOf()) {
    parts.push(lengthsOf(row), row.key, row.value);
    bytes += row.value.length;
    if (bytes >= CHUNK_BYTES) yield chunk();
  }
  yield chunk();
  yield hash.digest();

  function* rowsOf(): Generator<Row> {
    yield headRow({ revision, compactRevision, rows: leases.length + versions.length, sum: 0 });
    for (const lease of leases) yield leaseRow(lease);
    for (const version of versions) yield versionRow(version);
  }
}

/** Appears under its name only when it is whole and on disk. */
export async function saveSnapshot(store: Store, path: string): Promise<SnapshotStatus> {
  const part = `${path}.part`;
  const file = await open(part, 'w', 0o600);
  try {
    for await (const chunk of streamSnapshot(store)) await file.writeFile(chunk);
    await file.sync();
    await file.close();
    await rename(part, path);
    syncFolderOf(path);
  } catch (error) {
    await file.close().catch(() => {});
    await rm(part, { force: true });
    throw error;
  }
  return snapshotStatus(path);
}

/** Reads all of it. Throws `Corrupt` with the reason. */
export async function snapshotStatus(path: string): Promise<SnapshotStatus> {
  const hash = await verifySnapshot(path);
  const live = new Set<string>();
  let head: Head | undefined;
  let totalVersions = 0;
  for await (const row of readSnapshot(path)) {
    const decoded = decodeRow(row.key, row.value);
    if (decoded.kind === 'head') head = decoded.head;
    if (decoded.kind !== 'version') continue;
    totalVersions++;
    if (decoded.make(undefined).isLive) live.add(decoded.key);
    else live.delete(decoded.key);
  }
  const { revision, compactRevision } = head!;
  const { size } = await stat(path);
  return { hash, revision, compactRevision, totalKeys: live.size, totalVersions, totalBytes: size };
}

const damaged = (path: string, why: string): StoreError =>
  new StoreError('Corrupt', `snapshot ${path} is damaged: ${why}. Take another one; this one restores nothing.`);

/** The hash at its end, when it is that of the rest. */
export async function verifySnapshot(path: string): Promise<string> {
  const { size } = await stat(path);
  if (size < FIRST_LINE.length + TRAILER_BYTES) throw damaged(path, `it has only ${size} bytes`);
  const body = size - TRAILER_BYTES;
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { end: body - 1 })) hash.update(chunk as Buffer);
  const trailer: Buffer[] = [];
  for await (const chunk of createReadStream(path, { start: body })) trailer.push(chunk as Buffer);
  const [found, expected] = [hash.digest('hex'), Buffer.concat(trailer).toString('hex')];
  if (found !== expected)
    throw damaged(path, `its SHA-256 is ${found.slice(0, 12)}…, and its end says ${expected.slice(0, 12)}…`);
  return expected;
}

/** The rows of a snapshot that was verified. */
export async function* readSnapshot(path: string): AsyncGenerator<Row> {
  const { size } = await stat(path);
  let held: Buffer = Buffer.alloc(0);
  let isFirst = true;
  for await (const chunk of createReadStream(path, { end: size - TRAILER_BYTES - 1, highWaterMark: CHUNK_BYTES })) {
    held = held.length === 0 ? (chunk as Buffer) : Buffer.concat([held, chunk as Buffer]);
    let at = 0;
    if (isFirst) {
      if (!held.subarray(0, FIRST_LINE.length).equals(FIRST_LINE)) throw damaged(path, 'it is not a snapshot of berth');
      at = FIRST_LINE.length;
      isFirst = false;
    }
    for (let row = rowAt(held, at); row !== undefined; row = rowAt(held, at)) {
      at += LENGTHS_BYTES + row.key.length + row.value.length;
      yield { ...row, crc: checkRow(row.key, row.value) };
    }
    held = held.subarray(at);
  }
  if (held.length > 0) throw damaged(path, 'it ends within a row');
}

function lengthsOf({ key, value }: Row): Buffer {
  const lengths = Buffer.allocUnsafe(LENGTHS_BYTES);
  lengths.writeUInt16BE(key.length, 0);
  lengths.writeUInt32BE(value.length, 2);
  return lengths;
}

function rowAt(bytes: Buffer, at: number): { key: Buffer; value: Buffer } | undefined {
  if (at + LENGTHS_BYTES > bytes.length) return undefined;
  const keyEnd = at + LENGTHS_BYTES + bytes.readUInt16BE(at);
  const valueEnd = keyEnd + bytes.readUInt32BE(at + 2);
  if (valueEnd > bytes.length) return undefined;
  return { key: bytes.subarray(at + LENGTHS_BYTES, keyEnd), value: bytes.subarray(keyEnd, valueEnd) };
}
