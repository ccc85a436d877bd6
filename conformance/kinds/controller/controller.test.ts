/** A scenario passes when berth gets from state to state as recorded, and fails by name and step when it does not. */
import { describe, expect, it } from 'vitest';
import { controllerKind } from './index.ts';

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

  it('leaves other documents alone and refuses broken ones', () => {
    expect(controllerKind.read({ kind: 'proxy-case' })).toBeUndefined();
    expect(() => controllerKind.read({ kind: 'controller-scenario', steps: [] })).toThrow('steps: a list is expected');
  });
});
