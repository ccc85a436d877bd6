import { describe, expect, it } from 'vitest';
import { impliedGroup, joinOlderGroup, modernGroup, modernGroupPatch } from './older-groups.ts';
import type { KubeObject, Pod } from './types.ts';

const older = (spec: object, apiVersion = 'scheduling.x-k8s.io/v1alpha1'): KubeObject =>
  ({
    apiVersion,
    kind: 'PodGroup',
    metadata: { name: 'job', namespace: 'team', annotations: { kept: 'yes' } },
    spec,
  }) as KubeObject;

const pod = (labels: Record<string, string>, spec: object = {}): Pod =>
  ({ metadata: { name: 'p', namespace: 'team', labels }, spec: { containers: [], ...spec } }) as Pod;

describe('groups of the coscheduling plugin', () => {
  it.each(['scheduling.x-k8s.io/v1alpha1', 'scheduling.sigs.k8s.io/v1alpha1'])('become gangs: %s', (apiVersion) => {
    expect(modernGroup(older({ minMember: 3, scheduleTimeoutSeconds: 10 }, apiVersion))).toEqual({
      apiVersion: 'scheduling.k8s.io/v1beta1',
      kind: 'PodGroup',
      metadata: {
        name: 'job',
        namespace: 'team',
        annotations: { kept: 'yes', 'berth/permit-timeout-seconds': '10', 'berth/priority-of-pods': '' },
      },
      spec: { schedulingPolicy: { gang: { minCount: 3 } } },
    });
  });

  it('that need nobody become basic groups', () => {
    expect(modernGroup(older({}))).toMatchObject({ spec: { schedulingPolicy: { basic: {} } } });
  });

  it('leave other objects alone, groups of today among them', () => {
    const today = { apiVersion: 'scheduling.k8s.io/v1beta1', kind: 'PodGroup', spec: { minMember: 3 } } as KubeObject;
    expect(modernGroup(today)).toBe(today);
    const configMap = { apiVersion: 'scheduling.x-k8s.io/v1alpha1', kind: 'ElasticQuota' };
    expect(modernGroup(configMap)).toBe(configMap);
  });

  it('can be patched in their own words', () => {
    expect(modernGroupPatch({ metadata: { labels: { a: 'b' } }, spec: { minMember: 2 } })).toEqual({
      metadata: { labels: { a: 'b' } },
      spec: { schedulingPolicy: { gang: { minCount: 2 } } },
    });
    const patch = { spec: { schedulingPolicy: { gang: { minCount: 2 } } } };
    expect(modernGroupPatch(patch)).toBe(patch);
    expect(modernGroupPatch(null)).toBeNull();
  });
});

describe('pods of such groups', () => {
  it.each([
    'scheduling.x-k8s.io/pod-group',
    'pod-group.scheduling.sigs.k8s.io',
    'pod-group.scheduling.sigs.k8s.io/name',
  ])('join them by the label %s', (label) => {
    expect(joinOlderGroup(pod({ [label]: 'job' })).spec?.schedulingGroup).toEqual({ podGroupName: 'job' });
  });

  it('stay in the group that their spec names, or in none', () => {
    const named = pod({ 'scheduling.x-k8s.io/pod-group': 'job' }, { schedulingGroup: { podGroupName: 'other' } });
    expect(joinOlderGroup(named)).toBe(named);
    const alone = pod({ app: 'web' });
    expect(joinOlderGroup(alone)).toBe(alone);
  });

  it('of the first generation say what their group is', () => {
    const labels = {
      'pod-group.scheduling.sigs.k8s.io/name': 'job',
      'pod-group.scheduling.sigs.k8s.io/min-available': '2',
    };
    expect(impliedGroup(pod(labels))).toMatchObject({
      kind: 'PodGroup',
      metadata: { name: 'job', namespace: 'team' },
      spec: { schedulingPolicy: { gang: { minCount: 2 } } },
    });
    expect(impliedGroup(pod({ 'scheduling.x-k8s.io/pod-group': 'job' }))).toBeUndefined();
    expect(impliedGroup(pod({ 'pod-group.scheduling.sigs.k8s.io/name': 'job' }))).toBeUndefined();
  });
});
