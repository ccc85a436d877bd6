import { describe, expect, it } from 'vitest';
import type { CompositePodGroup, Pod, PodGroup } from '../../api/index.ts';
import { Cluster } from '../../scheduler/cluster.ts';
import { GroupStates } from '../../scheduler/groups/group-states.ts';
import { readBudgets, splitByBudget } from './disruption-budgets.ts';
import { byImportance, priorityInGroup, singlePod, type Victim, victimsAmong } from './victims.ts';

type Spec = Partial<PodGroup['spec']>;

const group = (name: string, spec: Spec = {}): PodGroup => ({ kind: 'PodGroup', metadata: { name }, spec });
const composite = (name: string, spec: Spec = {}): CompositePodGroup =>
  ({ kind: 'CompositePodGroup', metadata: { name }, spec }) as CompositePodGroup;

const ALL = { all: {} };

interface OnNode {
  readonly node?: string;
  readonly in?: string;
  readonly priority?: number;
  /** Seconds since the others started; absent: not started. */
  readonly started?: number;
  readonly labels?: Record<string, string>;
}

function clusterOf(pods: Readonly<Record<string, OnNode>>, ...groups: ReadonlyArray<PodGroup | CompositePodGroup>) {
  const cluster = new Cluster();
  for (const name of ['n1', 'n2']) cluster.addNode({ metadata: { name } });
  const states = new GroupStates({ isOn: true, hasComposites: true });
  cluster.groups = states;
  for (const object of groups) states.setObject(object);
  const infos = new Map(
    Object.entries(pods).map(([name, { node = 'n1', in: podGroupName, priority = 0, started, labels }]) => {
      const startTime = started === undefined ? undefined : new Date(started * 1000).toISOString();
      const schedulingGroup = podGroupName === undefined ? undefined : { podGroupName };
      const pod: Pod = {
        metadata: { name, uid: name, labels },
        spec: { containers: [], nodeName: node, priority, schedulingGroup },
        status: { startTime },
      };
      const info = cluster.classes.info(pod);
      cluster.addPodInfo(info, node);
      states.add(info);
      return [name, info];
    }),
  );
  return { cluster, infos };
}

const names = ({ pods }: Victim): string => pods.map(({ name }) => name).join('+');

describe('whom preemption can evict', () => {
  it('is every pod alone, unless its group goes as a whole', () => {
    const pods = {
      a: { in: 'single' },
      b: { in: 'single' },
      c: { in: 'whole' },
      d: {},
      e: { in: 'whole', node: 'n2' },
    };
    const { cluster, infos } = clusterOf(pods, group('single'), group('whole', { disruptionMode: ALL }));
    expect(victimsAmong(infos.values(), cluster).map(names)).toEqual(['a', 'b', 'c+e', 'd']);
  });

  it('is a whole group even when only one of its pods is where room is needed', () => {
    const pods = { a: { in: 'g' }, b: { in: 'g', node: 'n2' } };
    const { cluster } = clusterOf(pods, group('g', { disruptionMode: ALL }));
    expect(victimsAmong(cluster.pods(cluster.rowOf('n2')), cluster).map(names)).toEqual(['a+b']);
  });

  it('is everything under the highest group that goes as a whole', () => {
    const pods = { a: { in: 'one' }, b: { in: 'two' }, c: { in: 'other' } };
    const { cluster, infos } = clusterOf(
      pods,
      composite('top'),
      composite('mid', { disruptionMode: ALL, parentCompositePodGroupName: 'top' }),
      group('one', { disruptionMode: ALL, parentCompositePodGroupName: 'mid' }),
      group('two', { parentCompositePodGroupName: 'mid' }),
      group('other', { parentCompositePodGroupName: 'top' }),
    );
    expect(victimsAmong(infos.values(), cluster).map(names)).toEqual(['a+b', 'c']);
  });

  it('cannot be told when a pod of a group is on a node that is gone', () => {
    const pods = { a: { in: 'g' }, b: { in: 'g', node: 'n2' } };
    const { cluster, infos } = clusterOf(pods, group('g', { disruptionMode: ALL }));
    cluster.removeNode('n2');
    expect(() => victimsAmong([infos.get('a')!], cluster)).toThrow(
      'failed to get node info for node "n2" from snapshot: nodeinfo not found for node name "n2"',
    );
  });

  it('has the priority of the highest group above it that is there', () => {
    const pods = { a: { in: 'g', priority: 1 }, b: { in: 'unknown', priority: 2 }, c: { priority: 3 } };
    const mid = composite('mid', { priority: 20, parentCompositePodGroupName: 'top' });
    const g = group('g', { priority: 10, parentCompositePodGroupName: 'mid' });
    const priorityOf = (name: string, ...groups: Array<PodGroup | CompositePodGroup>) => {
      const { cluster, infos } = clusterOf(pods, ...groups);
      return priorityInGroup(infos.get(name)!, cluster.groups);
    };
    expect(priorityOf('a', g)).toBe(10);
    expect(priorityOf('a', g, mid)).toBe(20);
    expect(priorityOf('a', g, mid, composite('top'))).toBe(0);
    expect(priorityOf('b', g)).toBe(2);
    expect(priorityOf('c', g)).toBe(3);
  });

  it('goes by priority, then groups before pods, large before small, and old before young', () => {
    const pods = {
      young: { started: 9 },
      old: { started: 1 },
      waiting: {},
      vip: { priority: 5, started: 9 },
      one: { in: 'single', started: 9 },
      two: { in: 'pair', started: 9 },
      three: { in: 'pair', started: 9 },
    };
    const { cluster, infos } = clusterOf(pods, group('single'), group('pair', { disruptionMode: ALL }));
    const order = victimsAmong(infos.values(), cluster).sort(byImportance);
    expect(order.map(names)).toEqual(['vip', 'three+two', 'one', 'old', 'young', 'waiting']);
  });
});

describe('disruption budgets', () => {
  it('are broken by a whole group when they are by one of its pods, as often as they are', () => {
    const labels = { app: 'a' };
    const pods = { a: { in: 'g', labels }, b: { in: 'g', labels }, c: { in: 'g' }, alone: { labels } };
    const { cluster, infos } = clusterOf(pods, group('g', { disruptionMode: ALL }));
    cluster.addObject({
      kind: 'PodDisruptionBudget',
      metadata: { name: 'budget' },
      ...{ spec: { selector: { matchLabels: labels } }, status: { disruptionsAllowed: 1 } },
    });
    const [whole, alone] = [victimsAmong(infos.values(), cluster)[0]!, singlePod(infos.get('alone')!)];
    const split = (victims: Victim[]) => {
      const { violating, others } = splitByBudget(victims, readBudgets(cluster));
      return [violating.map(({ victim, violations }) => `${names(victim)}: ${violations}`), others.map(names)];
    };
    expect(split([alone, whole])).toEqual([['a+b+c: 2'], ['alone']]);
    expect(split([whole, alone])).toEqual([['a+b+c: 1', 'alone: 1'], []]);
  });
});
