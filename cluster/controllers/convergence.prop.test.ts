/** Whatever is deleted, edited or orphaned while controllers run: in the end there is what was asked for. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Target } from '../apiserver/index.ts';
import { replicaSet, smallCluster, template } from './controllers.fixture.ts';
import { ENDPOINTS } from './endpoints/endpoints.ts';
import { ENDPOINT_SLICES } from './endpointslice/slice.ts';
import { isActive, isFinished, isReady } from './pod-state.ts';
import { SERVICES } from './services/service.ts';
import { DEPLOYMENTS, PODS, REPLICA_SETS } from './types.ts';

const QUOTAS = { group: '', version: 'v1', resource: 'resourcequotas' };
const BUDGETS = { group: 'policy', version: 'v1', resource: 'poddisruptionbudgets' };
/** What looks at the pods of `web`. */
const OTHERS: ReadonlyArray<readonly [target: Target, object: object]> = [
  [
    SERVICES,
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web' },
      // No node is there that the pods could be on.
      spec: { selector: { app: 'web' }, ports: [{ port: 80 }], publishNotReadyAddresses: true },
    },
  ],
  [QUOTAS, { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'q' }, spec: { hard: { pods: '100' } } }],
  [
    BUDGETS,
    {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'b' },
      spec: { minAvailable: 1, selector: { matchLabels: { app: 'web' } } },
    },
  ],
];

const disturbance = fc.record({
  what: fc.constantFrom(
    ...['delete', 'orphan', 'relabel', 'fail', 'ready', 'scale', 'image', 'delete-set'],
    ...['delete-slice', 'empty-slice', 'delete-endpoints', 'spoil-quota', 'spoil-budget'],
  ),
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
        for (const [target, object] of OTHERS) each.create(target, object);
        let replicas = 3;
        let image = 'i:1';
        let addresses = 1;
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
          } else if (what.endsWith('slice')) {
            const slices = each.all('EndpointSlice');
            const slice = slices[which % Math.max(1, slices.length)]?.metadata.name;
            if (slice !== undefined && what === 'delete-slice') each.remove(ENDPOINT_SLICES, slice);
            else if (slice !== undefined) each.patch(ENDPOINT_SLICES, slice, { endpoints: [] });
          } else if (what === 'delete-endpoints') {
            if (each.get('Endpoints', 'web') !== undefined) each.remove(ENDPOINTS, 'web');
          } else if (what === 'spoil-quota') {
            each.patch(QUOTAS, 'q', { status: { used: { pods: String(number) } } }, 'status');
          } else if (what === 'spoil-budget') {
            each.patch(BUDGETS, 'b', { status: { disruptionsAllowed: number, expectedPods: number } }, 'status');
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
            if (pod === undefined || !isActive(pod)) continue;
            if (pod.status.podIP === undefined) {
              const podIP = `10.0.${addresses >> 8}.${addresses++ & 255}`;
              each.patch(PODS, metadata!.name!, { status: { podIP, podIPs: [{ ip: podIP }] } }, 'status');
            }
            each.ready(pod);
          }
          each.wait(5000);
        }
        each.wait(310_000);
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
        const serving = each.pods().filter((pod) => isActive(pod) && pod.metadata?.labels?.app === 'web');
        const names = serving.map(({ metadata }) => metadata!.name).sort();
        const listed = (lists: any[]): string[] => lists.map(({ targetRef }) => targetRef.name).sort();
        expect(listed(each.all('EndpointSlice').flatMap(({ endpoints }) => endpoints ?? []))).toEqual(names);
        const subsets = each.get('Endpoints', 'web').subsets ?? [];
        expect(listed(subsets.flatMap(({ addresses = [] }: { addresses?: any[] }) => addresses))).toEqual(names);
        expect(each.get('ResourceQuota', 'q').status.used.pods).toBe(
          String(each.pods().filter((pod) => !isFinished(pod)).length),
        );
        const { currentHealthy, disruptionsAllowed } = each.get('PodDisruptionBudget', 'b').status;
        const healthy = each.pods().filter((pod) => isReady(pod) && pod.metadata?.labels?.app === 'web').length;
        expect([currentHealthy, disruptionsAllowed]).toEqual([healthy, Math.max(0, healthy - 1)]);
        // Nothing is without its owner.
        const all = [...each.all('Pod'), ...each.all('ReplicaSet'), ...each.all('EndpointSlice')];
        const uids = new Set(
          [...all, ...each.all('Deployment'), ...each.all('Service')].map(({ metadata }) => metadata.uid),
        );
        for (const { metadata } of all)
          for (const { uid } of metadata.ownerReferences ?? []) expect(uids).toContain(uid);
      }),
      { numRuns: 30, seed: 7 },
    );
  });
});
