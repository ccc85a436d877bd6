import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { diffWithPublished, POLICY_NAMES, readPublished, rowsOf, writeTables } from './index.ts';
import runSeed from './run-seed.ts';

const dir = mkdtempSync(path.join(tmpdir(), 'berth-fgd-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const node = (index: number): string =>
  `n${String(index).padStart(2, '0')},64000,262144,${index % 3 === 0 ? 8 : 2},${index % 2 === 0 ? 'G2' : 'T4'}`;
const pod = (index: number): string => {
  const [gpus, milli] = [
    [0, 0],
    [1, 250],
    [1, 500],
    [1, 1000],
    [2, 1000],
  ][index % 5]!;
  return `p${String(index).padStart(3, '0')},${1000 * (1 + (index % 7))},1024,${gpus},${milli},${index % 11 === 0 ? 'G2|T4' : ''}`;
};
const list = (count: number, row: (index: number) => string): string => [...Array(count).keys()].map(row).join('\n');
writeFileSync(path.join(dir, 'openb_node_list_gpu_node.csv'), `sn,cpu_milli,memory_mib,gpu,model\n${list(12, node)}\n`);
writeFileSync(
  path.join(dir, 'openb_pod_list_small.csv'),
  `name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec\n${list(90, pod)}\n`,
);

const task = { dir, list: 'small', policies: POLICY_NAMES, ties: 'rank' } as const;

describe('a small cluster', () => {
  test('the same seed gives the same curves, another seed others; nothing is beyond its bounds', async () => {
    const [once, again, other] = await Promise.all([42, 42, 43].map((seed) => runSeed({ ...task, seed })));
    expect(again).toEqual(once);
    expect(other!.curves).not.toEqual(once!.curves);
    for (const { allocation, fragmentation } of once!.curves) {
      expect(Math.max(...allocation)).toBeLessThanOrEqual(100);
      for (const [load, used] of allocation.entries()) expect(used + fragmentation[load]!).toBeLessThanOrEqual(100.02);
    }
  });

  test('tables written in the published format read back as equal, and a changed digit is found', async () => {
    const rows = rowsOf([await runSeed({ ...task, seed: 42 })]);
    const files = writeTables(dir, rows);
    const same = diffWithPublished(rows, await readPublished(dir));
    expect([same.compared, same.differences.length]).toEqual([5 * 3 * 131, 0]);
    const text = readFileSync(files[0]!, 'utf8');
    const lines = text.split('\n');
    const cells = lines[2]!.split(',');
    cells[cells.length - 1] = '12.34';
    writeFileSync(files[0]!, text.replace(lines[2]!, cells.join(',')));
    const changed = diffWithPublished(rows, await readPublished(dir));
    expect(changed.differences).toMatchObject([{ measure: 'allocation', loadPercent: 130, published: '12.34' }]);
  });
});

const data = process.env.BERTH_DATA;
test.skipIf(data === undefined)('one seed of two lists equals the published tables (BERTH_DATA)', async () => {
  const published = await readPublished(data!);
  const results = await Promise.all(
    ['default', 'gpushare40'].map((name) => runSeed({ ...task, dir: data!, list: name, seed: 47 })),
  );
  const { compared, differences } = diffWithPublished(rowsOf(results), published);
  expect(compared).toBe(2 * 5 * 3 * 131);
  expect(differences).toEqual([]);
});
