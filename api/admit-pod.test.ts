import { describe, expect, it } from 'vitest';
import { admitPod, mergeLabelKeys } from './admit-pod.ts';
import { admitPriority, priorityTable } from './admit-priority.ts';
import { defaultNode } from './default-node.ts';
import { defaultPod } from './default-pod.ts';
import type { Pod, PodSpec, PriorityClass } from './types.ts';

const podOf = (spec: Partial<PodSpec>, metadata: Pod['metadata'] = { name: 'x' }): Pod => ({
  metadata,
  spec: { containers: [{ name: 'c' }], ...spec },
});
const container = (resources: PodSpec['resources'], name = 'c') => ({ name, resources });
const classes: PriorityClass[] = [
  { metadata: { name: 'high' }, value: 1000 },
  { metadata: { name: 'patient' }, value: 500, preemptionPolicy: 'Never' },
];
const withDefault: PriorityClass[] = [
  ...classes,
  { metadata: { name: 'usual' }, value: 10, globalDefault: true },
  { metadata: { name: 'lesser' }, value: 5, globalDefault: true },
];

describe('defaults of a new pod', () => {
  it('requests that are not given are the limits', () => {
    const { spec } = defaultPod(
      podOf({ containers: [container({ limits: { cpu: '2', 'x.com/gpu': '1' }, requests: { cpu: '1' } })] }),
      true,
    );
    expect(spec?.containers[0]?.resources?.requests).toEqual({ cpu: '1', 'x.com/gpu': '1' });
  });

  it('ports on the host network are host ports', () => {
    const ports = [{ containerPort: 80 }, { containerPort: 81, hostPort: 81 }];
    const { spec } = defaultPod(podOf({ hostNetwork: true, containers: [{ name: 'c', ports }] }), true);
    expect(spec?.containers[0]?.ports?.map(({ hostPort }) => hostPort)).toEqual([80, 81]);
  });

  it('quantities are rounded up to thousandths', () => {
    const { spec } = defaultPod(podOf({ containers: [container({ requests: { cpu: '100u', memory: '1Gi' } })] }), true);
    expect(spec?.containers[0]?.resources?.requests).toEqual({ cpu: '1m', memory: '1Gi' });
  });

  // `DefaultPodLevelResources`, pkg/api/pod/util.go.
  it.each([
    [
      'requests from containers',
      { requests: { memory: '4Gi' } },
      { requests: { cpu: '3', memory: '4Gi' }, limits: {} },
    ],
    [
      'requests from its own limits',
      { limits: { memory: '4Gi' } },
      { requests: { cpu: '3', memory: '4Gi' }, limits: { memory: '4Gi' } },
    ],
    ['nothing, where it has none of its own', {}, {}],
  ])("the pod's own resources take %s", (_, resources, expected) => {
    const containers = [container({ requests: { cpu: '1' } }), container({ requests: { cpu: '2' } }, 'd')];
    expect(defaultPod(podOf({ containers, resources }), true).spec?.resources).toEqual(expected);
  });

  it("the pod's own limit is the sum of the containers' when all have one, and no less than its request", () => {
    const containers = [container({ limits: { cpu: '1' } }), container({ limits: { cpu: '2' } }, 'd')];
    expect(defaultPod(podOf({ containers, resources: { requests: { memory: '1Gi' } } }), true).spec?.resources).toEqual(
      {
        requests: { cpu: '3', memory: '1Gi' },
        limits: { cpu: '3' },
      },
    );
  });

  it('a pod that needs none is returned as it is', () => {
    const pod = podOf({ containers: [container({ requests: { cpu: '1' } })], overhead: { cpu: '1m' } });
    expect(defaultPod(pod, true)).toBe(pod);
  });
});

it('a node without allocatable amounts offers its capacity', () => {
  expect(defaultNode({ status: { capacity: { cpu: '4' } } }).status?.allocatable).toEqual({ cpu: '4' });
  const node = { status: { capacity: { cpu: '4' }, allocatable: { cpu: '3' } } };
  expect(defaultNode(node)).toBe(node);
});

describe('priority', () => {
  const spec = (pod: Pod | { text: string }): unknown => ('text' in pod ? pod.text : pod.spec);

  it.each([
    ['a class', { priorityClassName: 'high' }, { priority: 1000, priorityClassName: 'high' }],
    ['a class that does not preempt', { priorityClassName: 'patient' }, { priority: 500, preemptionPolicy: 'Never' }],
    ['a class that every cluster has', { priorityClassName: 'system-node-critical' }, { priority: 2_000_001_000 }],
    ['a class and its own value', { priorityClassName: 'high', priority: 1000 }, { priority: 1000 }],
    ['no class', {}, { priority: 0, preemptionPolicy: 'PreemptLowerPriority' }],
    ['a priority and no class', { priority: 7 }, { priority: 7 }],
    ['a priority and a class that is not known', { priority: 7, priorityClassName: 'gone' }, { priority: 7 }],
  ])('of a pod with %s', (_, given, expected) => {
    expect(spec(admitPriority(podOf(given), priorityTable(classes)))).toMatchObject(expected);
  });

  it('of a pod without class is that of the least global default', () => {
    expect(spec(admitPriority(podOf({}), priorityTable(withDefault)))).toMatchObject({
      priority: 5,
      priorityClassName: 'lesser',
    });
  });

  it.each([
    [{ priorityClassName: 'nope' }, 'spec.priorityClassName: Forbidden: no PriorityClass with name nope was found'],
    [
      { priorityClassName: 'high', priority: 7 },
      'spec.priority: Forbidden: the integer value of priority (7) must not be provided in pod spec; priority admission controller computed 1000 from the given PriorityClass name',
    ],
    [
      { priorityClassName: 'patient', preemptionPolicy: 'PreemptLowerPriority' },
      'spec.preemptionPolicy: Forbidden: the string value of PreemptionPolicy (PreemptLowerPriority) must not be provided in pod spec; priority admission controller computed Never from the given PriorityClass name',
    ],
  ])('%j is refused', (given, message) => {
    expect(spec(admitPriority(podOf(given), priorityTable(classes)))).toBe(message);
  });
});

describe('label keys become requirements', () => {
  const term = {
    topologyKey: 'zone',
    labelSelector: {},
    matchLabelKeys: ['app', 'absent'],
    mismatchLabelKeys: ['tier'],
  };
  const added = [
    { key: 'app', operator: 'In', values: ['web'] },
    { key: 'tier', operator: 'NotIn', values: ['front'] },
  ];

  it('of affinity terms and spread constraints', () => {
    const constraint = {
      maxSkew: 1,
      topologyKey: 'zone',
      whenUnsatisfiable: 'DoNotSchedule',
      labelSelector: {},
      matchLabelKeys: ['app'],
    };
    const affinity = {
      podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: term }] },
    };
    const pod = podOf({ affinity, topologySpreadConstraints: [constraint] }, { labels: { app: 'web', tier: 'front' } });
    const { spec } = mergeLabelKeys(pod);
    const [preferred] = spec?.affinity?.podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
    expect(preferred?.podAffinityTerm.labelSelector?.matchExpressions).toEqual(added);
    expect(spec?.topologySpreadConstraints?.[0]?.labelSelector?.matchExpressions).toEqual(added.slice(0, 1));
    expect(constraint.labelSelector).toEqual({});
  });

  it('but not where there is no selector', () => {
    const { labelSelector: _, ...without } = term;
    const pod = podOf(
      { affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [without] } } },
      { labels: { app: 'web' } },
    );
    expect(mergeLabelKeys(pod)).toBe(pod);
  });
});

describe('admission', () => {
  const tolerations = (pod: Pod): unknown => pod.spec?.tolerations?.map(({ key, effect }) => `${key}:${effect}`);

  it('lets a new pod stay on nodes that are not ready or not reachable for a while', () => {
    expect(tolerations(admitPod(podOf({}), priorityTable([])).pod)).toEqual([
      'node.kubernetes.io/not-ready:NoExecute',
      'node.kubernetes.io/unreachable:NoExecute',
    ]);
    const own = [
      { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 5 },
    ];
    expect(tolerations(admitPod(podOf({ tolerations: own }), priorityTable([])).pod)).toHaveLength(2);
    expect(tolerations(admitPod(podOf({ tolerations: [{ operator: 'Exists' }] }), priorityTable([])).pod)).toHaveLength(
      1,
    );
  });

  it('says why a pod has no priority', () => {
    const { error } = admitPod(podOf({ priorityClassName: 'nope' }), priorityTable([]));
    expect(error?.path).toBe('spec.priorityClassName');
  });

  it('leaves a pod that a server has stored as it is', () => {
    const stored = podOf({ priority: 3, priorityClassName: 'gone' }, { name: 'x', uid: 'u' });
    expect(admitPod(stored, priorityTable([]))).toEqual({ pod: stored });
  });
});
