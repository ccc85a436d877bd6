import { beforeAll, describe, expect, test } from 'vitest';
import { PLUGIN_COLUMNS } from '../reports/index.ts';
import type { EngineName } from '../scheduler/index.ts';
import type { PluginDefinition } from '../scheduler/plugin.ts';
import { openbTable } from '../workloads/index.ts';
import { CellError } from './cell-error.ts';
import type { CellInput } from './cell-input.ts';
import { type LoadedConfig, loadSource } from './config-source.ts';
import { STATIC } from './evaluation.ts';
import { runToMemory } from './memory-output.fixture.ts';
import { SHIPPED_CONFIGS } from './shipped-configs.ts';
import { GPU, GPU_PAIR, HUGE, SMALL, tinyWorkload, URGENT_GPU_PAIR } from './tiny-workload.fixture.ts';

let loaded: LoadedConfig;
beforeAll(async () => {
  loaded = await loadSource(SHIPPED_CONFIGS[0]!);
});

const inputOf = (shapes: readonly number[], changes: Partial<CellInput> = {}): CellInput => ({
  workload: tinyWorkload(shapes),
  profile: 'default',
  ...loaded,
  seed: 1,
  shuffle: 'none',
  tieBreak: 'first',
  evaluation: STATIC,
  ...changes,
});

describe('a cell that can be followed by hand', () => {
  // Two pairs fill the GPUs, the next two pods wait, an urgent pair evicts one of the first, a small pod still fits.
  const shapes = [GPU_PAIR, GPU_PAIR, GPU, HUGE, URGENT_GPU_PAIR, SMALL];

  test('summary', () => {
    const { summary } = runToMemory(inputOf(shapes));
    expect(summary).toMatchObject({
      workload: 'tiny',
      profile: 'default',
      seed: 1,
      nodes: 3,
      pods: 6,
      placedPods: 3,
      pendingPods: 2,
      evictedPods: 1,
      preemptions: 1,
      decisions: 7,
      gpuAllocatedShare: 1,
      gpuUnusableShare: 0,
      // 4 + 4 + 1 of 24 cores, 3 of 48 GiB
      cpuAllocatedShare: 0.375,
      memoryAllocatedShare: 0.0625,
    });
  });

  test('a row per attempt, with its time, what was feasible, why it failed and whom it evicted', () => {
    const rows = runToMemory(inputOf(shapes)).output.rows('placements.csv');
    const short = rows.map((row) => [row.time_seconds, row.pod, row.class, row.node, row.attempt, row.victims]);
    const evictedFrom = rows[4]!.victims === 'default/p-0' ? rows[0]!.node : rows[1]!.node;
    expect(rows[4]!.victims).toMatch(/^default\/p-[01]$/);
    expect(short).toEqual([
      ['0', 'p-0', 'gpu-pair', expect.stringMatching(/^gpu-/), '1', ''],
      ['10', 'p-1', 'gpu-pair', expect.stringMatching(/^gpu-/), '1', ''],
      ['20', 'p-2', 'gpu', '', '1', ''],
      ['30', 'p-3', 'huge', '', '1', ''],
      ['40', 'p-4', 'urgent-gpu-pair', '', '1', rows[4]!.victims],
      ['40', 'p-4', 'urgent-gpu-pair', evictedFrom, '2', ''],
      ['50', 'p-5', 'small', expect.any(String), '1', ''],
    ]);
    expect(rows.map((row) => row.feasible_nodes)).toEqual(['2', '1', '0', '0', '0', '1', '3']);
    expect(rows[2]!.reason).toMatch(/^0\/3 nodes are available: 3 Insufficient nvidia\.com\/gpu\./);
    expect(rows[0]!.reason).toBe('');
  });

  test('a time series from the first pod to the last', () => {
    const rows = runToMemory(inputOf(shapes)).output.rows('timeseries.csv');
    expect(rows.map((row) => [row.arrived_pods, row.running_pods, row.pending_pods, row.evicted_pods])).toEqual([
      ['1', '1', '0', '0'],
      ['2', '2', '0', '0'],
      ['3', '2', '1', '0'],
      ['4', '2', '2', '0'],
      ['5', '2', '2', '1'],
      ['6', '3', '2', '1'],
    ]);
    expect(rows.map((row) => row.gpu_allocated_share)).toEqual(['0.5', '1', '1', '1', '1', '1']);
  });

  test('what each plugin did', () => {
    const rows = runToMemory(inputOf(shapes)).output.rows('plugins.csv');
    const fit = rows.find((row) => row.plugin === 'NodeResourcesFit' && row.extension_point === 'filter')!;
    // Rejected nodes: 1 + 2 + 3 + 3 + 3, none when the node is promised, none for the small pod.
    expect(fit.rejected_nodes).toBe('12');
  });
});

describe('unusable GPUs', () => {
  test('free GPUs count by the share of GPU pods that cannot have them', () => {
    // A pod like the only one of the list can use any of the three GPUs left.
    expect(runToMemory(inputOf([GPU])).summary.gpuUnusableShare).toBe(0);
    const pairs = runToMemory(inputOf([GPU, GPU_PAIR, GPU_PAIR])).summary;
    // gpu takes one of gpu-x, a pair takes the other node whole, the last pair waits: 1 of 4 GPUs is free, and useless to
    // the two pairs of three GPU pods.
    expect(pairs.gpuUnusableShare).toBeCloseTo((1 * (2 / 3)) / 4, 6);
  });

  test('a cluster without GPUs has no such figure', () => {
    const workload = tinyWorkload([SMALL]);
    const { summary } = runToMemory(inputOf([], { workload: { ...workload, nodes: workload.nodes.slice(2) } }));
    expect(summary.gpuAllocatedShare).toBeUndefined();
    expect(summary.gpuUnusableShare).toBeUndefined();
  });
});

describe('a plugin that fails spoils the cell and is named with pod and node', () => {
  const scoring = (score: () => number): CellInput => {
    const broken: PluginDefinition = {
      name: 'Broken',
      points: ['score'],
      create: () => ({ compileScore: () => ({ score }) }),
    };
    const profile = loaded.config.profiles[0]!;
    const plugins = { ...profile.plugins, score: [...profile.plugins.score!, { name: 'Broken', weight: 1 }] };
    return inputOf([SMALL], {
      config: { ...loaded.config, profiles: [{ ...profile, plugins }] },
      registry: new Map([...loaded.registry, ['Broken', broken]]),
    });
  };

  test.each([
    ['NaN', () => Number.NaN, 'returns an invalid score NaN'],
    ['101', () => 101, 'returns an invalid score 101'],
    ['0.5', () => 0.5, 'returns an invalid score 0.5'],
    [
      'an exception',
      () => {
        throw new Error('no such thing');
      },
      'failed with: no such thing',
    ],
  ])('%s', (_, score, problem) => {
    const run = () => runToMemory(scoring(score));
    expect(run).toThrow(CellError);
    expect(run).toThrow(/^pod default\/p-0, node gpu-a: .*plugin "Broken" /);
    expect(run).toThrow(problem);
  });
});

describe('engines', () => {
  const openb = openbTable();
  const workload = {
    ...openb,
    nodes: openb.nodes.filter((_, i) => i % 40 === 0),
    pods: { ...openb.pods, count: 400 },
  };

  test.each(['heap', 'random'] as const)('agree on every placement and every figure, tie-break %s', (tieBreak) => {
    const run = (engine: EngineName) => runToMemory(inputOf([], { workload, shuffle: 'both', tieBreak, engine }));
    const [reference, fast] = [run('reference'), run('fast')];
    for (const file of ['placements.csv', 'timeseries.csv'] as const)
      expect(fast.output.text(file)).toBe(reference.output.text(file));
    expect({ ...fast.summary, engine: '', wallSeconds: 0 }).toEqual({
      ...reference.summary,
      engine: '',
      wallSeconds: 0,
    });
  });

  test('the fast engine tells of plugins what one decision in 50 shows', () => {
    const rows = (engine: EngineName) => runToMemory(inputOf([], { workload, engine })).output.rows('plugins.csv');
    const fitOf = (engine: EngineName) =>
      rows(engine).find((row) => row.plugin === 'NodeResourcesFit' && row.extension_point === 'filter')!;
    const [all, sample] = [fitOf('reference'), fitOf('fast')];
    expect(all.measured_decisions).toBe('400');
    expect(sample.measured_decisions).toBe('8');
    expect(Number(sample.calls)).toBeGreaterThan(0);
    // All calls of a sampled decision are timed, those of a limited search's last node included.
    expect(Number(sample.timed_calls)).toBeGreaterThanOrEqual(Number(sample.calls));
    expect(Number(sample.calls)).toBeLessThan(Number(all.calls));
  });
});

describe('determinism', () => {
  const wallColumns = PLUGIN_COLUMNS.filter((column) => column.name.startsWith('wall_')).length;
  const withoutWall = (csv: string) => csv.split('\r\n').map((line) => line.split(',').slice(0, -wallColumns));

  test('the same inputs give the same bytes, wall-clock columns apart; another seed gives others', () => {
    const table = openbTable();
    const workload = {
      ...table,
      nodes: table.nodes.filter((_, i) => i % 40 === 0),
      pods: { ...table.pods, count: 300 },
    };
    const run = (seed: number) => runToMemory(inputOf([], { workload, shuffle: 'both', tieBreak: 'random', seed }));
    const [a, b, c] = [run(1), run(1), run(2)];
    for (const file of ['placements.csv', 'timeseries.csv'] as const)
      expect(a.output.text(file)).toBe(b.output.text(file));
    expect(withoutWall(a.output.text('plugins.csv'))).toEqual(withoutWall(b.output.text('plugins.csv')));
    expect({ ...a.summary, wallSeconds: 0 }).toEqual({ ...b.summary, wallSeconds: 0 });
    expect(a.summary.placementDigest).not.toBe(c.summary.placementDigest);
  });
});
