/**
 * The iptables rules of one node, kept up to date. A synchronisation makes the text for `iptables-restore --noflush`: the
 * chains that all services share in full, and the chains of the services that changed. Source: `syncProxyRules` in
 * `pkg/proxy/iptables/proxier.go`, v1.37.2; there the services come in a random order, here by name.
 *
 * Cost: O(services) a synchronisation, as upstream, plus the rules of the changed services.
 */
import type { ProxySettings } from './decide.ts';
import { type IptablesPiece, iptablesPiece } from './iptables-rules.ts';
import { portPlan } from './port-plan.ts';
import type { ProxyState } from './proxy-state.ts';

const MARK = '0x00004000';
const LARGE_CLUSTER_ENDPOINTS = 1000;
const FILTER_CHAINS = [
  'KUBE-SERVICES',
  'KUBE-EXTERNAL-SERVICES',
  'KUBE-FORWARD',
  'KUBE-NODEPORTS',
  'KUBE-PROXY-FIREWALL',
];
const NAT_CHAINS = ['KUBE-SERVICES', 'KUBE-NODEPORTS', 'KUBE-POSTROUTING', 'KUBE-MARK-MASQ'];

const NAT_RULES = [
  `-A KUBE-POSTROUTING -m mark ! --mark ${MARK}/${MARK} -j RETURN`,
  `-A KUBE-POSTROUTING -j MARK --xor-mark ${MARK}`,
  '-A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE --random-fully',
  `-A KUBE-MARK-MASQ -j MARK --or-mark ${MARK}`,
];
const FIREWALL_RULE =
  '-A KUBE-FIREWALL -m comment --comment "block incoming localnet connections" -d 127.0.0.0/8 ! -s 127.0.0.0/8 -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP';
const FORWARD_RULES = [
  '-A KUBE-FORWARD -m conntrack --ctstate INVALID -m nfacct --nfacct-name ct_state_invalid_dropped_pkts -j DROP',
  `-A KUBE-FORWARD -m comment --comment "kubernetes forwarding rules" -m mark --mark ${MARK}/${MARK} -j ACCEPT`,
  '-A KUBE-FORWARD -m comment --comment "kubernetes forwarding conntrack rule" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
];
const NODEPORT_COMMENT = '"kubernetes service nodeports; NOTE: this must be the last rule in this chain"';

/** Set up once, before the rules: how packets come to the chains above. */
const jump = (from: string, to: string, comment: string, isNew = true): string =>
  `-A ${from}${isNew ? ' -m conntrack --ctstate NEW' : ''} -m comment --comment "${comment}" -j ${to}`;
const PORTALS = 'kubernetes service portals';
const OUTER_PORTALS = 'kubernetes externally-visible service portals';
const FIREWALL = 'kubernetes load balancer firewall';
const FILTER_JUMPS = [
  '-A INPUT -j KUBE-FIREWALL',
  jump('INPUT', 'KUBE-PROXY-FIREWALL', FIREWALL),
  jump('INPUT', 'KUBE-NODEPORTS', 'kubernetes health check service ports', false),
  jump('INPUT', 'KUBE-EXTERNAL-SERVICES', OUTER_PORTALS),
  jump('FORWARD', 'KUBE-PROXY-FIREWALL', FIREWALL),
  jump('FORWARD', 'KUBE-FORWARD', 'kubernetes forwarding rules', false),
  jump('FORWARD', 'KUBE-SERVICES', PORTALS),
  jump('FORWARD', 'KUBE-EXTERNAL-SERVICES', OUTER_PORTALS),
  '-A OUTPUT -j KUBE-FIREWALL',
  jump('OUTPUT', 'KUBE-PROXY-FIREWALL', FIREWALL),
  jump('OUTPUT', 'KUBE-SERVICES', PORTALS),
];
const NAT_JUMPS = [
  jump('PREROUTING', 'KUBE-SERVICES', PORTALS, false),
  jump('OUTPUT', 'KUBE-SERVICES', PORTALS, false),
  jump('POSTROUTING', 'KUBE-POSTROUTING', 'kubernetes postrouting rules', false),
];

export class IptablesTables {
  private readonly state: ProxyState;
  private readonly settings: ProxySettings;
  private readonly pieces = new Map<string, readonly IptablesPiece[]>();
  private sortedKeys: readonly string[] = [];
  private hasNewKeys = false;
  private readonly endpointCounts = new Map<string, number>();
  private endpointCount = 0;
  private isLarge = false;
  revision: number;
  private isFirst = true;

  /** @param revision What the first `sync` will be given, or less. */
  constructor(state: ProxyState, settings: ProxySettings, revision = state.revision) {
    this.state = state;
    this.revision = revision;
    state.addReader(this);
    this.settings = settings;
  }

  /** Takes in what changed up to the revision; answers the text for `iptables-restore --noflush`. */
  sync(revision = this.state.revision): string {
    const { isFirst } = this;
    this.isFirst = false;
    const changed = new Set(isFirst ? this.state.keys() : this.state.changedSince(this.revision));
    for (const key of changed) this.count(key, this.state.view(key, revision).endpointCount);
    this.revision = revision;
    const isLarge = this.endpointCount > LARGE_CLUSTER_ENDPOINTS;
    // All comments go or come back at once; upstream lets those of unchanged services be until the next full sync.
    if (isLarge !== this.isLarge) for (const key of this.pieces.keys()) changed.add(key);
    this.isLarge = isLarge;
    const old = new Set<string>();
    for (const key of changed) for (const chain of this.replace(key)) old.add(chain);
    if (this.hasNewKeys) this.sortedKeys = [...this.pieces.keys()].sort();
    this.hasNewKeys = false;
    for (const key of changed)
      for (const { chains } of this.pieces.get(key) ?? []) for (const chain of chains) old.delete(chain);
    return this.restoreText(changed, [...old].sort());
  }

  /** Everything, in the form of `iptables-save`: chains with their rules together. */
  text(): string {
    const keys = new Set(this.sortedKeys);
    const filter = ['INPUT', 'FORWARD', 'OUTPUT'];
    const nat = ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'];
    return [
      ...tableLines('filter', [...filter, ...FILTER_CHAINS, 'KUBE-FIREWALL'], [...FILTER_JUMPS, ...this.filterRules()]),
      ...tableLines('nat', [...nat, ...this.natChains(keys, [])], [...NAT_JUMPS, ...this.natRules(keys, [])]),
    ]
      .map((line) => `${line}\n`)
      .join('');
  }

  stop(): void {
    this.state.removeReader(this);
  }

  private get isIpv4(): boolean {
    return this.state.family === 'IPv4';
  }

  private count(key: string, endpoints: number): void {
    this.endpointCount += endpoints - (this.endpointCounts.get(key) ?? 0);
    if (endpoints === 0) this.endpointCounts.delete(key);
    else this.endpointCounts.set(key, endpoints);
  }

  /** Answers the chains that the service had. */
  private replace(key: string): string[] {
    const before = (this.pieces.get(key) ?? []).flatMap(({ chains }) => chains);
    const { ports } = this.state.view(key, this.revision);
    const after = ports.map(({ port, endpoints }) =>
      iptablesPiece(portPlan(port, endpoints, this.settings.node), this.settings, this.state.family, this.isLarge),
    );
    if (after.length > 0 !== this.pieces.has(key)) this.hasNewKeys = true;
    if (after.length === 0) this.pieces.delete(key);
    else this.pieces.set(key, after);
    return before;
  }

  private restoreText(changed: ReadonlySet<string>, gone: readonly string[]): string {
    const lines = [
      '*filter',
      ...this.filterChains.map(chainLine),
      ...this.filterRules(),
      'COMMIT',
      '*nat',
      ...this.natChains(changed, gone).map(chainLine),
      ...this.natRules(changed, gone),
      'COMMIT',
    ];
    return lines.map((line) => `${line}\n`).join('');
  }

  private get filterChains(): string[] {
    return this.isIpv4 ? [...FILTER_CHAINS, 'KUBE-FIREWALL'] : FILTER_CHAINS;
  }

  private filterRules(): string[] {
    const rules = this.isIpv4 ? [FIREWALL_RULE] : [];
    for (const key of this.sortedKeys) for (const piece of this.pieces.get(key)!) rules.push(...piece.filterRules);
    return [...rules, ...FORWARD_RULES];
  }

  private natChains(written: ReadonlySet<string>, gone: readonly string[]): string[] {
    const chains = [...NAT_CHAINS];
    for (const key of this.sortedKeys)
      if (written.has(key)) for (const piece of this.pieces.get(key)!) chains.push(...piece.chains);
    return [...chains, ...gone];
  }

  private natRules(written: ReadonlySet<string>, gone: readonly string[]): string[] {
    const rules = [...NAT_RULES];
    for (const key of this.sortedKeys) {
      for (const piece of this.pieces.get(key)!) {
        rules.push(...piece.sharedRules);
        if (written.has(key)) rules.push(...piece.chainRules);
      }
    }
    const localhost = this.isIpv4 ? '' : ' ! -d ::1/128';
    const last = `-A KUBE-SERVICES -m comment --comment ${NODEPORT_COMMENT} -m addrtype --dst-type LOCAL${localhost} -j KUBE-NODEPORTS`;
    return [...rules, ...gone.map((chain) => `-X ${chain}`), last];
  }
}

const chainLine = (chain: string): string => `:${chain} - [0:0]`;

/** Rules of one chain keep their order. */
function tableLines(table: string, chains: readonly string[], rules: readonly string[]): string[] {
  const byChain = new Map<string, string[]>(chains.map((chain) => [chain, []]));
  for (const rule of rules) byChain.get(rule.split(' ', 2)[1]!)!.push(rule);
  return [`*${table}`, ...chains.map(chainLine), ...[...byChain.values()].flat(), 'COMMIT'];
}
