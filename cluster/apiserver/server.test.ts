import { describe, expect, it } from 'vitest';
import type { KubeObject, Pod } from '../../api/index.ts';
import { VirtualClock } from '../clock.ts';
import { MemoryStore } from '../store/index.ts';
import type { ApiAnswer, ApiWatchEvent, ListOptions, ObjectList, Target, WatchOptions } from './client.ts';
import { ApiServer, type ApiServerOptions, InProcessClient, type InProcessClientOptions, seededIds } from './index.ts';
import type { Status } from './status.ts';

const PODS: Target = { group: '', version: 'v1', resource: 'pods', namespace: 'default' };
const NODES: Target = { group: '', version: 'v1', resource: 'nodes' };
const NAMESPACES: Target = { group: '', version: 'v1', resource: 'namespaces' };
const CONFIG_MAPS: Target = { ...PODS, resource: 'configmaps' };

function cluster(options: Partial<ApiServerOptions> = {}, clientOptions: InProcessClientOptions = {}) {
  const clock = new VirtualClock(Date.UTC(2026, 2, 4));
  const store = options.store ?? new MemoryStore({ clock });
  const server = new ApiServer({ store, clock, ids: seededIds(1), ...options });
  server.start((error) => expect(error).toBeUndefined());
  return { clock, store, server, client: new InProcessClient(server, clientOptions) };
}

/** The answer of a call that answers before it returns. */
function sync<T>(call: (answer: ApiAnswer<T>) => void): T {
  const { error, result } = both(call);
  if (error !== undefined) throw new Error(error.message);
  return result;
}

function both<T>(call: (answer: ApiAnswer<T>) => void): { error: Status | undefined; result: T } {
  let answer: { error: Status | undefined; result: T } | undefined;
  call((error, result) => {
    answer = { error, result };
  });
  if (answer === undefined) throw new Error('no answer');
  return answer;
}

const refusal = <T>(call: (answer: ApiAnswer<T>) => void): Status => both(call).error!;

const pod = (name: string, more: Partial<Pod['spec']> = {}, metadata: object = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, ...metadata },
  spec: { containers: [{ name: 'c', image: 'nginx' }], ...more },
});

const binding = (name: string, node: string): KubeObject =>
  ({ apiVersion: 'v1', kind: 'Binding', metadata: { name }, target: { kind: 'Node', name: node } }) as KubeObject;

function record(client: InProcessClient, target: Target, options: WatchOptions) {
  const events: ApiWatchEvent[] = [];
  let ended = 0;
  const stop = client.watch(target, options, {
    event: (event) => events.push(event),
    ended: () => {
      ended++;
    },
  });
  const texts = (): string[] =>
    events.map(
      ({ type, object }) => `${type} ${(object as KubeObject).metadata?.name ?? (object as Status).message ?? ''}`,
    );
  return { events, texts, stop, ended: () => ended };
}

describe('ApiServer in process', () => {
  it('takes a pod from creation over binding to its end, and tells it to a watch', () => {
    const { clock, client } = cluster();
    const watch = record(client, PODS, {});
    sync<KubeObject>((answer) =>
      client.create(NODES, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n0' } }, {}, answer),
    );
    const created = sync<KubeObject>((answer) => client.create(PODS, pod('p'), {}, answer)) as Pod;
    expect(created).toMatchObject({
      metadata: { name: 'p', namespace: 'default', generation: 1, creationTimestamp: '2026-03-04T00:00:00Z' },
      spec: { restartPolicy: 'Always', priority: 0, schedulerName: 'default-scheduler' },
      status: { phase: 'Pending', qosClass: 'BestEffort' },
    });
    const one = { ...PODS, name: 'p' };
    expect(sync<KubeObject>((answer) => client.get(one, answer))).toBe(created);
    sync<KubeObject>((answer) => client.create({ ...one, subresource: 'binding' }, binding('p', 'n0'), {}, answer));
    const ending = sync<KubeObject | Status>((answer) => client.delete(one, {}, answer)) as Pod;
    expect(ending.metadata).toMatchObject({
      deletionTimestamp: '2026-03-04T00:00:30Z',
      deletionGracePeriodSeconds: 30,
      generation: 2,
    });
    sync<KubeObject | Status>((answer) => client.delete(one, { gracePeriodSeconds: 0 }, answer));
    expect(refusal<KubeObject>((answer) => client.get(one, answer))).toMatchObject({
      code: 404,
      message: 'pods "p" not found',
    });
    clock.settle();
    expect(watch.texts()).toEqual(['ADDED p', 'MODIFIED p', 'MODIFIED p', 'MODIFIED p', 'DELETED p']);
    expect((watch.events[1]!.object as Pod).spec?.nodeName).toBe('n0');
  });

  it('gives the same event to all who watch the same, and tells transitions of selectors', () => {
    const { clock, client } = cluster();
    const a = record(client, PODS, {});
    const b = record(client, { ...PODS, namespace: undefined }, {});
    const selected = record(client, PODS, { labelSelector: 's=1' });
    const onNode = record(client, { ...PODS, namespace: undefined }, { fieldSelector: 'spec.nodeName=n0' });
    sync<KubeObject>((answer) => client.create(PODS, pod('p'), {}, answer));
    for (const labels of [{ s: '1' }, { s: '1', t: '1' }, { s: null }]) {
      sync<KubeObject>((answer) => client.patch({ ...PODS, name: 'p' }, 'merge', { metadata: { labels } }, {}, answer));
    }
    sync<KubeObject>((answer) =>
      client.create({ ...PODS, name: 'p', subresource: 'binding' }, binding('p', 'n0'), {}, answer),
    );
    clock.settle();
    expect(a.events[0]).toBe(b.events[0]);
    expect(selected.texts()).toEqual(['ADDED p', 'MODIFIED p', 'DELETED p']);
    expect(selected.events[2]!.object.metadata).toMatchObject({ labels: { s: '1', t: '1' } });
    expect(onNode.texts()).toEqual(['ADDED p']);
  });

  it('tells several deletions of one revision', () => {
    const { clock, client } = cluster();
    const watch = record(client, { ...PODS, resource: 'events' }, {});
    for (const name of ['e1', 'e2']) {
      const event = { apiVersion: 'v1', kind: 'Event', metadata: { name }, involvedObject: { namespace: 'default' } };
      sync<KubeObject>((answer) => client.create({ ...PODS, resource: 'events' }, event as KubeObject, {}, answer));
    }
    clock.runUntil(clock.nowMs + 2 * 3600_000);
    expect(watch.texts()).toEqual(['ADDED e1', 'ADDED e2', 'DELETED e1', 'DELETED e2']);
  });

  it('makes no revision of writes that change nothing', () => {
    const { client } = cluster();
    const first = sync<KubeObject>((answer) => client.create(CONFIG_MAPS, configMap({ a: '1' }), {}, answer));
    const again = sync<KubeObject>((answer) =>
      client.update({ ...CONFIG_MAPS, name: 'c' }, configMap({ a: '1' }), {}, answer),
    );
    expect(again).toBe(first);
    const changed = sync<KubeObject>((answer) =>
      client.update({ ...CONFIG_MAPS, name: 'c' }, configMap({ a: '2' }), {}, answer),
    );
    expect(Number(changed.metadata?.resourceVersion)).toBe(Number(first.metadata?.resourceVersion) + 1);
  });

  it('refuses what is written on an old state', () => {
    const { client } = cluster();
    const first = sync<KubeObject>((answer) => client.create(CONFIG_MAPS, configMap({ a: '1' }), {}, answer));
    const one = { ...CONFIG_MAPS, name: 'c' };
    sync<KubeObject>((answer) => client.update(one, configMap({ a: '2' }), {}, answer));
    const stale = { ...configMap({ a: '3' }), metadata: { ...first.metadata } } as KubeObject;
    expect(refusal<KubeObject>((answer) => client.update(one, stale, {}, answer))).toMatchObject({
      code: 409,
      reason: 'Conflict',
    });
  });

  it('lists in pages of one revision', () => {
    const { client } = cluster();
    for (const name of ['b', 'a', 'c']) sync<KubeObject>((answer) => client.create(PODS, pod(name), {}, answer));
    const page = (options: ListOptions): ObjectList => sync<ObjectList>((answer) => client.list(PODS, options, answer));
    const names = ({ items }: ObjectList): unknown[] => items.map(({ metadata }) => metadata?.name);
    const first = page({ limit: 2 });
    expect([names(first), first.metadata.remainingItemCount]).toEqual([['a', 'b'], 1]);
    sync<KubeObject>((answer) => client.create(PODS, pod('d'), {}, answer));
    const second = page({ limit: 2, continue: first.metadata.continue });
    expect(names(second)).toEqual(['c']);
    expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
    expect(names(page({}))).toEqual(['a', 'b', 'c', 'd']);
    expect(names(page({ resourceVersion: first.metadata.resourceVersion, resourceVersionMatch: 'Exact' }))).toEqual([
      'a',
      'b',
      'c',
    ]);
    expect(names(page({ fieldSelector: 'metadata.name=b' }))).toEqual(['b']);
  });

  it('resumes a watch, and says 410 where the past is gone', () => {
    const { clock, store, client } = cluster({ historySize: 2 });
    const [first] = ['a', 'b', 'c', 'd'].map((name) =>
      sync<KubeObject>((answer) => client.create(PODS, pod(name), {}, answer)),
    );
    const since = (resourceVersion: string) => {
      const watch = record(client, PODS, { resourceVersion });
      clock.settle();
      return watch;
    };
    const version = Number(first!.metadata?.resourceVersion);
    expect(since(String(version + 1)).texts()).toEqual(['ADDED c', 'ADDED d']);
    const tooOld = since(String(version));
    expect(tooOld.texts()).toEqual([`ERROR too old resource version: ${version} (${version + 1})`]);
    expect(tooOld.ended()).toBe(1);
    store.status((_, status) => expect(status.revision).toBe(version + 3));
  });

  it('streams a list before it follows', () => {
    const { clock, client } = cluster();
    sync<KubeObject>((answer) => client.create(PODS, pod('p'), {}, answer));
    const options = { sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan', allowWatchBookmarks: true };
    const watch = record(client, PODS, options);
    clock.settle();
    sync<KubeObject>((answer) => client.create(PODS, pod('q'), {}, answer));
    clock.settle();
    expect(watch.texts()).toEqual(['ADDED p', 'BOOKMARK ', 'ADDED q']);
    expect(watch.events[1]!.object.metadata).toMatchObject({ annotations: { 'k8s.io/initial-events-end': 'true' } });
    watch.stop();
    sync<KubeObject>((answer) => client.create(PODS, pod('r'), {}, answer));
    clock.settle();
    expect(watch.events).toHaveLength(3);
  });

  it('ends a watch at its timeout, after a bookmark', () => {
    const { clock, client } = cluster();
    const watch = record(client, PODS, { timeoutSeconds: 5, allowWatchBookmarks: true });
    clock.settle();
    clock.runUntil(clock.nowMs + 5000);
    expect(watch.texts()).toEqual(['BOOKMARK ']);
    expect(watch.ended()).toBe(1);
  });

  it('keeps what has finalizers until the last one goes', () => {
    const { client } = cluster();
    const one = { ...CONFIG_MAPS, name: 'c' };
    const held = { ...configMap({}), metadata: { name: 'c', finalizers: ['x.io/f'] } } as KubeObject;
    sync<KubeObject>((answer) => client.create(CONFIG_MAPS, held, {}, answer));
    const ending = sync<KubeObject | Status>((answer) => client.delete(one, {}, answer)) as KubeObject;
    expect(ending.metadata).toMatchObject({ deletionGracePeriodSeconds: 0, finalizers: ['x.io/f'] });
    sync<KubeObject>((answer) => client.patch(one, 'merge', { metadata: { finalizers: null } }, {}, answer));
    expect(refusal<KubeObject>((answer) => client.get(one, answer)).code).toBe(404);
  });

  it('clears a namespace before it goes', () => {
    const { client } = cluster();
    sync<KubeObject>((answer) =>
      client.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'tmp' } }, {}, answer),
    );
    const one = { ...NAMESPACES, name: 'tmp' };
    const ending = sync<KubeObject | Status>((answer) => client.delete(one, {}, answer)) as KubeObject;
    expect(ending).toMatchObject({ status: { phase: 'Terminating' } });
    const inside = { ...PODS, namespace: 'tmp' };
    expect(refusal<KubeObject>((answer) => client.create(inside, pod('x'), {}, answer))).toMatchObject({
      code: 403,
      message: 'pods "x" is forbidden: unable to create new content in namespace tmp because it is being terminated',
    });
    const emptied = { ...ending, spec: { finalizers: [] } } as KubeObject;
    sync<KubeObject>((answer) => client.update({ ...one, subresource: 'finalize' }, emptied, {}, answer));
    expect(refusal<KubeObject>((answer) => client.get(one, answer)).code).toBe(404);
  });

  it('makes names, and others when one is taken', () => {
    const { client } = cluster();
    const named = (): string | undefined =>
      sync<KubeObject>((answer) =>
        client.create(PODS, pod('', {}, { name: undefined, generateName: 'g-' }), {}, answer),
      ).metadata?.name;
    expect(new Set([named(), named(), named()]).size).toBe(3);
    expect(named()).toMatch(/^g-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
  });

  it('writes scales', () => {
    const { client } = cluster();
    const deployments = { group: 'apps', version: 'v1', resource: 'deployments', namespace: 'default' };
    const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
    const spec = { selector: { matchLabels: { a: 'b' } }, template };
    const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd' }, spec };
    sync<KubeObject>((answer) => client.create(deployments, deployment as KubeObject, {}, answer));
    const scale = { ...deployments, name: 'd', subresource: 'scale' };
    const scaled = sync<KubeObject>((answer) => client.patch(scale, 'merge', { spec: { replicas: 5 } }, {}, answer));
    expect(scaled).toMatchObject({ kind: 'Scale', spec: { replicas: 5 }, status: { replicas: 0, selector: 'a=b' } });
    expect(sync<KubeObject>((answer) => client.get({ ...deployments, name: 'd' }, answer))).toMatchObject({
      metadata: { generation: 2 },
      spec: { replicas: 5 },
    });
  });

  it('lets kubelets change their own node only', () => {
    const user = { username: 'system:node:n1', groups: ['system:nodes'] };
    const { server, client } = cluster();
    sync<KubeObject>((answer) =>
      client.create(NODES, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n0' } }, {}, answer),
    );
    const kubelet = new InProcessClient(server, { user });
    const status = { ...NODES, name: 'n0', subresource: 'status' };
    expect(
      refusal<KubeObject>((answer) => kubelet.patch(status, 'merge', { status: { phase: 'x' } }, {}, answer)),
    ).toMatchObject({
      code: 403,
      message: 'nodes "n0" is forbidden: node "n1" is not allowed to modify node "n0"',
    });
  });

  it('reads what another server has written', () => {
    const { clock, store, client } = cluster();
    sync<KubeObject>((answer) => client.create(PODS, pod('p'), {}, answer));
    const other = new InProcessClient(startOn(store, clock));
    expect(sync<ObjectList>((answer) => other.list(PODS, {}, answer)).items).toHaveLength(1);
    sync<KubeObject | Status>((answer) => other.delete({ ...PODS, name: 'p' }, {}, answer));
    expect(sync<ObjectList>((answer) => client.list(PODS, {}, answer)).items).toHaveLength(0);
  });
});

function startOn(store: MemoryStore | ApiServerOptions['store'], clock: VirtualClock): ApiServer {
  const server = new ApiServer({ store, clock, ids: seededIds(2) });
  server.start((error) => expect(error).toBeUndefined());
  return server;
}

const configMap = (data: Record<string, string>): KubeObject =>
  ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' }, data }) as KubeObject;
