/** A DaemonSet has a pod on every node that fits, and brings them from template to template within its bounds. */
import { describe, expect, it } from 'vitest';
import type { KubeObject, Pod } from '../../../api/index.ts';
import { smallCluster, template } from '../controllers.fixture.ts';
import { isActive, isReady } from '../pod-state.ts';
import { DAEMON_SETS, PODS } from '../types.ts';
import { nodeOf } from './daemon-pods.ts';
import { FailedPodBackoff } from './failed-pods.ts';

type Cluster = ReturnType<typeof smallCluster>;

const NODES = { group: '', version: 'v1', resource: 'nodes' };

const daemonSet = (more: object = {}, podSpec: object = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name: 'agent' },
  spec: {
    selector: { matchLabels: { app: 'agent' } },
    template: { ...template('agent'), spec: { ...template('agent').spec, ...podSpec } },
    ...more,
  },
});

const rolling = (rollingUpdate: object) => ({ updateStrategy: { type: 'RollingUpdate', rollingUpdate } });

function onNodes(count: number, set: object, taints: Record<string, object[]> = {}): Cluster {
  const each = smallCluster();
  for (let i = 1; i <= count; i++) addNode(each, `n${i}`, taints[`n${i}`]);
  each.create(DAEMON_SETS, set);
  return each;
}

/** Nodes are in no namespace. */
function addNode(each: Cluster, name: string, taints: object[] = []): void {
  const node = { apiVersion: 'v1', kind: 'Node', metadata: { name, labels: { kind: 'plain' } }, spec: { taints } };
  each.client.create(NODES, node as KubeObject, {}, (error) => {
    if (error !== undefined) throw new Error(error.message);
  });
  each.wait();
}

function patchNode(each: Cluster, name: string, change: object): void {
  each.client.patch({ ...NODES, name }, 'merge', change, {}, (error) => {
    if (error !== undefined) throw new Error(error.message);
  });
  each.wait();
}

const active = (each: Cluster): Pod[] => each.pods().filter(isActive);
const nodes = (each: Cluster): string[] =>
  active(each)
    .map((pod) => nodeOf(pod)!)
    .sort();
const images = (each: Cluster): string[] =>
  active(each)
    .map(({ spec }) => spec!.containers[0]!.image!)
    .sort();
const status = (each: Cluster) => each.get('DaemonSet', 'agent').status;

function readyAll(each: Cluster): void {
  for (let round = 0; round < 30; round++) {
    const next = active(each).find((pod) => !isReady(pod));
    if (next === undefined) return;
    each.ready(next);
  }
}

const roll = (each: Cluster, image: string): void =>
  each.patch(DAEMON_SETS, 'agent', { spec: { template: template('agent', image) } });

describe('DaemonSet', () => {
  it('puts one pod on each node, and follows the nodes', () => {
    const each = onNodes(2, daemonSet({}, { nodeSelector: { kind: 'plain' } }));
    expect(nodes(each)).toEqual(['n1', 'n2']);
    addNode(each, 'n3');
    expect(nodes(each)).toEqual(['n1', 'n2', 'n3']);
    patchNode(each, 'n1', { metadata: { labels: { kind: 'other' } } });
    expect(nodes(each)).toEqual(['n2', 'n3']);
    expect(status(each)).toMatchObject({ desiredNumberScheduled: 2, currentNumberScheduled: 2, numberMisscheduled: 0 });
  });

  it('is tolerant of what is wrong with a node, and of nothing else', () => {
    const taint = (key: string, effect: string) => [{ key, effect }];
    const each = onNodes(5, daemonSet({}, { tolerations: [{ key: 'ok', operator: 'Exists' }] }), {
      n1: taint('node.kubernetes.io/not-ready', 'NoExecute'),
      n2: taint('node.kubernetes.io/unschedulable', 'NoSchedule'),
      n3: taint('ok', 'NoExecute'),
      n4: taint('no', 'NoSchedule'),
    });
    expect(nodes(each)).toEqual(['n1', 'n2', 'n3', 'n5']);
    // What is there may stay unless it is driven out.
    patchNode(each, 'n5', { spec: { taints: taint('no', 'NoSchedule') } });
    expect(nodes(each)).toContain('n5');
    patchNode(each, 'n5', { spec: { taints: taint('no', 'NoExecute') } });
    expect(nodes(each)).not.toContain('n5');
  });

  it('goes to the one node that its template names', () => {
    expect(nodes(onNodes(3, daemonSet({}, { nodeName: 'n2' })))).toEqual(['n2']);
  });

  it('replaces what has failed, ever more rarely', () => {
    const each = onNodes(1, daemonSet());
    const failures: number[] = [];
    for (let second = 0; second < 20; second++) {
      const [pod] = active(each);
      if (pod !== undefined) {
        failures.push(second);
        each.patch(PODS, pod.metadata!.name!, { status: { phase: 'Failed' } }, 'status');
      } else each.wait();
    }
    expect(failures.length).toBeGreaterThan(2);
    expect(failures.length).toBeLessThan(8);
    expect(each.running.queues.daemonset!.syncs).toBeLessThan(60);
  });

  it.each([
    { how: 'one at a time', bounds: { maxUnavailable: 1 }, most: 4, least: 3 },
    { how: 'half at a time, rounded up', bounds: { maxUnavailable: '40%' }, most: 4, least: 2 },
    { how: 'with one more', bounds: { maxUnavailable: 0, maxSurge: 1 }, most: 5, least: 4 },
    { how: 'with half more', bounds: { maxUnavailable: 0, maxSurge: '50%' }, most: 6, least: 4 },
  ])('rolls from one template to the next $how', ({ bounds, most, least }) => {
    const each = onNodes(4, daemonSet(rolling(bounds)));
    readyAll(each);
    roll(each, 'i:2');
    const seen: number[][] = [];
    for (let round = 0; round < 30; round++) {
      seen.push([active(each).length, active(each).filter(isReady).length]);
      const next = active(each).find((pod) => !isReady(pod));
      if (next === undefined) break;
      each.ready(next);
    }
    expect(images(each)).toEqual(Array(4).fill('i:2'));
    expect(Math.max(...seen.map(([there]) => there!))).toBe(most);
    expect(Math.min(...seen.map(([, ready]) => ready!))).toBe(least);
    expect(status(each)).toMatchObject({ updatedNumberScheduled: 4, numberAvailable: 4 });
  });

  it('replaces pods that are not available without counting them', () => {
    const each = onNodes(3, daemonSet(rolling({ maxUnavailable: 1 })));
    each.ready(active(each)[0]!);
    roll(each, 'i:2');
    expect(images(each)).toEqual(['i:1', 'i:2', 'i:2']);
  });

  it('leaves them as they are until they are deleted', () => {
    const each = onNodes(2, daemonSet({ updateStrategy: { type: 'OnDelete' } }));
    readyAll(each);
    roll(each, 'i:2');
    expect(images(each)).toEqual(['i:1', 'i:1']);
    each.remove(PODS, active(each)[0]!.metadata!.name!);
    expect(images(each)).toEqual(['i:1', 'i:2']);
  });

  it('keeps as many old revisions as it is told, and counts a revision that comes back as the newest', () => {
    const each = onNodes(1, daemonSet({ revisionHistoryLimit: 1 }));
    for (const image of ['i:2', 'i:3', 'i:2']) {
      readyAll(each);
      roll(each, image);
    }
    readyAll(each);
    each.wait(5000);
    const revisions = [...each.server.core.cachedAll('ControllerRevision', 'default')] as unknown[];
    expect((revisions as Array<{ revision: number }>).map(({ revision }) => revision).sort()).toEqual([3, 4]);
  });

  it('counts its templates, and nobody else does', () => {
    const each = onNodes(1, daemonSet());
    const generation = (): string =>
      each.get('DaemonSet', 'agent').metadata.annotations['deprecated.daemonset.template.generation'];
    expect(generation()).toBe('1');
    roll(each, 'i:2');
    expect(generation()).toBe('2');
    const annotations = { 'deprecated.daemonset.template.generation': '9' };
    each.patch(DAEMON_SETS, 'agent', { metadata: { annotations }, spec: { minReadySeconds: 1 } });
    expect(generation()).toBe('2');
  });
});

describe('back-off of failed pods', () => {
  it('doubles from a second to a quarter of an hour, and starts anew after half an hour of quiet', () => {
    const backoff = new FailedPodBackoff();
    let nowMs = 0;
    const waits: number[] = [];
    for (let i = 0; i < 12; i++) {
      backoff.replaced('n', nowMs);
      waits.push(backoff.waitMs('n', nowMs) / 1000);
      nowMs += backoff.waitMs('n', nowMs);
      expect(backoff.waitMs('n', nowMs)).toBe(0);
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
    nowMs += 31 * 60_000;
    backoff.replaced('n', nowMs);
    expect(backoff.waitMs('n', nowMs)).toBe(1000);
  });
});
