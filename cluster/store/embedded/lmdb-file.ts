/**
 * Reads a file of LMDB without LMDB, which trusts what it maps and dies of a damaged page. Every page that the newest commit
 * reaches is visited once, with every offset checked; whoever opens the file with LMDB afterwards opens one that is sound.
 *
 * Format: LMDB 1.0 development (data version 2) as npm `lmdb` 3.5 writes it, little-endian 64-bit: `mdb.c` (MDB_page,
 * MDB_node, MDB_meta), `midl-sparse.c` for the lists of free pages.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { StoreError } from '../store-error.ts';

const MAGIC = 0xbeefc0de;
const DATA_VERSION = 2;
const HEADER_BYTES = 24;
const NODE_BYTES = 8;
const META_PAGES = 2;
const PAGE_BYTES_MIN = 512;
const PAGE_BYTES_MAX = 65_536;
/** No tree of a file that fits on a disk is deeper. */
const DEPTH_MAX = 16;
/** Pages are mostly written one after the other. */
const READ_AHEAD_PAGES = 64;

const Flag = { Branch: 1, Leaf: 2, Overflow: 4, Meta: 8 } as const;
/** The value is on pages of its own. */
const NODE_BIG_DATA = 1;

interface Meta {
  readonly pageBytes: number;
  readonly freeRoot: number;
  readonly mainRoot: number;
  readonly entries: number;
  readonly lastPage: number;
  readonly txnId: number;
}

export interface LmdbEntry {
  readonly key: Buffer;
  /** Belongs to the caller. */
  readonly value: Buffer;
}

export class LmdbFile {
  private readonly path: string;
  private readonly fd: number;
  private readonly fileBytes: number;
  private readonly pageBytes: number;
  private readonly meta: Meta;
  private readonly isReached: Uint8Array;
  private readonly ahead: Buffer;
  private aheadFirst = -1;
  private aheadCount = 0;
  private lastRead = -1;

  /** Throws `Corrupt` when the two newest commits are not what LMDB leaves. */
  constructor(path: string) {
    this.path = path;
    this.fd = openSync(path, 'r');
    try {
      this.fileBytes = fstatSync(this.fd).size;
      this.pageBytes = this.readPageBytes();
      this.ahead = Buffer.alloc(this.pageBytes * READ_AHEAD_PAGES);
      this.meta = this.newestMeta();
      if (this.meta.lastPage > this.fileBytes / this.pageBytes + this.pageBytes * 1024) {
        this.fail(`its newest commit counts ${this.meta.lastPage + 1} pages`);
      }
      this.isReached = new Uint8Array(this.meta.lastPage + 1);
      this.isReached.fill(1, 0, META_PAGES);
    } catch (error) {
      closeSync(this.fd);
      throw error;
    }
  }

  /** All entries in the order of their keys. The caller must come to the end, or nothing is known of the rest. */
  *entries(): Generator<LmdbEntry> {
    let count = 0;
    for (const entry of this.walk(this.meta.mainRoot, 0)) {
      count++;
      yield entry;
    }
    if (count !== this.meta.entries) this.fail(`it holds ${count} entries where ${this.meta.entries} are counted`);
    this.checkFreePages();
  }

  close(): void {
    closeSync(this.fd);
  }

  private fail(what: string): never {
    throw new StoreError('Corrupt', `${this.path} is damaged: ${what}`);
  }

  private readPageBytes(): number {
    const head = Buffer.alloc(HEADER_BYTES + 28);
    if (this.fileBytes < PAGE_BYTES_MIN || readSync(this.fd, head, 0, head.length, 0) < head.length) {
      this.fail(`it has only ${this.fileBytes} bytes`);
    }
    const pageBytes = head.readUInt32LE(HEADER_BYTES + 24);
    const isPower = (pageBytes & (pageBytes - 1)) === 0;
    if (!isPower || pageBytes < PAGE_BYTES_MIN || pageBytes > PAGE_BYTES_MAX) this.fail('page 0 has no page size');
    return pageBytes;
  }

  /** Both are checked, since LMDB would silently take the older one for a damaged newer one. */
  private newestMeta(): Meta {
    const [even, odd] = [this.readMeta(0), this.readMeta(1)];
    if (Math.abs(even.txnId - odd.txnId) !== 1 && even.txnId + odd.txnId !== 0) {
      this.fail(`its two newest commits are numbered ${even.txnId} and ${odd.txnId}`);
    }
    for (const meta of [even, odd]) this.checkRootIsOf(meta);
    return even.txnId > odd.txnId ? even : odd;
  }

  private readMeta(page: number): Meta {
    const bytes = Buffer.from(this.readPage(page));
    const isMeta = bytes.readUInt16LE(18) === Flag.Meta && toNumber(bytes.readBigUInt64LE(0)) === page;
    const at = HEADER_BYTES;
    if (!isMeta || bytes.readUInt32LE(at) !== MAGIC || bytes.readUInt32LE(at + 4) !== DATA_VERSION) {
      this.fail(`page ${page} does not begin as LMDB's`);
    }
    const number = (offset: number): number => toNumber(bytes.readBigUInt64LE(at + offset));
    const meta: Meta = {
      pageBytes: bytes.readUInt32LE(at + 24),
      freeRoot: number(64),
      mainRoot: number(112),
      entries: number(104),
      lastPage: number(120),
      txnId: number(128),
    };
    const expected = bytes.readUInt16LE(at + 76) === 0 && (meta.txnId === 0 || meta.txnId % META_PAGES === page);
    if (!expected || meta.pageBytes !== this.pageBytes) this.fail(`page ${page} describes no commit of this store`);
    return meta;
  }

  /** Every commit of the store rewrites the root, so a number that does not fit was changed afterwards. */
  private checkRootIsOf(meta: Meta): void {
    if (meta.mainRoot === NO_PAGE) return;
    const txnId = toNumber(this.readPage(meta.mainRoot).readBigUInt64LE(8));
    if (txnId !== meta.txnId) this.fail(`commit ${meta.txnId} has its root in commit ${txnId}`);
  }

  private *walk(root: number, depth: number): Generator<LmdbEntry> {
    if (root === NO_PAGE) return;
    if (depth > DEPTH_MAX) this.fail('its tree does not end');
    // A copy: the page is left and come back to.
    const page = Buffer.from(this.reach(root, 1));
    const isBranch = page.readUInt16LE(18) === Flag.Branch;
    if (!isBranch && page.readUInt16LE(18) !== Flag.Leaf) this.fail(`page ${root} is neither branch nor leaf`);
    const lower = page.readUInt16LE(20);
    const upper = page.readUInt16LE(22);
    if (lower % 2 !== 0 || lower > upper || upper > this.pageBytes - HEADER_BYTES) {
      this.fail(`page ${root} has impossible bounds`);
    }
    for (let index = 0; index < lower / 2; index++) {
      const at = page.readUInt16LE(HEADER_BYTES + index * 2) + HEADER_BYTES;
      if (at < upper + HEADER_BYTES || at + NODE_BYTES > this.pageBytes)
        this.fail(`page ${root} has an impossible node`);
      if (isBranch) {
        const child = page.readUInt16LE(at) + page.readUInt16LE(at + 2) * 2 ** 16 + page.readUInt16LE(at + 4) * 2 ** 32;
        yield* this.walk(child, depth + 1);
      } else yield this.entry(page, at, root);
    }
  }

  private entry(page: Buffer, at: number, pageNumber: number): LmdbEntry {
    const valueBytes = page.readUInt16LE(at) + page.readUInt16LE(at + 2) * 2 ** 16;
    const flags = page.readUInt16LE(at + 4);
    const keyEnd = at + NODE_BYTES + page.readUInt16LE(at + 6);
    const isBig = flags === NODE_BIG_DATA;
    if ((flags !== 0 && !isBig) || keyEnd + (isBig ? 8 : valueBytes) > this.pageBytes) {
      this.fail(`page ${pageNumber} has a node that does not fit`);
    }
    const key = page.subarray(at + NODE_BYTES, keyEnd);
    if (!isBig) return { key, value: page.subarray(keyEnd, keyEnd + valueBytes) };
    return { key, value: this.overflow(toNumber(page.readBigUInt64LE(keyEnd)), valueBytes) };
  }

  private overflow(first: number, valueBytes: number): Buffer {
    const count = Math.ceil((HEADER_BYTES + valueBytes) / this.pageBytes);
    const head = this.reach(first, count);
    if (head.readUInt16LE(18) !== Flag.Overflow || head.readUInt32LE(20) < count) {
      this.fail(`page ${first} is not where a long value begins`);
    }
    const value = Buffer.allocUnsafe(valueBytes);
    const read = readSync(this.fd, value, 0, valueBytes, first * this.pageBytes + HEADER_BYTES);
    if (read < valueBytes) this.fail(`it ends within page ${first + count - 1}`);
    return value;
  }

  /** Marks the pages and returns the first. */
  private reach(first: number, count: number): Buffer {
    if (first < META_PAGES || first + count - 1 > this.meta.lastPage) this.fail(`page ${first} is out of bounds`);
    for (let page = first; page < first + count; page++) {
      if (this.isReached[page] !== 0) this.fail(`page ${page} is used twice`);
      this.isReached[page] = 1;
    }
    const page = this.readPage(first);
    if (toNumber(page.readBigUInt64LE(0)) !== first) this.fail(`page ${first} carries another number`);
    if (toNumber(page.readBigUInt64LE(8)) > this.meta.txnId)
      this.fail(`page ${first} is of a commit that is not there`);
    return page;
  }

  /** Valid until the next call. */
  private readPage(page: number): Buffer {
    const isNear = page > this.lastRead && page <= this.lastRead + READ_AHEAD_PAGES;
    this.lastRead = page;
    if (page < this.aheadFirst || page >= this.aheadFirst + this.aheadCount) {
      const wanted = (isNear ? READ_AHEAD_PAGES : 1) * this.pageBytes;
      const read = readSync(this.fd, this.ahead, 0, wanted, page * this.pageBytes);
      this.aheadFirst = page;
      this.aheadCount = Math.floor(read / this.pageBytes);
      if (this.aheadCount === 0) this.fail(`it ends before page ${page}`);
    }
    const at = (page - this.aheadFirst) * this.pageBytes;
    return this.ahead.subarray(at, at + this.pageBytes);
  }

  /** A page that is both free and in use would be overwritten by a later commit. */
  private checkFreePages(): void {
    const isFree = new Uint8Array(this.isReached.length);
    const lists = [...this.walk(this.meta.freeRoot, 0)];
    for (const { key, value } of lists) {
      if (key.length !== 8 || toNumber(key.readBigUInt64LE(0)) > this.meta.txnId)
        this.fail('its list of free pages is wrong');
      for (const [first, count] of this.freeBlocks(value)) {
        if (first < META_PAGES || first + count - 1 > this.meta.lastPage)
          this.fail(`free page ${first} is out of bounds`);
        for (let page = first; page < first + count; page++) {
          if (this.isReached[page] !== 0 || isFree[page] !== 0) this.fail(`page ${page} is free and in use`);
          isFree[page] = 1;
        }
      }
    }
  }

  /** A negative number is how many pages the next number begins; zeros are room for more. */
  private *freeBlocks(list: Buffer): Generator<[first: number, count: number]> {
    const length = list.length < 8 ? 0 : Number(list.readBigInt64LE(0));
    if (list.length < 8 || length < 0 || (length + 1) * 8 > list.length) this.fail('its list of free pages has no end');
    for (let index = 1; index <= length; index++) {
      const id = Number(list.readBigInt64LE(index * 8));
      if (id > 0) yield [id, 1];
      if (id >= 0) continue;
      index++;
      if (index > length) this.fail('its list of free pages breaks off');
      yield [Number(list.readBigInt64LE(index * 8)), -id];
    }
  }
}

/** What LMDB writes for "no page". */
const NO_PAGE = -1;
const NO_PAGE_BITS = 0xffff_ffff_ffff_ffffn;

const toNumber = (bits: bigint): number => (bits === NO_PAGE_BITS ? NO_PAGE : Number(bits));
