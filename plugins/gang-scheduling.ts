/**
 * GangScheduling: the pods of a group start when enough of them can. They are held back until enough are there, tried
 * together, and bound once enough have a node; for groups of groups the same holds at every level.
 * Source: `plugins/gangscheduling/gangscheduling.go`, v1.37.2.
 *
 * Cost: O(1) per pod of a PodGroup; below a CompositePodGroup O(groups of the tree) per pod.
 */

import { type CompositePodGroup, type KubeObject, PERMIT_TIMEOUT_ANNOTATION, type PodGroup } from '../api/index.ts';
import {
  Action,
  type ClusterView,
  compositePodGroupKey,
  type EventRegistration,
  type GroupInfo,
  type GroupKey,
  type GroupMembers,
  type GroupProgress,
  type GroupView,
  groupKeyOf,
  type PermitResult,
  type Plugin,
  type PluginDefinition,
  type PluginHandle,
  type PodInfo,
  podGroupKey,
  type QueueingHint,
  type Status,
  unresolvable,
  unschedulable,
} from '../scheduler/plugin.ts';
import { membersBelow } from './helper/group-tree.ts';

const NAME = 'GangScheduling';
const PERMIT_TIMEOUT_MS = 5 * 60_000;

export const gangScheduling: PluginDefinition = {
  name: NAME,
  points: ['preEnqueue', 'permit'],
  create: (_args, handle) => new GangScheduling(handle),
};

class GangScheduling implements Plugin {
  readonly events: readonly EventRegistration[];
  private readonly handle: PluginHandle;
  private readonly hasComposites: boolean;

  constructor(handle: PluginHandle) {
    this.handle = handle;
    this.hasComposites = handle.isEnabled('CompositePodGroup');
    this.events = this.registrations();
  }

  // --- before the queue ------------------------------------------------------------------------------------------------

  preEnqueue(pod: PodInfo, { groups }: ClusterView): Status | undefined {
    const key = groupKeyOf(pod);
    if (key === undefined) return undefined;
    const group = groups.podGroup(key);
    if (group === undefined) {
      const name = JSON.stringify(pod.pod.spec?.schedulingGroup?.podGroupName);
      return unresolvable(`waiting for pods's pod group ${name} to appear in scheduling queue`);
    }
    if (!this.isInTree(group)) {
      return isReady(key, groups, podCount)
        ? undefined
        : unresolvable('waiting for minCount pods from a gang to appear in scheduling queue');
    }
    const root = groups.root(key);
    if (root === undefined) return unresolvable(missingRoot(key));
    return isTreeReady(root, groups, podCount) ? undefined : unresolvable(waitingForQuorum(root, groups));
  }

  // --- while a group is placed -----------------------------------------------------------------------------------------

  placementFeasible(group: GroupInfo, { remaining, scheduled }: GroupProgress): Status | undefined {
    const min = minCountOf(group.podGroup) ?? minGroupCountOf(group.compositePodGroup) ?? 1;
    const progress = `${scheduled} scheduled, ${remaining} remaining`;
    if (remaining + scheduled < min) return unschedulable(`minCount (${min}) cannot be satisfied: ${progress}`);
    if (scheduled >= min) return undefined;
    return { code: 'Wait', reasons: [`minCount (${min}) is not yet satisfied: ${progress}`] };
  }

  // --- with a node -----------------------------------------------------------------------------------------------------

  permit(pod: PodInfo, _row: number, { groups }: ClusterView): PermitResult | undefined {
    const key = groupKeyOf(pod);
    if (key === undefined) return undefined;
    const group = groups.podGroup(key);
    if (group === undefined) {
      const name = pod.pod.spec?.schedulingGroup?.podGroupName;
      return failed(`failed to get podGroup ${pod.namespace}/${name}: pod group state not found for pod group ${key}`);
    }
    const timeoutMs = permitTimeoutMs(group);
    if (!this.isInTree(group)) {
      if (minCountOf(group) === undefined) return undefined;
      const isDone = isReady(key, groups, scheduledCount);
      return this.waitOrAllow(key, groups, isDone, 'waiting for minCount pods from a gang to be scheduled', timeoutMs);
    }
    const root = groups.root(key);
    if (root === undefined) return failed(missingRoot(key));
    const isDone = isTreeReady(root, groups, scheduledCount);
    return this.waitOrAllow(root, groups, isDone, waitingForQuorum(root, groups), timeoutMs);
  }

  private waitOrAllow(
    root: GroupKey,
    groups: GroupView,
    isDone: boolean,
    message: string,
    timeoutMs: number,
  ): PermitResult | undefined {
    for (const members of membersBelow(root, groups)) {
      if (!isDone) this.handle.activate(members.unscheduledPods());
      else for (const { uid } of members.assumedPods()) this.handle.allow(uid, NAME);
    }
    return isDone ? undefined : { status: { code: 'Wait', reasons: [message] }, timeoutMs };
  }

  private isInTree({ spec }: PodGroup): boolean {
    return this.hasComposites && spec.parentCompositePodGroupName !== undefined;
  }

  // --- events ----------------------------------------------------------------------------------------------------------

  private registrations(): EventRegistration[] {
    const ofPod: QueueingHint<PodInfo> = (pod, _before, added, cluster) =>
      this.areTogether(pod, added && groupKeyOf(added), cluster) ? 'Queue' : 'Skip';
    const ofGroup: QueueingHint<KubeObject> = (pod, _before, added, cluster) =>
      this.areTogether(pod, added && keyOfObject(added), cluster) ? 'Queue' : 'Skip';
    const ofGroupUpdate: QueueingHint<KubeObject> = (pod, before, after, cluster) => {
      const had = minCountOf(before as PodGroup | undefined);
      const has = minCountOf(after as PodGroup | undefined);
      const needsLess = had !== undefined && has !== undefined && has < had;
      return needsLess && this.areTogether(pod, keyOfObject(after!), cluster) ? 'Queue' : 'Skip';
    };
    const events: EventRegistration[] = [
      { resource: 'UnscheduledPod', action: Action.Add, hint: ofPod },
      { resource: 'AssignedPod', action: Action.Add, hint: ofPod },
      { resource: 'scheduling.k8s.io/PodGroup', action: Action.Add, hint: ofGroup },
      { resource: 'scheduling.k8s.io/PodGroup', action: Action.Update, hint: ofGroupUpdate },
    ];
    if (this.hasComposites) {
      events.push({ resource: 'scheduling.k8s.io/CompositePodGroup', action: Action.Add, hint: ofGroup });
    }
    return events;
  }

  /** Whether the pod's group and the other one are scheduled as one. */
  private areTogether(pod: PodInfo, other: GroupKey | undefined, { groups }: ClusterView): boolean {
    const own = groupKeyOf(pod);
    if (own === undefined || other === undefined) return false;
    if (!this.hasComposites) return own === other;
    const root = groups.root(own);
    return root !== undefined && root === groups.root(other);
  }
}

const failed = (message: string): PermitResult => ({ status: { code: 'Error', reasons: [message] } });

const missingRoot = (key: GroupKey): string =>
  `failed to build hierarchy snapshot: composite pod group object not found in state for ${key}`;

const waitingForQuorum = (root: GroupKey, groups: GroupView): string =>
  `waiting for composite pod group ${JSON.stringify(groups.compositePodGroup(root)?.metadata?.name)} tree to meet quorum`;

function keyOfObject({ kind, metadata }: KubeObject): GroupKey {
  const { namespace = 'default', name = '' } = metadata ?? {};
  return kind === 'PodGroup' ? podGroupKey(namespace, name) : compositePodGroupKey(namespace, name);
}

function permitTimeoutMs({ metadata }: PodGroup): number {
  const seconds = Number(metadata?.annotations?.[PERMIT_TIMEOUT_ANNOTATION]);
  return seconds > 0 ? seconds * 1000 : PERMIT_TIMEOUT_MS;
}

// --- quorum ------------------------------------------------------------------------------------------------------------

const minCountOf = (group: PodGroup | undefined): number | undefined => group?.spec.schedulingPolicy?.gang?.minCount;

const minGroupCountOf = (group: CompositePodGroup | undefined): number | undefined =>
  group?.spec.schedulingPolicy?.gang?.minGroupCount;

type Count = (members: GroupMembers) => number;
const podCount: Count = (members) => members.podCount;
const scheduledCount: Count = (members) => members.scheduledCount;

/** A basic group is ready with any pod. */
function isReady(key: GroupKey, groups: GroupView, count: Count): boolean {
  const group = groups.podGroup(key);
  const members = groups.members(key);
  return group !== undefined && members !== undefined && count(members) >= (minCountOf(group) ?? 1);
}

function isTreeReady(key: GroupKey, groups: GroupView, count: Count): boolean {
  const composite = groups.compositePodGroup(key);
  if (composite === undefined) return isReady(key, groups, count);
  const ready = groups.children(key).filter((child) => isTreeReady(child, groups, count));
  return ready.length >= (minGroupCountOf(composite) ?? 1);
}
