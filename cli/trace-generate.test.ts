/** Generators as a user has them: the same seed gives the same trace, every mistake has its place, runs and suites take them. */
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { loadWorkload } from '../bench/index.ts';
import { parseSuite } from '../bench/suite/read-suite.ts';
import { checkFolder } from '../workloads/index.ts';
import { withFiles } from '../workloads/trace/import.fixture.ts';
import { traceCommand } from './trace.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

async function berth(...args: string[]): Promise<string> {
  let out = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += text;
    return true;
  });
  const command = traceCommand().exitOverride();
  for (const child of command.commands) child.exitOverride();
  await command.parseAsync(args, { from: 'user' });
  return out;
}

const FILE = `name: mine
duration: 6h
nodes:
  - {count: 3, cpu: 32, memory: 128Gi, labels: {zone: a}, taints: [{key: only, value: web, effect: NoSchedule}]}
workloads:
  - name: web
    arrivals: {mmpp: [{perHour: 10, meanTime: 1h}, {perHour: 200, meanTime: 10m}]}
    apps: 4
    lifetime: {weibull: {shape: 0.5, scale: 20m}, max: 2h}
    shapes:
      - {cpu: 500m, memory: 1Gi, perNode: 2, tolerations: [{key: only, operator: Exists}]}
  - name: train
    arrivals: {bursts: {every: 1h, count: 2, spread: 10m}}
    gang: true
    pods: 4
    lifetime: 30m
    shapes: [{cpu: 4, memory: 8Gi, nodeSelector: {zone: a}}]
  - name: loop
    arrivals: {closedLoop: {users: 1, think: 10m}}
    lifetime: 20m
    shapes: [{cpu: 1, memory: 1Gi}]
`;

describe('berth trace generate', () => {
  test('one seed, one trace; pods come in order, and the folder is in order', async () => {
    await withFiles({ 'g.yaml': FILE }, async (dir) => {
      const rows = async (seed: string, out: string) => {
        await berth('generate', `${dir}/g.yaml`, '--seed', seed, '-o', `${dir}/${out}`);
        return readFileSync(`${dir}/${out}/pods.csv`, 'utf8');
      };
      const first = await rows('7', 'a');
      expect(await rows('7', 'b')).toBe(first);
      expect(await rows('8', 'c')).not.toBe(first);
      const pods = first
        .trim()
        .split('\n')
        .slice(1)
        .map((row) => row.split(','));
      const arrivals = pods.map((fields) => Number(fields[2]));
      expect(arrivals).toEqual([...arrivals].sort((x, y) => x - y));
      expect(new Set(pods.map(([name]) => name)).size).toBe(pods.length);
      expect((await checkFolder(`${dir}/a`)).problems).toBe(0);
      const { workload } = await loadWorkload({ folder: `${dir}/a` }, '.');
      expect(workload.nodes).toHaveLength(3);
      // Bursts at 0, 5 min, 1 h, 1 h 5 min and so on, each a gang of four.
      const train = pods.filter(([name]) => name!.startsWith('train-'));
      expect(train.map((fields) => fields[2]).slice(0, 9)).toEqual([
        ...Array(4).fill('0'),
        ...Array(4).fill('300'),
        '3600',
      ]);
      expect(train.every((fields) => fields[5] === '4')).toBe(true);
      // A user thinks for 10 min, runs for 20, thinks again.
      const loop = pods.filter(([name]) => name!.startsWith('loop-'));
      expect(loop.map((fields) => Number(fields[2])).slice(0, 3)).toEqual([600, 2400, 4200]);
    });
  });

  test('what one workload draws does not depend on the others', async () => {
    const alone = FILE.replace(/ {2}- name: train[\s\S]*/, '');
    await withFiles({ 'g.yaml': FILE, 'alone.yaml': alone }, async (dir) => {
      for (const name of ['g', 'alone']) await berth('generate', `${dir}/${name}.yaml`, '-o', `${dir}/${name}`);
      const web = (name: string) =>
        readFileSync(`${dir}/${name}/pods.csv`, 'utf8')
          .split('\n')
          .filter((row) => row.startsWith('web-'))
          .map((row) => row.split(',').filter((_, i) => i !== 1));
      expect(web('alone').length).toBeGreaterThan(10);
      expect(web('g')).toEqual(web('alone'));
    });
  });

  test.each([
    ['perHour: 10,', 'perHours: 10,', 'g.yaml:7:34: workloads[0].arrivals.mmpp[0].perHours: there is no such field'],
    ['cpu: 500m', 'cpu: half', 'workloads[0].shapes[0].cpu: a Kubernetes quantity is expected, such as 500m'],
    ['apps: 4', 'apps: 0', 'say how many there are with apps'],
    ['    gang: true', '    gang: true\n    apps: 2', 'workloads[1].gang: pods of one owner start together'],
    ['operator: Exists', 'operator: Exist', 'workload web, shape 0: spec.tolerations[0].operator'],
  ])('%s as %s', async (right, wrong, message) => {
    await withFiles({ 'g.yaml': FILE.replace(right, wrong) }, async (dir) => {
      await expect(berth('generate', `${dir}/g.yaml`, '-o', `${dir}/t`)).rejects.toThrow(message);
    });
  });

  test('a preset printed is a file that makes the same trace', async () => {
    const text = await berth('presets', 'training');
    await withFiles({ 'training.yaml': text }, async (dir) => {
      await berth('generate', '--preset', 'training', '--duration', '1d', '-o', `${dir}/a`);
      await berth('generate', `${dir}/training.yaml`, '--duration', '1d', '-o', `${dir}/b`);
      expect(readFileSync(`${dir}/a/pods.csv`, 'utf8')).toBe(readFileSync(`${dir}/b/pods.csv`, 'utf8'));
    });
  });

  test('a suite names a generator', async () => {
    const suite = parseSuite('workloads: [{generate: hpc, generateSeed: 3}]', 'suite.yaml');
    const { workload } = await loadWorkload({ generate: 'hpc', generateSeed: suite.workloads[0]!.generateSeed }, '.');
    expect(workload.source.description).toContain('generated with seed 3');
    expect(workload.pods.count).toBeGreaterThan(10_000);
    expect(() => parseSuite('workloads: [{generate: hpc, folder: x}]', 'suite.yaml')).toThrow('or "generate"');
    await expect(loadWorkload({ generate: 'hpcc' }, '.')).rejects.toThrow('hpcc: no such file, nor a preset');
  });
});
