/**
 * A container runtime on one node: a model behind the same interface as a real one. It keeps sandboxes, containers and
 * images, takes the time that its profile says, and lets containers do what their behaviour says.
 *
 * Cost: nothing while nothing changes; a timer for every call that takes time and for every container that ends by itself.
 */
import { createHash } from 'node:crypto';
import { type Clock, Lane } from '../../scheduler/clock.ts';
import {
  Code,
  type Container,
  type ContainerConfig,
  type ContainerEvent,
  ContainerEventType,
  type ContainerFilter,
  type ContainerResources,
  ContainerState,
  type ContainerStats,
  type ContainerStatus,
  type CriAnswer,
  CriError,
  type CriRuntime,
  type ExecSyncResult,
  type Image,
  type ImageFsInfo,
  type ImageSpec,
  type PodSandbox,
  type PodSandboxConfig,
  type PodSandboxStatus,
  type SandboxFilter,
  SandboxState,
  type StatusResult,
  type Texts,
  type Version,
} from '../cri/index.ts';
import { type BehaviourRule, behaviourOf } from './behaviour.ts';
import { Daemon, type Operation } from './daemon.ts';
import { fullName, ImageStore, Registry } from './images.ts';
import { PodAddresses } from './pod-addresses.ts';
import { PROBE, probeAnswer } from './probe.ts';
import type { RuntimeProfile } from './profiles.ts';
import { ContainerRecord, isOnHostNetwork, SandboxRecord } from './records.ts';

export interface RuntimeModelOptions {
  readonly clock: Clock;
  readonly profile: RuntimeProfile;
  /** Where it draws its durations from, and what makes its ids its own. */
  readonly seed: number;
  /** @default a registry of its own */
  readonly registry?: Registry;
  readonly behaviours?: readonly BehaviourRule[];
  /** Address of pods on the network of the node. @default 127.0.0.1 */
  readonly hostIp?: string;
  /** @default 10.88.0.0/16 */
  readonly podCidr?: string;
  /** Of the file system that images and containers share; images that nobody uses go beyond 85 % of it. @default 100 GiB */
  readonly diskBytes?: number;
  /** The model for sandboxes that this runtime hands on: privileged ones and those on the network of the node. */
  readonly fallback?: RuntimeProfile;
}

const GIB = 2 ** 30;
const NS_PER_MS = 1e6;
const KILLED = 137;
/** Of a process that does not handle SIGTERM. */
const TERMINATED = 143;
const LOST = 255;
const GRACEFUL_STOP_MS = 100;
const HIGH_SHARE = 0.85;
const LOW_SHARE = 0.8;
const NO_RULES: readonly BehaviourRule[] = [];

export class RuntimeModel implements CriRuntime {
  readonly daemon: Daemon;
  readonly profile: RuntimeProfile;
  private readonly options: RuntimeModelOptions;
  private readonly clock: Clock;
  private readonly registry: Registry;
  private readonly images: ImageStore;
  private readonly sandboxes = new Map<string, SandboxRecord>();
  private readonly containers = new Map<string, ContainerRecord>();
  private readonly listeners = new Set<(event: ContainerEvent) => void>();
  private readonly pulls = new Map<string, Array<CriAnswer<string>>>();
  private readonly idSuffix: string;
  private addresses: PodAddresses;
  private made = 0;

  constructor(options: RuntimeModelOptions) {
    const { clock, profile, seed, registry = new Registry(), podCidr = '10.88.0.0/16' } = options;
    this.options = options;
    this.clock = clock;
    this.profile = profile;
    this.registry = registry;
    this.images = new ImageStore(clock);
    this.daemon = new Daemon(clock, seed, profile.sigma, profile.parallel);
    this.addresses = new PodAddresses(podCidr);
    this.idSuffix = createHash('sha256').update(`${profile.runtimeName}/${seed}`).digest('hex').slice(0, ID_SUFFIX);
  }

  version(answer: CriAnswer<Version>): void {
    this.daemon.do('version', 0, answer, () => {
      const { runtimeName, runtimeVersion } = this.profile;
      answer(undefined, { version: '0.1.0', runtimeName, runtimeVersion, runtimeApiVersion: 'v1' });
    });
  }

  status(_verbose: boolean, answer: CriAnswer<StatusResult>): void {
    this.daemon.do('status', 0, answer, () => {
      const ready = (type: string) => ({ type, status: true, reason: '', message: '' });
      answer(undefined, { status: { conditions: [ready('RuntimeReady'), ready('NetworkReady')] }, info: {} });
    });
  }

  runPodSandbox(config: PodSandboxConfig, _runtimeHandler: string, answer: CriAnswer<string>): void {
    this.daemon.do('runPodSandbox', this.profileOf(config).sandboxMs, answer, () => {
      const { hostIp = '127.0.0.1' } = this.options;
      const ip = isOnHostNetwork(config) ? hostIp : this.addresses.take();
      if (ip === undefined) {
        const name = config.metadata.name;
        answer(
          new CriError(Code.UNKNOWN, `failed to setup network for sandbox "${name}": no IP addresses available`),
          '',
        );
        return;
      }
      const lies = this.daemon.isLyingAbout('runPodSandbox');
      const sandbox = new SandboxRecord(this.newId(), config, this.nowNs(), lies ? '' : ip);
      this.sandboxes.set(sandbox.id, sandbox);
      this.tell(ContainerEventType.STARTED, sandbox, sandbox.id);
      answer(undefined, sandbox.id);
    });
  }

  stopPodSandbox(id: string, answer: CriAnswer<undefined>): void {
    this.daemon.do('stopPodSandbox', this.profile.stopMs, answer, () => {
      const sandbox = this.sandboxes.get(id);
      if (
        sandbox === undefined ||
        sandbox.state === SandboxState.NOTREADY ||
        this.daemon.isLyingAbout('stopPodSandbox')
      ) {
        answer(undefined, undefined);
        return;
      }
      for (const container of sandbox.containers) {
        if (container.state === ContainerState.RUNNING) this.end(container, KILLED, 'Error');
      }
      this.stopSandbox(sandbox);
      this.tell(ContainerEventType.STOPPED, sandbox, sandbox.id);
      answer(undefined, undefined);
    });
  }

  removePodSandbox(id: string, answer: CriAnswer<undefined>): void {
    this.daemon.do('removePodSandbox', this.profile.removeMs, answer, () => {
      const sandbox = this.sandboxes.get(id);
      if (sandbox !== undefined) {
        for (const container of [...sandbox.containers]) this.drop(container);
        if (sandbox.state === SandboxState.READY) this.stopSandbox(sandbox);
        this.sandboxes.delete(id);
        this.tell(ContainerEventType.DELETED, sandbox, sandbox.id);
      }
      answer(undefined, undefined);
    });
  }

  podSandboxStatus(id: string, answer: CriAnswer<PodSandboxStatus>): void {
    this.daemon.do('podSandboxStatus', 0, answer, () => {
      const sandbox = this.sandboxes.get(id);
      if (sandbox === undefined) answer(noSandbox(id), undefined as never);
      else answer(undefined, sandbox);
    });
  }

  listPodSandbox({ id, state, labelSelector }: SandboxFilter, answer: CriAnswer<readonly PodSandbox[]>): void {
    this.daemon.do('listPodSandbox', 0, answer, () => {
      const isWanted = (sandbox: SandboxRecord): boolean =>
        (id === undefined || sandbox.id.startsWith(id)) &&
        (state === undefined || sandbox.state === state.state) &&
        hasLabels(sandbox.labels, labelSelector);
      answer(undefined, [...this.sandboxes.values()].filter(isWanted));
    });
  }

  createContainer(
    sandboxId: string,
    config: ContainerConfig,
    _sandbox: PodSandboxConfig,
    answer: CriAnswer<string>,
  ): void {
    const owner = this.sandboxes.get(sandboxId);
    const { createMs } = owner === undefined ? this.profile : this.profileOf(owner.config);
    this.daemon.do('createContainer', createMs, answer, () => {
      const sandbox = this.sandboxes.get(sandboxId);
      const image = this.images.get(config.image.image);
      const refusal = this.createRefusal(sandboxId, sandbox, image, config);
      if (refusal !== undefined) {
        answer(refusal, '');
        return;
      }
      const { behaviours = NO_RULES } = this.options;
      const name = config.image.userSpecifiedImage || config.image.image;
      const behaviour = behaviourOf(behaviours, sandbox!, config.metadata.name, name);
      const container = new ContainerRecord(this.newId(), sandbox!, config, this.nowNs(), image!, behaviour);
      sandbox!.containers.push(container);
      this.containers.set(container.id, container);
      this.tell(ContainerEventType.CREATED, sandbox!, container.id);
      answer(undefined, container.id);
    });
  }

  startContainer(id: string, answer: CriAnswer<undefined>): void {
    const owner = this.containers.get(id)?.sandbox;
    const { startMs } = owner === undefined ? this.profile : this.profileOf(owner.config);
    this.daemon.do('startContainer', startMs, answer, () => {
      const container = this.containers.get(id);
      if (container === undefined) {
        answer(noContainer(id), undefined);
        return;
      }
      if (container.state !== ContainerState.CREATED) {
        answer(new CriError(Code.UNKNOWN, `container "${id}" is in ${STATE_NAMES[container.state]} state`), undefined);
        return;
      }
      if (!this.daemon.isLyingAbout('startContainer')) this.begin(container);
      answer(undefined, undefined);
    });
  }

  stopContainer(id: string, timeoutS: number, answer: CriAnswer<undefined>): void {
    this.daemon.do('stopContainer', this.profile.stopMs, answer, () => {
      const container = this.containers.get(id);
      if (
        container === undefined ||
        container.state === ContainerState.EXITED ||
        this.daemon.isLyingAbout('stopContainer')
      ) {
        answer(undefined, undefined);
        return;
      }
      if (container.state === ContainerState.CREATED) {
        this.end(container, KILLED, 'Error');
        answer(undefined, undefined);
        return;
      }
      container.whenEnded ??= [];
      container.whenEnded.push(() => answer(undefined, undefined));
      this.planStop(container, timeoutS * 1000);
    });
  }

  removeContainer(id: string, answer: CriAnswer<undefined>): void {
    this.daemon.do('removeContainer', this.profile.removeMs, answer, () => {
      const container = this.containers.get(id);
      if (container !== undefined) {
        this.drop(container);
        this.tell(ContainerEventType.DELETED, container.sandbox, id);
      }
      answer(undefined, undefined);
    });
  }

  listContainers(filter: ContainerFilter, answer: CriAnswer<readonly Container[]>): void {
    this.daemon.do('listContainers', 0, answer, () => answer(undefined, this.select(filter)));
  }

  containerStatus(id: string, answer: CriAnswer<ContainerStatus>): void {
    this.daemon.do('containerStatus', 0, answer, () => {
      const container = this.containers.get(id);
      if (container === undefined) answer(noContainer(id), undefined as never);
      else answer(undefined, container);
    });
  }

  updateContainerResources(id: string, _resources: ContainerResources, answer: CriAnswer<undefined>): void {
    this.daemon.do('updateContainerResources', 0, answer, () =>
      answer(this.containers.has(id) ? undefined : noContainer(id), undefined),
    );
  }

  execSync(id: string, command: readonly string[], timeoutS: number, answer: CriAnswer<ExecSyncResult>): void {
    this.daemon.do('execSync', this.profile.execMs, answer, () => {
      const container = this.containers.get(id);
      if (container?.state !== ContainerState.RUNNING) {
        const error =
          container === undefined ? noContainer(id) : new CriError(Code.UNKNOWN, `container "${id}" is not running`);
        answer(error, undefined as never);
        return;
      }
      const ranMs = this.clock.nowMs - container.startedAt / NS_PER_MS;
      answer(undefined, probeAnswer(container, command, ranMs, timeoutS));
    });
  }

  listContainerStats(filter: ContainerFilter, answer: CriAnswer<readonly ContainerStats[]>): void {
    this.daemon.do('listContainerStats', 0, answer, () => {
      const running = this.select(filter).filter(({ state }) => state === ContainerState.RUNNING);
      answer(
        undefined,
        running.map((container) => this.statsOf(container)),
      );
    });
  }

  getContainerEvents(event: (event: ContainerEvent) => void): () => void {
    this.listeners.add(event);
    return () => this.listeners.delete(event);
  }

  updateRuntimeConfig(podCidr: string, answer: CriAnswer<undefined>): void {
    this.daemon.do('updateRuntimeConfig', 0, answer, () => {
      if (podCidr !== '') this.addresses = new PodAddresses(podCidr);
      answer(undefined, undefined);
    });
  }

  listImages(image: string | undefined, answer: CriAnswer<readonly Image[]>): void {
    this.daemon.do('listImages', 0, answer, () => {
      const found = image === undefined ? this.images.all() : [this.images.get(image)];
      answer(
        undefined,
        found.filter((each) => each !== undefined),
      );
    });
  }

  imageStatus({ image }: ImageSpec, answer: CriAnswer<Image | undefined>): void {
    this.daemon.do('imageStatus', 0, answer, () => answer(undefined, this.images.get(image)));
  }

  pullImage({ image }: ImageSpec, answer: CriAnswer<string>): void {
    this.daemon.do('pullImage', 0, answer, () => {
      const name = fullName(image);
      const waiting = this.pulls.get(name);
      if (waiting !== undefined) {
        waiting.push(answer);
        return;
      }
      const answers = [answer];
      this.pulls.set(name, answers);
      this.fetch(name, (error, ref) => {
        this.pulls.delete(name);
        for (const each of answers) each(error, ref);
      });
    });
  }

  removeImage({ image }: ImageSpec, answer: CriAnswer<undefined>): void {
    this.daemon.do('removeImage', 0, answer, () => {
      this.images.remove(image);
      answer(undefined, undefined);
    });
  }

  imageFsInfo(answer: CriAnswer<ImageFsInfo>): void {
    this.daemon.do('imageFsInfo', 0, answer, () => {
      const usage = (bytes: number) => ({
        timestamp: this.nowNs(),
        fsId: { mountpoint: `/var/lib/${this.profile.runtimeName}` },
        usedBytes: { value: bytes },
        inodesUsed: { value: 0 },
      });
      const written = [...this.containers.values()].reduce((sum, { behaviour }) => sum + (behaviour.diskBytes ?? 0), 0);
      answer(undefined, {
        imageFilesystems: [usage(this.images.usedBytes)],
        containerFilesystems: [usage(written)],
      });
    });
  }

  /** The machine loses power: nothing runs any more, and nobody is told. */
  powerOff(message = 'connection refused'): void {
    this.daemon.stop(message);
    this.pulls.clear();
    this.listeners.clear();
    for (const container of this.containers.values()) {
      if (container.state === ContainerState.RUNNING) this.finish(container, LOST, 'Unknown');
    }
    for (const sandbox of this.sandboxes.values()) if (sandbox.state === SandboxState.READY) this.stopSandbox(sandbox);
  }

  powerOn(): void {
    this.daemon.start();
  }

  /** The daemon alone goes down; containers live on where the runtime lets them. */
  stopDaemon(message = 'connection refused'): void {
    this.daemon.stop(message);
    this.pulls.clear();
    if (this.profile.daemonEndsContainers === 0) return;
    for (const container of this.containers.values()) {
      if (container.state === ContainerState.RUNNING) this.finish(container, KILLED, 'Error');
    }
    for (const sandbox of this.sandboxes.values()) if (sandbox.state === SandboxState.READY) this.stopSandbox(sandbox);
  }

  startDaemon(): void {
    this.daemon.start();
  }

  /** Memory and processors that sandboxes take beside their containers. */
  overhead(): { readonly memoryBytes: number; readonly cpuMilli: number } {
    let memoryBytes = 0;
    let cpuMilli = 0;
    for (const sandbox of this.sandboxes.values()) {
      if (sandbox.state !== SandboxState.READY) continue;
      const profile = this.profileOf(sandbox.config);
      const running = sandbox.containers.filter(({ state }) => state === ContainerState.RUNNING).length;
      memoryBytes += profile.sandboxMemoryBytes + running * profile.containerMemoryBytes;
      cpuMilli += profile.sandboxCpuMilli;
    }
    return { memoryBytes, cpuMilli };
  }

  /** Frakti hands what a virtual machine cannot isolate to Docker. */
  private profileOf(config: PodSandboxConfig): RuntimeProfile {
    const { fallback } = this.options;
    if (fallback === undefined) return this.profile;
    return isOnHostNetwork(config) || config.linux?.securityContext?.privileged === true ? fallback : this.profile;
  }

  private createRefusal(
    sandboxId: string,
    sandbox: SandboxRecord | undefined,
    image: Image | undefined,
    { image: spec }: ContainerConfig,
  ): CriError | undefined {
    if (sandbox === undefined) return noSandbox(sandboxId);
    if (sandbox.state !== SandboxState.READY) {
      return new CriError(Code.UNKNOWN, `failed to create container: sandbox "${sandboxId}" is not running`);
    }
    if (image === undefined) {
      return new CriError(Code.NOT_FOUND, `failed to resolve image "${spec.image}": not found`);
    }
    return undefined;
  }

  private begin(container: ContainerRecord): void {
    container.state = ContainerState.RUNNING;
    container.startedAt = this.nowNs();
    const { runsMs, exitCode = 0, oomKilled = false } = container.behaviour;
    if (runsMs !== undefined) {
      const [code, reason] = oomKilled ? [KILLED, 'OOMKilled'] : [exitCode, exitCode === 0 ? 'Completed' : 'Error'];
      const end = (): void => this.end(container, code, reason);
      container.cancelEnd = this.clock.timer(this.clock.nowMs + runsMs, end, Lane.Component);
    }
    this.tell(ContainerEventType.STARTED, container.sandbox, container.id);
  }

  /** The sooner of its own end after the signal and of being killed. */
  private planStop(container: ContainerRecord, timeoutMs: number): void {
    const { stopMs = GRACEFUL_STOP_MS, stopExitCode = TERMINATED, ignoresStop = false } = container.behaviour;
    const isKilled = ignoresStop || stopMs > timeoutMs;
    const dueMs = this.clock.nowMs + (isKilled ? timeoutMs : stopMs);
    if (dueMs >= container.stopDueMs) return;
    container.cancelEnd?.();
    container.stopDueMs = dueMs;
    const code = isKilled ? KILLED : stopExitCode;
    const end = (): void => this.end(container, code, code === 0 ? 'Completed' : 'Error');
    container.cancelEnd = this.clock.timer(dueMs, end, Lane.Component);
  }

  private end(container: ContainerRecord, exitCode: number, reason: string): void {
    if (container.state === ContainerState.EXITED) return;
    this.finish(container, exitCode, reason);
    this.tell(ContainerEventType.STOPPED, container.sandbox, container.id);
    const waiting = container.whenEnded ?? [];
    container.whenEnded = undefined;
    for (const answer of waiting) answer();
  }

  private finish(container: ContainerRecord, exitCode: number, reason: string): void {
    container.cancelEnd?.();
    container.cancelEnd = undefined;
    container.state = ContainerState.EXITED;
    container.finishedAt = this.nowNs();
    container.exitCode = exitCode;
    container.reason = reason;
  }

  private drop(container: ContainerRecord): void {
    if (container.state === ContainerState.RUNNING) this.end(container, KILLED, 'Error');
    const { containers } = container.sandbox;
    const at = containers.indexOf(container);
    if (at >= 0) containers.splice(at, 1);
    this.containers.delete(container.id);
  }

  private stopSandbox(sandbox: SandboxRecord): void {
    sandbox.state = SandboxState.NOTREADY;
    if (!sandbox.isOnHostNetwork) this.addresses.give(sandbox.ip);
  }

  private fetch(name: string, answer: CriAnswer<string>): void {
    const { clock, daemon, profile, registry } = this;
    daemon.later(daemon.drawMs(profile.pullBaseMs), () => {
      const refusal = registry.refusal(name, clock.nowMs);
      if (refusal !== undefined) {
        answer(refusal, '');
        return;
      }
      const model = registry.model(name);
      const { bytes, unpackedBytes } = this.images.missing(model);
      const sentMs = registry.sentMs(bytes, clock.nowMs);
      const receivedMs = clock.nowMs + (bytes / profile.pullBytesPerSecond) * 1000;
      const unpackMs = (unpackedBytes / profile.unpackBytesPerSecond) * 1000;
      const endMs = Math.max(sentMs, receivedMs) + unpackMs * daemon.slowness;
      daemon.later(endMs - clock.nowMs, () => {
        this.collectImages(model.unpackedBytes);
        answer(undefined, this.images.add(model).id);
      });
    });
  }

  /** Makes room for so many bytes by what was used longest ago, when the disk is fuller than it should be. */
  private collectImages(bytes: number): void {
    const { diskBytes = 100 * GIB } = this.options;
    if (this.images.usedBytes + bytes <= diskBytes * HIGH_SHARE) return;
    const used = new Set([...this.containers.values()].map(({ image }) => fullName(image.image)));
    for (const name of this.images.leastRecentlyUsed()) {
      if (this.images.usedBytes + bytes <= diskBytes * LOW_SHARE) return;
      if (!used.has(fullName(name))) this.images.remove(name);
    }
  }

  private select({ id, state, podSandboxId, labelSelector }: ContainerFilter): ContainerRecord[] {
    const among =
      podSandboxId === undefined ? this.containers.values() : (this.sandboxes.get(podSandboxId)?.containers ?? []);
    return [...among].filter(
      (container) =>
        (id === undefined || container.id.startsWith(id)) &&
        (state === undefined || container.state === state.state) &&
        hasLabels(container.labels, labelSelector),
    );
  }

  private statsOf({ id, metadata, labels, behaviour }: ContainerRecord): ContainerStats {
    const timestamp = this.nowNs();
    const { memoryBytes = 0, cpuMilli = 0, diskBytes = 0, processes = 1 } = behaviour;
    return {
      attributes: { id, metadata, labels },
      cpu: { timestamp, usageNanoCores: { value: cpuMilli * 1e6 } },
      memory: { timestamp, workingSetBytes: { value: memoryBytes } },
      writableLayer: { timestamp, usedBytes: { value: diskBytes }, inodesUsed: { value: processes } },
    };
  }

  private tell(containerEventType: ContainerEventType, sandbox: SandboxRecord, containerId: string): void {
    if (this.listeners.size === 0) return;
    const isThere = this.sandboxes.has(sandbox.id);
    const event: ContainerEvent = {
      containerId,
      containerEventType,
      createdAt: this.nowNs(),
      podSandboxStatus: isThere || containerEventType === ContainerEventType.DELETED ? sandbox : undefined,
      containersStatuses: sandbox.containers,
    };
    for (const listener of this.listeners) listener(event);
  }

  private newId(): string {
    const made = this.made++;
    return scattered(made ^ this.options.seed) + scattered(Math.imul(made, 0x9e3779b9)) + this.idSuffix;
  }

  private nowNs(): number {
    return this.clock.nowMs * NS_PER_MS;
  }
}

/** Ids are 64 hexadecimal digits: 16 that differ in a runtime, as people tell them by their beginning, and 48 of its own. */
const ID_SUFFIX = 48;

/** Eight digits, different for every different word (the finaliser of MurmurHash3). */
function scattered(word: number): string {
  let mixed = word ^ (word >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return ((mixed ^ (mixed >>> 16)) >>> 0).toString(16).padStart(8, '0');
}

const STATE_NAMES = ['CONTAINER_CREATED', 'CONTAINER_RUNNING', 'CONTAINER_EXITED', 'CONTAINER_UNKNOWN'];

const noSandbox = (id: string): CriError =>
  new CriError(Code.NOT_FOUND, `an error occurred when try to find sandbox: not found: "${id}"`);
const noContainer = (id: string): CriError =>
  new CriError(Code.NOT_FOUND, `an error occurred when try to find container "${id}": not found`);

function hasLabels(labels: Texts, wanted: Texts | undefined): boolean {
  if (wanted === undefined) return true;
  for (const key in wanted) if (labels[key] !== wanted[key]) return false;
  return true;
}

export type { Operation };
export { PROBE };
