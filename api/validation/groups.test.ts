import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../types.ts';
import { validateObject } from '../validate-object.ts';

const problems = (kind: string, apiVersion: string, spec: object): string[] =>
  validateObject({ kind, apiVersion, metadata: { name: 'g' }, ...{ spec } } as KubeObject).map(({ text }) => text);

const podGroup = (spec: object) => problems('PodGroup', 'scheduling.k8s.io/v1beta1', spec);
const compositePodGroup = (spec: object) => problems('CompositePodGroup', 'scheduling.k8s.io/v1alpha3', spec);

const basic = { schedulingPolicy: { basic: {} } };

describe('a PodGroup', () => {
  it('needs one policy, and only one', () => {
    expect(podGroup(basic)).toEqual([]);
    expect(podGroup({ schedulingPolicy: { gang: { minCount: 1 } } })).toEqual([]);
    expect(podGroup({})).toEqual(['spec.schedulingPolicy: Invalid value: "": must specify one of: `basic`, `gang`']);
    expect(podGroup({ schedulingPolicy: { basic: {}, gang: { minCount: 1 } } })).toEqual([
      'spec.schedulingPolicy: Invalid value: {basic, gang}: must specify exactly one of: `basic`, `gang`',
    ]);
  });

  it('needs at least one pod as a gang', () => {
    expect(podGroup({ schedulingPolicy: { gang: {} } })).toEqual([
      'spec.schedulingPolicy.gang.minCount: Required value',
    ]);
    expect(podGroup({ schedulingPolicy: { gang: { minCount: 0 } } })).toEqual([
      'spec.schedulingPolicy.gang.minCount: Invalid value: 0: must be greater than or equal to 1',
    ]);
  });

  it('may be confined to one topology, by a label', () => {
    expect(podGroup({ ...basic, schedulingConstraints: { topology: [{ key: 'example.com/rack' }] } })).toEqual([]);
    expect(podGroup({ ...basic, schedulingConstraints: { topology: [{ key: 'a' }, { key: '' }] } })).toEqual([
      'spec.schedulingConstraints.topology: Invalid value: 2: must have at most 1 item',
      'spec.schedulingConstraints.topology[1].key: Required value',
    ]);
  });

  it('goes down one by one or all at once', () => {
    expect(podGroup({ ...basic, disruptionMode: { all: {} } })).toEqual([]);
    expect(podGroup({ ...basic, disruptionMode: {} })).toEqual([
      'spec.disruptionMode: Invalid value: "": must specify one of: `single`, `all`',
    ]);
  });

  it('keeps out of the priorities of the system', () => {
    expect(podGroup({ ...basic, priority: 1_000_000_001, preemptionPolicy: 'Always' })).toEqual([
      'spec.priority: Invalid value: 1000000001: must be less than or equal to 1000000000',
      'spec.preemptionPolicy: Unsupported value: "Always": supported values: "PreemptLowerPriority", "Never"',
    ]);
  });

  it('has the wrong type where it has', () => {
    expect(podGroup({ schedulingPolicy: { gang: { minCount: 'two' } } })).toHaveLength(1);
  });
});

describe('a CompositePodGroup', () => {
  it('counts groups', () => {
    expect(compositePodGroup({ schedulingPolicy: { gang: { minGroupCount: 2 } } })).toEqual([]);
    expect(compositePodGroup({ schedulingPolicy: { gang: { minGroupCount: 0 } } })).toEqual([
      'spec.schedulingPolicy.gang.minGroupCount: Invalid value: 0: must be greater than or equal to 1',
    ]);
  });
});

describe('a group of the coscheduling plugin', () => {
  it('is checked by its own rules', () => {
    const olderGroup = (spec: object) => problems('PodGroup', 'scheduling.x-k8s.io/v1alpha1', spec);
    expect(olderGroup({ minMember: 2, scheduleTimeoutSeconds: 0 })).toEqual([]);
    expect(olderGroup({ minMember: 0, scheduleTimeoutSeconds: -1 })).toEqual([
      'spec.minMember: Invalid value: 0: must be greater than or equal to 1',
      'spec.scheduleTimeoutSeconds: Invalid value: -1: must be greater than or equal to 0',
    ]);
  });
});
