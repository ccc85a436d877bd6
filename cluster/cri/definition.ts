/**
 * The wire form of CRI v1, as far as berth speaks it: names and numbers of fields are those of `runtime/v1/api.proto` of
 * `kubernetes/cri-api` v0.37.2. Fields that are not here are skipped by protobuf, so a part of a message is compatible.
 */
import { fromJSON, type PackageDefinition } from '@grpc/proto-loader';

/** `message: number name:type, ...`; `[]` repeats, `map` maps texts to texts. */
const MESSAGES = `
VersionRequest: 1 version:string
VersionResponse: 1 version:string, 2 runtime_name:string, 3 runtime_version:string, 4 runtime_api_version:string
PodSandboxMetadata: 1 name:string, 2 uid:string, 3 namespace:string, 4 attempt:uint32
DNSConfig: 1 servers:[]string, 2 searches:[]string, 3 options:[]string
PortMapping: 1 protocol:Protocol, 2 container_port:int32, 3 host_port:int32, 4 host_ip:string
NamespaceOption: 1 network:NamespaceMode, 2 pid:NamespaceMode, 3 ipc:NamespaceMode, 4 target_id:string
LinuxSandboxSecurityContext: 1 namespace_options:NamespaceOption, 6 privileged:bool
LinuxContainerResources: 1 cpu_period:int64, 2 cpu_quota:int64, 3 cpu_shares:int64, 4 memory_limit_in_bytes:int64, 5 oom_score_adj:int64, 6 cpuset_cpus:string, 7 cpuset_mems:string
LinuxPodSandboxConfig: 1 cgroup_parent:string, 2 security_context:LinuxSandboxSecurityContext, 3 sysctls:map, 4 overhead:LinuxContainerResources, 5 resources:LinuxContainerResources
PodSandboxConfig: 1 metadata:PodSandboxMetadata, 2 hostname:string, 3 log_directory:string, 4 dns_config:DNSConfig, 5 port_mappings:[]PortMapping, 6 labels:map, 7 annotations:map, 8 linux:LinuxPodSandboxConfig
RunPodSandboxRequest: 1 config:PodSandboxConfig, 2 runtime_handler:string
RunPodSandboxResponse: 1 pod_sandbox_id:string
StopPodSandboxRequest: 1 pod_sandbox_id:string
StopPodSandboxResponse:
RemovePodSandboxRequest: 1 pod_sandbox_id:string
RemovePodSandboxResponse:
PodSandboxStatusRequest: 1 pod_sandbox_id:string, 2 verbose:bool
PodIP: 1 ip:string
PodSandboxNetworkStatus: 1 ip:string, 2 additional_ips:[]PodIP
Namespace: 2 options:NamespaceOption
LinuxPodSandboxStatus: 1 namespaces:Namespace
PodSandboxStatus: 1 id:string, 2 metadata:PodSandboxMetadata, 3 state:PodSandboxState, 4 created_at:int64, 5 network:PodSandboxNetworkStatus, 6 linux:LinuxPodSandboxStatus, 7 labels:map, 8 annotations:map, 9 runtime_handler:string
PodSandboxStatusResponse: 1 status:PodSandboxStatus, 2 info:map, 3 containers_statuses:[]ContainerStatus, 4 timestamp:int64
PodSandboxStateValue: 1 state:PodSandboxState
PodSandboxFilter: 1 id:string, 2 state:PodSandboxStateValue, 3 label_selector:map
ListPodSandboxRequest: 1 filter:PodSandboxFilter
PodSandbox: 1 id:string, 2 metadata:PodSandboxMetadata, 3 state:PodSandboxState, 4 created_at:int64, 5 labels:map, 6 annotations:map, 7 runtime_handler:string
ListPodSandboxResponse: 1 items:[]PodSandbox
ImageSpec: 1 image:string, 2 annotations:map, 18 user_specified_image:string, 19 runtime_handler:string, 20 image_ref:string
KeyValue: 1 key:string, 2 value:bytes
ContainerMetadata: 1 name:string, 2 attempt:uint32
LinuxContainerSecurityContext: 2 privileged:bool, 3 namespace_options:NamespaceOption
LinuxContainerConfig: 1 resources:LinuxContainerResources, 2 security_context:LinuxContainerSecurityContext
ContainerConfig: 1 metadata:ContainerMetadata, 2 image:ImageSpec, 3 command:[]string, 4 args:[]string, 5 working_dir:string, 6 envs:[]KeyValue, 9 labels:map, 10 annotations:map, 11 log_path:string, 12 stdin:bool, 13 stdin_once:bool, 14 tty:bool, 15 linux:LinuxContainerConfig
CreateContainerRequest: 1 pod_sandbox_id:string, 2 config:ContainerConfig, 3 sandbox_config:PodSandboxConfig
CreateContainerResponse: 1 container_id:string
StartContainerRequest: 1 container_id:string
StartContainerResponse:
StopContainerRequest: 1 container_id:string, 2 timeout:int64
StopContainerResponse:
RemoveContainerRequest: 1 container_id:string
RemoveContainerResponse:
ContainerStateValue: 1 state:ContainerState
ContainerFilter: 1 id:string, 2 state:ContainerStateValue, 3 pod_sandbox_id:string, 4 label_selector:map
ListContainersRequest: 1 filter:ContainerFilter
Container: 1 id:string, 2 pod_sandbox_id:string, 3 metadata:ContainerMetadata, 4 image:ImageSpec, 5 image_ref:string, 6 state:ContainerState, 7 created_at:int64, 8 labels:map, 9 annotations:map, 10 image_id:string
ListContainersResponse: 1 containers:[]Container
ContainerStatusRequest: 1 container_id:string, 2 verbose:bool
ContainerStatus: 1 id:string, 2 metadata:ContainerMetadata, 3 state:ContainerState, 4 created_at:int64, 5 started_at:int64, 6 finished_at:int64, 7 exit_code:int32, 8 image:ImageSpec, 9 image_ref:string, 10 reason:string, 11 message:string, 12 labels:map, 13 annotations:map, 15 log_path:string, 17 image_id:string
ContainerStatusResponse: 1 status:ContainerStatus, 2 info:map
UpdateContainerResourcesRequest: 1 container_id:string, 2 linux:LinuxContainerResources, 4 annotations:map
UpdateContainerResourcesResponse:
ExecSyncRequest: 1 container_id:string, 2 cmd:[]string, 3 timeout:int64
ExecSyncResponse: 1 stdout:bytes, 2 stderr:bytes, 3 exit_code:int32
UInt64Value: 1 value:uint64
FilesystemIdentifier: 1 mountpoint:string
FilesystemUsage: 1 timestamp:int64, 2 fs_id:FilesystemIdentifier, 3 used_bytes:UInt64Value, 4 inodes_used:UInt64Value
ContainerAttributes: 1 id:string, 2 metadata:ContainerMetadata, 3 labels:map, 4 annotations:map
CpuUsage: 1 timestamp:int64, 2 usage_core_nano_seconds:UInt64Value, 3 usage_nano_cores:UInt64Value
MemoryUsage: 1 timestamp:int64, 2 working_set_bytes:UInt64Value
ContainerStats: 1 attributes:ContainerAttributes, 2 cpu:CpuUsage, 3 memory:MemoryUsage, 4 writable_layer:FilesystemUsage
ContainerStatsFilter: 1 id:string, 2 pod_sandbox_id:string, 3 label_selector:map
ContainerStatsRequest: 1 container_id:string
ContainerStatsResponse: 1 stats:ContainerStats
ListContainerStatsRequest: 1 filter:ContainerStatsFilter
ListContainerStatsResponse: 1 stats:[]ContainerStats
NetworkConfig: 1 pod_cidr:string
RuntimeConfig: 1 network_config:NetworkConfig
UpdateRuntimeConfigRequest: 1 runtime_config:RuntimeConfig
UpdateRuntimeConfigResponse:
RuntimeCondition: 1 type:string, 2 status:bool, 3 reason:string, 4 message:string
RuntimeStatus: 1 conditions:[]RuntimeCondition
StatusRequest: 1 verbose:bool
StatusResponse: 1 status:RuntimeStatus, 2 info:map
GetEventsRequest:
ContainerEventResponse: 1 container_id:string, 2 container_event_type:ContainerEventType, 3 created_at:int64, 4 pod_sandbox_status:PodSandboxStatus, 5 containers_statuses:[]ContainerStatus
LinuxRuntimeConfiguration: 1 cgroup_driver:CgroupDriver
RuntimeConfigRequest:
RuntimeConfigResponse: 1 linux:LinuxRuntimeConfiguration
ImageFilter: 1 image:ImageSpec
ListImagesRequest: 1 filter:ImageFilter
Image: 1 id:string, 2 repo_tags:[]string, 3 repo_digests:[]string, 4 size:uint64, 6 username:string, 7 spec:ImageSpec, 8 pinned:bool
ListImagesResponse: 1 images:[]Image
ImageStatusRequest: 1 image:ImageSpec, 2 verbose:bool
ImageStatusResponse: 1 image:Image, 2 info:map
AuthConfig: 1 username:string, 2 password:string, 3 auth:string, 4 server_address:string, 5 identity_token:string, 6 registry_token:string
PullImageRequest: 1 image:ImageSpec, 2 auth:AuthConfig, 3 sandbox_config:PodSandboxConfig
PullImageResponse: 1 image_ref:string
RemoveImageRequest: 1 image:ImageSpec
RemoveImageResponse:
ImageFsInfoRequest:
ImageFsInfoResponse: 1 image_filesystems:[]FilesystemUsage, 2 container_filesystems:[]FilesystemUsage
`;

const ENUMS = {
  Protocol: ['TCP', 'UDP', 'SCTP'],
  PodSandboxState: ['SANDBOX_READY', 'SANDBOX_NOTREADY'],
  ContainerState: ['CONTAINER_CREATED', 'CONTAINER_RUNNING', 'CONTAINER_EXITED', 'CONTAINER_UNKNOWN'],
  NamespaceMode: ['POD', 'CONTAINER', 'NODE', 'TARGET'],
  ContainerEventType: [
    'CONTAINER_CREATED_EVENT',
    'CONTAINER_STARTED_EVENT',
    'CONTAINER_STOPPED_EVENT',
    'CONTAINER_DELETED_EVENT',
  ],
  CgroupDriver: ['SYSTEMD', 'CGROUPFS'],
};

/** Methods whose request and response are called after them. */
const RUNTIME_METHODS = [
  'Version',
  'RunPodSandbox',
  'StopPodSandbox',
  'RemovePodSandbox',
  'PodSandboxStatus',
  'ListPodSandbox',
  'CreateContainer',
  'StartContainer',
  'StopContainer',
  'RemoveContainer',
  'ListContainers',
  'ContainerStatus',
  'UpdateContainerResources',
  'ExecSync',
  'ContainerStats',
  'ListContainerStats',
  'UpdateRuntimeConfig',
  'Status',
  'RuntimeConfig',
] as const;
const IMAGE_METHODS = ['ListImages', 'ImageStatus', 'PullImage', 'RemoveImage', 'ImageFsInfo'] as const;

export type RuntimeMethod = (typeof RUNTIME_METHODS)[number];
export type ImageMethod = (typeof IMAGE_METHODS)[number];

export const RUNTIME_SERVICE = 'runtime.v1.RuntimeService';
export const IMAGE_SERVICE = 'runtime.v1.ImageService';

type Schema = Parameters<typeof fromJSON>[0];

/** Field names in camel case, numbers as numbers, absent messages null. */
export function criDefinition(): PackageDefinition {
  const events = { requestType: 'GetEventsRequest', responseType: 'ContainerEventResponse', responseStream: true };
  const nested = {
    ...Object.fromEntries(Object.entries(ENUMS).map(([name, values]) => [name, enumOf(values)])),
    ...Object.fromEntries(MESSAGES.trim().split('\n').map(messageOf)),
    RuntimeService: { methods: { ...methodsOf(RUNTIME_METHODS), GetContainerEvents: events } },
    ImageService: { methods: methodsOf(IMAGE_METHODS) },
  };
  const schema = { nested: { runtime: { nested: { v1: { nested } } } } };
  return fromJSON(schema as Schema, { longs: Number, defaults: true, arrays: true, objects: true });
}

const enumOf = (values: readonly string[]): object => ({
  values: Object.fromEntries(values.map((value, i) => [value, i])),
});

function messageOf(line: string): [name: string, type: object] {
  const colon = line.indexOf(':');
  const fields: Record<string, object> = {};
  for (const field of line.slice(colon + 1).split(',')) {
    const match = /^(\d+) (\w+):(\[\])?(\w+)$/.exec(field.trim());
    if (match === null) continue;
    const [, number, snake = '', repeated, type = ''] = match;
    const name = snake.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
    const id = Number(number);
    if (type === 'map') fields[name] = { id, keyType: 'string', type: 'string' };
    else fields[name] = repeated === undefined ? { id, type } : { id, type, rule: 'repeated' };
  }
  return [line.slice(0, colon), { fields }];
}

const methodsOf = (names: readonly string[]): object =>
  Object.fromEntries(names.map((name) => [name, { requestType: `${name}Request`, responseType: `${name}Response` }]));
