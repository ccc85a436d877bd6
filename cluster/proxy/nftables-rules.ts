/**
 * The part of the nftables table that one service port makes: elements of the shared sets and maps, and chains of its own.
 * In the notation of `nft list`, which `nft -f` reads as well. Source: `pkg/proxy/nftables/proxier.go`, v1.37.2.
 */
import { nftablesEndpointBase, nftablesPortBase } from './chain-names.ts';
import type { ProxySettings } from './decide.ts';
import type { Endpoint } from './endpoints.ts';
import { type IpBytes, type IpFamily, type IpRange, ipText, parseIp, rangeContains, rangeText } from './ip-address.ts';
import type { PortPlan, Refusal } from './port-plan.ts';
import { usesClusterEndpoints, usesLocalEndpoints } from './service-port.ts';

export interface Element {
  /** Name of the set or map. */
  readonly container: string;
  readonly key: string;
  /** Undefined in a set. */
  readonly value?: string;
  readonly comment?: string;
}

export interface Chain {
  readonly name: string;
  readonly rules: readonly string[];
}

export interface AffinitySet {
  readonly name: string;
  readonly timeoutSeconds: number;
}

export interface NftablesPiece {
  readonly elements: readonly Element[];
  readonly affinitySets: readonly AffinitySet[];
  readonly chains: readonly Chain[];
}

export const MARK = '0x00004000';
export const SET_MARK = `meta mark set meta mark | ${MARK}`;
export const REJECT_CHAIN = 'reject-chain';

/** `ip` or `ip6`, as matches begin. */
export const ipWord = (family: IpFamily): string => (family === 'IPv4' ? 'ip' : 'ip6');

interface Names {
  readonly cluster: string;
  readonly local: string;
  readonly external: string;
  readonly firewall: string;
}

export function nftablesPiece(plan: PortPlan, settings: ProxySettings, family: IpFamily): NftablesPiece {
  const { port, reachable } = plan;
  const base = nftablesPortBase(port);
  const names: Names = {
    cluster: `service-${base}`,
    local: `local-${base}`,
    external: `external-${base}`,
    firewall: `firewall-${base}`,
  };
  const endpointBases =
    port.affinitySeconds === undefined ? [] : reachable.map((each) => nftablesEndpointBase(port, each));
  const chains: Chain[] = endpointBases.map((endpointBase, i) =>
    endpointChain(endpointBase, plan, reachable[i]!, family),
  );
  const baseOf = new Map(reachable.map((endpoint, i) => [endpoint, endpointBases[i]!]));
  const endpointRules = (endpoints: readonly Endpoint[]): string[] =>
    port.affinitySeconds === undefined
      ? [dnatRule(plan, endpoints, family)]
      : stickyRules(
          endpoints.map((endpoint) => baseOf.get(endpoint)!),
          family,
        );
  if (plan.cluster.length > 0 && usesClusterEndpoints(port))
    chains.push({ name: names.cluster, rules: endpointRules(plan.cluster) });
  if (plan.local.length > 0 && usesLocalEndpoints(port))
    chains.push({ name: names.local, rules: endpointRules(plan.local) });
  if (plan.isExternal) chains.push({ name: names.external, rules: externalRules(plan, names, settings, family) });
  if (hasFirewall(plan)) chains.push({ name: names.firewall, rules: [firewallRule(plan, settings, family)] });
  return {
    elements: [...elements(plan, names, settings)],
    affinitySets: endpointBases.map((name) => ({ name: `affinity-${name}`, timeoutSeconds: port.affinitySeconds! })),
    chains,
  };
}

const hasFirewall = ({ port }: PortPlan): boolean => port.loadBalancerIPs.length > 0 && port.sourceRanges.length > 0;

const VERDICTS: Readonly<Record<Refusal, string>> = { reject: `goto ${REJECT_CHAIN}`, drop: 'drop' };

function* elements(plan: PortPlan, names: Names, { node }: ProxySettings): Generator<Element> {
  const { port, hasEndpoints, internalRefusal, externalRefusal } = plan;
  const { protocol, name: comment } = port;
  for (const { ip, port: number, nodeName } of plan.reachable) {
    if (nodeName === node.name)
      yield { container: 'hairpin-connections', key: `${ip} . ${ip} . ${protocol} . ${number}` };
  }
  yield { container: 'cluster-ips', key: port.clusterIP };
  const clusterKey = `${port.clusterIP} . ${protocol} . ${port.port}`;
  if (internalRefusal === undefined) {
    const chain = port.isInternalPolicyLocal ? names.local : names.cluster;
    yield { container: 'service-ips', key: clusterKey, value: `goto ${chain}` };
  } else {
    yield { container: 'no-endpoint-services', key: clusterKey, value: VERDICTS[internalRefusal], comment };
  }
  const goto = `goto ${names.external}`;
  for (const ip of [...port.externalIPs, ...port.loadBalancerIPs]) {
    const key = `${ip} . ${protocol} . ${port.port}`;
    if (hasEndpoints) yield { container: 'service-ips', key, value: goto };
    if (externalRefusal !== undefined)
      yield { container: 'no-endpoint-services', key, value: VERDICTS[externalRefusal], comment };
  }
  if (hasFirewall(plan)) {
    for (const ip of port.loadBalancerIPs)
      yield { container: 'firewall-ips', key: `${ip} . ${protocol} . ${port.port}`, value: `goto ${names.firewall}` };
  }
  if (port.nodePort === 0) return;
  const key = `${protocol} . ${port.nodePort}`;
  if (hasEndpoints) yield { container: 'service-nodeports', key, value: goto };
  if (externalRefusal !== undefined)
    yield { container: 'no-endpoint-nodeports', key, value: VERDICTS[externalRefusal], comment };
}

function externalRules(plan: PortPlan, names: Names, { clusterRange }: ProxySettings, family: IpFamily): string[] {
  if (!plan.port.isExternalPolicyLocal) return [`${SET_MARK} comment "masquerade"`, `goto ${names.cluster}`];
  const toCluster = `goto ${names.cluster} comment`;
  const rules: string[] = [];
  if (clusterRange !== undefined)
    rules.push(`${ipWord(family)} saddr ${rangeText(clusterRange)} ${toCluster} "short-circuit pod traffic"`);
  rules.push(`fib saddr type local ${SET_MARK} comment "masquerade local traffic"`);
  rules.push(`fib saddr type local ${toCluster} "short-circuit local traffic"`);
  if (plan.externalRefusal === undefined) rules.push(`goto ${names.local}`);
  return rules;
}

/** Who is in the ranges may be the node itself, then with the load balancer's address as its source. */
function firewallRule({ port }: PortPlan, { node }: ProxySettings, family: IpFamily): string {
  const nodeIp = parseIp(node.ip);
  const hasNode = nodeIp !== undefined && port.sourceRanges.some((range) => rangeContains(range, nodeIp));
  const bits = family === 'IPv4' ? 32 : 128;
  const ranges = [...port.sourceRanges];
  if (hasNode) for (const ip of port.loadBalancerIPs) ranges.push({ bytes: parseIp(ip)!, prefixLength: bits });
  const texts = disjoint(ranges).map((range) => (range.prefixLength === bits ? ipText(range.bytes) : rangeText(range)));
  const match = texts.length === 1 ? texts[0]! : `{ ${texts.join(', ')} }`;
  return `${ipWord(family)} saddr != ${match} drop`;
}

/** As the kernel lists them: in order of address, none inside another. */
function disjoint(ranges: readonly IpRange[]): IpRange[] {
  const ordered = [...ranges].sort((a, b) => compareBytes(a.bytes, b.bytes) || a.prefixLength - b.prefixLength);
  const kept: IpRange[] = [];
  for (const range of ordered) {
    const last = kept.at(-1);
    if (last === undefined || !rangeContains(last, range.bytes)) kept.push(range);
  }
  return kept;
}

function compareBytes(a: IpBytes, b: IpBytes): number {
  const i = a.findIndex((byte, at) => byte !== b[at]);
  return i < 0 ? 0 : a[i]! - b[i]!;
}

/** One endpoint needs no map. */
function dnatRule({ port }: PortPlan, endpoints: readonly Endpoint[], family: IpFamily): string {
  const head = `meta l4proto ${port.protocol} dnat`;
  if (endpoints.length === 1) return `${head} to ${endpoints[0]!.key}`;
  const shares = endpoints.map((endpoint, i) => `${i} : ${endpoint.ip} . ${endpoint.port}`);
  return `${head} ${ipWord(family)} to numgen random mod ${endpoints.length} map { ${shares.join(', ')} }`;
}

function stickyRules(bases: readonly string[], family: IpFamily): string[] {
  const word = ipWord(family);
  const shares = bases.map((base, i) => `${i} : goto endpoint-${base}`);
  return [
    ...bases.map((base) => `${word} saddr @affinity-${base} goto endpoint-${base}`),
    `numgen random mod ${bases.length} vmap { ${shares.join(', ')} }`,
  ];
}

function endpointChain(base: string, { port }: PortPlan, endpoint: Endpoint, family: IpFamily): Chain {
  return {
    name: `endpoint-${base}`,
    rules: [
      `update @affinity-${base} { ${ipWord(family)} saddr }`,
      `meta l4proto ${port.protocol} dnat to ${endpoint.key}`,
    ],
  };
}
