/** What a runtime is told of a pod and of a container. Source: `pkg/kubelet/kuberuntime/{labels,kuberuntime_sandbox}.go`, v1.37.2. */
import { type Container, hostPorts, type Pod, wholeUnitsOf } from '../../api/index.ts';
import {
  type ContainerConfig,
  type ContainerMetadata,
  type ImageSpec,
  type LinuxPodSandboxConfig,
  NamespaceMode,
  type PodSandboxConfig,
  type PodSandboxMetadata,
  type PortMapping,
  type Texts,
} from '../cri/index.ts';

export const POD_NAME = 'io.kubernetes.pod.name';
export const POD_NAMESPACE = 'io.kubernetes.pod.namespace';
export const POD_UID = 'io.kubernetes.pod.uid';
export const CONTAINER_NAME = 'io.kubernetes.container.name';
const RESTART_COUNT = 'io.kubernetes.container.restartCount';

/** Made on demand: by direct call nobody asks for most of it. */
export class SandboxConfig implements PodSandboxConfig {
  readonly metadata: PodSandboxMetadata;
  readonly annotations: Texts | undefined;
  private readonly podLabels: Texts | undefined;
  private readonly spec: Pod['spec'];

  constructor({ metadata, spec }: Pod, attempt: number) {
    const { name = '', namespace = '', uid = '', labels, annotations } = metadata ?? {};
    this.metadata = { name, namespace, uid, attempt };
    this.podLabels = labels;
    this.annotations = annotations;
    this.spec = spec;
  }

  get hostname(): string {
    return this.spec?.hostname || this.metadata.name;
  }

  get logDirectory(): string {
    const { namespace, name, uid } = this.metadata;
    return `/var/log/pods/${namespace}_${name}_${uid}`;
  }

  get labels(): Texts {
    const { namespace, name, uid } = this.metadata;
    return { ...this.podLabels, [POD_NAME]: name, [POD_NAMESPACE]: namespace, [POD_UID]: uid };
  }

  get portMappings(): PortMapping[] {
    return hostPorts(this.spec ?? { containers: [] }).map(({ ip, protocol, port }) => ({
      protocol: ['TCP', 'UDP', 'SCTP'].indexOf(protocol),
      containerPort: port,
      hostPort: port,
      hostIp: ip,
    }));
  }

  get linux(): LinuxPodSandboxConfig {
    const { hostNetwork, hostPID, hostIPC, containers = [], initContainers = [] } = this.spec ?? {};
    const mode = (isHost: boolean | undefined, other: NamespaceMode): NamespaceMode =>
      isHost === true ? NamespaceMode.NODE : other;
    const isPrivileged = [...containers, ...initContainers].some(
      ({ securityContext }) => securityContext?.privileged === true,
    );
    return {
      securityContext: {
        privileged: isPrivileged,
        namespaceOptions: {
          network: mode(hostNetwork, NamespaceMode.POD),
          pid: mode(hostPID, NamespaceMode.CONTAINER),
          ipc: mode(hostIPC, NamespaceMode.POD),
        },
      },
    };
  }
}

export class PodContainerConfig implements ContainerConfig {
  readonly metadata: ContainerMetadata;
  readonly image: ImageSpec;
  readonly annotations: Texts;
  private readonly container: Container;
  private readonly sandbox: SandboxConfig;

  constructor(sandbox: SandboxConfig, container: Container, attempt: number, imageRef: string, annotations: Texts) {
    this.sandbox = sandbox;
    this.container = container;
    this.metadata = { name: container.name, attempt };
    this.image = { image: imageRef, userSpecifiedImage: container.image ?? '' };
    this.annotations = annotations;
  }

  get command(): readonly string[] {
    return this.container.command ?? [];
  }

  get args(): readonly string[] {
    return this.container.args ?? [];
  }

  get labels(): Texts {
    const { namespace, name, uid } = this.sandbox.metadata;
    return { [CONTAINER_NAME]: this.metadata.name, [POD_NAME]: name, [POD_NAMESPACE]: namespace, [POD_UID]: uid };
  }

  get logPath(): string {
    return `${this.metadata.name}/${this.metadata.attempt}.log`;
  }

  get linux(): ContainerConfig['linux'] {
    const { resources, securityContext } = this.container;
    const memory = resources?.limits?.memory;
    return {
      resources: { memoryLimitInBytes: memory === undefined ? 0 : wholeUnitsOf(memory) },
      securityContext: { privileged: securityContext?.privileged === true },
    };
  }
}

export const restartAnnotation = (attempt: number): Texts => ({ [RESTART_COUNT]: String(attempt) });
