/** Values of a part of objects that was met before, found by the bytes of the scalars in which they differ. */
import { COMMA } from './json-bytes.ts';

interface Part {
  /** The scalars as they are written, a comma behind each. */
  readonly key: Uint8Array;
  readonly value: unknown;
}

const PARTS_MAX = 1 << 14;
const KEY_BYTES_MAX = 1 << 22;
/** After so many look-ups it shows whether values come again. */
const LOOKUPS_JUDGED = 4096;
const HITS_WANTED = LOOKUPS_JUDGED / 8;

export class JsonParts {
  private readonly byHash = new Map<number, Part>();
  private keyBytes = 0;
  private lookups = 0;
  private hits = 0;

  /** Hardly any value has come again. */
  get isUseless(): boolean {
    if (this.lookups < LOOKUPS_JUDGED) return false;
    if (this.hits < HITS_WANTED) return true;
    this.lookups = 0;
    this.hits = 0;
    return false;
  }

  /**
   * The value whose scalars are those from `first` on; what `read` makes of the text if it is new.
   *
   * @param starts Offsets of the scalars in `bytes`, `ends` behind them.
   */
  find(
    bytes: Buffer,
    starts: Int32Array,
    ends: Int32Array,
    first: number,
    count: number,
    read: () => unknown,
  ): unknown {
    this.lookups++;
    let hash = count;
    for (let n = first; n < first + count; n++) {
      const end = ends[n]!;
      for (let at = starts[n]!; at < end; at++) hash = (Math.imul(hash, 31) + bytes[at]!) | 0;
      hash = Math.imul(hash, 0x2c1b3c6d);
    }
    const kept = this.byHash.get(hash);
    if (kept !== undefined && isKey(kept.key, bytes, starts, ends, first, count)) {
      this.hits++;
      return kept.value;
    }
    const value = read();
    this.keep(hash, { key: keyOf(bytes, starts, ends, first, count), value }, kept);
    return value;
  }

  clear(): void {
    this.byHash.clear();
    this.keyBytes = 0;
  }

  private keep(hash: number, part: Part, replaced: Part | undefined): void {
    if (this.byHash.size >= PARTS_MAX || this.keyBytes > KEY_BYTES_MAX) this.clear();
    else this.keyBytes -= replaced?.key.length ?? 0;
    this.keyBytes += part.key.length;
    this.byHash.set(hash, part);
  }
}

function isKey(
  key: Uint8Array,
  bytes: Buffer,
  starts: Int32Array,
  ends: Int32Array,
  first: number,
  count: number,
): boolean {
  let k = 0;
  for (let n = first; n < first + count; n++) {
    const end = ends[n]!;
    for (let at = starts[n]!; at < end; at++, k++) if (key[k] !== bytes[at]) return false;
    if (key[k++] !== COMMA) return false;
  }
  return k === key.length;
}

function keyOf(bytes: Buffer, starts: Int32Array, ends: Int32Array, first: number, count: number): Uint8Array {
  let length = count;
  for (let n = first; n < first + count; n++) length += ends[n]! - starts[n]!;
  const key = new Uint8Array(length);
  let k = 0;
  for (let n = first; n < first + count; n++) {
    key.set(bytes.subarray(starts[n]!, ends[n]!), k);
    k += ends[n]! - starts[n]!;
    key[k++] = COMMA;
  }
  return key;
}
