/** The configurations that `berth demo` compares: what upstream does by default, and three common wishes. */
import type { ConfigSource } from './config-source.ts';

const HEADER = `apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
`;

export const DEFAULT_CONFIG: ConfigSource = { name: 'default', text: HEADER };

/** GPUs count like CPU and memory; stock scoring leaves them out. */
const MOST_ALLOCATED: ConfigSource = {
  name: 'most-allocated',
  text: `${HEADER}profiles:
- pluginConfig:
  - name: NodeResourcesFit
    args:
      scoringStrategy:
        type: MostAllocated
        resources:
        - name: cpu
          weight: 1
        - name: memory
          weight: 1
        - name: nvidia.com/gpu
          weight: 1
`,
};

/** Bin packing that looks at GPUs first: the fuller a node's GPUs, the better. */
const REQUESTED_TO_CAPACITY_RATIO: ConfigSource = {
  name: 'requested-to-capacity',
  text: `${HEADER}profiles:
- pluginConfig:
  - name: NodeResourcesFit
    args:
      scoringStrategy:
        type: RequestedToCapacityRatio
        resources:
        - name: cpu
          weight: 1
        - name: memory
          weight: 1
        - name: nvidia.com/gpu
          weight: 3
        requestedToCapacityRatio:
          shape:
          - utilization: 0
            score: 0
          - utilization: 100
            score: 10
`,
};

const NO_SPREAD: ConfigSource = {
  name: 'no-spread',
  text: `${HEADER}profiles:
- plugins:
    multiPoint:
      disabled:
      - name: PodTopologySpread
`,
};

export const SHIPPED_CONFIGS: readonly ConfigSource[] = [
  DEFAULT_CONFIG,
  MOST_ALLOCATED,
  REQUESTED_TO_CAPACITY_RATIO,
  NO_SPREAD,
];
