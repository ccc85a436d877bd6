/** What the pods of one group must have in common. Source: `validatePodGroup` in `schedule_one_podgroup.go`, v1.37.2. */
import { goQuote } from '../../api/index.ts';
import { DEFAULT_SCHEDULER, type SchedulerCore } from '../core.ts';
import type { PodInfo } from '../plugin.ts';
import type { QueuedEntity } from '../queue/entity.ts';
import type { QueuedGroup } from './queued-group.ts';

const DEFAULT_POLICY = 'PreemptLowerPriority';

const schedulerNameOf = ({ pod }: PodInfo): string => pod.spec?.schedulerName ?? DEFAULT_SCHEDULER;
const policyOf = ({ pod }: PodInfo): string => pod.spec?.preemptionPolicy ?? DEFAULT_POLICY;

/** Why the group cannot be scheduled as it is; undefined when it can. */
export function faultOf(
  group: QueuedGroup,
  members: readonly QueuedEntity[],
  { cluster, gates, frameworks }: SchedulerCore,
): string | undefined {
  const [first] = members;
  if (first === undefined) return undefined;
  const schedulerName = schedulerNameOf(first.pod);
  const { priority } = group;
  const groupHasPolicy = gates.PodGroupPreemptionPolicy;
  const policy = groupHasPolicy ? (group.object.spec.preemptionPolicy ?? DEFAULT_POLICY) : policyOf(first.pod);
  const faultOfPod = (pod: PodInfo): string | undefined => {
    const own = schedulerNameOf(pod);
    if (own !== schedulerName) {
      return `all pods in a single pod group should have the same .spec.schedulerName set, got: ${goQuote(own)} and ${goQuote(schedulerName)}`;
    }
    if (pod.priority !== priority) {
      return `all pods in a single pod group should have the same priority as the pod group's priority, got ${pod.priority} and ${priority}`;
    }
    if (policyOf(pod) === policy) return undefined;
    const asWhat = groupHasPolicy ? " as the pod group's preemption policy" : '';
    return `all pods in a single pod group should have the same preemption policy${asWhat}, got ${policyOf(pod)} and ${policy}`;
  };
  for (const { pod } of members) {
    const fault = faultOfPod(pod);
    if (fault !== undefined) return fault;
  }
  for (const leaf of cluster.groups.leaves(group.rootKey)) {
    for (const pod of cluster.groups.members(leaf)?.scheduledPods() ?? []) {
      const fault = faultOfPod(pod);
      if (fault !== undefined) return fault;
    }
  }
  return frameworks.has(schedulerName) ? undefined : `profile not found for scheduler name ${goQuote(schedulerName)}`;
}
