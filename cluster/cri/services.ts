/**
 * RuntimeService and ImageService of CRI v1: all that a kubelet has to do with a runtime goes through these two, by direct
 * call in simulations and over gRPC elsewhere. Calls answer through their last argument, before they return or later.
 */
import type {
  Container,
  ContainerConfig,
  ContainerEvent,
  ContainerFilter,
  ContainerResources,
  ContainerStats,
  ContainerStatus,
  ExecSyncResult,
  FilesystemUsage,
  Image,
  ImageSpec,
  PodSandbox,
  PodSandboxConfig,
  PodSandboxStatus,
  RuntimeStatus,
  SandboxFilter,
  Texts,
  Version,
} from './messages.ts';

/** Status codes of gRPC that a runtime answers with. */
export const Code = {
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
} as const;
export type Code = (typeof Code)[keyof typeof Code];

/** What a runtime refuses, with the code and text of gRPC. */
export class CriError extends Error {
  override readonly name = 'CriError';
  readonly code: Code;

  constructor(code: Code, message: string) {
    super(message);
    this.code = code;
  }

  /** As the kubelet writes it into events and statuses. */
  get text(): string {
    const name = Object.entries(GRPC_NAMES).find(([code]) => Number(code) === this.code)?.[1] ?? 'Unknown';
    return `rpc error: code = ${name} desc = ${this.message}`;
  }
}

const GRPC_NAMES: Readonly<Record<number, string>> = {
  1: 'Canceled',
  2: 'Unknown',
  3: 'InvalidArgument',
  4: 'DeadlineExceeded',
  5: 'NotFound',
  6: 'AlreadyExists',
  8: 'ResourceExhausted',
  9: 'FailedPrecondition',
  12: 'Unimplemented',
  13: 'Internal',
  14: 'Unavailable',
};

/** `error` is undefined exactly when the call succeeded. */
export type CriAnswer<T> = (error: CriError | undefined, result: T) => void;

export interface StatusResult {
  readonly status: RuntimeStatus;
  readonly info?: Texts;
}

export interface RuntimeService {
  version(answer: CriAnswer<Version>): void;
  status(verbose: boolean, answer: CriAnswer<StatusResult>): void;
  runPodSandbox(config: PodSandboxConfig, runtimeHandler: string, answer: CriAnswer<string>): void;
  stopPodSandbox(id: string, answer: CriAnswer<undefined>): void;
  removePodSandbox(id: string, answer: CriAnswer<undefined>): void;
  podSandboxStatus(id: string, answer: CriAnswer<PodSandboxStatus>): void;
  listPodSandbox(filter: SandboxFilter, answer: CriAnswer<readonly PodSandbox[]>): void;
  createContainer(
    sandboxId: string,
    config: ContainerConfig,
    sandbox: PodSandboxConfig,
    answer: CriAnswer<string>,
  ): void;
  startContainer(id: string, answer: CriAnswer<undefined>): void;
  /** Asks it to stop, and kills it after `timeoutS`. */
  stopContainer(id: string, timeoutS: number, answer: CriAnswer<undefined>): void;
  removeContainer(id: string, answer: CriAnswer<undefined>): void;
  listContainers(filter: ContainerFilter, answer: CriAnswer<readonly Container[]>): void;
  containerStatus(id: string, answer: CriAnswer<ContainerStatus>): void;
  updateContainerResources(id: string, resources: ContainerResources, answer: CriAnswer<undefined>): void;
  execSync(id: string, command: readonly string[], timeoutS: number, answer: CriAnswer<ExecSyncResult>): void;
  listContainerStats(filter: ContainerFilter, answer: CriAnswer<readonly ContainerStats[]>): void;
  /** Tells every change from now on. `ended` comes when the stream breaks; the function returned ends it. */
  getContainerEvents(event: (event: ContainerEvent) => void, ended: (error: CriError | undefined) => void): () => void;
  updateRuntimeConfig(podCidr: string, answer: CriAnswer<undefined>): void;
}

export interface ImageFsInfo {
  readonly imageFilesystems: readonly FilesystemUsage[];
  readonly containerFilesystems: readonly FilesystemUsage[];
}

export interface ImageService {
  listImages(image: string | undefined, answer: CriAnswer<readonly Image[]>): void;
  /** Undefined for an image that is not there. */
  imageStatus(image: ImageSpec, answer: CriAnswer<Image | undefined>): void;
  /** Answers the reference by which containers name the image. */
  pullImage(image: ImageSpec, answer: CriAnswer<string>): void;
  removeImage(image: ImageSpec, answer: CriAnswer<undefined>): void;
  imageFsInfo(answer: CriAnswer<ImageFsInfo>): void;
}

export type CriRuntime = RuntimeService & ImageService;
