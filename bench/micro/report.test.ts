import { describe, expect, it } from 'vitest';
import { median } from '../../statistics/index.ts';
import { failureOf } from './cells.ts';
import { BenchTable, comparisonLines, csvOf, exponentLines, jsonOf, readBaseline } from './report.ts';
import { mannWhitneyP, relativeInterval } from './sample.ts';
import type { BenchRow } from './sweep.ts';

const row = (nodes: number, podsPerCpuSecond: number, spread = 0.02): BenchRow => ({
  workload: '200 shapes, zipf',
  nodes,
  engine: 'fast',
  pods: 1000,
  cpuSeconds: 1,
  wallSeconds: 1.5,
  podsPerCpuSecond,
  ratioToReference: null,
  bytesPerNode: 700,
  evaluationsPerPod: 150,
  bytesPerNodeAndClass: 2.25,
  bytesPerPod: null,
  samples: [-2, -1, 0, 1, 2, 0.5, -0.5, 1.5].map((step) => podsPerCpuSecond * (1 + step * spread)),
});

describe('berth bench', () => {
  it('writes JSON that begins with the fields that other programs read', () => {
    const [written] = JSON.parse(jsonOf([row(5000, 1000)])) as object[];
    expect(Object.keys(written!).slice(0, 9)).toEqual([
      'workload',
      'nodes',
      'engine',
      'pods',
      'cpuSeconds',
      'wallSeconds',
      'podsPerCpuSecond',
      'ratioToReference',
      'bytesPerNode',
    ]);
  });

  it('reads back what it wrote, and says what a wrong baseline is', () => {
    expect(readBaseline(jsonOf([row(5000, 1000)]), 'old.json')).toEqual([row(5000, 1000)]);
    expect(() => readBaseline('{"a":1}', 'old.json')).toThrow('old.json: not a file that `berth bench --json` wrote');
    expect(() => readBaseline('pods', 'old.json')).toThrow('old.json: not JSON');
  });

  it('fits how time per pod grows with the cluster', () => {
    expect(exponentLines([row(1000, 100), row(10_000, 10)])).toEqual([expect.stringContaining('N^1.00')]);
    expect(exponentLines([row(1000, 100)])).toEqual([]);
  });

  it('says how likely chance makes a difference, and calls one that is likely none', () => {
    const [same] = comparisonLines([row(5000, 1000)], [row(5000, 1005)]);
    expect(same).toMatch(/ ~ \(p=0\.\d{3} n=8\+8\)$/);
    const [faster] = comparisonLines([row(5000, 1000)], [row(5000, 2000)]);
    expect(faster).toMatch(/\+100\.0 % \(p=0\.000 n=8\+8\)$/);
    // One figure is no evidence.
    const { samples: _, ...single } = row(5000, 1000);
    expect(comparisonLines([single], [row(5000, 2000)])[0]).toContain(' ~ (p=');
  });

  it('drops columns for which the terminal is too narrow, and knows which', () => {
    const table = new BenchTable(100);
    expect(table.head().length).toBeLessThanOrEqual(100);
    expect(table.dropped).toContain('pods');
    expect(new BenchTable(200).dropped).toEqual([]);
    expect(table.row(row(5000, 1000))).toMatch(/^200 shapes, zipf +5,000 fast +1,000 /);
  });

  it('quotes names with commas in CSV', () => {
    expect(csvOf([row(5000, 1000)]).split('\r\n')[1]).toBe(
      '"200 shapes, zipf",5000,fast,1000,1,1.5,1000,,700,150,2.25,',
    );
  });
});

describe('the statistics are those of benchstat', () => {
  it('median and its interval', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    // Of ten figures the second and the ninth enclose the median with 97.9 %.
    expect(relativeInterval([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])).toBeCloseTo((9 - 2) / 2 / 5.5);
    expect(relativeInterval([5])).toBe(0);
  });

  it.each([
    // Sources: tables of the distribution of U; 2 / C(m + n, n) for samples that do not overlap.
    [[1, 2, 3], [4, 5, 6], 0.1],
    [[1, 2, 3, 4, 5], [6, 7, 8, 9, 10], 2 / 252],
    [[1, 3, 5, 7], [2, 4, 6, 8], 0.6857],
    [[1, 1, 1], [1, 1, 1], 1],
  ])('U test of %j and %j: p=%d', (a, b, p) => {
    expect(mannWhitneyP(a, b)).toBeCloseTo(p, 3);
    expect(mannWhitneyP(b, a)).toBeCloseTo(p, 3);
  });

  it('large samples and ties go by the normal distribution', () => {
    const a = Array.from({ length: 80 }, (_, i) => i);
    expect(mannWhitneyP(a, a)).toBeGreaterThan(0.9);
    expect(
      mannWhitneyP(
        a,
        a.map((value) => value + 40),
      ),
    ).toBeLessThan(1e-6);
  });
});

describe('a cell that ends without figures', () => {
  const task = {
    workload: 'mixed, 50 apps of five kinds',
    nodes: 1_000_000,
    engine: 'fast',
    budgetSeconds: 2,
  } as const;
  const ending = { answer: undefined, stderr: '', code: null, killedBy: null, progress: undefined, heapMb: 1024 };
  const reached = (phase: 'nodes' | 'pods', nodes: number) => ({ phase, nodes }) as const;

  it.each([
    [
      'V8 gave up while nodes came in',
      { stderr: 'FATAL ERROR: Reached heap limit Allocation failed', progress: reached('nodes', 612_000) },
      'out of memory (a heap of 1,024 MB) before all nodes were in; about 600000 would fit: --max-nodes 600000',
    ],
    [
      'the kernel killed it while classes were made',
      { killedBy: 'SIGKILL' as const, progress: reached('pods', 1_000_000) },
      'fewer classes would fit (--workload identical), or about half the nodes: --max-nodes 500000',
    ],
    [
      'a typed array was refused',
      { answer: { failure: 'RangeError: Array buffer allocation failed', isMemory: true } },
      'out of memory',
    ],
    [
      'something else',
      { stderr: 'warning\nError: a plugin failed\n', code: 1 },
      'the cell ended: Error: a plugin failed',
    ],
  ])('%s', (_, given, message) => {
    expect(failureOf(task, { ...ending, ...given })).toContain(message);
  });
});
