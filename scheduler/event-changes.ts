/**
 * Which events an update amounts to. Source: `PodSchedulingPropertiesChange` and `NodeSchedulingPropertiesChange` in
 * `pkg/scheduler/framework/events.go`, v1.37.2.
 */
import { type Node, type Pod, podRequests, quantityMilliValue } from '../api/index.ts';
import { Action, type ClusterEvent, clusterEvent } from './events.ts';

type PodDetector = (before: Pod, after: Pod) => number;
type NodeDetector = (before: Node, after: Node) => number;

const POD_DETECTORS: readonly PodDetector[] = [
  (before, after) => changed(before.metadata?.labels, after.metadata?.labels, Action.UpdatePodLabel),
  (before, after) => requestsFell(before, after, Action.UpdatePodScaleDown),
  (before, after) => requestsFell(after, before, Action.UpdatePodScaleUp),
  (before, after) => (gateCount(after) === 0 && gateCount(before) > 0 ? Action.UpdatePodSchedulingGatesEliminated : 0),
  (before, after) =>
    (before.spec?.tolerations?.length ?? 0) === (after.spec?.tolerations?.length ?? 0) ? 0 : Action.UpdatePodToleration,
  (before, after) => changed(claimStatuses(before), claimStatuses(after), Action.UpdatePodGeneratedResourceClaim),
];

const NODE_DETECTORS: readonly NodeDetector[] = [
  (before, after) =>
    before.spec?.unschedulable === true && after.spec?.unschedulable !== true ? Action.UpdateNodeTaint : 0,
  (before, after) => changed(before.status?.allocatable, after.status?.allocatable, Action.UpdateNodeAllocatable),
  (before, after) => changed(before.metadata?.labels, after.metadata?.labels, Action.UpdateNodeLabel),
  (before, after) => changed(before.spec?.taints, after.spec?.taints, Action.UpdateNodeTaint),
  (before, after) => changed(conditionStatuses(before), conditionStatuses(after), Action.UpdateNodeCondition),
  (before, after) => changed(before.metadata?.annotations, after.metadata?.annotations, Action.UpdateNodeAnnotation),
  (before, after) => changed(preemptionPolicy(before), preemptionPolicy(after), Action.UpdateNodePreemptionPolicy),
  (before, after) =>
    changed(before.status?.declaredFeatures, after.status?.declaredFeatures, Action.UpdateNodeDeclaredFeature),
];

/** One event per kind of change; a plain update when nothing that plugins know has changed. */
export function podEvents(before: Pod, after: Pod, isTarget: boolean): ClusterEvent[] {
  const resource = after.spec?.nodeName ? 'AssignedPod' : isTarget ? 'TargetPod' : 'UnscheduledPod';
  const events = detect(POD_DETECTORS, before, after).map((action) => clusterEvent(resource, action));
  return events.length > 0 ? events : [clusterEvent(resource, Action.Update)];
}

/** One event per kind of change; none when nothing has changed that scheduling looks at. */
export const nodeEvents = (before: Node, after: Node): ClusterEvent[] =>
  detect(NODE_DETECTORS, before, after).map((action) => clusterEvent('Node', action));

function detect<T>(detectors: ReadonlyArray<(before: T, after: T) => number>, before: T, after: T): number[] {
  const actions: number[] = [];
  for (const detector of detectors) {
    const action = detector(before, after);
    if (action !== 0) actions.push(action);
  }
  return actions;
}

const changed = (before: unknown, after: unknown, action: number): number => (isSame(before, after) ? 0 : action);

/** Deep equality in which absent, null and empty are the same, as for the Go types behind the objects. */
function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (isEmpty(a) || isEmpty(b)) return isEmpty(a) && isEmpty(b);
  if (typeof a !== 'object' || typeof b !== 'object') return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, i) => isSame(item, b[i]));
  }
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  return (
    Object.keys(left).length === Object.keys(right).length &&
    Object.keys(left).every((key) => key in right && isSameEntry(left[key], right[key]))
  );
}

/** Inside a map an empty string is a value. */
const isSameEntry = (a: unknown, b: unknown): boolean => a === b || (typeof a === 'object' && isSame(a, b));

const isEmpty = (value: unknown): boolean =>
  value === undefined || value === null || (typeof value === 'object' && Object.keys(value).length === 0);

const gateCount = (pod: Pod): number => pod.spec?.schedulingGates?.length ?? 0;

function claimStatuses({ status }: Pod): unknown {
  const { resourceClaimStatuses, extendedResourceClaimStatus } = (status ?? {}) as Record<string, unknown>;
  return isEmpty(resourceClaimStatuses) && isEmpty(extendedResourceClaimStatus)
    ? undefined
    : [resourceClaimStatuses, extendedResourceClaimStatus];
}

const preemptionPolicy = ({ spec }: Node): unknown =>
  (spec as Record<string, unknown> | undefined)?.podPreemptionPolicy;

function conditionStatuses({ status }: Node): Record<string, string> {
  return Object.fromEntries((status?.conditions ?? []).map((condition) => [condition.type, condition.status]));
}

/** `action` when `after` requests less of something than `before`. */
function requestsFell(before: Pod, after: Pod, action: number): number {
  if (hasSameRequests(before, after)) return 0;
  const options = { podLevel: true, useStatus: true };
  const now = podRequests(after, options);
  for (const [name, amount] of podRequests(before, options)) {
    const left = now.get(name);
    if (left === undefined || quantityMilliValue(left) < quantityMilliValue(amount)) return action;
  }
  return 0;
}

/** Quick answer for the usual update, which leaves the containers as they are. */
const hasSameRequests = (before: Pod, after: Pod): boolean =>
  before.spec?.containers === after.spec?.containers &&
  before.spec?.initContainers === after.spec?.initContainers &&
  before.spec?.overhead === after.spec?.overhead &&
  before.spec?.resources === after.spec?.resources &&
  before.status?.containerStatuses === after.status?.containerStatuses &&
  before.status?.initContainerStatuses === after.status?.initContainerStatuses &&
  before.status?.resources === after.status?.resources &&
  before.status?.allocatedResources === after.status?.allocatedResources &&
  before.status?.conditions?.find(isResizePending) === after.status?.conditions?.find(isResizePending);

const isResizePending = ({ type }: { type: string }): boolean => type === 'PodResizePending';
