/** A parallel machine: jobs of a power of two of processes, busy by day and all but empty by night. */
import { lognormalTargets, type Preset } from './preset.ts';

const PROCESSES: readonly (readonly [weight: number, pods: number])[] = [
  [270.6, 1],
  [200.8, 32],
  [147.1, 4],
  [98.3, 8],
  [97.6, 16],
  [96.7, 2],
  [66, 64],
  [23, 128],
];

export const hpc: Preset = {
  source: 'NASA Ames iPSC/860 1993, of the Parallel Workloads Archive',
  targets: {
    per: 'job',
    perHour: 8.26,
    idc: [
      [60, 1.57],
      [600, 4.59],
      [3600, 16.6],
    ],
    lifetime: lognormalTargets(4.68, 1.82),
    shapes: PROCESSES.map(([weight, pods]) => [`cpu1000-mem1024-procs${pods}`, weight / 1000] as const),
  },
  file: {
    name: 'hpc',
    about: 'Parallel jobs of a power of two of processes (NASA iPSC/860, 1993)',
    duration: '30d',
    nodes: [{ count: 8, name: 'node', cpu: '16', memory: '64Gi' }],
    workloads: [
      {
        name: 'job',
        arrivals: {
          perHour: 8.26,
          daily: [
            0.108, 0.149, 0.132, 0.077, 0.074, 0.185, 0.331, 0.523, 1.013, 1.589, 1.966, 2.225, 2.047, 1.975, 1.997,
            2.035, 1.86, 1.709, 1.301, 1.034, 0.768, 0.502, 0.216, 0.187,
          ],
          modulation: [
            { sd: 0.823, correlationTime: '161s' },
            { sd: 0.721, correlationTime: '32690s' },
          ],
        },
        gang: true,
        lifetime: { lognormal: { mu: 4.68, sigma: 1.82 }, min: 1 },
        shapes: PROCESSES.map(([weight, pods]) => ({ weight, name: `procs${pods}`, pods, cpu: '1', memory: '1Gi' })),
      },
    ],
  },
};
