import { describe, expect, it } from 'vitest';
import type { KubeObject, PersistentVolume, PersistentVolumeClaim, Pod, StorageClass } from '../api/index.ts';
import { Cluster } from '../scheduler/cluster.ts';
import type { Plugin, PodInfo, PreFilterResult } from '../scheduler/plugin.ts';
import { volumeBinding } from './volume-binding.ts';

const ZONE = 'topology.kubernetes.io/zone';
const CONFLICT = "node(s) didn't match PersistentVolume's node affinity";
const NO_VOLUME = "node(s) didn't find available persistent volumes to bind";
const NO_SPACE = 'node(s) did not have enough free storage';
const VOLUME_MISSING = 'node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)';

type Definition<T> = Partial<Omit<T, 'metadata'>> & { readonly metadata?: Record<string, unknown> };

const claim = (name: string, { metadata, ...rest }: Definition<PersistentVolumeClaim>): KubeObject => ({
  kind: 'PersistentVolumeClaim',
  metadata: { name, namespace: 'default', uid: `uid-${name}`, resourceVersion: '1', ...metadata },
  ...rest,
});
const waiting = (name: string, storageClassName: string, storage = '1Gi', metadata = {}): KubeObject =>
  claim(name, { metadata, spec: { storageClassName, resources: { requests: { storage } } } });
const bound = (name: string, volumeName: string): KubeObject =>
  claim(name, { metadata: { annotations: { 'pv.kubernetes.io/bind-completed': 'yes' } }, spec: { volumeName } });

const volume = (name: string, storage: string, zone: string | undefined, spec: object = {}): KubeObject => ({
  kind: 'PersistentVolume',
  metadata: { name, resourceVersion: '1' },
  ...({
    spec: { capacity: { storage }, storageClassName: 'local', nodeAffinity: zone && inZone(zone), ...spec },
    status: { phase: 'Available' },
  } satisfies Definition<PersistentVolume> | object),
});
const inZone = (zone: string) => ({
  required: { nodeSelectorTerms: [{ matchExpressions: [{ key: ZONE, operator: 'In', values: [zone] }] }] },
});

const storageClass = (name: string, provisioner: string, rest: Partial<StorageClass> = {}): KubeObject =>
  ({
    kind: 'StorageClass',
    metadata: { name },
    provisioner,
    volumeBindingMode: 'WaitForFirstConsumer',
    ...rest,
  }) as KubeObject;
const LOCAL = storageClass('local', 'kubernetes.io/no-provisioner');
const FAST = storageClass('fast', 'csi');
const TRACKED: KubeObject = { kind: 'CSIDriver', metadata: { name: 'csi' }, ...{ spec: { storageCapacity: true } } };
const space = (name: string, zone: string | undefined, capacity?: string, maximumVolumeSize?: string): KubeObject => ({
  kind: 'CSIStorageCapacity',
  metadata: { name, namespace: 'kube-system' },
  ...{ storageClassName: 'fast', nodeTopology: zone && { matchLabels: { [ZONE]: zone } }, capacity, maximumVolumeSize },
});

const pod = (name: string, ...claimNames: string[]): Pod => ({
  metadata: { name, namespace: 'default', uid: `uid-${name}` },
  spec: {
    containers: [],
    volumes: claimNames.map((claimName) => ({ name: claimName, persistentVolumeClaim: { claimName } })),
  },
});

/** Nodes `a` and `b` in zones of the same name, and one profile's plugin. */
class World {
  readonly cluster = new Cluster();
  readonly plugin: Required<Plugin>;

  constructor(objects: readonly KubeObject[], args: object = {}) {
    for (const name of ['a', 'b']) this.cluster.addNode({ metadata: { name, labels: { [ZONE]: name } } });
    for (const object of objects) this.cluster.addObject(object);
    this.plugin = volumeBinding.create(args, {} as never) as Required<Plugin>;
  }

  info(of: Pod): PodInfo {
    return this.cluster.classes.info(of);
  }

  /** `skip`, why the pod is rejected, or for each node `fits` or the reasons against it. */
  filter(of: Pod): unknown {
    const { cluster, plugin } = this;
    const { skip, reject, state } = plugin.preFilter(this.info(of), cluster) as PreFilterResult;
    if (skip) return 'skip';
    if (reject !== undefined) return [reject.code, ...reject.reasons];
    const filter = plugin.compileFilter(this.info(of), cluster, state);
    const said = cluster.nodeOrder().map((name) => {
      const code = filter.filter(cluster.rowOf(name));
      return [name, code === 0 ? 'fits' : filter.status(code).reasons.join(' + ')];
    });
    return Object.fromEntries(said);
  }

  scores(of: Pod): Record<string, number> {
    this.filter(of);
    const score = this.plugin.compileScore(this.info(of), this.cluster, undefined);
    return Object.fromEntries(this.cluster.nodeOrder().map((name) => [name, score.score(this.cluster.rowOf(name))]));
  }

  place(of: Pod, node: string): void {
    expect(this.filter(of)).toMatchObject({ [node]: 'fits' });
    expect(this.plugin.reserve(this.info(of), this.cluster.rowOf(node), this.cluster)).toBeUndefined();
  }

  takeBack(of: Pod, node: string): void {
    this.plugin.unreserve(this.info(of), this.cluster.rowOf(node), this.cluster);
  }
}

describe('VolumeBinding: pods that no node can run', () => {
  const lost = claim('c', { spec: { volumeName: 'v' }, status: { phase: 'Lost' } });
  const leaving = claim('c', { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } });
  const immediate = storageClass('now', 'csi', { volumeBindingMode: 'Immediate' });

  it.each([
    ['no claim', [], 'persistentvolumeclaim "c" not found'],
    ['a claim whose volume is gone', [lost], 'persistentvolumeclaim "c" bound to non-existent persistentvolume "v"'],
    ['a claim that is being deleted', [leaving], 'persistentvolumeclaim "c" is being deleted'],
    [
      'a class that binds at once',
      [immediate, waiting('c', 'now')],
      'pod has unbound immediate PersistentVolumeClaims',
    ],
    ['a class that is not there', [waiting('c', 'gone')], 'pod has unbound immediate PersistentVolumeClaims'],
    [
      'a claim half bound',
      [LOCAL, claim('c', { spec: { storageClassName: 'local', volumeName: 'v' } })],
      'pod has unbound immediate PersistentVolumeClaims',
    ],
  ])('%s', (_, objects, reason) => {
    expect(new World(objects).filter(pod('p', 'c'))).toEqual(['UnschedulableAndUnresolvable', reason]);
  });

  it('a class without a binding mode is an error', () => {
    const world = new World([storageClass('odd', 'csi', { volumeBindingMode: undefined }), waiting('c', 'odd')]);
    expect(() => world.filter(pod('p', 'c'))).toThrow('VolumeBindingMode not set for StorageClass "odd"');
  });

  const ephemeral: Pod = {
    metadata: { name: 'p', namespace: 'default', uid: 'u' },
    spec: { containers: [], volumes: [{ name: 'v', ephemeral: {} }] },
  };

  it('an ephemeral claim that is still to be made', () => {
    expect(new World([]).filter(ephemeral)).toEqual([
      'UnschedulableAndUnresolvable',
      'waiting for ephemeral volume controller to create the persistentvolumeclaim "p-v"',
    ]);
  });

  it('an ephemeral claim of somebody else', () => {
    expect(new World([claim('p-v', {})]).filter(ephemeral)).toEqual([
      'UnschedulableAndUnresolvable',
      'PVC default/p-v was not created for pod default/p (pod is not owner)',
    ]);
  });
});

it('VolumeBinding has nothing to do with a pod without claims, but scores it 0', () => {
  const world = new World([]);
  expect(world.filter(pod('p'))).toBe('skip');
  expect(world.scores(pod('p'))).toEqual({ a: 0, b: 0 });
  expect(world.plugin.concerns(world.info(pod('p')), world.cluster)).toBe(false);
});

describe('VolumeBinding: bound claims', () => {
  it('follow the affinity of their volume', () => {
    const world = new World([bound('c', 'v'), volume('v', '1Gi', 'a')]);
    expect(world.filter(pod('p', 'c'))).toEqual({ a: 'fits', b: CONFLICT });
  });

  it('stop at the first volume that is not there, as at the first that does not match', () => {
    const world = new World([bound('c', 'v'), volume('v', '1Gi', 'a'), bound('d', 'gone')]);
    expect(world.filter(pod('p', 'c', 'd'))).toEqual({ a: VOLUME_MISSING, b: CONFLICT });
  });

  it('look at labels alone: terms of fields match every node', () => {
    const byField = { nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['b'] }] }] };
    const world = new World([bound('c', 'v'), volume('v', '1Gi', undefined, { nodeAffinity: { required: byField } })]);
    expect(world.filter(pod('p', 'c'))).toEqual({ a: 'fits', b: 'fits' });
  });

  it('use the topology of the driver on nodes that have handed the in-tree plugin over', () => {
    const csiNode = {
      metadata: { name: 'b', annotations: { 'storage.alpha.kubernetes.io/migrated-plugins': 'kubernetes.io/aws-ebs' } },
    };
    const disk = { awsElasticBlockStore: { volumeID: 'vol-1' } };
    const objects = [bound('c', 'v'), volume('v', '1Gi', 'b', disk), { kind: 'CSINode', ...csiNode }];
    const world = new World(objects);
    expect(world.filter(pod('p', 'c'))).toEqual({ a: CONFLICT, b: CONFLICT });
    world.cluster.updateNode({ metadata: { name: 'b', labels: { 'topology.ebs.csi.aws.com/zone': 'b' } } });
    expect(world.filter(pod('p', 'c'))).toEqual({ a: CONFLICT, b: 'fits' });
  });
});

describe('VolumeBinding: claims that wait for a node', () => {
  it('take a volume that is there', () => {
    const world = new World([LOCAL, waiting('c', 'local', '2Gi'), volume('v', '5Gi', 'a'), volume('w', '1Gi', 'b')]);
    expect(world.filter(pod('p', 'c'))).toEqual({ a: 'fits', b: NO_VOLUME });
  });

  it('each take one of their own, the smallest claim first', () => {
    const objects = [
      LOCAL,
      waiting('large', 'local', '4Gi'),
      waiting('small', 'local', '1Gi'),
      volume('v', '2Gi', 'a'),
    ];
    expect(new World([...objects, volume('w', '4Gi', 'a')]).filter(pod('p', 'large', 'small'))).toMatchObject({
      a: 'fits',
    });
    expect(new World(objects).filter(pod('p', 'large', 'small'))).toMatchObject({ a: NO_VOLUME });
  });

  it('stay with the node chosen for them before', () => {
    const metadata = { annotations: { 'volume.kubernetes.io/selected-node': 'b' } };
    const world = new World([FAST, waiting('c', 'fast', '1Gi', metadata)]);
    expect(world.filter(pod('p', 'c'))).toEqual({ a: NO_VOLUME, b: 'fits' });
  });

  it('get a volume made where the class allows it', () => {
    const allowedTopologies = [{}, { matchLabelExpressions: [{ key: ZONE, values: ['b'] }] }];
    const world = new World([storageClass('zonal', 'csi', { allowedTopologies }), waiting('c', 'zonal')]);
    expect(world.filter(pod('p', 'c'))).toEqual({ a: NO_VOLUME, b: 'fits' });
  });

  it.each([
    ['less than asked for', [space('1', 'a', '1Gi')], NO_SPACE],
    ['enough', [space('1', 'a', '2Gi')], 'fits'],
    ['enough in all but not for one volume', [space('1', 'a', '9Gi', '1Gi')], NO_SPACE],
    ['no amount known', [space('1', 'a')], NO_SPACE],
    ['out of reach of every node', [space('1', undefined, '9Gi')], NO_SPACE],
    ['in another zone', [space('1', 'b', '9Gi')], NO_SPACE],
  ])('get a volume made where the driver says there is space: %s', (_, capacities, expected) => {
    const world = new World([FAST, TRACKED, waiting('c', 'fast', '2Gi'), ...capacities]);
    expect(world.filter(pod('p', 'c'))).toMatchObject({ a: expected });
  });

  it('can have several reasons against a node', () => {
    const elsewhere = volume('v', '1Gi', 'a', { storageClassName: '' });
    const world = new World([bound('c', 'v'), elsewhere, LOCAL, waiting('d', 'local')]);
    expect(world.filter(pod('p', 'c', 'd'))).toEqual({ a: NO_VOLUME, b: `${CONFLICT} + ${NO_VOLUME}` });
  });

  it('are an error when their selector is invalid', () => {
    const selector = { matchExpressions: [{ key: 'k', operator: 'Near', values: [] }] };
    const world = new World([LOCAL, claim('c', { spec: { storageClassName: 'local', selector } })]);
    expect(() => world.filter(pod('p', 'c'))).toThrow(
      'error creating internal label selector for claim: default/c: "Near" is not a valid label selector operator',
    );
  });
});

describe('VolumeBinding: scores', () => {
  it('are the utilization of what is there, through the shape', () => {
    const objects = [LOCAL, waiting('c', 'local', '1Gi'), volume('v', '4Gi', 'a'), volume('w', '2Gi', 'b')];
    expect(new World(objects).scores(pod('p', 'c'))).toEqual({ a: 75, b: 50 });
    const shape = [
      { utilization: 0, score: 0 },
      { utilization: 100, score: 10 },
    ];
    expect(new World(objects, { shape }).scores(pod('p', 'c'))).toEqual({ a: 25, b: 50 });
  });

  it('are the utilization of the space for volumes to be made, which all claims of a class share', () => {
    const objects = [FAST, TRACKED, waiting('c', 'fast', '10Gi'), waiting('d', 'fast', '5Gi')];
    const world = new World([...objects, space('1', 'a', '100Gi'), space('2', 'b', '12Gi')]);
    expect(world.scores(pod('p', 'c', 'd'))).toEqual({ a: 85, b: 0 });
    expect(world.scores(pod('q', 'c'))).toEqual({ a: 90, b: 17 });
  });

  it('are the mean over classes, rounded', () => {
    const other = storageClass('other', 'kubernetes.io/no-provisioner');
    const objects = [LOCAL, other, waiting('c', 'local', '1Gi'), waiting('d', 'other', '1Gi'), volume('v', '4Gi', 'a')];
    const world = new World([...objects, volume('w', '10Gi', 'a', { storageClassName: 'other' })]);
    expect(world.scores(pod('p', 'c', 'd'))).toMatchObject({ a: 83 });
  });
});

describe('VolumeBinding: what is promised to one pod', () => {
  const objects = [LOCAL, waiting('c', 'local'), waiting('d', 'local'), volume('v', '1Gi', 'a')];

  it('is taken for the next, until it is given back', () => {
    const world = new World(objects);
    world.place(pod('p', 'c'), 'a');
    expect(world.filter(pod('q', 'd'))).toMatchObject({ a: NO_VOLUME });
    expect(world.filter(pod('r', 'c'))).toMatchObject({ a: 'fits' });
    world.takeBack(pod('p', 'c'), 'a');
    expect(world.filter(pod('q', 'd'))).toMatchObject({ a: 'fits' });
  });

  it('ties a claim for which a volume will be made to the node', () => {
    const world = new World([FAST, waiting('c', 'fast')]);
    world.place(pod('p', 'c'), 'b');
    expect(world.filter(pod('q', 'c'))).toEqual({ a: NO_VOLUME, b: 'fits' });
    world.takeBack(pod('p', 'c'), 'b');
    expect(world.filter(pod('q', 'c'))).toEqual({ a: 'fits', b: 'fits' });
  });

  it('is not known to other profiles', () => {
    const world = new World(objects);
    world.place(pod('p', 'c'), 'a');
    const other = volumeBinding.create({}, {} as never) as Required<Plugin>;
    const { state } = other.preFilter(world.info(pod('q', 'd')), world.cluster) as PreFilterResult;
    expect(other.compileFilter(world.info(pod('q', 'd')), world.cluster, state).filter(world.cluster.rowOf('a'))).toBe(
      0,
    );
  });

  it('gives way to a change that comes in from the API, but not to the same version', () => {
    const world = new World(objects);
    world.place(pod('p', 'c'), 'a');
    world.cluster.addObject(volume('v', '1Gi', 'a'));
    expect(world.filter(pod('q', 'd'))).toMatchObject({ a: NO_VOLUME });
    world.cluster.addObject({ ...volume('v', '1Gi', 'a'), metadata: { name: 'v', resourceVersion: '2' } });
    expect(world.filter(pod('q', 'd'))).toMatchObject({ a: 'fits' });
  });
});

describe('VolumeBinding in a profile without its PreFilter', () => {
  it('has no state to go by', () => {
    const { plugin, cluster, info } = new World([]);
    const p = info.call({ cluster } as World, pod('p'));
    expect(() => plugin.compileFilter(p, cluster, undefined)).toThrow('not found');
    expect(() => plugin.preScore(p, cluster, new Int32Array(), 0)).toThrow('not found');
    expect(plugin.reserve(p, 0, cluster)).toEqual({ code: 'Error', reasons: ['not found'] });
  });
});
