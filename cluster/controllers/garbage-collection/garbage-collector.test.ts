/** What is left without owners goes; what its owner waits for goes first; what is let go stays. */
import { describe, expect, it } from 'vitest';
import type { Target } from '../../apiserver/index.ts';
import { smallCluster } from '../controllers.fixture.ts';

const MAPS: Target = { group: '', version: 'v1', resource: 'configmaps' };
type Each = ReturnType<typeof smallCluster>;

interface Owner {
  readonly name: string;
  readonly uid?: string;
  readonly blockOwnerDeletion?: boolean;
}

function map(each: Each, name: string, owners: readonly Owner[] = [], finalizers: readonly string[] = []): void {
  const ownerReferences = owners.map((owner) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    uid: each.get('ConfigMap', owner.name)?.metadata.uid,
    ...owner,
  }));
  each.create(MAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ownerReferences, finalizers } });
}

const names = (each: Each): string[] => each.all('ConfigMap').map(({ metadata }) => metadata.name);
const ownersOf = (each: Each, name: string): string[] =>
  (each.get('ConfigMap', name).metadata.ownerReferences ?? []).map((owner: Owner) => owner.name);

describe('garbage collector', () => {
  it('deletes a chain from its root on', () => {
    const each = smallCluster();
    map(each, 'root');
    map(each, 'child', [{ name: 'root' }]);
    map(each, 'grandchild', [{ name: 'child' }]);
    each.remove(MAPS, 'root', { propagationPolicy: 'Background' });
    expect(names(each)).toEqual([]);
  });

  it('keeps what has an owner left, and takes the other one off', () => {
    const each = smallCluster();
    map(each, 'a');
    map(each, 'b');
    map(each, 'both', [{ name: 'a' }, { name: 'b' }]);
    each.remove(MAPS, 'a');
    expect(ownersOf(each, 'both')).toEqual(['b']);
    each.remove(MAPS, 'b');
    expect(names(each)).toEqual([]);
  });

  it('deletes what names an owner that is not there, or has another uid', () => {
    const each = smallCluster();
    map(each, 'a');
    map(each, 'lost', [{ name: 'never', uid: 'x' }]);
    map(each, 'mistaken', [{ name: 'a', uid: 'of-an-older-one' }]);
    expect(names(each)).toEqual(['a']);
  });

  it('waits in the foreground for dependents that block, and for no others', () => {
    const each = smallCluster();
    for (const [name, blockOwnerDeletion] of [['blocks', true] as const, ['does-not', false] as const]) {
      map(each, name);
      map(each, `of-${name}`, [{ name, blockOwnerDeletion }], ['example.com/hold']);
      each.remove(MAPS, name, { propagationPolicy: 'Foreground' });
    }
    expect(names(each).sort()).toEqual(['blocks', 'of-blocks', 'of-does-not']);
    each.patch(MAPS, 'of-blocks', { metadata: { finalizers: null } });
    expect(names(each)).toEqual(['of-does-not']);
  });

  it('lets dependents go that are to be orphans', () => {
    const each = smallCluster();
    map(each, 'owner');
    map(each, 'orphan', [{ name: 'owner' }]);
    each.remove(MAPS, 'owner', { propagationPolicy: 'Orphan' });
    expect(names(each)).toEqual(['orphan']);
    expect(ownersOf(each, 'orphan')).toEqual([]);
  });

  it('says so when an owner is in another namespace, and deletes the dependent', () => {
    const each = smallCluster();
    map(each, 'owner');
    const { uid } = each.get('ConfigMap', 'owner').metadata;
    const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid }];
    const stray = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'stray', ownerReferences } };
    each.client.create({ ...MAPS, namespace: 'kube-public' }, stray as never, {}, () => {});
    each.wait();
    expect(names(each)).toEqual(['owner']);
    expect(each.all('Event').map(({ reason }) => reason)).toContain('OwnerRefInvalidNamespace');
  });

  it('tries a kind that nobody serves ever more rarely', () => {
    const each = smallCluster();
    const ownerReferences = [{ apiVersion: 'example.com/v1', kind: 'Thing', name: 't', uid: 'u' }];
    each.create(MAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'm', ownerReferences } });
    each.wait(600_000);
    expect(names(each)).toEqual(['m']);
    // 5 ms · 2^n: seventeen tries take more than ten minutes.
    expect(each.running.queues.garbageCollector!.syncs).toBeLessThan(20);
  });
});
