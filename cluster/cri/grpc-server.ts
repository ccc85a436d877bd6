/** A runtime on a unix socket, as a kubelet or crictl finds it. */
import * as grpc from '@grpc/grpc-js';
import { criDefinition, IMAGE_SERVICE, type ImageMethod, RUNTIME_SERVICE, type RuntimeMethod } from './definition.ts';
import type { ContainerConfig, ContainerFilter, ImageSpec, PodSandboxConfig, SandboxFilter } from './messages.ts';
import { Code, CriError, type CriRuntime } from './services.ts';

/** A request as protobuf gives it: every field there, messages that were not sent null. */
// biome-ignore lint/suspicious/noExplicitAny: the wire has no types; each handler names what it reads
type Request = any;
type Reply = (error: CriError | undefined, response: object) => void;
type Handler = (request: Request, reply: Reply) => void;

const EMPTY = {};

export interface CriServer {
  close(): Promise<void>;
}

/** @param socket Path of the unix socket; a file that is there is taken for one left behind. */
export async function serveCri(runtime: CriRuntime, socket: string): Promise<CriServer> {
  const definition = criDefinition();
  const server = new grpc.Server();
  const add = (name: string, handlers: Record<string, Handler>, more: grpc.UntypedServiceImplementation = {}): void => {
    const service = definition[name] as grpc.ServiceDefinition;
    const unary = Object.entries(handlers).map(([method, handler]) => [method, unaryCall(handler)]);
    server.addService(service, { ...Object.fromEntries(unary), ...more });
  };
  add(RUNTIME_SERVICE, runtimeHandlers(runtime), { GetContainerEvents: eventStream(runtime) });
  add(IMAGE_SERVICE, imageHandlers(runtime));
  await new Promise<void>((resolve, reject) => {
    const bound = (error: Error | null): void => (error === null ? resolve() : reject(error));
    server.bindAsync(`unix://${socket}`, grpc.ServerCredentials.createInsecure(), bound);
  });
  return {
    close: () =>
      new Promise((resolve) => {
        server.forceShutdown();
        resolve();
      }),
  };
}

const unaryCall =
  (handler: Handler) =>
  (call: grpc.ServerUnaryCall<Request, object>, answer: grpc.sendUnaryData<object>): void => {
    try {
      handler(call.request, (error, response) =>
        error === undefined ? answer(null, response) : answer({ code: error.code, details: error.message }),
      );
    } catch (error) {
      answer({ code: Code.INTERNAL, details: error instanceof Error ? error.message : String(error) });
    }
  };

const eventStream =
  (runtime: CriRuntime) =>
  (call: grpc.ServerWritableStream<Request, object>): void => {
    const stop = runtime.getContainerEvents(
      (event) => void call.write(event),
      (error) => (error === undefined ? call.end() : call.destroy(error)),
    );
    // A client that goes away is no reason to go on.
    call.on('cancelled', stop);
    call.on('close', stop);
  };

function runtimeHandlers(runtime: CriRuntime): Record<RuntimeMethod, Handler> {
  return {
    Version: (_, reply) => runtime.version(reply),
    Status: ({ verbose }, reply) => runtime.status(verbose, reply),
    RunPodSandbox: ({ config, runtimeHandler }, reply) => {
      if (config?.metadata == null) {
        reply(new CriError(Code.INVALID_ARGUMENT, 'sandbox config is missing metadata'), EMPTY);
        return;
      }
      runtime.runPodSandbox(config as PodSandboxConfig, runtimeHandler, (error, podSandboxId) =>
        reply(error, { podSandboxId }),
      );
    },
    StopPodSandbox: ({ podSandboxId }, reply) => runtime.stopPodSandbox(podSandboxId, (error) => reply(error, EMPTY)),
    RemovePodSandbox: ({ podSandboxId }, reply) =>
      runtime.removePodSandbox(podSandboxId, (error) => reply(error, EMPTY)),
    PodSandboxStatus: ({ podSandboxId }, reply) =>
      runtime.podSandboxStatus(podSandboxId, (error, status) => reply(error, { status })),
    ListPodSandbox: ({ filter }, reply) =>
      runtime.listPodSandbox(filterOf<SandboxFilter>(filter), (error, items) => reply(error, { items })),
    CreateContainer: ({ podSandboxId, config, sandboxConfig }, reply) => {
      if (config?.metadata == null || config.image == null) {
        reply(new CriError(Code.INVALID_ARGUMENT, 'container config is missing metadata or image'), EMPTY);
        return;
      }
      runtime.createContainer(podSandboxId, config as ContainerConfig, sandboxConfig, (error, containerId) =>
        reply(error, { containerId }),
      );
    },
    StartContainer: ({ containerId }, reply) => runtime.startContainer(containerId, (error) => reply(error, EMPTY)),
    StopContainer: ({ containerId, timeout }, reply) =>
      runtime.stopContainer(containerId, timeout, (error) => reply(error, EMPTY)),
    RemoveContainer: ({ containerId }, reply) => runtime.removeContainer(containerId, (error) => reply(error, EMPTY)),
    ListContainers: ({ filter }, reply) =>
      runtime.listContainers(filterOf<ContainerFilter>(filter), (error, containers) => reply(error, { containers })),
    ContainerStatus: ({ containerId }, reply) =>
      runtime.containerStatus(containerId, (error, status) => reply(error, { status })),
    UpdateContainerResources: ({ containerId, linux }, reply) =>
      runtime.updateContainerResources(containerId, linux ?? {}, (error) => reply(error, EMPTY)),
    ExecSync: ({ containerId, cmd, timeout }, reply) =>
      runtime.execSync(containerId, cmd, timeout, (error, result) => reply(error, result ?? EMPTY)),
    ContainerStats: ({ containerId }, reply) =>
      runtime.listContainerStats({ id: containerId }, (error, [stats]) => {
        if (error === undefined && stats === undefined) reply(noContainer(containerId), EMPTY);
        else reply(error, { stats });
      }),
    ListContainerStats: ({ filter }, reply) =>
      runtime.listContainerStats(filterOf<ContainerFilter>(filter), (error, stats) => reply(error, { stats })),
    UpdateRuntimeConfig: ({ runtimeConfig }, reply) =>
      runtime.updateRuntimeConfig(runtimeConfig?.networkConfig?.podCidr ?? '', (error) => reply(error, EMPTY)),
    RuntimeConfig: (_, reply) => reply(undefined, { linux: { cgroupDriver: 'SYSTEMD' } }),
  };
}

function imageHandlers(runtime: CriRuntime): Record<ImageMethod, Handler> {
  return {
    ListImages: ({ filter }, reply) =>
      runtime.listImages(filter?.image?.image || undefined, (error, images) => reply(error, { images })),
    ImageStatus: ({ image }, reply) =>
      runtime.imageStatus(specOf(image), (error, found) =>
        reply(error, found === undefined ? EMPTY : { image: found }),
      ),
    PullImage: ({ image }, reply) => runtime.pullImage(specOf(image), (error, imageRef) => reply(error, { imageRef })),
    RemoveImage: ({ image }, reply) => runtime.removeImage(specOf(image), (error) => reply(error, EMPTY)),
    ImageFsInfo: (_, reply) => runtime.imageFsInfo((error, info) => reply(error, info ?? EMPTY)),
  };
}

const specOf = (image: ImageSpec | null): ImageSpec => ({ image: image?.image ?? '' });
const noContainer = (id: string): CriError => new CriError(Code.NOT_FOUND, `container ${JSON.stringify(id)} not found`);

/** What was not asked for is not there. */
function filterOf<T>(filter: Request): T {
  if (filter == null) return {} as T;
  const { id, state, podSandboxId, labelSelector } = filter;
  const labels = Object.keys(labelSelector ?? EMPTY).length > 0 ? labelSelector : undefined;
  return {
    id: id || undefined,
    state: state ?? undefined,
    podSandboxId: podSandboxId || undefined,
    labelSelector: labels,
  } as T;
}
