import { describe, expect, it } from 'vitest';
import type { KubeObject, Pod, Volume } from '../api/index.ts';
import { Cluster } from '../scheduler/cluster.ts';
import type { FilterState, Plugin, PreFilterResult } from '../scheduler/plugin.ts';
import { volumeRestrictions } from './volume-restrictions.ts';

const plugin = volumeRestrictions.create({}, {} as never) as Required<Plugin>;

const pod = (name: string, volumes: Array<Partial<Volume>>, namespace = 'default', nodeName?: string): Pod => ({
  metadata: { name, namespace, uid: name },
  spec: { containers: [], nodeName, volumes: volumes.map((volume, i) => ({ name: `v${i}`, ...volume })) },
});
const claimed = (claimName: string): Partial<Volume> => ({ persistentVolumeClaim: { claimName } });

function clusterOf(pods: Pod[], claims: Record<string, string[]> = {}): Cluster {
  const cluster = new Cluster();
  for (const name of ['a', 'b']) cluster.addNode({ metadata: { name } });
  for (const [name, accessModes] of Object.entries(claims)) {
    const claim = { kind: 'PersistentVolumeClaim', metadata: { name, namespace: 'default' }, spec: { accessModes } };
    cluster.addObject(claim as KubeObject);
  }
  for (const existing of pods) cluster.addPod(existing);
  return cluster;
}

/** What PreFilter and Filter say: `skip`, why the pod is rejected, or the nodes with the reason of each. */
function outcome(cluster: Cluster, incoming: Pod): unknown {
  const info = cluster.classes.info(incoming);
  const { skip, reject, state } = plugin.preFilter(info, cluster) as PreFilterResult;
  if (skip) return 'skip';
  if (reject !== undefined) return [reject.code, ...reject.reasons];
  const filter = plugin.compileFilter(info, cluster, state);
  return Object.fromEntries(
    cluster.nodeOrder().map((name) => {
      const code = filter.filter(cluster.rowOf(name));
      return [name, code === 0 ? 'fits' : filter.status(code).reasons[0]];
    }),
  );
}

const NO_DISK = 'node(s) had no available disk';
const IN_USE =
  'node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod';

describe('VolumeRestrictions: a disk that a pod on the node has mounted', () => {
  const gce = (pdName: string, readOnly: boolean) => ({ gcePersistentDisk: { pdName, readOnly } });
  const ebs = (volumeID: string, readOnly: boolean) => ({ awsElasticBlockStore: { volumeID, readOnly } });
  const iscsi = (iqn: string, readOnly: boolean) => ({ iscsi: { targetPortal: 'x', lun: 1, iqn, readOnly } });
  const rbd = (monitors: string[], pool: string, image: string, readOnly: boolean) => ({
    rbd: { monitors, pool, image, readOnly },
  });

  it.each([
    ['GCE, the same disk', gce('d', false), gce('d', true), true],
    ['GCE, the same disk, both read-only', gce('d', true), gce('d', true), false],
    ['GCE, another disk', gce('d', false), gce('e', false), false],
    ['EBS, the same volume', ebs('d', false), ebs('d', false), true],
    ['EBS, the same volume, both read-only', ebs('d', true), ebs('d', true), true],
    ['EBS, another volume', ebs('d', true), ebs('e', true), false],
    ['iSCSI, the same name', iscsi('q', false), iscsi('q', true), true],
    ['iSCSI, the same name, both read-only', iscsi('q', true), iscsi('q', true), false],
    ['RBD, one monitor in common', rbd(['1', '2'], 'p', 'i', true), rbd(['2', '3'], 'p', 'i', false), true],
    ['RBD, both read-only', rbd(['1'], 'p', 'i', true), rbd(['1'], 'p', 'i', true), false],
    ['RBD, no monitor in common', rbd(['1'], 'p', 'i', false), rbd(['2'], 'p', 'i', false), false],
    ['RBD, another pool', rbd(['1'], 'p', 'i', false), rbd(['1'], 'q', 'i', false), false],
    ['RBD, another image', rbd(['1'], 'p', 'i', false), rbd(['1'], 'p', 'j', false), false],
    ['disks of different kinds', gce('d', false), ebs('d', false), false],
  ])('%s', (_, incoming, existing, conflicts) => {
    const cluster = clusterOf([pod('there', [existing], 'other', 'a')]);
    expect(outcome(cluster, pod('new', [incoming]))).toEqual({ a: conflicts ? NO_DISK : 'fits', b: 'fits' });
  });

  it('is no matter for a pod without such disks', () => {
    expect(outcome(clusterOf([]), pod('new', [{ emptyDir: {} }]))).toBe('skip');
  });
});

describe('VolumeRestrictions: ReadWriteOncePod claims', () => {
  const claims = { once: ['ReadWriteOncePod'], often: ['ReadWriteOnce'] };

  it('are exclusive in the whole cluster', () => {
    const cluster = clusterOf([pod('there', [claimed('once')], 'default', 'a')], claims);
    expect(outcome(cluster, pod('new', [claimed('once')]))).toEqual({ a: IN_USE, b: IN_USE });
  });

  it('are free when nobody uses them; other claims never count', () => {
    const cluster = clusterOf([pod('there', [claimed('often')], 'default', 'a')], claims);
    expect(outcome(cluster, pod('new', [claimed('once'), claimed('often')]))).toBe('skip');
  });

  it('must exist', () => {
    expect(outcome(clusterOf([]), pod('new', [claimed('gone')]))).toEqual([
      'UnschedulableAndUnresolvable',
      'persistentvolumeclaim "gone" not found',
    ]);
  });

  it('what-ifs go by claim name alone, in any namespace, and can be undone', () => {
    const there = pod('there', [claimed('once')], 'default', 'a');
    const cluster = clusterOf([there], claims);
    const info = cluster.classes.info(pod('new', [claimed('once')]));
    const state = (plugin.preFilter(info, cluster) as PreFilterResult).state as Required<FilterState>;
    const filter = plugin.compileFilter(info, cluster, state);
    const before = state.checkpoint();
    state.removePod(cluster.classes.info(there), 0);
    expect(filter.filter(0)).toBe(0);
    state.addPod(cluster.classes.info(pod('stranger', [claimed('once')], 'other')), 0);
    expect(filter.status(filter.filter(0)).reasons).toEqual([IN_USE]);
    state.removePod(cluster.classes.info(pod('stranger', [claimed('once')], 'other')), 0);
    state.restore(before);
    expect(filter.status(filter.filter(0)).reasons).toEqual([IN_USE]);
  });
});

it('VolumeRestrictions without its PreFilter ends in an error, but sees disks first', () => {
  const disk = { gcePersistentDisk: { pdName: 'd' } };
  const cluster = clusterOf([pod('there', [disk], 'default', 'a')]);
  const filter = plugin.compileFilter(cluster.classes.info(pod('new', [disk])), cluster, undefined);
  expect(filter.status(filter.filter(cluster.rowOf('a'))).reasons).toEqual([NO_DISK]);
  expect(() => filter.filter(cluster.rowOf('b'))).toThrow('cannot read "PreFilterVolumeRestrictions" from cycleState');
});
