/**
 * The scheduling queue: who is tried next, who waits out a back-off, who waits for an event, and what an event moves.
 * Source: `pkg/scheduler/backend/queue/scheduling_queue.go`, v1.37.2.
 *
 * Cost: O(log n) to add, take, move and remove a pod. An event costs O(kinds of waiting pods whose rejecting plugins
 * registered for it), one hint per kind, and what it moves; never a walk over the waiting pods.
 */
import { podEvents } from '../event-changes.ts';
import {
  BACKOFF_COMPLETE,
  type ClusterEvent,
  covers,
  FORCE_ACTIVATE,
  isWildcard,
  SCHEDULE_ATTEMPT_FAILURE,
  UNSCHEDULABLE_TIMEOUT,
  UNSCHEDULED_POD_ADD,
} from '../events.ts';
import { GroupQueue, type QueueAround } from '../groups/group-queue.ts';
import type { QueuedGroup } from '../groups/queued-group.ts';
import type { Nominator } from '../nominator.ts';
import type { ClusterView, Hint, Plugin, PodInfo, QueuedPod } from '../plugin.ts';
import { BackoffQueue } from './backoff.ts';
import { pluginList, QueuedEntity } from './entity.ts';
import { Heap } from './heap.ts';
import { askHint, type HintTable, type PluginHint } from './hints.ts';
import { InFlight } from './in-flight.ts';
import { type WaitingClass, WaitingPool } from './waiting.ts';

/** What an event or a failed attempt means for a pod, from the weakest to the strongest. */
export type Strategy = 'skip' | 'afterBackoff' | 'immediately';

export type QueueName = 'active' | 'backoff' | 'unschedulable' | 'gated';

/** Told of everything the queue does; for records and metrics. */
export interface QueueObserver {
  /** `strategy` is there when a failed attempt put the entity back. */
  moved?(entity: QueuedEntity, event: string, queue: QueueName, strategy?: Strategy): void;
  /** With this, every hint is asked for every event instead of as few as will do. */
  hinted?(event: ClusterEvent, plugin: string, hint: Hint, entity: QueuedEntity): void;
}

/** What the queue needs to know about a profile. */
export interface QueueProfile {
  readonly preEnqueue: ReadonlyArray<{ readonly name: string; readonly plugin: Plugin }>;
  readonly hints: HintTable;
}

export interface SchedulingQueueOptions {
  readonly profiles: ReadonlyMap<string, QueueProfile>;
  readonly less: (a: QueuedPod, b: QueuedPod) => boolean;
  readonly cluster: ClusterView;
  readonly nominator: Nominator;
  /** The time, in milliseconds. */
  readonly now: () => number;
  readonly profileOf: (pod: PodInfo) => string;
  readonly initialBackoffMs: number;
  readonly maxBackoffMs: number;
  readonly popFromBackoff: boolean;
  /** A pod that has waited for longer is tried again whatever happened. @default 300000 */
  readonly maxWaitMs?: number;
  /** Keeps the pods of groups together (gate GenericWorkload). @default no groups */
  readonly groups?: { readonly hasComposites: boolean };
  /** Something can be taken. */
  readonly onReady?: () => void;
  readonly observer?: QueueObserver;
}

const DEFAULT_MAX_WAIT_MS = 300_000;
const NO_MEMBERS: readonly QueuedEntity[] = [];

export class SchedulingQueue {
  readonly active: Heap<QueuedEntity>;
  readonly backoff: BackoffQueue;
  readonly waiting = new WaitingPool();
  readonly inFlight = new InFlight();
  readonly groups: GroupQueue | undefined;
  private readonly options: SchedulingQueueOptions;
  /** Everything queued, by key; pods in flight are not. */
  private readonly entities = new Map<string, QueuedEntity>();
  private readonly interested = new Map<ClusterEvent, readonly string[]>();
  private moveRequests = 0;

  constructor(options: SchedulingQueueOptions) {
    this.options = options;
    const { less, initialBackoffMs, maxBackoffMs, popFromBackoff } = options;
    this.active = new Heap<QueuedEntity>(less);
    this.backoff = new BackoffQueue({
      initialMs: initialBackoffMs,
      maxMs: maxBackoffMs,
      popEarly: popFromBackoff,
      less,
    });
    this.groups = options.groups && new GroupQueue(options.groups.hasComposites, this.around());
  }

  get size(): number {
    return this.entities.size;
  }

  get(key: string): QueuedEntity | undefined {
    return this.entities.get(key);
  }

  /** Every pod that waits to be tried, alone or in a group. */
  pods(): QueuedEntity[] {
    const queued = [...this.entities.values()].flatMap((entity) => entity.members ?? entity);
    return [...queued, ...(this.groups?.aside() ?? [])];
  }

  /** Where the next pod would come from; '' when nothing can be taken. */
  get poppable(): 'active' | 'backoff' | '' {
    if (this.active.size > 0) return 'active';
    return this.options.popFromBackoff && this.backoff.rejected.size > 0 ? 'backoff' : '';
  }

  // --- in and out ------------------------------------------------------------------------------------------------------

  add(pod: PodInfo): void {
    this.options.nominator.add(pod);
    const entity = new QueuedEntity(pod, this.options.now());
    if (this.groups?.isMember(pod)) this.groups.add(entity);
    else this.moveToActive(entity, UNSCHEDULED_POD_ADD.label, false);
  }

  /** Takes the next entity; it is in flight until `done` or `requeue`. */
  pop(): QueuedEntity | undefined {
    for (;;) {
      const entity = this.active.pop() ?? (this.options.popFromBackoff ? this.backoff.rejected.pop() : undefined);
      if (entity === undefined) return undefined;
      this.entities.delete(entity.key);
      entity.place = 'inFlight';
      entity.attempts++;
      if (this.takesOff(entity)) return entity;
    }
  }

  /** Upstream drops a pod that it tracks twice, and a group without other pods. */
  private takesOff(entity: QueuedEntity): boolean {
    const { members } = entity;
    if (members === undefined) {
      if (this.inFlight.has(entity.pod.uid)) return false;
      this.inFlight.add(entity.pod);
      return true;
    }
    const group = entity as QueuedGroup;
    for (const member of members) {
      member.attempts++;
      if (this.inFlight.has(member.pod.uid)) group.removeMember(member.key);
      else this.inFlight.add(member.pod);
    }
    if (group.size === 0) return false;
    this.groups!.taken(group);
    return true;
  }

  /** The pod is bound, or gone: what happens from here on does not concern it. */
  done(uid: string): void {
    this.inFlight.done(uid);
  }

  /**
   * Puts an entity back after a failed attempt. Without rejecting plugins the attempt ended in an error. False when the pod
   * has got into the queue by another way.
   */
  requeue(entity: QueuedEntity, rejectors: Iterable<string>, pendingPlugins: Iterable<string>): boolean {
    if (this.entities.has(entity.key)) {
      this.done(entity.pod.uid);
      return false;
    }
    entity.rejectors = pluginList(rejectors);
    entity.pendingPlugins = pluginList(pendingPlugins);
    entity.gatedBy = '';
    if (entity.isRejected) {
      entity.unschedulableCount++;
      entity.consecutiveErrors = 0;
    } else {
      entity.consecutiveErrors++;
    }
    entity.timestamp = this.options.now();
    entity.backoffUntilMs = -1;
    entity.flushedMs = -1;
    if (this.groups?.isMember(entity.pod)) {
      this.done(entity.pod.uid);
      this.groups.add(entity);
      return true;
    }
    const strategy = this.strategyAfterFlight(entity);
    const queue = this.place(entity, strategy, SCHEDULE_ATTEMPT_FAILURE);
    this.options.observer?.moved?.(entity, SCHEDULE_ATTEMPT_FAILURE, queue, strategy);
    this.done(entity.pod.uid);
    return true;
  }

  update(before: PodInfo, after: PodInfo): void {
    const events = podEvents(before.pod, after.pod, true);
    if (this.groups?.isMember(before) && !this.groups.hasRoot(before)) {
      if (this.groups.updateIncomplete(after)) this.options.nominator.update(before, after);
      return;
    }
    if (this.inFlight.has(after.uid)) {
      for (const event of events) this.inFlight.record(event, before, after);
      return;
    }
    const entity = this.entityOf(before);
    const member = entity?.members === undefined ? entity : entity.members.find(({ key }) => key === before.key);
    if (entity === undefined || member === undefined) {
      if (this.groups?.isMember(after) && this.groups.updatePending(after))
        this.options.nominator.update(before, after);
      else this.add(after);
      return;
    }
    if (entity.place !== 'waiting') {
      member.pod = after;
      if (entity.place === 'active') this.active.update(entity);
      else this.backoff.update(entity);
      this.options.nominator.update(before, after);
      return;
    }
    if (this.options.observer?.hinted && member === entity) {
      for (const event of events) this.reportHints(event, before, after, entity.waitingClass!, [entity]);
    }
    this.waiting.remove(entity);
    member.pod = after;
    this.waiting.add(entity, this.options.profileOf(after));
    this.options.nominator.update(before, after);
    for (const event of events) {
      const strategy = this.strategyFor(entity, event, before, after);
      if (strategy === 'skip') continue;
      if (this.place(entity, strategy, event.label) !== 'unschedulable') break;
    }
  }

  delete(pod: PodInfo): void {
    this.options.nominator.delete(pod.uid);
    if (this.groups?.isMember(pod)) {
      this.groups.delete(pod);
      return;
    }
    const entity = this.entities.get(pod.key);
    if (entity !== undefined) this.takeOut(entity);
  }

  /** Sends pods straight to the activeQ; one in flight will follow once it comes back. */
  activate(pods: Iterable<PodInfo>): void {
    for (const pod of pods) {
      if (this.groups?.isMember(pod) && !this.groups.hasRoot(pod)) continue;
      const entity = this.entityOf(pod);
      if (entity === undefined || entity.place === 'active') {
        if (this.inFlight.has(pod.uid)) this.inFlight.record(FORCE_ACTIVATE, undefined, pod);
        continue;
      }
      const fromBackoff = entity.place !== 'waiting';
      if (fromBackoff) this.backoff.remove(entity);
      this.moveToActive(entity, FORCE_ACTIVATE.label, fromBackoff);
    }
  }

  // --- events ----------------------------------------------------------------------------------------------------------

  /** Something happened: moves the pods that it may help. `concerns` leaves pods out. */
  moveAll(event: ClusterEvent, before: unknown, after: unknown, concerns?: (pod: PodInfo) => boolean): void {
    const plugins = this.pluginsInterestedIn(event);
    if (plugins.length === 0) return;
    if (this.waiting.size > 0) {
      const request = ++this.moveRequests;
      const moves: Array<readonly [entities: readonly QueuedEntity[], strategy: Strategy]> = [];
      for (const plugin of plugins) {
        for (const waitingClass of this.waiting.classesOf(plugin)) {
          if (waitingClass.seenBy === request) continue;
          waitingClass.seenBy = request;
          const strategy = this.strategyForClass(waitingClass, event, before, after, concerns);
          if (strategy === 'skip') continue;
          const { entities } = waitingClass;
          moves.push([concerns ? entities.filter((entity) => isConcerned(entity, concerns)) : [...entities], strategy]);
        }
      }
      for (const [entities, strategy] of moves) {
        for (const entity of entities) {
          this.waiting.remove(entity);
          this.place(entity, strategy, event.label);
        }
      }
    }
    this.inFlight.record(event, before, after);
  }

  /** Lets those go on whose back-off is over. */
  flushBackoff(): void {
    for (const entity of this.backoff.takeCompleted(this.options.now())) {
      this.moveToActive(entity, BACKOFF_COMPLETE, true);
    }
  }

  /** Lets those go on that have waited for too long; what they wait for may have been missed. */
  flushWaiting(): void {
    const { now, maxWaitMs = DEFAULT_MAX_WAIT_MS } = this.options;
    for (const entity of this.waiting.takeIdleSinceBefore(now() - maxWaitMs, now())) {
      this.waiting.remove(entity);
      this.place(entity, 'afterBackoff', UNSCHEDULABLE_TIMEOUT.label);
    }
  }

  // --- what an event means ---------------------------------------------------------------------------------------------

  /** Plugins of any profile that registered for the event. */
  private pluginsInterestedIn(event: ClusterEvent): readonly string[] {
    let plugins = this.interested.get(event);
    if (plugins === undefined) {
      const names = new Set<string>();
      for (const { hints } of this.options.profiles.values()) {
        for (const { plugin, registration } of hints.registrations) if (covers(registration, event)) names.add(plugin);
      }
      plugins = [...names];
      this.interested.set(event, plugins);
    }
    return plugins;
  }

  private strategyForClass(
    waitingClass: WaitingClass,
    event: ClusterEvent,
    before: unknown,
    after: unknown,
    concerns: ((pod: PodInfo) => boolean) | undefined,
  ): Strategy {
    const { entities } = waitingClass;
    const first = concerns === undefined ? entities[0] : entities.find((entity) => isConcerned(entity, concerns));
    if (first === undefined) return 'skip';
    if (this.options.observer?.hinted) {
      const asked = concerns === undefined ? entities : entities.filter((entity) => isConcerned(entity, concerns));
      this.reportHints(event, before, after, waitingClass, asked);
    }
    if (first.members !== undefined) return this.strategyFor(first, event, before, after);
    return this.strategyOf(first, this.hintsOf(waitingClass, event), before, after);
  }

  private hintsOf(waitingClass: WaitingClass, event: ClusterEvent): readonly PluginHint[] {
    let hints = waitingClass.hints.get(event);
    if (hints === undefined) {
      const { profile, rejectors, pendingPlugins } = waitingClass;
      const all = this.options.profiles.get(profile)?.hints.hintsFor(event) ?? [];
      hints = all.filter(({ plugin }) => rejectors.includes(plugin) || pendingPlugins.includes(plugin));
      waitingClass.hints.set(event, hints);
    }
    return hints;
  }

  private strategyFor(entity: QueuedEntity, event: ClusterEvent, before: unknown, after: unknown): Strategy {
    const { pod, members } = entity;
    if (members !== undefined) return strongest(members, (member) => this.strategyFor(member, event, before, after));
    if (!entity.isRejected) return 'afterBackoff';
    if (isWildcard(event)) {
      const isForOther = after !== undefined && (after as PodInfo).uid !== pod.uid;
      return isForOther ? 'skip' : 'afterBackoff';
    }
    const hints = this.options.profiles.get(this.options.profileOf(pod))?.hints;
    return hints === undefined ? 'afterBackoff' : this.strategyOf(entity, hints.hintsFor(event), before, after);
  }

  /** What the hints of the rejecting plugins say; the others do not count. */
  private strategyOf(
    { rejectors, pendingPlugins, pod }: QueuedEntity,
    hints: readonly PluginHint[],
    before: unknown,
    after: unknown,
  ): Strategy {
    let strategy: Strategy = 'skip';
    for (const { plugin, hint } of hints) {
      const isPending = pendingPlugins.includes(plugin);
      if (!isPending && !rejectors.includes(plugin)) continue;
      if (askHint(hint, pod, before, after, this.options.cluster) === 'Skip') continue;
      if (isPending) return 'immediately';
      if (pendingPlugins.length === 0) return 'afterBackoff';
      strategy = 'afterBackoff';
    }
    return strategy;
  }

  private reportHints(
    event: ClusterEvent,
    before: unknown,
    after: unknown,
    waitingClass: WaitingClass,
    entities: readonly QueuedEntity[],
  ): void {
    const { profiles, cluster, observer } = this.options;
    for (const { plugin, hint } of profiles.get(waitingClass.profile)?.hints.hintsFor(event) ?? []) {
      for (const entity of entities) {
        for (const { rejectors, pendingPlugins, pod } of entity.members ?? [entity]) {
          if (!rejectors.includes(plugin) && !pendingPlugins.includes(plugin)) continue;
          observer!.hinted!(event, plugin, askHint(hint, pod, before, after, cluster), entity);
        }
      }
    }
  }

  /** The strongest of what happened while the pod was being tried. */
  private strategyAfterFlight(entity: QueuedEntity): Strategy {
    if (!entity.isRejected) return 'afterBackoff';
    const events = this.inFlight.eventsFor(entity.pod.uid);
    if (events === undefined) return 'afterBackoff';
    let strongest: Strategy = 'skip';
    for (const { event, before, after } of events) {
      const strategy = this.strategyFor(entity, event, before, after);
      if (strategy === 'immediately') return strategy;
      if (strategy === 'afterBackoff') {
        if (entity.pendingPlugins.length === 0) return strategy;
        strongest = strategy;
      }
    }
    return strongest;
  }

  // --- moves -----------------------------------------------------------------------------------------------------------

  /** Puts an entity, which may be waiting but is in no heap, where the strategy says. */
  private place(entity: QueuedEntity, strategy: Strategy, event: string): QueueName {
    if (strategy === 'skip') {
      this.keepWaiting(entity);
      return 'unschedulable';
    }
    if (strategy === 'afterBackoff' && this.backoff.isBackingOff(entity, this.options.now())) {
      return this.moveToBackoff(entity, event) ? 'backoff' : 'unschedulable';
    }
    return this.moveToActive(entity, event, false) ? 'active' : 'unschedulable';
  }

  /** False when a gate holds the entity back. A pod from the back-off queue has passed its gates on the way in. */
  private moveToActive(entity: QueuedEntity, event: string, fromBackoff: boolean): boolean {
    if (!(fromBackoff && this.options.popFromBackoff) && this.isHeldBack(entity, event)) return false;
    this.leaveWaiting(entity);
    if (entity.firstActiveMs < 0) entity.firstActiveMs = this.options.now();
    for (const member of entity.members ?? NO_MEMBERS)
      if (member.firstActiveMs < 0) member.firstActiveMs = this.options.now();
    entity.place = 'active';
    this.active.push(entity);
    this.entities.set(entity.key, entity);
    this.options.observer?.moved?.(entity, event, 'active');
    this.options.onReady?.();
    return true;
  }

  private moveToBackoff(entity: QueuedEntity, event: string): boolean {
    if (this.options.popFromBackoff && this.isHeldBack(entity, event)) return false;
    this.leaveWaiting(entity);
    this.backoff.add(entity);
    this.entities.set(entity.key, entity);
    this.options.observer?.moved?.(entity, event, 'backoff');
    if (this.options.popFromBackoff) this.options.onReady?.();
    return true;
  }

  private isHeldBack(entity: QueuedEntity, event: string): boolean {
    const { members } = entity;
    // A group is held back when one of its pods is; all are asked.
    const gate =
      members === undefined
        ? this.holdBack(entity)
        : members.reduce((found, member) => this.holdBack(member) || found, '');
    entity.gatedBy = gate;
    if (gate === '') return false;
    if (entity.waitingClass === undefined) this.options.observer?.moved?.(entity, event, 'gated');
    this.keepWaiting(entity);
    return true;
  }

  private holdBack(entity: QueuedEntity): string {
    const gate = this.gateOf(entity);
    if (gate !== '' && !entity.rejectors.includes(gate)) entity.rejectors = pluginList([...entity.rejectors, gate]);
    entity.gatedBy = gate;
    return gate;
  }

  /** The plugin that holds the pod back; the one that did so before is asked first. */
  private gateOf({ gatedBy, pod }: QueuedEntity): string {
    const plugins = this.options.profiles.get(this.options.profileOf(pod))?.preEnqueue ?? [];
    if (gatedBy !== '') {
      for (const { name, plugin } of plugins) if (name === gatedBy && this.holds(plugin, pod)) return name;
    }
    for (const { name, plugin } of plugins) if (name !== gatedBy && this.holds(plugin, pod)) return name;
    return '';
  }

  private holds(plugin: Plugin, pod: PodInfo): boolean {
    const status = plugin.preEnqueue?.(pod, this.options.cluster);
    return status !== undefined && status.code !== 'Success';
  }

  private keepWaiting(entity: QueuedEntity): void {
    this.leaveWaiting(entity);
    this.waiting.add(entity, this.options.profileOf(entity.pod));
    this.entities.set(entity.key, entity);
  }

  private leaveWaiting(entity: QueuedEntity): void {
    if (entity.waitingClass === undefined) return;
    this.waiting.remove(entity);
  }

  /** Returns what would put the entity back where it was. */
  private takeOut(entity: QueuedEntity): Strategy {
    const { place } = entity;
    if (place === 'active') this.active.remove(entity);
    else if (place === 'waiting') this.waiting.remove(entity);
    else this.backoff.remove(entity);
    entity.place = 'inFlight';
    this.entities.delete(entity.key);
    return place === 'active' ? 'immediately' : place === 'waiting' ? 'skip' : 'afterBackoff';
  }

  // --- groups ----------------------------------------------------------------------------------------------------------

  private entityOf(pod: PodInfo): QueuedEntity | undefined {
    return this.groups?.isMember(pod) ? this.groups.entityOf(pod) : this.entities.get(pod.key);
  }

  private around(): QueueAround {
    return {
      get: (key) => this.entities.get(key),
      takeOut: (entity) => this.takeOut(entity),
      place: (entity, strategy, event) => this.place(entity, strategy, event),
      moveToActive: (entity, event) => this.moveToActive(entity, event, false),
      moveToBackoff: (entity, event) => this.moveToBackoff(entity, event),
      isBackingOff: (entity) => this.backoff.isBackingOff(entity, this.options.now()),
      now: this.options.now,
    };
  }
}

const isConcerned = ({ pod, members }: QueuedEntity, concerns: (pod: PodInfo) => boolean): boolean =>
  members === undefined ? concerns(pod) : members.some((member) => concerns(member.pod));

const STRENGTH: Readonly<Record<Strategy, number>> = { skip: 0, afterBackoff: 1, immediately: 2 };

function strongest(members: readonly QueuedEntity[], strategyFor: (member: QueuedEntity) => Strategy): Strategy {
  let best: Strategy = 'skip';
  for (const member of members) {
    const strategy = strategyFor(member);
    if (STRENGTH[strategy] > STRENGTH[best]) best = strategy;
    if (best === 'immediately') break;
  }
  return best;
}
