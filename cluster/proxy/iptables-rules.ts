/** The iptables rules that one service port makes. Source: `pkg/proxy/iptables/proxier.go`, v1.37.2. */
import { iptablesEndpointChain, iptablesPortHash } from './chain-names.ts';
import type { ProxySettings } from './decide.ts';
import type { Endpoint } from './endpoints.ts';
import { type IpFamily, parseIp, rangeContains, rangeText } from './ip-address.ts';
import type { PortPlan, Refusal } from './port-plan.ts';
import { usesClusterEndpoints, usesLocalEndpoints } from './service-port.ts';

export interface IptablesPiece {
  /** Of the filter table; sent with every synchronisation. */
  readonly filterRules: readonly string[];
  /** In chains of the nat table that all services share; sent with every synchronisation. */
  readonly sharedRules: readonly string[];
  /** Chains of the nat table of this port alone, and what is in them; sent when they changed. */
  readonly chains: readonly string[];
  readonly chainRules: readonly string[];
}

const TARGETS: Readonly<Record<Refusal, string>> = { reject: 'REJECT', drop: 'DROP' };
const LOCALHOST_COUNTER = '-m nfacct --nfacct-name localhost_nps_accepted_pkts';

/** @param isLarge Leave out the comments at endpoints, as upstream does beyond 1,000 of them. */
export function iptablesPiece(
  plan: PortPlan,
  settings: ProxySettings,
  family: IpFamily,
  isLarge: boolean,
): IptablesPiece {
  return new PieceWriter(plan, settings, family, isLarge).write();
}

class PieceWriter {
  private readonly plan: PortPlan;
  private readonly settings: ProxySettings;
  private readonly family: IpFamily;
  private readonly isLarge: boolean;
  private readonly cluster: string;
  private readonly local: string;
  private readonly external: string;
  private readonly firewall: string;
  private readonly endpointChains: ReadonlyMap<Endpoint, string>;
  private readonly filterRules: string[] = [];
  private readonly sharedRules: string[] = [];
  private readonly chains: string[] = [];
  private readonly chainRules: string[] = [];

  constructor(plan: PortPlan, settings: ProxySettings, family: IpFamily, isLarge: boolean) {
    this.plan = plan;
    this.settings = settings;
    this.family = family;
    this.isLarge = isLarge;
    const hash = iptablesPortHash(plan.port);
    this.cluster = `KUBE-SVC-${hash}`;
    this.local = `KUBE-SVL-${hash}`;
    this.external = `KUBE-EXT-${hash}`;
    this.firewall = `KUBE-FW-${hash}`;
    this.endpointChains = new Map(plan.reachable.map((each) => [each, iptablesEndpointChain(plan.port, each)]));
  }

  write(): IptablesPiece {
    this.clusterIP();
    this.externalIPs();
    this.loadBalancerIPs();
    this.nodePort();
    const { plan } = this;
    if (plan.isExternal) this.externalChain();
    if (this.hasFirewall) this.firewallChain();
    if (plan.cluster.length > 0 && usesClusterEndpoints(plan.port)) this.policyChain(this.cluster, plan.cluster);
    if (plan.local.length > 0 && usesLocalEndpoints(plan.port)) this.policyChain(this.local, plan.local);
    for (const endpoint of plan.reachable) this.endpointChain(endpoint);
    const { filterRules, sharedRules, chains, chainRules } = this;
    return { filterRules, sharedRules, chains, chainRules };
  }

  private get hasFirewall(): boolean {
    const { port, hasEndpoints } = this.plan;
    return hasEndpoints && port.loadBalancerIPs.length > 0 && port.sourceRanges.length > 0;
  }

  private get protocolMatch(): string {
    const { protocol } = this.plan.port;
    return `-m ${protocol} -p ${protocol}`;
  }

  private at(ip: string): string {
    return `${this.protocolMatch} -d ${ip} --dport ${this.plan.port.port}`;
  }

  private get clusterMatch(): string {
    const { name, clusterIP } = this.plan.port;
    return `-m comment --comment "${name} cluster IP" ${this.at(clusterIP)}`;
  }

  private refuse(chain: string, refusal: Refusal, match: string): void {
    const comment = `"${this.plan.port.name} has no ${refusal === 'drop' ? 'local ' : ''}endpoints"`;
    this.filterRules.push(`-A ${chain} -m comment --comment ${comment} ${match} -j ${TARGETS[refusal]}`);
  }

  private clusterIP(): void {
    const { port, internalRefusal } = this.plan;
    if (internalRefusal !== undefined) {
      this.refuse('KUBE-SERVICES', internalRefusal, this.at(port.clusterIP));
      return;
    }
    const chain = port.isInternalPolicyLocal ? this.local : this.cluster;
    this.sharedRules.push(`-A KUBE-SERVICES ${this.clusterMatch} -j ${chain}`);
    const { masqueradeAll, clusterRange } = this.settings;
    const outside = masqueradeAll ? '' : ` ! -s ${clusterRange && rangeText(clusterRange)}`;
    if (masqueradeAll || clusterRange !== undefined)
      this.chainRules.push(`-A ${chain} ${this.clusterMatch}${outside} -j KUBE-MARK-MASQ`);
  }

  private externalIPs(): void {
    const { port, hasEndpoints, externalRefusal } = this.plan;
    for (const ip of port.externalIPs) {
      const comment = `-m comment --comment "${port.name} external IP"`;
      if (hasEndpoints) this.sharedRules.push(`-A KUBE-SERVICES ${comment} ${this.at(ip)} -j ${this.external}`);
      if (externalRefusal !== undefined) this.refuse('KUBE-EXTERNAL-SERVICES', externalRefusal, this.at(ip));
    }
  }

  private loadBalancerIPs(): void {
    const { port, hasEndpoints, externalRefusal } = this.plan;
    const target = this.hasFirewall ? this.firewall : this.external;
    for (const ip of port.loadBalancerIPs) {
      const comment = `-m comment --comment "${port.name} loadbalancer IP"`;
      if (hasEndpoints) this.sharedRules.push(`-A KUBE-SERVICES ${comment} ${this.at(ip)} -j ${target}`);
      const refused = `-m comment --comment "${port.name} traffic not accepted by ${this.firewall}"`;
      if (this.hasFirewall) this.filterRules.push(`-A KUBE-PROXY-FIREWALL ${refused} ${this.at(ip)} -j DROP`);
    }
    if (externalRefusal === undefined) return;
    for (const ip of port.loadBalancerIPs) this.refuse('KUBE-EXTERNAL-SERVICES', externalRefusal, this.at(ip));
  }

  private nodePort(): void {
    const { port, hasEndpoints, externalRefusal } = this.plan;
    const { nodePort, healthCheckNodePort, name } = port;
    const comment = `-m comment --comment ${name}`;
    if (nodePort !== 0 && hasEndpoints) {
      const head = `-A KUBE-NODEPORTS ${comment} ${this.protocolMatch}`;
      if (this.family === 'IPv4') {
        const match = `-d 127.0.0.0/8 --dport ${nodePort} ${LOCALHOST_COUNTER}`;
        this.sharedRules.push(`${head} ${match} -j ${this.external}`);
      }
      this.sharedRules.push(`${head} --dport ${nodePort} -j ${this.external}`);
    }
    if (nodePort !== 0 && externalRefusal !== undefined) {
      const match = `-m addrtype --dst-type LOCAL ${this.protocolMatch} --dport ${nodePort}`;
      this.refuse('KUBE-EXTERNAL-SERVICES', externalRefusal, match);
    }
    if (healthCheckNodePort !== 0) {
      const health = `-m comment --comment "${name} health check node port"`;
      this.filterRules.push(`-A KUBE-NODEPORTS ${health} -m tcp -p tcp --dport ${healthCheckNodePort} -j ACCEPT`);
    }
  }

  private externalChain(): void {
    const { port, externalRefusal } = this.plan;
    const { clusterRange } = this.settings;
    this.chains.push(this.external);
    const add = (comment: string, rest: string): void => {
      const text = `"${comment} for ${port.name} external destinations"`;
      this.chainRules.push(`-A ${this.external} -m comment --comment ${text} ${rest}`);
    };
    if (!port.isExternalPolicyLocal) {
      add('masquerade traffic', '-j KUBE-MARK-MASQ');
    } else {
      if (clusterRange !== undefined) add('pod traffic', `-s ${rangeText(clusterRange)} -j ${this.cluster}`);
      add('masquerade LOCAL traffic', '-m addrtype --src-type LOCAL -j KUBE-MARK-MASQ');
      add('route LOCAL traffic', `-m addrtype --src-type LOCAL -j ${this.cluster}`);
    }
    const policyChain = port.isExternalPolicyLocal ? this.local : this.cluster;
    if (externalRefusal === undefined) this.chainRules.push(`-A ${this.external} -j ${policyChain}`);
  }

  /** What reaches the end was not let in, and KUBE-PROXY-FIREWALL drops it. */
  private firewallChain(): void {
    const { port } = this.plan;
    const nodeIp = parseIp(this.settings.node.ip);
    this.chains.push(this.firewall);
    const head = `-A ${this.firewall} -m comment --comment`;
    const allow = (source: string): void => {
      this.chainRules.push(`${head} "${port.name} loadbalancer IP" -s ${source} -j ${this.external}`);
    };
    for (const range of port.sourceRanges) allow(rangeText(range));
    if (nodeIp !== undefined && port.sourceRanges.some((range) => rangeContains(range, nodeIp)))
      for (const ip of port.loadBalancerIPs) allow(ip);
    this.chainRules.push(`${head} "other traffic to ${port.name} will be dropped by KUBE-PROXY-FIREWALL"`);
  }

  /** Equal shares: each rule takes one part of what the rules before it have left. */
  private policyChain(chain: string, endpoints: readonly Endpoint[]): void {
    const { name, affinitySeconds } = this.plan.port;
    this.chains.push(chain);
    const head = (endpoint: Endpoint): string => {
      return `-A ${chain}${this.isLarge ? '' : ` -m comment --comment "${name} -> ${endpoint.key}"`}`;
    };
    if (affinitySeconds !== undefined) {
      for (const endpoint of endpoints) {
        const target = this.endpointChains.get(endpoint)!;
        const recent = `-m recent --name ${target} --rcheck --seconds ${affinitySeconds} --reap`;
        this.chainRules.push(`${head(endpoint)} ${recent} -j ${target}`);
      }
    }
    endpoints.forEach((endpoint, i) => {
      const left = endpoints.length - i;
      const share = left === 1 ? '' : ` -m statistic --mode random --probability ${(1 / left).toFixed(10)}`;
      this.chainRules.push(`${head(endpoint)}${share} -j ${this.endpointChains.get(endpoint)!}`);
    });
  }

  private endpointChain(endpoint: Endpoint): void {
    const { name, affinitySeconds } = this.plan.port;
    const chain = this.endpointChains.get(endpoint)!;
    this.chains.push(chain);
    const head = `-A ${chain}${this.isLarge ? '' : ` -m comment --comment ${name}`}`;
    this.chainRules.push(`${head} -s ${endpoint.ip} -j KUBE-MARK-MASQ`);
    const recent = affinitySeconds === undefined ? '' : ` -m recent --name ${chain} --set`;
    this.chainRules.push(`${head}${recent} ${this.protocolMatch} -j DNAT --to-destination ${endpoint.key}`);
  }
}
