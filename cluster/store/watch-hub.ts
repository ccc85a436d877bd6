/**
 * Tells watches what has happened. A revision is told whole and once to each; watches that ask the same share the events.
 * What is told is what the store has published, which for a durable store is what is on disk.
 *
 * Cost: O(log ranges) per change and O(1) per watch that is told.
 */
import type { Clock } from '../../scheduler/clock.ts';
import { needsUtf8Order } from './key-order.ts';
import type { Mvcc } from './mvcc.ts';
import type { StoreEvent, Watcher, WatchHandler, WatchOptions } from './store.ts';
import { refusal, type StoreError } from './store-error.ts';
import { checkRange } from './txn-check.ts';
import type { Version } from './version.ts';
import { WatchRanges } from './watch-ranges.ts';

/** Of past events told in one call, unless one revision has more. */
const CATCH_UP_EVENTS_MAX = 1000;
/** Source: etcd v3.4 `etcdserver/api/v3rpc/watch.go` progressReportInterval. */
const PROGRESS_INTERVAL_MS = 600_000;

/** Watches that want the same events of the same range. */
class Group {
  readonly id: string;
  readonly range: { readonly key: string; readonly rangeEnd?: string };
  /** Replaced, never changed, so that watches may come and go while they are told. */
  members: readonly HubWatcher[] = [];
  readonly options: WatchOptions;
  events: StoreEvent[] = [];

  constructor(id: string, options: WatchOptions) {
    this.id = id;
    this.options = options;
    this.range = { key: options.key, rangeEnd: options.rangeEnd };
  }

  wants(change: Version): boolean {
    return !(change.isLive ? this.options.noPut : this.options.noDelete);
  }

  eventOf(kv: Version): StoreEvent {
    const type = kv.isLive ? 'put' : 'delete';
    return this.options.prevKv && kv.previous?.isLive ? { type, kv, prevKv: kv.previous } : { type, kv };
  }
}

class HubWatcher implements Watcher {
  readonly handler: WatchHandler;
  readonly group: Group;
  readonly startRevision: number;
  isOn = true;
  hasHeard = false;
  private readonly hub: WatchHub;

  constructor(hub: WatchHub, group: Group, handler: WatchHandler, startRevision: number) {
    this.hub = hub;
    this.group = group;
    this.handler = handler;
    this.startRevision = startRevision;
  }

  requestProgress(): void {
    if (this.isOn) this.hub.tellProgress(this);
  }

  cancel(): void {
    if (this.isOn) this.hub.remove(this);
  }

  tell(events: readonly StoreEvent[], revision: number): void {
    if (!this.isOn) return;
    const wanted =
      this.startRevision <= events[0].kv.modRevision
        ? events
        : events.filter(({ kv }) => kv.modRevision >= this.startRevision);
    if (wanted.length === 0) return;
    this.hasHeard = true;
    this.handler.events(wanted, revision);
  }
}

export class WatchHub {
  private readonly mvcc: Mvcc;
  private readonly clock: Clock | undefined;
  private readonly ranges: WatchRanges<Group>;
  private readonly groups = new Map<string, Group>();
  private publishedRevision: number;
  private publishedEnd: number;
  private isTelling = false;
  private readonly waiting: Array<() => void> = [];

  constructor(mvcc: Mvcc, clock: Clock | undefined) {
    this.mvcc = mvcc;
    this.clock = clock;
    this.ranges = new WatchRanges((a, b) => mvcc.sorted.compare(a, b));
    this.publishedRevision = mvcc.revision;
    this.publishedEnd = mvcc.log.end;
  }

  get revision(): number {
    return this.publishedRevision;
  }

  /**
   * Tells all watches everything up to the revision and then calls `done`; from within a handler, as soon as what is being
   * told has been told. So whoever is answered knows that every watch knew before.
   */
  publish(revision: number, done?: () => void): void {
    if (this.isTelling) {
      this.waiting.push(() => this.tellUpTo(revision, done));
      return;
    }
    this.isTelling = true;
    try {
      this.tellUpTo(revision, done);
      for (let next = this.waiting.shift(); next !== undefined; next = this.waiting.shift()) next();
    } finally {
      this.isTelling = false;
    }
  }

  /** Runs the task now, or once what is being told has been told. */
  whenTold(task: () => void): void {
    if (this.isTelling) this.waiting.push(task);
    else task();
  }

  watch(options: WatchOptions, handler: WatchHandler): Watcher {
    const startRevision = options.startRevision ?? 0;
    const group = this.groupOf(options);
    const watcher = new HubWatcher(this, group, handler, startRevision);
    let error: StoreError | undefined;
    try {
      checkRange(options);
      needsUtf8Order(options.key);
      if (startRevision > 0 && startRevision < this.mvcc.compactRevision) {
        throw refusal('Compacted', this.mvcc.compactRevision);
      }
    } catch (refused) {
      error = refused as StoreError;
    }
    if (error !== undefined) {
      watcher.isOn = false;
      handler.canceled?.(error);
      return watcher;
    }
    this.join(watcher);
    if (startRevision > 0) this.catchUp(watcher);
    if (options.progressNotify && this.clock !== undefined) this.notifyLater(watcher, this.clock);
    return watcher;
  }

  remove(watcher: HubWatcher): void {
    const { group } = watcher;
    watcher.isOn = false;
    group.members = group.members.filter((member) => member !== watcher);
    if (group.members.length > 0) return;
    this.groups.delete(group.id);
    this.ranges.remove(group);
  }

  tellProgress(watcher: HubWatcher): void {
    this.whenTold(() => {
      if (watcher.isOn) watcher.handler.progress?.(this.publishedRevision);
    });
  }

  /** Ends every watch. */
  cancelAll(error: StoreError): void {
    for (const group of [...this.groups.values()]) {
      for (const watcher of group.members) {
        this.remove(watcher);
        watcher.handler.canceled?.(error);
      }
    }
  }

  private tellUpTo(revision: number, done: (() => void) | undefined): void {
    const { log } = this.mvcc;
    const from = this.publishedEnd;
    if (revision > this.publishedRevision) {
      this.publishedEnd = log.positionOf(revision + 1);
      this.publishedRevision = revision;
      if (this.groups.size > 0) {
        if (this.publishedEnd === from + 1) this.tellOne(log.at(from), revision);
        else this.tellMany(from, this.publishedEnd, revision);
      }
    }
    done?.();
  }

  private tellOne(change: Version, revision: number): void {
    const groups: Group[] = [];
    this.ranges.forEachWith(change.key, (group) => {
      if (group.wants(change)) groups.push(group);
    });
    if (groups.length === 0) return;
    // Who is told is settled before anybody is told, since handlers may watch.
    if (groups.length === 1) {
      const events = [groups[0].eventOf(change)];
      for (const watcher of groups[0].members) watcher.tell(events, revision);
      return;
    }
    for (const watcher of groups.flatMap(({ members }) => members)) {
      watcher.tell([watcher.group.eventOf(change)], revision);
    }
  }

  private tellMany(from: number, end: number, revision: number): void {
    const told = new Set<Group>();
    const take = (group: Group, change: Version): void => {
      if (!group.wants(change)) return;
      told.add(group);
      group.events.push(group.eventOf(change));
    };
    for (let position = from; position < end; position++) {
      const change = this.mvcc.log.at(position);
      this.ranges.forEachWith(change.key, (group) => take(group, change));
    }
    const letters = [...told].map((group) => ({ members: group.members, events: group.events }));
    for (const group of told) group.events = [];
    for (const { members, events } of letters) for (const watcher of members) watcher.tell(events, revision);
  }

  private catchUp(watcher: HubWatcher): void {
    const { log, sorted } = this.mvcc;
    const { group } = watcher;
    const past: StoreEvent[] = [];
    const end = this.publishedEnd;
    for (let position = log.positionOf(watcher.startRevision); position < end; position++) {
      const change = log.at(position);
      if (sorted.contains(group.range, change.key) && group.wants(change)) past.push(group.eventOf(change));
    }
    for (let from = 0; from < past.length && watcher.isOn; ) {
      let to = Math.min(from + CATCH_UP_EVENTS_MAX, past.length);
      while (to < past.length && past[to].kv.modRevision === past[to - 1].kv.modRevision) to++;
      watcher.tell(past.slice(from, to), past[to - 1].kv.modRevision);
      from = to;
    }
  }

  private groupOf(options: WatchOptions): Group {
    const { key, rangeEnd, prevKv, noPut, noDelete } = options;
    const id = JSON.stringify([key, rangeEnd, Boolean(prevKv), Boolean(noPut), Boolean(noDelete)]);
    return this.groups.get(id) ?? new Group(id, options);
  }

  private join(watcher: HubWatcher): void {
    const { group } = watcher;
    if (group.members.length === 0) {
      this.groups.set(group.id, group);
      this.ranges.add(group);
    }
    group.members = [...group.members, watcher];
  }

  private notifyLater(watcher: HubWatcher, clock: Clock): void {
    clock.at(clock.nowMs + PROGRESS_INTERVAL_MS, () => {
      if (!watcher.isOn) return;
      if (!watcher.hasHeard) this.tellProgress(watcher);
      watcher.hasHeard = false;
      this.notifyLater(watcher, clock);
    });
  }
}
