/**
 * Pods that wait for an event, those that a gate holds back included. They are kept by what decides whether an event
 * concerns them (profile, rejecting plugins, gate, pod class), so that an event costs something per kind of pod that may
 * want it, not per pod. Semantics: `pkg/scheduler/backend/queue/unschedulable_entities.go`, v1.37.2.
 *
 * Cost: adding and removing O(log n) for the order of flushing, all else O(1).
 */
import type { ClusterEvent } from '../events.ts';
import type { QueuedEntity } from './entity.ts';
import { Heap } from './heap.ts';
import type { PluginHint } from './hints.ts';

/** Pods that get the same answer from every hint. */
export interface WaitingClass {
  readonly key: string;
  readonly profile: string;
  readonly rejectors: readonly string[];
  readonly pendingPlugins: readonly string[];
  readonly gatedBy: string;
  readonly entities: QueuedEntity[];
  /** Event → hints of the rejecting plugins; one table for all classes that the same plugins of a profile rejected. */
  readonly hints: Map<ClusterEvent, readonly PluginHint[]>;
  /** Number of the move request that looked at it last. */
  seenBy: number;
}

const NO_CLASSES: ReadonlySet<WaitingClass> = new Set();

export class WaitingPool {
  private readonly classes = new Map<string, WaitingClass>();
  private readonly hintsOfRejectors = new Map<string, WaitingClass['hints']>();
  /** Under the gating plugin when there is one, since only its events count; else under every rejecting plugin. */
  private readonly byPlugin = new Map<string, Set<WaitingClass>>();
  private readonly byIdleTime = new Heap<QueuedEntity>((a, b) => a.idleSinceMs < b.idleSinceMs);

  get size(): number {
    return this.byIdleTime.size;
  }

  list(): readonly QueuedEntity[] {
    return this.byIdleTime.list();
  }

  /** Classes that an event may concern which only this plugin has registered. */
  classesOf(plugin: string): ReadonlySet<WaitingClass> {
    return this.byPlugin.get(plugin) ?? NO_CLASSES;
  }

  add(entity: QueuedEntity, profile: string): void {
    const waitingClass = this.classOf(entity, profile);
    entity.place = 'waiting';
    entity.waitingClass = waitingClass;
    entity.waitingIndex = waitingClass.entities.length;
    waitingClass.entities.push(entity);
    this.byIdleTime.push(entity);
  }

  remove(entity: QueuedEntity): void {
    this.byIdleTime.remove(entity);
    const waitingClass = entity.waitingClass!;
    const { entities } = waitingClass;
    const last = entities.pop()!;
    if (last !== entity) {
      entities[entity.waitingIndex] = last;
      last.waitingIndex = entity.waitingIndex;
    }
    entity.waitingClass = undefined;
    entity.waitingIndex = -1;
    if (entities.length === 0) this.forget(waitingClass);
  }

  /** Those that have waited since before the time, the longest first; each is marked so that it is not found again. */
  takeIdleSinceBefore(timeMs: number, nowMs: number): QueuedEntity[] {
    const found: QueuedEntity[] = [];
    for (;;) {
      const first = this.byIdleTime.peek();
      if (first === undefined || first.idleSinceMs >= timeMs) return found;
      first.flushedMs = nowMs;
      this.byIdleTime.update(first);
      found.push(first);
    }
  }

  private classOf(entity: QueuedEntity, profile: string): WaitingClass {
    const { rejectors, pendingPlugins, gatedBy, pod, members } = entity;
    const rejection = `${profile}\n${rejectors.join(',')}\n${pendingPlugins.join(',')}`;
    // A group is a class of its own: its pods may differ.
    const key = members === undefined ? `${pod.classId}\n${gatedBy}\n${rejection}` : entity.key;
    let found = this.classes.get(key);
    if (found === undefined) {
      const hints = this.hintsOfRejectors.get(rejection) ?? new Map();
      this.hintsOfRejectors.set(rejection, hints);
      found = { key, profile, rejectors, pendingPlugins, gatedBy, entities: [], hints, seenBy: 0 };
      this.classes.set(key, found);
      for (const plugin of indexedUnder(found)) {
        const classes = this.byPlugin.get(plugin);
        if (classes === undefined) this.byPlugin.set(plugin, new Set([found]));
        else classes.add(found);
      }
    }
    return found;
  }

  private forget(waitingClass: WaitingClass): void {
    this.classes.delete(waitingClass.key);
    for (const plugin of indexedUnder(waitingClass)) this.byPlugin.get(plugin)!.delete(waitingClass);
  }
}

const indexedUnder = ({ gatedBy, rejectors, pendingPlugins }: WaitingClass): Iterable<string> =>
  gatedBy !== '' ? [gatedBy] : new Set([...rejectors, ...pendingPlugins]);
