/** Deployment to Running to gone: API server, controllers, scheduler and kubelets on one virtual clock. */
import { describe, expect, it } from 'vitest';
import type { KubeObject, Pod } from '../../api/index.ts';
import { inTreePlugins } from '../../plugins/index.ts';
import { defaultConfig } from '../../scheduler/config/index.ts';
import { runControllers } from '../controllers/index.ts';
import { runScheduler } from '../scheduler-client/index.ts';
import { clusterWithKubelets } from './kubelet.fixture.ts';

const DEPLOYMENTS = { group: 'apps', version: 'v1', resource: 'deployments', namespace: 'default' };

function wholeCluster() {
  const each = clusterWithKubelets({ nodes: 5, runtime: 'containerd' });
  const { client, clock } = each;
  runControllers({ client, clock });
  runScheduler({ client, clock, instance: 'test', config: defaultConfig(inTreePlugins), registry: inTreePlugins });
  each.wait();
  const pods = (): Pod[] => [...each.server.core.cachedAll('Pod', 'default')] as Pod[];
  const deployment = () =>
    each.server.core.cached('Deployment', 'default', 'web') as { status?: Record<string, unknown> };
  const apply = (image: string, replicas: number): void => {
    const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image }] } };
    const spec = { replicas, selector: { matchLabels: { app: 'web' } }, template };
    const object = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec };
    client.create(DEPLOYMENTS, object as KubeObject, {}, (error) => expect(error).toBeUndefined());
  };
  return { ...each, pods, deployment, apply };
}

describe('a whole cluster in virtual time', () => {
  it('runs a Deployment, rolls it, replaces what is deleted, and ends it', () => {
    const each = wholeCluster();
    each.apply('nginx:1', 20);
    each.wait(30_000);
    expect(each.deployment().status).toMatchObject({ replicas: 20, readyReplicas: 20, availableReplicas: 20 });
    expect(each.pods().every(({ status }) => status?.phase === 'Running')).toBe(true);
    expect(new Set(each.pods().map(({ status }) => status?.podIP)).size).toBe(20);

    const change = { spec: { template: { spec: { containers: [{ name: 'c', image: 'nginx:2' }] } } } };
    each.client.patch({ ...DEPLOYMENTS, name: 'web' }, 'merge', change, {}, (error) => expect(error).toBeUndefined());
    each.wait(180_000);
    expect(each.pods()).toHaveLength(20);
    expect(
      each.pods().every(({ status }) => status?.containerStatuses?.[0]?.image === 'docker.io/library/nginx:2'),
    ).toBe(true);
    expect(each.deployment().status).toMatchObject({ updatedReplicas: 20, availableReplicas: 20 });

    const [victim] = each.pods();
    each.remove(victim!.metadata!.name!);
    each.wait(60_000);
    expect(each.pods()).toHaveLength(20);
    expect(each.pods().some(({ metadata }) => metadata?.name === victim!.metadata!.name)).toBe(false);
    expect(each.deployment().status).toMatchObject({ readyReplicas: 20 });

    each.client.patch({ ...DEPLOYMENTS, name: 'web' }, 'merge', { spec: { replicas: 0 } }, {}, () => {});
    each.wait(120_000);
    expect(each.pods()).toEqual([]);
    expect([...Array(5).keys()].map((i) => each.pool.kubelet(`node-${i}`).podCount)).toEqual([0, 0, 0, 0, 0]);
  });
});
