/**
 * What must hold in a cluster at every moment, whatever fails: a pod is bound once, and a node is not given more than it has.
 * To be told by `WholeCluster.follow`, so that no watch that somebody has lost hides anything. Cost: O(1) per change.
 */
import type { Node, Pod } from '../../api/index.ts';
import { parseQuantity, quantityMilliValue } from '../../api/index.ts';
import type { WholeCluster } from './whole-cluster.ts';

interface Known {
  readonly node: string;
  readonly milli: ReadonlyMap<string, number>;
}

const RESOURCES = ['cpu', 'memory', 'nvidia.com/gpu'] as const;

export class Invariants {
  /** What was violated, in words; empty while all is well. */
  readonly violations: string[] = [];
  /** Bindings seen. */
  bindings = 0;
  private readonly cluster: WholeCluster;
  /** By UID: where a pod is, and what it asks for; until it ends or goes. */
  private readonly onNodes = new Map<string, Known>();
  private readonly used = new Map<string, Map<string, number>>();
  private readonly podsOn = new Map<string, number>();
  /** By UID. */
  private readonly boundTo = new Map<string, string>();

  constructor(cluster: WholeCluster) {
    this.cluster = cluster;
  }

  /** Must be called for every change of a pod, in order. */
  podChanged(type: 'ADDED' | 'MODIFIED' | 'DELETED', pod: Pod): void {
    const { uid = '', name = '' } = pod.metadata ?? {};
    this.checkBinding(uid, name, pod.spec?.nodeName ?? '');
    const isOver = type === 'DELETED' || pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
    const node = pod.spec?.nodeName;
    if (isOver) this.leave(uid);
    else if (node && !this.onNodes.has(uid)) this.take(uid, name, node, pod, type === 'MODIFIED');
    if (type === 'DELETED') this.boundTo.delete(uid);
  }

  private checkBinding(uid: string, name: string, node: string): void {
    const before = this.boundTo.get(uid) ?? '';
    if (node === before) return;
    if (before !== '') this.violate(`pod ${name} was bound to ${before} and then to ${node || 'no node'}`);
    if (node === '') return;
    this.bindings++;
    this.boundTo.set(uid, node);
  }

  /** @param isBinding It was created without a node. Whoever creates pods on nodes answers for the room. */
  private take(uid: string, name: string, node: string, pod: Pod, isBinding: boolean): void {
    const milli = requestsOf(pod);
    this.onNodes.set(uid, { node, milli });
    const used = this.used.get(node) ?? new Map<string, number>();
    this.used.set(node, used);
    const allocatable = isBinding
      ? (this.cluster.object('Node', '', node) as Node | undefined)?.status?.allocatable
      : undefined;
    for (const [resource, amount] of milli) {
      const total = (used.get(resource) ?? 0) + amount;
      used.set(resource, total);
      const capacity = milliOf(allocatable?.[resource]);
      if (amount > 0 && allocatable !== undefined && total > capacity) {
        this.violate(`pod ${name} brought ${resource} on ${node} to ${total / 1000} of ${capacity / 1000}`);
      }
    }
    const pods = (this.podsOn.get(node) ?? 0) + 1;
    this.podsOn.set(node, pods);
    const room = milliOf(allocatable?.pods) / 1000;
    if (allocatable !== undefined && pods > room) {
      this.violate(`pod ${name} is pod number ${pods} on ${node}, which takes ${room}`);
    }
  }

  private leave(uid: string): void {
    const known = this.onNodes.get(uid);
    if (known === undefined) return;
    this.onNodes.delete(uid);
    const used = this.used.get(known.node)!;
    for (const [resource, amount] of known.milli) used.set(resource, used.get(resource)! - amount);
    this.podsOn.set(known.node, this.podsOn.get(known.node)! - 1);
  }

  private violate(what: string): void {
    const { nowMs } = this.cluster.clock;
    this.violations.push(`${new Date(nowMs).toISOString()}: ${what}`);
  }
}

const milliOf = (quantity: string | number | undefined): number =>
  quantity === undefined ? 0 : quantityMilliValue(parseQuantity(quantity));

/** Of the containers that run side by side; pods with init containers ask for as much or more. */
function requestsOf({ spec }: Pod): Map<string, number> {
  return new Map(
    RESOURCES.map((resource) => [
      resource,
      (spec?.containers ?? []).reduce((sum, { resources }) => sum + milliOf(resources?.requests?.[resource]), 0),
    ]),
  );
}
