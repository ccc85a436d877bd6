/** Nodes that are not heard of any more: what is said of them, how fast they are tainted, and what becomes of their pods. */
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../clock.ts';
import { smallCluster } from '../controllers.fixture.ts';
import { NODES, PODS } from '../types.ts';
import { DEFAULT_NODE_LIFECYCLE } from './settings.ts';
import { Zones } from './zones.ts';

const LEASES = { group: 'coordination.k8s.io', version: 'v1', resource: 'leases', namespace: 'kube-node-lease' };
type Each = ReturnType<typeof smallCluster>;

function node(each: Each, name: string): void {
  const conditions = [{ type: 'Ready', status: 'True', reason: 'KubeletReady' }];
  const metadata = { name, labels: { 'kubernetes.io/os': 'linux' } };
  each.create(NODES, { apiVersion: 'v1', kind: 'Node', metadata, status: { conditions } });
}

/** The lease is renewed every ten seconds for so long. */
function beat(each: Each, name: string, seconds: number): void {
  const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name } };
  for (let waited = 0; waited < seconds; waited += 10) {
    const renewTime = new Date(each.clock.nowMs).toISOString().replace('Z', '000Z');
    const spec = { holderIdentity: name, renewTime };
    each.client.patch({ ...LEASES, name }, 'merge', { spec }, {}, (error) => {
      if (error !== undefined) each.client.create(LEASES, { ...lease, spec } as never, {}, () => {});
    });
    each.wait(10_000);
  }
}

const readiness = (each: Each, name: string): string =>
  each.get('Node', name).status.conditions.find(({ type }: { type: string }) => type === 'Ready').status;
const taints = (each: Each, name: string): string[] =>
  (each.get('Node', name).spec.taints ?? []).map(({ key, effect }: Record<string, string>) => `${key}:${effect}`);

describe('node life cycle', () => {
  it('leaves a node alone whose lease is renewed, and takes the taint of a new one off', () => {
    const each = smallCluster();
    node(each, 'n');
    beat(each, 'n', 120);
    expect(readiness(each, 'n')).toBe('True');
    expect(taints(each, 'n')).toEqual([]);
    expect(each.get('Node', 'n').metadata.labels['beta.kubernetes.io/os']).toBe('linux');
  });

  it('gives a node up after the grace period, and its pods after they tolerated it long enough', () => {
    const each = smallCluster();
    for (const name of ['n', 'other']) node(each, name);
    const tolerations = [
      { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 30 },
    ];
    const spec = { nodeName: 'n', containers: [{ name: 'c', image: 'i' }], tolerations };
    each.create(PODS, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec });
    each.ready(each.get('Pod', 'p'));
    beat(each, 'other', 70);
    expect(readiness(each, 'n')).toBe('Unknown');
    expect(readiness(each, 'other')).toBe('True');
    expect(taints(each, 'n').sort()).toEqual([
      'node.kubernetes.io/unreachable:NoExecute',
      'node.kubernetes.io/unreachable:NoSchedule',
    ]);
    const pod = (): any => each.get('Pod', 'p');
    expect(pod().status.conditions).toMatchObject([{ type: 'Ready', status: 'False' }]);
    expect(pod().metadata.deletionTimestamp).toBeUndefined();
    beat(each, 'other', 30);
    expect(pod().metadata.deletionTimestamp).toBeDefined();
    expect(pod().status.conditions).toMatchObject([{ type: 'Ready' }, { reason: 'DeletionByTaintManager' }]);
  });

  it('takes everything back when the node is heard of again in time', () => {
    const each = smallCluster();
    for (const name of ['n', 'other']) node(each, name);
    const tolerations = [{ operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 100 }];
    const spec = { nodeName: 'n', containers: [{ name: 'c', image: 'i' }], tolerations };
    each.create(PODS, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec });
    beat(each, 'other', 70);
    const heard = new Date(each.clock.nowMs).toISOString();
    const conditions = [{ type: 'Ready', status: 'True', lastHeartbeatTime: heard, lastTransitionTime: heard }];
    each.patch(NODES, 'n', { status: { conditions } }, 'status');
    beat(each, 'other', 10);
    expect(taints(each, 'n')).toEqual([]);
    const reasons = each.all('Event').map(({ message }) => message);
    expect(reasons).toContain('Cancelling deletion of Pod default/p');
  });

  it('says that a node was never heard of', () => {
    const each = smallCluster();
    each.create(NODES, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' } });
    each.wait(70_000);
    const [ready] = each.get('Node', 'n').status.conditions;
    expect(ready).toMatchObject({ status: 'Unknown', reason: 'NodeStatusNeverUpdated' });
  });
});

describe('zones', () => {
  /** How many of a hundred nodes that wait are tainted within a minute. */
  function tainted(ready: number, notReady: number, others = 1): number {
    const clock = new VirtualClock(0);
    const zones = new Zones(clock, { ...DEFAULT_NODE_LIFECYCLE, evictionRate: 1, secondaryEvictionRate: 0.1 });
    for (let i = 0; i < ready + notReady; i++) zones.count(`n${i}`, 'a', i < ready);
    for (let i = 0; i < others; i++) zones.count(`o${i}`, 'b', true);
    zones.adjust();
    const queue = zones.queueOf('a');
    for (let i = 0; i < 100; i++) queue.add(`n${i}`);
    let count = 0;
    for (let ms = 0; ms <= 60_000; ms += 100) {
      clock.runUntil(ms);
      for (let name = queue.next(); name !== undefined; name = queue.next()) {
        queue.done(name, true);
        count++;
      }
    }
    return count;
  }

  it.each([
    ['a few of many are gone: the usual pace', 90, 10, 61],
    ['most of a large zone are gone: slowly', 40, 60, 7],
    ['most of a small zone are gone: not at all', 4, 6, 0],
    ['a whole zone is gone: the usual pace', 0, 10, 61],
  ])('%s', (_, ready, notReady, expected) => {
    expect(tainted(ready, notReady)).toBe(expected);
  });

  it('stop all of it when every zone is gone at once', () => {
    expect(tainted(0, 10, 0)).toBe(0);
  });
});
