/** What a runtime model knows of a sandbox and of a container; both are their own CRI status. */

import type { Cancel } from '../../scheduler/clock.ts';
import {
  type Container,
  type ContainerConfig,
  ContainerState,
  type ContainerStatus,
  type Image,
  type ImageSpec,
  NamespaceMode,
  type PodSandbox,
  type PodSandboxConfig,
  type PodSandboxMetadata,
  type PodSandboxStatus,
  SandboxState,
  type Texts,
} from '../cri/index.ts';
import type { Behaviour } from './behaviour.ts';

export class SandboxRecord implements PodSandboxStatus, PodSandbox {
  readonly id: string;
  readonly config: PodSandboxConfig;
  readonly createdAt: number;
  readonly ip: string;
  /** Newest last. */
  readonly containers: ContainerRecord[] = [];
  state: SandboxState = SandboxState.READY;

  constructor(id: string, config: PodSandboxConfig, createdAt: number, ip: string) {
    this.id = id;
    this.config = config;
    this.createdAt = createdAt;
    this.ip = ip;
  }

  get metadata(): PodSandboxMetadata {
    return this.config.metadata;
  }

  get labels(): Texts {
    return this.config.labels ?? NONE;
  }

  get annotations(): Texts {
    return this.config.annotations ?? NONE;
  }

  get network(): { readonly ip: string } {
    return { ip: this.ip };
  }

  get isOnHostNetwork(): boolean {
    return isOnHostNetwork(this.config);
  }

  get linux(): PodSandboxStatus['linux'] {
    const network = this.isOnHostNetwork ? NamespaceMode.NODE : NamespaceMode.POD;
    return { namespaces: { options: { network, pid: NamespaceMode.CONTAINER, ipc: NamespaceMode.POD } } };
  }
}

const NONE: Texts = {};

export const isOnHostNetwork = ({ linux }: PodSandboxConfig): boolean =>
  linux?.securityContext?.namespaceOptions?.network === NamespaceMode.NODE;

export class ContainerRecord implements ContainerStatus, Container {
  readonly id: string;
  readonly sandbox: SandboxRecord;
  readonly config: ContainerConfig;
  readonly createdAt: number;
  readonly image: ImageSpec;
  readonly imageRef: string;
  readonly behaviour: Behaviour;
  state: ContainerState = ContainerState.CREATED;
  startedAt = 0;
  finishedAt = 0;
  exitCode = 0;
  reason = '';
  /** Of its own end, or of the one it was told. */
  cancelEnd: Cancel | undefined;
  stopDueMs = Number.POSITIVE_INFINITY;
  /** Those who asked it to stop. */
  whenEnded: Array<() => void> | undefined;

  constructor(
    id: string,
    sandbox: SandboxRecord,
    config: ContainerConfig,
    createdAt: number,
    image: Image,
    behaviour: Behaviour,
  ) {
    this.id = id;
    this.sandbox = sandbox;
    this.config = config;
    this.createdAt = createdAt;
    this.image = image.spec ?? config.image;
    this.imageRef = image.repoDigests[0] ?? image.id;
    this.behaviour = behaviour;
  }

  get podSandboxId(): string {
    return this.sandbox.id;
  }

  get metadata(): ContainerConfig['metadata'] {
    return this.config.metadata;
  }

  get labels(): Texts {
    return this.config.labels ?? NONE;
  }

  get annotations(): Texts {
    return this.config.annotations ?? NONE;
  }

  get logPath(): string {
    return this.config.logPath ?? '';
  }

  get message(): string {
    return '';
  }
}
