/**
 * DotProduct: prefers nodes whose free CPU and GPU point away from what the pod asks for.
 * score = trunc(100 · (1 − (cpu/128000 · C/128000 + gpu/8000 · G/8000) / 2)), with the node's free amounts before placing.
 * Source: hkust-adsl/kubernetes-scheduler-simulator 8f3d6417, pkg/simulator/plugin/dot_product_score.go.
 */
import { pickTightest } from './pick-gpus.ts';
import type { GpuPolicy } from './policy.ts';

/** The largest node of the published evaluation. */
export const CPU_SCALE_MILLI = 128_000;
export const GPU_SCALE_MILLI = 8000;

export const dotProduct: GpuPolicy = {
  name: 'DotProduct',
  score(cluster, node, { cpuMilli, gpus, gpuMilli }) {
    const cpu = (cluster.cpuFreeMilli[node]! / CPU_SCALE_MILLI) * (cpuMilli / CPU_SCALE_MILLI);
    const gpu = (cluster.gpuFreeMilli[node]! / GPU_SCALE_MILLI) * ((gpus * gpuMilli) / GPU_SCALE_MILLI);
    return Math.trunc(100 * (1 - (cpu + gpu) / 2));
  },
  pick: pickTightest,
};
