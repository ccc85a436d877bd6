/** Traces in berth's own format: written whole or not at all, read back the same, changed, checked, turned into Kubernetes objects. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { fromTraceFolder } from '../trace-folder.ts';
import { checkFolder } from './check-folder.ts';
import { ListSink, withFiles } from './import.fixture.ts';
import type { TraceSink } from './model.ts';
import { aboutOf, hasOwners, readFolder } from './read-folder.ts';
import { type Scaling, ScalingSink } from './scaling.ts';
import { poolOf, shapeOf } from './shapes.ts';
import { FolderSink } from './sinks.ts';
import { KubernetesSink } from './to-kubernetes.ts';

const END = Number.POSITIVE_INFINITY;

/** Two nodes, a gang of two, and pods of their own. */
function fill(sink: TraceSink): void {
  const pool = sink.pool(poolOf({ cpuMilli: 4000, memoryMib: 8192 }));
  sink.node('n-0', pool);
  sink.node('n-1', pool);
  const small = sink.shape(shapeOf({ cpuMilli: 500, memoryMib: 64 }));
  const large = sink.shape(shapeOf({ cpuMilli: 2000, memoryMib: 1024, priority: 10 }));
  sink.pod('late', small, 100, END, '', 0);
  sink.pod('gang-0', large, 10, 60, 'gang', 2);
  sink.pod('gang-1', large, 10, 60, 'gang', 2);
  sink.pod('short', small, 0.5, 0.25, '', 0);
}

function write(dir: string, owners = true): FolderSink {
  const sink = new FolderSink(dir, owners);
  fill(sink);
  sink.finish({ title: 'made' });
  return sink;
}

async function read(dir: string): Promise<ListSink> {
  const sink = new ListSink();
  await readFolder(dir, sink);
  return sink;
}

describe('a folder', () => {
  test('reads back what was written, with or without owners', async () => {
    await withFiles({}, async (dir) => {
      const wanted = new ListSink();
      fill(wanted);
      write(`${dir}/a`);
      expect(await read(`${dir}/a`)).toEqual(wanted);
      expect([hasOwners(`${dir}/a`), aboutOf(`${dir}/a`)]).toEqual([true, { title: 'made' }]);
      write(`${dir}/b`, false);
      expect((await read(`${dir}/b`)).pods.map(({ name, owner, gang }) => [name, owner, gang])).toEqual(
        wanted.pods.map(({ name }) => [name, '', 0]),
      );
    });
  });

  test('is a workload for berth run, whichever columns it has', async () => {
    await withFiles({}, async (dir) => {
      for (const owners of [true, false]) {
        write(`${dir}/${owners}`, owners);
        const { nodes, pods } = fromTraceFolder(`${dir}/${owners}`);
        expect([nodes.length, pods.count, [...pods.arrivalSeconds], [...pods.lifetimeSeconds]]).toEqual([
          2,
          4,
          [100, 10, 10, 0.5],
          [END, 60, 60, 0.25],
        ]);
      }
    });
  });

  test('is there whole or not at all, and never in place of another', async () => {
    await withFiles({}, async (dir) => {
      const sink = new FolderSink(`${dir}/a`, true);
      fill(sink);
      expect(existsSync(`${dir}/a`)).toBe(false);
      sink.abandon();
      expect(readdirSync(dir)).toEqual([]);
      write(`${dir}/a`);
      expect(readdirSync(dir)).toEqual(['a']);
      expect(() => new FolderSink(`${dir}/a`, true)).toThrow(
        'a is there already; name a folder that is not, or is empty',
      );
      mkdirSync(`${dir}/empty`);
      write(`${dir}/empty`);
      expect(readdirSync(`${dir}/empty`)).toContain('pods.csv');
    });
  });

  test('keeps times to the microsecond, and never writes an exponent', async () => {
    await withFiles({}, async (dir) => {
      const numbers = [0, 1e-7, 0.1, 1e-6, 123456.789012, 2 ** 31, 2 ** 40 + 0.5, 1e15, 9_999_999];
      const sink = new FolderSink(`${dir}/a`, false);
      const shape = sink.shape(shapeOf({ cpuMilli: 1, memoryMib: 1 }));
      for (const [i, number] of numbers.entries()) sink.pod(`p-${i}`, shape, number, number, '', 0);
      sink.finish({});
      expect(readFileSync(`${dir}/a/pods.csv`, 'utf8')).not.toMatch(/\de/);
      const back = (await read(`${dir}/a`)).pods;
      for (const [i, { arrival }] of back.entries()) expect(Math.abs(arrival - numbers[i]!)).toBeLessThanOrEqual(5e-7);
    });
  });
});

describe('validate', () => {
  test('a good folder has nothing wrong', async () => {
    await withFiles({}, async (dir) => {
      write(`${dir}/a`);
      expect(await checkFolder(`${dir}/a`)).toMatchObject({ nodes: 2, pods: 4, problems: 0, messages: [] });
    });
  });

  test.each([
    ['gang-0,1,10,60,gang,2', 'pods.csv:6: "gang-0"', 'a pod "gang-0" stands there already; names are unique'],
    ['Bad_Name,0,1,1,,', '', '"Bad_Name" cannot be the name of a pod: a lowercase RFC 1123 subdomain must consist of'],
    ['x,7,1,1,,', '', 'pods.csv:6, column shape: "7" is not a whole number between 0 and 1'],
    ['x,0,-1,1,,', '', 'pods.csv:6, column arrival_seconds: "-1" is not a number of at least 0'],
    ['x,0,1', '', 'pods.csv:6: 3 fields; at least 4 are expected'],
    ['x,0,1,1,,3', '', 'pod x is of a gang of 3 without an owner'],
  ])('%j', async (line, _, message) => {
    await withFiles({}, async (dir) => {
      write(`${dir}/a`);
      writeFileSync(`${dir}/a/pods.csv`, `${readFileSync(`${dir}/a/pods.csv`, 'utf8')}${line}\n`);
      const { problems, messages } = await checkFolder(`${dir}/a`);
      expect(problems).toBe(1);
      expect(messages[0]).toContain(message);
    });
  });

  test('what cannot be read at all', async () => {
    await withFiles(
      { 'a/pods.csv': 'name,shape\n', 'a/pools.json': '[]', 'a/shapes.json': '[]', 'a/nodes.csv': 'name,pool\n' },
      async (dir) => {
        await expect(checkFolder(`${dir}/a`)).rejects.toThrow('pods.csv:1: the header is "name,shape"; it should be');
        await expect(readFolder(`${dir}/none`, new ListSink())).rejects.toThrow('no pools.json');
      },
    );
  });
});

describe('scaling', () => {
  const scaled = (scaling: Omit<Scaling, 'seed'>, seed = 1): ListSink => {
    const list = new ListSink();
    fill(new ScalingSink(list, { seed, ...scaling }));
    return list;
  };

  test('time is compressed, lifetimes apart from arrivals', () => {
    expect(scaled({ compress: 10 }).pods.map(({ arrival, lifetime }) => [arrival, lifetime])).toEqual([
      [10, END],
      [1, 60],
      [1, 60],
      [0.05, 0.25],
    ]);
    expect(scaled({ compressLifetimes: 2 }).pods.map(({ lifetime }) => lifetime)).toEqual([END, 30, 30, 0.125]);
  });

  test('clones keep a gang together, near the original', () => {
    const { nodes, pods } = scaled({ clone: 3, jitterSeconds: 5, cloneNodes: 2 });
    expect(nodes.map(({ name }) => name)).toEqual(['n-0', 'n-0-c1', 'n-1', 'n-1-c1']);
    const gangs = new Map<string, typeof pods>();
    for (const pod of pods) if (pod.owner !== '') gangs.set(pod.owner, [...(gangs.get(pod.owner) ?? []), pod]);
    expect([...gangs.keys()]).toEqual(['gang', 'gang-c1', 'gang-c2']);
    for (const [owner, members] of gangs) {
      expect(members.map(({ name }) => name)).toEqual([`gang-0${owner.slice(4)}`, `gang-1${owner.slice(4)}`]);
      expect(new Set(members.map(({ arrival }) => arrival)).size).toBe(1);
      expect(Math.abs(members[0]!.arrival - 10)).toBeLessThanOrEqual(5);
    }
    expect(pods.every(({ arrival }) => arrival >= 0)).toBe(true);
  });

  test('a share keeps owners whole, the same ones for the same seed, and more of them for a larger share', () => {
    const kept = (keep: number, seed: number): string[] => {
      const list = new ListSink();
      const sink = new ScalingSink(list, { seed, keep });
      const shape = sink.shape(shapeOf({ cpuMilli: 1, memoryMib: 1 }));
      for (let i = 0; i < 2000; i++)
        for (let pod = 0; pod < 2; pod++) sink.pod(`job-${i}-${pod}`, shape, i, 1, `job-${i}`, 2);
      return list.pods.map(({ name }) => name);
    };
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2 ** 32 - 1 }),
        fc.double({ min: 0.05, max: 0.95, noNaN: true }),
        (seed, share) => {
          const names = kept(share, seed);
          expect(names.length % 2).toBe(0);
          // Six standard deviations of a binomial.
          expect(Math.abs(names.length / 4000 - share)).toBeLessThan(6 * Math.sqrt((share * (1 - share)) / 2000));
          expect(kept(share, seed)).toEqual(names);
          const more = new Set(kept(Math.min(1, share * 1.5), seed));
          expect(names.every((name) => more.has(name))).toBe(true);
        },
      ),
      { numRuns: 20 },
    );
  });
});

test('as Kubernetes objects: nodes, pods, and events in order of time with a PodGroup before its gang', async () => {
  await withFiles({}, async (dir) => {
    const sink = new KubernetesSink();
    fill(sink);
    expect(sink.write(`${dir}/k`)).toEqual({ 'nodes.yaml': 2, 'pods.yaml': 4, 'events.yaml': 5 });
    const nodes = parseAllDocuments(readFileSync(`${dir}/k/nodes.yaml`, 'utf8')).map((document) => document.toJS());
    expect(nodes[1]).toMatchObject({
      kind: 'Node',
      metadata: { name: 'n-1' },
      status: { allocatable: { cpu: '4000m', memory: '8192Mi' } },
    });
    const events = parse(readFileSync(`${dir}/k/events.yaml`, 'utf8')) as {
      ms: number;
      lifetime?: string;
      object: { kind: string; metadata: { name: string } };
    }[];
    expect(events.map(({ ms, lifetime, object }) => [ms, object.kind, object.metadata.name, lifetime])).toEqual([
      [500, 'Pod', 'short', '250ms'],
      [10_000, 'PodGroup', 'gang', undefined],
      [10_000, 'Pod', 'gang-0', '60000ms'],
      [10_000, 'Pod', 'gang-1', '60000ms'],
      [100_000, 'Pod', 'late', undefined],
    ]);
    expect(events[2]!.object).toMatchObject({ spec: { schedulingGroup: { podGroupName: 'gang' } } });
    expect(events[1]!.object).toMatchObject({ spec: { schedulingPolicy: { gang: { minCount: 2 } } } });
  });
});
