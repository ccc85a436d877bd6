import { describe, expect, it } from 'vitest';
import { comparisonLines, csvOf, exponentLines, jsonOf, readBaseline } from './report.ts';
import type { MeasuredRow } from './sweep.ts';

const row = (nodes: number, podsPerCpuSecond: number, spread = 0.02): MeasuredRow => ({
  workload: '200 shapes, zipf',
  nodes,
  engine: 'fast',
  pods: 1000,
  cpuSeconds: 1,
  wallSeconds: 1.5,
  podsPerCpuSecond,
  ratioToReference: null,
  bytesPerNode: 700,
  spread,
});

describe('berth bench', () => {
  it('writes JSON with exactly the fields that other programs read', () => {
    const [written] = JSON.parse(jsonOf([row(5000, 1000)])) as object[];
    expect(Object.keys(written!)).toEqual([
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
    expect(readBaseline(jsonOf([row(5000, 1000)]), 'old.json')).toHaveLength(1);
    expect(() => readBaseline('{"a":1}', 'old.json')).toThrow('old.json: not a file that `berth bench --json` wrote');
    expect(() => readBaseline('pods', 'old.json')).toThrow('old.json: not JSON');
  });

  it('fits how time per pod grows with the cluster', () => {
    expect(exponentLines([row(1000, 100), row(10_000, 10)])).toEqual([expect.stringContaining('N^1.00')]);
    expect(exponentLines([row(1000, 100)])).toEqual([]);
  });

  it('calls a difference within the spread none', () => {
    const [line] = comparisonLines([row(5000, 1000)], [row(5000, 1030)]);
    expect(line).toMatch(/~$/);
    expect(comparisonLines([row(5000, 1000)], [row(5000, 2000)])[0]).toMatch(/\+100\.0 %$/);
  });

  it('quotes names with commas in CSV', () => {
    expect(csvOf([row(5000, 1000)]).split('\r\n')[1]).toBe('"200 shapes, zipf",5000,fast,1000,1,1.5,1000,,700');
  });
});
