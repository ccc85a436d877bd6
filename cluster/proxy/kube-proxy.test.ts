/** Proxies of many nodes on one list and watch, in virtual time. */
import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../api/index.ts';
import { ApiServer, InProcessClient, seededIds, type Target } from '../apiserver/index.ts';
import { VirtualClock } from '../clock.ts';
import { MemoryStore } from '../store/index.ts';
import { KubeProxy, ProxyInformers, type ProxySettings, ProxyState, parseRange } from './index.ts';

const SERVICES: Target = { group: '', version: 'v1', resource: 'services', namespace: 'default' };
const SLICES: Target = { group: 'discovery.k8s.io', version: 'v1', resource: 'endpointslices', namespace: 'default' };
const NODES: Target = { group: '', version: 'v1', resource: 'nodes' };

const settings = (name: string): ProxySettings => ({
  node: { name, ip: '192.168.0.2' },
  clusterRange: parseRange('10.244.0.0/16'),
  serviceRanges: [parseRange('10.96.0.0/12')!],
  masqueradeAll: false,
});

const FROM_POD = { source: '10.244.9.9', port: 80, protocol: 'tcp' } as const;

function cluster(nodeCount: number) {
  const clock = new VirtualClock(Date.UTC(2026, 2, 4));
  const server = new ApiServer({ store: new MemoryStore({ clock }), clock, ids: seededIds(1) });
  server.start((error) => expect(error).toBeUndefined());
  const client = new InProcessClient(server);
  const state = new ProxyState('IPv4');
  const informers = new ProxyInformers({ client, clock, state });
  const written: string[][] = [];
  const proxies = Array.from({ length: nodeCount }, (_, i) => {
    const texts: string[] = [];
    written.push(texts);
    const options = { state, settings: settings(`n${i}`), mode: 'nftables', clock } as const;
    // One node keeps its rules, the others only answer.
    const proxy = new KubeProxy(i === 0 ? { ...options, written: (text) => texts.push(text) } : options);
    informers.add(`n${i}`, proxy);
    return proxy;
  });
  const create = (target: Target, object: object): KubeObject => {
    let created: KubeObject | undefined;
    client.create(target, object as KubeObject, {}, (error, result) => {
      expect(error).toBeUndefined();
      created = result;
    });
    return created!;
  };
  let services = 0;
  const service = (name: string, spec: object = {}, labels: object = {}): string => {
    const clusterIP = `10.96.0.${++services}`;
    create(SERVICES, {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, labels },
      spec: { clusterIP, ports: [{ name: 'http', port: 80, protocol: 'TCP', targetPort: 8080 }], ...spec },
    });
    return clusterIP;
  };
  const sliceOf = (name: string, addresses: readonly string[], hints?: readonly string[]): object => ({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: `${name}-1`, labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    endpoints: addresses.map((address, i) => ({
      addresses: [address],
      conditions: { ready: true },
      ...(hints === undefined ? {} : { hints: { forZones: [{ name: hints[i]! }] } }),
    })),
  });
  const replaceSlice = (name: string, addresses: readonly string[]): void =>
    client.patch({ ...SLICES, name: `${name}-1` }, 'merge', sliceOf(name, addresses), {}, (error) =>
      expect(error).toBeUndefined(),
    );
  const run = (seconds: number): void => {
    clock.settle();
    clock.runUntil(clock.nowMs + seconds * 1000);
  };
  const endpoints = (proxy: KubeProxy, ip: string): readonly string[] | undefined => {
    const answer = proxy.decide({ ...FROM_POD, ip });
    return answer?.action === 'dnat' ? answer.endpoints.map(({ key }) => key) : undefined;
  };
  return { clock, create, service, sliceOf, replaceSlice, run, proxies, written, endpoints, informers, state };
}

describe('kube-proxy on list and watch', () => {
  it('synchronises once everything has been heard of, and then at most once a second', () => {
    const { create, service, sliceOf, replaceSlice, run, proxies, endpoints, informers } = cluster(1);
    const ip = service('web');
    create(SLICES, sliceOf('web', ['10.244.1.1']));
    expect(proxies[0]!.decide({ ...FROM_POD, ip })).toBeUndefined();
    informers.start();
    run(0.1);
    expect(endpoints(proxies[0]!, ip)).toEqual(['10.244.1.1:8080']);
    expect(proxies[0]!.syncCount).toBe(1);

    for (let i = 2; i < 10; i++) replaceSlice('web', [`10.244.1.${i}`]);
    run(0.5);
    expect(endpoints(proxies[0]!, ip)).toEqual(['10.244.1.1:8080']);
    run(0.5);
    expect(endpoints(proxies[0]!, ip)).toEqual(['10.244.1.9:8080']);
    expect(proxies[0]!.syncCount).toBe(2);
  });

  it('writes only what changed, and an hour later all is looked at again', () => {
    const { create, service, sliceOf, replaceSlice, run, proxies, written, informers } = cluster(1);
    service('web');
    service('idle');
    create(SLICES, sliceOf('web', ['10.244.1.1']));
    create(SLICES, sliceOf('idle', ['10.244.1.2']));
    informers.start();
    run(5);
    replaceSlice('web', ['10.244.1.1', '10.244.1.3']);
    run(5);
    const [first, second] = written[0]!;
    expect(first).toContain('default/idle/tcp/http');
    expect(second).toContain('numgen random mod 2 map { 0 : 10.244.1.1 . 8080, 1 : 10.244.1.3 . 8080 }');
    expect(second).not.toContain('idle');
    expect(second!.split('\n').length).toBeLessThan(8);
    run(3600);
    expect(proxies[0]!.syncCount).toBe(3);
  });

  it('keeps a client at its endpoint for as long as session affinity lasts', () => {
    const { create, service, sliceOf, run, proxies, informers } = cluster(1);
    const affinity = { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 60 } } };
    const ip = service('web', affinity);
    create(SLICES, sliceOf('web', ['10.244.1.1', '10.244.1.2']));
    informers.start();
    run(1);
    const connect = (random: number) => proxies[0]!.connect({ ...FROM_POD, ip }, random)?.ip;
    expect([connect(0), connect(0.9)]).toEqual(['10.244.1.1', '10.244.1.1']);
    run(59);
    expect(connect(0.9)).toBe('10.244.1.1');
    run(61);
    expect(connect(0.9)).toBe('10.244.1.2');
  });

  it('follows the zone of its node', () => {
    const { create, service, sliceOf, run, proxies, endpoints, informers } = cluster(2);
    const labels = (zone: string) => ({ 'topology.kubernetes.io/zone': zone });
    create(NODES, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n0', labels: labels('za') } });
    create(NODES, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1', labels: labels('zb') } });
    const ip = service('web');
    create(SLICES, sliceOf('web', ['10.244.1.1', '10.244.1.2'], ['za', 'zb']));
    informers.start();
    run(2);
    expect(endpoints(proxies[0]!, ip)).toEqual(['10.244.1.1:8080']);
    expect(endpoints(proxies[1]!, ip)).toEqual(['10.244.1.2:8080']);
    expect(proxies[0]!.rules()).toContain('meta l4proto tcp dnat to 10.244.1.1:8080');
  });

  it('leaves services of other proxies and slices of headless services alone', () => {
    const { create, service, sliceOf, run, informers, state } = cluster(1);
    service('web', {});
    service('other', {}, { 'service.kubernetes.io/service-proxy-name': 'mine' });
    create(SLICES, sliceOf('web', ['10.244.1.1']));
    informers.start();
    run(2);
    expect(state.view('default/web').ports).toHaveLength(1);
    expect(state.view('default/other').ports).toHaveLength(0);
  });

  it('has three thousand nodes work by one state, each by what it had seen at its own time', () => {
    const { create, service, sliceOf, replaceSlice, run, proxies, endpoints, informers, state } = cluster(3000);
    const ips = Array.from({ length: 20 }, (_, i) => service(`s${i}`));
    for (let i = 0; i < 20; i++) create(SLICES, sliceOf(`s${i}`, [`10.244.1.${i}`]));
    informers.start();
    run(2);
    expect(proxies.every((proxy) => endpoints(proxy, ips[7]!)?.[0] === '10.244.1.7:8080')).toBe(true);
    replaceSlice('s7', ['10.244.1.77']);
    run(0);
    proxies[1]!.stop();
    run(2);
    expect(endpoints(proxies[2999]!, ips[7]!)).toEqual(['10.244.1.77:8080']);
    expect(new Set(proxies.slice(2).map(({ revision }) => revision))).toEqual(new Set([state.revision]));
  });
});
