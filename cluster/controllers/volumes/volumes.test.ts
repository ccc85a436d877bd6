/** Claims and volumes find each other, and neither goes while it is used. */
import { describe, expect, it } from 'vitest';
import { smallCluster } from '../controllers.fixture.ts';
import { CLAIMS, PODS } from '../types.ts';
import { SIMPLE_PROVISIONER } from './provisioner.ts';
import { SELECTED_NODE, STORAGE_CLASSES, VOLUMES } from './volume.ts';

type Each = ReturnType<typeof smallCluster>;

const volume = (name: string, storage: string, more: object = {}) => ({
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name },
  spec: {
    capacity: { storage },
    accessModes: ['ReadWriteOnce'],
    storageClassName: 's',
    hostPath: { path: '/x' },
    ...more,
  },
});
const claim = (name: string, storage: string, more: object = {}) => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name },
  spec: { accessModes: ['ReadWriteOnce'], storageClassName: 's', resources: { requests: { storage } }, ...more },
});
const storageClass = (provisioner: string, more: object = {}) => ({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: 's' },
  provisioner,
  ...more,
});
const phases = (each: Each): Record<string, string> =>
  Object.fromEntries(
    [...each.all('PersistentVolume'), ...each.all('PersistentVolumeClaim')].map(({ metadata, status }) => [
      metadata.name,
      status.phase,
    ]),
  );

describe('volumes', () => {
  it('are bound to the claim that they are just large enough for', () => {
    const each = smallCluster();
    for (const [name, size] of [
      ['large', '20Gi'],
      ['fits', '10Gi'],
      ['small', '5Gi'],
    ]) {
      each.create(VOLUMES, volume(name!, size!));
    }
    each.create(CLAIMS, claim('c', '8Gi'));
    expect(phases(each)).toEqual({ large: 'Available', fits: 'Bound', small: 'Available', c: 'Bound' });
    expect(each.get('PersistentVolumeClaim', 'c')).toMatchObject({
      spec: { volumeName: 'fits' },
      status: { capacity: { storage: '10Gi' }, accessModes: ['ReadWriteOnce'] },
    });
  });

  it('stay with the data of a claim that is gone, and wait for no other', () => {
    const each = smallCluster();
    each.create(VOLUMES, volume('v', '1Gi'));
    each.create(CLAIMS, claim('c', '1Gi'));
    each.remove(CLAIMS, 'c');
    each.create(CLAIMS, claim('c', '1Gi'));
    expect(phases(each)).toEqual({ v: 'Released', c: 'Pending' });
  });

  it('fail when they are to be deleted and nobody can', () => {
    const each = smallCluster();
    each.create(VOLUMES, volume('v', '1Gi', { persistentVolumeReclaimPolicy: 'Delete' }));
    each.create(CLAIMS, claim('c', '1Gi'));
    each.remove(CLAIMS, 'c');
    const why = 'host_path deleter only supports /tmp/.+ but received provided /x';
    expect(each.get('PersistentVolume', 'v').status).toMatchObject({ phase: 'Failed', message: why });
    expect(each.running.queues.volumes!.syncs).toBeLessThan(12);
  });

  it('are not taken from a pod that uses them', () => {
    const each = smallCluster();
    each.create(VOLUMES, volume('v', '1Gi'));
    each.create(CLAIMS, claim('c', '1Gi'));
    const volumes = [{ name: 'd', persistentVolumeClaim: { claimName: 'c' } }];
    const spec = { nodeName: 'n', containers: [{ name: 'c', image: 'i' }], volumes };
    each.create(PODS, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec });
    each.remove(CLAIMS, 'c');
    each.remove(VOLUMES, 'v');
    expect(phases(each)).toEqual({ v: 'Bound', c: 'Bound' });
    expect(each.get('PersistentVolumeClaim', 'c').status.conditions).toMatchObject([{ reason: 'PodUsingPVC' }]);
    each.remove(PODS, 'p');
    expect(phases(each)).toEqual({});
  });

  it('are lost to a claim when somebody deletes them by force', () => {
    const each = smallCluster();
    each.create(VOLUMES, volume('v', '1Gi'));
    each.create(CLAIMS, claim('c', '1Gi'));
    each.remove(VOLUMES, 'v');
    each.patch(VOLUMES, 'v', { metadata: { finalizers: null } });
    expect(phases(each)).toEqual({ c: 'Lost' });
  });

  it('are made to order, and deleted with their claim', () => {
    const each = smallCluster();
    each.create(STORAGE_CLASSES, storageClass(SIMPLE_PROVISIONER));
    each.create(CLAIMS, claim('c', '3Gi'));
    const [made] = each.all('PersistentVolume');
    expect(made.spec).toMatchObject({ capacity: { storage: '3Gi' }, persistentVolumeReclaimPolicy: 'Delete' });
    expect(phases(each).c).toBe('Bound');
    each.remove(CLAIMS, 'c');
    expect(phases(each)).toEqual({});
  });

  it('wait for a pod, and are then made on its node', () => {
    const each = smallCluster();
    each.create(STORAGE_CLASSES, storageClass(SIMPLE_PROVISIONER, { volumeBindingMode: 'WaitForFirstConsumer' }));
    each.create(VOLUMES, volume('v', '9Gi'));
    each.create(CLAIMS, claim('c', '1Gi'));
    expect(phases(each)).toEqual({ v: 'Available', c: 'Pending' });
    each.patch(CLAIMS, 'c', { metadata: { annotations: { [SELECTED_NODE]: 'n7' } } });
    const name = each.get('PersistentVolumeClaim', 'c').spec.volumeName;
    expect(JSON.stringify(each.get('PersistentVolume', name).spec.nodeAffinity)).toContain('n7');
  });

  it('of a pod that brings its own come and go with it', () => {
    const each = smallCluster();
    const { spec: own } = claim('', '1Gi');
    const volumes = [{ name: 'd', ephemeral: { volumeClaimTemplate: { spec: own } } }];
    const spec = { containers: [{ name: 'c', image: 'i' }], volumes };
    each.create(PODS, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec });
    expect(phases(each)).toEqual({ 'p-d': 'Pending' });
    each.remove(CLAIMS, 'p-d');
    expect(phases(each)).toEqual({ 'p-d': 'Pending' });
    each.remove(PODS, 'p');
    expect(phases(each)).toEqual({});
  });

  it('say why a claim waits, without a hot loop', () => {
    const each = smallCluster();
    each.create(CLAIMS, claim('c', '1Gi'));
    each.wait(60_000);
    const messages = each.all('Event').map(({ message }) => message);
    expect(messages).toContain('storageclass.storage.k8s.io "s" not found');
    expect(each.running.queues.volumeClaims!.syncs).toBeLessThan(12);
  });
});
