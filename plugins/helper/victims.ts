/**
 * Whom preemption can evict: single pods, and groups that ask to be disrupted all at once, wherever their pods are.
 * Source: `pkg/scheduler/framework/preemption/types.go` and `util.go`, v1.37.2.
 *
 * Cost: O(1) per pod, O(pods of the group) per group.
 */
import type { CompositePodGroup, PodGroup } from '../../api/index.ts';
import {
  type ClusterView,
  compositePodGroupKey,
  type GroupKey,
  type GroupView,
  groupKeyOf,
  type PodInfo,
} from '../../scheduler/plugin.ts';
import { membersBelow } from './group-tree.ts';

/** Who goes or stays as one. */
export interface Victim {
  readonly pods: readonly PodInfo[];
  /** Of a pod in a group: that of the group at the top. */
  readonly priority: number;
  readonly rank: number;
  /** When the first of its pods started. */
  readonly startTimeMs: number;
}

const POD_RANK = 1;
const POD_GROUP_RANK = 2;
const COMPOSITE_RANK = 3;

/** A pod that has not started counts as starting now, later than all others. */
export const startOf = (pod: PodInfo): number => pod.startTimeMs ?? Number.POSITIVE_INFINITY;

/** Higher priority first, then groups before pods, large before small, and old before young. */
export function byImportance(a: Victim, b: Victim): number {
  if (a.priority !== b.priority) return b.priority - a.priority;
  if (a.rank !== b.rank) return b.rank - a.rank;
  if (a.pods.length !== b.pods.length) return b.pods.length - a.pods.length;
  const [startA, startB] = [a.startTimeMs, b.startTimeMs];
  return startA === startB ? 0 : startA < startB ? -1 : 1;
}

export const podsOf = (victims: readonly Victim[]): PodInfo[] => victims.flatMap(({ pods }) => pods);

/** Without groups every pod is on its own. */
export const singlePod = (pod: PodInfo): Victim => ({
  pods: [pod],
  priority: pod.priority,
  rank: POD_RANK,
  startTimeMs: startOf(pod),
});

/** What decides whether a pod can be evicted for another; gate GenericWorkload. */
export function priorityInGroup(pod: PodInfo, groups: GroupView): number {
  let { priority } = pod;
  for (const { object } of groupsAbove(pod, groups)) priority = object.spec.priority ?? 0;
  return priority;
}

/**
 * Everybody among whom preemption can choose, in the order in which they are met; gate GenericWorkload.
 * Throws an Error when a pod of a group is on a node that is gone.
 */
export function victimsAmong(pods: Iterable<PodInfo>, cluster: ClusterView): Victim[] {
  const { groups } = cluster;
  const victims: Victim[] = [];
  const seen = new Set<GroupKey>();
  for (const pod of pods) {
    if (groupKeyOf(pod) === undefined) {
      victims.push(singlePod(pod));
      continue;
    }
    const whole = highestWhole(pod, groups);
    if (whole !== undefined) {
      if (seen.has(whole)) continue;
      seen.add(whole);
    }
    victims.push(memberVictim(pod, whole, groups));
  }
  for (const victim of victims) if (victim.rank !== POD_RANK) requireNodes(victim, cluster);
  return victims;
}

/** The highest group above the pod that is disrupted as a whole; undefined when the pod can go alone. */
function highestWhole(pod: PodInfo, groups: GroupView): GroupKey | undefined {
  let highest: GroupKey | undefined;
  for (const { key, object } of groupsAbove(pod, groups)) if (object.spec.disruptionMode?.all) highest = key;
  return highest;
}

function memberVictim(pod: PodInfo, whole: GroupKey | undefined, groups: GroupView): Victim {
  const together = whole === undefined ? [] : [...membersBelow(whole, groups)].flatMap((leaf) => leaf.scheduledPods());
  const pods = together.length > 0 ? together : [pod];
  const isComposite = together.length > 0 && groups.compositePodGroup(whole!) !== undefined;
  return {
    pods,
    priority: priorityInGroup(pod, groups),
    rank: isComposite ? COMPOSITE_RANK : POD_GROUP_RANK,
    startTimeMs: Math.min(...pods.map(startOf)),
  };
}

function requireNodes({ pods }: Victim, cluster: ClusterView): void {
  for (const { pod } of pods) {
    const name = JSON.stringify(pod.spec?.nodeName ?? '');
    if (cluster.rowOf(pod.spec?.nodeName ?? '') < 0) {
      const why = `nodeinfo not found for node name ${name}`;
      throw new Error(`failed to get node info for node ${name} from snapshot: ${why}`);
    }
  }
}

interface Above {
  readonly key: GroupKey;
  readonly object: PodGroup | CompositePodGroup;
}

/** The pod's groups, the nearest first, up to where one is missing. */
function* groupsAbove(pod: PodInfo, groups: GroupView): Generator<Above> {
  const visited = new Set<GroupKey>();
  for (let key = groupKeyOf(pod); key !== undefined && !visited.has(key); ) {
    visited.add(key);
    const object: Above['object'] | undefined = groups.podGroup(key) ?? groups.compositePodGroup(key);
    if (object === undefined) return;
    yield { key, object };
    const parent = object.spec.parentCompositePodGroupName;
    key = parent === undefined ? undefined : compositePodGroupKey(pod.namespace, parent);
  }
}

/** Evicted by a scheduler, and on its way out. */
export function isBeingPreempted(pod: PodInfo): boolean {
  if (!pod.terminating) return false;
  return (pod.pod.status?.conditions ?? []).some(
    ({ type, status, reason }) =>
      type === 'DisruptionTarget' && status === 'True' && reason === 'PreemptionByScheduler',
  );
}
