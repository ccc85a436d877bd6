import { describe, expect, test } from 'vitest';
import { compareProfiles } from './comparison.ts';
import { comparisonCsv, comparisonJson } from './comparison-data.ts';
import { comparisonMarkdown, comparisonTable } from './comparison-table.ts';
import type { CellSummary } from './records.ts';

function cell(profile: string, seed: number, changes: Partial<CellSummary> = {}): CellSummary {
  return {
    workload: 'tiny',
    profile,
    seed,
    tieBreak: 'heap',
    engine: 'reference',
    nodes: 10,
    pods: 200,
    placedPods: 100,
    pendingPods: 100,
    evictedPods: 0,
    cpuAllocatedShare: 0.5,
    memoryAllocatedShare: 0.25,
    gpuAllocatedShare: 0.75,
    nodesUsed: 9,
    cpuImbalance: 0.125,
    gpuUnusableShare: 0.05,
    decisions: 200,
    preemptions: 0,
    evaluatedNodes: 2000,
    feasibleNodes: 1500,
    scoredDecisions: 100,
    meanMarginPoints: 3,
    tiedDecisions: 20,
    placementDigest: `${profile}${seed}`,
    wallSeconds: 0.5,
    ...changes,
  };
}

describe('estimates', () => {
  test('mean and sample standard deviation over the runs', () => {
    const { profiles } = compareProfiles(['a'], [cell('a', 1, { placedPods: 90 }), cell('a', 2, { placedPods: 110 })]);
    const placed = profiles[0]!.estimates.get('placed_share')!;
    expect(placed.runs).toBe(2);
    expect(placed.mean).toBeCloseTo(0.5, 12);
    expect(placed.standardDeviation).toBeCloseTo(0.1 / Math.SQRT2, 12);
  });

  test('one run has no spread', () => {
    const { profiles } = compareProfiles(['a'], [cell('a', 1)]);
    expect(profiles[0]!.estimates.get('placed_share')).toEqual({ mean: 0.5, standardDeviation: undefined, runs: 1 });
  });

  test('a metric that no run has is left out', () => {
    const without = { gpuAllocatedShare: undefined, gpuUnusableShare: undefined };
    const { metrics } = compareProfiles(['a'], [cell('a', 1, without)]);
    expect(metrics.map((metric) => metric.name).filter((name) => name.startsWith('gpu'))).toEqual([]);
  });

  test('configurations that decided alike with every seed are named', () => {
    const cells = [
      cell('a', 1, { placementDigest: 'x' }),
      cell('a', 2, { placementDigest: 'y' }),
      cell('b', 1, { placementDigest: 'x' }),
      cell('b', 2, { placementDigest: 'y' }),
      cell('c', 1, { placementDigest: 'x' }),
      cell('c', 2, { placementDigest: 'z' }),
    ];
    expect(compareProfiles(['a', 'b', 'c'], cells).equalDecisions).toEqual([{ profile: 'b', as: 'a' }]);
  });
});

const comparison = compareProfiles(
  ['default', 'most-allocated'],
  [
    cell('default', 1, { placedPods: 90 }),
    cell('default', 2, { placedPods: 110 }),
    cell('most-allocated', 1, { placedPods: 150, wallSeconds: 0.1 }),
  ],
);

describe('table', () => {
  test('aligned, units in the header, no value without its spread where there is one', () => {
    expect(comparisonTable(comparison, 100)).toBe(
      `                   placed        gpu         gpu        cpu          cpu  decisions  evicted  nodes
                        %    alloc %  unusable %    alloc %  imbalance %      per s     pods   used
default         50.0 ±7.1  75.0 ±0.0    5.0 ±0.0  50.0 ±0.0    12.5 ±0.0     400 ±0     0 ±0   9 ±0
most-allocated       75.0       75.0         5.0       50.0         12.5      2,000        0      9

mean ± standard deviation over 1 to 2 runs
too narrow for memory alloc: see summary.csv
`,
    );
  });

  test.each([40, 60, 80, 100, 120, 200])('fits %i columns', (width) => {
    const lines = comparisonTable(comparison, width).split('\n').slice(0, 4);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
  });

  test('a long name is shortened', () => {
    const name = 'a-name-that-somebody-gave-without-thinking-of-tables';
    expect(comparisonTable(compareProfiles([name], [cell(name, 1)]), 100)).toContain(
      'a-name-that-somebody-gave-witho…',
    );
  });

  test('Markdown holds every metric and harmless names', () => {
    const text = comparisonMarkdown(compareProfiles(['<b>|x'], [cell('<b>|x', 1)]));
    expect(text).toContain('| configuration | placed (%) | gpu alloc (%) |');
    expect(text).toContain('| &lt;b>\\|x | 50.0 | 75.0 |');
  });
});

describe('data', () => {
  test('CSV has a row per configuration and metric, shares as fractions', () => {
    const lines = comparisonCsv([{ workload: 'tiny', comparison }]).split('\r\n');
    expect(lines[0]).toBe('workload,profile,metric,mean,standard_deviation,runs');
    expect(lines).toContain('tiny,default,placed_share,0.5,0.070711,2');
    expect(lines).toContain('tiny,most-allocated,wall_decisions_per_second,2000,,1');
  });

  test('JSON says the same', () => {
    const { profiles } = JSON.parse(comparisonJson([{ workload: 'tiny', comparison }])) as { profiles: any[] };
    expect(profiles[1]).toMatchObject({
      workload: 'tiny',
      profile: 'most-allocated',
      runs: 1,
      metrics: { placed_share: { mean: 0.75, runs: 1 } },
    });
  });
});
