/** The nodes of the recordings: an object, a lease, and no kubelet. */
import type { KubeObject } from '../../../api/index.ts';
import type { ApiClient } from '../../../cluster/apiserver/index.ts';
import { timestamp } from '../../../cluster/controllers/timestamp.ts';
import { type Clock, Lane } from '../../../scheduler/clock.ts';
import type { Fields } from './scenario.ts';

export interface NodeCondition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message?: string;
  readonly lastTransitionTime?: string;
}

export const READY_CONDITIONS: readonly NodeCondition[] = [
  { type: 'Ready', status: 'True', reason: 'KubeletReady' },
  { type: 'MemoryPressure', status: 'False', reason: 'KubeletHasSufficientMemory' },
  { type: 'DiskPressure', status: 'False', reason: 'KubeletHasNoDiskPressure' },
  { type: 'PIDPressure', status: 'False', reason: 'KubeletHasSufficientPID' },
];

export interface NodeOptions {
  readonly labels?: Fields;
  readonly spec?: Fields;
  /** Nobody has said anything about it yet. */
  readonly noStatus?: boolean;
}

/** Much room, and everything well. */
export function newNode(name: string, { labels = {}, spec = {}, noStatus = false }: NodeOptions): Fields {
  const room = { cpu: '64', memory: '256Gi', pods: '500' };
  const conditions = READY_CONDITIONS.map((condition) => ({ message: '', ...condition }));
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux', ...labels } },
    spec,
    status: { capacity: room, allocatable: room, ...(noStatus ? {} : { conditions }) },
  };
}

const LEASES = { group: 'coordination.k8s.io', version: 'v1', resource: 'leases', namespace: 'kube-node-lease' };
const BEAT_MS = 1000;

/** Renews the leases of the nodes that live. */
export class Heart {
  private readonly client: ApiClient;
  private readonly clock: Clock;
  private readonly beating = new Set<string>();

  constructor(client: ApiClient, clock: Clock) {
    this.client = client;
    this.clock = clock;
    this.later();
  }

  start(name: string): void {
    this.beating.add(name);
    this.beat(name);
  }

  stop(name: string): void {
    this.beating.delete(name);
  }

  private later(): void {
    const all = (): void => {
      for (const name of this.beating) this.beat(name);
      this.later();
    };
    this.clock.timer(this.clock.nowMs + BEAT_MS, all, Lane.Component);
  }

  private beat(name: string): void {
    const renewTime = timestamp(this.clock.nowMs).replace('Z', '.000000Z');
    const spec = { holderIdentity: name, leaseDurationSeconds: 40, renewTime };
    this.client.patch({ ...LEASES, name }, 'merge', { spec }, {}, (error) => {
      if (error === undefined) return;
      const metadata = { name, namespace: LEASES.namespace };
      const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec };
      this.client.create(LEASES, lease as KubeObject, {}, () => {});
    });
  }
}
