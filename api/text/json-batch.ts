/**
 * Kubernetes objects in JSON, many at a time. Objects of a kind repeat each other: the specs of a deployment's pods, the
 * labels of a node pool. Parts that were met before are recognized by their bytes and not parsed again; the objects share
 * them, so nobody may change what is inside an object's metadata, spec or status.
 *
 * Cost: one pass over the bytes; parsing and memory only for what is new.
 */
import { isAscii } from 'node:buffer';
import {
  afterSpace,
  BACKSLASH,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
  scalarEnd,
  stringEnd,
} from './json-bytes.ts';

/** The object goes on behind the bytes that there are. */
export const UNFINISHED = -1;
/** Not what this reader is made for; it may be JSON or not. */
export const IRREGULAR = -2;
/** A document that has a list called `items`. */
export const IS_LIST = -3;

const MEMO_BITS = 14;
const MEMO_SIZE = 1 << MEMO_BITS;
/** Shorter parts cost more to look up than to parse. */
const PART_BYTES_MIN = 24;
const PART_BYTES_MAX = 1 << 16;
/** Of all parts that are kept. */
const MEMO_BYTES_MAX = 1 << 26;
const PARTS_MAX = 64;
/** Numbers that stand for parts until the batch has been parsed; nine digits are what V8 reads fastest. */
const FIRST_STAND_IN = 900_000_000;
const NO_PARENT = '';
/** Members of these are parts of their own. */
const PARENTS = ['metadata', 'spec', 'status'].map((name) => [name, Buffer.from(name)] as const);

interface Part {
  /** The key, the colon and the value. */
  readonly bytes: Uint8Array;
  readonly key: string;
  readonly value: unknown;
}

/** A part that an object of the batch shares. */
interface Patch {
  readonly item: number;
  readonly parent: string;
  readonly slot: number;
}

export class JsonBatch {
  /** Objects taken in since the last `parse`. */
  count = 0;
  private out = Buffer.allocUnsafe(1 << 20);
  /** Behind a bracket that makes a list of what follows. */
  private length = 1;
  private patches: Patch[] = [];

  // Parts of the object at hand, outer ones before those inside.
  private partCount = 0;
  private readonly partStart = new Int32Array(PARTS_MAX);
  private readonly partValue = new Int32Array(PARTS_MAX);
  private readonly partEnd = new Int32Array(PARTS_MAX);
  private readonly partHash = new Int32Array(PARTS_MAX);
  private readonly partParent = new Int32Array(PARTS_MAX);
  private readonly partKeyEnd = new Int32Array(PARTS_MAX);
  private hash = 0;
  private isDocument = false;

  private readonly seenHash = new Int32Array(MEMO_SIZE);
  private readonly memo: Array<Part | undefined> = new Array(MEMO_SIZE);
  private memoBytes = 0;
  /** 1 for slots with stand-ins in the batch. */
  private readonly inUse = new Uint8Array(MEMO_SIZE);

  /** Bytes to be parsed. */
  get pendingBytes(): number {
    return this.length;
  }

  /**
   * Takes in the object that starts at `open`, a brace. Returns the offset behind it; UNFINISHED, IRREGULAR, or for
   * documents IS_LIST, and nothing is taken in then.
   */
  add(bytes: Buffer, open: number, end: number, isDocument: boolean): number {
    this.partCount = 0;
    this.isDocument = isDocument;
    const behind = this.members(bytes, open, end, -1);
    if (behind < 0) return behind;
    this.append(bytes, open, behind);
    this.count++;
    return behind;
  }

  /** Takes in a value as it is. */
  addPlain(bytes: Buffer, from: number, to: number): void {
    this.reserve(to - from + 1);
    this.startItem();
    this.length += bytes.copy(this.out, this.length, from, to);
    this.count++;
  }

  /** All that was taken in. Throws SyntaxError when something of it is not JSON. */
  parse(): unknown[] {
    const { patches } = this;
    let items: Array<Record<string, unknown>>;
    try {
      this.out[0] = OPEN_BRACKET;
      this.out[this.length] = CLOSE_BRACKET;
      items = JSON.parse(textOf(this.out.subarray(0, this.length + 1)));
    } finally {
      this.clear();
    }
    for (const { item, parent, slot } of patches) {
      const object = parent === NO_PARENT ? items[item] : (items[item]![parent] as Record<string, unknown> | undefined);
      const { key, value } = this.memo[slot]!;
      // Of keys that are given twice the last one counts.
      if (object !== undefined && object[key] === FIRST_STAND_IN + slot) object[key] = value;
    }
    return items;
  }

  /** Forgets what was taken in. */
  clear(): void {
    this.count = 0;
    this.length = 1;
    for (const { slot } of this.patches) this.inUse[slot] = 0;
    this.patches = [];
  }

  // --- one object ------------------------------------------------------------------------------------------------------

  /** Walks the members of an object, and those of its members that are parents. */
  private members(bytes: Buffer, open: number, end: number, parent: number): number {
    let at = afterSpace(bytes, open + 1, end);
    let hash = 0;
    if (bytes[at] === CLOSE_BRACE && at < end) {
      this.hash = 1;
      return at + 1;
    }
    for (;;) {
      if (at >= end) return UNFINISHED;
      if (bytes[at] !== QUOTE) return IRREGULAR;
      const start = at;
      const keyEnd = stringEnd(bytes, at, end);
      at = afterSpace(bytes, keyEnd, end);
      if (at >= end) return UNFINISHED;
      if (bytes[at] !== COLON) return IRREGULAR;
      const value = afterSpace(bytes, at + 1, end);
      if (value >= end) return UNFINISHED;
      if (this.isDocument && parent < 0 && bytes[value] === OPEN_BRACKET && isItems(bytes, start, keyEnd))
        return IS_LIST;
      const part = this.partCount;
      if (part === PARTS_MAX) return IRREGULAR;
      this.partCount++;
      const walksIn = parent < 0 && bytes[value] === OPEN_BRACE && parentName(bytes, start, keyEnd) !== NO_PARENT;
      const behind = walksIn ? this.members(bytes, value, end, part) : this.value(bytes, value, end);
      if (behind < 0) return behind;
      const ofKey = keyHash(bytes, start, keyEnd);
      this.partStart[part] = start;
      this.partKeyEnd[part] = keyEnd;
      this.partValue[part] = value;
      this.partEnd[part] = behind;
      this.partHash[part] = Math.imul(this.hash ^ ofKey, 0x2c1b3c6d);
      this.partParent[part] = parent;
      hash = (Math.imul(hash, 0x297a2d39) + this.partHash[part]!) | 0;
      at = afterSpace(bytes, behind, end);
      if (at >= end) return UNFINISHED;
      if (bytes[at] === CLOSE_BRACE) {
        this.hash = hash;
        return at + 1;
      }
      if (bytes[at] !== COMMA) return IRREGULAR;
      at = afterSpace(bytes, at + 1, end);
    }
  }

  /** Offset behind a value, and its hash in `hash`. */
  private value(bytes: Buffer, from: number, end: number): number {
    let hash = 0;
    let depth = 0;
    for (let at = from; at < end; at++) {
      const byte = bytes[at]!;
      if (byte <= 32) continue;
      hash = ((hash << 5) - hash + byte) | 0;
      if (byte === QUOTE) {
        for (at++; ; at++) {
          if (at >= end) return UNFINISHED;
          const inside = bytes[at]!;
          if (inside === QUOTE) break;
          hash = ((hash << 5) - hash + inside) | 0;
          if (inside === BACKSLASH) at++;
        }
      } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth++;
      else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) depth--;
      else if (depth === 0) {
        const behind = scalarEnd(bytes, at, end);
        for (at++; at < behind; at++) hash = ((hash << 5) - hash + bytes[at]!) | 0;
        this.hash = hash;
        return behind;
      }
      if (depth < 0) return IRREGULAR;
      if (depth === 0) {
        this.hash = hash;
        return at + 1;
      }
    }
    return UNFINISHED;
  }

  /** Copies the object, with stand-ins for the parts that are known. */
  private append(bytes: Buffer, open: number, behind: number): void {
    this.reserve(behind - open + 1 + 20 * this.partCount);
    this.startItem();
    const { partCount, partStart, partValue, partEnd, partParent } = this;
    let from = open;
    for (let part = 0; part < partCount; part++) {
      // What is inside a part that is known needs no look.
      if (partStart[part]! < from) continue;
      const length = partEnd[part]! - partValue[part]!;
      if (length < PART_BYTES_MIN || length > PART_BYTES_MAX) continue;
      const parent = partParent[part]!;
      const isParent = part + 1 < partCount && partParent[part + 1] === part;
      // An object's metadata is its own.
      if (isParent && bytes[partStart[part]! + 1] === 0x6d) continue;
      const slot = this.known(bytes, part);
      if (slot < 0) continue;
      this.length += bytes.copy(this.out, this.length, from, partValue[part]!);
      this.writeStandIn(slot);
      from = partEnd[part]!;
      const parentKey = parent < 0 ? NO_PARENT : parentName(bytes, partStart[parent]!, this.partKeyEnd[parent]!);
      this.patches.push({ item: this.count, parent: parentKey, slot });
    }
    this.length += bytes.copy(this.out, this.length, from, behind);
  }

  /** Where a part is kept; −1 when it is not. What comes a second time will be. */
  private known(bytes: Buffer, part: number): number {
    const hash = this.partHash[part]!;
    const slot = (hash ^ (hash >>> MEMO_BITS)) & (MEMO_SIZE - 1);
    const start = this.partStart[part]!;
    const end = this.partEnd[part]!;
    const kept = this.memo[slot];
    if (kept !== undefined && bytes.compare(kept.bytes, 0, kept.bytes.length, start, end) === 0) return slot;
    if (this.seenHash[slot] !== hash) {
      this.seenHash[slot] = hash;
      return -1;
    }
    // The part that is there may have a stand-in in this batch.
    if (this.inUse[slot] === 1 || this.memoBytes > MEMO_BYTES_MAX) return -1;
    return this.keep(bytes, part, slot) ? slot : -1;
  }

  private keep(bytes: Buffer, part: number, slot: number): boolean {
    const start = this.partStart[part]!;
    const end = this.partEnd[part]!;
    let key: string;
    let value: unknown;
    try {
      key = JSON.parse(textOf(bytes.subarray(start, this.partKeyEnd[part]!))) as string;
      value = JSON.parse(textOf(bytes.subarray(this.partValue[part]!, end)));
    } catch {
      // Whoever parses the whole tells what is wrong.
      return false;
    }
    if (key === '__proto__') return false;
    this.memoBytes += end - start - (this.memo[slot]?.bytes.length ?? 0);
    this.memo[slot] = { bytes: Buffer.from(bytes.subarray(start, end)), key, value };
    return true;
  }

  // --- output ----------------------------------------------------------------------------------------------------------

  private startItem(): void {
    if (this.count > 0) this.out[this.length++] = COMMA;
  }

  private writeStandIn(slot: number): void {
    this.inUse[slot] = 1;
    let rest = FIRST_STAND_IN + slot;
    for (let digit = 8; digit >= 0; digit--) {
      this.out[this.length + digit] = 48 + (rest % 10);
      rest = Math.trunc(rest / 10);
    }
    this.length += 9;
  }

  private reserve(bytes: number): void {
    // One more for the closing bracket.
    if (this.length + bytes < this.out.length) return;
    const wider = Buffer.allocUnsafe(Math.max(this.out.length * 2, this.length + bytes + 1));
    this.out.copy(wider, 0, 0, this.length);
    this.out = wider;
  }
}

/** Most of what Kubernetes writes is ASCII, which needs no decoding. */
const textOf = (bytes: Buffer): string => bytes.toString(isAscii(bytes) ? 'latin1' : 'utf8');

/** `metadata`, `spec`, `status`, or ''. @param open Of the opening quote. */
function parentName(bytes: Buffer, open: number, end: number): string {
  for (const [name, text] of PARENTS) {
    if (end - open - 2 === name.length && bytes.compare(text, 0, text.length, open + 1, end - 1) === 0) return name;
  }
  return NO_PARENT;
}

const isItems = (bytes: Buffer, open: number, end: number): boolean =>
  end - open === 7 && bytes.toString('latin1', open, end) === '"items"';

function keyHash(bytes: Buffer, from: number, to: number): number {
  let hash = to - from;
  for (let at = from + 1; at < to - 1; at++) hash = ((hash << 5) - hash + bytes[at]!) | 0;
  return hash;
}
