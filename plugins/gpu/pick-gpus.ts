/** Which GPUs of a node a pod gets: bit g stands for GPU g. */
import { type GpuCluster, type GpuPod, isShare, WHOLE_GPU_MILLI } from './gpu-cluster.ts';

/** Whole GPUs: the first that are entirely free. A share: the GPU with the least left that fits, the first of equals. */
export function pickTightest(cluster: GpuCluster, node: number, pod: GpuPod): number {
  if (pod.gpus === 0) return 0;
  const start = node * cluster.stride;
  const count = cluster.gpuCount[node]!;
  if (!isShare(pod)) return firstFree(cluster, node, pod.gpus);
  let best = -1;
  let least = Number.POSITIVE_INFINITY;
  for (let gpu = 0; gpu < count; gpu++) {
    const left = cluster.gpuLeftMilli[start + gpu]!;
    if (left >= pod.gpuMilli && left < least) {
      best = gpu;
      least = left;
    }
  }
  return best < 0 ? 0 : 1 << best;
}

export function firstFree(cluster: GpuCluster, node: number, gpus: number): number {
  const start = node * cluster.stride;
  let mask = 0;
  let missing = gpus;
  for (let gpu = 0; gpu < cluster.gpuCount[node]! && missing > 0; gpu++) {
    if (cluster.gpuLeftMilli[start + gpu] !== WHOLE_GPU_MILLI) continue;
    mask |= 1 << gpu;
    missing--;
  }
  return mask;
}

/** A share goes to any GPU that fits, each as likely. */
export function pickRandom(cluster: GpuCluster, node: number, pod: GpuPod, random: () => number): number {
  if (!isShare(pod)) return pod.gpus === 0 ? 0 : firstFree(cluster, node, pod.gpus);
  let left = Math.floor(random() * cluster.gpusWith(node, pod.gpuMilli));
  for (let gpu = 0; gpu < cluster.gpuCount[node]!; gpu++) {
    if (cluster.gpuLeftMilli[node * cluster.stride + gpu]! < pod.gpuMilli) continue;
    if (left-- === 0) return 1 << gpu;
  }
  return 0;
}
