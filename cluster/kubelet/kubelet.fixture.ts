/** A small cluster with kubelets in virtual time. */
import type { KubeObject, Node, Pod } from '../../api/index.ts';
import { ApiServer, InProcessClient, type Status, seededIds, type Target } from '../apiserver/index.ts';
import { VirtualClock } from '../clock.ts';
import { Registry, type RuntimeModel } from '../runtimes/index.ts';
import { MemoryStore } from '../store/index.ts';
import { KubeletPool, type KubeletPoolOptions } from './kubelet-pool.ts';
import { type ModelRuntimesOptions, modelRuntimes } from './model-runtimes.ts';
import { nodeSpecs } from './node-spec.ts';

export const PODS: Target = { group: '', version: 'v1', resource: 'pods', namespace: 'default' };

export interface FixtureOptions extends Partial<Omit<ModelRuntimesOptions, 'clock'>> {
  readonly nodes?: number;
  readonly pool?: Partial<KubeletPoolOptions>;
  readonly capacity?: Record<string, string>;
}

export function clusterWithKubelets(options: FixtureOptions = {}) {
  const { nodes = 1, pool: more = {}, runtime = 'instant', capacity } = options;
  const clock = new VirtualClock(Date.UTC(2026, 2, 4));
  const admission = { taintNodesByCondition: false };
  const server = new ApiServer({ store: new MemoryStore({ clock }), clock, ids: seededIds(1), admission });
  const must = (error: Status | undefined): void => {
    if (error !== undefined) throw new Error(error.message);
  };
  server.start(must);
  const client = new InProcessClient(server);
  const registry = new Registry();
  const models = modelRuntimes({ registry, ...options, clock, runtime });
  const pool = new KubeletPool({
    client,
    clock,
    nodes: nodeSpecs({ count: nodes, ...(capacity && { capacity }) }),
    ...models,
    ...more,
  });
  const wait = (ms = 3000): void => {
    clock.settle();
    clock.runUntil(clock.nowMs + ms);
  };
  const at = (name: string, subresource?: string): Target => ({ ...PODS, name, subresource });
  const create = (name: string, spec: object = {}, metadata: object = {}): void => {
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, ...metadata },
      spec: { nodeName: 'node-0', containers: [{ name: 'c', image: 'nginx:1' }], ...spec },
    };
    client.create(PODS, pod as unknown as KubeObject, {}, must);
  };
  const remove = (name: string, gracePeriodSeconds?: number): void =>
    client.delete(at(name), gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }, must);
  const pod = (name: string) => server.core.cached('Pod', 'default', name) as Pod | undefined;
  const node = (name: string) => server.core.cached('Node', '', name) as Node;
  const events = (name?: string): string[] =>
    ([...server.core.cachedAll('Event')] as unknown as Event[])
      .filter(({ involvedObject }) => name === undefined || involvedObject.name === name)
      .map(({ reason, message, count }) => `${reason}: ${message}${count > 1 ? ` (x${count})` : ''}`);
  /** Every status of the pod that was written, from now on. */
  const history = (name: string): Pod[] => {
    const seen: Pod[] = [];
    client.watch(
      PODS,
      { fieldSelector: `metadata.name=${name}` },
      {
        event: ({ type, object }) => void ((type === 'ADDED' || type === 'MODIFIED') && seen.push(object as Pod)),
        ended: () => {},
      },
    );
    return seen;
  };
  const model = (name = 'node-0'): RuntimeModel => pool.kubelet(name).runtime as RuntimeModel;
  pool.start();
  wait(1);
  return { clock, server, client, pool, registry, wait, create, remove, pod, node, events, history, model };
}

interface Event {
  readonly reason: string;
  readonly message: string;
  readonly count: number;
  readonly involvedObject: { readonly name: string };
}

/** Type and status of each condition. */
export const conditionsOf = (pod: Pod | undefined): Record<string, string> =>
  Object.fromEntries((pod?.status?.conditions ?? []).map(({ type, status }) => [type, status]));

export const behaviour = (text: string) => ({ annotations: { 'berth/behaviour': text } });
