/**
 * One version of a key, chained to the one before it. The chain is all there is of history: a change keeps one object, which
 * the key, the log of changes and the events share.
 */
import type { KeyValue } from './store.ts';
import { Value } from './value.ts';

export class Version implements KeyValue {
  readonly key: string;
  readonly value: Value;
  readonly createRevision: number;
  readonly modRevision: number;
  /** 0 marks a deletion. */
  readonly version: number;
  readonly lease: number;
  /** Place among the changes of its revision. */
  readonly sub: number;
  /** The version or deletion before, as far as it is kept. */
  previous: Version | undefined;

  constructor(
    key: string,
    value: Value,
    createRevision: number,
    modRevision: number,
    version: number,
    lease: number,
    sub: number,
    previous: Version | undefined,
  ) {
    this.key = key;
    this.value = value;
    this.createRevision = createRevision;
    this.modRevision = modRevision;
    this.version = version;
    this.lease = lease;
    this.sub = sub;
    this.previous = previous;
  }

  static tombstone(key: string, revision: number, sub: number, previous: Version): Version {
    return new Version(key, Value.empty, 0, revision, 0, 0, sub, previous);
  }

  get isLive(): boolean {
    return this.version > 0;
  }

  withoutValue(): KeyValue {
    const { key, createRevision, modRevision, version, lease } = this;
    return { key, value: Value.empty, createRevision, modRevision, version, lease };
  }
}

export class KeyRecord {
  readonly key: string;
  last: Version;
  /** Set by `SortedRecords`. */
  isSorted = false;

  constructor(key: string, first: Version) {
    this.key = key;
    this.last = first;
  }

  get isLive(): boolean {
    return this.last.version > 0;
  }

  /** The version that a reader at the revision sees; undefined when the key did not exist then. Cost: O(versions since). */
  at(revision: number): Version | undefined {
    let version: Version | undefined = this.last;
    while (version !== undefined && version.modRevision > revision) version = version.previous;
    return version?.isLive ? version : undefined;
  }

  /** Every kept version, the newest first. */
  *versions(): Iterable<Version> {
    for (let version: Version | undefined = this.last; version !== undefined; version = version.previous) yield version;
  }

  /**
   * Drops what no reader at the revision or later sees, and tells each; true when nothing of the key is left. The oldest is
   * told first and a deletion last: where the telling is cut short, what is left never says that a deleted key exists.
   */
  compact(revision: number, drop: (version: Version) => void): boolean {
    let later: Version | undefined;
    let version: Version | undefined = this.last;
    while (version !== undefined && version.modRevision > revision) {
      later = version;
      version = version.previous;
    }
    if (version === undefined) return false;
    const obsolete: Version[] = [];
    for (let older = version.previous; older !== undefined; older = older.previous) obsolete.push(older);
    for (let index = obsolete.length - 1; index >= 0; index--) drop(obsolete[index]);
    version.previous = undefined;
    if (version.isLive) return false;
    drop(version);
    if (later !== undefined) later.previous = undefined;
    return later === undefined;
  }
}
