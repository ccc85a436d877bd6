/** Workloads in whole clusters in virtual time. */
import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import type { KubeObject } from '../api/index.ts';
import type { Fault } from '../cluster/whole/index.ts';
import type { Workload } from '../workloads/index.ts';
import type { CellInput } from './cell-input.ts';
import { type LoadedConfig, loadSource } from './config-source.ts';
import type { ClusterEvaluation } from './evaluation.ts';
import { runToMemory } from './memory-output.fixture.ts';
import { SHIPPED_CONFIGS } from './shipped-configs.ts';
import { GPU, GPU_PAIR, HUGE, SMALL, tinyWorkload, URGENT_GPU_PAIR } from './tiny-workload.fixture.ts';

let loaded: LoadedConfig;
beforeAll(async () => {
  loaded = await loadSource(SHIPPED_CONFIGS[0]!);
});

const CLUSTER: ClusterEvaluation = {
  kind: 'cluster',
  attemptTime: 'zero',
  bindingMs: 0,
  runtime: 'containerd',
  faults: [],
};
const FOR_EVER = Number.POSITIVE_INFINITY;

/** A pod every ten seconds, each with its lifetime in seconds. */
function livesOf(pods: ReadonlyArray<readonly [shape: number, seconds: number]>): Workload {
  const workload = tinyWorkload(pods.map(([shape]) => shape));
  workload.pods.lifetimeSeconds.set(pods.map(([, seconds]) => seconds));
  return workload;
}

const inputOf = (workload: Workload, changes: Partial<CellInput> = {}): CellInput => ({
  workload,
  profile: 'default',
  ...loaded,
  seed: 1,
  shuffle: 'none',
  tieBreak: 'first',
  evaluation: CLUSTER,
  ...changes,
});

const clusterOf = (workload: Workload, evaluation: Partial<ClusterEvaluation> = {}, changes: Partial<CellInput> = {}) =>
  runToMemory(inputOf(workload, { evaluation: { ...CLUSTER, ...evaluation }, ...changes }));

const withFaults = (workload: Workload, faults: readonly Fault[], evaluation: Partial<ClusterEvaluation> = {}) =>
  clusterOf(workload, { faults, ...evaluation });

describe('a cell in a whole cluster', () => {
  test('pods are bound at once, take a moment to start, run for their lifetime and end', () => {
    const { summary, output } = clusterOf(
      livesOf([
        [GPU_PAIR, 25],
        [GPU_PAIR, 100],
        [SMALL, 5],
      ]),
    );
    expect(summary).toMatchObject({
      placedPods: 3,
      pendingPods: 0,
      evictedPods: 0,
      decisions: 3,
      gpuAllocatedShare: 0,
    });
    expect(summary.timed).toMatchObject({ arrivedPods: 3, boundPods: 3, endedPods: 3, maxWaitSeconds: 0 });
    expect(summary.started!.startedPods).toBe(3);
    expect(summary.started!.maxStartSeconds).toBeGreaterThan(0.1);
    expect(summary.started!.maxStartSeconds).toBeLessThan(10);
    // The second pod: 10 s + its start + 100 s + until its kubelet has seen its end.
    expect(summary.timed!.makespanSeconds).toBeGreaterThan(110);
    expect(summary.timed!.makespanSeconds).toBeLessThan(120);
    expect(output.rows('placements.csv').map(({ pod, node }) => [pod, node])).toEqual([
      ['p-0', 'gpu-a'],
      ['p-1', 'gpu-b'],
      ['p-2', 'cpu-a'],
    ]);
    expect(output.rows('summary.csv')[0]).toMatchObject({ evaluation: 'cluster', started_pods: '3' });
  });

  test('a pod waits until the end of another makes room; one that fits nowhere waits for ever', () => {
    const { summary, output } = clusterOf(
      livesOf([
        [GPU_PAIR, 105],
        [GPU_PAIR, 100],
        [GPU_PAIR, 50],
        [HUGE, 10],
      ]),
    );
    expect(summary).toMatchObject({ placedPods: 3, pendingPods: 1 });
    const [refused, placed] = output.rows('placements.csv').filter(({ pod }) => pod === 'p-2');
    expect(refused).toMatchObject({ time_seconds: '20', node: '', attempt: '1' });
    expect(refused!.reason).toContain('Insufficient nvidia.com/gpu');
    expect(placed).toMatchObject({ node: 'gpu-a', attempt: '2' });
    expect(Number(placed!.waited_seconds)).toBeGreaterThan(85);
    expect(Number(placed!.waited_seconds)).toBeLessThan(95);
  });

  test('priorities become classes: an urgent pod evicts another, in its grace period', () => {
    const { summary, output } = clusterOf(
      livesOf([
        [GPU_PAIR, FOR_EVER],
        [GPU_PAIR, FOR_EVER],
        [URGENT_GPU_PAIR, FOR_EVER],
      ]),
    );
    expect(summary).toMatchObject({ placedPods: 2, evictedPods: 1, preemptions: 1, pendingPods: 0 });
    const rows = output.rows('placements.csv').filter(({ pod }) => pod === 'p-2');
    expect(rows[0]!.victims).toMatch(/^default\/p-[01]$/);
    expect(rows.at(-1)!.node).toBe(rows[0]!.nominated_node);
  });

  test('runs until it is told to stop', () => {
    const { summary } = clusterOf(
      livesOf([
        [SMALL, FOR_EVER],
        [SMALL, FOR_EVER],
        [SMALL, FOR_EVER],
      ]),
      { untilMs: 15_000 },
    );
    expect(summary.timed).toMatchObject({ arrivedPods: 2, simulatedSeconds: 15 });
  });

  test('pods and objects that are there from the start take their room', () => {
    const workload: Workload = {
      ...livesOf([[GPU_PAIR, FOR_EVER]]),
      bound: [
        {
          metadata: { name: 'old', namespace: 'before', uid: 'x', resourceVersion: '7' },
          spec: {
            nodeName: 'gpu-a',
            priority: 10,
            containers: [{ name: 'c', resources: { requests: { 'nvidia.com/gpu': '2' } } }],
          },
        },
      ],
      objects: [
        { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings', namespace: 'before' } } as KubeObject,
      ],
    };
    const { summary, output } = clusterOf(workload);
    expect(output.rows('placements.csv')[0]).toMatchObject({ node: 'gpu-b' });
    expect(summary).toMatchObject({ placedPods: 1, gpuAllocatedShare: 1 });
  });

  test('runtimes differ in how long a pod takes to start', () => {
    const workload = livesOf([
      [SMALL, FOR_EVER],
      [GPU, FOR_EVER],
    ]);
    const startOf = (runtime: ClusterEvaluation['runtime']) =>
      clusterOf(workload, { runtime }).summary.started!.meanStartSeconds!;
    expect(startOf('frakti')).toBeGreaterThan(startOf('containerd'));
    expect(startOf('containerd')).toBeGreaterThan(startOf('instant'));
  });

  test('what the API server refuses ends the cell with its words', () => {
    const workload = livesOf([[SMALL, FOR_EVER]]);
    const odd = { ...workload, pods: { ...workload.pods, names: ['Not A Name'] } };
    expect(() => clusterOf(odd)).toThrow('pod default/Not A Name: the API server refuses it');
  });
});

describe('faults', () => {
  test('a node that crashes loses its pods after five minutes; they do not come back', () => {
    const { summary } = withFaults(
      livesOf([
        [SMALL, FOR_EVER],
        [SMALL, FOR_EVER],
        [SMALL, FOR_EVER],
      ]),
      [{ atMs: 60_000, kind: 'crash', node: 'cpu-a' }],
      { untilMs: 600_000 },
    );
    expect(summary.evictedPods).toBeGreaterThan(0);
    expect(summary.placedPods + summary.evictedPods).toBe(3);
  });

  test('pods that come while the API server is away are created when it is back', () => {
    const { summary } = withFaults(
      livesOf([
        [SMALL, FOR_EVER],
        [SMALL, FOR_EVER],
        [SMALL, FOR_EVER],
      ]),
      [{ atMs: 5000, kind: 'apiserver-down', forMs: 20_000 }],
    );
    expect(summary).toMatchObject({ placedPods: 3 });
    expect(summary.timed!.maxWaitSeconds).toBeGreaterThan(15);
  });
});

describe('determinism', () => {
  const FILES = ['placements.csv', 'timeseries.csv', 'plugins.csv'] as const;
  const STORY: Fault[] = [
    { atMs: 30_000, kind: 'crash', count: 1, forMs: 90_000 },
    { atMs: 50_000, kind: 'apiserver-down', forMs: 5000 },
  ];
  const digest = (seed: number): string => {
    const workload = livesOf([
      [GPU_PAIR, 60],
      [GPU, 30],
      [SMALL, FOR_EVER],
      [GPU_PAIR, 50],
      [URGENT_GPU_PAIR, 40],
      [SMALL, 20],
      [GPU, FOR_EVER],
    ]);
    const { summary, output } = clusterOf(
      workload,
      { faults: STORY, attemptTime: 'upstream' },
      { seed, shuffle: 'both', tieBreak: 'random' },
    );
    const hash = createHash('sha256');
    for (const file of FILES) {
      const rows = output.rows(file).map((row) => Object.entries(row).filter(([name]) => !name.startsWith('wall_')));
      hash.update(JSON.stringify(rows));
    }
    return hash.update(JSON.stringify({ ...summary, wallSeconds: 0 })).digest('hex');
  };

  test('the same seed writes the same bytes, other seeds others', () => {
    const seeds = [1, 2, 3, 4];
    const first = seeds.map(digest);
    expect(seeds.map(digest)).toEqual(first);
    expect(new Set(first).size).toBe(seeds.length);
  });
});
