/**
 * The state that all of the project's own stores keep: every key with its versions, the revision counter, and the rules by
 * which a transaction changes them. Nothing here waits, notifies or writes to disk.
 *
 * Cost: a put of a known key O(1), of a new one O(log keys); a range O(keys found), its count O(keys / 500).
 */
import { EventLog } from './event-log.ts';
import type { Lessor } from './lessor.ts';
import { compareBytes, filtered, needsAllKeys, sortKvs } from './range-result.ts';
import { SortedRecords } from './sorted-records.ts';
import type {
  Compare,
  DeleteOp,
  KeyRange,
  KeyValue,
  Op,
  OpResult,
  PutOp,
  RangeOptions,
  RangeResult,
  Txn,
  TxnResult,
} from './store.ts';
import { refusal } from './store-error.ts';
import { checkRange, checkTxn } from './txn-check.ts';
import { Value } from './value.ts';
import { KeyRecord, Version } from './version.ts';

/** A store that nothing was written to. Source: etcd, recorded: the first write gets 2. */
export const FIRST_REVISION = 1;

const NO_OPS: readonly Op[] = [];
const ABSENT = new Version('', Value.empty, 0, 0, 0, 0, 0, undefined);

/** Which branches of a transaction and of those inside it run: all comparisons are made before anything is changed. */
interface Path {
  readonly succeeded: boolean;
  readonly ops: readonly Op[];
  /** By index of the operation; undefined when no operation is a transaction. */
  readonly inner: readonly (Path | undefined)[] | undefined;
}

export class Mvcc {
  /** Of the last transaction that changed anything. */
  revision = FIRST_REVISION;
  /** Reads and watches below it fail; 0 when nothing was compacted yet. */
  compactRevision = 0;
  readonly log = new EventLog();
  readonly sorted = new SortedRecords();
  private readonly records = new Map<string, KeyRecord>();
  private readonly lessor: Lessor;
  private liveKeys = 0;
  /** Changes made by the transaction that is running. */
  private changeCount = 0;

  constructor(lessor: Lessor) {
    this.lessor = lessor;
  }

  get keys(): number {
    return this.liveKeys;
  }

  get allRecords(): Iterable<KeyRecord> {
    return this.records.values();
  }

  get(key: string): KeyValue | undefined {
    const record = this.records.get(key);
    return record?.isLive ? record.last : undefined;
  }

  /** Throws `EmptyKey`, `Compacted`, `FutureRevision`. */
  range(range: KeyRange, options: RangeOptions): RangeResult {
    checkRange(range);
    this.checkRevision(options.revision);
    return this.read(range, options);
  }

  /** All or nothing: throws before the first change is made. */
  transact(txn: Txn): TxnResult {
    checkTxn(txn, (a, b) => this.sorted.compare(a, b));
    const path = this.choose(txn);
    this.checkPath(path);
    this.changeCount = 0;
    const responses = this.run(path);
    if (this.changeCount > 0) this.revision++;
    this.changeCount = 0;
    return { succeeded: path.succeeded, responses, revision: this.revision };
  }

  /** Throws `Compacted` or `FutureRevision`; what is dropped is dropped by `prune`. */
  compact(revision: number): void {
    if (revision <= this.compactRevision) throw refusal('Compacted', this.compactRevision);
    if (revision > this.revision) throw refusal('FutureRevision');
    this.compactRevision = revision;
  }

  /** Forgets what nobody can read any more since `compact`, and tells each version. */
  prune(dropped: (version: Version) => void): void {
    const end = this.log.positionOf(this.compactRevision + 1);
    const touched = new Set<string>();
    for (let position = this.log.start; position < end; position++) touched.add(this.log.at(position).key);
    this.pruneKeys(touched, dropped);
    this.log.compact(this.compactRevision);
  }

  /** As `prune`, of keys whose changes may be older than the log. */
  pruneKeys(keys: Iterable<string>, dropped: (version: Version) => void): void {
    for (const key of keys) {
      const record = this.records.get(key);
      if (record?.compact(this.compactRevision, dropped)) {
        this.records.delete(key);
        this.sorted.remove(record);
      }
    }
  }

  /** Ends a lease and deletes its keys as one revision. Throws `LeaseNotFound`. */
  revokeLease(id: number): void {
    this.changeCount = 0;
    for (const key of this.lessor.revoke(id, (a, b) => this.sorted.compare(a, b))) {
      this.kill(this.records.get(key)!);
    }
    if (this.changeCount > 0) this.revision++;
    this.changeCount = 0;
  }

  /**
   * Takes up what was stored before, in order of revision and `sub`; the caller has checked it and set the revisions.
   * `versionOf` gets the version that the key had so far.
   */
  load(key: string, versionOf: (previous: Version | undefined) => Version): void {
    const record = this.records.get(key);
    const version = versionOf(record?.last);
    this.place(version, record);
    if (version.modRevision >= this.compactRevision) this.log.push(version);
  }

  private checkRevision(revision: number | undefined): void {
    if (revision === undefined || revision <= 0) return;
    if (revision > this.revision) throw refusal('FutureRevision');
    if (revision < this.compactRevision) throw refusal('Compacted', this.compactRevision);
  }

  private read(range: KeyRange, options: RangeOptions): RangeResult {
    const revision = this.changeCount > 0 ? this.revision + 1 : this.revision;
    const at = options.revision !== undefined && options.revision > 0 ? options.revision : undefined;
    if (range.rangeEnd === undefined) return this.readOne(range.key, options, at, revision);
    const limit = Math.max(0, options.limit ?? 0);
    const isCurrent = at === undefined || (at === this.revision && this.changeCount === 0);
    if (options.countOnly && isCurrent) {
      return { kvs: [], more: false, count: this.sorted.countLive(range), revision };
    }
    const stopsAt = limit > 0 && isCurrent && !needsAllKeys(options) ? limit : Number.POSITIVE_INFINITY;
    const found: Version[] = [];
    this.sorted.visit(range, (record) => {
      const version = isCurrent ? (record.isLive ? record.last : undefined) : record.at(at!);
      if (version !== undefined) found.push(version);
      return found.length < stopsAt;
    });
    const count = found.length < stopsAt ? found.length : this.sorted.countLive(range);
    if (options.countOnly) return { kvs: [], more: false, count, revision };
    const kvs = filtered(found, options);
    if (options.sort !== undefined) sortKvs(kvs, options.sort);
    const more = limit > 0 && (kvs.length > limit || (stopsAt === limit && count > limit));
    if (limit > 0 && kvs.length > limit) kvs.length = limit;
    return { kvs: options.keysOnly ? kvs.map((kv) => kv.withoutValue()) : kvs, more, count, revision };
  }

  private readOne(key: string, options: RangeOptions, at: number | undefined, revision: number): RangeResult {
    const record = this.records.get(key);
    const version = record === undefined ? undefined : at === undefined ? liveOf(record) : record.at(at);
    if (version === undefined) return { kvs: [], more: false, count: 0, revision };
    if (options.countOnly) return { kvs: [], more: false, count: 1, revision };
    const kvs = needsAllKeys(options) ? filtered([version], options) : [version];
    return { kvs: options.keysOnly ? kvs.map((kv) => kv.withoutValue()) : kvs, more: false, count: 1, revision };
  }

  private choose(txn: Txn): Path {
    const succeeded = txn.compare.every((compare) => this.holds(compare));
    const ops = succeeded ? txn.success : (txn.failure ?? NO_OPS);
    let inner: (Path | undefined)[] | undefined;
    for (let index = 0; index < ops.length; index++) {
      const op = ops[index];
      if (op.type !== 'txn') continue;
      inner ??= [];
      inner[index] = this.choose(op);
    }
    return { succeeded, ops, inner };
  }

  /** Of a range: of every key in it; of none: of a key whose numbers are 0, and never of a value. */
  private holds(compare: Compare): boolean {
    if (compare.rangeEnd === undefined) {
      const record = this.records.get(compare.key);
      return compares(compare, record === undefined ? undefined : liveOf(record));
    }
    let isEmpty = true;
    let holds = true;
    this.sorted.visit(compare, (record) => {
      if (!record.isLive) return true;
      isEmpty = false;
      holds = compares(compare, record.last);
      return holds;
    });
    return isEmpty ? compares(compare, undefined) : holds;
  }

  /** What can be refused only against the state. */
  private checkPath(path: Path): void {
    for (let index = 0; index < path.ops.length; index++) {
      const op = path.ops[index];
      if (op.type === 'txn') this.checkPath(path.inner![index]!);
      else if (op.type === 'range') this.checkRevision(op.revision);
      else if (op.type === 'put') {
        if ((op.ignoreValue || op.ignoreLease) && this.get(op.key) === undefined) throw refusal('KeyNotFound');
        if (op.lease && !this.lessor.has(op.lease)) throw refusal('LeaseNotFound');
      }
    }
  }

  private run(path: Path): OpResult[] {
    const responses: OpResult[] = new Array(path.ops.length);
    for (let index = 0; index < path.ops.length; index++) {
      const op = path.ops[index];
      if (op.type === 'put') responses[index] = this.put(op);
      else if (op.type === 'delete') responses[index] = this.delete(op);
      else if (op.type === 'range') responses[index] = { type: 'range', ...this.read(op, op) };
      else responses[index] = this.runInner(path.inner![index]!);
    }
    return responses;
  }

  private runInner(path: Path): OpResult {
    const responses = this.run(path);
    const revision = this.changeCount > 0 ? this.revision + 1 : this.revision;
    return { type: 'txn', succeeded: path.succeeded, responses, revision };
  }

  private put(op: PutOp): OpResult {
    const revision = this.revision + 1;
    const record = this.records.get(op.key);
    const previous = record === undefined ? undefined : liveOf(record);
    const version = new Version(
      op.key,
      op.ignoreValue ? previous!.value : (op.value ?? Value.empty),
      previous === undefined ? revision : previous.createRevision,
      revision,
      previous === undefined ? 1 : previous.version + 1,
      op.ignoreLease ? previous!.lease : (op.lease ?? 0),
      this.changeCount++,
      record?.last,
    );
    this.place(version, record);
    this.log.push(version);
    return op.prevKv && previous !== undefined ? { type: 'put', prevKv: previous } : PUT_DONE;
  }

  private delete(op: DeleteOp): OpResult {
    const doomed: KeyRecord[] = [];
    if (op.rangeEnd === undefined) {
      const record = this.records.get(op.key);
      if (record?.isLive) doomed.push(record);
    } else {
      this.sorted.visit(op, (record) => {
        if (record.isLive) doomed.push(record);
        return true;
      });
    }
    const prevKvs: KeyValue[] = [];
    for (const record of doomed) {
      const previous = record.last;
      this.kill(record);
      if (op.prevKv) prevKvs.push(previous);
    }
    return { type: 'delete', deleted: doomed.length, prevKvs };
  }

  private kill(record: KeyRecord): void {
    const tombstone = Version.tombstone(record.key, this.revision + 1, this.changeCount++, record.last);
    this.place(tombstone, record);
    this.log.push(tombstone);
  }

  /** Makes it the newest version of its key. */
  private place(version: Version, record: KeyRecord | undefined): void {
    const { key, lease } = version;
    const isLive = version.version > 0;
    if (record === undefined) {
      const first = new KeyRecord(key, version);
      this.records.set(key, first);
      this.sorted.insert(first);
      if (isLive) this.liveKeys++;
      if (lease !== 0) this.lessor.attach(lease, key);
      return;
    }
    const previous = record.last;
    record.last = version;
    const wasLive = previous.version > 0;
    if (isLive !== wasLive) {
      this.sorted.countChange(record, isLive ? 1 : -1);
      this.liveKeys += isLive ? 1 : -1;
    }
    if (previous.lease !== lease) {
      if (previous.lease !== 0) this.lessor.detach(previous.lease, key);
      if (lease !== 0) this.lessor.attach(lease, key);
    }
  }
}

const PUT_DONE: OpResult = { type: 'put' };

const liveOf = (record: KeyRecord): Version | undefined => (record.last.version > 0 ? record.last : undefined);

/** Source: etcd v3.4 `etcdserver/apply.go` (applyCompare, compareKV). */
function compares({ target, operator, operand }: Compare, version: Version | undefined): boolean {
  let difference: number;
  if (target === 'value') {
    if (version === undefined) return false;
    difference = compareBytes(version.value, operand as Value);
  } else {
    const kv = version ?? ABSENT;
    const number =
      target === 'version'
        ? kv.version
        : target === 'create'
          ? kv.createRevision
          : target === 'mod'
            ? kv.modRevision
            : kv.lease;
    difference = number - (operand as number);
  }
  switch (operator) {
    case '=':
      return difference === 0;
    case '!=':
      return difference !== 0;
    case '>':
      return difference > 0;
    case '<':
      return difference < 0;
  }
}
