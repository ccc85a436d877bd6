import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { KINDS } from '../api/index.ts';
import { isSchedulingKind } from '../scheduler/index.ts';
import { scheduleCommand } from './schedule.ts';

const EXAMPLE = path.resolve(import.meta.dirname, '../docs/examples/schedule');
const FILES = ['nodes', 'pods', 'classes'].flatMap((name) => ['--objects', path.join(EXAMPLE, `${name}.yaml`)]);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'berth-schedule-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});
afterEach(() => {
  vi.restoreAllMocks();
});

function file(name: string, content: string | object): string {
  const full = path.join(folder, name);
  writeFileSync(full, typeof content === 'string' ? content : JSON.stringify(content));
  return full;
}

interface Printed {
  readonly out: string;
  readonly notes: string;
}

async function schedule(...args: string[]): Promise<Printed> {
  let out = '';
  let notes = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text);
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    notes += String(text);
    return true;
  });
  await scheduleCommand().exitOverride().parseAsync(args, { from: 'user' });
  return { out, notes };
}

const refusal = async (...args: string[]): Promise<string> => {
  const error: unknown = await schedule(...args).then(
    () => undefined,
    (reason) => reason,
  );
  return error instanceof Error ? error.message.replaceAll(`${folder}/`, '') : 'not refused';
};

const node = (name: string, more: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name },
  status: { allocatable: { cpu: '4', memory: '8Gi', pods: '10' } },
  ...more,
});
const pod = (name: string, spec: object = {}, more: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: { containers: [{ name: 'c', image: 'i', resources: { requests: { cpu: '1' } } }], ...spec },
  ...more,
});
const list = (...items: object[]) => ({ apiVersion: 'v1', kind: 'List', items });

describe('docs/schedule.md shows what the program prints', () => {
  const doc = readFileSync(path.resolve(EXAMPLE, '../../schedule.md'), 'utf8');
  const blocks = [...doc.matchAll(/```console\n\$ berth schedule (.*)\n([\s\S]*?)```/g)];

  it.each(blocks.map(([, args, printed]) => [args!, printed!]))('%s', async (args, printed) => {
    const inExample = args.split(' ').map((word) => (word.endsWith('.yaml') ? path.join(EXAMPLE, word) : word));
    const { out } = await schedule(...inExample);
    expect(out.replaceAll(`${EXAMPLE}/`, '')).toBe(printed);
  });

  it('in four blocks', () => {
    expect(blocks).toHaveLength(4);
  });
});

describe('pods are placed', () => {
  const placed = async (...args: string[]): Promise<Array<[pod: string, node: string | null]>> => {
    const { out } = await schedule(...args, '-o', 'json');
    return JSON.parse(out).pods.map((row: { pod: string; node: string | null }) => [row.pod, row.node]);
  };

  it('in the order of priority, age and input', async () => {
    const created = (time: string) => ({
      metadata: { name: `old-${time}`, creationTimestamp: `2026-01-0${time}T00:00:00Z` },
    });
    const input = list(
      node('n'),
      pod('last'),
      pod('also-last'),
      pod('x', {}, created('2')),
      pod('x', {}, created('1')),
      pod('vip', { priority: 5 }),
    );
    const order = (await placed('--nodes', file('order.json', input))).map(([name]) => name);
    expect(order).toEqual(['default/vip', 'default/old-1', 'default/old-2', 'default/last', 'default/also-last']);
  });

  it('each on what the earlier ones left', async () => {
    const big = (name: string) => pod(name, { containers: [{ name: 'c', resources: { requests: { cpu: '3' } } }] });
    const input = list(node('a'), node('b'), big('one'), big('two'), big('three'));
    expect(await placed('--nodes', file('big.json', input))).toEqual([
      ['default/one', 'a'],
      ['default/two', 'b'],
      ['default/three', null],
    ]);
  });

  it('around pods on nodes, finished ones left out', async () => {
    const running = (name: string, phase: string) =>
      pod(
        name,
        { nodeName: 'n', containers: [{ name: 'c', resources: { requests: { cpu: '4' } } }] },
        { status: { phase } },
      );
    const nodes = file('one-node.json', node('n'));
    const done = file('done.json', list(running('a', 'Succeeded'), running('b', 'Failed'), pod('new')));
    expect(await placed('--nodes', nodes, '--pods', done)).toEqual([['default/new', 'n']]);
    const busy = file('busy.json', list(running('a', 'Running'), pod('new')));
    expect(await placed('--nodes', nodes, '--pods', busy)).toEqual([['default/new', null]]);
  });

  it('as limits, priority classes and the configuration say', async () => {
    const files = file(
      'classes.json',
      list(
        node('n'),
        { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: 'high' }, value: 10 },
        pod('low', { nodeName: 'n', containers: [{ name: 'c', resources: { limits: { cpu: '4' } } }] }),
        pod('vip', { priorityClassName: 'high', schedulerName: 'mine' }),
        pod('lost'),
      ),
    );
    const config = file(
      'config.yaml',
      'apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\nprofiles: [{schedulerName: mine}]\n',
    );
    const { out } = await schedule('--nodes', files, '--config', config, '-o', 'json');
    expect(JSON.parse(out).pods).toMatchObject([
      { pod: 'default/vip', priority: 10, outcome: 'scheduled', node: 'n', victims: ['default/low'] },
      {
        pod: 'default/lost',
        outcome: 'ignored',
        message: 'no profile of the configuration is named "default-scheduler"',
      },
    ]);
  });

  it('a pod that is being deleted is left alone, one that was placed may be evicted', async () => {
    const leaving = { metadata: { name: 'leaving', deletionTimestamp: '2026-01-01T00:00:00Z' } };
    const { out } = await schedule(
      '--nodes',
      file('leaving.json', list(node('n'), pod('x', {}, leaving))),
      '-o',
      'json',
    );
    expect(JSON.parse(out).pods).toMatchObject([{ outcome: 'ignored', message: 'the pod is being deleted' }]);
  });

  it('equal nodes by the rule that is asked for, and by the seed', async () => {
    const input = file('ties.json', list(...Array.from({ length: 50 }, (_, i) => node(`n${i}`)), pod('p')));
    const of = async (...args: string[]) => (await placed('--nodes', input, ...args))[0]![1];
    expect(await of('--tie-break', 'first')).toBe('n0');
    const drawn: Array<string | null> = [];
    for (const seed of ['1', '2', '3', '4']) drawn.push(await of('--tie-break', 'random', '--seed', seed));
    expect(new Set(drawn).size).toBeGreaterThan(1);
    expect(await of('--tie-break', 'random', '--seed', '1')).toBe(drawn[0]);
  });
});

describe('output for programs', () => {
  it('JSON and YAML hold the same', async () => {
    const json = (await schedule(...FILES, '-o', 'json')).out;
    const yaml = (await schedule(...FILES, '-o', 'yaml')).out;
    const { parse } = await import('yaml');
    expect(parse(yaml)).toEqual(JSON.parse(json));
    expect(JSON.parse(json)).toMatchObject({
      nodes: 4,
      pendingPods: 5,
      scheduled: 3,
      unschedulable: 1,
      gated: 1,
      evictedPods: 1,
    });
  });

  it('CSV has a row per pod', async () => {
    const lines = (await schedule(...FILES, '-o', 'csv')).out.split('\r\n');
    expect(lines[0]).toBe(
      'pod,priority,outcome,node,feasible_nodes,evaluated_nodes,total_points,margin_points,attempts,nominated_node,victims,evicted_by,message',
    );
    expect(lines[1]).toBe('default/payments,1000,scheduled,node-c,1,1,,,2,,default/batch-1,,');
    expect(lines).toHaveLength(7);
  });

  it('an explanation holds the raw scores, and as CSV a row per node and plugin', async () => {
    const { attempts } = JSON.parse((await schedule(...FILES, '--explain', 'default/web-1', '-o', 'json')).out);
    expect(attempts).toMatchObject([{ node: 'node-b', decidedBy: 'NodeResourcesFit', runnerUp: 'node-a' }]);
    expect(
      attempts[0].record.scores.find(({ name }: { name: string }) => name === 'NodeResourcesFit').raw,
    ).toHaveLength(3);
    const lines = (await schedule(...FILES, '--explain', 'web-1', '-o', 'csv')).out.trimEnd().split('\r\n');
    expect(lines).toContain('1,node-b,feasible,1,635,NodeResourcesFit,1,59,59,59,');
    expect(lines.at(-1)).toBe('1,node-gpu,rejected,,,TaintToleration,,,,,node(s) had untolerated taint(s)');
  });
});

it.each([...KINDS.keys()].filter((kind) => kind !== 'Node' && kind !== 'Pod'))('the scheduler takes a %s', (kind) => {
  expect(isSchedulingKind(kind)).toBe(true);
});

describe('notes', () => {
  it('tell what was not looked at, and pods that are elsewhere', async () => {
    const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd' } };
    const input = file('notes.json', list(node('n'), deployment, pod('far', { nodeName: 'gone' })));
    const { notes } = await schedule('--nodes', input, '--pods', file('nothing.yaml', ''));
    expect(notes).toContain('note: not looked at: 1 Deployment');
    expect(notes).toContain('note: 1 pods are on nodes that are not in the input (default/far on gone)');
    expect(notes).toContain('nothing.yaml holds no objects');
    expect((await schedule('--nodes', input, '-q')).notes).toBe('');
  });

  it('an object that a server stored is never refused for what that server let pass', async () => {
    const odd = node('n', { metadata: { name: 'n', uid: 'u' }, spec: { taints: [{ key: 'a', effect: 'Someday' }] } });
    const { notes, out } = await schedule('--nodes', file('odd.json', list(odd, pod('p'))));
    expect(notes).toContain('1 stored object would be refused by a server of v1.37 but used as given');
    expect(out).toContain('placed 1 of 1');
  });
});

describe('input that cannot be used', () => {
  const nodes = () => file('good-nodes.json', node('n'));

  it.each<[string, string | object, string]>([
    [
      'q.yaml',
      'apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - name: c\n    resources: {requests: {cpu: 1K}}\n',
      'q.yaml:7:16: Pod default/p: spec.containers[0].resources.requests[cpu]: Invalid value: "1K": unable to parse',
    ],
    [
      'skew.json',
      pod('p', { topologySpreadConstraints: [{ maxSkew: 0, topologyKey: 'z', whenUnsatisfiable: 'DoNotSchedule' }] }),
      'skew.json:1:',
    ],
    [
      'class.json',
      pod('p', { priorityClassName: 'nope' }),
      'Pod default/p: spec.priorityClassName: Forbidden: no PriorityClass with name nope was found; give the PriorityClass objects too',
    ],
    ['syntax.json', '{"kind":', 'syntax.json:1:9: not JSON: unexpected end of JSON input'],
    [
      'again.json',
      node('n'),
      'again.json:1:53: Node n: metadata.name: already given at good-nodes.json:1; give each object once',
    ],
  ])('%s', async (name, content, message) => {
    expect(await refusal('--nodes', nodes(), '--pods', file(name, content))).toContain(message);
  });

  it('all errors are told at once, up to a limit', async () => {
    const bad = Array.from({ length: 12 }, (_, i) => pod(`P_${i}`));
    const message = await refusal('--nodes', nodes(), '--pods', file('many.json', list(...bad)));
    expect(message.split('\n')).toHaveLength(11);
    expect(message).toContain('… and 2 more errors like these');
  });

  it.each([
    [[], 'no input: name files with --nodes and --pods'],
    [['--pods', 'nosuch.yaml'], 'file "nosuch.yaml" not found'],
    [['--nodes', '.'], '"." is a folder'],
    [['--nodes', path.join(EXAMPLE, 'pods.yaml'), '--objects', path.join(EXAMPLE, 'classes.yaml')], 'no nodes in '],
    [[...FILES, '--explain', 'nope'], '--explain nope: no pending pod of this name; pending are default/web-1, '],
    [[...FILES, '--explain', 'db-0'], 'pod default/db-0 is on node-a already'],
    [[...FILES, '--all'], '--all goes with --explain'],
    [[...FILES, '--config', 'nosuch.yaml'], '--config nosuch.yaml: the file cannot be read'],
  ])('%j', async (args, message) => {
    expect(await refusal(...args)).toContain(message);
  });
});

describe('an explanation', () => {
  it('of a gated pod says what it waits for', async () => {
    const { out } = await schedule(...FILES, '--explain', 'report');
    expect(out).toBe(
      'default/report   gated, not tried: SchedulingGates: waiting for scheduling gates: [example.com/quota]\n',
    );
  });

  it('finds out what load on the runner-up decides', async () => {
    const load = (name: string, cpuMilli: number) =>
      pod(name, { nodeName: name, containers: [{ name: 'c', resources: { requests: { cpu: `${cpuMilli}m` } } }] });
    const duel = (cpuMilli: number) =>
      schedule(
        '--explain',
        'p',
        '--nodes',
        file('duel.json', list(node('n1'), node('n2'), load('n1', 1000), load('n2', cpuMilli), pod('p'))),
      );
    const { out } = await duel(2000);
    expect(out).toMatch(/^default\/p → n1 .*\bn2 needs \d+ points more .*: it is behind in NodeResourcesFit \d+/s);
    const cores = Number(/; ([\d.]+) cores less requested on it would do/.exec(out.replace(/\s+/g, ' '))?.[1]);
    expect((await duel(2000 - cores * 1000)).out).toContain('default/p → n2 ');
    expect((await duel(2000 - (cores - 0.01) * 1000)).out).toContain('default/p → n1 ');
  });

  it('shows the best five nodes, or all', async () => {
    const input = file('crowd.json', list(...Array.from({ length: 9 }, (_, i) => node(`n${i}`)), pod('p')));
    expect((await schedule('--nodes', input, '--explain', 'p')).out).toContain('… 4 more feasible (--all)');
    const { out } = await schedule('--nodes', input, '--explain', 'p', '--all');
    expect(out.split('\n').filter((line) => /^n\d {3}/.test(line))).toHaveLength(9);
  });
});
