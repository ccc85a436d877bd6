/** A policy that knows single GPUs: an integer score 0 … 100 per node that fits, and the GPUs that a pod gets there. */
import type { GpuCluster, GpuPod } from './gpu-cluster.ts';

export interface GpuPolicy {
  readonly name: string;
  score(cluster: GpuCluster, node: number, pod: GpuPod): number;
  pick(cluster: GpuCluster, node: number, pod: GpuPod): number;
  /** The node has changed: what is kept about it is out of date. */
  changed?(node: number): void;
}
