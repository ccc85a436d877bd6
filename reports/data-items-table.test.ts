import { expect, test } from 'vitest';
import { type PerfFigure, type PerfResult, perfTable } from './data-items-table.ts';

const FIGURE: PerfFigure = {
  name: 'namespace-2',
  pods: 10_000,
  metric: 'SchedulingThroughput',
  bucket: 'Average',
  value: 13_600,
  unit: 'pods/s',
  threshold: 680,
  expectLower: false,
  passed: true,
  intervalMs: 20,
  samples: 36,
  seconds: 0.75,
  busySeconds: 0.75,
  cpuSeconds: 0.8,
  podsPerSecond: 13_333,
  podsPerCpuSecond: 12_500,
};

const result = (workload: string, figures: readonly PerfFigure[], more: Partial<PerfResult> = {}): PerfResult => ({
  topic: 'misc',
  testCase: 'Basic',
  workload,
  state: 'ran',
  figures,
  ...more,
});

test('a line per figure, headings per case, and what did not run by name with its reason', () => {
  const { value: _, passed: __, threshold: ___, ...unmeasured } = FIGURE;
  const table = perfTable(
    [
      result('5000Nodes', [FIGURE]),
      result('5Nodes', [{ ...unmeasured, pods: 10, samples: 0, podsPerSecond: 1234, podsPerCpuSecond: 99.44 }]),
      result('slow', [{ ...FIGURE, value: 340, passed: false, intervalMs: 1000 }], { testCase: 'Other' }),
      result('a', [], { state: 'unsupported', reason: 'no devices' }),
      result('b', [], { state: 'unsupported', reason: 'no devices' }),
      result('c', [], { state: 'failed', reason: 'timed out' }),
    ],
    100,
  );
  expect(table).toBe(`               pods  threshold    ours   ratio  pods/s  pods/CPU s    sample
misc · Basic
  5000Nodes  10,000        680  13,600     20x  13,333      12,500  36×20 ms
  5Nodes         10          –       –       –   1,234        99.4         –
misc · Other
  slow       10,000        680     340  0.5x !  13,333      12,500    36×1 s

unsupported (no devices): misc Basic/a · misc Basic/b
failed (timed out): misc Basic/c

3 of 6 workloads ran · 1 failed · 2 unsupported · 1 of 2 thresholds met
`);
});
