/**
 * All kubelets of a cluster in one process: one watch of bound pods, one wheel of heartbeats, and a kubelet for each node that
 * costs nothing while its node is idle. Faults are called for by name of the node.
 */
import type { Pod } from '../../api/index.ts';
import type { Clock } from '../../scheduler/clock.ts';
import { Random } from '../../scheduler/random.ts';
import type { ApiClient, Target } from '../apiserver/client.ts';
import type { Status } from '../apiserver/status.ts';
import { Reflector } from '../scheduler-client/reflector.ts';
import { Conditions } from './conditions.ts';
import { type HeartbeatKind, Heartbeats } from './heartbeats.ts';
import { Kubelet, type PoolServices } from './kubelet.ts';
import { KubeletEvents } from './kubelet-events.ts';
import type { NodeRuntime } from './node-runtime.ts';
import type { NodeSpec } from './node-spec.ts';
import { SharedConditions } from './node-status.ts';
import { DEFAULT_SETTINGS, type KubeletSettings } from './settings.ts';

export interface KubeletPoolOptions {
  readonly client: ApiClient;
  readonly clock: Clock;
  readonly nodes: readonly NodeSpec[];
  /** Of the runtime of a node, when it gets its first pod. */
  readonly runtimeFor: (node: NodeSpec, index: number) => NodeRuntime;
  /** As nodes report it before they have a runtime. */
  readonly runtimeVersion: string;
  /** Under which name a node speaks. @default all as `client` */
  readonly clientFor?: (node: NodeSpec) => ApiClient;
  readonly settings?: Partial<KubeletSettings>;
  /** False where somebody else plays the pods: nodes register and live, and that is all. @default true */
  readonly takesPods?: boolean;
  /** @default lease */
  readonly heartbeats?: HeartbeatKind;
  /** @default 1 */
  readonly seed?: number;
  /** A list or watch that went wrong; it is tried again. */
  readonly failed?: (target: Target, status: Status) => void;
}

const PODS: Target = { group: '', version: 'v1', resource: 'pods' };
const RETRY_MS = 7000;

export class KubeletPool {
  readonly heartbeats: Heartbeats;
  private readonly clock: Clock;
  private readonly kubelets: Kubelet[];
  private readonly byName: Map<string, Kubelet>;
  private readonly reflector: Reflector | undefined;
  private readonly unregistered = new Set<number>();

  constructor(options: KubeletPoolOptions) {
    const {
      client,
      clock,
      nodes,
      clientFor,
      runtimeVersion,
      takesPods = true,
      heartbeats = 'lease',
      seed = 1,
    } = options;
    const settings = { ...DEFAULT_SETTINGS, ...options.settings };
    this.clock = clock;
    const services: PoolServices = {
      clock,
      settings,
      random: new Random(seed),
      events: new KubeletEvents(clock),
      podConditions: new Conditions(),
      nodeConditions: new SharedConditions(),
      makeRuntime: (index) => options.runtimeFor(nodes[index]!, index),
      statusChanged: (index) => this.heartbeats.changed(index),
    };
    this.kubelets = nodes.map(
      (node, index) => new Kubelet(index, node, clientFor?.(node) ?? client, services, runtimeVersion),
    );
    this.byName = new Map(this.kubelets.map((kubelet) => [kubelet.name, kubelet]));
    this.heartbeats = new Heartbeats({
      clock,
      count: nodes.length,
      everyMs: settings.heartbeatMs,
      reportEveryMs: settings.statusReportMs,
      kind: heartbeats,
      renew: (index) => this.kubelets[index]!.renew(),
      report: (index) => this.report(index),
    });
    if (!takesPods) return;
    this.reflector = new Reflector({
      client,
      clock,
      target: PODS,
      fieldSelector: 'spec.nodeName!=',
      event: ({ type, object }) => this.podEvent(object as Pod, type === 'deleted'),
      failed: options.failed,
    });
  }

  /** Registers the nodes, then takes their pods. */
  start(): void {
    this.heartbeats.start();
    let left = this.kubelets.length;
    for (const kubelet of this.kubelets) {
      this.register(kubelet, () => {
        if (--left === 0) this.reflector?.start();
      });
    }
    if (left === 0 && this.kubelets.length === 0) this.reflector?.start();
  }

  stop(): void {
    this.reflector?.stop();
    this.heartbeats.stop();
    for (const kubelet of this.kubelets) kubelet.stop();
  }

  get size(): number {
    return this.kubelets.length;
  }

  has(name: string): boolean {
    return this.byName.has(name);
  }

  /** Throws when there is no node of the name. */
  kubelet(name: string): Kubelet {
    const kubelet = this.byName.get(name);
    if (kubelet === undefined) throw new Error(`no kubelet plays a node ${JSON.stringify(name)}`);
    return kubelet;
  }

  /** When the node was last heard of, for whoever judges nodes without reading Leases. */
  lastBeatMs(name: string): number | undefined {
    const kubelet = this.byName.get(name);
    return kubelet && this.heartbeats.lastMs[kubelet.index];
  }

  /** The machine loses power. */
  crash(name: string): void {
    this.silence(this.kubelet(name), (kubelet) => kubelet.crash());
  }

  /** The kubelet ends, and its containers go on. */
  stopKubelet(name: string): void {
    this.silence(this.kubelet(name), (kubelet) => kubelet.stop());
  }

  recover(name: string): void {
    this.silence(this.kubelet(name), (kubelet) => kubelet.recover());
  }

  hang(name: string): void {
    this.silence(this.kubelet(name), (kubelet) => kubelet.hang());
  }

  resume(name: string): void {
    this.silence(this.kubelet(name), (kubelet) => kubelet.resume());
  }

  /** Ends the pods of the node in good order, and then turns it off. */
  shutDown(name: string): void {
    this.kubelet(name).shutDown(() => this.crash(name));
  }

  private silence(kubelet: Kubelet, act: (kubelet: Kubelet) => void): void {
    act(kubelet);
    this.heartbeats.silence(kubelet.index, kubelet.isSilent);
  }

  private podEvent(pod: Pod, isGone: boolean): void {
    const { nodeName } = pod.spec ?? {};
    if (nodeName) this.byName.get(nodeName)?.podChanged(pod, isGone);
  }

  private report(index: number): void {
    if (this.unregistered.has(index)) return;
    this.heartbeats.reported(index);
    this.kubelets[index]!.report((isWritten) => {
      if (isWritten) return;
      // Somebody deleted the node; upstream's kubelet does not come back either before it is started anew.
      this.heartbeats.changed(index);
    });
  }

  private register(kubelet: Kubelet, done: () => void): void {
    kubelet.register((isRegistered) => {
      if (isRegistered) {
        this.unregistered.delete(kubelet.index);
        done();
        return;
      }
      this.unregistered.add(kubelet.index);
      this.clock.timer(this.clock.nowMs + RETRY_MS, () => this.register(kubelet, done));
    });
  }
}
