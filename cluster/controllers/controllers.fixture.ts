/** A small cluster in virtual time for the tests of controllers: an API server, its client, and the controllers. */
import type { KubeObject, Pod } from '../../api/index.ts';
import {
  ApiServer,
  type DeleteOptions,
  InProcessClient,
  type Status,
  seededIds,
  type Target,
} from '../apiserver/index.ts';
import { VirtualClock } from '../clock.ts';
import { MemoryStore } from '../store/index.ts';
import { type ControllersOptions, runControllers } from './index.ts';
import { PODS } from './types.ts';

export function smallCluster(seed = 1, options: Partial<ControllersOptions> = {}) {
  const clock = new VirtualClock(Date.UTC(2026, 2, 4));
  const server = new ApiServer({ store: new MemoryStore({ clock }), clock, ids: seededIds(seed) });
  server.start((error) => {
    if (error !== undefined) throw new Error(error.message);
  });
  const client = new InProcessClient(server);
  const running = runControllers({ client, clock, ...options });
  const wait = (ms = 1000): void => {
    clock.settle();
    clock.runUntil(clock.nowMs + ms);
  };
  const must = (error: Status | undefined): void => {
    if (error !== undefined) throw new Error(error.message);
  };
  const then = (call: () => void): void => {
    call();
    wait();
  };
  const at = (target: Target, name?: string, subresource?: string): Target => ({
    ...target,
    namespace: server.registry.find(target)?.namespaced === false ? undefined : 'default',
    name,
    subresource,
  });
  const create = (target: Target, object: object): void =>
    then(() => client.create(at(target), object as KubeObject, {}, must));
  const patch = (target: Target, name: string, change: object, subresource?: string): void =>
    then(() => client.patch(at(target, name, subresource), 'merge', change, {}, must));
  const remove = (target: Target, name: string, options: DeleteOptions = {}): void =>
    then(() => client.delete(at(target, name), { gracePeriodSeconds: 0, ...options }, must));
  const pods = (): Pod[] => [...server.core.cachedAll('Pod', 'default')] as Pod[];
  const ready = (pod: Pod): void => {
    const lastTransitionTime = new Date(clock.nowMs).toISOString();
    const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime }];
    patch(PODS, pod.metadata!.name!, { status: { phase: 'Running', conditions } }, 'status');
  };
  wait();
  // biome-ignore lint/suspicious/noExplicitAny: tests look at objects of many kinds
  const get = (kind: string, name: string): any =>
    server.core.cached(kind, server.registry.storedKind(kind).namespaced ? 'default' : '', name);
  // biome-ignore lint/suspicious/noExplicitAny: as above
  const all = (kind: string): any[] => [...server.core.cachedAll(kind)];
  return { all, clock, server, client, running, wait, create, patch, remove, pods, ready, get };
}

export const template = (app: string, image = 'i:1') => ({
  metadata: { labels: { app } },
  spec: { containers: [{ name: 'c', image }] },
});

export const replicaSet = (name: string, replicas: number, more: object = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: { name },
  spec: { replicas, selector: { matchLabels: { app: name } }, template: template(name), ...more },
});
