/** What a node says of itself. Source: `pkg/kubelet/nodestatus/setters.go` and `pkg/kubelet/kubelet_node_status.go`, v1.37.2. */
import { createHash } from 'node:crypto';
import type { Node, NodeStatus } from '../../api/index.ts';
import type { Image } from '../cri/index.ts';
import type { NodeSpec } from './node-spec.ts';

export type NodeCondition = NonNullable<NodeStatus['conditions']>[number];

export type Pressure = 'MemoryPressure' | 'DiskPressure' | 'PIDPressure';

/** Reason and message with and without it. */
const PRESSURES: Readonly<Record<Pressure, readonly [string, string, string, string]>> = {
  MemoryPressure: [
    'KubeletHasInsufficientMemory',
    'kubelet has insufficient memory available',
    'KubeletHasSufficientMemory',
    'kubelet has sufficient memory available',
  ],
  DiskPressure: [
    'KubeletHasDiskPressure',
    'kubelet has disk pressure',
    'KubeletHasNoDiskPressure',
    'kubelet has no disk pressure',
  ],
  PIDPressure: [
    'KubeletHasInsufficientPID',
    'kubelet has insufficient PID available',
    'KubeletHasSufficientPID',
    'kubelet has sufficient PID available',
  ],
};

/** How a node is. */
export interface NodeHealth {
  readonly pressures: ReadonlySet<Pressure>;
  /** Why it is not ready; undefined when it is. */
  readonly notReady: string | undefined;
}

export const HEALTHY: NodeHealth = { pressures: new Set(), notReady: undefined };

const names = Object.keys(PRESSURES) as Pressure[];

export function nodeConditions(
  { pressures, notReady }: NodeHealth,
  before: readonly NodeCondition[] | undefined,
  time: string,
): NodeCondition[] {
  const make = (type: string, status: string, reason: string, message: string): NodeCondition => {
    const old = before?.find((condition) => condition.type === type);
    const lastTransitionTime = old?.status === status ? old.lastTransitionTime : (time as never);
    return { type, status, lastHeartbeatTime: time as never, lastTransitionTime, reason, message };
  };
  const conditions = names.map((type) => {
    const [badReason, badMessage, goodReason, goodMessage] = PRESSURES[type];
    return pressures.has(type)
      ? make(type, 'True', badReason, badMessage)
      : make(type, 'False', goodReason, goodMessage);
  });
  conditions.push(
    notReady === undefined
      ? make('Ready', 'True', 'KubeletReady', 'kubelet is posting ready status')
      : make('Ready', 'False', 'KubeletNotReady', notReady),
  );
  return conditions;
}

/** Healthy nodes that have been so since the same second say the same: they share what they say. */
export class SharedConditions {
  private time = '';
  private readonly bySince = new Map<string, NodeCondition[]>();

  of(health: NodeHealth, before: readonly NodeCondition[] | undefined, time: string): NodeCondition[] {
    const since = health === HEALTHY ? sinceWhen(before) : undefined;
    if (since === undefined) return withOthers(nodeConditions(health, before, time), before);
    if (time !== this.time) {
      this.time = time;
      this.bySince.clear();
    }
    let conditions = this.bySince.get(since);
    if (conditions === undefined) {
      conditions = nodeConditions(health, before, time);
      this.bySince.set(since, conditions);
    }
    return conditions;
  }
}

/** Since when everything has been well; undefined when it is not so simple. */
function sinceWhen(before: readonly NodeCondition[] | undefined): string | undefined {
  if (before?.length !== names.length + 1) return undefined;
  const since = before[0]!.lastTransitionTime;
  const isSimple = before.every(
    ({ type, status, lastTransitionTime }) =>
      lastTransitionTime === since && status === (type === 'Ready' ? 'True' : 'False'),
  );
  return isSimple ? (since as unknown as string) : undefined;
}

/** Conditions of others stay. */
function withOthers(own: NodeCondition[], before: readonly NodeCondition[] | undefined): NodeCondition[] {
  const others = before?.filter(({ type }) => own.every((condition) => condition.type !== type)) ?? [];
  return [...others, ...own];
}

const MAX_IMAGES = 50;

export function nodeImages(images: readonly Image[]): NodeStatus['images'] {
  return [...images]
    .sort((a, b) => b.size - a.size)
    .slice(0, MAX_IMAGES)
    .map(({ repoDigests, repoTags, size }) => ({ names: [...repoDigests, ...repoTags], sizeBytes: size }));
}

export interface NodeFrame {
  readonly spec: NodeSpec;
  /** Such as containerd://2.0.0. */
  readonly runtimeVersion: string;
  readonly boot: number;
}

const ENDPOINTS = { kubeletEndpoint: { Port: 10_250 } };
const KUBELET_VERSION = 'v1.37.2';

export function newNode({ spec, runtimeVersion, boot }: NodeFrame, conditions: NodeCondition[]): Node {
  const { name, labels, annotations, capacity, allocatable = capacity, taints, podCidr, address } = spec;
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { ...ownLabels(name), ...labels }, ...(annotations && { annotations }) },
    spec: { podCIDR: podCidr, podCIDRs: [podCidr], ...(taints && { taints: [...taints] }) },
    status: {
      capacity,
      allocatable,
      conditions,
      addresses: [
        { type: 'InternalIP', address },
        { type: 'Hostname', address: name },
      ],
      daemonEndpoints: ENDPOINTS,
      nodeInfo: nodeInfo(name, runtimeVersion, boot),
    },
  };
}

const ownLabels = (name: string) => ({
  'beta.kubernetes.io/arch': 'amd64',
  'beta.kubernetes.io/os': 'linux',
  'kubernetes.io/arch': 'amd64',
  'kubernetes.io/hostname': name,
  'kubernetes.io/os': 'linux',
});

export function nodeInfo(name: string, containerRuntimeVersion: string, boot: number) {
  return {
    machineID: hash(name).slice(0, 32),
    systemUUID: uuid(hash(name)),
    bootID: uuid(hash(`${name}/${boot}`)),
    kernelVersion: '6.12.0-model',
    osImage: 'berth node model',
    containerRuntimeVersion,
    kubeletVersion: KUBELET_VERSION,
    kubeProxyVersion: '',
    operatingSystem: 'linux',
    architecture: 'amd64',
  };
}

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
const uuid = (hex: string): string =>
  `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
