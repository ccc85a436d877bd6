/**
 * GpuClustering: keeps pods of one kind (shares, or n whole GPUs) together. With b = trunc(25 · (8000 − gpu)/8000): nodes
 * that only have pods of this kind 75 + b, this kind among others 50 + b, no GPU pods 25 + b, only other kinds b. Pods
 * without GPUs score 0 everywhere.
 * Source: hkust-adsl/kubernetes-scheduler-simulator 8f3d6417, pkg/simulator/plugin/gpu_clustering_score.go.
 */
import { GPU_SCALE_MILLI } from './dot-product.ts';
import { KINDS, kindOf } from './gpu-cluster.ts';
import { pickTightest } from './pick-gpus.ts';
import type { GpuPolicy } from './policy.ts';

export const gpuClustering: GpuPolicy = {
  name: 'GpuClustering',
  score(cluster, node, pod) {
    if (pod.gpus === 0) return 0;
    const busy = Math.trunc((25 * (GPU_SCALE_MILLI - cluster.gpuFreeMilli[node]!)) / GPU_SCALE_MILLI);
    const start = node * KINDS;
    let kinds = 0;
    for (let kind = 0; kind <= cluster.gpuCount[node]!; kind++) if (cluster.kindCount[start + kind]! > 0) kinds++;
    if (kinds === 0) return 25 + busy;
    if (cluster.kindCount[start + kindOf(pod)] === 0) return busy;
    return (kinds === 1 ? 75 : 50) + busy;
  },
  pick: pickTightest,
};
