/** What expressions may name: quantities of a node and of the pod, with units, and what each depends on. */
import type { ClusterView, Dependency, PodInfo } from '../../scheduler/plugin.ts';

export interface NodeVariable {
  readonly unit: string;
  readonly dependsOn: Extract<Dependency, 'node' | 'usage' | 'nodes'>;
  /** By row; undefined where every node has 0. */
  column(cluster: ClusterView, gpuResource: string): ArrayLike<number> | undefined;
}

export interface PodVariable {
  readonly unit: string;
  value(pod: PodInfo, gpuResource: string): number;
}

const node = (unit: string, column: NodeVariable['column']): NodeVariable => ({ unit, dependsOn: 'node', column });
const usage = (unit: string, column: NodeVariable['column']): NodeVariable => ({ unit, dependsOn: 'usage', column });

export const NODE_VARIABLES: Readonly<Record<string, NodeVariable>> = {
  cpuAllocatable: node('milli-cores', (cluster) => cluster.allocatableCpuMilli),
  memoryAllocatable: node('bytes', (cluster) => cluster.allocatableMemoryBytes),
  storageAllocatable: node('bytes', (cluster) => cluster.allocatableEphemeralStorageBytes),
  podsAllocatable: node('pods', (cluster) => cluster.allocatablePods),
  gpuAllocatable: node('devices', (cluster, gpu) => cluster.scalarAllocatable(gpu)),
  cpuRequested: usage('milli-cores', (cluster) => cluster.requestedCpuMilli),
  memoryRequested: usage('bytes', (cluster) => cluster.requestedMemoryBytes),
  storageRequested: usage('bytes', (cluster) => cluster.requestedEphemeralStorageBytes),
  pods: usage('pods', (cluster) => cluster.podCount),
  gpuRequested: usage('devices', (cluster, gpu) => cluster.scalarRequested(gpu)),
};

export const POD_VARIABLES: Readonly<Record<string, PodVariable>> = {
  podCpu: { unit: 'milli-cores', value: ({ requests }) => requests.cpuMilli },
  podMemory: { unit: 'bytes', value: ({ requests }) => requests.memoryBytes },
  podStorage: { unit: 'bytes', value: ({ requests }) => requests.ephemeralStorageBytes },
  podGpu: {
    unit: 'devices',
    value: ({ requests }, gpu) => requests.scalars.find(([name]) => name === gpu)?.[1] ?? 0,
  },
  podPriority: { unit: 'points', value: ({ priority }) => priority },
};

export const CONSTANTS: Readonly<Record<string, number>> = { pi: Math.PI, e: Math.E };

/** Name, and how many arguments it takes. */
export const FUNCTIONS: Readonly<Record<string, readonly [least: number, most: number]>> = {
  abs: [1, 1],
  ceil: [1, 1],
  exp: [1, 1],
  floor: [1, 1],
  log: [1, 1],
  log10: [1, 1],
  log2: [1, 1],
  max: [1, 16],
  min: [1, 16],
  pow: [2, 2],
  round: [1, 1],
  sign: [1, 1],
  sqrt: [1, 1],
};

/** Functions of a node's labels, whose arguments are texts. */
export const LABEL_FUNCTIONS: Readonly<Record<string, number>> = { hasLabel: 1, labelIs: 2, labelNumber: 1 };
