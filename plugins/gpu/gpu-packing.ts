/**
 * GpuPacking: fills GPUs in use before it breaks into free ones, and nodes in use before free nodes. With the n tightest
 * GPUs that fit: none of them entirely free max(100 − trunc(S/10), 50), S the sum over them of trunc(100 · left/1000); f of
 * them free max(50 − f, 33); all k GPUs of the node free max(33 − k, k). Pods without GPUs score 0 everywhere.
 * Source: hkust-adsl/kubernetes-scheduler-simulator 8f3d6417, pkg/simulator/plugin/gpu_packing_score.go.
 */
import { WHOLE_GPU_MILLI } from './gpu-cluster.ts';
import { pickTightest } from './pick-gpus.ts';
import type { GpuPolicy } from './policy.ts';

export const gpuPacking: GpuPolicy = {
  name: 'GpuPacking',
  score(cluster, node, { gpus, gpuMilli }) {
    if (gpus === 0) return 0;
    const count = cluster.gpuCount[node]!;
    if (cluster.gpuFreeMilli[node] === count * WHOLE_GPU_MILLI) return Math.max(33 - count, count);
    const start = node * cluster.stride;
    // Whole GPUs only fit where all is left, so the tightest that fit are free ones.
    if (gpuMilli === WHOLE_GPU_MILLI) return Math.max(50 - gpus, 33);
    let least = WHOLE_GPU_MILLI;
    for (let gpu = 0; gpu < count; gpu++) {
      const left = cluster.gpuLeftMilli[start + gpu]!;
      if (left >= gpuMilli && left < least) least = left;
    }
    if (least === WHOLE_GPU_MILLI) return Math.max(50 - 1, 33);
    return Math.max(100 - Math.trunc(Math.trunc((100 * least) / WHOLE_GPU_MILLI) / 10), 50);
  },
  pick: pickTightest,
};
