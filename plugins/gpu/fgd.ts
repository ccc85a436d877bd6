/**
 * FGD, fragmentation gradient descent: prefers the node, and on it the GPU, where placing the pod adds the least
 * fragmentation. score = trunc(100 · sigmoid((F before − F after)/1000)); the first GPU that reaches the best truncated
 * score is taken. Weng et al., USENIX ATC 2023; pkg/simulator/plugin/fgd_score.go of
 * hkust-adsl/kubernetes-scheduler-simulator 8f3d6417.
 *
 * Cost per score: one fragmentation measure per GPU with a different amount left, two for whole GPUs.
 */
import type { Fragmentation } from './fragmentation.ts';
import { GPUS_PER_NODE_MAX, type GpuCluster, type GpuPod, isShare } from './gpu-cluster.ts';
import { firstFree } from './pick-gpus.ts';
import type { GpuPolicy } from './policy.ts';

export class FragmentationGradientDescent implements GpuPolicy {
  readonly name = 'FGD';
  private readonly fragmentation: Fragmentation;
  private readonly scratch = new Int32Array(GPUS_PER_NODE_MAX);
  /** Of every node as it stands; NaN where it has to be measured again. */
  private before = new Float64Array(0);

  constructor(fragmentation: Fragmentation) {
    this.fragmentation = fragmentation;
  }

  changed(node: number): void {
    if (node < this.before.length) this.before[node] = Number.NaN;
  }

  score(cluster: GpuCluster, node: number, pod: GpuPod): number {
    const before = this.beforeOf(cluster, node);
    if (!isShare(pod)) return this.scoreWith(cluster, node, pod, firstFree(cluster, node, pod.gpus), before);
    return this.bestGpu(cluster, node, pod, before).score;
  }

  pick(cluster: GpuCluster, node: number, pod: GpuPod): number {
    if (!isShare(pod)) return pod.gpus === 0 ? 0 : firstFree(cluster, node, pod.gpus);
    return 1 << this.bestGpu(cluster, node, pod, this.beforeOf(cluster, node)).gpu;
  }

  private bestGpu(cluster: GpuCluster, node: number, pod: GpuPod, before: number): { gpu: number; score: number } {
    const start = node * cluster.stride;
    const count = cluster.gpuCount[node]!;
    let best = -1;
    let bestScore = -1;
    for (let gpu = 0; gpu < count; gpu++) {
      const left = cluster.gpuLeftMilli[start + gpu]!;
      if (left < pod.gpuMilli || this.isSeen(cluster, start, gpu, left)) continue;
      const score = this.scoreWith(cluster, node, pod, 1 << gpu, before);
      if (score > bestScore) {
        best = gpu;
        bestScore = score;
      }
    }
    return { gpu: best, score: bestScore };
  }

  /** A GPU with as much left as an earlier one cannot do better than that one. */
  private isSeen(cluster: GpuCluster, start: number, gpu: number, left: number): boolean {
    for (let earlier = start; earlier < start + gpu; earlier++) {
      if (cluster.gpuLeftMilli[earlier] === left) return true;
    }
    return false;
  }

  private scoreWith(cluster: GpuCluster, node: number, pod: GpuPod, gpus: number, before: number): number {
    const { scratch } = this;
    const start = node * cluster.stride;
    const count = cluster.gpuCount[node]!;
    for (let gpu = 0; gpu < count; gpu++) {
      const left = cluster.gpuLeftMilli[start + gpu]!;
      scratch[gpu] = gpus & (1 << gpu) ? left - pod.gpuMilli : left;
    }
    const cpuFree = cluster.cpuFreeMilli[node]! - pod.cpuMilli;
    const after = this.fragmentation.measure(cpuFree, scratch, 0, count, cluster.modelBit[node]!);
    return Math.trunc(100 * (1 / (1 + Math.exp(-(before - after) / 1000))));
  }

  private beforeOf(cluster: GpuCluster, node: number): number {
    if (this.before.length !== cluster.size) this.before = new Float64Array(cluster.size).fill(Number.NaN);
    const known = this.before[node]!;
    if (!Number.isNaN(known)) return known;
    const measured = this.fragmentation.ofNode(cluster, node);
    this.before[node] = measured;
    return measured;
  }
}
