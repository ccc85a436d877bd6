import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { mulberry32 } from '../../statistics/index.ts';
import { checkGates, compareRuns, parseGate, type RunColumn, readRuns } from './index.ts';

const column = (name: string, values: readonly number[], metric = 'placed_share'): RunColumn => ({
  name,
  cells: new Map(values.map((value, seed) => [`openb seed ${seed}`, new Map([[metric, value]])])),
  draws: new Map(values.map((value, seed) => [`openb seed ${seed}`, new Map([[metric, [value]]])])),
});
const NONE = { thresholds: new Map() };
const only = (base: readonly number[], other: readonly number[], metric?: string) =>
  compareRuns(column('a', base, metric), [column('b', other, metric)], NONE).values[0]!;

describe('verdicts on paired runs', () => {
  test('higher is better for placed pods, lower for waits', () => {
    const low = [10, 11, 12, 10, 11];
    const high = [20, 22, 24, 20, 23];
    expect(only(low, high).outcome).toBe('better');
    expect(only(low, high, 'mean_wait_seconds').outcome).toBe('worse');
  });

  test('pairing finds a small shift under a large spread between traces', () => {
    const traces = [1, 5, 9, 2, 7, 3];
    const shifted = traces.map((value, i) => value * 1.1 + 0.3 + 0.01 * i);
    expect(only(traces, shifted).outcome).toBe('better');
  });

  test('within the threshold on both sides is the same, and a real but small difference says so', () => {
    const base = [100, 101, 102, 100, 101, 102];
    const value = only(
      base,
      base.map((x) => x + 0.2),
    );
    expect([value.outcome, value.judgement?.realButSmall]).toEqual(['same', true]);
  });

  test('one seed is exact on this input: no interval, no p', () => {
    const value = only([1], [1.2]);
    expect([value.outcome, value.judgement, value.p]).toEqual(['exact', undefined, undefined]);
    expect(value.effect).toBeCloseTo(20);
  });

  test('identical columns are the same, with p = 1', () => {
    const value = only([1, 2, 3], [1, 2, 3]);
    expect([value.outcome, value.p]).toEqual(['same', 1]);
  });

  test('a base of zero compares in the unit of the metric', () => {
    const value = only([0, 0, 0, 0], [3, 4, 3, 4], 'evicted_pods');
    expect([value.unit, value.effect, value.outcome]).toEqual(['absolute', -3.5, 'worse']);
  });

  test('timings compare as ratios, whatever their size', () => {
    const value = only([100, 1000, 10_000], [200, 2000, 20_000], 'wall_decisions_per_second');
    expect(value.effect).toBeCloseTo(100 * Math.log(2));
  });

  test('noise without an effect is inconclusive, and tells how many pairs would settle it', () => {
    const value = only([10, 12, 9, 13, 11], [11, 10, 12, 11, 12]);
    expect(value.outcome).toBe('inconclusive');
    expect(value.more()?.pairsNeeded).toBeGreaterThan(5);
  });

  test('more configurations widen the intervals', () => {
    const base = column('a', [10, 12, 9, 13, 11]);
    const others = ['b', 'c', 'd'].map((name) => column(name, [11, 13, 11, 13, 12]));
    const width = (count: number): number => {
      const interval = compareRuns(base, others.slice(0, count), NONE).values[0]!.judgement!.interval95;
      return interval.high - interval.low;
    };
    expect(width(3)).toBeGreaterThan(width(1));
  });

  test('cells of one side only are counted, not compared', () => {
    const { values, unpaired } = compareRuns(column('a', [1, 2, 3]), [column('b', [1, 2])], NONE);
    expect([values[0]!.pairs, unpaired]).toEqual([2, [{ other: 'b', cells: 1 }]]);
  });
});

test('500 comparisons of a configuration with itself, three at a time: false alarms within the nominal rate', () => {
  const random = mulberry32(4);
  const draw = (): number[] => Array.from({ length: 8 }, () => 100 + random() + random() + random() + random());
  let families = 0;
  for (let i = 0; i < 500; i++) {
    const others = ['b', 'c', 'd'].map((name) => column(name, draw()));
    const { values } = compareRuns(column('a', draw()), others, {
      thresholds: new Map([['*', { absolute: 1e-9 }]]),
    });
    if (values.some(({ outcome }) => outcome === 'better' || outcome === 'worse')) families++;
  }
  expect(families).toBeLessThanOrEqual(35);
});

describe('gates', () => {
  const compared = (other: readonly number[]) =>
    compareRuns(column('a', [10, 11, 10, 11, 10]), [column('b', other)], NONE);
  const state = (other: readonly number[], strict = false) =>
    checkGates(compared(other), [parseGate('placed_share worse than 5%')], strict)[0]!.state;

  test('fails when it is surely that much worse, warns when it looks so, passes otherwise', () => {
    expect(state([8, 9, 8, 9, 8])).toBe('fail');
    expect(state([9, 11, 8, 12, 7])).toBe('warn');
    expect(state([10, 11, 10, 11, 10])).toBe('pass');
  });

  test('strict: what is not shown fails', () => {
    expect(state([9, 11, 8, 12, 7], true)).toBe('fail');
    expect(state([10, 11, 10, 11, 10.01], true)).toBe('pass');
  });

  test.each([
    ['placed_share better than 5%', "write it like 'placed_share worse than 2%'"],
    ['speed worse than 5%', 'there is no metric speed'],
  ])('%s is refused', (text, message) => {
    expect(() => parseGate(text)).toThrow(message);
  });
});

describe('reading run folders', () => {
  const dir = mkdtempSync(path.join(tmpdir(), 'berth-compare-'));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  test('columns by configuration, empty fields left out', async () => {
    writeFileSync(
      path.join(dir, 'summary.csv'),
      'workload,profile,seed,placed_share,mean_wait_seconds\nopenb,x,1,0.5,\nopenb,y,1,0.6,\nopenb,x,2,0.7,\n',
    );
    const columns = await readRuns([dir]);
    expect(columns.map(({ name, cells }) => [name, cells.size])).toEqual([
      ['x', 2],
      ['y', 1],
    ]);
    expect(columns[0]!.cells.get('openb seed 1')).toEqual(new Map([['placed_share', 0.5]]));
  });

  test('a folder without a run, and a figure that is none', async () => {
    await expect(readRuns([path.join(dir, 'nothing')])).rejects.toThrow('no summary.csv there');
    writeFileSync(path.join(dir, 'summary.csv'), 'workload,profile,seed,placed_share\nopenb,x,1,many\n');
    await expect(readRuns([dir])).rejects.toThrow('summary.csv:2, column placed_share: "many" is not a number');
  });
});
