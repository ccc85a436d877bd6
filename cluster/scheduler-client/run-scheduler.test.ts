/** The scheduler lives on list and watch alone, in virtual time. */
import { describe, expect, it } from 'vitest';
import type { KubeObject, Pod } from '../../api/index.ts';
import { inTreePlugins } from '../../plugins/index.ts';
import { defaultConfig } from '../../scheduler/config/index.ts';
import type { WatchEvent } from '../../scheduler/timed/api.ts';
import { ApiServer, type ApiServerOptions, InProcessClient, seededIds, type Target } from '../apiserver/index.ts';
import { VirtualClock } from '../clock.ts';
import { MemoryStore } from '../store/index.ts';
import { Reflector, runScheduler } from './index.ts';

const PODS: Target = { group: '', version: 'v1', resource: 'pods', namespace: 'default' };
const NODES: Target = { group: '', version: 'v1', resource: 'nodes' };

function cluster(options: Partial<ApiServerOptions> = {}) {
  const clock = new VirtualClock(Date.UTC(2026, 2, 4));
  const store = new MemoryStore({ clock });
  const admission = { taintNodesByCondition: false };
  const server = new ApiServer({ store, clock, ids: seededIds(1), admission, ...options });
  server.start((error) => expect(error).toBeUndefined());
  const client = new InProcessClient(server);
  const create = (target: Target, object: object): void =>
    client.create(target, object as KubeObject, {}, (error) => expect(error).toBeUndefined());
  const resources = { cpu: '2', memory: '4Gi', pods: '110' };
  const node = (name: string): void =>
    create(NODES, {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name, labels: { 'kubernetes.io/hostname': name } },
      status: { capacity: resources, allocatable: resources },
    });
  const pod = (name: string, cpu: string, more: object = {}): void =>
    create(PODS, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name },
      spec: { containers: [{ name: 'c', image: 'i', resources: { requests: { cpu } } }], ...more },
    });
  const podNow = (name: string) => server.core.cached('Pod', 'default', name) as Pod | undefined;
  const events = (): Record<string, unknown>[] => [...server.core.cachedAll('Event')] as never;
  return { clock, server, client, create, node, pod, podNow, events };
}

const scheduling = (each: ReturnType<typeof cluster>) =>
  runScheduler({
    client: each.client,
    clock: each.clock,
    instance: 'test',
    config: defaultConfig(inTreePlugins),
    registry: inTreePlugins,
  });

describe('runScheduler', () => {
  it('binds what is there and what comes, and records events', () => {
    const each = cluster();
    each.node('n0');
    each.pod('before', '1');
    scheduling(each);
    each.clock.runUntil(each.clock.nowMs + 1000);
    each.pod('after', '1');
    each.clock.runUntil(each.clock.nowMs + 1000);
    for (const name of ['before', 'after']) {
      expect(each.podNow(name)).toMatchObject({
        spec: { nodeName: 'n0' },
        status: { conditions: [{ type: 'PodScheduled', status: 'True' }] },
      });
    }
    expect(
      each
        .events()
        .map(({ reason, message }) => `${reason}: ${message}`)
        .sort(),
    ).toEqual([
      'Scheduled: Successfully assigned default/after to n0',
      'Scheduled: Successfully assigned default/before to n0',
    ]);
  });
  it('says why a pod cannot be placed, and binds it when a node comes', () => {
    const each = cluster();
    each.node('n0');
    scheduling(each);
    each.pod('big', '3');
    each.clock.runUntil(each.clock.nowMs + 1000);
    expect(each.podNow('big')?.status?.conditions).toMatchObject([
      { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: expect.stringMatching(/^0\/1 nodes/) },
    ]);
    each.client.patch({ ...NODES, name: 'n0' }, 'merge', { status: { allocatable: { cpu: '8' } } }, {}, () => {});
    each.client.patch(
      { ...NODES, name: 'n0', subresource: 'status' },
      'merge',
      { status: { allocatable: { cpu: '8' } } },
      {},
      () => {},
    );
    each.clock.runUntil(each.clock.nowMs + 20_000);
    expect(each.podNow('big')?.spec?.nodeName).toBe('n0');
  });
  it('preempts: nominates, evicts the victim, binds when its room is free', () => {
    const each = cluster();
    each.create(
      { group: 'scheduling.k8s.io', version: 'v1', resource: 'priorityclasses' },
      { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: 'hi' }, value: 1000 },
    );
    each.node('n0');
    scheduling(each);
    each.pod('low', '2');
    each.clock.runUntil(each.clock.nowMs + 1000);
    each.pod('high', '2', { priorityClassName: 'hi' });
    each.clock.runUntil(each.clock.nowMs + 1000);
    expect(each.podNow('high')?.status?.nominatedNodeName).toBe('n0');
    expect(each.podNow('low')?.metadata?.deletionTimestamp).toBeDefined();
    // The kubelet's part.
    each.client.delete({ ...PODS, name: 'low' }, { gracePeriodSeconds: 0 }, () => {});
    each.clock.runUntil(each.clock.nowMs + 20_000);
    expect(each.podNow('high')?.spec?.nodeName).toBe('n0');
    expect(each.events().map(({ reason }) => reason)).toContain('Preempted');
  });
});

describe('Reflector', () => {
  it('lists anew when the server no longer remembers, and tells what changed meanwhile', () => {
    const each = cluster({ historySize: 4 });
    each.pod('stays', '1');
    each.pod('goes', '1');
    const told: string[] = [];
    let watches = 0;
    let cut: () => void = () => {};
    // A connection that breaks when the test says so.
    const client = Object.create(each.client) as InProcessClient;
    client.watch = (target, options, handler) => {
      watches++;
      const stop = each.client.watch(target, options, handler);
      cut = () => {
        stop();
        handler.ended();
      };
      return stop;
    };
    const event = ({ type, object }: WatchEvent): unknown => told.push(`${type} ${object.metadata?.name}`);
    new Reflector({ client, clock: each.clock, target: PODS, event }).start();
    each.clock.settle();
    expect(told.splice(0)).toEqual(['added goes', 'added stays']);
    cut();
    each.client.delete({ ...PODS, name: 'goes' }, {}, () => {});
    for (let i = 0; i < 20; i++) each.pod(`new${i}`, '1');
    each.client.patch({ ...PODS, name: 'stays' }, 'merge', { metadata: { labels: { a: '1' } } }, {}, () => {});
    each.clock.runUntil(each.clock.nowMs + 5000);
    expect(watches).toBe(3);
    expect(told).toContain('modified stays');
    expect(told).toContain('deleted goes');
    expect(told.filter((text) => text.startsWith('added new'))).toHaveLength(20);
    expect(told).toHaveLength(22);
  });
});
