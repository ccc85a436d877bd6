/**
 * Which pods of which group wait, are on their way and are on nodes: the scheduler's cache of groups, and its snapshot too,
 * since nothing comes in while a cycle runs. Source: `pkg/scheduler/backend/cache/podgroupstate.go` and the pod group
 * parts of `cache.go`, v1.37.2.
 *
 * Cost: O(1) per pod.
 */
import type { CompositePodGroup, PodGroup } from '../../api/index.ts';
import { type GroupKey, type GroupMembers, type GroupView, groupKeyOf, type PodInfo } from '../plugin.ts';
import { GroupForest, type GroupObject, isPodGroupKey, keyOfGroup } from './group-forest.ts';

class Members implements GroupMembers {
  readonly all = new Map<string, PodInfo>();
  readonly unscheduled = new Set<string>();
  readonly assumed = new Map<string, PodInfo>();
  readonly assigned = new Set<string>();

  get podCount(): number {
    return this.all.size;
  }

  get scheduledCount(): number {
    return this.assumed.size + this.assigned.size;
  }

  /** Those on nodes first, by name; upstream walks maps. */
  scheduledPods(): PodInfo[] {
    return [...this.pods(this.assigned).sort(byName), ...this.assumedPods().sort(byName)];
  }

  assumedPods(): PodInfo[] {
    return [...this.assumed.values()];
  }

  unscheduledPods(): PodInfo[] {
    return this.pods(this.unscheduled);
  }

  add(pod: PodInfo): void {
    this.all.set(pod.uid, pod);
    if (isOnNode(pod)) this.assign(pod.uid);
    else this.unscheduled.add(pod.uid);
  }

  update(before: PodInfo, after: PodInfo): void {
    this.all.set(after.uid, after);
    if (!isOnNode(before) && isOnNode(after)) this.assign(after.uid);
  }

  delete(uid: string): void {
    this.all.delete(uid);
    this.unscheduled.delete(uid);
    this.assumed.delete(uid);
    this.assigned.delete(uid);
  }

  /** A pod that is gone from the cluster meanwhile is left alone, here and when it is forgotten. */
  assume(pod: PodInfo): void {
    const known = this.all.get(pod.uid);
    if (known === undefined) return;
    if (isOnNode(known)) this.assigned.add(pod.uid);
    else this.assumed.set(pod.uid, pod);
    this.unscheduled.delete(pod.uid);
  }

  forget(uid: string): void {
    const known = this.all.get(uid);
    if (known === undefined) return;
    this.assumed.delete(uid);
    (isOnNode(known) ? this.assigned : this.unscheduled).add(uid);
  }

  private assign(uid: string): void {
    this.assigned.add(uid);
    this.unscheduled.delete(uid);
    this.assumed.delete(uid);
  }

  private pods(uids: Iterable<string>): PodInfo[] {
    return Array.from(uids, (uid) => this.all.get(uid)!);
  }
}

const byName = (a: PodInfo, b: PodInfo): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);

const isOnNode = ({ pod }: PodInfo): boolean => Boolean(pod.spec?.nodeName);

export class GroupStates implements GroupView {
  /** Gate GenericWorkload; without it there are no groups. */
  readonly isOn: boolean;
  private readonly forest: GroupForest;
  private readonly membersOf = new Map<GroupKey, Members>();

  constructor({ isOn, hasComposites }: { readonly isOn: boolean; readonly hasComposites: boolean }) {
    this.isOn = isOn;
    this.forest = new GroupForest(hasComposites);
  }

  // --- objects ---------------------------------------------------------------------------------------------------------

  setObject(object: GroupObject): void {
    this.forest.set(object);
    if (object.kind === 'PodGroup') this.membersAt(keyOfGroup(object));
  }

  deleteObject(object: GroupObject): void {
    this.forest.delete(object);
    this.dropIfEmpty(keyOfGroup(object));
  }

  podGroup(key: GroupKey): PodGroup | undefined {
    return isPodGroupKey(key) ? (this.forest.get(key) as PodGroup | undefined) : undefined;
  }

  compositePodGroup(key: GroupKey): CompositePodGroup | undefined {
    return isPodGroupKey(key) ? undefined : (this.forest.get(key) as CompositePodGroup | undefined);
  }

  children(key: GroupKey): readonly GroupKey[] {
    return this.forest.children(key);
  }

  root(key: GroupKey): GroupKey | undefined {
    return this.forest.root(key);
  }

  leaves(root: GroupKey): readonly GroupKey[] {
    return this.forest.leaves(root);
  }

  // --- pods ------------------------------------------------------------------------------------------------------------

  members(key: GroupKey): GroupMembers | undefined {
    return this.membersOf.get(key);
  }

  /** A pod that waits, or is on a node. */
  add(pod: PodInfo): void {
    const key = this.keyOf(pod);
    if (key !== undefined) this.membersAt(key).add(pod);
  }

  update(before: PodInfo, after: PodInfo): void {
    const key = this.keyOf(after);
    if (key !== undefined) this.membersOf.get(key)?.update(before, after);
  }

  delete(pod: PodInfo): void {
    const key = this.keyOf(pod);
    if (key === undefined) return;
    this.membersOf.get(key)?.delete(pod.uid);
    this.dropIfEmpty(key);
  }

  /** A node was chosen for the pod. */
  assume(pod: PodInfo): void {
    const key = this.keyOf(pod);
    if (key !== undefined) this.membersAt(key).assume(pod);
  }

  /** And given up again. */
  forget(pod: PodInfo): void {
    const key = this.keyOf(pod);
    if (key !== undefined) this.membersOf.get(key)?.forget(pod.uid);
  }

  private keyOf(pod: PodInfo): GroupKey | undefined {
    return this.isOn ? groupKeyOf(pod) : undefined;
  }

  private membersAt(key: GroupKey): Members {
    let members = this.membersOf.get(key);
    if (members === undefined) {
      members = new Members();
      this.membersOf.set(key, members);
    }
    return members;
  }

  private dropIfEmpty(key: GroupKey): void {
    if (this.membersOf.get(key)?.podCount === 0 && this.forest.get(key) === undefined) this.membersOf.delete(key);
  }
}
