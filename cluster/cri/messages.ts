/**
 * The messages of CRI v1 that a kubelet and crictl use, by the names of their fields (`runtime/v1/api.proto` of
 * `kubernetes/cri-api`); the numbers of the fields are in `definition.ts`.
 *
 * Times are nanoseconds since the epoch in a number, and so exact to a quarter of a microsecond.
 */

export type Texts = Readonly<Record<string, string>>;

export const SandboxState = { READY: 0, NOTREADY: 1 } as const;
export type SandboxState = (typeof SandboxState)[keyof typeof SandboxState];

export const ContainerState = { CREATED: 0, RUNNING: 1, EXITED: 2, UNKNOWN: 3 } as const;
export type ContainerState = (typeof ContainerState)[keyof typeof ContainerState];

export const NamespaceMode = { POD: 0, CONTAINER: 1, NODE: 2, TARGET: 3 } as const;
export type NamespaceMode = (typeof NamespaceMode)[keyof typeof NamespaceMode];

export const ContainerEventType = { CREATED: 0, STARTED: 1, STOPPED: 2, DELETED: 3 } as const;
export type ContainerEventType = (typeof ContainerEventType)[keyof typeof ContainerEventType];

export interface Version {
  readonly version: string;
  readonly runtimeName: string;
  readonly runtimeVersion: string;
  readonly runtimeApiVersion: string;
}

export interface RuntimeCondition {
  readonly type: string;
  readonly status: boolean;
  readonly reason?: string;
  readonly message?: string;
}

export interface RuntimeStatus {
  readonly conditions: readonly RuntimeCondition[];
}

export interface PodSandboxMetadata {
  readonly name: string;
  readonly uid: string;
  readonly namespace: string;
  readonly attempt: number;
}

export interface NamespaceOption {
  readonly network: NamespaceMode;
  readonly pid: NamespaceMode;
  readonly ipc: NamespaceMode;
}

export interface ContainerResources {
  readonly cpuPeriod?: number;
  readonly cpuQuota?: number;
  readonly cpuShares?: number;
  readonly memoryLimitInBytes?: number;
  readonly oomScoreAdj?: number;
}

export interface PortMapping {
  readonly protocol: number;
  readonly containerPort: number;
  readonly hostPort: number;
  readonly hostIp?: string;
}

export interface LinuxPodSandboxConfig {
  readonly cgroupParent?: string;
  readonly securityContext?: { readonly namespaceOptions?: NamespaceOption; readonly privileged?: boolean };
  readonly overhead?: ContainerResources;
  readonly resources?: ContainerResources;
}

export interface PodSandboxConfig {
  readonly metadata: PodSandboxMetadata;
  readonly hostname?: string;
  readonly logDirectory?: string;
  readonly portMappings?: readonly PortMapping[];
  readonly labels?: Texts;
  readonly annotations?: Texts;
  readonly linux?: LinuxPodSandboxConfig;
}

export interface PodSandboxStatus {
  readonly id: string;
  readonly metadata: PodSandboxMetadata;
  readonly state: SandboxState;
  readonly createdAt: number;
  readonly network?: { readonly ip: string };
  readonly linux?: { readonly namespaces?: { readonly options?: NamespaceOption } };
  readonly labels?: Texts;
  readonly annotations?: Texts;
  readonly runtimeHandler?: string;
}

export interface PodSandbox {
  readonly id: string;
  readonly metadata: PodSandboxMetadata;
  readonly state: SandboxState;
  readonly createdAt: number;
  readonly labels?: Texts;
  readonly annotations?: Texts;
}

export interface ImageSpec {
  readonly image: string;
  readonly userSpecifiedImage?: string;
}

export interface ContainerMetadata {
  readonly name: string;
  readonly attempt: number;
}

export interface ContainerConfig {
  readonly metadata: ContainerMetadata;
  readonly image: ImageSpec;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly labels?: Texts;
  readonly annotations?: Texts;
  readonly logPath?: string;
  readonly linux?: {
    readonly resources?: ContainerResources;
    readonly securityContext?: { readonly privileged?: boolean };
  };
}

export interface Container {
  readonly id: string;
  readonly podSandboxId: string;
  readonly metadata: ContainerMetadata;
  readonly image: ImageSpec;
  readonly imageRef: string;
  readonly state: ContainerState;
  readonly createdAt: number;
  readonly labels?: Texts;
  readonly annotations?: Texts;
}

export interface ContainerStatus {
  readonly id: string;
  readonly metadata: ContainerMetadata;
  readonly state: ContainerState;
  readonly createdAt: number;
  readonly startedAt: number;
  readonly finishedAt: number;
  readonly exitCode: number;
  readonly image: ImageSpec;
  readonly imageRef: string;
  readonly reason: string;
  readonly message: string;
  readonly labels?: Texts;
  readonly annotations?: Texts;
  readonly logPath?: string;
}

export interface ContainerEvent {
  readonly containerId: string;
  readonly containerEventType: ContainerEventType;
  readonly createdAt: number;
  /** Of the pod, as it is after the event; absent once the sandbox is removed. */
  readonly podSandboxStatus?: PodSandboxStatus;
  readonly containersStatuses: readonly ContainerStatus[];
}

export interface SandboxFilter {
  readonly id?: string;
  readonly state?: { readonly state: SandboxState };
  readonly labelSelector?: Texts;
}

export interface ContainerFilter {
  readonly id?: string;
  readonly state?: { readonly state: ContainerState };
  readonly podSandboxId?: string;
  readonly labelSelector?: Texts;
}

export interface ContainerStats {
  readonly attributes: { readonly id: string; readonly metadata: ContainerMetadata; readonly labels?: Texts };
  readonly cpu?: { readonly timestamp: number; readonly usageNanoCores?: { readonly value: number } };
  readonly memory?: { readonly timestamp: number; readonly workingSetBytes?: { readonly value: number } };
  readonly writableLayer?: FilesystemUsage;
}

export interface FilesystemUsage {
  readonly timestamp: number;
  readonly fsId?: { readonly mountpoint: string };
  readonly usedBytes?: { readonly value: number };
  readonly inodesUsed?: { readonly value: number };
}

export interface Image {
  readonly id: string;
  readonly repoTags: readonly string[];
  readonly repoDigests: readonly string[];
  readonly size: number;
  readonly spec?: ImageSpec;
  readonly pinned?: boolean;
}

export interface ExecSyncResult {
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  readonly exitCode: number;
}
