/** A runtime behind a unix socket, as its kubelet sees it. */
import * as grpc from '@grpc/grpc-js';
import { criDefinition, IMAGE_SERVICE, type ImageMethod, RUNTIME_SERVICE, type RuntimeMethod } from './definition.ts';
import type {
  Container,
  ContainerConfig,
  ContainerEvent,
  ContainerFilter,
  ContainerResources,
  ContainerStats,
  ContainerStatus,
  ExecSyncResult,
  Image,
  ImageSpec,
  PodSandbox,
  PodSandboxConfig,
  PodSandboxStatus,
  SandboxFilter,
  Version,
} from './messages.ts';
import {
  type Code,
  type CriAnswer,
  CriError,
  type CriRuntime,
  type ImageFsInfo,
  type StatusResult,
} from './services.ts';

export interface CriClientOptions {
  readonly socket: string;
  /** How long a call may take; pulls have no limit, and stops have their own time on top. @default 2 min, as the kubelet's */
  readonly timeoutMs?: number;
  /** The time of day, for deadlines. */
  readonly now: () => number;
}

// biome-ignore lint/suspicious/noExplicitAny: the wire has no types; each method names what it reads
type Response = any;

const TIMEOUT_MS = 120_000;

export class CriClient implements CriRuntime {
  private readonly runtime: grpc.Client;
  private readonly images: grpc.Client;
  private readonly services: Readonly<Record<'runtime' | 'images', grpc.ServiceDefinition>>;
  private readonly timeoutMs: number;
  private readonly now: () => number;

  constructor({ socket, timeoutMs = TIMEOUT_MS, now }: CriClientOptions) {
    const definition = criDefinition();
    this.timeoutMs = timeoutMs;
    this.now = now;
    this.services = {
      runtime: definition[RUNTIME_SERVICE] as grpc.ServiceDefinition,
      images: definition[IMAGE_SERVICE] as grpc.ServiceDefinition,
    };
    const make = (): grpc.Client => new grpc.Client(`unix://${socket}`, grpc.credentials.createInsecure());
    this.runtime = make();
    this.images = make();
  }

  close(): void {
    this.runtime.close();
    this.images.close();
  }

  version(answer: CriAnswer<Version>): void {
    this.call('Version', { version: 'v1' }, answer);
  }

  status(verbose: boolean, answer: CriAnswer<StatusResult>): void {
    this.call('Status', { verbose }, answer);
  }

  runPodSandbox(config: PodSandboxConfig, runtimeHandler: string, answer: CriAnswer<string>): void {
    this.call('RunPodSandbox', { config, runtimeHandler }, answer, (response) => response.podSandboxId);
  }

  stopPodSandbox(podSandboxId: string, answer: CriAnswer<undefined>): void {
    this.call('StopPodSandbox', { podSandboxId }, answer, nothing);
  }

  removePodSandbox(podSandboxId: string, answer: CriAnswer<undefined>): void {
    this.call('RemovePodSandbox', { podSandboxId }, answer, nothing);
  }

  podSandboxStatus(podSandboxId: string, answer: CriAnswer<PodSandboxStatus>): void {
    this.call('PodSandboxStatus', { podSandboxId }, answer, (response) => response.status);
  }

  listPodSandbox(filter: SandboxFilter, answer: CriAnswer<readonly PodSandbox[]>): void {
    this.call('ListPodSandbox', { filter }, answer, (response) => response.items);
  }

  createContainer(
    podSandboxId: string,
    config: ContainerConfig,
    sandboxConfig: PodSandboxConfig,
    answer: CriAnswer<string>,
  ): void {
    this.call('CreateContainer', { podSandboxId, config, sandboxConfig }, answer, (response) => response.containerId);
  }

  startContainer(containerId: string, answer: CriAnswer<undefined>): void {
    this.call('StartContainer', { containerId }, answer, nothing);
  }

  stopContainer(containerId: string, timeout: number, answer: CriAnswer<undefined>): void {
    this.call('StopContainer', { containerId, timeout }, answer, nothing, this.timeoutMs + timeout * 1000);
  }

  removeContainer(containerId: string, answer: CriAnswer<undefined>): void {
    this.call('RemoveContainer', { containerId }, answer, nothing);
  }

  listContainers(filter: ContainerFilter, answer: CriAnswer<readonly Container[]>): void {
    this.call('ListContainers', { filter }, answer, (response) => response.containers);
  }

  containerStatus(containerId: string, answer: CriAnswer<ContainerStatus>): void {
    this.call('ContainerStatus', { containerId }, answer, (response) => response.status);
  }

  updateContainerResources(containerId: string, linux: ContainerResources, answer: CriAnswer<undefined>): void {
    this.call('UpdateContainerResources', { containerId, linux }, answer, nothing);
  }

  execSync(containerId: string, cmd: readonly string[], timeout: number, answer: CriAnswer<ExecSyncResult>): void {
    this.call('ExecSync', { containerId, cmd, timeout }, answer, undefined, this.timeoutMs + timeout * 1000);
  }

  listContainerStats({ id, podSandboxId, labelSelector }: ContainerFilter, answer: CriAnswer<ContainerStats[]>): void {
    const filter = { id, podSandboxId, labelSelector };
    this.call('ListContainerStats', { filter }, answer, (response) => response.stats);
  }

  getContainerEvents(event: (event: ContainerEvent) => void, ended: (error: CriError | undefined) => void): () => void {
    const method = this.services.runtime.GetContainerEvents!;
    const { path, requestSerialize, responseDeserialize } = method;
    const stream = this.runtime.makeServerStreamRequest(path, requestSerialize, responseDeserialize, {});
    let isOver = false;
    const end = (error: CriError | undefined): void => {
      if (isOver) return;
      isOver = true;
      ended(error);
    };
    stream.on('data', (response: Response) =>
      event({ ...response, podSandboxStatus: response.podSandboxStatus ?? undefined }),
    );
    stream.on('error', (error) => end(errorOf(error as grpc.ServiceError)));
    stream.on('end', () => end(undefined));
    return () => {
      isOver = true;
      stream.cancel();
    };
  }

  updateRuntimeConfig(podCidr: string, answer: CriAnswer<undefined>): void {
    this.call('UpdateRuntimeConfig', { runtimeConfig: { networkConfig: { podCidr } } }, answer, nothing);
  }

  listImages(image: string | undefined, answer: CriAnswer<readonly Image[]>): void {
    const filter = image === undefined ? undefined : { image: { image } };
    this.call('ListImages', { filter }, answer, (response) => response.images);
  }

  imageStatus(image: ImageSpec, answer: CriAnswer<Image | undefined>): void {
    this.call('ImageStatus', { image }, answer, (response) => response.image ?? undefined);
  }

  pullImage(image: ImageSpec, answer: CriAnswer<string>): void {
    this.call('PullImage', { image }, answer, (response) => response.imageRef, Number.POSITIVE_INFINITY);
  }

  removeImage(image: ImageSpec, answer: CriAnswer<undefined>): void {
    this.call('RemoveImage', { image }, answer, nothing);
  }

  imageFsInfo(answer: CriAnswer<ImageFsInfo>): void {
    this.call('ImageFsInfo', {}, answer);
  }

  private call<T>(
    name: RuntimeMethod | ImageMethod,
    request: object,
    answer: CriAnswer<T>,
    read: (response: Response) => T = (response) => response,
    timeoutMs = this.timeoutMs,
  ): void {
    const isImage = this.services.images[name] !== undefined;
    const { path, requestSerialize, responseDeserialize } = this.services[isImage ? 'images' : 'runtime'][name]!;
    const options = timeoutMs === Number.POSITIVE_INFINITY ? {} : { deadline: this.now() + timeoutMs };
    const client = isImage ? this.images : this.runtime;
    client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, options, (error, response) => {
      if (error !== null) answer(errorOf(error), undefined as T);
      else answer(undefined, read(response));
    });
  }
}

const nothing = (): undefined => undefined;
const errorOf = ({ code, details }: grpc.ServiceError): CriError => new CriError(code as Code, details || 'no details');
