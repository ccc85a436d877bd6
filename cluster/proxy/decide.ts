/**
 * What a node does to the first packet of a connection. It is decided from the plans, not from the rules, so that rules can
 * be tested against it. Order of the checks: the chains of `pkg/proxy/{nftables,iptables}/proxier.go`, v1.37.2.
 */
import type { Endpoint } from './endpoints.ts';
import { type IpRange, parseIp, rangeContains } from './ip-address.ts';
import { type PortPlan, type ProxyNode, portPlan } from './port-plan.ts';
import type { PortView, ProxyState } from './proxy-state.ts';
import type { Protocol } from './service-port.ts';

export type ProxyMode = 'nftables' | 'iptables';
export const PROXY_MODES: readonly ProxyMode[] = ['nftables', 'iptables'];

/** Addresses in their one spelling (`canonicalIp`). */
export interface Packet {
  readonly source: string;
  readonly ip: string;
  readonly port: number;
  readonly protocol: Protocol;
}

export interface ProxySettings {
  readonly node: ProxyNode;
  /** Where pods are; undefined when pods cannot be told from others. */
  readonly clusterRange: IpRange | undefined;
  readonly serviceRanges: readonly IpRange[];
  /** Hide the source of all traffic to cluster IPs. */
  readonly masqueradeAll: boolean;
}

export type Answer =
  | {
      readonly action: 'dnat';
      /** Equal shares, sorted by address. */
      readonly endpoints: readonly Endpoint[];
      /** The source becomes the node's address, whichever endpoint it will be. */
      readonly masquerade: boolean;
      /** Masqueraded if this one is chosen: it would otherwise answer to itself. */
      readonly hairpin: Endpoint | undefined;
      /** How long a client stays with its endpoint; undefined without session affinity. */
      readonly affinitySeconds: number | undefined;
      readonly via: Via;
      readonly servicePort: string;
    }
  | { readonly action: 'reject' | 'drop'; readonly why: string }
  /** No rule: what happens depends on the host. */
  | { readonly action: 'pass'; readonly why: string };

export type Via = 'cluster IP' | 'external IP' | 'load balancer IP' | 'node port';

export function decide(
  state: ProxyState,
  revision: number,
  settings: ProxySettings,
  mode: ProxyMode,
  packet: Packet,
): Answer {
  const found = find(state, revision, settings, packet);
  if (found !== undefined) return atPort(found, settings, mode, packet);
  if (mode === 'iptables') return { action: 'pass', why: 'no rule' };
  if (state.isClusterIP(packet.ip, revision)) return { action: 'reject', why: 'service address, no such port' };
  const address = parseIp(packet.ip)!;
  if (settings.serviceRanges.some((range) => rangeContains(range, address)))
    return { action: 'drop', why: 'unused address of the service range' };
  return { action: 'pass', why: 'no rule' };
}

interface Found {
  readonly view: PortView;
  readonly via: Via;
}

/** Addresses come before node ports. */
function find(state: ProxyState, revision: number, { node }: ProxySettings, packet: Packet): Found | undefined {
  const { ip, port, protocol } = packet;
  for (const view of state.portsAt(ip, protocol, port, revision)) {
    const { clusterIP, externalIPs } = view.port;
    return {
      view,
      via: clusterIP === ip ? 'cluster IP' : externalIPs.includes(ip) ? 'external IP' : 'load balancer IP',
    };
  }
  if (ip !== node.ip) return undefined;
  for (const view of state.portsAtNodePort(protocol, port, revision)) return { view, via: 'node port' };
  return undefined;
}

function atPort({ view, via }: Found, settings: ProxySettings, mode: ProxyMode, packet: Packet): Answer {
  const { port } = view;
  const plan = portPlan(port, view.endpoints, settings.node);
  const isOutside =
    via === 'load balancer IP' && !isAllowed(port.sourceRanges, port.loadBalancerIPs, settings.node, packet.source);
  // iptables mode has no firewall chain for a port without endpoints.
  if (isOutside && (mode === 'nftables' || plan.hasEndpoints))
    return { action: 'drop', why: 'source is in none of the ranges of the load balancer' };
  const target = via === 'cluster IP' ? internalTarget(plan, settings, packet) : externalTarget(plan, settings, packet);
  if ('action' in target) return target;
  const hairpin = target.endpoints.find(({ ip }) => ip === packet.source);
  const isHairpin = hairpin !== undefined && (mode === 'iptables' || hairpin.nodeName === settings.node.name);
  return {
    action: 'dnat',
    endpoints: target.endpoints,
    masquerade: target.masquerade || (isHairpin && target.endpoints.length === 1),
    hairpin: isHairpin ? hairpin : undefined,
    affinitySeconds: port.affinitySeconds,
    via,
    servicePort: port.name,
  };
}

/** A node inside the ranges may reach the address through itself, with that address as its source. */
function isAllowed(ranges: readonly IpRange[], ips: readonly string[], node: ProxyNode, source: string): boolean {
  if (ranges.length === 0) return true;
  const contains = (ip: string): boolean => ranges.some((range) => rangeContains(range, parseIp(ip)!));
  return contains(source) || (ips.includes(source) && contains(node.ip));
}

type Target = Answer | { readonly endpoints: readonly Endpoint[]; readonly masquerade: boolean };

function internalTarget(plan: PortPlan, settings: ProxySettings, { source }: Packet): Target {
  if (plan.internalRefusal !== undefined) return refused(plan, plan.internalRefusal);
  const { clusterRange, masqueradeAll } = settings;
  return {
    endpoints: plan.port.isInternalPolicyLocal ? plan.local : plan.cluster,
    masquerade: masqueradeAll || (clusterRange !== undefined && !isIn(clusterRange, source)),
  };
}

/** Policy Local binds outsiders only: pods and the node itself are sent to any endpoint. */
function externalTarget(plan: PortPlan, { clusterRange, node }: ProxySettings, { source }: Packet): Target {
  if (!plan.hasEndpoints) return refused(plan, 'reject');
  if (!plan.port.isExternalPolicyLocal) return { endpoints: plan.cluster, masquerade: true };
  if (clusterRange !== undefined && isIn(clusterRange, source)) return { endpoints: plan.cluster, masquerade: false };
  if (source === node.ip) return { endpoints: plan.cluster, masquerade: true };
  if (plan.externalRefusal !== undefined) return refused(plan, plan.externalRefusal);
  return { endpoints: plan.local, masquerade: false };
}

const refused = ({ port }: PortPlan, action: 'reject' | 'drop'): Answer => ({
  action,
  why: `${port.name} has no ${action === 'drop' ? 'local ' : ''}endpoints`,
});

const isIn = (range: IpRange, ip: string): boolean => rangeContains(range, parseIp(ip)!);
