/**
 * The part of the queue that keeps groups together: a pod that belongs to a group never waits alone. While the group above
 * it is unknown it waits aside, while the group is being tried it waits for that to end, and otherwise inside the group's
 * own entity. Source: `pkg/scheduler/backend/queue/scheduling_queue.go`, v1.37.2.
 *
 * Cost: O(members of the group) per pod that comes or goes, since all members are looked at again.
 */
import { SCHEDULE_ATTEMPT_FAILURE, UNSCHEDULED_POD_ADD, UNSCHEDULED_POD_UPDATE } from '../events.ts';
import { type GroupKey, groupKeyOf, type PodInfo } from '../plugin.ts';
import type { QueuedEntity } from '../queue/entity.ts';
import type { QueueName, Strategy } from '../queue/scheduling-queue.ts';
import { GroupForest, type GroupObject, keyOfGroup } from './group-forest.ts';
import { QueuedGroup } from './queued-group.ts';

/** What the group part asks of the queue around it. */
export interface QueueAround {
  get(key: string): QueuedEntity | undefined;
  /** Takes an entity out of wherever it is, and says how it would get back there. */
  takeOut(entity: QueuedEntity): Strategy;
  place(entity: QueuedEntity, strategy: Strategy, event: string): QueueName;
  moveToActive(entity: QueuedEntity, event: string): void;
  moveToBackoff(entity: QueuedEntity, event: string): void;
  isBackingOff(entity: QueuedEntity): boolean;
  now(): number;
}

/** How an attempt to place a group ended. */
export type GroupOutcome = 'success' | 'rejected' | 'error';

export class GroupQueue {
  private readonly forest: GroupForest;
  private readonly queue: QueueAround;
  /** Pods whose root is unknown. */
  private readonly incomplete = new MemberPods();
  /** Pods whose group is being tried. */
  private readonly pending = new MemberPods();
  /** The group that was taken and is not back yet. */
  private inFlight: GroupKey | undefined;

  constructor(hasComposites: boolean, queue: QueueAround) {
    this.forest = new GroupForest(hasComposites);
    this.queue = queue;
  }

  isMember(pod: PodInfo): boolean {
    return groupKeyOf(pod) !== undefined;
  }

  /** Members that are in no entity. */
  aside(): QueuedEntity[] {
    return [...this.incomplete.members(), ...this.pending.members()];
  }

  incompletePods(): PodInfo[] {
    return this.incomplete.list();
  }

  pendingPods(): PodInfo[] {
    return this.pending.list();
  }

  /** The entity in the queue that the pod is or would be in; undefined when there is none. */
  entityOf(pod: PodInfo): QueuedGroup | undefined {
    return this.queued(this.rootOf(pod));
  }

  hasRoot(pod: PodInfo): boolean {
    return this.rootOf(pod) !== undefined;
  }

  // --- pods ------------------------------------------------------------------------------------------------------------

  add(member: QueuedEntity): void {
    const root = this.rootOf(member.pod);
    if (root === undefined) {
      this.incomplete.add(member);
      return;
    }
    const group = this.queued(root);
    if (group !== undefined) {
      const strategy = this.queue.takeOut(group);
      group.addMember(member);
      this.queue.place(group, strategy, UNSCHEDULED_POD_ADD.label);
    } else if (root === this.inFlight) this.pending.add(member);
    else this.queue.moveToActive(new QueuedGroup(root, this.forest.get(root)!, member), UNSCHEDULED_POD_ADD.label);
  }

  /** The pod as it is now, if it waits aside: for its root, or for its group to come back. */
  updateIncomplete(pod: PodInfo): boolean {
    return this.incomplete.update(pod);
  }

  updatePending(pod: PodInfo): boolean {
    return this.pending.update(pod);
  }

  delete(pod: PodInfo): void {
    const root = this.rootOf(pod);
    if (root === undefined) {
      this.incomplete.delete(pod);
      return;
    }
    const group = this.queued(root);
    if (group === undefined) {
      this.pending.delete(pod);
      return;
    }
    const strategy = this.queue.takeOut(group);
    group.removeMember(pod.key);
    if (group.size > 0) this.queue.place(group, strategy, UNSCHEDULED_POD_ADD.label);
  }

  // --- groups ----------------------------------------------------------------------------------------------------------

  addGroup(object: GroupObject): void {
    this.forest.set(object);
    const root = this.forest.root(keyOfGroup(object));
    if (root === undefined) return;
    for (const leaf of this.forest.leaves(root)) for (const member of this.incomplete.take(leaf)) this.add(member);
  }

  updateGroup(object: GroupObject): void {
    this.forest.set(object);
    const key = keyOfGroup(object);
    const group = this.queued(key);
    if (group !== undefined) group.object = object;
  }

  /** Pods under a group that goes wait for it, or for another of its name, to come. */
  deleteGroup(object: GroupObject): void {
    const key = keyOfGroup(object);
    const root = this.forest.root(key);
    const leaves = this.forest.leaves(key);
    const group = this.queued(root);
    this.forest.delete(object);
    if (root === undefined) return;
    if (group === undefined) {
      for (const leaf of leaves) for (const member of this.pending.take(leaf)) this.incomplete.add(member);
      return;
    }
    const strategy = this.queue.takeOut(group);
    for (const leaf of leaves) for (const member of group.removeLeaf(leaf)) this.incomplete.add(member);
    if (group.size > 0) this.queue.place(group, strategy, UNSCHEDULED_POD_UPDATE.label);
  }

  // --- attempts --------------------------------------------------------------------------------------------------------

  taken(group: QueuedGroup): void {
    this.inFlight = group.rootKey;
  }

  /**
   * Puts a group back after an attempt, with the pods that came back or came new meanwhile; without any it leaves the
   * queue. `tried` are the UIDs of the pods that the attempt was about.
   */
  attempted(group: QueuedGroup, outcome: GroupOutcome, tried: ReadonlySet<string>): void {
    this.inFlight = undefined;
    const waiting = this.forest.leaves(group.rootKey).flatMap((leaf) => this.pending.take(leaf));
    const object = this.forest.get(group.rootKey);
    const [first, ...others] = waiting;
    if (first === undefined || object === undefined) return;
    const next = new QueuedGroup(group.rootKey, object, first);
    for (const member of others) next.addMember(member);
    next.inherit(group);
    const failedPods = waiting.some(({ pod }) => tried.has(pod.uid));
    if (outcome === 'success') {
      next.consecutiveErrors = 0;
      next.unschedulableCount = 0;
    } else {
      if (outcome === 'rejected') {
        next.unschedulableCount++;
        next.consecutiveErrors = 0;
      } else next.consecutiveErrors++;
      next.backoffUntilMs = -1;
    }
    // What is left of a group that was placed in part is to preempt before anybody younger has a chance.
    if (outcome !== 'success' || !failedPods) next.timestamp = this.queue.now();
    next.flushedMs = -1;
    if (outcome !== 'success' && this.queue.isBackingOff(next)) {
      this.queue.moveToBackoff(next, SCHEDULE_ATTEMPT_FAILURE);
    } else this.queue.moveToActive(next, SCHEDULE_ATTEMPT_FAILURE);
  }

  // --- inside ----------------------------------------------------------------------------------------------------------

  private rootOf(pod: PodInfo): GroupKey | undefined {
    const key = groupKeyOf(pod);
    return key === undefined ? undefined : this.forest.root(key);
  }

  private queued(root: GroupKey | undefined): QueuedGroup | undefined {
    const object = root === undefined ? undefined : this.forest.get(root);
    if (object === undefined) return undefined;
    const { namespace = 'default', name = '' } = object.metadata ?? {};
    return this.queue.get(`podgroup:${namespace}/${name}`) as QueuedGroup | undefined;
  }
}

/** Pods by group, in order of arrival. */
class MemberPods {
  private readonly byLeaf = new Map<GroupKey, Map<string, QueuedEntity>>();

  add(member: QueuedEntity): void {
    const leaf = groupKeyOf(member.pod)!;
    const members = this.byLeaf.get(leaf);
    if (members === undefined) this.byLeaf.set(leaf, new Map([[member.key, member]]));
    else members.set(member.key, member);
  }

  update(pod: PodInfo): boolean {
    const member = this.byLeaf.get(groupKeyOf(pod)!)?.get(pod.key);
    if (member === undefined) return false;
    member.pod = pod;
    return true;
  }

  delete(pod: PodInfo): void {
    const leaf = groupKeyOf(pod)!;
    const members = this.byLeaf.get(leaf);
    members?.delete(pod.key);
    if (members?.size === 0) this.byLeaf.delete(leaf);
  }

  take(leaf: GroupKey): QueuedEntity[] {
    const members = this.byLeaf.get(leaf);
    this.byLeaf.delete(leaf);
    return members === undefined ? [] : [...members.values()];
  }

  members(): QueuedEntity[] {
    return [...this.byLeaf.values()].flatMap((members) => [...members.values()]);
  }

  list(): PodInfo[] {
    return this.members().map(({ pod }) => pod);
  }
}
