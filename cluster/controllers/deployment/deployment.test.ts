/** A Deployment brings its pods from template to template without going over or under its bounds. */
import { describe, expect, it } from 'vitest';
import { smallCluster, template } from '../controllers.fixture.ts';
import { templateHash } from '../hash.ts';
import { isActive, isReady } from '../pod-state.ts';
import { DEPLOYMENTS, PODS, REPLICA_SETS } from '../types.ts';
import { boundsOf } from './bounds.ts';

const deployment = (replicas: number, more: object = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: { replicas, selector: { matchLabels: { app: 'web' } }, template: template('web'), ...more },
});

type Cluster = ReturnType<typeof smallCluster>;

const imagesOf = (each: Cluster): string[] =>
  each
    .pods()
    .filter(isActive)
    .map(({ spec }) => spec!.containers[0]!.image!)
    .sort();

/** Makes one pod ready after the other, and tells how many were there and ready in between. */
function readyOneByOne(each: Cluster, seen: (active: number, ready: number) => void): void {
  for (let i = 0; i < 100; i++) {
    const next = each.pods().find((pod) => isActive(pod) && !isReady(pod));
    if (next === undefined) return;
    each.ready(next);
    const active = each.pods().filter(isActive);
    seen(active.length, active.filter(isReady).length);
  }
  throw new Error('the rollout does not end');
}

const rolling = (maxSurge: number, maxUnavailable: number) => ({
  strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } },
});

describe('Deployment', () => {
  it.each([
    [1, 0],
    [0, 1],
    [3, 2],
  ])('rolls from one template to the next with %i over and %i under', (surge, unavailable) => {
    const each = smallCluster();
    each.create(DEPLOYMENTS, deployment(5, rolling(surge, unavailable)));
    readyOneByOne(each, () => {});
    each.patch(DEPLOYMENTS, 'web', { spec: { template: template('web', 'i:2') } });
    readyOneByOne(each, (active, ready) => {
      expect(active).toBeLessThanOrEqual(5 + surge);
      expect(ready).toBeGreaterThanOrEqual(5 - unavailable);
    });
    expect(imagesOf(each)).toEqual(Array(5).fill('i:2'));
    const { status, metadata } = each.get('Deployment', 'web');
    expect(metadata.annotations['deployment.kubernetes.io/revision']).toBe('2');
    expect(status).toMatchObject({ replicas: 5, updatedReplicas: 5, availableReplicas: 5 });
    const progress = status.conditions.find(({ type }: { type: string }) => type === 'Progressing');
    expect(progress).toMatchObject({ status: 'True', reason: 'NewReplicaSetAvailable' });
  });

  it('Recreate starts the new pods when no old one is left', () => {
    const each = smallCluster();
    each.create(DEPLOYMENTS, deployment(2, { strategy: { type: 'Recreate' } }));
    for (const { metadata } of each.pods()) {
      each.patch(PODS, metadata!.name!, { metadata: { finalizers: ['example.com/stay'] } });
    }
    each.patch(DEPLOYMENTS, 'web', { spec: { template: template('web', 'i:2') } });
    expect(imagesOf(each)).toEqual([]);
    for (const { metadata } of each.pods()) {
      each.patch(PODS, metadata!.name!, { metadata: { finalizers: null } });
    }
    expect(imagesOf(each)).toEqual(['i:2', 'i:2']);
  });

  it('says so when it makes no progress in time, and waits', () => {
    const each = smallCluster();
    each.create(DEPLOYMENTS, deployment(2, { progressDeadlineSeconds: 10 }));
    each.wait(15_000);
    const { conditions } = each.get('Deployment', 'web').status;
    expect(conditions).toContainEqual(
      expect.objectContaining({ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }),
    );
    expect(each.running.queues.deployment!.syncs).toBeLessThan(30);
  });

  it('runs out of time also after a pause, in which no time runs', () => {
    const each = smallCluster();
    const progress = () =>
      each.get('Deployment', 'web').status.conditions.find(({ type }: { type: string }) => type === 'Progressing');
    each.create(DEPLOYMENTS, deployment(2, { progressDeadlineSeconds: 10 }));
    each.patch(DEPLOYMENTS, 'web', { spec: { paused: true, replicas: 3 } });
    each.wait(60_000);
    expect(progress()).toMatchObject({ status: 'Unknown', reason: 'DeploymentPaused' });
    expect(each.pods()).toHaveLength(3);
    each.patch(DEPLOYMENTS, 'web', { spec: { paused: false } });
    expect(progress()).toMatchObject({ status: 'Unknown', reason: 'DeploymentResumed' });
    each.wait(15_000);
    expect(progress()).toMatchObject({ status: 'False', reason: 'ProgressDeadlineExceeded' });
  });

  it('makes its ReplicaSet again when somebody deletes it', () => {
    const each = smallCluster();
    each.create(DEPLOYMENTS, deployment(2));
    const name = each.pods()[0]!.metadata!.ownerReferences![0]!.name;
    const { uid } = each.get('ReplicaSet', name).metadata;
    each.remove(REPLICA_SETS, name);
    expect(each.get('ReplicaSet', name).metadata.uid).not.toBe(uid);
  });
});

describe('bounds', () => {
  it.each([
    [10, '25%', '25%', { surge: 3, unavailable: 2 }],
    [1, '25%', '25%', { surge: 1, unavailable: 0 }],
    [3, 0, '10%', { surge: 0, unavailable: 1 }],
  ])('of %i with %s and %s', (replicas, maxSurge, maxUnavailable, bounds) => {
    const strategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } };
    expect(boundsOf({ spec: { replicas, strategy, selector: {}, template: {} } })).toEqual(bounds);
  });
});

describe('templateHash', () => {
  it('does not depend on the order of fields, and changes with the template and after a collision', () => {
    const { metadata, spec } = template('web');
    const hash = templateHash({ metadata, spec });
    expect(templateHash({ spec, metadata })).toBe(hash);
    expect(templateHash(template('web', 'i:2'))).not.toBe(hash);
    expect(templateHash({ metadata, spec }, 1)).not.toBe(hash);
  });
});
