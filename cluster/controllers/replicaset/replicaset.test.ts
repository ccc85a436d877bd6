/** A ReplicaSet has as many pods as it asks for, whatever becomes of them. */
import { describe, expect, it } from 'vitest';
import type { Pod } from '../../../api/index.ts';
import { replicaSet, smallCluster } from '../controllers.fixture.ts';
import { PODS, REPLICA_SETS } from '../types.ts';
import { victims } from './victims.ts';

const names = (pods: readonly Pod[]): string[] => pods.map(({ metadata }) => metadata!.name!).sort();

describe('ReplicaSet', () => {
  it('makes pods of its own, in its name', () => {
    const each = smallCluster();
    each.create(REPLICA_SETS, replicaSet('web', 3));
    expect(each.pods()).toHaveLength(3);
    for (const { metadata } of each.pods()) {
      expect(metadata!.name).toMatch(/^web-/);
      expect(metadata!.ownerReferences).toMatchObject([{ kind: 'ReplicaSet', name: 'web', controller: true }]);
    }
    expect(each.get('ReplicaSet', 'web').status).toMatchObject({ replicas: 3, fullyLabeledReplicas: 3 });
  });

  it('replaces pods that are deleted, released or finished, and keeps those that are there', () => {
    const each = smallCluster();
    each.create(REPLICA_SETS, replicaSet('web', 3));
    const [gone, released, failed] = names(each.pods());
    each.remove(PODS, gone!);
    each.patch(PODS, released!, { metadata: { labels: { app: 'other' } } });
    each.patch(PODS, failed!, { status: { phase: 'Failed' } }, 'status');
    expect(each.pods()).toHaveLength(5);
    expect(each.get('Pod', released!).metadata.ownerReferences ?? []).toEqual([]);
    expect(each.get('ReplicaSet', 'web').status.replicas).toBe(3);
  });

  it('adopts pods that match and belong to nobody', () => {
    const each = smallCluster();
    const { metadata, spec } = {
      metadata: { name: 'orphan', labels: { app: 'web' } },
      spec: replicaSet('web', 1).spec,
    };
    each.create(PODS, { apiVersion: 'v1', kind: 'Pod', metadata, spec: spec.template.spec });
    each.create(REPLICA_SETS, replicaSet('web', 2));
    expect(each.pods()).toHaveLength(2);
    expect(each.get('Pod', 'orphan').metadata.ownerReferences).toMatchObject([{ name: 'web' }]);
  });

  it('counts a pod as available when it has been ready for minReadySeconds', () => {
    const each = smallCluster();
    each.create(REPLICA_SETS, replicaSet('web', 1, { minReadySeconds: 10 }));
    each.ready(each.pods()[0]!);
    expect(each.get('ReplicaSet', 'web').status).toMatchObject({ readyReplicas: 1 });
    expect(each.get('ReplicaSet', 'web').status.availableReplicas).toBeUndefined();
    each.wait(10_000);
    expect(each.get('ReplicaSet', 'web').status).toMatchObject({ readyReplicas: 1, availableReplicas: 1 });
  });

  it('says why it cannot make pods, and tries again ever more rarely', () => {
    const each = smallCluster();
    const quota = { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'q' }, spec: { hard: { pods: '0' } } };
    each.create({ group: '', version: 'v1', resource: 'resourcequotas' }, quota);
    const status = { status: { hard: { pods: '0' }, used: { pods: '0' } } };
    each.patch({ group: '', version: 'v1', resource: 'resourcequotas' }, 'q', status, 'status');
    each.create(REPLICA_SETS, replicaSet('web', 2));
    each.wait(60_000);
    const [condition] = each.get('ReplicaSet', 'web').status.conditions;
    expect(condition).toMatchObject({ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate' });
    // 5 ms · 2^n: fourteen tries take more than a minute.
    expect(each.running.queues.replicaset!.syncs).toBeLessThan(20);
  });
});

describe('victims', () => {
  const pod = (name: string, more: { node?: string; phase?: string; ready?: string; cost?: string }): Pod =>
    ({
      metadata: {
        name,
        uid: name,
        creationTimestamp: '2026-01-01T00:00:00Z',
        annotations: more.cost ? { 'controller.kubernetes.io/pod-deletion-cost': more.cost } : {},
      },
      spec: { nodeName: more.node },
      status: {
        phase: more.phase ?? 'Running',
        conditions: more.ready ? [{ type: 'Ready', status: 'True', lastTransitionTime: more.ready }] : [],
      },
    }) as unknown as Pod;

  it('go in order: unassigned, pending, not ready, cheap, crowded, young', () => {
    const now = Date.parse('2026-01-02T00:00:00Z');
    const ready = '2026-01-01T00:00:10Z';
    const order = [
      pod('unassigned', { phase: 'Pending' }),
      pod('pending', { node: 'n', phase: 'Pending' }),
      pod('not-ready', { node: 'n' }),
      pod('cheap', { node: 'n', ready, cost: '-1' }),
      pod('crowded', { node: 'full', ready }),
      pod('young', { node: 'n', ready: '2026-01-01T23:00:00Z' }),
      pod('old', { node: 'n', ready }),
    ];
    const rank = ({ spec }: Pod): number => (spec?.nodeName === 'full' ? 2 : 1);
    const gone = victims([...order].reverse(), order.length - 1, now, rank);
    expect(gone.map(({ metadata }) => metadata!.name)).toEqual(
      order.slice(0, -1).map(({ metadata }) => metadata!.name),
    );
  });
});
