/** DLRM services: rollouts of one application at an instant, with limits per node. */
import { RDMA_RESOURCE } from '../../from-alibaba-dlrm.ts';
import { lognormalTargets, type Preset } from './preset.ts';

/** Share of the role in per mille, cores, GPUs, GiB, percent of a network card. */
type Row = readonly [weight: number, cores: number, gpus: number, gib: number, rdma: number];

/** The rest of the table, below 1 % each, is left out. */
const CN: readonly Row[] = [
  [295.8, 64, 0, 320, 1],
  [230.4, 96, 0, 480, 1],
  [122.2, 48, 0, 240, 1],
  [106.6, 64, 0, 320, 100],
  [78.4, 48, 0, 200, 25],
  [38.6, 48, 0, 240, 25],
  [26.3, 96, 0, 480, 51],
  [23.3, 192, 0, 960, 51],
  [18.9, 48, 0, 300, 1],
  [9.6, 64, 0, 400, 1],
];
const HN: readonly Row[] = [
  [660.7, 8, 1, 40, 25],
  [89.5, 12, 1, 120, 25],
  [68.2, 8, 1, 40, 50],
  [56.2, 8, 1, 32, 25],
  [41.6, 8, 1, 16, 25],
  [24.4, 16, 1, 80, 25],
  [23.7, 8, 1, 16, 75],
  [13.1, 2, 1, 16, 25],
  [7.9, 8, 1, 50, 25],
  [4.1, 12, 1, 40, 25],
];

const shapes = (rows: readonly Row[], share: number) => {
  const total = rows.reduce((sum, [weight]) => sum + weight, 0);
  return rows.map(([weight, cores, gpus, gib, rdma]) => ({
    weight: (weight / total) * share,
    cpu: String(cores),
    memory: `${gib}Gi`,
    ...(gpus > 0 ? { gpus } : {}),
    resources: { [RDMA_RESOURCE]: rdma },
    priority: 1000,
  }));
};

const limits = (weights: Readonly<Record<number, number>>) =>
  Object.entries(weights).map(([most, weight]) => ({ weight, perNode: Number(most) }));

export const rollout: Preset = {
  source: 'Alibaba DLRM 2025, instances with a creation time; nodes are ours, the trace has none',
  targets: {
    per: 'pod',
    perHour: 22.3,
    idc: [
      [60, 12.7],
      [600, 20.7],
      [3600, 50.5],
    ],
    lifetime: lognormalTargets(8.98, 2.78),
    // Of the pods whose shape the table keeps.
    shapes: [
      ['cpu64000-mem327680-rdma1-', 0.215],
      ['cpu96000-mem491520-rdma1-', 0.167],
      ['cpu48000-mem245760-rdma1-', 0.089],
      ['cpu64000-mem327680-rdma100-', 0.078],
      ['cpu8000-mem40960-gpu1-rdma25-', 0.207],
    ],
  },
  file: {
    name: 'service-rollout',
    about: 'Services that roll out many equal pods at once, with limits per node and network cards (Alibaba DLRM 2025)',
    duration: '30d',
    nodes: [
      { count: 600, name: 'cpu', cpu: '192', memory: '1024Gi', resources: { [RDMA_RESOURCE]: 100 } },
      {
        count: 150,
        name: 'gpu',
        cpu: '128',
        memory: '1024Gi',
        gpus: 8,
        model: 'GPU',
        resources: { [RDMA_RESOURCE]: 400 },
      },
    ],
    workloads: [
      {
        name: 'rollout',
        arrivals: {
          perHour: 13.4,
          daily: [
            0.686, 0.852, 0.694, 0.686, 0.665, 0.665, 0.574, 0.552, 0.701, 0.578, 1.498, 1.862, 1.051, 1.447, 1.956,
            1.601, 1.092, 1.481, 1.478, 0.931, 0.763, 0.804, 0.624, 0.763,
          ],
          modulation: [
            { sd: 0.687, correlationTime: '969s' },
            { sd: 0.825, correlationTime: '31694s' },
          ],
        },
        pods: {
          table: [
            { value: 1, weight: 85.2 },
            { value: 2, weight: 7 },
            { value: 3, weight: 3 },
            { value: 5, weight: 2.5 },
            { value: 10, weight: 1.5 },
            { value: 20, weight: 0.5 },
            { value: 70, weight: 0.3 },
          ],
        },
        lifetime: { lognormal: { mu: 8.98, sigma: 2.78 }, min: 1 },
        lifetimePer: 'pod',
        apps: 156,
        appSkew: 0.84,
        shapes: [...shapes(CN, 69.06), ...shapes(HN, 30.94)],
        constraints: [
          { share: 0.26, of: 'cpu', options: limits({ 2: 221, 4: 39 }) },
          { share: 0.993, of: 'gpu', options: limits({ 2: 425, 4: 398, 8: 98, 10: 63, 16: 9 }) },
        ],
      },
    ],
  },
};
