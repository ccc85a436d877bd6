/**
 * BestFit: prefers nodes that are left with the least CPU and GPU.
 * score = trunc(100 · (1 − (½ · (cpu − C)/128000 + ½ · (gpu − G)/8000))), added in this order.
 * Source: hkust-adsl/kubernetes-scheduler-simulator 8f3d6417, pkg/simulator/plugin/best_fit_score.go. What follows there, a
 * min-max normalization in integers, does not change the order of scores 0 … 100.
 */
import { CPU_SCALE_MILLI, GPU_SCALE_MILLI } from './dot-product.ts';
import { pickTightest } from './pick-gpus.ts';
import type { GpuPolicy } from './policy.ts';

export const bestFit: GpuPolicy = {
  name: 'BestFit',
  score(cluster, node, { cpuMilli, gpus, gpuMilli }) {
    const cpuLeft = (0.5 * (cluster.cpuFreeMilli[node]! - cpuMilli)) / CPU_SCALE_MILLI;
    const gpuLeft = (0.5 * (cluster.gpuFreeMilli[node]! - gpus * gpuMilli)) / GPU_SCALE_MILLI;
    return Math.trunc(100 * (1 - (cpuLeft + gpuLeft)));
  },
  pick: pickTightest,
};
