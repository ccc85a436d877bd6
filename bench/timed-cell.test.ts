import { beforeAll, describe, expect, test } from 'vitest';
import type { KubeObject } from '../api/index.ts';
import { AttemptRecorder, attemptTime, Simulation } from '../cluster/simulation/index.ts';
import { ENGINES } from '../scheduler/index.ts';
import { podOf, type Workload } from '../workloads/index.ts';
import type { CellInput } from './cell-input.ts';
import { type LoadedConfig, loadSource } from './config-source.ts';
import type { TimedEvaluation } from './evaluation.ts';
import { runToMemory } from './memory-output.fixture.ts';
import { SHIPPED_CONFIGS } from './shipped-configs.ts';
import { GPU, GPU_PAIR, HUGE, SMALL, tinyWorkload, URGENT_GPU_PAIR } from './tiny-workload.fixture.ts';

let loaded: LoadedConfig;
beforeAll(async () => {
  loaded = await loadSource(SHIPPED_CONFIGS[0]!);
});

const INSTANT: TimedEvaluation = { kind: 'timed', attemptTime: 'zero', bindingMs: 0 };
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
  evaluation: INSTANT,
  ...changes,
});

const timedOf = (workload: Workload, evaluation: TimedEvaluation = INSTANT) =>
  runToMemory(inputOf(workload, { evaluation }));

describe('a timed cell that can be followed by hand', () => {
  test('pods that fit at once wait for nothing, run for their lifetime and end', () => {
    const { summary } = timedOf(
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
    expect(summary.timed).toMatchObject({
      arrivedPods: 3,
      boundPods: 3,
      endedPods: 3,
      attempts: 3,
      meanWaitSeconds: 0,
      maxWaitSeconds: 0,
      // The second pod: 10 s + 100 s.
      makespanSeconds: 110,
      simulatedSeconds: 110,
    });
    // GPUs: 2 for 25 s and 2 for 100 s, of 4 for 110 s. CPU: 4 cores for 125 s and 1 for 5 s, of 24 for 110 s.
    expect(summary.timed!.meanGpuAllocatedShare).toBeCloseTo((2 * 125) / (4 * 110), 6);
    expect(summary.timed!.meanCpuAllocatedShare).toBeCloseTo((4 * 125 + 5) / (24 * 110), 6);
  });

  // Two pairs take all GPUs until 105 s and 110 s; the pods that come at 20 s and 30 s get their room.
  const queueing = livesOf([
    [GPU_PAIR, 105],
    [GPU_PAIR, 100],
    [GPU_PAIR, 50],
    [GPU, FOR_EVER],
    [HUGE, 10],
  ]);

  test('a pod waits until the end of another makes room, and its row says why', () => {
    const { summary, output } = timedOf(queueing);
    const rows = output.rows('placements.csv').map((row) => ({ ...row, time: Number(row.time_seconds) }));
    const ofPod = (name: string) => rows.filter(({ pod }: any) => pod === name) as any[];
    expect(ofPod('p-2').map((row) => [row.time, row.attempt, row.waited_seconds, row.node])).toEqual([
      [20, '1', '0', ''],
      [105, '2', '85', 'gpu-a'],
    ]);
    expect(ofPod('p-2')[0].reason).toMatch(/^0\/3 nodes are available: 3 Insufficient nvidia\.com\/gpu\./);
    expect(ofPod('p-3').map((row) => [row.time, row.node])).toEqual([
      [30, ''],
      // The end at 105 s woke it too, but the one before it in the queue took the room.
      [105, ''],
      [110, 'gpu-b'],
    ]);
    expect(summary).toMatchObject({ placedPods: 4, pendingPods: 1 });
    expect(summary.timed).toMatchObject({
      boundPods: 4,
      endedPods: 3,
      // 0, 0, 85 s, 80 s; the huge pod was never bound and has no wait.
      meanWaitSeconds: 41.25,
      p50WaitSeconds: 0,
      p90WaitSeconds: 85,
      maxWaitSeconds: 85,
    });
  });

  test('a time series at equal distances, and the moment when it was over', () => {
    const rows = timedOf(queueing, { ...INSTANT, sampleMs: 50_000 }).output.rows('timeseries.csv');
    const columns = [
      'time_seconds',
      'arrived_pods',
      'running_pods',
      'pending_pods',
      'ended_pods',
      'gpu_allocated_share',
    ];
    expect(rows.map((row) => columns.map((column) => row[column]))).toEqual([
      ['50', '5', '2', '3', '0', '1'],
      ['100', '5', '2', '3', '0', '1'],
      ['150', '5', '2', '1', '2', '0.75'],
      ['155', '5', '1', '1', '3', '0.25'],
    ]);
  });

  test('an urgent pod evicts another, which keeps its room for 30 s and does not come back', () => {
    const { summary, output } = timedOf(
      livesOf([
        [GPU_PAIR, 500],
        [GPU_PAIR, 500],
        [URGENT_GPU_PAIR, 60],
      ]),
    );
    const [first, last] = output.rows('placements.csv').filter(({ pod }) => pod === 'p-2');
    expect(first).toMatchObject({ time_seconds: '20', node: '', victims: expect.stringMatching(/^default\/p-[01]$/) });
    expect(last).toMatchObject({ time_seconds: '50', node: first!.nominated_node, attempt: '2', waited_seconds: '30' });
    expect(summary).toMatchObject({ placedPods: 2, evictedPods: 1, preemptions: 1, pendingPods: 0 });
    expect(summary.timed).toMatchObject({ boundPods: 3, endedPods: 2, maxWaitSeconds: 30 });
  });

  test('--until stops in the middle: later pods have not come, and do not count against the share placed', () => {
    const { summary } = timedOf(queueing, { ...INSTANT, untilMs: 25_000 });
    expect(summary).toMatchObject({ pods: 5, placedPods: 2, pendingPods: 1 });
    expect(summary.timed).toMatchObject({ arrivedPods: 3, endedPods: 0, simulatedSeconds: 25 });
  });

  test('pods that never end do not keep it going', () => {
    const { summary } = timedOf(
      livesOf([
        [GPU, FOR_EVER],
        [HUGE, FOR_EVER],
      ]),
    );
    expect(summary.timed!.simulatedSeconds).toBeLessThan(60);
    expect(summary).toMatchObject({ placedPods: 1, pendingPods: 1 });
  });
});

describe('time that the scheduler takes', () => {
  const burst = (pods: number): Workload => {
    const workload = tinyWorkload(Array.from({ length: pods }, () => SMALL));
    workload.pods.arrivalSeconds.fill(3);
    return workload;
  };

  test('pods of one moment wait for each other: an attempt each', () => {
    const { timed } = timedOf(burst(5), { ...INSTANT, attemptTime: '10ms' }).summary;
    expect(timed).toMatchObject({ p50WaitSeconds: 0.02, maxWaitSeconds: 0.04, meanWaitSeconds: 0.02 });
  });

  test('a binding is waited for by its pod alone', () => {
    const { timed } = timedOf(burst(5), { ...INSTANT, attemptTime: '10ms', bindingMs: 100 }).summary;
    expect(timed).toMatchObject({ p50WaitSeconds: 0.12, maxWaitSeconds: 0.14 });
  });
});

test('a plugin that fails spoils the cell and is named with pod and node', () => {
  const broken = {
    name: 'Broken',
    points: ['filter'],
    create: () => ({
      compileFilter: () => ({
        filter: () => {
          throw new Error('no such thing');
        },
        status: () => ({ code: 'Unschedulable', reasons: [] }),
      }),
    }),
  } as any;
  const profile = loaded.config.profiles[0]!;
  const plugins = { ...profile.plugins, filter: [...profile.plugins.filter!, { name: 'Broken', weight: 0 }] };
  const input = inputOf(tinyWorkload([SMALL]), {
    config: { ...loaded.config, profiles: [{ ...profile, plugins }] },
    registry: new Map([...loaded.registry, ['Broken', broken]]),
  });
  expect(() => runToMemory(input)).toThrow(/^pod default\/p-0, node \S+: .*"Broken".*no such thing/);
});

/** Pods of all shapes, some of which must wait, some evict and some never fit; the same in every run. */
function mixed(pods: number): Workload {
  const shapes = [SMALL, GPU, GPU_PAIR, GPU, SMALL, URGENT_GPU_PAIR, GPU];
  return livesOf(
    Array.from({ length: pods }, (_, i) => [
      i % 31 === 30 ? HUGE : shapes[i % 7]!,
      i % 13 === 12 ? FOR_EVER : 5 + ((i * 37) % 90),
    ]),
  );
}

describe('the same simulation another way', () => {
  test.each([
    ['zero', 0],
    ['upstream', 0],
    ['40ms', 700],
  ])(
    'attempts of %s and bindings of %d ms: attempts, nodes, messages and times as `berth simulate` has them',
    (model, bindingMs) => {
      const workload = mixed(120);
      const { output, summary } = timedOf(workload, {
        kind: 'timed',
        attemptTime: model,
        bindingMs,
        untilMs: 3_600_000,
      });
      const recorder = new AttemptRecorder();
      const rowOf = new Map(workload.pods.names.map((name, row) => [name, row]));
      const simulation = new Simulation({
        ...loaded,
        tieBreak: 'first',
        attemptMs: attemptTime(model),
        bindingDelayMs: bindingMs,
        lifetimeMs: ({ metadata }) => {
          const seconds = workload.pods.lifetimeSeconds[rowOf.get(metadata!.name!)!]!;
          return seconds === FOR_EVER ? undefined : seconds * 1000;
        },
        observer: recorder.observer,
      });
      recorder.attach(simulation);
      simulation.load(workload.nodes.map((node) => ({ ...node, kind: 'Node' })));
      simulation.start(
        workload.pods.names.map((_, row) => ({
          ms: workload.pods.arrivalSeconds[row]! * 1000,
          op: 'create' as const,
          object: { ...podOf(workload, row), kind: 'Pod' } as KubeObject,
        })),
      );
      simulation.runToEnd(3_600_000);
      const rows = output.rows('placements.csv');
      const mine = rows.map((row) => [Number(row.time_seconds), row.pod, Number(row.attempt), row.node, row.reason]);
      const theirs = recorder.attempts.map(({ ms, pod, podAttempts, node = '', message = '' }) => [
        Number((ms / 1000).toFixed(6)),
        pod.replace('default/', ''),
        podAttempts,
        node,
        message,
      ]);
      expect(mine).toEqual(theirs);
      expect(rows.length).toBeGreaterThan(1000);
      const waits = [...recorder.waitsMs].sort((a, b) => a - b);
      expect(summary.timed!.boundPods).toBe(waits.length);
      expect(summary.timed!.meanWaitSeconds).toBeCloseTo(
        waits.reduce((sum, ms) => sum + ms, 0) / waits.length / 1000,
        5,
      );
      expect(summary.timed!.maxWaitSeconds).toBeCloseTo(waits.at(-1)! / 1000, 5);
      expect(summary.timed!.attempts).toBe(recorder.attempts.at(-1)!.number);
      expect(summary.evictedPods).toBe(recorder.evictions);
      expect(summary.evictedPods).toBeGreaterThan(0);
    },
  );

  test('engines agree on everything but the clock', () => {
    const engines = Object.keys(ENGINES) as Array<keyof typeof ENGINES>;
    const [one, other] = engines.map((engine) => runToMemory(inputOf(mixed(120), { engine, tieBreak: 'heap' })));
    for (const file of ['placements.csv', 'timeseries.csv'] as const)
      expect(one!.output.text(file)).toBe(other!.output.text(file));
  });

  test('the same inputs give the same bytes; another seed gives others', () => {
    const run = (seed: number) =>
      runToMemory(inputOf(mixed(120), { seed, shuffle: 'both', tieBreak: 'random', evaluation: INSTANT }));
    const [a, b, c] = [run(1), run(1), run(2)];
    for (const file of ['placements.csv', 'timeseries.csv'] as const)
      expect(a.output.text(file)).toBe(b.output.text(file));
    expect({ ...a.summary, wallSeconds: 0 }).toEqual({ ...b.summary, wallSeconds: 0 });
    expect(c.output.text('placements.csv')).not.toBe(a.output.text('placements.csv'));
  });
});
