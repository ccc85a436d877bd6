/** Extenders in scheduling cycles. The golden timelines show more of it; here is what they do not reach, and what is sent. */
import { describe, expect, test } from 'vitest';
import type { Node, Pod } from '../../api/index.ts';
import { inTreePlugins } from '../../plugins/index.ts';
import { resolveConfig } from '../config/index.ts';
import { createScheduler, type Scheduler, type SchedulerOptions } from '../index.ts';
import type { ExtenderTransport } from './extender.ts';

interface Call {
  readonly url: string;
  readonly body: Record<string, any>;
}

type Respond = (body: any, url: string) => unknown;

/** Answers by the last part of the URL; what is thrown is an exchange that failed. */
class Programs implements ExtenderTransport {
  readonly calls: Call[] = [];
  private readonly respond: Readonly<Record<string, Respond>>;

  constructor(respond: Readonly<Record<string, Respond>>) {
    this.respond = respond;
  }

  post(url: string, text: string) {
    const body = JSON.parse(text);
    this.calls.push({ url, body });
    const verb = url.slice(url.lastIndexOf('/') + 1);
    const answer = this.respond[verb]?.(body, url) ?? {};
    return typeof answer === 'number' ? { status: answer, body: '' } : { status: 200, body: JSON.stringify(answer) };
  }
}

const node = (name: string, more: Partial<Node> = {}): Node => ({
  metadata: { name },
  status: { allocatable: { cpu: '4', memory: '8Gi', pods: '10' } },
  ...more,
});

const pod = (name: string, more: { spec?: object; metadata?: object } = {}): Pod =>
  ({
    metadata: { name, ...more.metadata },
    spec: { containers: [{ name: 'c', image: 'i', resources: { requests: { cpu: '1' } } }], ...more.spec },
  }) as Pod;

const NO_SCORES = [{ plugins: { preScore: { disabled: [{ name: '*' }] }, score: { disabled: [{ name: '*' }] } } }];

function schedulerWith(
  extenders: readonly object[],
  programs: Programs,
  { profiles, ...options }: { profiles?: unknown } & Partial<SchedulerOptions> = {},
  nodes: readonly Node[] = ['a', 'b', 'c'].map((name) => node(name)),
): Scheduler {
  const text = JSON.stringify({
    apiVersion: 'kubescheduler.config.k8s.io/v1',
    kind: 'KubeSchedulerConfiguration',
    extenders,
    profiles,
  });
  const scheduler = createScheduler({
    config: resolveConfig(text, inTreePlugins),
    registry: inTreePlugins,
    explain: true,
    extenderTransport: () => programs,
    ...options,
  });
  for (const each of nodes) scheduler.cluster.addNode(each);
  return scheduler;
}

const keep =
  (...names: string[]): Respond =>
  () => ({ NodeNames: names });
const CACHED = { nodeCacheCapable: true };

describe('what is sent', () => {
  test('the pod and the nodes, by object or by name', () => {
    const programs = new Programs({ filter: (body) => ({ Nodes: body.Nodes, NodeNames: body.NodeNames }) });
    const extenders = [
      { urlPrefix: 'http://objects//', filterVerb: 'filter' },
      { urlPrefix: 'http://names', filterVerb: 'filter', ...CACHED },
    ];
    schedulerWith(extenders, programs, {}, [node('a')]).schedule(pod('p', { metadata: { labels: { x: 'y' } } }));
    const spec = { containers: [{ name: 'c', image: 'i', resources: { requests: { cpu: '1' } } }] };
    const sent = {
      metadata: { name: 'p', namespace: 'default', uid: 'default/p', labels: { x: 'y' } },
      spec,
      status: {},
    };
    const items = [{ metadata: { name: 'a' }, spec: {}, status: node('a').status }];
    expect(programs.calls).toEqual([
      { url: 'http://objects/filter', body: { Pod: sent, Nodes: { metadata: {}, items }, NodeNames: null } },
      { url: 'http://names/filter', body: { Pod: sent, Nodes: null, NodeNames: ['a'] } },
    ]);
  });

  test('only to extenders that care for the pod: a managed resource in any container', () => {
    const programs = new Programs({ filter: (body) => ({ NodeNames: body.NodeNames }) });
    const managedResources = [{ name: 'example.com/lic', ignoredByScheduler: true }];
    const scheduler = schedulerWith(
      [{ urlPrefix: 'http://x', filterVerb: 'filter', managedResources, ...CACHED }],
      programs,
    );
    const container = (resources: object) => ({ name: 'c', image: 'i', resources });
    const lic = { 'example.com/lic': '1' };
    scheduler.schedule(pod('none'));
    scheduler.schedule(pod('request', { spec: { containers: [container({ requests: lic, limits: lic })] } }));
    scheduler.schedule(
      pod('init', { spec: { initContainers: [container({ limits: lic })], containers: [container({})] } }),
    );
    expect(programs.calls.map(({ body }) => body.Pod.metadata.name)).toEqual(['request', 'init']);
  });

  test('a binding, by names and UID', () => {
    const programs = new Programs({});
    const scheduler = schedulerWith([{ urlPrefix: 'http://x', bindVerb: 'bind' }], programs, {}, [node('a')]);
    expect(scheduler.schedule(pod('p', { metadata: { uid: 'u1' } })).node).toBe('a');
    expect(programs.calls).toEqual([
      { url: 'http://x/bind', body: { PodName: 'p', PodNamespace: 'default', PodUID: 'u1', Node: 'a' } },
    ]);
  });

  test.each([
    [false, { NodeNameToVictims: { a: { Pods: [{ uid: 'low' }], NumPDBViolations: 0 } }, NodeNameToMetaVictims: null }],
    [true, { NodeNameToVictims: null, NodeNameToMetaVictims: { a: { Pods: [{ UID: 'low' }], NumPDBViolations: 0 } } }],
  ])('candidates for preemption, nodeCacheCapable %s', (nodeCacheCapable, expected) => {
    const programs = new Programs({ preempt: () => ({ NodeNameToMetaVictims: { a: { Pods: [{ UID: 'low' }] } } }) });
    const extenders = [{ urlPrefix: 'http://x', preemptVerb: 'preempt', nodeCacheCapable }];
    const scheduler = schedulerWith(extenders, programs, {}, [node('a')]);
    scheduler.cluster.addPod({ ...pod('low', { metadata: { uid: 'low' }, spec: { nodeName: 'a' } }) });
    const big = [{ name: 'c', image: 'i', resources: { requests: { cpu: '4' } } }];
    const { node: chosen, attempts } = scheduler.schedule(pod('high', { spec: { priority: 10, containers: big } }));
    const [{ body }] = programs.calls as [Call];
    for (const { Pods } of Object.values(body.NodeNameToVictims ?? {}) as any[])
      Pods[0] = { uid: Pods[0].metadata.uid };
    expect({ ...body, Pod: undefined }).toEqual({ ...expected, Pod: undefined });
    expect(body.Pod.metadata.name).toBe('high');
    expect(attempts[0]!.victims).toEqual(['default/low']);
    expect(chosen).toBe('a');
  });
});

describe('filter', () => {
  const failing =
    (error: string): Respond =>
    () => ({ Error: error });

  test('one that has to answer fails the pod with its own words', () => {
    const programs = new Programs({ filter: failing('boom') });
    const { outcome, error } = schedulerWith([{ urlPrefix: 'http://x', filterVerb: 'filter' }], programs).schedule(
      pod('p'),
    );
    expect({ outcome, error }).toEqual({ outcome: 'error', error: 'boom' });
  });

  test('HTTP 500', () => {
    const programs = new Programs({ filter: () => 500 });
    const { error } = schedulerWith([{ urlPrefix: 'http://x/y/', filterVerb: 'filter' }], programs).schedule(pod('p'));
    expect(error).toBe('failed filter with extender at URL http://x/y/filter, code 500');
  });

  test('one that may fail is passed over, and comes last', () => {
    const programs = new Programs({ may: failing('boom'), must: keep('b') });
    const extenders = [
      { urlPrefix: 'http://x', filterVerb: 'may', ignorable: true, ...CACHED },
      { urlPrefix: 'http://y', filterVerb: 'must', ...CACHED },
    ];
    expect(schedulerWith(extenders, programs).schedule(pod('p')).node).toBe('b');
    expect(programs.calls.map(({ url }) => url)).toEqual(['http://y/must', 'http://x/may']);
  });

  test('nobody is asked once no node is left', () => {
    const programs = new Programs({ none: keep(), more: keep('a') });
    const extenders = ['none', 'more'].map((filterVerb) => ({ urlPrefix: 'http://x', filterVerb, ...CACHED }));
    const { message } = schedulerWith(extenders, programs).schedule(pod('p'));
    expect(programs.calls).toHaveLength(1);
    // Nodes that go without a word have no reason to count.
    expect(message).toBe(
      '0/3 nodes are available: preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.',
    );
  });

  test('a name that was not asked about', () => {
    const programs = new Programs({ filter: keep('a', 'zz') });
    const extenders = [{ urlPrefix: 'http://x', filterVerb: 'filter', ...CACHED }];
    expect(schedulerWith(extenders, programs).schedule(pod('p')).error).toBe(
      'extender "http://x" claims a filtered node "zz" which is not found in the input node list',
    );
  });

  test('without scores and with a filter all nodes are looked at', () => {
    const nodes = Array.from({ length: 5 }, (_, i) => node(`n${i}`));
    const programs = new Programs({ filter: keep('n3') });
    const extenders = [{ urlPrefix: 'http://x', filterVerb: 'filter', ...CACHED }];
    const { node: chosen } = schedulerWith(extenders, programs, { profiles: NO_SCORES }, nodes).schedule(pod('p'));
    expect(programs.calls[0]!.body.NodeNames).toHaveLength(5);
    expect(chosen).toBe('n3');
  });
});

describe('scores', () => {
  const points =
    (scores: Readonly<Record<string, number>>): Respond =>
    () =>
      Object.entries(scores).map(([Host, Score]) => ({ Host, Score }));
  const totals = (scheduler: Scheduler, one: Pod): unknown => {
    const [attempt] = scheduler.schedule(one).attempts;
    const { feasible, totals: numbers } = attempt!.record!;
    return Object.fromEntries(feasible!.map((name, i) => [name, numbers![i]]));
  };

  test('are multiplied by the weight and by ten, and added', () => {
    const programs = new Programs({ rank: points({ a: 1, b: 10 }), more: points({ a: 2, nobody: 9 }) });
    const extenders = [
      { urlPrefix: 'http://x', prioritizeVerb: 'rank', weight: 3, ...CACHED },
      { urlPrefix: 'http://y', prioritizeVerb: 'more', weight: 1, ...CACHED },
    ];
    const scheduler = schedulerWith(extenders, programs, { profiles: NO_SCORES });
    expect(totals(scheduler, pod('p'))).toEqual({ a: 50, b: 300, c: 0 });
  });

  test('one that fails has no say, whether it may fail or not', () => {
    const programs = new Programs({ rank: () => 500, more: points({ c: 1 }) });
    const extenders = [
      { urlPrefix: 'http://x', prioritizeVerb: 'rank', weight: 3, ...CACHED },
      { urlPrefix: 'http://y', prioritizeVerb: 'more', weight: 1, ...CACHED },
    ];
    expect(schedulerWith(extenders, programs, { profiles: NO_SCORES }).schedule(pod('p')).node).toBe('c');
  });

  test('stand beside those of plugins in what is explained', () => {
    const programs = new Programs({ rank: points({ a: 1, b: 10, c: 2 }) });
    const extenders = [{ urlPrefix: 'http://x', prioritizeVerb: 'rank', weight: 3, ...CACHED }];
    const [attempt] = schedulerWith(extenders, programs).schedule(pod('p')).attempts;
    expect(attempt!.record!.scores!.at(-1)).toEqual({
      name: 'Extender http://x',
      weight: 30,
      raw: [1, 10, 2],
      normalized: [1, 10, 2],
      weighted: [30, 300, 60],
    });
    expect(attempt!.margin).toBe(240);
  });

  test('beyond 2^53 cannot be added up', () => {
    const programs = new Programs({ rank: points({ a: 2 ** 50 }) });
    const extenders = [{ urlPrefix: 'http://x', prioritizeVerb: 'rank', weight: 3, ...CACHED }];
    expect(schedulerWith(extenders, programs).schedule(pod('p')).error).toBe(
      'extender "http://x" gives node a 1125899906842624 points, which is beyond what berth adds up exactly',
    );
  });

  test('a node that the extender sent itself is scored without pods and images', () => {
    const images = [{ names: ['i:latest'], sizeBytes: 900 * 2 ** 20 }];
    const nodes = ['a', 'b'].map((name) => node(name, { status: { ...node(name).status, images } }));
    const scoresOf = (nodeCacheCapable: boolean): unknown => {
      const programs = new Programs({ filter: ({ Nodes, NodeNames }) => ({ Nodes, NodeNames }) });
      const extenders = [{ urlPrefix: 'http://x', filterVerb: 'filter', nodeCacheCapable }];
      const scheduler = schedulerWith(extenders, programs, {}, nodes);
      scheduler.cluster.addPod(pod('there', { spec: { nodeName: 'a' } }));
      const [{ record }] = scheduler.schedule(pod('p')).attempts as any;
      expect(
        scheduler.cluster.podCount[scheduler.cluster.rowOf('a')]! +
          scheduler.cluster.podCount[scheduler.cluster.rowOf('b')]!,
      ).toBe(2);
      const raw = (name: string) => record.scores.find((score: any) => score.name === name)?.raw;
      return { fit: raw('NodeResourcesFit'), images: raw('ImageLocality') };
    };
    const sameNodes = scoresOf(false) as any;
    expect(sameNodes.fit[0]).toBe(sameNodes.fit[1]);
    expect(sameNodes.images).toEqual([0, 0]);
    const ownNodes = scoresOf(true) as any;
    expect(ownNodes.fit[0]).toBeLessThan(ownNodes.fit[1]);
    expect(ownNodes.images[0]).toBeGreaterThan(0);
  });

  test('a node that was sent back changed is scored as it came, and stays as it is', () => {
    const taints = [{ key: 'k', value: 'v', effect: 'PreferNoSchedule' }];
    const programs = new Programs({
      filter: ({ Nodes }) => ({
        Nodes: {
          items: Nodes.items.map((each: Node) => (each.metadata!.name === 'a' ? { ...each, spec: { taints } } : each)),
        },
      }),
    });
    const scheduler = schedulerWith([{ urlPrefix: 'http://x', filterVerb: 'filter' }], programs);
    const [{ record }] = scheduler.schedule(pod('p')).attempts as any;
    expect(record.scores.find((score: any) => score.name === 'TaintToleration').normalized).toEqual([0, 100, 100]);
    expect(scheduler.cluster.node(scheduler.cluster.rowOf('a')).spec).toBeUndefined();
    expect(scheduler.cluster.taintSets[scheduler.cluster.taintSetId[scheduler.cluster.rowOf('a')]!]).toEqual([]);
  });
});

describe('ties', () => {
  const chosenBy = (seed: number, extender: object, respond: Readonly<Record<string, Respond>> = {}): string[] => {
    const scheduler = schedulerWith([extender], new Programs(respond), { profiles: NO_SCORES, seed });
    return Array.from({ length: 12 }, (_, i) => scheduler.schedule(pod(`p${i}`)).node!);
  };

  test('are drawn with the seed as soon as an extender is interested, even one that gives no scores', () => {
    const extender = { urlPrefix: 'http://x', filterVerb: 'filter', ...CACHED };
    const respond = { filter: ({ NodeNames }: { NodeNames: unknown }) => ({ NodeNames }) };
    expect(new Set(chosenBy(1, extender, respond)).size).toBeGreaterThan(1);
    expect(chosenBy(1, extender, respond)).toEqual(chosenBy(1, extender, respond));
    expect(chosenBy(1, extender, respond)).not.toEqual(chosenBy(2, extender, respond));
  });

  test('are not drawn for a pod that no extender cares for', () => {
    const managedResources = [{ name: 'example.com/lic' }];
    const extender = { urlPrefix: 'http://x', prioritizeVerb: 'rank', weight: 1, managedResources };
    expect(chosenBy(1, extender)).toEqual(chosenBy(2, extender));
  });

  test('a node that an extender has scored goes before one that none has', () => {
    const extender = { urlPrefix: 'http://x', prioritizeVerb: 'rank', weight: 1, ...CACHED };
    for (const seed of [1, 2, 3]) {
      const chosen = chosenBy(seed, extender, { rank: () => [{ Host: 'b', Score: 0 }] });
      expect(new Set(chosen.slice(0, 3))).toEqual(new Set(['b']));
    }
  });
});

describe('binding', () => {
  test('goes to the first extender that binds, and not to the plugins', () => {
    const programs = new Programs({ bind: () => ({ Error: 'refused' }) });
    const scheduler = schedulerWith([{ urlPrefix: 'http://x', bindVerb: 'bind' }], programs);
    const { outcome, error } = scheduler.schedule(pod('p'));
    expect({ outcome, error }).toEqual({ outcome: 'error', error: 'refused' });
    expect(scheduler.cluster.placedPodCount).toBe(0);
  });

  test('falls to the plugins when the extender fails and may', () => {
    const programs = new Programs({ bind: () => 500 });
    const scheduler = schedulerWith([{ urlPrefix: 'http://x', bindVerb: 'bind', ignorable: true }], programs);
    expect(scheduler.schedule(pod('p')).outcome).toBe('scheduled');
  });
});

describe('preemption', () => {
  /** One pod that has to go on each of two nodes. */
  function preempt(respond: Respond, more: object = {}) {
    const programs = new Programs({ preempt: respond });
    const extenders = [{ urlPrefix: 'http://x', preemptVerb: 'preempt', ...CACHED, ...more }];
    const scheduler = schedulerWith(extenders, programs, {}, [node('a'), node('b')]);
    const big = [{ name: 'c', image: 'i', resources: { requests: { cpu: '4' } } }];
    for (const on of ['a', 'b']) {
      scheduler.cluster.addPod(
        pod(`on-${on}`, { metadata: { uid: `uid-${on}` }, spec: { nodeName: on, containers: big } }),
      );
    }
    return scheduler.schedule(pod('high', { spec: { priority: 10, containers: big } }));
  }
  const candidates =
    (...victims: Array<[node: string, uid: string]>): Respond =>
    () => ({
      NodeNameToMetaVictims: Object.fromEntries(victims.map(([name, UID]) => [name, { Pods: UID ? [{ UID }] : [] }])),
    });
  const prefix = '0/2 nodes are available: 2 Insufficient cpu. preemption: ';

  test('takes what the extender leaves', () => {
    expect(preempt(candidates(['b', 'uid-b'])).attempts[0]!.victims).toEqual(['default/on-b']);
  });

  test('ends when it leaves nothing', () => {
    expect(preempt(candidates()).message).toBe(`${prefix}no candidate node for preemption`);
  });

  test.each<[string, Respond, string]>([
    ['no victims', candidates(['a', '']), 'expected at least one victim pod on node "a"'],
    ['a node that is not there', candidates(['z', 'uid-a']), 'nodeinfo not found for node name "z"'],
    [
      'a pod that is elsewhere',
      candidates(['a', 'uid-b']),
      'extender: http://x claims to preempt pod (UID: &{uid-b}) on node: a, but the pod is not found on that node',
    ],
    ['HTTP 500', () => 500, 'failed preempt with extender at URL http://x/preempt, code 500'],
  ])('%s is an error, unless the extender may fail', (_, respond, text) => {
    expect(preempt(respond).message).toBe(prefix + text);
    expect(preempt(respond, { ignorable: true }).message).not.toBe(prefix + text);
  });
});

test('extenders that nobody can call are refused in words', () => {
  const text = JSON.stringify({
    apiVersion: 'kubescheduler.config.k8s.io/v1',
    kind: 'KubeSchedulerConfiguration',
    extenders: [{ urlPrefix: 'http://x' }],
  });
  expect(() => createScheduler({ config: resolveConfig(text, inTreePlugins), registry: inTreePlugins })).toThrow(
    'extenders: http://x: this command does not call extenders; remove them from the configuration',
  );
});
