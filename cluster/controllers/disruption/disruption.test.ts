/** How many pods may go: what is asked for, what is healthy, and what is missing. */
import { describe, expect, it } from 'vitest';
import { replicaSet, smallCluster } from '../controllers.fixture.ts';
import { PODS, REPLICA_SETS } from '../types.ts';

const BUDGETS = { group: 'policy', version: 'v1', resource: 'poddisruptionbudgets' };
const budget = (spec: object, app = 'web') => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name: 'b' },
  spec: { selector: { matchLabels: { app } }, ...spec },
});

function statusFor(spec: object, replicas: number, readyPods: number) {
  const each = smallCluster();
  each.create(REPLICA_SETS, replicaSet('web', replicas));
  each.create(BUDGETS, budget(spec));
  for (const pod of each.pods().slice(0, readyPods)) each.ready(pod);
  const { disruptionsAllowed, currentHealthy, desiredHealthy, expectedPods } = each.get(
    'PodDisruptionBudget',
    'b',
  ).status;
  return [disruptionsAllowed, currentHealthy, desiredHealthy, expectedPods];
}

describe('disruption budget', () => {
  it.each([
    [{ minAvailable: 2 }, 3, 3, [1, 3, 2, 3]],
    [{ minAvailable: 2 }, 3, 1, [0, 1, 2, 3]],
    [{ minAvailable: '50%' }, 5, 5, [2, 5, 3, 5]],
    [{ maxUnavailable: 1 }, 3, 3, [1, 3, 2, 3]],
    [{ maxUnavailable: '34%' }, 3, 3, [2, 3, 1, 3]],
    [{ maxUnavailable: 5 }, 3, 3, [3, 3, 0, 3]],
    [{ maxUnavailable: 0 }, 2, 2, [0, 2, 2, 2]],
  ])('%j over %d pods, %d ready', (spec, replicas, readyPods, expected) => {
    expect(statusFor(spec, replicas, readyPods)).toEqual(expected);
  });

  it('allows nothing where the number of pods cannot be known, and does not try in a hot loop', () => {
    const each = smallCluster();
    const ownerReferences = [{ apiVersion: 'batch/v1', kind: 'Job', name: 'j', uid: 'u', controller: true }];
    const metadata = { name: 'p', labels: { app: 'web' }, ownerReferences, finalizers: ['example.com/hold'] };
    const spec = { containers: [{ name: 'c', image: 'i' }] };
    each.create(BUDGETS, budget({ maxUnavailable: 1 }));
    each.create(PODS, { apiVersion: 'v1', kind: 'Pod', metadata, spec });
    each.wait(60_000);
    expect(each.get('PodDisruptionBudget', 'b').status.conditions).toMatchObject([
      { status: 'False', reason: 'SyncFailed', message: 'jobs.batch does not implement the scale subresource' },
    ]);
    expect(each.running.queues.disruption!.syncs).toBeLessThan(12);
  });

  it('counts a pod again that was to go and did not', () => {
    const each = smallCluster();
    each.create(REPLICA_SETS, replicaSet('web', 2));
    each.create(BUDGETS, budget({ minAvailable: 1 }));
    for (const pod of each.pods()) each.ready(pod);
    const [pod] = each.pods();
    const disruptedPods = { [pod!.metadata!.name!]: new Date(each.clock.nowMs).toISOString().replace('.000', '') };
    each.patch(BUDGETS, 'b', { status: { disruptedPods } }, 'status');
    expect(each.get('PodDisruptionBudget', 'b').status).toMatchObject({ disruptionsAllowed: 0, currentHealthy: 1 });
    each.wait(121_000);
    expect(each.get('PodDisruptionBudget', 'b').status).toMatchObject({ disruptionsAllowed: 1, currentHealthy: 2 });
  });

  it('takes back that a pod is to go', () => {
    const each = smallCluster();
    each.create(REPLICA_SETS, replicaSet('web', 1));
    const [pod] = each.pods();
    const lastTransitionTime = new Date(each.clock.nowMs).toISOString();
    const conditions = [
      { type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI', lastTransitionTime },
    ];
    each.patch(PODS, pod!.metadata!.name!, { status: { conditions } }, 'status');
    each.wait(121_000);
    expect(each.pods()[0]!.status!.conditions).toMatchObject([{ type: 'DisruptionTarget', status: 'False' }]);
  });
});
