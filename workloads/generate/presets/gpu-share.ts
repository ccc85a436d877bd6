/** openb: many small GPU pods, a third of the GPU pods bound to models. */
import { NODE_POOLS, POD_SHAPES } from '../../openb-shapes.ts';
import { lognormalTargets, type Preset } from './preset.ts';

const PRIORITY = { LS: 1000, Guaranteed: 500, Burstable: 500, BE: 0 } as const;

/** Allowed models of the pods that name any, in per mille. */
const MODELS: readonly (readonly [weight: number, models: readonly string[]])[] = [
  [540.6, ['T4']],
  [138.6, ['G2']],
  [116.8, ['P100']],
  [68.2, ['V100M16', 'V100M32']],
  [43.1, ['P100', 'V100M16', 'V100M32']],
  [36, ['G3']],
  [16.3, ['G2', 'P100', 'T4', 'V100M16', 'V100M32']],
  [13.8, ['P100', 'T4', 'V100M16', 'V100M32']],
  [10.1, ['A10', 'G2', 'T4', 'V100M16', 'V100M32']],
  [8.4, ['V100M32']],
  [2.5, ['A10', 'T4']],
  [1.7, ['P100', 'V100M16']],
  [1.3, ['A10', 'G2', 'P100', 'T4', 'V100M16', 'V100M32']],
  [1.3, ['T4', 'V100M16', 'V100M32']],
  [1.3, ['V100M16']],
];

export const gpuShare: Preset = {
  source: 'Alibaba openb 2023, default list after its warm-up; constraints of the gpuspec33 list',
  targets: {
    per: 'pod',
    perHour: 10.3,
    idc: [
      [60, 1.35],
      [600, 2.2],
      [3600, 5.8],
    ],
    lifetime: lognormalTargets(6.44, 1.88),
    shapes: [
      ['cpu3152-mem5600-gpu1x810', 0.128],
      ['cpu11300-mem49152-gpu1x1000', 0.105],
      ['cpu11400-mem48128-gpu1x1000', 0.066],
      ['cpu3152-mem5600-gpu1x1000', 0.058],
      ['cpu11908-mem47104-gpu1x470', 0.048],
      ['cpu12500-mem57344-p1000', 0.045],
      ['cpu8000-mem30517-gpu1x470', 0.044],
      ['cpu32000-mem49152', 0.035],
      ['cpu18708-mem64512-gpu1x1000', 0.031],
      ['cpu11908-mem47104-gpu1x650', 0.029],
    ],
  },
  file: {
    name: 'gpu-share',
    about: 'GPU pods of one device or a part of one, latency-sensitive and best-effort (Alibaba openb 2023)',
    duration: '30d',
    nodes: NODE_POOLS.map(([count, cpu, memory, gpus, model]) => ({
      count,
      cpu: `${cpu}m`,
      memory: `${memory}Mi`,
      ...(gpus > 0 ? { gpus, model } : {}),
    })),
    workloads: [
      {
        name: 'pod',
        arrivals: {
          perHour: 9.95,
          daily: [
            1.517, 1.342, 1.066, 1.284, 1.255, 0.936, 0.857, 0.974, 0.713, 0.43, 0.653, 0.6, 0.446, 0.439, 0.403, 0.797,
            0.886, 1.25, 1.62, 1.373, 1.037, 1.265, 1.272, 1.584,
          ],
          modulation: [
            { sd: 0.878, correlationTime: '68s' },
            { sd: 0.465, correlationTime: '31838s' },
          ],
        },
        batch: {
          table: [
            { value: 1, weight: 97 },
            { value: 2, weight: 2.5 },
            { value: 3, weight: 0.5 },
          ],
        },
        lifetime: { lognormal: { mu: 6.44, sigma: 1.88 } },
        shapes: POD_SHAPES.map(([weight, cpu, memory, gpus, gpuMilli, qos]) => ({
          weight,
          cpu: `${cpu}m`,
          memory: `${memory}Mi`,
          ...(gpus > 0 ? { gpus, gpuMilli } : {}),
          priority: PRIORITY[qos],
        })),
        constraints: [{ share: 0.338, of: 'gpu', options: MODELS.map(([weight, models]) => ({ weight, models })) }],
      },
    ],
  },
};
