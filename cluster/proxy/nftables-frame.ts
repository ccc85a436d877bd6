/**
 * What the nftables table holds whatever services there are. Source: `setupNFTables` in `pkg/proxy/nftables/proxier.go`,
 * v1.37.2, in the notation of `nft list`; node ports are answered at the node's own address, as upstream's default has it.
 */
import type { ProxySettings } from './decide.ts';
import { type IpFamily, rangeText } from './ip-address.ts';
import { type Chain, ipWord, MARK, REJECT_CHAIN, SET_MARK } from './nftables-rules.ts';

export interface Container {
  readonly kind: 'set' | 'map';
  readonly name: string;
  readonly type: string;
  readonly comment: string;
}

export const NODEPORT_IPS = 'nodeport-ips';

export function containers(family: IpFamily): Container[] {
  const address = family === 'IPv4' ? 'ipv4_addr' : 'ipv6_addr';
  const service = `${address} . inet_proto . inet_service : verdict`;
  const nodePort = 'inet_proto . inet_service : verdict';
  const of = (kind: Container['kind'], name: string, type: string, comment: string): Container => ({
    kind,
    name,
    type,
    comment,
  });
  return [
    of(
      'set',
      'hairpin-connections',
      `${address} . ${address} . inet_proto . inet_service`,
      'service hairpin connections',
    ),
    of('set', 'cluster-ips', address, 'Active ClusterIPs'),
    of('set', NODEPORT_IPS, address, 'IPs that accept NodePort traffic'),
    of('map', 'no-endpoint-services', service, 'vmap to drop or reject packets to services with no endpoints'),
    of(
      'map',
      'no-endpoint-nodeports',
      nodePort,
      'vmap to drop or reject packets to service nodeports with no endpoints',
    ),
    of('map', 'firewall-ips', service, 'destinations that are subject to LoadBalancerSourceRanges'),
    of('map', 'service-ips', service, 'ClusterIP, ExternalIP and LoadBalancer IP traffic'),
    of('map', 'service-nodeports', nodePort, 'NodePort traffic'),
  ];
}

export interface BaseChain extends Chain {
  /** Where the kernel calls it; undefined for chains that rules jump to. */
  readonly hook?: string;
  readonly comment?: string;
}

export function frameChains(settings: ProxySettings, family: IpFamily): BaseChain[] {
  const ip = ipWord(family);
  const target = `${ip} daddr . meta l4proto . th dport vmap`;
  const nodePort = `${ip} daddr @${NODEPORT_IPS} meta l4proto . th dport vmap`;
  const jumps = (...chains: string[]): string[] => chains.map((chain) => `ct state new jump ${chain}`);
  return [
    base('filter-prerouting-pre-dnat', 'filter hook prerouting priority dstnat - 10', jumps('firewall-check')),
    base('filter-output-pre-dnat', 'filter hook output priority -110', jumps('firewall-check')),
    base(
      'filter-input',
      'filter hook input priority filter',
      jumps('nodeport-endpoints-check', 'service-endpoints-check'),
    ),
    base(
      'filter-forward',
      'filter hook forward priority filter',
      jumps('service-endpoints-check', 'cluster-ips-check'),
    ),
    base('filter-output', 'filter hook output priority filter', jumps('service-endpoints-check', 'cluster-ips-check')),
    base('nat-prerouting', 'nat hook prerouting priority dstnat', ['jump services']),
    base('nat-output', 'nat hook output priority -100', ['jump services']),
    base('nat-postrouting', 'nat hook postrouting priority srcnat', ['jump masquerading']),
    { name: 'nodeport-endpoints-check', rules: [`${nodePort} @no-endpoint-nodeports`] },
    { name: 'service-endpoints-check', rules: [`${target} @no-endpoint-services`] },
    { name: 'firewall-check', rules: [`${target} @firewall-ips`] },
    {
      name: 'services',
      rules: [...masqueradeRules(settings, ip), `${target} @service-ips`, `${nodePort} @service-nodeports`],
    },
    { name: 'masquerading', rules: postroutingRules(ip) },
    { name: 'cluster-ips-check', rules: clusterIpRules(settings, ip) },
    {
      name: REJECT_CHAIN,
      comment: 'helper for @no-endpoint-services / @no-endpoint-nodeports',
      rules: ['reject'],
    },
  ];
}

const base = (name: string, hook: string, rules: readonly string[]): BaseChain => ({ name, hook, rules });

/** Traffic to cluster IPs from outside the cluster has to come back through this node. */
function masqueradeRules({ masqueradeAll, clusterRange }: ProxySettings, ip: string): string[] {
  const match = `${ip} daddr @cluster-ips`;
  if (masqueradeAll) return [`${match} ${SET_MARK} comment "masquerade all clusterIP traffic"`];
  if (clusterRange === undefined) return [];
  const source = `${ip} saddr != ${rangeText(clusterRange)}`;
  return [`${match} ${source} ${SET_MARK} comment "masquerade clusterIP traffic from outside cluster"`];
}

const postroutingRules = (ip: string): string[] => [
  `meta mark & ${MARK} != 0x00000000 meta mark set meta mark ^ ${MARK} masquerade fully-random`,
  `ct status dnat ${ip} saddr . ${ip} daddr . meta l4proto . th dport @hairpin-connections masquerade fully-random`,
];

function clusterIpRules({ serviceRanges }: ProxySettings, ip: string): string[] {
  const rules = [`${ip} daddr @cluster-ips reject comment "Reject traffic to invalid ports of ClusterIPs"`];
  const texts = serviceRanges.map(rangeText);
  const match = texts.length === 1 ? texts[0]! : `{ ${texts.join(', ')} }`;
  if (texts.length > 0) rules.push(`${ip} daddr ${match} drop comment "Drop traffic to unallocated ClusterIPs"`);
  return rules;
}
