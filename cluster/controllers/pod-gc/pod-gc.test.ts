/** Pods that nobody else would delete. */
import { describe, expect, it } from 'vitest';
import { smallCluster } from '../controllers.fixture.ts';
import { NODES, PODS } from '../types.ts';

type Each = ReturnType<typeof smallCluster>;

function pod(each: Each, name: string, nodeName?: string): void {
  const spec = { containers: [{ name: 'c', image: 'i' }], nodeName };
  each.create(PODS, { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec });
}

const names = (each: Each): string[] => each.pods().map(({ metadata }) => metadata!.name!);

describe('pod garbage collector', () => {
  it('leaves as many pods that have ended as it is told, the newest', () => {
    const each = smallCluster(1, { terminatedPodThreshold: 2 });
    for (const name of ['a', 'b', 'c', 'd']) {
      pod(each, name, 'n');
      each.patch(PODS, name, { status: { phase: 'Succeeded' } }, 'status');
    }
    each.wait(20_000);
    expect(names(each)).toEqual(['c', 'd']);
  });

  it('deletes the pods of a node that has been away for forty seconds', () => {
    const each = smallCluster();
    pod(each, 'p', 'gone');
    each.wait(30_000);
    expect(names(each)).toEqual(['p']);
    each.wait(40_000);
    expect(names(each)).toEqual([]);
  });

  it('deletes a pod that ends without ever having had a node', () => {
    const each = smallCluster();
    const metadata = { name: 'p', finalizers: ['example.com/hold'] };
    each.create(PODS, { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [{ name: 'c', image: 'i' }] } });
    each.remove(PODS, 'p');
    each.wait(20_000);
    expect(each.get('Pod', 'p').status.phase).toBe('Failed');
    each.patch(PODS, 'p', { metadata: { finalizers: null } });
    expect(names(each)).toEqual([]);
  });

  it('deletes pods that end on a node that is out of service', () => {
    const each = smallCluster(1, { nodeLifecycle: false });
    const taints = [{ key: 'node.kubernetes.io/out-of-service', effect: 'NoSchedule' }];
    each.create(NODES, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' }, spec: { taints } });
    pod(each, 'p', 'n');
    pod(each, 'stays', 'n');
    each.client.delete({ ...PODS, namespace: 'default', name: 'p' }, {}, () => {});
    each.wait(20_000);
    expect(names(each)).toEqual(['stays']);
  });
});
