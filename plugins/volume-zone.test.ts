import { describe, expect, it } from 'vitest';
import type { KubeObject, Pod } from '../api/index.ts';
import { Cluster } from '../scheduler/cluster.ts';
import type { Plugin, PreFilterResult } from '../scheduler/plugin.ts';
import { volumeZone } from './volume-zone.ts';

const plugin = volumeZone.create({}, {} as never) as Required<Plugin>;

const ZONE = 'topology.kubernetes.io/zone';
const BETA_ZONE = 'failure-domain.beta.kubernetes.io/zone';
const REGION = 'topology.kubernetes.io/region';
const MISMATCH = 'node(s) had no available volume zone';

const pod = (...claimNames: string[]): Pod => ({
  metadata: { name: 'new', namespace: 'default' },
  spec: {
    containers: [],
    volumes: claimNames.map((claimName) => ({ name: claimName, persistentVolumeClaim: { claimName } })),
  },
});

function clusterOf(nodes: Record<string, Record<string, string>>, ...objects: object[]): Cluster {
  const cluster = new Cluster();
  for (const [name, labels] of Object.entries(nodes)) cluster.addNode({ metadata: { name, labels } });
  for (const object of objects) cluster.addObject(object as KubeObject);
  return cluster;
}

const volume = (name: string, labels: Record<string, string>) => ({
  kind: 'PersistentVolume',
  metadata: { name, labels },
});
const claim = (name: string, spec: object) => ({
  kind: 'PersistentVolumeClaim',
  metadata: { name, namespace: 'default' },
  spec,
});
const storageClass = (name: string, volumeBindingMode?: string) => ({
  kind: 'StorageClass',
  metadata: { name },
  volumeBindingMode,
});

function filtered(cluster: Cluster, incoming: Pod): unknown {
  const info = cluster.classes.info(incoming);
  const { skip, reject, state } = plugin.preFilter(info, cluster) as PreFilterResult;
  if (skip) return 'skip';
  if (reject !== undefined) return [reject.code, ...reject.reasons];
  const filter = plugin.compileFilter(info, cluster, state);
  const reasonOn = (name: string) => {
    const code = filter.filter(cluster.rowOf(name));
    return code === 0 ? 'fits' : filter.status(code).reasons[0];
  };
  return Object.fromEntries(cluster.nodeOrder().map((name) => [name, reasonOn(name)]));
}

describe('VolumeZone: labels of a bound volume', () => {
  const nodes = { a: { [ZONE]: 'za' }, b: { [ZONE]: 'zb' }, beta: { [BETA_ZONE]: 'za' }, none: {} };
  const bound = claim('c', { volumeName: 'v' });

  it.each([
    ['one zone', { [ZONE]: 'za' }, { a: 'fits', b: MISMATCH, beta: MISMATCH, none: 'fits' }],
    ['several zones', { [ZONE]: 'za__zb' }, { a: 'fits', b: 'fits', beta: MISMATCH, none: 'fits' }],
    ['a beta label finds its successor', { [BETA_ZONE]: 'za' }, { a: 'fits', b: MISMATCH, beta: 'fits', none: 'fits' }],
    ['a region that nodes lack', { [REGION]: 'r' }, { a: MISMATCH, b: MISMATCH, beta: MISMATCH, none: 'fits' }],
    ['a list with a gap is ignored', { [ZONE]: 'za__' }, 'skip'],
    ['other labels', { disk: 'ssd' }, 'skip'],
  ])('%s', (_, labels, expected) => {
    expect(filtered(clusterOf(nodes, bound, volume('v', labels)), pod('c'))).toEqual(expected);
  });

  it('of all volumes must agree with the node', () => {
    const objects = [
      bound,
      volume('v', { [ZONE]: 'za__zb' }),
      claim('d', { volumeName: 'w' }),
      volume('w', { [ZONE]: 'zb' }),
    ];
    expect(filtered(clusterOf(nodes, ...objects), pod('c', 'd'))).toMatchObject({ a: MISMATCH, b: 'fits' });
  });
});

describe('VolumeZone: claims that cannot be looked at', () => {
  it.each([
    ['no name', '', [], 'PersistentVolumeClaim had no name'],
    ['no claim', 'c', [], 'persistentvolumeclaim "c" not found'],
    ['no volume', 'c', [claim('c', { volumeName: 'v' })], 'persistentvolume "v" not found'],
    ['neither volume nor class', 'c', [claim('c', {})], 'PersistentVolumeClaim had no pv name and storageClass name'],
    ['no class', 'c', [claim('c', { storageClassName: 's' })], 'storageclass.storage.k8s.io "s" not found'],
    [
      'a class without a mode',
      'c',
      [claim('c', { storageClassName: 's' }), storageClass('s')],
      'VolumeBindingMode not set for StorageClass "s"',
    ],
    [
      'unbound without a reason',
      'c',
      [claim('c', { storageClassName: 's' }), storageClass('s', 'Immediate')],
      'PersistentVolume had no name',
    ],
  ])('%s', (_, claimName, objects, reason) => {
    expect(filtered(clusterOf({ a: {} }, ...objects), pod(claimName))).toEqual([
      'UnschedulableAndUnresolvable',
      reason,
    ]);
  });

  it('except those that wait for the pod to have a node', () => {
    const objects = [claim('c', { storageClassName: 's' }), storageClass('s', 'WaitForFirstConsumer')];
    expect(filtered(clusterOf({ a: {} }, ...objects), pod('c'))).toBe('skip');
  });
});

it('VolumeZone without its PreFilter looks volumes up in Filter', () => {
  const cluster = clusterOf({ a: { [ZONE]: 'za' } }, claim('c', { volumeName: 'v' }));
  const info = cluster.classes.info(pod('c'));
  const missing = plugin.compileFilter(info, cluster, undefined);
  expect(missing.status(missing.filter(0)).reasons).toEqual(['persistentvolume "v" not found']);
  cluster.addObject(volume('v', { [ZONE]: 'zb' }) as KubeObject);
  const found = plugin.compileFilter(info, cluster, undefined);
  expect(found.status(found.filter(0)).reasons).toEqual([MISMATCH]);
});
