/** Nodes and pods of many kinds, for a scheduler that is to be compared with another one. Same seed, same objects. */
import type { KubeObject } from '../../api/index.ts';
import { Random } from '../../scheduler/random.ts';

export interface WorkloadSize {
  readonly nodes: number;
  readonly pods: number;
  readonly seed: number;
}

const pad = (n: number): string => String(n).padStart(5, '0');

export function randomWorkload({ nodes, pods, seed }: WorkloadSize): KubeObject[] {
  const random = new Random(seed);
  return [
    ...Array.from({ length: nodes }, (_, index) => nodeOf(index, random)),
    ...Array.from({ length: pods }, (_, index) => podOf(index, random)),
  ];
}

function nodeOf(index: number, random: Random): KubeObject {
  const cores = [8, 16, 32, 64][random.below(4)]!;
  const name = `node-${pad(index)}`;
  const taints = random.below(10) === 0 ? [{ key: 'dedicated', value: 'batch', effect: 'NoSchedule' }] : undefined;
  const preferNot = random.below(8) === 0 ? [{ key: 'spot', value: 'yes', effect: 'PreferNoSchedule' }] : undefined;
  const amounts = { cpu: `${cores}`, memory: `${cores * 4}Gi`, pods: '110', 'ephemeral-storage': '100Gi' };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: {
        'kubernetes.io/hostname': name,
        'topology.kubernetes.io/zone': `zone-${random.below(5)}`,
        disk: random.below(3) === 0 ? 'ssd' : 'hdd',
      },
    },
    spec: { taints: taints ?? preferNot },
    status: { capacity: amounts, allocatable: amounts, conditions: [{ type: 'Ready', status: 'True' }] },
  } as KubeObject;
}

function podOf(index: number, random: Random): KubeObject {
  const app = `app-${random.below(20)}`;
  const kind = random.below(8);
  const selector = { matchLabels: { app } };
  const spec: Record<string, unknown> = {
    containers: [
      {
        name: 'c',
        image: 'registry.example/app:1',
        resources: {
          requests: { cpu: `${100 * (1 + random.below(20))}m`, memory: `${128 * (1 + random.below(16))}Mi` },
        },
      },
    ],
  };
  if (kind === 1) spec.nodeSelector = { disk: 'ssd' };
  if (kind === 2) spec.tolerations = [{ key: 'dedicated', operator: 'Exists' }];
  if (kind === 3) {
    spec.topologySpreadConstraints = [
      {
        maxSkew: 2,
        topologyKey: 'topology.kubernetes.io/zone',
        whenUnsatisfiable: 'DoNotSchedule',
        labelSelector: selector,
      },
    ];
  }
  if (kind === 4) {
    const term = { labelSelector: selector, topologyKey: 'kubernetes.io/hostname' };
    spec.affinity = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } };
  }
  if (kind === 5) {
    const term = {
      weight: 50,
      podAffinityTerm: { labelSelector: selector, topologyKey: 'topology.kubernetes.io/zone' },
    };
    spec.affinity = { podAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [term] } };
  }
  // Some that no node has room for.
  if (random.below(100) === 0) spec.nodeSelector = { disk: 'tape' };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `pod-${pad(index)}`, namespace: 'default', labels: { app } },
    spec,
  } as KubeObject;
}
