import { describe, expect, it } from 'vitest';
import type { KubeObject, PersistentVolume, PersistentVolumeClaim } from '../../api/index.ts';
import { Cluster } from '../../scheduler/cluster.ts';
import { bindingUpdates, isBoundTo, VolumeAssumptions } from './volume-assumptions.ts';

const CLAIM: PersistentVolumeClaim = {
  metadata: { name: 'c', namespace: 'ns', uid: 'uid-c', resourceVersion: '7' },
};
const REFERENCE = {
  kind: 'PersistentVolumeClaim',
  apiVersion: 'v1',
  namespace: 'ns',
  name: 'c',
  uid: 'uid-c',
  resourceVersion: '7',
};
const BY_CONTROLLER = { 'pv.kubernetes.io/bound-by-controller': 'yes' };

const volume = (claimRef?: object, annotations?: Record<string, string>): PersistentVolume => ({
  metadata: { name: 'v', resourceVersion: '3', annotations },
  spec: { claimRef },
});

function worldOf(stored: PersistentVolume): { assumptions: VolumeAssumptions; cluster: Cluster } {
  const cluster = new Cluster();
  cluster.addObject({ kind: 'PersistentVolume', ...stored } as KubeObject);
  cluster.addObject({ kind: 'PersistentVolumeClaim', ...CLAIM } as KubeObject);
  return { assumptions: new VolumeAssumptions(), cluster };
}

describe('a volume that is bound to a claim', () => {
  it.each([
    ['is free', volume(), { claimRef: REFERENCE, annotations: BY_CONTROLLER }],
    [
      'is set aside without the UID',
      volume({ namespace: 'ns', name: 'c' }),
      { claimRef: REFERENCE, annotations: undefined },
    ],
    [
      'is set aside altogether',
      volume({ namespace: 'ns', name: 'c', uid: 'uid-c' }),
      { claimRef: { namespace: 'ns', name: 'c', uid: 'uid-c' }, annotations: undefined },
    ],
    [
      'keeps its other notes',
      volume(undefined, { note: 'x' }),
      { claimRef: REFERENCE, annotations: { note: 'x', ...BY_CONTROLLER } },
    ],
  ])('%s', (_, before, { claimRef, annotations }) => {
    const { assumptions, cluster } = worldOf(before);
    const stored = cluster.objects.persistentVolumes.get('v')!;
    const { bindings } = assumptions.assume(
      { bindings: [{ claim: CLAIM, volume: stored }], provisions: [] },
      'n',
      cluster.objects,
    );
    expect(bindings[0]!.volume.spec?.claimRef).toEqual(claimRef);
    expect(bindings[0]!.volume.metadata?.annotations).toEqual(annotations);
    expect(stored.metadata?.annotations).toEqual(before.metadata?.annotations);
    expect(assumptions.volume('v', cluster.objects)).toBe(bindings[0]!.volume);
  });
});

describe('assumptions', () => {
  it('are what PreBind has to write: volumes first, then claims with the node chosen for them', () => {
    const { assumptions, cluster } = worldOf(volume());
    const { persistentVolumes, persistentVolumeClaims } = cluster.objects;
    const binding = { claim: CLAIM, volume: persistentVolumes.get('v')! };
    const provisions = [persistentVolumeClaims.get('ns/c')!];
    const assumed = assumptions.assume({ bindings: [binding], provisions }, 'n', cluster.objects);
    const updates = bindingUpdates(assumed);
    expect(updates.map(({ metadata }) => metadata?.name)).toEqual(['v', 'c']);
    expect(updates[1]!.metadata?.annotations).toEqual({ 'volume.kubernetes.io/selected-node': 'n' });
    expect(assumptions.claim('ns/c', cluster.objects)).toBe(updates[1]);
  });

  it('are gone once reverted', () => {
    const { assumptions, cluster } = worldOf(volume());
    const stored = cluster.objects.persistentVolumes.get('v')!;
    const assumed = assumptions.assume(
      { bindings: [{ claim: CLAIM, volume: stored }], provisions: [] },
      'n',
      cluster.objects,
    );
    assumptions.revert(assumed);
    expect(assumptions.volume('v', cluster.objects)).toBe(stored);
    expect(assumptions.volumesOfClass('', cluster.objects)).toEqual([stored]);
  });

  it('outlive the objects they are about only until they are looked at', () => {
    const { assumptions, cluster } = worldOf(volume());
    const stored = cluster.objects.persistentVolumes.get('v')!;
    assumptions.assume({ bindings: [{ claim: CLAIM, volume: stored }], provisions: [] }, 'n', cluster.objects);
    cluster.objects.delete(stored as KubeObject);
    expect(assumptions.volume('v', cluster.objects)).toBeUndefined();
  });
});

it.each([
  ['no reference', undefined, false],
  ['another name', { namespace: 'ns', name: 'd' }, false],
  ['another namespace', { namespace: 'other', name: 'c' }, false],
  ['no UID yet', { namespace: 'ns', name: 'c' }, true],
  ['an earlier claim of the same name', { namespace: 'ns', name: 'c', uid: 'old' }, false],
  ['the same UID', { namespace: 'ns', name: 'c', uid: 'uid-c' }, true],
])('a volume belongs to a claim: %s', (_, claimRef, expected) => {
  expect(isBoundTo(volume(claimRef), CLAIM)).toBe(expected);
});
