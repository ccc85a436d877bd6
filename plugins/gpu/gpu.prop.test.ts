import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  bestFit,
  dotProduct,
  Fragmentation,
  FragmentationGradientDescent,
  GpuCluster,
  type GpuPod,
  type GpuPolicy,
  gpuClustering,
  gpuPacking,
  type PodKind,
  randomNode,
  typicalPods,
} from './index.ts';

const kind: fc.Arbitrary<PodKind> = fc.record({
  cpuMilli: fc.integer({ min: 1, max: 16 }).map((cores) => cores * 1000),
  gpus: fc.constantFrom(0, 1, 1, 2, 4),
  gpuMilli: fc.constantFrom(250, 500, 1000),
  models: fc.constantFrom('', '', 'G2', 'T4', 'G2|T4'),
});
const normal = ({ cpuMilli, gpus, gpuMilli, models }: PodKind): PodKind => ({
  cpuMilli,
  gpus,
  gpuMilli: gpus === 0 ? 0 : gpus > 1 ? 1000 : gpuMilli,
  models: gpus === 0 ? '' : models,
});
const kinds = fc.array(kind.map(normal), { minLength: 1, maxLength: 30 });

const clusterOf = () =>
  new GpuCluster(
    [
      { cpuMilli: 64_000, memoryMib: 1000, gpus: 4, model: 'G2' },
      { cpuMilli: 32_000, memoryMib: 1000, gpus: 2, model: 'T4' },
      { cpuMilli: 16_000, memoryMib: 1000, gpus: 0, model: '' },
      { cpuMilli: 96_000, memoryMib: 1000, gpus: 8, model: 'G2' },
    ],
    20,
  );

const podOf = ({ models, ...rest }: PodKind, cluster: GpuCluster): GpuPod => ({
  ...rest,
  memoryMib: 1,
  modelMask: cluster.maskOf(models === '' ? [] : models.split('|')),
});

const policiesOf = (cluster: GpuCluster, workload: readonly PodKind[]): GpuPolicy[] => [
  dotProduct,
  bestFit,
  gpuClustering,
  gpuPacking,
  new FragmentationGradientDescent(new Fragmentation(typicalPods(workload), cluster)),
  randomNode(() => 0.5),
];

describe('fragmentation', () => {
  test('the classes of a node add up to what is idle, and a node without idle GPUs has none', () => {
    fc.assert(
      fc.property(
        kinds,
        fc.array(fc.integer({ min: 0, max: 1000 }), { maxLength: 8 }),
        fc.nat(64_000),
        (pods, left, cpu) => {
          const fragmentation = new Fragmentation(typicalPods(pods), clusterOf());
          const total = fragmentation.measure(cpu, Int32Array.from(left), 0, left.length, 1);
          const idle = left.reduce((sum, milli) => sum + milli, 0);
          expect(total).toBeGreaterThanOrEqual(0);
          expect(total).toBeLessThanOrEqual(idle + 1e-6);
          if (idle === 0) expect(total).toBe(0);
          else {
            const classes = Object.values(fragmentation.classes());
            expect(classes.reduce((sum, milli) => sum + milli, 0)).toBeCloseTo(idle, 6);
            expect(total + fragmentation.classes().satisfied).toBeCloseTo(idle, 6);
          }
        },
      ),
    );
  });

  test('to pods without GPUs all that is idle is fragmented', () => {
    const fragmentation = new Fragmentation(
      [{ cpuMilli: 1000, gpus: 0, gpuMilli: 0, models: '', share: 1 }],
      clusterOf(),
    );
    expect(fragmentation.measure(4000, Int32Array.of(1000, 300), 0, 2, 1)).toBe(1300);
  });

  test('a pod that needs a whole GPU cannot use halves', () => {
    const whole = { cpuMilli: 1000, gpus: 1, gpuMilli: 1000, models: '', share: 1 };
    const fragmentation = new Fragmentation([whole], clusterOf());
    expect(fragmentation.measure(4000, Int32Array.of(500, 500), 0, 2, 1)).toBe(1000);
    expect(fragmentation.measure(4000, Int32Array.of(500, 1000), 0, 2, 1)).toBe(500);
  });
});

test('typical pods: the most common first, shares that add up to one', () => {
  fc.assert(
    fc.property(kinds, (pods) => {
      const typical = typicalPods(pods);
      expect(typical.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9);
      for (let i = 1; i < typical.length; i++) expect(typical[i]!.share).toBeLessThanOrEqual(typical[i - 1]!.share);
    }),
  );
});

describe('policies', () => {
  test('score whole numbers from 0 to 100 and pick as many GPUs as asked, each with enough left', () => {
    fc.assert(
      fc.property(kinds, (workload) => {
        const cluster = clusterOf();
        const policies = policiesOf(cluster, workload);
        for (const [index, given] of workload.entries()) {
          const pod = podOf(given, cluster);
          const node = [0, 1, 2, 3].find((n) => cluster.fits(n, pod));
          if (node === undefined) continue;
          for (const policy of policies) {
            const score = policy.score(cluster, node, pod);
            expect(Number.isInteger(score) && score >= 0 && score <= 100).toBe(true);
            const gpus = gpusOf(policy.pick(cluster, node, pod));
            expect(gpus).toHaveLength(pod.gpus);
            for (const gpu of gpus) {
              expect(cluster.gpuLeftMilli[node * cluster.stride + gpu]).toBeGreaterThanOrEqual(pod.gpuMilli);
            }
          }
          const policy = policies[index % policies.length]!;
          cluster.place(node, pod, policy.pick(cluster, node, pod));
          for (const each of policies) each.changed?.(node);
        }
        expect(Math.min(...cluster.gpuLeftMilli, ...cluster.cpuFreeMilli, ...cluster.podsFree)).toBeGreaterThanOrEqual(
          0,
        );
      }),
    );
  });

  test('what FGD keeps about nodes is what a new one finds', () => {
    fc.assert(
      fc.property(kinds, (workload) => {
        const cluster = clusterOf();
        const make = () => new FragmentationGradientDescent(new Fragmentation(typicalPods(workload), cluster));
        const kept = make();
        for (const given of workload) {
          const pod = podOf(given, cluster);
          const fitting = [0, 1, 2, 3].filter((n) => cluster.fits(n, pod));
          for (const node of fitting) expect(kept.score(cluster, node, pod)).toBe(make().score(cluster, node, pod));
          if (fitting.length === 0) continue;
          cluster.place(fitting[0]!, pod, kept.pick(cluster, fitting[0]!, pod));
          kept.changed(fitting[0]!);
        }
      }),
    );
  });

  test('placing and removing leaves no trace', () => {
    const cluster = clusterOf();
    const pod = podOf({ cpuMilli: 1000, gpus: 2, gpuMilli: 1000, models: 'G2' }, cluster);
    const gpus = bestFit.pick(cluster, 0, pod);
    cluster.place(0, pod, gpus);
    expect(cluster.gpuFreeMilli[0]).toBe(2000);
    cluster.remove(0, pod, gpus);
    expect(cluster).toEqual(clusterOf());
  });

  test('formulas by hand: an empty node of 8 GPUs and 96 cores, a share of 500 milli and 8 cores', () => {
    const cluster = clusterOf();
    const pod = podOf({ cpuMilli: 8000, gpus: 1, gpuMilli: 500, models: '' }, cluster);
    // (96/128 · 8/128 + 8/8 · 0.5/8) / 2 = 0.0546875
    expect(dotProduct.score(cluster, 3, pod)).toBe(94);
    // ½ · 88/128 + ½ · 7.5/8 = 0.8125
    expect(bestFit.score(cluster, 3, pod)).toBe(18);
    expect(gpuClustering.score(cluster, 3, pod)).toBe(25);
    expect(gpuPacking.score(cluster, 3, pod)).toBe(25);
  });
});

const gpusOf = (mask: number): number[] => [...Array(32).keys()].filter((gpu) => mask & (1 << gpu));
