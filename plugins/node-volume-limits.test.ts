import { describe, expect, it } from 'vitest';
import type { KubeObject, Pod, Volume } from '../api/index.ts';
import { Cluster } from '../scheduler/cluster.ts';
import type { Plugin, PreFilterResult } from '../scheduler/plugin.ts';
import { nodeVolumeLimits } from './node-volume-limits.ts';

const plugin = nodeVolumeLimits.create({}, {} as never) as Required<Plugin>;

const TOO_MANY = 'node(s) exceed max volume count';

const pod = (name: string, volumes: Array<Partial<Volume>>, nodeName?: string): Pod => ({
  metadata: { name, namespace: 'default', uid: `uid-${name}` },
  spec: { containers: [], nodeName, volumes: volumes.map((volume, i) => ({ name: `v${i}`, ...volume })) },
});
const claimed = (claimName: string): Partial<Volume> => ({ persistentVolumeClaim: { claimName } });
const ebs = (volumeID: string): Partial<Volume> => ({ awsElasticBlockStore: { volumeID } });

/** A claim bound to a volume of driver `x` (or with the given source), both of the same name. */
const bound = (name: string, source: object = { csi: { driver: 'x', volumeHandle: name } }): object[] => [
  { kind: 'PersistentVolume', metadata: { name }, spec: source },
  { kind: 'PersistentVolumeClaim', metadata: { name, namespace: 'default' }, spec: { volumeName: name } },
];
const unbound = (name: string, storageClassName: string) => ({
  kind: 'PersistentVolumeClaim',
  metadata: { name, namespace: 'default' },
  spec: { storageClassName },
});
const storageClass = (name: string, provisioner: string) => ({ kind: 'StorageClass', metadata: { name }, provisioner });
const csiNode = (drivers: Record<string, number | undefined>) => ({
  kind: 'CSINode',
  metadata: { name: 'n' },
  spec: {
    drivers: Object.entries(drivers).map(([name, count]) => ({ name, nodeID: 'n', allocatable: { count } })),
  },
});
const attachment = (name: string, persistentVolumeName: string | undefined, attacher = 'x', nodeName = 'n') => ({
  kind: 'VolumeAttachment',
  metadata: { name },
  spec: { attacher, nodeName, source: { persistentVolumeName } },
});

/** What the plugin says about a pod and the node `n`. */
function outcome(volumes: Array<Partial<Volume>>, there: Pod[], ...objects: object[]): unknown {
  const cluster = new Cluster();
  cluster.addNode({ metadata: { name: 'n' } });
  for (const object of objects) cluster.addObject(object as KubeObject);
  for (const existing of there) cluster.addPod(existing);
  const info = cluster.classes.info(pod('new', volumes));
  const { skip } = plugin.preFilter(info, cluster) as PreFilterResult;
  if (skip) return 'skip';
  const filter = plugin.compileFilter(info, cluster, undefined);
  const code = filter.filter(0);
  return code === 0 ? 'fits' : filter.status(code).reasons[0];
}

describe('NodeVolumeLimits: a pod without attachable volumes', () => {
  it.each([
    ['none', {}],
    ['a volume of the pod itself', { emptyDir: {} }],
    ['a CSI volume of the pod itself', { csi: { driver: 'x' } }],
  ])('%s: is skipped', (_, volume) => {
    expect(outcome([volume], [])).toBe('skip');
  });
});

describe('NodeVolumeLimits: volumes of the pod and of the pods on the node', () => {
  const a = bound('a');
  const b = bound('b');
  const c = bound('c');

  it.each([
    ['one more than there is room for', { x: 2 }, TOO_MANY],
    ['just as many as there is room for', { x: 3 }, 'fits'],
    ['another driver has a limit', { y: 0 }, 'fits'],
    ['no limit is known', { x: undefined }, 'fits'],
  ])('%s', (_, drivers, expected) => {
    const there = [pod('p', [claimed('a'), claimed('b')], 'n')];
    expect(outcome([claimed('c')], there, ...a, ...b, ...c, csiNode(drivers))).toBe(expected);
  });

  it('a node without CSINode has no limits', () => {
    expect(outcome([claimed('a')], [], ...a)).toBe('fits');
  });

  it('a volume that is there already counts once', () => {
    const there = [pod('p', [claimed('a')], 'n'), pod('q', [claimed('a')], 'n')];
    expect(outcome([claimed('a')], there, ...a, csiNode({ x: 1 }))).toBe('fits');
    expect(outcome([claimed('a')], [pod('r', [claimed('b')], 'n'), ...there], ...a, ...b, csiNode({ x: 1 }))).toBe(
      'fits',
    );
  });

  it('attachments that no pod uses count, each volume once', () => {
    const left = [attachment('1', 'b'), attachment('2', 'b'), attachment('3', 'c', 'x', 'elsewhere')];
    const odd = [attachment('4', undefined), attachment('5', 'gone'), attachment('6', 'c', 'y')];
    expect(outcome([claimed('a')], [], ...a, ...b, ...c, ...left, ...odd, csiNode({ x: 2 }))).toBe('fits');
    expect(outcome([claimed('a')], [], ...a, ...b, ...c, ...left, ...odd, csiNode({ x: 1 }))).toBe(TOO_MANY);
  });

  it('an attachment of a volume that the new pod brings counts beside it, as upstream has it', () => {
    expect(outcome([claimed('a')], [], ...a, attachment('1', 'a'), csiNode({ x: 1 }))).toBe(TOO_MANY);
  });
});

describe('NodeVolumeLimits: claims without a volume', () => {
  it('are counted for the driver of their class', () => {
    const objects = [unbound('a', 's'), unbound('b', 's'), storageClass('s', 'x')];
    expect(outcome([claimed('a'), claimed('b')], [], ...objects, csiNode({ x: 1 }))).toBe(TOO_MANY);
    expect(outcome([claimed('a')], [pod('p', [claimed('a')], 'n')], ...objects, csiNode({ x: 1 }))).toBe('fits');
  });

  it('are not counted when there is no class, or no claim of a pod on the node', () => {
    expect(outcome([claimed('a')], [], unbound('a', 's'), csiNode({ x: 0 }))).toBe('fits');
    const there = [pod('p', [claimed('gone')], 'n')];
    expect(outcome([claimed('a')], there, ...bound('a'), csiNode({ x: 1 }))).toBe('fits');
  });

  it('keep a new pod from every node when the claim is not there either', () => {
    expect(outcome([claimed('gone')], [])).toBe('looking up PVC default/gone: persistentvolumeclaim "gone" not found');
  });

  it('end in an error when the claim has no name', () => {
    expect(() => outcome([claimed('')], [])).toThrow('PersistentVolumeClaim had no name');
  });
});

describe('NodeVolumeLimits: in-tree volumes count as those of their driver', () => {
  const EBS = 'ebs.csi.aws.com';

  it('in pods, in volumes and in classes', () => {
    const disk = bound('a', { awsElasticBlockStore: { volumeID: 'aws://zone/vol-1' } });
    const later = [unbound('b', 's'), storageClass('s', 'kubernetes.io/aws-ebs')];
    expect(outcome([ebs('vol-1'), claimed('a')], [], ...disk, csiNode({ [EBS]: 1 }))).toBe('fits');
    expect(outcome([ebs('vol-2'), claimed('a')], [], ...disk, csiNode({ [EBS]: 1 }))).toBe(TOO_MANY);
    expect(outcome([ebs('vol-1'), claimed('b')], [], ...later, csiNode({ [EBS]: 1 }))).toBe(TOO_MANY);
  });

  it('but Azure Files and vSphere are left alone', () => {
    const files = bound('a', { azureFile: { secretName: 's', shareName: 's' } });
    const later = [unbound('b', 's'), storageClass('s', 'kubernetes.io/vsphere-volume')];
    const volumes = [claimed('a'), claimed('b'), { vsphereVolume: { volumePath: 'p' } }];
    const limits = csiNode({ 'file.csi.azure.com': 0, 'csi.vsphere.vmware.com': 0 });
    expect(outcome(volumes, [], ...files, ...later, limits)).toBe('fits');
  });

  it('and what cannot be translated is an error in a pod, but passed over in a volume', () => {
    expect(() => outcome([ebs('aws://zone/x')], [], csiNode({ [EBS]: 1 }))).toThrow(
      'converting volume(v0) from inline to csi: failed to translate Kubernetes ID to EBS Volume ID Invalid format for AWS volume (aws://zone/x)',
    );
    const broken = bound('a', { awsElasticBlockStore: { volumeID: 'aws://zone/x' } });
    expect(outcome([claimed('a')], [], ...broken, csiNode({ [EBS]: 0 }))).toBe('fits');
  });
});

describe('NodeVolumeLimits: a driver that must be installed', () => {
  const driver = (preventPodSchedulingIfMissing: boolean) => ({
    kind: 'CSIDriver',
    metadata: { name: 'x' },
    spec: { preventPodSchedulingIfMissing },
  });
  const MISSING = 'x CSI driver is not installed on the node';

  it.each([
    ['there', [driver(true), csiNode({ x: undefined })], 'fits'],
    ['not there', [driver(true), csiNode({ y: 1 })], MISSING],
    ['no CSINode', [driver(true)], MISSING],
    ['not asked for', [driver(false)], 'fits'],
  ])('%s', (_, objects, expected) => {
    expect(outcome([claimed('a')], [], ...bound('a'), ...objects)).toBe(expected);
  });
});

describe('NodeVolumeLimits: ephemeral volumes', () => {
  const owned = (name: string, uid: string) => ({
    kind: 'PersistentVolumeClaim',
    metadata: {
      name,
      namespace: 'default',
      ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'new', uid, controller: true }],
    },
    spec: { volumeName: 'a' },
  });

  it('stand on a claim named after pod and volume', () => {
    expect(outcome([{ ephemeral: {} }], [], ...bound('a'), owned('new-v0', 'uid-new'), csiNode({ x: 0 }))).toBe(
      TOO_MANY,
    );
  });

  it('are an error when the claim belongs to somebody else', () => {
    expect(() => outcome([{ ephemeral: {} }], [], owned('new-v0', 'uid-other'))).toThrow(
      'PVC default/new-v0 was not created for pod default/new (pod is not owner)',
    );
  });
});
