/** A namespace that is deleted goes when nothing is left in it, its pods first. */
import { describe, expect, it } from 'vitest';
import { smallCluster } from '../controllers.fixture.ts';
import { PODS } from '../types.ts';

const NAMESPACES = { group: '', version: 'v1', resource: 'namespaces' };
const MAPS = { group: '', version: 'v1', resource: 'configmaps' };

function withNamespace(finalizers: readonly string[] = []) {
  const each = smallCluster();
  each.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
  const create = (target: typeof PODS, object: object): void => {
    each.client.create({ ...target, namespace: 'shop' }, object as never, {}, () => {});
    each.wait();
  };
  const spec = { nodeName: 'n', containers: [{ name: 'c', image: 'i' }] };
  create(PODS, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', finalizers }, spec });
  create(MAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'm' } });
  each.remove(NAMESPACES, 'shop');
  const has = (kind: string, name: string): boolean => each.server.core.cached(kind, 'shop', name) !== undefined;
  const reap = (): void => {
    each.client.delete({ ...PODS, namespace: 'shop', name: 'p' }, { gracePeriodSeconds: 0 }, () => {});
  };
  return { ...each, has, reap };
}

describe('namespace', () => {
  it('is emptied five seconds after its deletion, but for what waits for its pods', () => {
    const each = withNamespace();
    each.wait(3000);
    expect(each.server.core.cached('Pod', 'shop', 'p')?.metadata?.deletionTimestamp).toBeUndefined();
    each.wait(2000);
    expect(each.server.core.cached('Pod', 'shop', 'p')?.metadata?.deletionTimestamp).toBeDefined();
    expect(each.has('ConfigMap', 'm')).toBe(true);
    each.reap();
    each.wait(20_000);
    expect(each.get('Namespace', 'shop')).toBeUndefined();
    expect(each.has('ConfigMap', 'm')).toBe(false);
    expect(each.has('ServiceAccount', 'default')).toBe(false);
  });

  it('tells what holds it once the time for its pods is over', () => {
    const each = withNamespace(['example.com/hold']);
    each.reap();
    each.wait(60_000);
    const conditions = each.get('Namespace', 'shop').status.conditions;
    const content = conditions.find(({ type }: { type: string }) => type === 'NamespaceDeletionContentFailure');
    expect(content).toMatchObject({ status: 'False', reason: 'ContentDeleted' });
    expect(each.running.queues.namespace!.syncs).toBeLessThan(12);
    each.client.patch(
      { ...PODS, namespace: 'shop', name: 'p' },
      'merge',
      { metadata: { finalizers: null } },
      {},
      () => {},
    );
    each.wait(20_000);
    expect(each.get('Namespace', 'shop')).toBeUndefined();
  });

  it('has a service account as long as it lives', () => {
    const each = smallCluster(1, { rootCertificate: 'PEM' });
    const accounts = { group: '', version: 'v1', resource: 'serviceaccounts' };
    const before = each.get('ServiceAccount', 'default').metadata.uid;
    each.remove(accounts, 'default');
    expect(each.get('ServiceAccount', 'default').metadata.uid).not.toBe(before);
    each.patch(MAPS, 'kube-root-ca.crt', { data: { 'ca.crt': 'other', more: 'x' } });
    expect(each.get('ConfigMap', 'kube-root-ca.crt').data).toEqual({ 'ca.crt': 'PEM' });
  });
});
