/**
 * Preemption for a whole group, anywhere in the cluster: everybody of lower priority goes, the group is placed on what is
 * left, and whoever fits beside it comes back, the most important first.
 * Source: `pkg/scheduler/framework/preemption/podgrouppreemption.go`, v1.37.2.
 *
 * Cost: one placing of the group, and one Filter chain per placed pod for every potential victim.
 */
import {
  type ClusterView,
  type GroupInfo,
  type GroupPostFilterContext,
  type GroupPostFilterResult,
  type PodInfo,
  unresolvable,
  unschedulable,
} from '../../scheduler/plugin.ts';
import { readBudgets, splitByBudget } from './disruption-budgets.ts';
import { byImportance, isBeingPreempted, podsOf, priorityInGroup, type Victim, victimsAmong } from './victims.ts';

/** @param groupHasPolicy Gate PodGroupPreemptionPolicy: the group says whether it preempts, not its pods. */
export function preemptForGroup(context: GroupPostFilterContext, groupHasPolicy: boolean): GroupPostFilterResult {
  const { group, cluster } = context;
  let victims: Victim[];
  try {
    victims = victimsAmong(podsOnNodes(cluster), cluster);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { status: { code: 'Error', reasons: [`failed to create domain: ${why}`] } };
  }
  if (isNever(group, groupHasPolicy)) return { status: unschedulable('not eligible due to preemptionPolicy=Never.') };
  if (isOngoing(group, cluster)) {
    // Room is already being made.
    const nominatedNodeNames = new Map(group.pods.map(({ uid, pod }) => [uid, pod.status?.nominatedNodeName ?? '']));
    return { status: { code: 'Success', reasons: ['ongoing preemption on nominated nodes'] }, nominatedNodeNames };
  }
  const pool = victims.filter(({ priority }) => priority < group.priority);
  if (pool.length === 0) return { status: unresolvable('No preemption victims found for incoming preemptor') };
  return selectVictims(context, pool);
}

function selectVictims({ cluster, whatIf }: GroupPostFilterContext, pool: Victim[]): GroupPostFilterResult {
  whatIf.begin();
  try {
    for (const { pods } of pool) whatIf.removePods(pods);
    const status = whatIf.schedule();
    if (status !== undefined) return { status };
    pool.sort(byImportance);
    const chosen: Victim[] = [];
    const { violating, others } = splitByBudget(pool, readBudgets(cluster));
    for (const victim of [...violating.map(({ victim }) => victim), ...others]) {
      whatIf.addPods(victim.pods);
      if (whatIf.stillFits()) continue;
      whatIf.removePods(victim.pods);
      chosen.push(victim);
    }
    chosen.sort(byImportance);
    const victims = podsOf(chosen);
    return {
      status: {
        code: 'Success',
        reasons: [`found a placement for podgroup, preempting ${victims.length} victims`],
      },
      nominatedNodeNames: new Map(whatIf.nodeNames),
      victims,
    };
  } finally {
    whatIf.end();
  }
}

function isNever({ podGroup, compositePodGroup, pods }: GroupInfo, groupHasPolicy: boolean): boolean {
  const { spec } = (podGroup ?? compositePodGroup)!;
  if (groupHasPolicy) return spec.preemptionPolicy === 'Never';
  return pods.some(({ pod }) => pod.spec?.preemptionPolicy === 'Never');
}

/** Pods of lower priority are still leaving a node that was promised to the group. */
function isOngoing({ pods, priority }: GroupInfo, cluster: ClusterView): boolean {
  const promised = new Set(pods.map(({ pod }) => pod.status?.nominatedNodeName ?? ''));
  for (const nodeName of promised) {
    const row = nodeName === '' ? -1 : cluster.rowOf(nodeName);
    if (row < 0) continue;
    const isLeaving = (pod: PodInfo): boolean =>
      isBeingPreempted(pod) && priorityInGroup(pod, cluster.groups) < priority;
    if (cluster.pods(row).some(isLeaving)) return true;
  }
  return false;
}

function* podsOnNodes(cluster: ClusterView): Generator<PodInfo> {
  for (const row of cluster.order.subarray(0, cluster.nodeCount)) yield* cluster.pods(row);
}
