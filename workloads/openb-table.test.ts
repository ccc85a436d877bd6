import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { fromOpenb } from './from-openb.ts';
import { openbTable } from './openb-table.ts';
import type { Workload } from './workload.ts';

const counted = (keys: Iterable<string>): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return new Map([...counts].sort());
};
const nodePools = ({ nodes }: Workload) =>
  counted(nodes.map(({ metadata, status }) => JSON.stringify([status, metadata?.labels?.['nvidia.com/gpu.product']])));
const podShapes = ({ pods, shapes }: Workload) =>
  counted([...pods.shape].map((shape) => JSON.stringify(shapes[shape])));
const total = (workload: Workload, resource: string) =>
  workload.nodes.reduce((sum, { status }) => sum + Number.parseInt(status?.allocatable?.[resource] ?? '0', 10), 0);

describe('the shipped openb table', () => {
  const table = openbTable();

  test('holds 1,523 nodes with 6,212 GPUs and 125,514 cores, and 8,152 pods of 162 shapes', () => {
    expect(table.nodes).toHaveLength(1523);
    expect(total(table, 'nvidia.com/gpu')).toBe(6212);
    expect(total(table, 'cpu')).toBe(125_514_000);
    expect(total(table, 'memory')).toBe(612_028_416);
    expect(table.pods.count).toBe(8152);
    expect(table.shapes).toHaveLength(162);
  });

  test('names are unique', () => {
    expect(new Set(table.nodes.map((node) => node.metadata?.name)).size).toBe(1523);
    expect(new Set(table.pods.names).size).toBe(8152);
    expect(new Set(table.shapes.map((shape) => shape.name)).size).toBe(162);
  });

  const data = process.env.BERTH_DATA;
  const dir = data === undefined ? undefined : path.join(data, 'openb');
  test.skipIf(dir === undefined || !existsSync(dir))(
    'equals the original files, count for count (needs BERTH_DATA, a folder with the openb files in openb/)',
    async () => {
      const original = await fromOpenb({ dir: dir! });
      expect(nodePools(table)).toEqual(nodePools(original));
      expect(podShapes(table)).toEqual(podShapes(original));
    },
  );
});
