/** Services, slices and changes of them by a seed, over every feature that makes rules. */
import type { Service } from '../../api/index.ts';
import type { EndpointSlice } from './endpoints.ts';
import type { IpFamily } from './ip-address.ts';
import type { ProxyState } from './proxy-state.ts';

export type Random = () => number;

export const seeded = (seed: number): Random => {
  let state = seed >>> 0 || 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
};

const pick = <T>(random: Random, list: readonly T[]): T => list[Math.floor(random() * list.length)]!;

const PREFIXES: Readonly<Record<IpFamily, { service: string; outside: string; pod: string }>> = {
  IPv4: { service: '10.96.0.', outside: '203.0.113.', pod: '10.244.' },
  IPv6: { service: 'fd00:10:96::', outside: '2001:db8:1::', pod: 'fd00:10:244:' },
};

export function randomService(random: Random, index: number, family: IpFamily): Service {
  const { service, outside } = PREFIXES[family];
  const type = pick(random, ['ClusterIP', 'NodePort', 'LoadBalancer', 'LoadBalancer', 'ExternalName']);
  const ports = Array.from({ length: 1 + Math.floor(random() * 3) }, (_, i) => ({
    name: `p${i}`,
    port: 80 + i,
    protocol: pick(random, ['TCP', 'UDP', 'SCTP']),
    ...(type === 'ClusterIP' || random() < 0.2 ? {} : { nodePort: 30_000 + index * 10 + i }),
  }));
  const isSticky = random() < 0.3;
  const hasRanges = random() < 0.5;
  const ranges = family === 'IPv4' ? ['198.51.100.0/24', '192.168.0.2/32'] : ['2001:db8:9::/48', 'fd00:1::2/128'];
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: `s${index}`, namespace: 'ns' },
    spec: {
      type,
      clusterIP: random() < 0.05 ? 'None' : `${service}${index + 1}`,
      ports,
      internalTrafficPolicy: pick(random, ['Cluster', 'Cluster', 'Local']),
      externalTrafficPolicy: pick(random, ['Cluster', 'Local']),
      // Two services may claim the same address.
      ...(random() < 0.3 ? { externalIPs: [`${outside}${pick(random, [1, 2, 3])}`] } : {}),
      ...(isSticky
        ? {
            sessionAffinity: 'ClientIP',
            sessionAffinityConfig: { clientIP: { timeoutSeconds: pick(random, [60, 10_800]) } },
          }
        : {}),
      ...(hasRanges ? { loadBalancerSourceRanges: ranges.slice(Math.floor(random() * 2)) } : {}),
    },
    status: type === 'LoadBalancer' ? { loadBalancer: { ingress: [{ ip: `${outside}${100 + index}` }] } } : {},
  } as Service;
}

export function randomSlice(random: Random, service: number, number: number, family: IpFamily): EndpointSlice {
  const { pod } = PREFIXES[family];
  const hints = pick(random, ['none', 'none', 'zone', 'node']);
  const readiness = pick(random, ['ready', 'mixed', 'leaving']);
  const endpoints = Array.from({ length: Math.floor(random() * 5) }, () => {
    const isLocal = random() < 0.4;
    const isReady = readiness === 'ready' || (readiness === 'mixed' && random() < 0.5);
    const number = 20 + Math.floor(random() * 20);
    return {
      addresses: [family === 'IPv4' ? `${pod}${isLocal ? 0 : 1}.${number}` : `${pod}${isLocal ? 1 : 2}::${number}`],
      nodeName: isLocal ? 'n1' : 'n2',
      conditions: { ready: isReady, serving: isReady || random() < 0.7, terminating: !isReady },
      hints: {
        ...(hints === 'none' ? {} : { forZones: [{ name: pick(random, ['za', 'zb']) }] }),
        ...(hints === 'node' ? { forNodes: [{ name: pick(random, ['n1', 'n2']) }] } : {}),
      },
    };
  });
  return {
    metadata: {
      name: `s${service}-${number}`,
      namespace: 'ns',
      labels: { 'kubernetes.io/service-name': `s${service}` },
    },
    addressType: family,
    ports: [0, 1, 2].flatMap((i) =>
      ['TCP', 'UDP', 'SCTP'].map((protocol) => ({ name: `p${i}`, port: 8080 + i, protocol })),
    ),
    endpoints,
  } as EndpointSlice;
}

/** Adds, changes or deletes one object. */
export function randomChange(random: Random, state: ProxyState, services: number): void {
  const index = Math.floor(random() * services);
  const slice = Math.floor(random() * 2);
  const what = random();
  if (what < 0.4) state.setService(randomService(random, index, state.family));
  else if (what < 0.5) state.deleteService(`ns/s${index}`);
  else if (what < 0.9) state.setSlice(randomSlice(random, index, slice, state.family));
  else state.deleteSlice(`ns/s${index}-${slice}`);
}
