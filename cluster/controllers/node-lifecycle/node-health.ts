/**
 * When a node was last heard of, by its lease or its status. Source:
 * `pkg/controller/nodelifecycle/node_lifecycle_controller.go` (`tryUpdateNodeHealth`), v1.37.2.
 */
import type { KubeObject } from '../../../api/index.ts';
import type { NodeObject } from './node-patches.ts';
import type { NodeLifecycleSettings } from './settings.ts';

export interface Lease extends KubeObject {
  readonly spec?: { readonly renewTime?: string };
}

export interface Health {
  probeMs: number;
  /** Of the Ready condition that was seen last; undefined where there was none. */
  ready: NodeCondition | undefined;
  lease: Lease | undefined;
  /** How long nothing may be heard. */
  graceMs: number;
}

export type NodeCondition = NonNullable<NonNullable<NodeObject['status']>['conditions']>[number];

const PRESSURES = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'];

export const readyOf = ({ status }: NodeObject): NodeCondition | undefined =>
  status?.conditions?.find(({ type }) => type === 'Ready');

const createdMs = ({ metadata }: NodeObject): number => Date.parse(metadata?.creationTimestamp as string);

/** What is known after a look at the node. */
export function heardOf(
  known: Health | undefined,
  node: NodeObject,
  lease: Lease | undefined,
  nowMs: number,
  { monitorGraceMs, startupGraceMs }: NodeLifecycleSettings,
): Health {
  const ready = readyOf(node);
  const health: Health = known ?? {
    probeMs: ready === undefined ? createdMs(node) : nowMs,
    ready,
    lease: undefined,
    graceMs: 0,
  };
  health.graceMs = ready === undefined ? startupGraceMs : monitorGraceMs;
  const isNews =
    (health.ready === undefined) !== (ready === undefined) ||
    health.ready?.lastHeartbeatTime !== ready?.lastHeartbeatTime;
  if (isNews) {
    health.probeMs = nowMs;
    health.ready = ready;
    health.lease = undefined;
  }
  const renewed = lease?.spec?.renewTime;
  const before = health.lease?.spec?.renewTime;
  if (lease !== undefined && (health.lease === undefined || (renewed !== undefined && (before ?? '') < renewed))) {
    health.lease = lease;
    health.probeMs = nowMs;
  }
  return health;
}

/** The node with everything unknown about it. */
export function unknown(node: NodeObject, time: string): NodeObject {
  const conditions = (node.status?.conditions ?? []).map((condition) => {
    if (!PRESSURES.includes(condition.type) || condition.status === 'Unknown') return condition;
    const message = 'Kubelet stopped posting node status.';
    return { ...condition, status: 'Unknown', reason: 'NodeStatusUnknown', message, lastTransitionTime: time };
  });
  for (const type of PRESSURES) {
    if (conditions.some((condition) => condition.type === type)) continue;
    conditions.push({
      type,
      status: 'Unknown',
      reason: 'NodeStatusNeverUpdated',
      message: 'Kubelet never posted node status.',
      lastHeartbeatTime: node.metadata?.creationTimestamp as string,
      lastTransitionTime: time,
    });
  }
  return { ...node, status: { ...node.status, conditions } };
}
