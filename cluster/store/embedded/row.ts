/**
 * What is on disk: one row per version of a key, one per lease, and a head that counts and sums them all, so that a row that
 * is changed, missing or left over from another time is found. Every row has a checksum over its key and its content.
 *
 * Keys order the rows: the head, the leases, then the versions by revision and place in it.
 */
import { crc32 } from 'node:zlib';
import { StoreError } from '../store-error.ts';
import { Value } from '../value.ts';
import { Version } from '../version.ts';

export const FORMAT_VERSION = 1;
/** Sums of checksums stay exact integers. */
const SUM_MODULUS = 2 ** 48;

const Kind = { Head: 0, Lease: 1, Version: 2 } as const;
const VERSION_KEY_BYTES = 13;
const LEASE_KEY_BYTES = 9;
const CRC_BYTES = 4;
/** After the checksum: createRevision, version, lease, length of the key. */
const VERSION_HEAD_BYTES = CRC_BYTES + 8 + 8 + 8 + 4;

export interface Row {
  readonly key: Buffer;
  readonly value: Buffer;
  readonly crc: number;
}

export interface Head {
  readonly revision: number;
  readonly compactRevision: number;
  readonly rows: number;
  readonly sum: number;
}

export interface LeaseRow {
  readonly id: number;
  readonly ttlS: number;
}

export const HEAD_KEY = Buffer.of(Kind.Head);

/** Counts rows and sums their checksums. */
export class Tally {
  rows = 0;
  sum = 0;

  add(crc: number): void {
    this.rows++;
    this.sum = (this.sum + crc) % SUM_MODULUS;
  }

  remove(crc: number): void {
    this.rows--;
    this.sum = (this.sum - crc + SUM_MODULUS) % SUM_MODULUS;
  }
}

export function versionKey(revision: number, sub: number): Buffer {
  const key = Buffer.allocUnsafe(VERSION_KEY_BYTES);
  key[0] = Kind.Version;
  key.writeBigUInt64BE(BigInt(revision), 1);
  key.writeUInt32BE(sub, 9);
  return key;
}

export function versionRow(version: Version): Row {
  const { bytes } = version.value;
  const keyBytes = Buffer.byteLength(version.key);
  const value = Buffer.allocUnsafe(VERSION_HEAD_BYTES + keyBytes + bytes.length);
  value.writeDoubleBE(version.createRevision, 4);
  value.writeDoubleBE(version.version, 12);
  value.writeDoubleBE(version.lease, 20);
  value.writeUInt32BE(keyBytes, 28);
  value.write(version.key, VERSION_HEAD_BYTES);
  value.set(bytes, VERSION_HEAD_BYTES + keyBytes);
  return sealed(versionKey(version.modRevision, version.sub), value);
}

export function leaseKey(id: number): Buffer {
  const key = Buffer.allocUnsafe(LEASE_KEY_BYTES);
  key[0] = Kind.Lease;
  key.writeBigUInt64BE(BigInt(id), 1);
  return key;
}

export function leaseRow({ id, ttlS }: LeaseRow): Row {
  const value = Buffer.allocUnsafe(CRC_BYTES + 8);
  value.writeDoubleBE(ttlS, CRC_BYTES);
  return sealed(leaseKey(id), value);
}

export function headRow({ revision, compactRevision, rows, sum }: Head): Row {
  const value = Buffer.allocUnsafe(CRC_BYTES + 4 + 4 * 8);
  value.writeUInt32BE(FORMAT_VERSION, 4);
  value.writeDoubleBE(revision, 8);
  value.writeDoubleBE(compactRevision, 16);
  value.writeDoubleBE(rows, 24);
  value.writeDoubleBE(sum, 32);
  return sealed(HEAD_KEY, value);
}

function sealed(key: Buffer, value: Buffer): Row {
  const crc = crcOf(key, value);
  value.writeUInt32BE(crc, 0);
  return { key, value, crc };
}

const crcOf = (key: Buffer, value: Buffer): number => crc32(value.subarray(CRC_BYTES), crc32(key));

/** The checksum of a row that is whole. Throws `Corrupt`. */
export function checkRow(key: Buffer, value: Buffer): number {
  const isWhole = value.length >= CRC_BYTES && value.readUInt32BE(0) === crcOf(key, value);
  if (!isWhole) throw new StoreError('Corrupt', `the row ${key.toString('hex')} does not match its checksum`);
  return value.readUInt32BE(0);
}

export type DecodedRow =
  | { readonly kind: 'head'; readonly head: Head }
  | { readonly kind: 'lease'; readonly lease: LeaseRow }
  | { readonly kind: 'version'; readonly key: string; readonly make: (previous: Version | undefined) => Version };

/** Of a row that `checkRow` has found whole. Throws `Corrupt` for one that another program wrote. */
export function decodeRow(key: Buffer, value: Buffer): DecodedRow {
  if (key[0] === Kind.Version && key.length === VERSION_KEY_BYTES && value.length >= VERSION_HEAD_BYTES) {
    return decodeVersion(key, value);
  }
  if (key[0] === Kind.Lease && key.length === LEASE_KEY_BYTES) {
    const lease = { id: Number(key.readBigUInt64BE(1)), ttlS: value.readDoubleBE(CRC_BYTES) };
    return { kind: 'lease', lease };
  }
  if (key.equals(HEAD_KEY) && value.readUInt32BE(4) === FORMAT_VERSION) {
    const head = {
      revision: value.readDoubleBE(8),
      compactRevision: value.readDoubleBE(16),
      rows: value.readDoubleBE(24),
      sum: value.readDoubleBE(32),
    };
    return { kind: 'head', head };
  }
  throw new StoreError('Corrupt', `the row ${key.toString('hex')} is none of format ${FORMAT_VERSION}`);
}

function decodeVersion(rowKey: Buffer, row: Buffer): DecodedRow {
  const revision = Number(rowKey.readBigUInt64BE(1));
  const keyEnd = VERSION_HEAD_BYTES + row.readUInt32BE(28);
  const key = row.toString('utf8', VERSION_HEAD_BYTES, keyEnd);
  const value = Value.ofBytes(row.subarray(keyEnd));
  const [created, version, lease] = [row.readDoubleBE(4), row.readDoubleBE(12), row.readDoubleBE(20)];
  const sub = rowKey.readUInt32BE(9);
  const make = (previous: Version | undefined): Version =>
    new Version(key, value, created, revision, version, lease, sub, previous);
  return { kind: 'version', key, make };
}
