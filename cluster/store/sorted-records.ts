/**
 * All keys in order, as a list of chunks: an insertion moves a few hundred references at most, a range is a walk through
 * arrays, and a count is taken chunk by chunk without touching the keys. New keys wait unsorted until somebody asks for a
 * range, since experiments write millions of them and range over few.
 *
 * Cost: insert O(1), paid by the next range with O(log keys) comparisons; remove O(log keys); `countLive` O(chunks).
 */
import { byUtf8, byUtf16, FROM_KEY_END, type KeyOrder, needsUtf8Order } from './key-order.ts';
import type { KeyRange } from './store.ts';
import type { KeyRecord } from './version.ts';

const CHUNK_SIZE_MAX = 512;
const CHUNK_SIZE_MIN = 64;

interface Chunk {
  readonly records: KeyRecord[];
  /** How many of them exist now, as opposed to in the past only. */
  live: number;
}

export class SortedRecords {
  private order: KeyOrder = byUtf16;
  private readonly chunks: Chunk[] = [{ records: [], live: 0 }];
  /** Where `seek` stands: the first record that is not before the key. */
  private chunkIndex = 0;
  private recordIndex = 0;
  private unsorted: KeyRecord[] = [];

  insert(record: KeyRecord): void {
    if (this.order === byUtf16 && needsUtf8Order(record.key)) this.order = byUtf8;
    this.unsorted.push(record);
  }

  /** Of a record that does not live any more. */
  remove(record: KeyRecord): void {
    this.sortIn();
    this.seek(record.key);
    this.chunks[this.chunkIndex].records.splice(this.recordIndex, 1);
    this.mergeSmall(this.chunkIndex);
  }

  /** To be called when a record has come to life (+1) or died (−1). */
  countChange(record: KeyRecord, change: 1 | -1): void {
    if (!record.isSorted) return;
    this.seek(record.key);
    this.chunks[this.chunkIndex].live += change;
  }

  contains(range: KeyRange, key: string): boolean {
    if (range.rangeEnd === undefined) return key === range.key;
    return this.order(key, range.key) >= 0 && this.isBefore(key, range.rangeEnd);
  }

  compare(a: string, b: string): number {
    return this.order(a, b);
  }

  /** Records of the range in order, until the visitor says false. The visitor must not insert or remove. */
  visit(range: KeyRange, visitor: (record: KeyRecord) => boolean): void {
    const end = range.rangeEnd ?? FROM_KEY_END;
    this.sortIn();
    this.seek(range.key);
    let recordIndex = this.recordIndex;
    for (let chunkIndex = this.chunkIndex; chunkIndex < this.chunks.length; chunkIndex++) {
      const { records } = this.chunks[chunkIndex];
      const isWhole = records.length === 0 || this.isBefore(records[records.length - 1].key, end);
      for (; recordIndex < records.length; recordIndex++) {
        const record = records[recordIndex];
        if (!isWhole && !this.isBefore(record.key, end)) return;
        if (!visitor(record)) return;
      }
      if (!isWhole) return;
      recordIndex = 0;
    }
  }

  countLive(range: KeyRange): number {
    const end = range.rangeEnd ?? FROM_KEY_END;
    if (end !== FROM_KEY_END && this.order(range.key, end) >= 0) return 0;
    let count = 0;
    this.sortIn();
    this.seek(range.key);
    let from = this.recordIndex;
    for (let chunkIndex = this.chunkIndex; chunkIndex < this.chunks.length; chunkIndex++, from = 0) {
      const { records, live } = this.chunks[chunkIndex];
      if (records.length === 0) continue;
      const isWhole = this.isBefore(records[records.length - 1].key, end);
      if (isWhole && from === 0) {
        count += live;
        continue;
      }
      for (let index = from; index < records.length; index++) {
        if (!isWhole && !this.isBefore(records[index].key, end)) return count;
        if (records[index].isLive) count++;
      }
    }
    return count;
  }

  private sortIn(): void {
    if (this.unsorted.length === 0) return;
    const records = this.unsorted;
    this.unsorted = [];
    // In order, each finds the memory that it needs still at hand.
    records.sort((a, b) => this.order(a.key, b.key));
    for (const record of records) this.place(record);
  }

  private place(record: KeyRecord): void {
    this.seek(record.key);
    let chunk = this.chunks[this.chunkIndex];
    if (chunk.records.length >= CHUNK_SIZE_MAX) chunk = this.split();
    if (this.recordIndex === chunk.records.length) chunk.records.push(record);
    else chunk.records.splice(this.recordIndex, 0, record);
    record.isSorted = true;
    if (record.isLive) chunk.live++;
  }

  private isBefore(key: string, end: string): boolean {
    return end === FROM_KEY_END || this.order(key, end) < 0;
  }

  private seek(key: string): void {
    const { chunks, order } = this;
    let low = 0;
    let high = chunks.length - 1;
    // The last chunk whose first key is not behind the key.
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (order(chunks[middle].records[0].key, key) <= 0) low = middle;
      else high = middle - 1;
    }
    const { records } = chunks[low];
    let first = 0;
    let last = records.length;
    // Keys often come in rising order.
    if (last > 0 && order(records[last - 1].key, key) < 0) first = last;
    while (first < last) {
      const middle = (first + last) >>> 1;
      if (order(records[middle].key, key) < 0) first = middle + 1;
      else last = middle;
    }
    this.chunkIndex = low;
    this.recordIndex = first;
  }

  /** Makes room where `seek` stands. */
  private split(): Chunk {
    const full = this.chunks[this.chunkIndex];
    // A run of rising keys leaves full chunks behind.
    const at = this.recordIndex === full.records.length ? full.records.length : full.records.length >>> 1;
    const records = full.records.splice(at);
    const chunk: Chunk = { records, live: countLiveOf(records) };
    full.live -= chunk.live;
    this.chunks.splice(this.chunkIndex + 1, 0, chunk);
    if (this.recordIndex < at) return full;
    this.chunkIndex++;
    this.recordIndex -= at;
    return chunk;
  }

  private mergeSmall(at: number): void {
    const chunk = this.chunks[at];
    if (chunk.records.length >= CHUNK_SIZE_MIN || this.chunks.length === 1) return;
    const left = at > 0 ? at - 1 : at;
    const [a, b] = [this.chunks[left], this.chunks[left + 1]];
    if (a.records.length + b.records.length > CHUNK_SIZE_MAX) return;
    a.records.push(...b.records);
    a.live += b.live;
    this.chunks.splice(left + 1, 1);
  }
}

function countLiveOf(records: readonly KeyRecord[]): number {
  let live = 0;
  for (const record of records) if (record.isLive) live++;
  return live;
}
