/** Whatever is deleted, edited or orphaned while controllers run: in the end there is what was asked for. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { replicaSet, smallCluster, template } from './controllers.fixture.ts';
import { isActive } from './pod-state.ts';
import { DEPLOYMENTS, PODS, REPLICA_SETS } from './types.ts';

const disturbance = fc.record({
  what: fc.constantFrom('delete', 'orphan', 'relabel', 'fail', 'ready', 'scale', 'image', 'delete-set'),
  which: fc.nat(20),
  number: fc.integer({ min: 0, max: 6 }),
  waitMs: fc.integer({ min: 0, max: 2000 }),
});

describe('controllers', () => {
  it('converge from any state', () => {
    fc.assert(
      fc.property(fc.array(disturbance, { maxLength: 15 }), fc.nat(1000), (disturbances, seed) => {
        const each = smallCluster(seed);
        each.create(DEPLOYMENTS, {
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          metadata: { name: 'web' },
          spec: { replicas: 3, selector: { matchLabels: { app: 'web' } }, template: template('web') },
        });
        each.create(REPLICA_SETS, replicaSet('plain', 2));
        let replicas = 3;
        let image = 'i:1';
        for (const { what, which, number, waitMs } of disturbances) {
          const pods = each.pods();
          const name = pods[which % Math.max(1, pods.length)]?.metadata?.name;
          if (what === 'scale') {
            replicas = number;
            each.patch(DEPLOYMENTS, 'web', { spec: { replicas } });
          } else if (what === 'image') {
            image = `i:${number}`;
            each.patch(DEPLOYMENTS, 'web', { spec: { template: template('web', image) } });
          } else if (what === 'delete-set') {
            const sets = [...each.server.core.cachedAll('ReplicaSet', 'default')];
            each.remove(REPLICA_SETS, sets[which % sets.length]!.metadata!.name!);
            if (each.get('ReplicaSet', 'plain') === undefined) each.create(REPLICA_SETS, replicaSet('plain', 2));
          } else if (name !== undefined) {
            if (what === 'delete') each.remove(PODS, name);
            if (what === 'orphan') each.patch(PODS, name, { metadata: { ownerReferences: null } });
            if (what === 'relabel') each.patch(PODS, name, { metadata: { labels: { app: 'other' } } });
            if (what === 'fail') each.patch(PODS, name, { status: { phase: 'Failed' } }, 'status');
            if (what === 'ready' && isActive(each.get('Pod', name))) each.ready(each.get('Pod', name));
          }
          each.wait(waitMs);
        }
        for (let round = 0; round < 20; round++) {
          for (const { metadata } of each.pods()) {
            const pod = each.get('Pod', metadata!.name!);
            if (pod !== undefined && isActive(pod)) each.ready(pod);
          }
          each.wait(5000);
        }
        const sets = [...each.server.core.cachedAll('ReplicaSet', 'default')];
        const present = new Set(sets.map(({ metadata }) => metadata!.uid));
        const owned = (app: string) =>
          each
            .pods()
            .filter(isActive)
            .filter(({ metadata }) => present.has(metadata?.ownerReferences?.[0]?.uid))
            .filter(({ metadata }) => metadata?.labels?.app === app);
        expect(owned('web').map(({ spec }) => spec!.containers[0]!.image)).toEqual(Array(replicas).fill(image));
        expect(owned('plain')).toHaveLength(2);
        expect(each.get('Deployment', 'web').status.updatedReplicas ?? 0).toBe(replicas);
      }),
      { numRuns: 30, seed: 7 },
    );
  });
});
