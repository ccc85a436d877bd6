/** A StatefulSet has pods with names of their own, made, scaled and replaced in its order, with claims that follow its policy. */
import { describe, expect, it } from 'vitest';
import type { Pod } from '../../../api/index.ts';
import { smallCluster, template } from '../controllers.fixture.ts';
import { isReady } from '../pod-state.ts';
import { CLAIMS, PODS, REVISIONS, STATEFUL_SETS } from '../types.ts';
import { revisionHash } from './revisions.ts';

type Cluster = ReturnType<typeof smallCluster>;

const statefulSet = (replicas: number, more: object = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: 'db' },
  spec: { replicas, serviceName: 'db', selector: { matchLabels: { app: 'db' } }, template: template('db'), ...more },
});

const rolling = (rollingUpdate: object) => ({ updateStrategy: { type: 'RollingUpdate', rollingUpdate } });
const parallel = { podManagementPolicy: 'Parallel' };

const names = (each: Cluster): string[] =>
  each
    .pods()
    .map(({ metadata }) => metadata!.name!)
    .sort();
const status = (each: Cluster) => each.get('StatefulSet', 'db').status;

function readyAll(each: Cluster, images: (pod: Pod) => boolean = () => true): void {
  for (let round = 0; round < 20; round++) {
    const next = each.pods().filter((pod) => !isReady(pod) && images(pod));
    if (next.length === 0) return;
    for (const pod of next) each.ready(pod);
  }
}

const roll = (each: Cluster, image = 'i:2'): void =>
  each.patch(STATEFUL_SETS, 'db', { spec: { template: template('db', image) } });

/** Image of each pod, and whether it is ready: `db-0 i:1 ready`. */
const shown = (each: Cluster): string[] =>
  each
    .pods()
    .map((pod) => `${pod.metadata!.name} ${pod.spec!.containers[0]!.image}${isReady(pod) ? ' ready' : ''}`)
    .sort();

describe('StatefulSet', () => {
  it('makes one pod after the other, and the next one only when the last is ready', () => {
    const each = smallCluster();
    each.create(STATEFUL_SETS, statefulSet(3));
    expect(names(each)).toEqual(['db-0']);
    each.ready(each.pods()[0]!);
    expect(names(each)).toEqual(['db-0', 'db-1']);
    readyAll(each);
    expect(status(each)).toMatchObject({ replicas: 3, readyReplicas: 3, availableReplicas: 3, updatedReplicas: 3 });
    const pod = each.get('Pod', 'db-2');
    expect(pod.spec).toMatchObject({ hostname: 'db-2', subdomain: 'db' });
    expect(pod.metadata.labels).toMatchObject({
      'apps.kubernetes.io/pod-index': '2',
      'statefulset.kubernetes.io/pod-name': 'db-2',
      'controller-revision-hash': status(each).currentRevision,
    });
  });

  it('takes the highest ordinal away first, and waits with the next one', () => {
    const each = smallCluster();
    each.create(STATEFUL_SETS, statefulSet(3));
    readyAll(each);
    each.patch(PODS, 'db-0', { metadata: { finalizers: ['test/hold'] } });
    each.patch(PODS, 'db-2', { metadata: { finalizers: ['test/hold'] } });
    each.patch(STATEFUL_SETS, 'db', { spec: { replicas: 1 } });
    expect(each.get('Pod', 'db-2').metadata.deletionTimestamp).toBeDefined();
    expect(names(each)).toEqual(['db-0', 'db-1', 'db-2']);
    each.patch(PODS, 'db-2', { metadata: { finalizers: null } });
    expect(names(each)).toEqual(['db-0']);
  });

  it('makes and takes all at a time when it is parallel', () => {
    const each = smallCluster();
    each.create(STATEFUL_SETS, statefulSet(5, parallel));
    expect(names(each)).toHaveLength(5);
    each.patch(STATEFUL_SETS, 'db', { spec: { replicas: 1 } });
    expect(names(each)).toEqual(['db-0']);
  });

  it('counts its ordinals from where it is told', () => {
    const each = smallCluster();
    each.create(STATEFUL_SETS, statefulSet(2, { ...parallel, ordinals: { start: 5 } }));
    expect(names(each)).toEqual(['db-5', 'db-6']);
    each.patch(STATEFUL_SETS, 'db', { spec: { ordinals: { start: 6 } } });
    expect(names(each)).toEqual(['db-6', 'db-7']);
  });

  it.each([
    { what: 'deleted', change: (each: Cluster) => each.remove(PODS, 'db-1') },
    { what: 'failed', change: (each: Cluster) => each.patch(PODS, 'db-1', { status: { phase: 'Failed' } }, 'status') },
    {
      what: 'released',
      change: (each: Cluster) => {
        each.patch(PODS, 'db-1', { metadata: { labels: { app: 'other' } } });
        each.remove(PODS, 'db-1');
      },
    },
  ])('makes a pod anew under its name when it was $what', ({ change }) => {
    const each = smallCluster();
    each.create(STATEFUL_SETS, statefulSet(3));
    readyAll(each);
    const { uid } = each.get('Pod', 'db-1').metadata;
    change(each);
    readyAll(each);
    expect(names(each)).toEqual(['db-0', 'db-1', 'db-2']);
    expect(each.get('Pod', 'db-1').metadata.uid).not.toBe(uid);
  });

  describe('rolls from one template to the next', () => {
    const [old, fresh] = ['i:1 ready', 'i:2'];

    it.each([
      { how: 'one at a time', more: {}, first: [old, old, old, fresh] },
      // Both are gone, and come back in order.
      { how: 'as many as may be unavailable', more: rolling({ maxUnavailable: 2 }), first: [old, old, fresh] },
      {
        how: 'a share, rounded down',
        more: { ...parallel, ...rolling({ maxUnavailable: '60%' }) },
        first: [old, old, fresh, fresh],
      },
      {
        how: 'no lower than the partition',
        more: { ...parallel, ...rolling({ partition: 3, maxUnavailable: 4 }) },
        first: [old, old, old, fresh],
      },
      { how: 'not by itself', more: { updateStrategy: { type: 'OnDelete' } }, first: [old, old, old, old] },
    ])('$how', ({ more, first }) => {
      const each = smallCluster();
      each.create(STATEFUL_SETS, statefulSet(4, more));
      readyAll(each);
      roll(each);
      expect(shown(each)).toEqual(first.map((words, i) => `db-${i} ${words}`));
    });

    it('to the end, and then the new revision is the current one', () => {
      const each = smallCluster();
      each.create(STATEFUL_SETS, statefulSet(3));
      readyAll(each);
      const before = status(each).currentRevision;
      roll(each);
      expect(status(each)).toMatchObject({ currentRevision: before, updatedReplicas: 1 });
      readyAll(each);
      expect(shown(each)).toEqual([0, 1, 2].map((i) => `db-${i} i:2 ready`));
      const { currentRevision, updateRevision, currentReplicas } = status(each);
      expect(currentRevision).toBe(updateRevision);
      expect(currentRevision).not.toBe(before);
      expect(currentReplicas).toBe(3);
    });

    it('in order it is stuck with a pod that never gets ready; in parallel it is not', () => {
      const stuckShown = (more: object): string[] => {
        const each = smallCluster();
        each.create(STATEFUL_SETS, statefulSet(2, more));
        readyAll(each);
        roll(each, 'bad');
        roll(each, 'i:3');
        return shown(each);
      };
      expect(stuckShown({})).toEqual(['db-0 i:1 ready', 'db-1 bad']);
      expect(stuckShown(parallel)).toEqual(['db-0 i:1 ready', 'db-1 i:3']);
    });

    it('back to a revision that it still has, and keeps no more old ones than it is told', () => {
      const each = smallCluster();
      each.create(STATEFUL_SETS, statefulSet(1, { revisionHistoryLimit: 1 }));
      const first = status(each).updateRevision;
      for (const image of ['i:2', 'i:1', 'i:3', 'i:4', 'i:5']) {
        readyAll(each);
        roll(each, image);
        if (image === 'i:1') expect(status(each).updateRevision).toBe(first);
      }
      readyAll(each);
      const revisions = [...each.server.core.cachedAll('ControllerRevision', 'default')] as unknown[];
      expect((revisions as Array<{ revision: number }>).map(({ revision }) => revision).sort()).toEqual([5, 6]);
    });
  });

  it('adopts a revision without an owner', () => {
    const each = smallCluster();
    each.create(STATEFUL_SETS, statefulSet(1));
    const [{ metadata }] = [...each.server.core.cachedAll('ControllerRevision', 'default')] as [Pod];
    each.patch(REVISIONS, metadata!.name!, { metadata: { ownerReferences: null } });
    each.patch(STATEFUL_SETS, 'db', { metadata: { annotations: { a: 'b' } } });
    const adopted = each.get('ControllerRevision', metadata!.name!);
    expect(adopted.metadata.ownerReferences).toMatchObject([{ kind: 'StatefulSet', name: 'db' }]);
  });

  it('counts a pod as available when it has been ready for minReadySeconds', () => {
    const each = smallCluster();
    each.create(STATEFUL_SETS, statefulSet(2, { minReadySeconds: 10 }));
    each.ready(each.get('Pod', 'db-0'));
    expect(names(each)).toEqual(['db-0']);
    expect(status(each)).toMatchObject({ readyReplicas: 1, availableReplicas: 0 });
    each.wait(10_000);
    expect(names(each)).toEqual(['db-0', 'db-1']);
  });

  describe('claims', () => {
    const claims = {
      volumeClaimTemplates: [
        {
          metadata: { name: 'data' },
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
        },
      ],
    };
    const owners = (each: Cluster, name: string): string[] =>
      (each.get('PersistentVolumeClaim', name)?.metadata.ownerReferences ?? []).map(
        (owner: { kind: string; name: string }) => `${owner.kind} ${owner.name}`,
      );
    const withPolicy = (whenDeleted: string, whenScaled: string) => ({
      ...parallel,
      ...claims,
      persistentVolumeClaimRetentionPolicy: { whenDeleted, whenScaled },
    });

    it('are made with the pods, and used again by the next pod of that name', () => {
      const each = smallCluster();
      each.create(STATEFUL_SETS, statefulSet(2, { ...parallel, ...claims }));
      const { uid } = each.get('PersistentVolumeClaim', 'data-db-1').metadata;
      expect(each.get('Pod', 'db-1').spec.volumes).toMatchObject([
        { name: 'data', persistentVolumeClaim: { claimName: 'data-db-1' } },
      ]);
      each.patch(STATEFUL_SETS, 'db', { spec: { replicas: 1 } });
      each.patch(STATEFUL_SETS, 'db', { spec: { replicas: 2 } });
      expect(each.get('PersistentVolumeClaim', 'data-db-1').metadata.uid).toBe(uid);
    });

    it.each([
      { policy: ['Retain', 'Retain'], kept: [], condemned: [] },
      { policy: ['Delete', 'Retain'], kept: ['StatefulSet db'], condemned: ['StatefulSet db'] },
      { policy: ['Retain', 'Delete'], kept: [], condemned: ['Pod db-1'] },
      { policy: ['Delete', 'Delete'], kept: ['StatefulSet db'], condemned: ['Pod db-1'] },
    ])('go with what owns them: $policy', ({ policy: [whenDeleted, whenScaled], kept, condemned }) => {
      const each = smallCluster();
      each.create(STATEFUL_SETS, statefulSet(2, withPolicy(whenDeleted!, whenScaled!)));
      each.patch(PODS, 'db-1', { metadata: { finalizers: ['test/hold'] } });
      each.patch(STATEFUL_SETS, 'db', { spec: { replicas: 1 } });
      expect(owners(each, 'data-db-0')).toEqual(kept);
      expect(owners(each, 'data-db-1')).toEqual(condemned);
    });

    it('that another controller owns are left to it', () => {
      const each = smallCluster();
      each.create(STATEFUL_SETS, statefulSet(1, withPolicy('Retain', 'Retain')));
      const other = { apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: 'u', controller: true };
      each.create(
        { group: '', version: 'v1', resource: 'configmaps' },
        { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' } },
      );
      const uid = each.get('ConfigMap', 'x').metadata.uid;
      each.patch(CLAIMS, 'data-db-0', { metadata: { ownerReferences: [{ ...other, uid }] } });
      const persistentVolumeClaimRetentionPolicy = { whenDeleted: 'Delete', whenScaled: 'Retain' };
      each.patch(STATEFUL_SETS, 'db', { spec: { persistentVolumeClaimRetentionPolicy } });
      expect(owners(each, 'data-db-0')).toEqual(['ConfigMap x']);
    });
  });

  it('says why it cannot make a pod', () => {
    const each = smallCluster();
    const quotas = { group: '', version: 'v1', resource: 'resourcequotas' };
    const quota = { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'q' }, spec: { hard: { pods: '0' } } };
    each.create(quotas, quota);
    each.patch(quotas, 'q', { status: { hard: { pods: '0' }, used: { pods: '0' } } }, 'status');
    each.create(STATEFUL_SETS, statefulSet(1));
    each.wait(60_000);
    const [event] = [...each.server.core.cachedAll('Event', 'default')] as unknown as [
      { reason: string; message: string },
    ];
    expect(event.reason).toBe('FailedCreate');
    expect(event.message).toMatch(/^create Pod db-0 in StatefulSet db failed error: .*exceeded quota/i);
    expect(each.running.queues.statefulset!.syncs).toBeLessThan(25);
  });
});

describe('revision hash', () => {
  it('is the one that upstream gives: FNV-1 of what Go writes', () => {
    const labels = { app: 'db < é' };
    expect(revisionHash({ spec: { template: { metadata: { labels }, $patch: 'replace' } } }, 0)).toBe('54b644c87b');
  });
});
