/**
 * The kubelet of one node: it takes the pods that are bound to the node, or refuses them, and gives each a worker. An idle one
 * has no timer and no runtime.
 */
import type { KubeObject, Node, Pod } from '../../api/index.ts';
import { type Clock, Lane } from '../../scheduler/clock.ts';
import type { Random } from '../../scheduler/random.ts';
import type { ApiClient } from '../apiserver/client.ts';
import type { ContainerEvent, CriRuntime } from '../cri/index.ts';
import { ContainerEventType } from '../cri/index.ts';
import { rejectionOf, requestsOf } from './admission.ts';
import { CallDeadlines } from './call-deadlines.ts';
import type { Conditions } from './conditions.ts';
import { Evictions } from './evictions.ts';
import { ImagePulls } from './image-pulls.ts';
import type { KubeletEvents } from './kubelet-events.ts';
import type { NodeRuntime } from './node-runtime.ts';
import type { NodeServices } from './node-services.ts';
import type { NodeSpec } from './node-spec.ts';
import { HEALTHY, type NodeHealth, nodeImages, type Pressure, type SharedConditions } from './node-status.ts';
import { NodeWriter } from './node-writer.ts';
import { isTerminalPhase, type NodeFacts } from './pod-status.ts';
import { PodWorker } from './pod-worker.ts';
import { type ListedPod, listPods, readPod } from './pods-of-runtime.ts';
import { Seconds } from './seconds.ts';
import type { KubeletSettings } from './settings.ts';
import { Shutdown } from './shutdown.ts';

/** What all kubelets of a pool share. */
export interface PoolServices {
  readonly clock: Clock;
  readonly settings: KubeletSettings;
  readonly random: Random;
  readonly events: KubeletEvents;
  readonly podConditions: Conditions;
  readonly nodeConditions: SharedConditions;
  makeRuntime(index: number): NodeRuntime;
  /** The node's status is to be written soon. */
  statusChanged(index: number): void;
}

const ORPHANS_MS = 2000;

export class Kubelet implements NodeServices {
  readonly index: number;
  readonly spec: NodeSpec;
  readonly client: ApiClient;
  readonly writer: NodeWriter;
  private readonly pool: PoolServices;
  private made: NodeRuntime | undefined;
  private services:
    | { readonly pulls: ImagePulls; readonly deadlines: CallDeadlines; readonly facts: NodeFacts }
    | undefined;
  private workers: Map<string, PodWorker> | undefined;
  private requested: Map<string, number> | undefined;
  private admitted = 0;
  private health: NodeHealth = HEALTHY;
  private images: NonNullable<Node['status']>['images'];
  private dirty: Set<PodWorker> | undefined;
  private isRelisting = false;
  /** It has come back, and asks the runtime what there is. */
  private isReading = false;
  private fingerprints: Map<string, string> | undefined;
  private stopEvents: (() => void) | undefined;
  private evictions: Evictions | undefined;
  private isDown = false;
  /** What waits while it hangs. */
  private held: Array<() => void> | undefined;
  /** Pods of the node while it is down, as the API has them. */
  private parked: Map<string, Pod> | undefined;
  private garbage: Set<string> | undefined;
  private shutdown: Shutdown | undefined;
  private life = 0;

  constructor(index: number, spec: NodeSpec, client: ApiClient, pool: PoolServices, runtimeVersion: string) {
    this.index = index;
    this.spec = spec;
    this.client = client;
    this.pool = pool;
    this.writer = new NodeWriter(client, pool.clock, { spec, runtimeVersion, boot: 0 });
  }

  get name(): string {
    return this.spec.name;
  }

  get clock(): Clock {
    return this.pool.clock;
  }

  get settings(): KubeletSettings {
    return this.pool.settings;
  }

  get random(): Random {
    return this.pool.random;
  }

  get runtime(): CriRuntime {
    return this.nodeRuntime.runtime;
  }

  get pulls(): ImagePulls {
    return this.shared.pulls;
  }

  get deadlines(): CallDeadlines {
    return this.shared.deadlines;
  }

  get facts(): NodeFacts {
    return this.shared.facts;
  }

  get isViewLagging(): boolean {
    return !this.nodeRuntime.isDirect;
  }

  /** Made when there is a first pod. */
  get nodeRuntime(): NodeRuntime {
    if (this.made === undefined) {
      this.made = this.pool.makeRuntime(this.index);
      this.listen();
    }
    return this.made;
  }

  /** Pods that take room, by uid. */
  *active(): Generator<Pod> {
    for (const worker of this.workers?.values() ?? []) if (worker.isActive) yield worker.pod;
  }

  *activeWorkers(): Generator<PodWorker> {
    for (const worker of this.workers?.values() ?? []) if (worker.isActive) yield worker;
  }

  /** What admitted pods take of the node. */
  get use(): { readonly pods: number; readonly requested: ReadonlyMap<string, number> } {
    return { pods: this.admitted, requested: this.requested ?? NO_REQUESTS };
  }

  get podCount(): number {
    return this.workers?.size ?? 0;
  }

  register(done: (isRegistered: boolean) => void): void {
    this.writer.register(this.statusChange(), done);
  }

  report(done: (isWritten: boolean) => void): void {
    this.writer.write(this.statusChange(), done);
  }

  renew(): void {
    this.writer.renew(this.settings.leaseDurationS);
  }

  /** A pod that is bound to the node is new or has changed, or is gone. */
  podChanged(pod: Pod, isGone: boolean): void {
    const uid = pod.metadata?.uid ?? '';
    if (this.parked !== undefined) {
      if (isGone) this.parked.delete(uid);
      else this.parked.set(uid, pod);
      return;
    }
    const worker = this.workers?.get(uid);
    if (isGone) worker?.removed();
    else if (worker !== undefined) worker.heard(pod);
    else this.add(pod);
  }

  event(
    about: KubeObject,
    container: string | undefined,
    type: 'Normal' | 'Warning',
    reason: string,
    message: string,
  ): void {
    if (!this.settings.events) return;
    const field = container === undefined ? undefined : fieldPathOf(about as Pod, container);
    this.pool.events.record(this.client, this.name, about, field, type, reason, message);
  }

  whenAwake(task: () => void): void {
    if (this.isDown) return;
    if (this.held !== undefined) this.held.push(task);
    else task();
  }

  imagesChanged(): void {
    this.runtime.listImages(undefined, (error, images) => {
      if (error !== undefined) return;
      this.images = nodeImages(images);
      this.pool.statusChanged(this.index);
    });
  }

  /** Frees what the pod took; with the pod gone, what the runtime has of it goes as well. */
  finished(worker: PodWorker): void {
    this.release(worker);
    if (!worker.isGone) return;
    this.workers?.delete(worker.uid);
    this.dirty?.delete(worker);
    this.fingerprints?.delete(worker.uid);
    for (const { sandbox } of worker.view.groups) this.removeSandbox(sandbox.id);
  }

  refresh(worker: PodWorker, done: () => void): void {
    const { life } = this;
    listPods(this.runtime, (pods) => {
      if (life !== this.life) return;
      const pod = pods?.get(worker.uid);
      if (pods === undefined) done();
      else if (pod === undefined) {
        worker.view.groups = [];
        done();
      } else {
        readPod(this.runtime, pod, (groups) => {
          if (groups !== undefined) worker.view.groups = groups;
          done();
        });
      }
    });
  }

  /** The machine loses power: everything on it is lost, and nobody is told. */
  crash(): void {
    if (this.isDown) return;
    this.isDown = true;
    this.park();
    this.made?.powerOff?.();
  }

  /** The kubelet alone ends: what runs goes on. */
  stop(): void {
    if (this.isDown) return;
    this.isDown = true;
    this.park();
  }

  /** Comes back after `crash` or `stop`. */
  recover(): void {
    if (!this.isDown) return;
    this.isDown = false;
    this.made?.powerOn?.();
    this.pool.statusChanged(this.index);
    if (this.made === undefined) {
      this.unpark();
      return;
    }
    this.listen();
    this.isReading = true;
    this.readAll(() => {
      this.isReading = false;
      this.unpark();
    });
  }

  /** Neither hears nor says anything until `resume`. */
  hang(): void {
    if (this.held !== undefined || this.isDown) return;
    this.held = [];
    this.parked ??= this.podsInApi();
  }

  resume(): void {
    if (this.held === undefined) return;
    const { held } = this;
    this.held = undefined;
    this.pool.statusChanged(this.index);
    for (const task of held) task();
    // What the runtime has is not known yet: the pods wait for that.
    if (this.isReading || this.parked === undefined) return;
    const { parked } = this;
    this.parked = undefined;
    for (const worker of [...(this.workers?.values() ?? [])]) if (!parked.has(worker.uid)) worker.removed();
    for (const pod of parked.values()) this.podChanged(pod, false);
  }

  get isSilent(): boolean {
    return this.isDown || this.held !== undefined;
  }

  /** The machine is about to go down in good order. */
  shutDown(done: () => void = () => {}): void {
    if (this.shutdown !== undefined) return;
    this.shutdown = new Shutdown(this, done);
    this.health = { ...this.health, notReady: 'node is shutting down' };
    this.report(() => {});
    this.shutdown.begin();
  }

  setPressures(pressures: ReadonlySet<Pressure>): void {
    const isSameSet =
      pressures.size === this.health.pressures.size && [...pressures].every((each) => this.health.pressures.has(each));
    if (isSameSet) return;
    const { notReady } = this.health;
    this.health = pressures.size === 0 && notReady === undefined ? HEALTHY : { pressures, notReady };
    this.report(() => {});
  }

  private get shared() {
    this.services ??= {
      pulls: new ImagePulls(this.clock, this.settings),
      deadlines: new CallDeadlines(this.clock),
      facts: {
        scheme: this.nodeRuntime.scheme,
        hostIp: this.spec.address,
        hostIps: [{ ip: this.spec.address }],
        conditions: this.pool.podConditions,
      },
    };
    return this.services;
  }

  private statusChange() {
    const time = Seconds.of(this.clock.nowMs);
    const { images, health } = this;
    return {
      images,
      conditions: (before: Parameters<SharedConditions['of']>[1]) => this.pool.nodeConditions.of(health, before, time),
    };
  }

  private add(pod: Pod): void {
    const worker = new PodWorker(this, pod);
    this.workers ??= new Map();
    this.workers.set(worker.uid, worker);
    const { phase } = pod.status ?? {};
    const isEnding = pod.metadata?.deletionTimestamp !== undefined || isTerminalPhase(phase);
    const groups = this.listed?.get(worker.uid);
    if (groups !== undefined) worker.view.groups = groups;
    if (isEnding) {
      worker.start();
      return;
    }
    // What already runs here was taken before.
    const isKnown = groups !== undefined;
    this.client.get({ group: '', version: 'v1', resource: 'nodes', name: this.name }, (error, node) =>
      this.whenAwake(() => {
        if (worker.isGone) return;
        const rejection = isKnown || error !== undefined ? undefined : this.rejection(worker, node as Node);
        if (rejection !== undefined) {
          worker.reject(rejection.reason, rejection.message);
          return;
        }
        this.take(worker);
        worker.start();
        this.watchResources(pod);
      }),
    );
  }

  private rejection(worker: PodWorker, node: Node) {
    const { pod } = worker;
    if (this.shutdown !== undefined) return SHUTTING_DOWN;
    return (
      this.evictions?.rejection(pod) ??
      rejectionOf(pod, node, {
        ...this.use,
        active: () => [...this.active()].filter((other) => other !== pod),
      })
    );
  }

  private take(worker: PodWorker): void {
    this.requested ??= new Map();
    this.admitted++;
    worker.isAdmitted = true;
    for (const [name, amount] of requestsOf(worker.pod)) {
      this.requested.set(name, (this.requested.get(name) ?? 0) + amount);
    }
  }

  private release(worker: PodWorker): void {
    if (!worker.isAdmitted) return;
    worker.isAdmitted = false;
    this.admitted--;
    for (const [name, amount] of requestsOf(worker.pod)) {
      this.requested!.set(name, this.requested!.get(name)! - amount);
    }
  }

  /** Only where something says how much it uses. */
  private watchResources(pod: Pod): void {
    this.evictions ??= new Evictions(this);
    this.evictions.podAdded(pod);
  }

  private listen(): void {
    const { runtime, isDirect } = this.made!;
    const { life } = this;
    if (!isDirect) {
      this.fingerprints = new Map();
      this.relistLater();
      return;
    }
    this.stopEvents = runtime.getContainerEvents(
      (event) => {
        if (life === this.life && !this.isDown) this.heardOf(event);
      },
      () => {},
    );
  }

  /** A direct runtime tells of every change; the pod is looked at when the kubelet would next ask. */
  private heardOf({ containerId, containerEventType, podSandboxStatus, containersStatuses }: ContainerEvent): void {
    if (podSandboxStatus === undefined) return;
    const worker = this.workers?.get(podSandboxStatus.metadata.uid);
    const isSandbox = containerId === podSandboxStatus.id;
    if (containerEventType === ContainerEventType.DELETED) {
      if (isSandbox) worker?.view.remove(containerId);
      return;
    }
    if (worker === undefined) {
      this.orphan(podSandboxStatus.id);
      return;
    }
    const [first] = worker.view.groups;
    if (first?.sandbox !== podSandboxStatus || first.containers !== containersStatuses) {
      worker.view.take({ sandbox: podSandboxStatus, containers: containersStatuses });
    }
    // That a container was made is no news to whoever made it.
    if (containerEventType === ContainerEventType.CREATED) return;
    if (this.settings.relistMs === 0) {
      worker.wake();
      return;
    }
    this.dirty ??= new Set();
    this.dirty.add(worker);
    this.relistLater();
  }

  private relistLater(): void {
    if (this.isRelisting) return;
    this.isRelisting = true;
    const { clock, life } = this;
    const { relistMs } = this.settings;
    const task = (): void => {
      this.isRelisting = false;
      if (life !== this.life) return;
      this.whenAwake(() => this.relist());
    };
    clock.at(this.nextRelistMs(Math.max(relistMs, 1)), task, Lane.Component);
  }

  /** Kubelets ask at moments of their own, not all at once. */
  private nextRelistMs(relistMs: number): number {
    const phaseMs = (this.index * 37) % relistMs;
    return (Math.floor((this.clock.nowMs - phaseMs) / relistMs) + 1) * relistMs + phaseMs;
  }

  private relist(): void {
    if (this.fingerprints === undefined) {
      const dirty = this.dirty ?? [];
      this.dirty = undefined;
      for (const worker of dirty) worker.wake();
      return;
    }
    const { life } = this;
    listPods(this.runtime, (pods) => {
      if (life !== this.life) return;
      if (pods !== undefined) this.compare(pods);
      this.relistLater();
    });
  }

  private compare(pods: ReadonlyMap<string, ListedPod>): void {
    const known = this.fingerprints!;
    for (const [uid, pod] of pods) {
      const worker = this.workers?.get(uid);
      if (worker === undefined) {
        for (const { id } of pod.sandboxes) this.orphan(id);
        continue;
      }
      if (known.get(uid) === pod.fingerprint) continue;
      known.set(uid, pod.fingerprint);
      worker.wake();
    }
    for (const uid of [...known.keys()]) {
      if (pods.has(uid)) continue;
      known.delete(uid);
      this.workers?.get(uid)?.wake();
    }
  }

  private listed: Map<string, PodWorker['view']['groups']> | undefined;

  /** What the runtime has of each pod, before the pods are taken over. */
  private readAll(done: () => void): void {
    const { life } = this;
    listPods(this.runtime, (pods) => {
      if (life !== this.life) return;
      const all = [...(pods?.values() ?? [])];
      this.listed = new Map();
      let left = all.length;
      const finish = (): void => {
        if (life !== this.life) return;
        done();
        for (const [uid, groups] of this.listed ?? []) {
          if (this.workers?.has(uid)) continue;
          for (const { sandbox } of groups) this.orphan(sandbox.id);
        }
        this.listed = undefined;
      };
      const over = (): void => this.whenAwake(finish);
      if (left === 0) over();
      for (const pod of all) {
        readPod(this.runtime, pod, (groups) => {
          if (life !== this.life) return;
          if (groups !== undefined) this.listed!.set(pod.uid, groups);
          if (--left === 0) over();
        });
      }
    });
  }

  /** Nobody knows its pod, and if that is still so in a while it goes (`HandlePodCleanups`). */
  private orphan(sandboxId: string): void {
    if (this.garbage?.has(sandboxId)) return;
    this.removeSandbox(sandboxId, ORPHANS_MS);
  }

  private removeSandbox(id: string, afterMs = 0): void {
    this.garbage ??= new Set();
    if (this.garbage.has(id)) return;
    this.garbage.add(id);
    if (afterMs === 0) this.collect(id);
    else this.collectLater(id, afterMs);
  }

  private collectLater(id: string, afterMs: number): void {
    const { clock, life } = this;
    const task = (): void => {
      if (life === this.life) this.whenAwake(() => this.collect(id));
    };
    clock.at(clock.nowMs + afterMs, task, Lane.Component);
  }

  private collect(id: string): void {
    const { life } = this;
    this.runtime.stopPodSandbox(id, (stopError) => {
      if (life !== this.life) return;
      if (stopError !== undefined) {
        this.collectLater(id, this.settings.garbageMs);
        return;
      }
      this.runtime.removePodSandbox(id, (error) => {
        if (life !== this.life) return;
        if (error === undefined) this.garbage?.delete(id);
        else this.collectLater(id, this.settings.garbageMs);
      });
    });
  }

  private unpark(): void {
    const pods = [...(this.parked?.values() ?? [])];
    this.parked = undefined;
    for (const pod of pods) this.add(pod);
  }

  private podsInApi(): Map<string, Pod> {
    const workers = [...(this.workers?.values() ?? [])].filter(({ isGone }) => !isGone);
    return new Map(workers.map(({ uid, pod }) => [uid, pod]));
  }

  private park(): void {
    this.life++;
    this.parked ??= this.podsInApi();
    this.held = undefined;
    for (const worker of this.workers?.values() ?? []) worker.stop();
    this.workers = undefined;
    this.requested = undefined;
    this.admitted = 0;
    this.dirty = undefined;
    this.isRelisting = false;
    this.isReading = false;
    this.listed = undefined;
    this.garbage = undefined;
    this.evictions?.stop();
    this.evictions = undefined;
    this.shutdown = undefined;
    this.health = HEALTHY;
    this.services = undefined;
    this.stopEvents?.();
  }
}

const NO_REQUESTS: ReadonlyMap<string, number> = new Map();
const SHUTTING_DOWN = { reason: 'NodeShutdown', message: 'Pod was rejected as the node is shutting down.' };

/** As events name a container of a pod. */
function fieldPathOf({ spec }: Pod, name: string): string {
  const isInit = spec?.initContainers?.some((container) => container.name === name) === true;
  return `spec.${isInit ? 'initContainers' : 'containers'}{${name}}`;
}
