/**
 * The whole cluster in one thread on one virtual clock: an API server over a store in memory, the scheduler, the controllers,
 * and a kubelet with a modelled runtime for each node. All of them go through the API as they do in real time; every name, UID
 * and chance is drawn with one seed, so that the same seed gives the same bytes.
 */
import type { KubeObject } from '../../api/index.ts';
import type { CoreOptions } from '../../scheduler/core.ts';
import type { EventRecord } from '../../scheduler/timed/api.ts';
import type { TimedObserver } from '../../scheduler/timed/timed-scheduler.ts';
import {
  ApiServer,
  type IdSource,
  InProcessClient,
  type ResourceRef,
  type Status,
  seededIds,
} from '../apiserver/index.ts';
import { VirtualClock } from '../clock.ts';
import { type RunningControllers, runControllers } from '../controllers/index.ts';
import { KubeletPool, type KubeletSettings, modelRuntimes, type NodeSpec } from '../kubelet/index.ts';
import { type BehaviourRule, Registry, type RegistryOptions, type RuntimeName } from '../runtimes/index.ts';
import { type RunningScheduler, runScheduler } from '../scheduler-client/index.ts';
import { MemoryStore } from '../store/index.ts';
import { Line } from './line.ts';

export interface WholeClusterOptions {
  /** They register in this order. */
  readonly nodes: readonly NodeSpec[];
  readonly scheduler: CoreOptions & {
    readonly attemptMs?: (nodeCount: number) => number;
    readonly bindingDelayMs?: number;
    readonly observer?: TimedObserver;
    /** An Event of the scheduler is about to be written. */
    readonly recorded?: (event: EventRecord) => void;
  };
  readonly seed: number;
  /** @default containerd */
  readonly runtime?: RuntimeName;
  /** Figures of the runtime's profile to replace. */
  readonly runtimeChanges?: Readonly<Record<string, unknown>>;
  readonly behaviours?: readonly BehaviourRule[];
  readonly images?: RegistryOptions;
  readonly kubelets?: Partial<KubeletSettings>;
  /**
   * Nodes renew Leases, and those that are not heard of are tainted and lose their pods. Where no node ever fails that comes
   * to nothing, and costs a write per node every ten seconds. @default true
   */
  readonly nodeLifecycle?: boolean;
  /** Changes that the API server remembers for watches. @default that of the API server */
  readonly historySize?: number;
}

export type FollowedChange = (type: 'ADDED' | 'MODIFIED' | 'DELETED', object: KubeObject) => void;

/** A Monday, for schedules. */
const START_MS = Date.UTC(2026, 0, 5);
const COMPACT_MS = 60_000;

export class WholeCluster {
  readonly clock = new VirtualClock(START_MS);
  /** What every client of the cluster speaks through. */
  readonly line = new Line(this.clock);
  readonly images: Registry;
  readonly kubelets: KubeletPool;
  readonly nodes: readonly NodeSpec[];
  server: ApiServer;
  private readonly options: WholeClusterOptions;
  private readonly store: MemoryStore;
  private readonly ids: IdSource;
  private readonly followers: Array<() => void> = [];
  private runningScheduler: RunningScheduler | undefined;
  private runningControllers: RunningControllers | undefined;

  /** Throws InputError for a runtime that cannot be. */
  constructor(options: WholeClusterOptions) {
    const { nodes, seed, runtime = 'containerd', runtimeChanges: changes, behaviours, kubelets: settings } = options;
    const { clock, line } = this;
    this.options = options;
    this.nodes = nodes;
    this.images = new Registry(options.images);
    this.store = new MemoryStore({ clock });
    this.ids = seededIds(seed);
    this.server = this.newServer();
    this.kubelets = new KubeletPool({
      client: line,
      clock,
      nodes,
      settings,
      seed,
      heartbeats: options.nodeLifecycle === false ? 'noted' : 'lease',
      ...modelRuntimes({ clock, runtime, changes, behaviours, registry: this.images, seed }),
    });
  }

  get scheduler(): RunningScheduler['scheduler'] {
    return this.runningScheduler!.scheduler;
  }

  get controllers(): RunningControllers {
    return this.runningControllers!;
  }

  /** Starts everything: first those who watch, so that nodes come to them in order. */
  start(): void {
    const { line, clock, options } = this;
    this.startServer();
    this.runningScheduler = runScheduler({ ...options.scheduler, client: line, clock, instance: 'berth' });
    this.runningControllers = runControllers({
      client: line,
      clock,
      ...(options.nodeLifecycle === false && { nodeLifecycle: false as const }),
    });
    clock.settle();
    this.kubelets.start();
    clock.settle();
  }

  stop(): void {
    this.kubelets.stop();
    this.runningControllers?.stop();
    this.runningScheduler?.stop();
    this.server.stop();
  }

  /** Lets time go by. */
  pass(ms: number): void {
    this.clock.settle();
    this.clock.runUntil(this.clock.nowMs + ms);
  }

  /** The API server ends; what is in the store stays. */
  stopServer(): void {
    this.line.connect(undefined);
    this.server.stop();
  }

  /** Another API server over the same store. */
  startAnotherServer(): void {
    this.server = this.newServer();
    this.startServer();
  }

  /** Tells of every change of a resource, at its moment and once, whatever happens to the API server. Before the start. */
  follow(resource: ResourceRef, changed: FollowedChange): void {
    let seen = 0;
    this.followers.push(() => {
      // While no server is there nothing changes, so that the next one tells only what is known.
      new InProcessClient(this.server).watch(
        resource,
        {},
        {
          event: ({ type, object }) => {
            if (type === 'ERROR' || type === 'BOOKMARK') return;
            const version = Number(object.metadata?.resourceVersion);
            if (version <= seen) return;
            seen = version;
            changed(type, object);
          },
          ended: () => {},
        },
      );
    });
  }

  /** As the API server has it. */
  object(kind: string, namespace: string, name: string): KubeObject | undefined {
    return this.server.core.cached(kind, namespace, name);
  }

  objects(kind: string): KubeObject[] {
    return [...this.server.core.cachedAll(kind)];
  }

  private newServer(): ApiServer {
    const { clock, store, ids, options } = this;
    return new ApiServer({
      store,
      clock,
      ids,
      historySize: options.historySize,
      compactEveryMs: COMPACT_MS,
      admission: { serviceAccount: true, taintNodesByCondition: options.nodeLifecycle !== false },
    });
  }

  private startServer(): void {
    this.server.start((error: Status | undefined) => {
      if (error !== undefined) throw new Error(error.message);
      for (const follow of this.followers) follow();
      this.line.connect(new InProcessClient(this.server));
    });
  }
}
