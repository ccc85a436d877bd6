/** What a simulated API makes of groups, and what the scheduler makes of those written in older ways. */
import { describe, expect, it } from 'vitest';
import type { KubeObject, Pod, PodGroup, PriorityClass } from '../../api/index.ts';
import { inTreePlugins } from '../../plugins/index.ts';
import { defaultConfig } from '../../scheduler/config/index.ts';
import { ENGINES } from '../../scheduler/index.ts';
import { Simulation, type SimulationEvent } from './simulation.ts';

const GATES = { GenericWorkload: true };

const node = (name: string): KubeObject => ({
  kind: 'Node',
  metadata: { name },
  ...{ status: { allocatable: { cpu: '2', memory: '8Gi', pods: '10' } } },
});

const pod = (name: string, labels: Record<string, string>, priority?: number, priorityClassName?: string): Pod => ({
  kind: 'Pod',
  metadata: { name, namespace: 'team', labels },
  spec: {
    priority,
    priorityClassName,
    containers: [{ name: 'c', image: 'i', resources: { requests: { cpu: '2' } } }],
  },
});

const olderGroup = (name: string, spec: object): KubeObject => ({
  apiVersion: 'scheduling.x-k8s.io/v1alpha1',
  kind: 'PodGroup',
  metadata: { name, namespace: 'team' },
  ...{ spec },
});

const create = (ms: number, object: KubeObject): SimulationEvent => ({ ms, op: 'create', object });

interface Played {
  /** Pod → node, of those bound. */
  readonly bound: Readonly<Record<string, string>>;
  group(name: string): PodGroup | undefined;
  readonly errors: readonly string[];
}

function play(initial: readonly KubeObject[], events: readonly SimulationEvent[], untilMs = 100_000): Played {
  const errors: string[] = [];
  const simulation = new Simulation({
    config: defaultConfig(inTreePlugins, GATES),
    registry: inTreePlugins,
    engine: ENGINES.fast,
    featureGates: GATES,
    observer: {
      stepped: ({ error }) => {
        if (error !== undefined) errors.push(error);
      },
    },
  });
  simulation.load(initial);
  simulation.start(events);
  simulation.run(untilMs);
  const pods = [...simulation.api.list('Pod')] as Pod[];
  return {
    bound: Object.fromEntries(
      pods.flatMap(({ metadata, spec }) => (spec?.nodeName ? [[metadata!.name!, spec.nodeName]] : [])),
    ),
    group: (name) => simulation.api.get('PodGroup', `team/${name}`) as PodGroup | undefined,
    errors,
  };
}

const LABEL = { 'scheduling.x-k8s.io/pod-group': 'job' };

describe('groups of the coscheduling plugin', () => {
  const members = ['a', 'b', 'c'].map((name, i) => create(1000 + i, pod(name, LABEL)));
  const group = create(0, olderGroup('job', { minMember: 3, scheduleTimeoutSeconds: 30 }));

  it('start when there is room for as many as they need, and not before', () => {
    const nodes = [node('n1'), node('n2')];
    expect(play(nodes, [group, ...members]).bound).toEqual({});
    const grown = play(nodes, [group, ...members, create(20_000, node('n3'))]);
    expect(Object.keys(grown.bound)).toEqual(['a', 'b', 'c']);
  });

  it('start with less once they need less', () => {
    const lowered: SimulationEvent = {
      ms: 20_000,
      op: 'patch',
      kind: 'PodGroup',
      namespace: 'team',
      name: 'job',
      patch: { spec: { minMember: 2 } },
    };
    expect(Object.keys(play([node('n1'), node('n2')], [group, ...members, lowered]).bound)).toHaveLength(2);
  });

  it('wait for their object', () => {
    const nodes = [node('n1'), node('n2'), node('n3')];
    expect(play(nodes, members).bound).toEqual({});
    expect(Object.keys(play(nodes, [...members, { ...group, ms: 50_000 }]).bound)).toHaveLength(3);
  });

  it('take on the priority of their first pod', () => {
    const vips = ['a', 'b'].map((name) => create(1000, pod(name, LABEL, 50)));
    const { group: find, bound } = play(
      [node('n1'), node('n2')],
      [create(0, olderGroup('job', { minMember: 2 })), ...vips],
    );
    expect(find('job')?.spec.priority).toBe(50);
    expect(Object.keys(bound)).toHaveLength(2);
  });

  it('of the first generation need no object', () => {
    const labels = {
      'pod-group.scheduling.sigs.k8s.io/name': 'job',
      'pod-group.scheduling.sigs.k8s.io/min-available': '2',
    };
    const pods = ['a', 'b'].map((name) => create(1000, pod(name, labels)));
    expect(play([node('n1')], pods).bound).toEqual({});
    const { bound, group: find } = play([node('n1'), node('n2')], pods);
    expect(Object.keys(bound)).toEqual(['a', 'b']);
    expect(find('job')?.spec.schedulingPolicy).toEqual({ gang: { minCount: 2 } });
  });
});

describe('the priority of a group', () => {
  const high: PriorityClass = {
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name: 'high' },
    value: 700,
  };
  const withClass = (priorityClassName: string, priority?: number): KubeObject => ({
    kind: 'PodGroup',
    metadata: { name: 'g', namespace: 'team' },
    ...{ spec: { schedulingPolicy: { basic: {} }, priorityClassName, priority } },
  });

  it('comes from its class', () => {
    expect(play([high, withClass('high')], []).group('g')?.spec.priority).toBe(700);
  });

  it('is that of pods without a class for one that names none', () => {
    expect(play([withClass('')], []).group('g')?.spec.priority).toBe(0);
    const usual = { ...high, metadata: { name: 'usual' }, value: 7, globalDefault: true } as PriorityClass;
    expect(play([usual, withClass('')], []).group('g')?.spec.priority).toBe(7);
  });

  it('must be the one of its class', () => {
    expect(play([high, withClass('high', 3)], []).errors).toEqual([
      'spec.priority: Forbidden: priority set in the pod group (3) must match the priority computed (700) based on the priority class set in the spec',
    ]);
    expect(play([withClass('unknown')], []).errors).toEqual([
      'spec.priorityClassName: Forbidden: no PriorityClass with name unknown was found',
    ]);
  });
});
