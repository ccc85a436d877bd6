/**
 * Every preset against what was measured of its trace: a long sample, seeded, so that a failure is a change of the generator. The
 * sample has its own error; seeds 1 to 3 stay within the tolerances (PRESET_SEED takes another).
 */
import { describe, expect, test } from 'vitest';
import { arrivalStatistics } from '../../../statistics/arrivals.ts';
import { ascending, quantileSorted } from '../../../statistics/quantile.ts';
import type { TraceSink } from '../../trace/model.ts';
import type { PodShape } from '../../workload.ts';
import { generate } from '../generate.ts';
import type { Generator } from '../model.ts';
import { isPreset, PRESETS, presetGenerator, presetOf } from './index.ts';

const HOUR = 3600;
const SEED = Number(process.env.PRESET_SEED ?? 1);

/** Pods, or the first pod of each owner. */
class Sample implements TraceSink {
  readonly shapes: PodShape[] = [];
  readonly arrivals: number[] = [];
  readonly lifetimes: number[] = [];
  readonly counts: number[] = [];
  private readonly isPerPod: boolean;
  private owner = '';

  constructor(isPerPod: boolean) {
    this.isPerPod = isPerPod;
  }

  pool = (): number => 0;
  node(): void {}

  shape(shape: PodShape): number {
    this.counts.push(0);
    return this.shapes.push(shape) - 1;
  }

  pod(_name: string, shape: number, arrivalSeconds: number, lifetimeSeconds: number, owner: string): void {
    if (!this.isPerPod && owner === this.owner) return;
    this.owner = owner;
    this.arrivals.push(arrivalSeconds);
    this.lifetimes.push(lifetimeSeconds);
    this.counts[shape]!++;
  }

  share(name: string): number {
    let count = 0;
    for (const [i, shape] of this.shapes.entries()) if (isNamed(shape.name, name)) count += this.counts[i]!;
    return count / this.arrivals.length;
  }
}

/** What follows must not go on with the last number. */
const isNamed = (name: string, start: string): boolean =>
  name.startsWith(start) && !/^\d/.test(name.slice(start.length));

/** Hours of the sample; the longer the correlation, the more are needed. */
const HOURS: Readonly<Record<string, number>> = {
  'gpu-share': 20_000,
  'service-rollout': 15_000,
  batch: 2000,
  'cloud-vm': 600,
  training: 10_000,
  hpc: 20_000,
};

function sampleOf(generator: Generator, per: 'pod' | 'job', hours: number): Sample {
  const sample = new Sample(per === 'pod');
  generate({ ...generator, durationSeconds: hours * HOUR }, SEED, sample);
  return sample;
}

/** Where only jobs are looked at, their further tasks and pods are left out. */
function jobsAlone(generator: Generator): Generator {
  const one = { kind: 'constant', value: 1 } as const;
  return {
    ...generator,
    streams: generator.streams.map((stream) => ({
      ...stream,
      tasks: one,
      pods: one,
      shapes: stream.shapes.map(({ pods: _, ...shape }) => shape),
    })),
  };
}

describe.each(PRESETS.map((preset) => [preset.file.name, preset] as const))('%s', (name, preset) => {
  const { targets } = preset;
  const whole = presetGenerator(preset);
  const sample = sampleOf(targets.per === 'job' ? jobsAlone(whole) : whole, targets.per, HOURS[name]!);
  const windows = [
    ...targets.idc.map(([seconds]) => seconds),
    ...(targets.lag1 === undefined ? [] : [targets.lag1[0]]),
  ];
  const lifetimes = ascending(sample.lifetimes);
  const statistics = arrivalStatistics(Float64Array.from(sample.arrivals), windows);

  test('rate within 5 %', () => {
    expect(statistics.perHour / targets.perHour).toBeCloseWithin(1, 0.05);
  });

  test.each(targets.idc)('index of dispersion in windows of %d s within 15 %', (seconds, idc) => {
    const measured = statistics.windows.find(({ windowSeconds }) => windowSeconds === seconds)!.idc;
    expect(measured / idc).toBeCloseWithin(1, 0.15);
  });

  test('three figures say how arrivals vary', () => {
    expect(targets.idc.length + (targets.lag1 === undefined ? 0 : 1)).toBe(3);
  });

  test.runIf(targets.lag1 !== undefined)('correlation of neighbouring windows within 0.2', () => {
    const [seconds, correlation] = targets.lag1!;
    const measured = statistics.windows.find(({ windowSeconds }) => windowSeconds === seconds)!.autocorrelation;
    expect(measured).toBeCloseWithin(correlation, 0.2);
  });

  test.each(targets.lifetime)('lifetime at %d within 10 %', (share, seconds) => {
    expect(quantileSorted(lifetimes, share) / seconds).toBeCloseWithin(1, 0.1);
  });

  test.each(targets.shapes)('share of %s within a percent', (shape, share) => {
    expect(sample.share(shape)).toBeCloseWithin(share, 0.01);
  });
});

expect.extend({
  toBeCloseWithin(received: number, expected: number, tolerance: number) {
    return {
      pass: Math.abs(received - expected) <= tolerance,
      message: () => `${received} should be within ${tolerance} of ${expected}`,
    };
  },
});

declare module 'vitest' {
  // The names of the parameters are vitest's.
  interface Assertion<T> {
    toBeCloseWithin(expected: T & number, tolerance: number): void;
  }
}

test('batch: sizes of tasks and jobs', () => {
  const tasks: number[] = [];
  let last: unknown;
  const sink = new Sample(true);
  // Pods of one task follow each other and end together.
  sink.pod = (_name, _shape, _arrival, lifetime) => {
    if (lifetime === last) tasks[tasks.length - 1]!++;
    else tasks.push(1);
    last = lifetime;
  };
  const generator = presetGenerator(presetOf('batch'));
  const capped = generator.streams.map((stream) => ({
    ...stream,
    pods: { ...stream.pods, max: 2000 },
    lifetime: { kind: 'exponential', mean: 60 } as const,
  }));
  generate({ ...generator, streams: capped, durationSeconds: 2 * HOUR }, SEED, sink);
  const sizes = ascending(tasks);
  expect(quantileSorted(sizes, 0.5)).toBe(2);
  expect(quantileSorted(sizes, 0.75) / 29).toBeCloseWithin(1, 0.2);
  expect(quantileSorted(sizes, 0.9) / 158).toBeCloseWithin(1, 0.2);
});

test('gpu-share: a third of the GPU pods name models, and half of those T4', () => {
  const sample = sampleOf(presetGenerator(presetOf('gpu-share')), 'pod', 3000);
  let gpu = 0;
  let bound = 0;
  let t4 = 0;
  for (const [i, { name, spec }] of sample.shapes.entries()) {
    const count = sample.counts[i]!;
    if (!name.includes('gpu')) continue;
    gpu += count;
    if (spec.affinity === undefined) continue;
    bound += count;
    if (/-T4(-|$)/.test(name)) t4 += count;
  }
  expect(bound / gpu).toBeCloseWithin(0.338, 0.01);
  expect(t4 / bound).toBeCloseWithin(0.541, 0.02);
});

test('service-rollout: limits per node on 26 % of CPU and 99 % of GPU pods', () => {
  const sample = sampleOf(presetGenerator(presetOf('service-rollout')), 'pod', 4000);
  const shares = { gpu: [0, 0], cpu: [0, 0] };
  for (const [i, { name, spec }] of sample.shapes.entries()) {
    const of = shares[name.includes('gpu') ? 'gpu' : 'cpu'];
    of[0]! += sample.counts[i]!;
    if (spec.topologySpreadConstraints !== undefined) of[1]! += sample.counts[i]!;
  }
  expect(shares.cpu[1]! / shares.cpu[0]!).toBeCloseWithin(0.26, 0.03);
  expect(shares.gpu[1]! / shares.gpu[0]!).toBeCloseWithin(0.99, 0.01);
});

test('a name that no preset has is told with those that there are', () => {
  expect(isPreset('hpc')).toBe(true);
  expect(() => presetOf('hpcc')).toThrow('there is no preset "hpcc"; there are gpu-share, service-rollout, batch,');
});
