import { describe, expect, it } from 'vitest';
import type { Pod, ResourceClaim } from '../../api/index.ts';
import { Cluster } from '../../scheduler/cluster.ts';
import type { Hint } from '../../scheduler/plugin.ts';
import { EVENTS } from './events.ts';

const pod: Pod = {
  metadata: { name: 'p', namespace: 'default', uid: 'uid-p' },
  spec: { containers: [], resourceClaims: [{ name: 'gpu', resourceClaimName: 'mine' }] },
};

const claim = (name: string, status: ResourceClaim['status'] = {}): ResourceClaim => ({
  apiVersion: 'resource.k8s.io/v1',
  kind: 'ResourceClaim',
  metadata: { name, namespace: 'default', uid: `uid-${name}` },
  spec: { devices: {} },
  status,
});
const ALLOCATED = { allocation: { devices: {} } };

/** The hint for a change of a claim, in a cluster with the given claims. */
function hint(before: ResourceClaim | undefined, after: ResourceClaim | undefined, stored: ResourceClaim[]): Hint {
  const cluster = new Cluster();
  for (const one of stored) cluster.addObject(one);
  const { hint: ask } = EVENTS.find(({ resource }) => resource === 'resource.k8s.io/ResourceClaim')!;
  return (ask as (pod: unknown, before: unknown, after: unknown, cluster: unknown) => Hint)(
    cluster.classes.info(pod),
    before,
    after,
    cluster,
  );
}

describe('a change of a claim of the pod', () => {
  it('brings the pod back when its claim is created, or its status changes', () => {
    const mine = claim('mine');
    const reserved = claim('mine', { reservedFor: [] });
    expect(hint(undefined, mine, [mine])).toBe('Queue');
    expect(hint(mine, reserved, [reserved])).toBe('Queue');
  });

  it('does not when nothing of its status changed', () => {
    const before = claim('mine');
    const after = { ...before, metadata: { ...before.metadata, labels: { a: 'b' } } };
    expect(hint(before, after, [after])).toBe('Skip');
  });
});

describe('a change of the claim of another', () => {
  const mine = claim('mine');

  it('brings the pod back when devices become free', () => {
    const before = claim('other', ALLOCATED);
    expect(hint(before, claim('other'), [mine, claim('other')])).toBe('Queue');
    expect(hint(before, undefined, [mine])).toBe('Queue');
  });

  it('does not while a claim of the pod is missing', () => {
    expect(hint(claim('other', ALLOCATED), claim('other'), [claim('other')])).toBe('Skip');
  });

  it('does not when devices are taken, or none were held', () => {
    const after = claim('other', ALLOCATED);
    expect(hint(claim('other'), after, [mine, after])).toBe('Skip');
    expect(hint(claim('other'), undefined, [mine])).toBe('Skip');
  });
});
