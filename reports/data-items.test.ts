import { describe, expect, test } from 'vitest';
import {
  type DataItem,
  dataItemsFile,
  dataItemsJson,
  dataItemsTimestamp,
  progressFile,
  progressText,
} from './data-items.ts';

describe('data items are written as perf dashboards read them', () => {
  test('indented by two, keys in order, all items with the same labels', () => {
    const items: DataItem[] = [
      { data: { Perc50: 2, Average: 1.5 }, unit: 'pods/s', labels: { Name: 'a<b/c', Metric: 'SchedulingThroughput' } },
      { data: null, unit: '', labels: { Name: 'd' } },
      { data: { Average: 1e-7 }, unit: 'ms', labels: { Name: 'd', result: 'scheduled' } },
    ];
    expect(dataItemsJson(items)).toBe(`{
  "version": "v1",
  "dataItems": [
    {
      "data": {
        "Average": 1.5,
        "Perc50": 2
      },
      "unit": "pods/s",
      "labels": {
        "Metric": "SchedulingThroughput",
        "Name": "a\\u003cb/c",
        "result": "not applicable"
      }
    },
    {
      "data": null,
      "unit": "",
      "labels": {
        "Metric": "not applicable",
        "Name": "d",
        "result": "not applicable"
      }
    },
    {
      "data": {
        "Average": 1e-7
      },
      "unit": "ms",
      "labels": {
        "Metric": "not applicable",
        "Name": "d",
        "result": "scheduled"
      }
    }
  ]
}`);
  });

  test('no items: null, as Go writes a list that was never made', () => {
    expect(dataItemsJson([])).toBe('{\n  "version": "v1",\n  "dataItems": null\n}');
  });

  test('names of files', () => {
    const timestamp = dataItemsTimestamp(new Date(2026, 0, 2, 3, 4, 5));
    expect(timestamp).toBe('2026-01-02T03:04:05Z');
    expect(dataItemsFile('misc', timestamp)).toBe('BenchmarkPerfScheduling_benchmark_misc_2026-01-02T03:04:05Z.json');
    expect(progressFile('Case', '5/10', 'misc', timestamp)).toBe('Case_5_10_misc_2026-01-02T03:04:05Z.dat');
  });

  test('a line per sample', () => {
    const row = {
      seconds: 1.04,
      completed: 12,
      attempts: 15,
      observedTotal: 11,
      observedRate: 10.5,
      activePods: 1,
      backoffPods: 2,
      unschedulable: 3,
      gatedPods: 4,
    };
    expect(progressText([row, row])).toBe('1.0s 12 15 11 10.500000 1 2 3 4\n'.repeat(2));
  });
});
