/** Azure's virtual machines of 2017: deployments of one tenant, small sizes, lifetimes from minutes to days. */
import type { Preset } from './preset.ts';

export const cloud: Preset = {
  source: 'Azure VM 2017 (V1), reduced files: train and test periods',
  targets: {
    per: 'pod',
    perHour: 2700,
    idc: [
      [300, 85],
      [3600, 265],
    ],
    lag1: [300, 0.45],
    lifetime: [
      [0.25, 600],
      [0.5, 1500],
      [0.75, 5550],
      [0.9, 37_950],
      [0.99, 129_800],
    ],
    shapes: [
      ['cpu1000-mem1792', 0.484],
      ['cpu2000-mem3584', 0.24],
      ['cpu4000-mem7168', 0.108],
      ['cpu8000-mem14336', 0.105],
      ['cpu8000-mem57344', 0.042],
      ['cpu1000-mem768', 0.02],
    ],
  },
  file: {
    name: 'cloud-vm',
    about: 'Virtual machines as pods, deployed in batches of one tenant (Azure VM 2017)',
    duration: '7d',
    nodes: [{ count: 800, name: 'host', cpu: '64', memory: '256Gi' }],
    workloads: [
      {
        name: 'deployment',
        arrivals: {
          perHour: 696,
          daily: [
            0.797, 0.704, 0.702, 0.69, 0.739, 0.889, 0.93, 0.882, 0.932, 1.135, 1.097, 1.086, 1.088, 1.212, 1.474, 1.33,
            1.19, 1.121, 1.202, 1.144, 0.992, 0.916, 0.876, 0.871,
          ],
          modulation: [
            { sd: 0.375, correlationTime: '400s' },
            { sd: 0.08, correlationTime: '25000s' },
          ],
        },
        pods: {
          quantiles: { at: [0, 0.55, 0.75, 0.9, 0.95, 0.99, 0.999, 1], values: [1, 1, 2, 7, 13, 40, 150, 400] },
        },
        lifetime: {
          quantiles: {
            at: [0, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1],
            values: [150, 300, 600, 1500, 5550, 37_950, 59_550, 129_800, 302_600, 475_400],
          },
        },
        lifetimePer: 'pod',
        shapes: [
          { weight: 48.4, cpu: '1', memory: '1792Mi' },
          { weight: 24, cpu: '2', memory: '3584Mi' },
          { weight: 10.8, cpu: '4', memory: '7168Mi' },
          { weight: 10.5, cpu: '8', memory: '14336Mi' },
          { weight: 4.2, cpu: '8', memory: '57344Mi' },
          { weight: 2, cpu: '1', memory: '768Mi' },
          { weight: 0.1, cpu: '4', memory: '28672Mi' },
        ],
      },
    ],
  },
};
