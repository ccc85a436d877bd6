/** The endpoints of a service's ports, out of all its slices. Source: `pkg/proxy/endpointslicecache.go`, v1.37.2. */
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.d.ts';
import { canonicalIp, type IpFamily, joinHostPort } from './ip-address.ts';

export type { EndpointSlice };

export interface Endpoint {
  /** `address:port`; endpoints are told apart and sorted by it. */
  readonly key: string;
  readonly ip: string;
  readonly port: number;
  readonly nodeName: string | undefined;
  readonly isReady: boolean;
  /** Would answer although it is on its way out. */
  readonly isServingTerminating: boolean;
  readonly zoneHints: readonly string[];
  readonly nodeHints: readonly string[];
}

type SliceEndpoint = EndpointSlice['endpoints'][number] & {
  readonly hints?: { readonly forNodes?: ReadonlyArray<{ readonly name: string }> };
};

const NONE: readonly string[] = [];

/** By `port name/protocol`, each sorted by key. Slices are read in order of name. */
export function endpointsByPort(
  slices: Iterable<EndpointSlice>,
  family: IpFamily,
): ReadonlyMap<string, readonly Endpoint[]> {
  const byPort = new Map<string, Map<string, Endpoint>>();
  const ordered = [...slices].sort((a, b) => ((a.metadata?.name ?? '') < (b.metadata?.name ?? '') ? -1 : 1));
  for (const slice of ordered) {
    if (slice.addressType !== family) continue;
    for (const { name = '', port = 0, protocol = 'TCP' } of slice.ports ?? []) {
      // Upstream has no use for a port of 0 or none either.
      if (port === 0) continue;
      const key = `${name}/${protocol.toLowerCase()}`;
      let endpoints = byPort.get(key);
      if (endpoints === undefined) {
        endpoints = new Map();
        byPort.set(key, endpoints);
      }
      for (const endpoint of slice.endpoints ?? []) take(endpoints, endpoint, port, family);
    }
  }
  return new Map(
    [...byPort].map(([key, endpoints]) => [key, [...endpoints.values()].sort((a, b) => (a.key < b.key ? -1 : 1))]),
  );
}

function take(endpoints: Map<string, Endpoint>, given: SliceEndpoint, port: number, family: IpFamily): void {
  const ip = given.addresses?.[0] === undefined ? undefined : canonicalIp(given.addresses[0], family);
  if (ip === undefined) return;
  const { ready = true, serving = true, terminating = false } = given.conditions ?? {};
  const key = joinHostPort(ip, port);
  // An address may have passed from a pod that is going to one that runs; the one that runs counts.
  if (endpoints.has(key) && terminating) return;
  endpoints.set(key, {
    key,
    ip,
    port,
    nodeName: given.nodeName,
    isReady: ready,
    isServingTerminating: serving && terminating,
    zoneHints: given.hints?.forZones?.map(({ name }) => name) ?? NONE,
    nodeHints: given.hints?.forNodes?.map(({ name }) => name) ?? NONE,
  });
}
