/**
 * A group in the queue: everything that waits under one root, tried and kept waiting as one.
 * Source: `QueuedPodGroupInfo` in `pkg/scheduler/framework/types.go`, v1.37.2.
 */
import { type GroupKey, groupKeyOf } from '../plugin.ts';
import { QueuedEntity } from '../queue/entity.ts';
import { type GroupObject, groupPriority } from './group-forest.ts';

export class QueuedGroup extends QueuedEntity {
  readonly rootKey: GroupKey;
  object: GroupObject;
  /** By PodGroup, in the order in which they will be tried. */
  private readonly byLeaf = new Map<GroupKey, QueuedEntity[]>();
  private count = 0;
  /** What `members` answered last, unless they have changed. */
  private inOrder: readonly QueuedEntity[] | undefined;

  constructor(rootKey: GroupKey, object: GroupObject, first: QueuedEntity) {
    super(first.pod, first.timestamp);
    this.rootKey = rootKey;
    this.object = object;
    this.firstActiveMs = first.firstActiveMs;
    this.addMember(first);
  }

  /** What queueing knows about the group from the attempts that it had as `before`. */
  inherit(before: QueuedGroup): void {
    this.timestamp = before.timestamp;
    this.firstActiveMs = before.firstActiveMs;
    this.flushedMs = before.flushedMs;
    this.backoffUntilMs = before.backoffUntilMs;
    this.attempts = before.attempts;
    this.unschedulableCount = before.unschedulableCount;
    this.consecutiveErrors = before.consecutiveErrors;
    this.gatedBy = before.gatedBy;
  }

  get namespace(): string {
    return this.object.metadata?.namespace ?? 'default';
  }

  get name(): string {
    return this.object.metadata?.name ?? '';
  }

  /** The same for both kinds of groups, as upstream's. */
  override get key(): string {
    return `podgroup:${this.namespace}/${this.name}`;
  }

  override get priority(): number {
    return groupPriority(this.object);
  }

  override get size(): number {
    return this.count;
  }

  /** Members are rejected, never the group: it waits as after an error, and events do not shorten the wait. */
  override get isRejected(): boolean {
    return false;
  }

  /** By PodGroup, and these by name; upstream walks a map. */
  override get members(): readonly QueuedEntity[] {
    this.inOrder ??= [...this.byLeaf.keys()].sort().flatMap((leaf) => this.byLeaf.get(leaf)!);
    return this.inOrder;
  }

  membersOf(leaf: GroupKey): readonly QueuedEntity[] {
    return this.byLeaf.get(leaf) ?? [];
  }

  addMember(member: QueuedEntity): void {
    const leaf = groupKeyOf(member.pod)!;
    const list = this.byLeaf.get(leaf);
    if (list === undefined) this.byLeaf.set(leaf, [member]);
    else list.splice(placeFor(member, list), 0, member);
    this.count++;
    this.inOrder = undefined;
  }

  removeMember(podKey: string): QueuedEntity | undefined {
    for (const [leaf, list] of this.byLeaf) {
      const at = list.findIndex(({ key }) => key === podKey);
      if (at < 0) continue;
      const [removed] = list.splice(at, 1);
      this.count--;
      this.inOrder = undefined;
      if (list.length === 0) this.byLeaf.delete(leaf);
      this.showsFirst();
      return removed;
    }
    return undefined;
  }

  removeLeaf(leaf: GroupKey): QueuedEntity[] {
    const list = this.byLeaf.get(leaf) ?? [];
    this.byLeaf.delete(leaf);
    this.count -= list.length;
    this.inOrder = undefined;
    this.showsFirst();
    return list;
  }

  /** `pod` says which profile the group goes through. */
  private showsFirst(): void {
    for (const [first] of this.byLeaf.values()) {
      this.pod = first!.pod;
      return;
    }
  }
}

/** Where a member belongs among those in order: important ones first, then those tried most often, the oldest, by name. */
function placeFor(member: QueuedEntity, list: readonly QueuedEntity[]): number {
  let [from, to] = [0, list.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (compareMembers(list[middle]!, member) < 0) from = middle + 1;
    else to = middle;
  }
  return from;
}

function compareMembers(a: QueuedEntity, b: QueuedEntity): number {
  if (a.priority !== b.priority) return b.priority - a.priority;
  if (a.attempts !== b.attempts) return b.attempts - a.attempts;
  if (a.timestamp !== b.timestamp) return a.timestamp - b.timestamp;
  return a.pod.name < b.pod.name ? -1 : a.pod.name > b.pod.name ? 1 : 0;
}
