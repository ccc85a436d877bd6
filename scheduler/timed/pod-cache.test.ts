import { describe, expect, it } from 'vitest';
import type { Pod } from '../../api/index.ts';
import { PodClasses } from '../pod-info.ts';
import { PodCache } from './pod-cache.ts';

const ZONE = 'topology.kubernetes.io/zone';

const base = {
  metadata: { name: 'p', namespace: 'default', uid: 'u', labels: { app: 'a' } },
  spec: { containers: [{ name: 'c', resources: { requests: { cpu: '1' } } }] },
  status: { phase: 'Pending' },
} as Pod;

const bound = (labels: Record<string, string>, more: Partial<Pod> = {}): Pod =>
  ({
    ...base,
    metadata: { ...base.metadata, labels },
    spec: { ...base.spec!, nodeName: 'n0' },
    ...more,
  }) as Pod;

const RESIZED = { containerStatuses: [{ name: 'c', allocatedResources: { cpu: '2' } }] } as unknown as Pod['status'];

describe('PodCache', () => {
  it.each<[string, Pod]>([
    ['its node', bound(base.metadata!.labels as Record<string, string>)],
    ['its node and labels', bound({ app: 'a', [ZONE]: 'z0' })],
    ['its node and labels, with a resize', bound({ app: 'a', [ZONE]: 'z0' }, { status: RESIZED })],
    ['another spec', bound({ app: 'a' }, { spec: { containers: [{ name: 'c' }], nodeName: 'n0' } as Pod['spec'] })],
    ['another owner', bound({ app: 'a' }, { metadata: { ...base.metadata, ownerReferences: [] } })],
  ])('a pod that got %s is described as one that came so', (_, pod) => {
    const classes = new PodClasses();
    const cache = new PodCache(classes);
    cache.apply(base, false);
    const { after } = cache.apply(pod, false);
    expect(after).toEqual(classes.infoOfBound(pod));
  });
  it('pods with the labels of one zone are of one class, those of another zone of another', () => {
    const classes = new PodClasses();
    const cache = new PodCache(classes);
    const classIn = (zone: string, name: string): number => {
      const named = (pod: Pod): Pod => ({ ...pod, metadata: { ...pod.metadata, name, uid: name } });
      const pending = named(base);
      cache.apply(pending, false);
      const { metadata, spec, status } = bound({ app: 'a', [ZONE]: zone });
      const pod = { ...pending, metadata: { ...pending.metadata, labels: metadata!.labels }, spec, status } as Pod;
      return cache.apply(pod, false).after!.classId;
    };
    const first = classIn('z0', 'p0');
    expect(classIn('z0', 'p1')).toBe(first);
    expect(classIn('z1', 'p2')).not.toBe(first);
  });
});
