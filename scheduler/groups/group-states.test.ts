import { beforeEach, describe, expect, it } from 'vitest';
import type { Pod } from '../../api/index.ts';
import type { PodInfo } from '../plugin.ts';
import { podGroupKey } from '../plugin.ts';
import { PodClasses } from '../pod-info.ts';
import { GroupStates } from './group-states.ts';

const classes = new PodClasses();
const member = (name: string, nodeName?: string, podGroupName = 'g'): PodInfo => {
  const spec = { containers: [], nodeName, schedulingGroup: { podGroupName } };
  return classes.info({ metadata: { name, uid: name }, spec } as Pod);
};

const key = podGroupKey('default', 'g');

describe('which pods of a group are where', () => {
  let states: GroupStates;
  const counts = () => {
    const members = states.members(key);
    const names = (pods: readonly PodInfo[]) => pods.map(({ name }) => name);
    return (
      members && {
        all: members.podCount,
        waiting: names(members.unscheduledPods()),
        onTheirWay: names(members.assumedPods()),
        scheduled: members.scheduledCount,
      }
    );
  };

  beforeEach(() => {
    states = new GroupStates({ isOn: true, hasComposites: false });
  });

  it('follows a pod from the queue to its node', () => {
    const waiting = member('a');
    states.add(waiting);
    expect(counts()).toEqual({ all: 1, waiting: ['a'], onTheirWay: [], scheduled: 0 });
    states.assume(member('a', 'n1'));
    expect(counts()).toEqual({ all: 1, waiting: [], onTheirWay: ['a'], scheduled: 1 });
    states.update(waiting, member('a', 'n1'));
    expect(counts()).toEqual({ all: 1, waiting: [], onTheirWay: [], scheduled: 1 });
  });

  it('takes a pod back that gives its node up', () => {
    states.add(member('a'));
    states.assume(member('a', 'n1'));
    states.forget(member('a', 'n1'));
    expect(counts()).toEqual({ all: 1, waiting: ['a'], onTheirWay: [], scheduled: 0 });
  });

  it('keeps to what the API says when a pod was bound behind its back', () => {
    states.add(member('a', 'n2'));
    states.assume(member('a', 'n1'));
    states.forget(member('a', 'n1'));
    expect(counts()).toEqual({ all: 1, waiting: [], onTheirWay: [], scheduled: 1 });
  });

  it('leaves a pod alone that has gone meanwhile', () => {
    states.add(member('b'));
    states.add(member('a'));
    states.delete(member('a'));
    states.assume(member('a', 'n1'));
    states.forget(member('a', 'n1'));
    expect(counts()).toEqual({ all: 1, waiting: ['b'], onTheirWay: [], scheduled: 0 });
  });

  it('knows of pods before it knows of their group, and of groups without pods', () => {
    states.add(member('a'));
    expect(states.podGroup(key)).toBeUndefined();
    states.setObject({ kind: 'PodGroup', metadata: { name: 'g' }, spec: {} });
    states.delete(member('a'));
    expect(counts()?.all).toBe(0);
    states.deleteObject({ kind: 'PodGroup', metadata: { name: 'g' }, spec: {} });
    expect(counts()).toBeUndefined();
  });

  it('lists who is scheduled by name, those on nodes first', () => {
    for (const name of ['d', 'c']) states.add(member(name, 'n1'));
    for (const name of ['b', 'a']) states.add(member(name));
    for (const name of ['b', 'a']) states.assume(member(name, 'n1'));
    expect(
      states
        .members(key)!
        .scheduledPods()
        .map(({ name }) => name),
    ).toEqual(['c', 'd', 'a', 'b']);
  });

  it('is empty while GenericWorkload is off', () => {
    states = new GroupStates({ isOn: false, hasComposites: false });
    states.add(member('a'));
    expect(counts()).toBeUndefined();
  });
});
