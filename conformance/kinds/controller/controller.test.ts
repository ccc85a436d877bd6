/** A scenario passes when berth gets from state to state as recorded, and fails by name and step when it does not. */
import { describe, expect, it } from 'vitest';
import { freed } from './freedom.ts';
import { controllerKind } from './index.ts';
import type { Projected, Scenario, State } from './scenario.ts';
import { wrongVictims } from './victims.ts';

const pod = {
  kind: 'Pod',
  metadata: {
    name: 'web-<p1>',
    labels: { app: 'web' },
    ownerReferences: [{ kind: 'ReplicaSet', name: 'web', controller: true }],
  },
  spec: { nodeName: '<node>', priority: 0, containers: [{ name: 'c', image: 'i:1' }] },
  status: { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'True' }] },
};

const spec = { replicas: 1, selector: { matchLabels: { app: 'web' } } };

const scenario = (replicas: number, lastOp: object = { op: 'wait', ms: 1000 }) => ({
  kind: 'controller-scenario',
  id: 'rs-one',
  compare: 'steps',
  nodes: 'shared',
  profile: 'default',
  final: {},
  steps: [
    { t: 0, tEnd: 1000, op: 'namespace', result: { code: 201 }, changed: {}, removed: [], repeatable: true },
    {
      t: 1000,
      tEnd: 3000,
      op: 'create',
      object: {
        apiVersion: 'apps/v1',
        kind: 'ReplicaSet',
        metadata: { name: 'web' },
        spec: {
          ...spec,
          template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'i:1' }] } },
        },
      },
      result: { code: 201 },
      changed: {
        'Pod/web-<p1>': pod,
        'ReplicaSet/web': {
          kind: 'ReplicaSet',
          metadata: { name: 'web' },
          spec: { ...spec, template: { image: 'i:1' } },
          status: { replicas, fullyLabeledReplicas: 1, terminatingReplicas: 0 },
        },
      },
      removed: [],
      repeatable: true,
    },
    { t: 3000, tEnd: 4000, changed: {}, removed: [], repeatable: false, ...lastOp },
  ],
});

function differencesOf(document: object): string[] {
  const golden = controllerKind.read(document as never)!;
  const { differences } = controllerKind.compare(
    golden,
    controllerKind.run(golden.case, { engine: 'pipeline' as never }),
  );
  return differences.map(({ path, expected, got }) => `${controllerKind.locate(path, golden)}: ${expected} / ${got}`);
}

describe('controller scenario', () => {
  it('passes when every state is as recorded', () => {
    expect(differencesOf(scenario(1))).toEqual([]);
  });

  it('tells where a state differs', () => {
    expect(differencesOf(scenario(2))).toEqual([
      'step 1 (create): objects.ReplicaSet/web.status.replicas: 2 / 1',
      'step 2 (wait): objects.ReplicaSet/web.status.replicas: 2 / 1',
    ]);
  });

  it('does not pass over a step that it cannot play', () => {
    expect(differencesOf(scenario(1, { op: 'eclipse' }))).toEqual([
      'step 2 (eclipse): : eclipse / the step "eclipse" cannot be played yet',
    ]);
  });

  it('compares what was told, but not how often', () => {
    const told = (message: string) => ({
      ...{ type: 'Normal', reason: 'SuccessfulCreate', object: 'ReplicaSet/web', source: 'replicaset-controller' },
      message,
    });
    const right = told('Created pod: web-<p1>');
    expect(differencesOf({ ...scenario(1), events: [right, right] })).toEqual([]);
    const wrong = told('Created pod: web');
    const said = 'replicaset-controller: Normal SuccessfulCreate ReplicaSet/web: Created pod: web';
    expect(differencesOf({ ...scenario(1), events: [wrong] })).toEqual([
      `events: ${said} / undefined`,
      `events: undefined / ${said}-<p>`,
    ]);
  });

  it('leaves other documents alone and refuses broken ones', () => {
    expect(controllerKind.read({ kind: 'proxy-case' })).toBeUndefined();
    expect(() => controllerKind.read({ kind: 'controller-scenario', steps: [] })).toThrow('steps: a list is expected');
  });
});

describe('victims', () => {
  const podOn = (nodeName: string): Projected => ({ metadata: { name: '' }, spec: { nodeName } });
  const stateOf = (pods: Readonly<Record<string, string>>): State =>
    Object.fromEntries(Object.entries(pods).map(([name, node]) => [`Pod/${name}`, podOn(node)]));
  const wrong = (given: Partial<Scenario>, ...states: State[]): Array<string | undefined> => [
    ...wrongVictims(given as Scenario, states),
  ];

  it('go class by class, in any order within one', () => {
    const given: Partial<Scenario> = { compare: 'victims', victimClasses: [['a', 'b'], ['c']] };
    const all = stateOf({ a: 'n', b: 'n', c: 'n' });
    expect(wrong(given, all, stateOf({ a: 'n', c: 'n' }), stateOf({ c: 'n' }))).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(wrong(given, all, stateOf({ a: 'n', b: 'n' }))[1]).toBe('c went before a');
  });

  it('go from the fullest node', () => {
    const given: Partial<Scenario> = { compare: 'victims-by-node' };
    const all = stateOf({ a: 'full', b: 'full', c: 'other' });
    expect(wrong(given, all, stateOf({ a: 'full', c: 'other' }))[1]).toBeUndefined();
    expect(wrong(given, all, stateOf({ a: 'full', b: 'full' }))[1]).toBe('Pod/c went from a node with 1 of up to 2');
  });
});

describe('counts', () => {
  const slice = (count: number): Projected => ({
    metadata: { name: '' },
    addressType: 'IPv4',
    endpoints: Array.from({ length: count }, (_, i) => ({ nodeName: `n${i}` })),
  });
  const sizes = (...counts: number[]): number[] => {
    const state = Object.fromEntries(counts.map((count, i) => [`EndpointSlice/<es${i}>`, slice(count)]));
    const merged = freed({ id: 'x', compare: 'counts' } as Scenario, state);
    return Object.values(merged).map(({ endpoints }) => (endpoints as readonly unknown[]).length);
  };

  it('do not tell slices apart, unless one is too large', () => {
    expect(sizes(100, 20)).toEqual([120]);
    expect(sizes(101, 19)).toEqual([101, 19]);
  });
});
