/**
 * The state of a cluster in numbers, at any moment of a cell. The definitions stand with the fields of `ClusterState`;
 * shares are as exact as the CSV files write them.
 *
 * Cost of a reading: O(nodes + nodes with free GPUs × GPU shapes).
 */
import { compileRequiredNodeAffinity } from '../api/index.ts';
import { type ClusterState, csvNumber } from '../reports/index.ts';
import type { Cluster } from '../scheduler/index.ts';
import { GPU_RESOURCE, podOf, type Workload } from '../workloads/index.ts';

/** What a pod drawn from the workload's GPU pods may ask for. */
interface GpuShape {
  /** Among the pods that ask for GPUs. */
  readonly share: number;
  readonly cpuMilli: number;
  readonly memoryBytes: number;
  readonly gpus: number;
  /** By row of the cluster; undefined when any node will do. */
  readonly allowed: Uint8Array | undefined;
}

export class ClusterMeter {
  private readonly cluster: Cluster;
  private readonly gpuShapes: readonly GpuShape[];

  /** All nodes must be in the cluster, and stay. */
  constructor(cluster: Cluster, workload: Workload) {
    this.cluster = cluster;
    this.gpuShapes = gpuShapesOf(cluster, workload);
  }

  read(): ClusterState {
    const { cluster } = this;
    const { order, nodeCount, allocatableCpuMilli, requestedCpuMilli, podCount } = cluster;
    let nodesUsed = 0;
    let sum = 0;
    let sumOfSquares = 0;
    for (let i = 0; i < nodeCount; i++) {
      const row = order[i]!;
      if (podCount[row]! > 0) nodesUsed++;
      const share = allocatableCpuMilli[row]! === 0 ? 0 : requestedCpuMilli[row]! / allocatableCpuMilli[row]!;
      sum += share;
      sumOfSquares += share * share;
    }
    const mean = sum / nodeCount;
    return {
      cpuAllocatedShare: this.share(requestedCpuMilli, allocatableCpuMilli),
      memoryAllocatedShare: this.share(cluster.requestedMemoryBytes, cluster.allocatableMemoryBytes),
      ...this.readGpus(),
      nodesUsed,
      cpuImbalance: csvNumber(Math.sqrt(Math.max(0, sumOfSquares / nodeCount - mean * mean))),
    };
  }

  private share(requested: Float64Array, allocatable: Float64Array): number {
    return csvNumber(this.total(requested) / this.total(allocatable));
  }

  private total(column: Float64Array): number {
    const { order, nodeCount } = this.cluster;
    let total = 0;
    for (let i = 0; i < nodeCount; i++) total += column[order[i]!]!;
    return total;
  }

  private readGpus(): Pick<ClusterState, 'gpuAllocatedShare' | 'gpuUnusableShare'> {
    const { cluster } = this;
    const { order, nodeCount } = cluster;
    const allocatable = cluster.scalarAllocatable(GPU_RESOURCE);
    const requested = cluster.scalarRequested(GPU_RESOURCE);
    const gpus = allocatable === undefined ? 0 : this.total(allocatable);
    if (gpus === 0) return { gpuAllocatedShare: undefined, gpuUnusableShare: undefined };
    let unusable = 0;
    for (let i = 0; i < nodeCount; i++) {
      const row = order[i]!;
      const free = allocatable![row]! - requested![row]!;
      if (free > 0) unusable += free * this.unfitShare(row, free);
    }
    return {
      gpuAllocatedShare: csvNumber(this.total(requested!) / gpus),
      gpuUnusableShare: this.gpuShapes.length === 0 ? undefined : csvNumber(unusable / gpus),
    };
  }

  /** How many of the workload's GPU pods, as a share, do not fit the node as it is. */
  private unfitShare(row: number, freeGpus: number): number {
    const { cluster } = this;
    if (cluster.podCount[row]! >= cluster.allocatablePods[row]!) return 1;
    const freeCpuMilli = cluster.allocatableCpuMilli[row]! - cluster.requestedCpuMilli[row]!;
    const freeMemoryBytes = cluster.allocatableMemoryBytes[row]! - cluster.requestedMemoryBytes[row]!;
    let unfit = 0;
    for (const { share, cpuMilli, memoryBytes, gpus, allowed } of this.gpuShapes) {
      const fits =
        gpus <= freeGpus &&
        cpuMilli <= freeCpuMilli &&
        memoryBytes <= freeMemoryBytes &&
        (allowed === undefined || allowed[row] === 1);
      if (!fits) unfit += share;
    }
    return unfit;
  }
}

function gpuShapesOf(cluster: Cluster, workload: Workload): GpuShape[] {
  const { pods } = workload;
  const podsByShape = new Int32Array(workload.shapes.length);
  const anyPod = new Int32Array(workload.shapes.length);
  for (let pod = 0; pod < pods.count; pod++) {
    podsByShape[pods.shape[pod]!]!++;
    anyPod[pods.shape[pod]!] = pod;
  }
  const found: Array<Omit<GpuShape, 'share'> & { podCount: number }> = [];
  workload.shapes.forEach(({ spec }, shape) => {
    const podCount = podsByShape[shape]!;
    if (podCount === 0) return;
    const { requests } = cluster.classes.info(podOf(workload, anyPod[shape]!));
    const gpus = requests.scalars.find(([name]) => name === GPU_RESOURCE)?.[1] ?? 0;
    if (gpus === 0) return;
    const { cpuMilli, memoryBytes } = requests;
    const matcher = compileRequiredNodeAffinity(spec);
    let allowed: Uint8Array | undefined;
    if (matcher !== undefined) {
      allowed = new Uint8Array(cluster.rowCount);
      for (const row of cluster.order.subarray(0, cluster.nodeCount))
        allowed[row] = matcher.matches(cluster.node(row)) ? 1 : 0;
    }
    found.push({ podCount, cpuMilli, memoryBytes, gpus, allowed });
  });
  const total = found.reduce((sum, shape) => sum + shape.podCount, 0);
  return found.map(({ podCount, ...shape }) => ({ ...shape, share: podCount / total }));
}
