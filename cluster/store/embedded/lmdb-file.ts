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

/** Pages that a file may be shorter than its newest commit counts: those that were freed before they were written. */
const UNWRITTEN_PAGES_MAX = 1024;
const MAP_BYTES_MAX = 2 ** 46;
const FREE_FLAGS = 0x4008;

/** One tree, as the commit describes it; it must be so. */
interface Tree {
  readonly root: number;
  readonly depth: number;
  readonly branchPages: number;
  readonly leafPages: number;
  readonly overflowPages: number;
  readonly entries: number;
}

interface Meta {
  readonly pageBytes: number;
  readonly free: Tree;
  readonly main: Tree;
  readonly lastPage: number;
  readonly txnId: number;
}

type Mutable<T> = { -readonly [Name in keyof T]: T[Name] };
type Order = (a: Buffer, b: Buffer) => number;

const byBytes: Order = (a, b) => Buffer.compare(a, b);
/** Keys of the lists of free pages are numbers of commits. */
const byNumber: Order = (a, b) => toNumber(a.readBigUInt64LE(0)) - toNumber(b.readBigUInt64LE(0));

/** What a walk through a tree has met so far. */
interface Walk {
  readonly found: Mutable<Tree>;
  readonly order: Order;
  last: Buffer | undefined;
  /** The next key must not be before it: the key by which its page is found. */
  floor: Buffer | undefined;
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
      this.isReached = new Uint8Array(this.meta.lastPage + 1);
      this.isReached.fill(1, 0, META_PAGES);
    } catch (error) {
      closeSync(this.fd);
      throw error;
    }
  }

  /** All entries in the order of their keys. The caller must come to the end, or nothing is known of the rest. */
  *entries(): Generator<LmdbEntry> {
    yield* this.tree(this.meta.main, byBytes);
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
    const tree = (offset: number): Tree => ({
      depth: bytes.readUInt16LE(at + offset + 6),
      branchPages: number(offset + 8),
      leafPages: number(offset + 16),
      overflowPages: number(offset + 24),
      entries: number(offset + 32),
      root: number(offset + 40),
    });
    const meta: Meta = {
      pageBytes: bytes.readUInt32LE(at + 24),
      free: tree(24),
      main: tree(72),
      lastPage: number(120),
      txnId: number(128),
    };
    const mapBytes = number(16);
    const isOurs =
      meta.pageBytes === this.pageBytes &&
      bytes.readUInt16LE(at + 28) === FREE_FLAGS &&
      bytes.readUInt32LE(at + 72) === 0 &&
      bytes.readUInt16LE(at + 76) === 0 &&
      (meta.txnId === 0 || meta.txnId % META_PAGES === page);
    const isPossible =
      number(8) === 0 &&
      mapBytes % this.pageBytes === 0 &&
      mapBytes <= MAP_BYTES_MAX &&
      (meta.lastPage + 1) * this.pageBytes <= Math.min(mapBytes, this.fileBytes + UNWRITTEN_PAGES_MAX * this.pageBytes);
    if (!isOurs || !isPossible) this.fail(`page ${page} describes no commit of this store`);
    return meta;
  }

  /** Every commit of the store rewrites the root, so a number that does not fit was changed afterwards. */
  private checkRootIsOf(meta: Meta): void {
    if (meta.main.root === NO_PAGE) return;
    const txnId = toNumber(this.readPage(meta.main.root).readBigUInt64LE(8));
    if (txnId !== meta.txnId) this.fail(`commit ${meta.txnId} has its root in commit ${txnId}`);
  }

  /** The entries of a tree, which must be in order and as many as it says, on as many pages. */
  private *tree(expected: Tree, order: Order): Generator<LmdbEntry> {
    const found = { root: expected.root, depth: 0, branchPages: 0, leafPages: 0, overflowPages: 0, entries: 0 };
    yield* this.walk(expected.root, 1, { found, order, last: undefined, floor: undefined });
    for (const name of Object.keys(found) as (keyof Tree)[]) {
      if (found[name] !== expected[name])
        this.fail(`it has ${found[name]} ${name} where ${expected[name]} are counted`);
    }
  }

  private *walk(root: number, depth: number, walk: Walk): Generator<LmdbEntry> {
    if (root === NO_PAGE) return;
    if (depth > DEPTH_MAX) this.fail('its tree does not end');
    // A copy: the page is left and come back to.
    const page = Buffer.from(this.reach(root, 1));
    const isBranch = page.readUInt16LE(18) === Flag.Branch;
    if (!isBranch && page.readUInt16LE(18) !== Flag.Leaf) this.fail(`page ${root} is neither branch nor leaf`);
    if (isBranch) walk.found.branchPages++;
    else this.enterLeaf(root, depth, walk);
    const lower = page.readUInt16LE(20);
    const upper = page.readUInt16LE(22);
    if (lower % 2 !== 0 || lower > upper || upper > this.pageBytes - HEADER_BYTES) {
      this.fail(`page ${root} has impossible bounds`);
    }
    for (let index = 0; index < lower / 2; index++) {
      const at = page.readUInt16LE(HEADER_BYTES + index * 2) + HEADER_BYTES;
      if (at < upper + HEADER_BYTES || at + NODE_BYTES > this.pageBytes) {
        this.fail(`page ${root} has an impossible node`);
      }
      if (!isBranch) {
        const entry = this.entry(page, at, root, walk);
        this.follow(entry.key, root, walk);
        yield entry;
        continue;
      }
      if (index > 0)
        this.divide(page.subarray(at + NODE_BYTES, at + NODE_BYTES + page.readUInt16LE(at + 6)), root, walk);
      const child = page.readUInt16LE(at) + page.readUInt16LE(at + 2) * 2 ** 16 + page.readUInt16LE(at + 4) * 2 ** 32;
      yield* this.walk(child, depth + 1, walk);
    }
  }

  private enterLeaf(page: number, depth: number, { found }: Walk): void {
    found.leafPages++;
    if (found.depth !== 0 && found.depth !== depth)
      this.fail(`page ${page} is ${depth} deep and others ${found.depth}`);
    found.depth = depth;
  }

  private follow(key: Buffer, page: number, walk: Walk): void {
    const { last, floor, order } = walk;
    if ((last !== undefined && order(last, key) >= 0) || (floor !== undefined && order(floor, key) > 0)) {
      this.fail(`page ${page} holds a key that is not in order`);
    }
    walk.last = key;
    walk.floor = undefined;
    walk.found.entries++;
  }

  /** All keys so far are before it, all others not. */
  private divide(key: Buffer, page: number, walk: Walk): void {
    if (walk.last === undefined || walk.order(walk.last, key) >= 0) this.fail(`page ${page} leads to the wrong keys`);
    walk.floor = key;
  }

  private entry(page: Buffer, at: number, pageNumber: number, { found }: Walk): LmdbEntry {
    const valueBytes = page.readUInt16LE(at) + page.readUInt16LE(at + 2) * 2 ** 16;
    const flags = page.readUInt16LE(at + 4);
    const keyEnd = at + NODE_BYTES + page.readUInt16LE(at + 6);
    const isBig = flags === NODE_BIG_DATA;
    if ((flags !== 0 && !isBig) || keyEnd + (isBig ? 8 : valueBytes) > this.pageBytes) {
      this.fail(`page ${pageNumber} has a node that does not fit`);
    }
    const key = page.subarray(at + NODE_BYTES, keyEnd);
    if (!isBig) return { key, value: page.subarray(keyEnd, keyEnd + valueBytes) };
    const count = Math.ceil((HEADER_BYTES + valueBytes) / this.pageBytes);
    found.overflowPages += count;
    return { key, value: this.overflow(toNumber(page.readBigUInt64LE(keyEnd)), count, valueBytes) };
  }

  private overflow(first: number, count: number, valueBytes: number): Buffer {
    const head = this.reach(first, count);
    if (head.readUInt16LE(18) !== Flag.Overflow || head.readUInt32LE(20) !== count) {
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
    const lists = [...this.tree(this.meta.free, byNumber)];
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
