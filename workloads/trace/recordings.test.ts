/** One small hand-made file set per family: what its rows become, and what is counted. */
import { expect, test } from 'vitest';
import { imported, times } from './import.fixture.ts';

const END = Number.POSITIVE_INFINITY;

test('KWOK: what was there, what came, what ended', async () => {
  const pod = (name: string, owner = '') => `apiVersion: v1
kind: Pod
metadata:
  name: ${name}
  namespace: default
  labels: {app: web}${owner}
spec:
  nodeName: gone
  containers:
  - {name: main, image: app, resources: {requests: {cpu: 500m}}, volumeMounts: []}
`;
  const patch = (
    seconds: number,
    method: string,
    name: string,
    template = '',
  ) => `apiVersion: action.kwok.x-k8s.io/v1alpha1
kind: ResourcePatch
resource: {version: v1, resource: pods}
target: {name: ${name}, namespace: default}
durationNanosecond: ${seconds * 1e9}
method: ${method}
${template}`;
  const owner = (kind: string) =>
    `\n  ownerReferences: [{kind: ${kind}, name: web-abc, controller: true, apiVersion: v1, uid: x}]`;
  const { list, files } = await imported('kwok', {
    'recording.yaml': [
      'apiVersion: v1\nkind: Node\nmetadata: {name: n1, labels: {zone: a}}\nspec: {taints: [{key: k, effect: NoSchedule}]}\nstatus: {allocatable: {cpu: "4"}}\n',
      pod('a', owner('ReplicaSet')),
      pod('d', owner('DaemonSet')),
      'apiVersion: v1\nkind: Namespace\nmetadata: {name: default}\n',
      patch(5, 'create', 'b', `template:\n  metadata: {name: b}\n  spec: {containers: [{name: main}]}\n`),
      patch(8, 'patch', 'b', 'template: {status: {phase: Succeeded}}\n'),
      patch(9, 'delete', 'a'),
      patch(10, 'create', 'a', `template:\n  metadata: {name: a}\n  spec: {containers: [{name: main}]}\n`),
    ].join('---\n'),
  });
  expect(list.nodes).toEqual([
    {
      name: 'n1',
      pool: {
        name: 'pool-of-n1',
        labels: { zone: 'a' },
        taints: [{ key: 'k', effect: 'NoSchedule' }],
        allocatable: { cpu: '4' },
      },
    },
  ]);
  expect(times(list.pods)).toEqual([
    ['default.b', 5, 3, '', 0],
    ['default.a', 0, 9, 'web-abc', 0],
    ['default.a-r1', 10, END, '', 0],
  ]);
  expect(list.pods[1]!.shape).toMatchObject({
    labels: { app: 'web' },
    spec: { containers: [{ name: 'main', image: 'app', resources: { requests: { cpu: '500m' } } }] },
  });
  expect(list.pods[1]!.shape.spec.nodeName).toBeUndefined();
  expect([...files[0]!.passedOver]).toEqual([
    ['a pod of a DaemonSet', 1],
    ['a Namespace', 1],
  ]);
});

test('SimKube: replicas, scaling, lifecycles of the index', async () => {
  const deployment = (replicas: number) => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'prod' },
    spec: {
      replicas,
      template: {
        metadata: { labels: { app: 'web' } },
        spec: { containers: [{ name: 'main', resources: { requests: { cpu: '1' } } }] },
      },
    },
  });
  const { list, startUnixSeconds } = await imported('simkube', {
    'trace.json': JSON.stringify({
      version: 3,
      config: {},
      events: [
        {
          ts: 1_700_000_000,
          applied_objs: [deployment(2), { kind: 'ConfigMap', metadata: { name: 'c' } }],
          deleted_objs: [],
        },
        { ts: 1_700_000_010, applied_objs: [deployment(3)], deleted_objs: [] },
        { ts: 1_700_000_030, applied_objs: [deployment(2)], deleted_objs: [] },
        { ts: 1_700_000_040, applied_objs: [], deleted_objs: [deployment(2)] },
      ],
      index: {
        'apps/v1.Deployment': {
          'prod/web': {
            1700000000: [
              { lifecycle: { Finished: [1_700_000_001, 1_700_000_008] } },
              { lifecycle: { Running: [1_700_000_001] } },
            ],
          },
        },
      },
    }),
  });
  expect(startUnixSeconds).toBe(1_700_000_000);
  expect(times(list.pods)).toEqual([
    ['deployment-prod-web-2', 10, 20, 'deployment-prod-web', 0],
    ['deployment-prod-web-0', 0, 7, 'deployment-prod-web', 0],
    ['deployment-prod-web-1', 0, 40, 'deployment-prod-web', 0],
  ]);
  await expect(imported('simkube', { 'trace.json': '{"version": 1, "events": []}' })).rejects.toThrow(
    'trace.json: version: version 1; 2 and 3 are known',
  );
});
