/** Training jobs: gangs of GPU pods, arrivals of Helios' Venus cluster, lifetimes and gangs of Philly. */
import { lognormalTargets, type Preset } from './preset.ts';

/** Pods that start together, in per mille of the jobs. */
const GANGS: readonly (readonly [weight: number, pods: number])[] = [
  [487.5, 1],
  [271.5, 8],
  [160.5, 4],
  [53, 16],
  [23.5, 2],
  [2.5, 32],
];

export const training: Preset = {
  source: 'Helios Venus 2020 (arrivals of GPU jobs), Philly 2017 (run times, with those that failed; gangs)',
  targets: {
    per: 'job',
    perHour: 28.8,
    idc: [
      [600, 15.4],
      [3600, 39.3],
    ],
    lag1: [600, 0.33],
    lifetime: lognormalTargets(6.85, 2.18),
    shapes: GANGS.slice(0, 5).map(([weight, pods]) => [`cpu8000-mem65536-gpu1-gang${pods}`, weight / 998.5] as const),
  },
  file: {
    name: 'training',
    about: 'GPU training jobs that start as a whole or not at all (Helios 2020, Philly 2017)',
    duration: '28d',
    nodes: [{ count: 130, name: 'gpu', cpu: '96', memory: '768Gi', gpus: 8, model: 'GPU' }],
    workloads: [
      {
        name: 'train',
        arrivals: {
          perHour: 17.1,
          daily: [
            0.898, 0.658, 0.6, 0.384, 0.269, 0.206, 0.187, 0.223, 0.374, 0.797, 1.296, 1.474, 1.164, 1.298, 1.56, 1.656,
            1.735, 1.733, 1.282, 1.313, 1.344, 1.363, 1.15, 1.039,
          ],
          weekly: [1.028, 1.068, 1.282, 1.208, 0.953, 0.685, 0.776],
          modulation: [{ sd: 0.677, correlationTime: '20009s' }],
        },
        batch: {
          table: [
            { value: 1, weight: 90.25 },
            { value: 2, weight: 5 },
            { value: 5, weight: 3 },
            { value: 30, weight: 1.75 },
          ],
        },
        gang: true,
        lifetime: { lognormal: { mu: 6.85, sigma: 2.18 }, min: 1 },
        shapes: GANGS.map(([weight, pods]) => ({
          weight,
          name: `gang${pods}`,
          pods,
          cpu: '8',
          memory: '64Gi',
          gpus: 1,
        })),
      },
    ],
  },
};
