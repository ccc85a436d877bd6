/** Alibaba's batch jobs of 2017: tasks of many short, small, equal instances. */
import type { Preset } from './preset.ts';

const CORES: readonly (readonly [weight: number, cpu: string])[] = [
  [0.695, '500m'],
  [0.2924, '1'],
  [0.0048, '400m'],
  [0.0032, '750m'],
  [0.0015, '550m'],
  [0.0012, '650m'],
  [0.0019, '600m'],
];
/** Of a machine of 256 GiB: 0.41, 0.54, 0.81, 1.07 and 1.6 %. */
const MEMORY: readonly (readonly [weight: number, memory: string])[] = [
  [0.4, '1075Mi'],
  [0.25, '1416Mi'],
  [0.2, '2123Mi'],
  [0.1, '2805Mi'],
  [0.05, '4194Mi'],
];

export const batch: Preset = {
  source: 'Alibaba batch 2017, the extract of 12 h in CloudSimPy',
  targets: {
    per: 'job',
    perHour: 314,
    idc: [
      [60, 4.04],
      [600, 14.3],
      [3600, 54.7],
    ],
    lifetime: [
      [0.25, 4],
      [0.5, 12.5],
      [0.75, 50],
      [0.9, 121],
    ],
    shapes: [
      ['cpu500-', 0.695],
      ['cpu1000-', 0.292],
    ],
  },
  file: {
    name: 'batch',
    about: 'Jobs of a few tasks, each of many short and small pods (Alibaba batch 2017)',
    duration: '2h',
    nodes: [{ count: 1300, name: 'machine', cpu: '64', memory: '256Gi' }],
    workloads: [
      {
        name: 'job',
        arrivals: {
          perHour: 294.8,
          modulation: [
            { sd: 0.626, correlationTime: '59s' },
            { sd: 0.391, correlationTime: '12441s' },
          ],
        },
        batch: {
          table: [
            { value: 1, weight: 94 },
            { value: 2, weight: 5.5 },
            { value: 3, weight: 0.5 },
          ],
        },
        tasks: {
          quantiles: { at: [0, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1], values: [1, 2, 5, 8, 11, 13, 33, 54, 156] },
        },
        pods: {
          quantiles: {
            at: [0, 0.42, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1],
            values: [1, 1, 2, 29, 158, 361, 998, 7107, 36330],
          },
        },
        lifetime: {
          hyperExponential: [
            { weight: 0.54, mean: 7.8 },
            { weight: 0.46, mean: 83 },
          ],
          min: 1,
        },
        shapes: CORES.flatMap(([share, cpu]) =>
          MEMORY.map(([part, memory]) => ({ weight: share * part * 100, cpu, memory })),
        ),
      },
    ],
  },
};
