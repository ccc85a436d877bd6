import { describe, expect, it } from 'vitest';
import type { Pod, PodGroup } from '../api/index.ts';
import { Cluster } from '../scheduler/cluster.ts';
import { TIMELESS } from '../scheduler/framework.ts';
import { GroupStates } from '../scheduler/groups/group-states.ts';
import { type GroupInfo, type Plugin, type PodInfo, podGroupKey } from '../scheduler/plugin.ts';
import { gangScheduling } from './gang-scheduling.ts';

const plugin = gangScheduling.create({}, { profileName: 'p', ...TIMELESS }) as Required<Plugin>;

const gang = (minCount: number, annotations?: Record<string, string>): PodGroup => ({
  kind: 'PodGroup',
  metadata: { name: 'g', annotations },
  spec: { schedulingPolicy: { gang: { minCount } } },
});
const basic: PodGroup = { kind: 'PodGroup', metadata: { name: 'g' }, spec: { schedulingPolicy: { basic: {} } } };

const member = (cluster: Cluster, name: string, nodeName?: string): PodInfo =>
  cluster.classes.info({
    metadata: { name, uid: name },
    spec: { containers: [], nodeName, schedulingGroup: { podGroupName: 'g' } },
  } as Pod);

/** A cluster that knows of the group and of some of its pods, `scheduled` of them on a node. */
function clusterWith(group: PodGroup | undefined, pods: number, scheduled: number, isOn = true): Cluster {
  const cluster = new Cluster();
  cluster.addNode({ metadata: { name: 'n' } });
  const states = new GroupStates({ isOn, hasComposites: false });
  cluster.groups = states;
  if (group !== undefined && isOn) states.setObject(group);
  for (let i = 0; i < pods; i++) states.add(member(cluster, `m${i}`, i < scheduled ? 'n' : undefined));
  return cluster;
}

describe('GangScheduling before the queue', () => {
  const reason = (cluster: Cluster) => plugin.preEnqueue(member(cluster, 'm0'), cluster)?.reasons[0];

  it('holds a gang back until enough of its pods are there', () => {
    expect(reason(clusterWith(gang(2), 1, 0))).toBe(
      'waiting for minCount pods from a gang to appear in scheduling queue',
    );
    expect(reason(clusterWith(gang(2), 2, 0))).toBeUndefined();
    expect(reason(clusterWith(basic, 1, 0))).toBeUndefined();
  });

  it('holds pods back whose group is not there, or cannot be because groups are off', () => {
    const unknown = 'waiting for pods\'s pod group "g" to appear in scheduling queue';
    expect(reason(clusterWith(undefined, 2, 0))).toBe(unknown);
    expect(reason(clusterWith(gang(1), 2, 0, false))).toBe(unknown);
  });

  it('lets pods without a group be', () => {
    const cluster = clusterWith(gang(2), 0, 0);
    const alone = cluster.classes.info({ metadata: { name: 'alone' }, spec: { containers: [] } });
    expect(plugin.preEnqueue(alone, cluster)).toBeUndefined();
    expect(plugin.permit(alone, 0, cluster)).toBeUndefined();
  });
});

describe('GangScheduling while a group is placed', () => {
  const info = (podGroup: PodGroup) => ({ key: podGroupKey('default', 'g'), podGroup }) as GroupInfo;
  const said = (group: PodGroup, scheduled: number, remaining: number) => {
    const status = plugin.placementFeasible(info(group), { scheduled, remaining });
    return status && [status.code, ...status.reasons];
  };

  it('says when enough have a node, may have one, and never will', () => {
    expect(said(gang(3), 3, 0)).toBeUndefined();
    expect(said(gang(3), 1, 2)).toEqual(['Wait', 'minCount (3) is not yet satisfied: 1 scheduled, 2 remaining']);
    expect(said(gang(3), 1, 1)).toEqual([
      'Unschedulable',
      'minCount (3) cannot be satisfied: 1 scheduled, 1 remaining',
    ]);
  });

  it('asks of a basic group that anybody gets a node', () => {
    expect(said(basic, 0, 2)?.[0]).toBe('Wait');
    expect(said(basic, 1, 1)).toBeUndefined();
  });
});

describe('GangScheduling at Permit', () => {
  const answer = (cluster: Cluster) => plugin.permit(member(cluster, 'm0', 'n'), 0, cluster);

  it('lets pods wait for each other, five minutes unless the group says how long', () => {
    expect(answer(clusterWith(gang(2), 2, 1))).toEqual({
      status: { code: 'Wait', reasons: ['waiting for minCount pods from a gang to be scheduled'] },
      timeoutMs: 300_000,
    });
    const patient = gang(2, { 'berth/permit-timeout-seconds': '7' });
    expect(answer(clusterWith(patient, 2, 1))).toMatchObject({ timeoutMs: 7000 });
  });

  it('lets them go once there are enough', () => {
    expect(answer(clusterWith(gang(2), 2, 2))).toBeUndefined();
    expect(answer(clusterWith(basic, 1, 0))).toBeUndefined();
  });

  it('ends in an error without the group', () => {
    expect(answer(clusterWith(undefined, 1, 1))?.status).toEqual({
      code: 'Error',
      reasons: ['failed to get podGroup default/g: pod group state not found for pod group podgroup/default/g'],
    });
  });
});
