/** `berth trace` as a user has it: what it prints, what it writes, how it fails. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { loadWorkload } from '../bench/index.ts';
import { withFiles } from '../workloads/trace/import.fixture.ts';
import { traceCommand } from './trace.ts';
import { parseNodes } from './trace-options.ts';

afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

async function berth(...args: string[]): Promise<{ out: string; notes: string }> {
  let out = '';
  let notes = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += text;
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    notes += text;
    return true;
  });
  const command = traceCommand().exitOverride();
  for (const child of command.commands) child.exitOverride();
  await command.parseAsync(args, { from: 'user' });
  return { out, notes };
}

const job = (id: number, submit: number, run: number, procs: number) =>
  `${id} ${submit} 0 ${run} ${procs} -1 -1 ${procs} -1 -1 1 1 1 -1 -1 1 -1 -1\n`;
const LOG = { 'log.swf': `; MaxProcs: 4\n${job(1, 0, 60, 2)}${job(2, 5, -1, 1)}${job(3, 9, 30, 1)}` };

describe('berth trace', () => {
  test('import, then look at it, change it and check it', async () => {
    await withFiles(LOG, async (dir) => {
      const imported = await berth('import', 'auto', `${dir}/log.swf`, '-o', `${dir}/t`);
      expect(imported.out).toContain(`${dir}/t: 4 nodes, 3 pods, no row refused\n`);
      expect(imported.notes).toContain('log.swf   log        3       4      3             1         0');
      expect(imported.notes).toContain('passed over in log.swf: 1 × a job that never ran: run time -1');
      expect(JSON.parse(readFileSync(`${dir}/t/trace.json`, 'utf8'))).toMatchObject({
        family: 'swf',
        nodes: 4,
        pods: 3,
        files: [{ name: 'log.swf', table: 'log', rowsIn: 3, passedOver: { 'a job that never ran: run time -1': 1 } }],
      });
      expect((await berth('head', `${dir}/t`, '-n', '2')).out).toBe(
        'pod       arrival s   lifetime s   owner   gang   shape\njob-1-0           0           60   job-1      2   cpu1000-mem0\njob-1-1           0           60   job-1      2   cpu1000-mem0\n',
      );
      expect((await berth('validate', `${dir}/t`)).out).toBe(`${dir}/t: 4 nodes, 3 pods, nothing wrong\n`);
      expect((await berth('stats', `${dir}/t`)).out).toContain('Standard Workload Format · 4 nodes · 3 pods · 2 jobs');
      expect(JSON.parse((await berth('stats', `${dir}/t`, '-o', 'json', '--per', 'pod')).out)).toMatchObject({
        unit: 'pod',
        units: 3,
      });
      expect((await berth('scale', `${dir}/t`, '--clone', '2', '--compress', '3', '-o', `${dir}/s`)).out).toBe(
        `${dir}/s: 4 nodes, 6 pods\n`,
      );
      expect(readFileSync(`${dir}/s/pods.csv`, 'utf8')).toContain('job-3-0-c1,0,3,30,job-3-c1,\n');
      expect((await berth('sample', `${dir}/t`, '--share', '1', '-o', `${dir}/all`)).out).toContain('3 pods');
      expect((await berth('convert', `${dir}/t`, '--to', 'yaml', '-o', `${dir}/k`)).out).toContain(
        'nodes.yaml 4, pods.yaml 3, events.yaml 4',
      );
      expect(
        (await berth('convert', '--family', 'swf', `${dir}/log.swf`, '--to', 'csv', '-q', '-o', `${dir}/c`)).out,
      ).toContain('3 pods');
      expect(readFileSync(`${dir}/c/pods.csv`, 'utf8')).toBe(readFileSync(`${dir}/t/pods.csv`, 'utf8'));
    });
  });

  test('stats --html writes the same as a page', async () => {
    await withFiles(LOG, async (dir) => {
      await berth('stats', '--family', 'swf', `${dir}/log.swf`, '-q', '--html', `${dir}/page.html`);
      const page = readFileSync(`${dir}/page.html`, 'utf8');
      expect(page).toContain('<h1>Standard Workload Format</h1><p>4 nodes, 3 pods, 2 jobs</p>');
      expect(page).toContain('<h2>Lifetimes</h2>');
    });
  });

  test('berth run takes original files of a family with --data, and says what it needs', async () => {
    await withFiles(LOG, async (dir) => {
      const { workload } = await loadWorkload({ trace: 'swf', data: dir }, '.');
      expect([workload.name, workload.nodes.length, workload.pods.count, [...workload.pods.lifetimeSeconds]]).toEqual([
        'swf',
        4,
        3,
        [60, 60, 30],
      ]);
      await expect(loadWorkload({ trace: 'pai', data: dir }, '.')).rejects.toThrow(
        'none of the files that pai knows is there',
      );
      await expect(loadWorkload({ trace: 'pai' }, '.')).rejects.toThrow(
        'or with --data a family of berth trace sources',
      );
    });
    await withFiles({ 'tasks.csv': 'id,submission_time,duration,cpu_count,mem_capacity\n1,0,1,1,1\n' }, async (dir) => {
      await expect(loadWorkload({ trace: 'opendc', data: dir }, '.')).rejects.toThrow(
        'opendc: the files have no nodes; import them with berth trace import --nodes',
      );
    });
  });

  test('a bad row stops the import and leaves nothing, or is skipped and counted', async () => {
    await withFiles({ 'log.swf': job(1, 0, 60, 1) + job(2, 5, -7, 1) }, async (dir) => {
      await expect(berth('import', 'swf', `${dir}/log.swf`, '-o', `${dir}/t`)).rejects.toThrow(
        'log.swf:2, column run: "-7" is not a number of at least -1',
      );
      expect([existsSync(`${dir}/t`), existsSync(`${dir}/t.part`)]).toEqual([false, false]);
      const { out, notes } = await berth('import', 'swf', `${dir}/log.swf`, '-o', `${dir}/t`, '--on-error', 'skip');
      expect(out).toContain('1 pod, 1 row refused');
      expect(notes).toContain('refused: log.swf:2, column run: "-7"');
    });
  });

  test('validate ends with exit code 1 when something is wrong', async () => {
    await withFiles(LOG, async (dir) => {
      await berth('import', 'swf', `${dir}/log.swf`, '-o', `${dir}/t`);
      writeFileSync(`${dir}/t/pods.csv`, `${readFileSync(`${dir}/t/pods.csv`, 'utf8')}job-1-0,0,1,2,job-1,2\n`);
      const { out } = await berth('validate', `${dir}/t`);
      expect(out).toContain('"job-1-0" stands there already; names are unique');
      expect(process.exitCode).toBe(1);
    });
  });

  test('sources: every family says where its files are and under what licence', async () => {
    const families = JSON.parse((await berth('sources', '-o', 'json')).out) as {
      name: string;
      mapping: string;
      sources: { where: string; licence: string }[];
    }[];
    expect(families).toHaveLength(16);
    for (const { sources, mapping } of families) {
      expect(mapping.length).toBeGreaterThan(20);
      for (const { where, licence } of sources) expect([where, licence].every((text) => text.length > 2)).toBe(true);
    }
    expect((await berth('sources', 'openb')).out).toContain('github.com/alibaba/clusterdata');
  });

  test.each([
    [['scale', 'x', '-o', 'y'], 'nothing to change; say --compress'],
    [['stats', 'a', 'b'], 'several files: name their family with --family'],
    [['stats', '/nowhere'], '/nowhere: no pods.csv'],
    [['import', 'swf', '/nowhere', '-o', 'y'], '/nowhere: no such file or folder'],
  ])('%j', async (args, message) => {
    await expect(berth(...args)).rejects.toThrow(message);
  });
});

test('nodes on the command line', () => {
  expect(parseNodes('3*cpu=64,memory=256Gi,nvidia.com/gpu=8,label:zone=a', 1)).toEqual({
    count: 3,
    pool: {
      name: 'added-1',
      labels: { zone: 'a' },
      allocatable: { pods: '110', cpu: '64', memory: '256Gi', 'nvidia.com/gpu': '8' },
    },
  });
  for (const text of ['cpu=64', '0*cpu=1', '2*cpu=x', '2*cpu', '2*cpu=-1'])
    expect(() => parseNodes(text)).toThrow(/begin with a count|not an amount|not a Kubernetes quantity/);
});
