/**
 * What one node does with one service port: which endpoints serve which traffic, and what becomes of traffic that none
 * serves. Rules and answers are both made from it. Source: `pkg/proxy/topology.go` and the common part of `syncProxyRules`
 * in `pkg/proxy/{nftables,iptables}/proxier.go`, v1.37.2.
 */
import type { Endpoint } from './endpoints.ts';
import { isExternallyAccessible, type ServicePort, usesClusterEndpoints, usesLocalEndpoints } from './service-port.ts';

/** The node that a proxy runs on. */
export interface ProxyNode {
  readonly name: string;
  readonly ip: string;
  readonly zone?: string;
}

export type Refusal = 'reject' | 'drop';

export interface PortPlan {
  readonly port: ServicePort;
  /** For traffic under policy Cluster; empty when there is none. */
  readonly cluster: readonly Endpoint[];
  /** For traffic under policy Local. */
  readonly local: readonly Endpoint[];
  /** Both together, each once. */
  readonly reachable: readonly Endpoint[];
  /** Some node could serve the port. */
  readonly hasEndpoints: boolean;
  /** Undefined when the cluster IP is served. */
  readonly internalRefusal: Refusal | undefined;
  /** Undefined when outsiders are served at node ports and external addresses. */
  readonly externalRefusal: Refusal | undefined;
  /** There is a way in from outside, and something to serve it. */
  readonly isExternal: boolean;
}

const NONE: readonly Endpoint[] = [];

export function portPlan(port: ServicePort, endpoints: readonly Endpoint[], node: ProxyNode): PortPlan {
  const { cluster, local, reachable, hasEndpoints } = categorize(port, endpoints, node);
  const refusal = (isLocal: boolean): Refusal | undefined => {
    if (!hasEndpoints) return 'reject';
    return isLocal && local.length === 0 ? 'drop' : undefined;
  };
  return {
    port,
    cluster,
    local,
    reachable,
    hasEndpoints,
    internalRefusal: refusal(port.isInternalPolicyLocal),
    externalRefusal: refusal(port.isExternalPolicyLocal),
    isExternal: hasEndpoints && isExternallyAccessible(port),
  };
}

type Categories = Pick<PortPlan, 'cluster' | 'local' | 'reachable' | 'hasEndpoints'>;

/** Ready endpoints; where there is none, those that still serve while they terminate. */
function categorize(port: ServicePort, endpoints: readonly Endpoint[], node: ProxyNode): Categories {
  const ready = endpoints.filter(({ isReady }) => isReady);
  const leaving = endpoints.filter(({ isReady, isServingTerminating }) => !isReady && isServingTerminating);
  const isLocal = ({ nodeName }: Endpoint): boolean => nodeName === node.name;
  let cluster = NONE;
  if (usesClusterEndpoints(port)) {
    cluster = hinted(ready, node);
    if (cluster.length === 0) cluster = leaving;
  }
  if (!usesLocalEndpoints(port)) return { cluster, local: NONE, reachable: cluster, hasEndpoints: cluster.length > 0 };
  let local = ready.filter(isLocal);
  if (local.length === 0) local = leaving.filter(isLocal);
  const hasEndpoints = ready.length + leaving.length > 0;
  return { cluster, local, reachable: usesClusterEndpoints(port) ? union(cluster, local) : local, hasEndpoints };
}

/** Hints count when every ready endpoint carries one and one of them is for this node, or else for its zone. */
function hinted(ready: readonly Endpoint[], { name, zone = '' }: ProxyNode): readonly Endpoint[] {
  if (ready.every(({ nodeHints }) => nodeHints.length > 0)) {
    const near = ready.filter(({ nodeHints }) => nodeHints.includes(name));
    if (near.length > 0) return near;
  }
  if (ready.every(({ zoneHints }) => zoneHints.length > 0)) {
    const near = ready.filter(({ zoneHints }) => zoneHints.includes(zone));
    if (near.length > 0) return near;
  }
  return ready;
}

/** Both lists are sorted by key; the union is, too. */
function union(cluster: readonly Endpoint[], local: readonly Endpoint[]): readonly Endpoint[] {
  const keys = new Set(cluster.map(({ key }) => key));
  const more = local.filter(({ key }) => !keys.has(key));
  return more.length === 0 ? cluster : [...cluster, ...more].sort((a, b) => (a.key < b.key ? -1 : 1));
}
