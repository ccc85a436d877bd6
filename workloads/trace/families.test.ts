/** The registry of families: names, and how files are told apart. */
import { expect, test } from 'vitest';
import { TRACE_FAMILIES } from './families.ts';
import { imported, withFiles } from './import.fixture.ts';
import { familiesOf } from './import-trace.ts';

test('names of families are unique and fit a command line', () => {
  const names = TRACE_FAMILIES.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(name).toMatch(/^[a-z0-9-]+$/);
});

test('a file that a family does not know is refused with what it does know', async () => {
  await expect(imported('pai', { 'other.csv': 'a,b\n1,2\n' })).rejects.toThrow(
    /other\.csv: none of the files that pai knows; it knows\n {2}job: pai_job_table\.csv/,
  );
});

test('one line is enough to tell the families apart', async () => {
  await withFiles(
    {
      'log.swf': '1 0 1 2 1 -1 -1 1 -1 -1 1 1 1 -1 -1 1 -1 -1\n',
      'nodes.csv': 'gpu_model,gpu_capacity_num,cpu_num,node_name\n',
    },
    async (dir) => {
      expect((await familiesOf(`${dir}/log.swf`, TRACE_FAMILIES)).map(({ name }) => name)).toEqual(['swf']);
      expect((await familiesOf(`${dir}/nodes.csv`, TRACE_FAMILIES)).map(({ name }) => name)).toEqual([
        'alibaba-spot-2026',
      ]);
    },
  );
});
