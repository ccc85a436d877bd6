/** Registers a node, renews its Lease and writes its status. Source: `pkg/kubelet/kubelet_node_status.go`, v1.37.2. */
import type { KubeObject, Node } from '../../api/index.ts';
import type { Clock } from '../../scheduler/clock.ts';
import type { ApiClient, Target } from '../apiserver/client.ts';
import { type NodeCondition, type NodeFrame, newNode, nodeInfo } from './node-status.ts';

const LEASES = { group: 'coordination.k8s.io', version: 'v1', resource: 'leases', namespace: 'kube-node-lease' };
const NODES = { group: '', version: 'v1', resource: 'nodes' };
const CONFLICT = 409;
const NOT_FOUND = 404;

export interface StatusChange {
  conditions(before: readonly NodeCondition[] | undefined): NodeCondition[];
  /** Undefined where they have not changed. */
  readonly images: NonNullable<Node['status']>['images'] | undefined;
}

interface Lease extends KubeObject {
  readonly spec?: { readonly renewTime?: string };
}

export class NodeWriter {
  /** As the API had it when it was last written. */
  node: Node | undefined;
  private readonly client: ApiClient;
  private readonly clock: Clock;
  private readonly frame: NodeFrame;
  private lease: Lease | undefined;
  private isWriting = false;
  private isRenewing = false;

  constructor(client: ApiClient, clock: Clock, frame: NodeFrame) {
    this.client = client;
    this.clock = clock;
    this.frame = frame;
  }

  /** Makes the node, or takes over the one that is there. */
  register(change: StatusChange, done: (isRegistered: boolean) => void): void {
    this.client.create(NODES, newNode(this.frame, change.conditions(undefined)) as KubeObject, {}, (error, node) => {
      if (error === undefined) {
        this.node = node as Node;
        done(true);
      } else if (error.code === CONFLICT) this.write(change, done);
      else done(false);
    });
  }

  /** The status, on top of what the API has. */
  write(change: StatusChange, done: (isWritten: boolean) => void = () => {}): void {
    if (this.isWriting) return;
    this.isWriting = true;
    const over = (isWritten: boolean): void => {
      this.isWriting = false;
      done(isWritten);
    };
    if (this.node === undefined) this.readAndPut(change, over);
    else this.put(this.node, change, over);
  }

  renew(leaseDurationS: number): void {
    if (this.isRenewing) return;
    this.isRenewing = true;
    const renewTime = microTime(this.clock.nowMs);
    const done = (lease: KubeObject | undefined): void => {
      this.isRenewing = false;
      this.lease = lease;
    };
    const { lease } = this;
    if (lease === undefined) {
      this.takeLease(renewTime, leaseDurationS, done);
      return;
    }
    const renewed = { ...lease, spec: { ...lease.spec, renewTime } };
    this.client.update(this.leaseTarget(), renewed as KubeObject, {}, (error, written) =>
      // Whatever is wrong with it, it is read again next time.
      done(error === undefined ? written : undefined),
    );
  }

  private put(node: Node, change: StatusChange, done: (isWritten: boolean) => void): void {
    const { spec, runtimeVersion, boot } = this.frame;
    const { status } = node;
    const images = change.images ?? status?.images;
    const next = {
      ...status,
      capacity: spec.capacity,
      allocatable: spec.allocatable ?? spec.capacity,
      conditions: change.conditions(status?.conditions),
      nodeInfo:
        status?.nodeInfo?.containerRuntimeVersion === runtimeVersion
          ? status.nodeInfo
          : nodeInfo(spec.name, runtimeVersion, boot),
      ...(images !== undefined && { images }),
    };
    const target: Target = { ...NODES, name: spec.name, subresource: 'status' };
    this.client.update(target, { ...node, status: next } as KubeObject, {}, (error, written) => {
      if (error === undefined) {
        this.node = written as Node;
        done(true);
      } else if (error.code === CONFLICT) this.readAndPut(change, done);
      else done(false);
    });
  }

  private readAndPut(change: StatusChange, done: (isWritten: boolean) => void): void {
    this.client.get({ ...NODES, name: this.frame.spec.name }, (error, node) => {
      if (error === undefined) this.put(node as Node, change, done);
      else {
        if (error.code === NOT_FOUND) this.node = undefined;
        done(false);
      }
    });
  }

  private takeLease(
    renewTime: string,
    leaseDurationSeconds: number,
    done: (lease: KubeObject | undefined) => void,
  ): void {
    const { name } = this.frame.spec;
    const uid = this.node?.metadata?.uid;
    const ownerReferences = uid === undefined ? undefined : [{ apiVersion: 'v1', kind: 'Node', name, uid }];
    const lease = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name, namespace: LEASES.namespace, ownerReferences },
      spec: { holderIdentity: name, leaseDurationSeconds, renewTime },
    };
    this.client.create(LEASES, lease as KubeObject, {}, (error, created) => {
      if (error === undefined) done(created);
      else if (error.code !== CONFLICT) done(undefined);
      else this.client.get(this.leaseTarget(), (failure, found) => done(failure === undefined ? found : undefined));
    });
  }

  private leaseTarget(): Target {
    return { ...LEASES, name: this.frame.spec.name };
  }
}

/** To the microsecond, of which the clock has three digits. */
const microTime = (timeMs: number): string => `${new Date(timeMs).toISOString().slice(0, 23)}000Z`;
