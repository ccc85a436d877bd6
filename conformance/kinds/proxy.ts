/** Rules and answers of kube-proxy: every probe, and after every change both sets of rules, chain by chain. */

import type { Service } from '../../api/index.ts';
import {
  type Answer,
  canonicalIp,
  decide,
  type EndpointSlice,
  evaluateNftables,
  type IpFamily,
  IptablesTables,
  NftablesTable,
  type Packet,
  type Protocol,
  type ProxyMode,
  type ProxySettings,
  ProxyState,
  parseNftables,
  parseRange,
  type RuleAnswer,
} from '../../cluster/proxy/index.ts';
import { compareValues, isObject } from '../compare.ts';
import type { Document } from '../golden-file.ts';
import type { Golden, GoldenKind } from './kind.ts';
import { type ComparableRules, comparableIptables, comparableNftables, compareShape } from './proxy-rules.ts';

interface Step {
  readonly services?: readonly Service[];
  readonly endpointSlices?: readonly EndpointSlice[];
  readonly deleteServices?: readonly string[];
  readonly deleteSlices?: readonly string[];
}

interface ProxyCase {
  readonly family: IpFamily;
  readonly node: { readonly name: string; readonly ip: string; readonly labels?: Readonly<Record<string, string>> };
  readonly clusterCIDR: string;
  readonly serviceCIDR: string;
  readonly masqueradeAll?: boolean;
  readonly steps: readonly Step[];
}

interface Probe {
  readonly source: string;
  readonly ip: string;
  readonly port: number;
  readonly protocol: string;
  readonly what: string;
  readonly from: string;
}

interface Expectation {
  readonly action: string;
  readonly endpoints?: Readonly<Record<string, number>>;
  readonly masquerade?: boolean;
  readonly sticky?: boolean;
  readonly stickySeconds?: number;
}

interface StepResult {
  readonly nftables: ComparableRules;
  readonly iptables: ComparableRules;
  readonly iptablesRestore: ComparableRules;
  /** In the order of the case's probes: of our packet function by mode, and of upstream's recorded nftables rules. */
  readonly answers: Readonly<Record<ProxyMode | 'recordedRules', readonly Expectation[]>>;
}

/** The questions are of the case as much as its objects are. */
interface Asked {
  readonly testCase: ProxyCase;
  readonly probes: ReadonlyArray<readonly Probe[]>;
  /** The recorded nftables table after each step. */
  readonly recordedRules: readonly string[];
}

export const proxyKind: GoldenKind<Asked, readonly StepResult[]> = {
  name: 'proxy case',
  read,
  run,
  compare: ({ result }, got) => ({ differences: compareValues(result, got, compareShape), notes: [] }),
  count: ({ case: { probes } }) => ({ pods: 0, attempts: probes.reduce((sum, each) => sum + each.length, 0) }),
  locate: ([step, part, mode, index], { case: { probes } }) => {
    if (part !== 'answers') return `step ${step}, ${part}`;
    const probe = probes[step as number]?.[index as number];
    if (probe === undefined) return `step ${step}, ${mode}`;
    return `step ${step}, ${mode}, from ${probe.from} to ${probe.what} ${probe.ip}:${probe.port}/${probe.protocol}`;
  },
};

type RecordedProbe = Probe & { readonly expect: Expectation & { readonly why?: string; readonly iptables?: string } };

interface RecordedStep {
  readonly nftables: string;
  readonly iptables: string;
  readonly iptablesRestore: string;
  readonly probes: readonly RecordedProbe[];
}

function read({ kind, case: testCase, result }: Document): Golden<Asked, readonly StepResult[]> | undefined {
  if (kind !== 'proxy-case') return undefined;
  if (!isObject(testCase) || !Array.isArray(testCase.steps)) throw new Error('case.steps: a list is expected');
  if (!Array.isArray(result) || result.length !== testCase.steps.length)
    throw new Error('result: one entry for each step of the case is expected');
  const steps = result as readonly RecordedStep[];
  return {
    case: {
      testCase: testCase as unknown as ProxyCase,
      probes: steps.map(({ probes }) => probes),
      recordedRules: steps.map(({ nftables }) => nftables),
    },
    result: steps.map((step) => ({
      nftables: comparableNftables(step.nftables),
      iptables: comparableIptables(step.iptables),
      iptablesRestore: comparableIptables(step.iptablesRestore),
      answers: {
        nftables: step.probes.map(({ expect }) => expectation(expect, 'nftables')),
        iptables: step.probes.map(({ expect }) => expectation(expect, 'iptables')),
        recordedRules: step.probes.map(({ expect }) => withoutSeconds(expectation(expect, 'nftables'))),
      },
    })),
  };
}

/** Reasons are for people and not compared; `iptables` says where that mode differs. */
function expectation({ why: _, iptables, ...rest }: RecordedProbe['expect'], mode: ProxyMode): Expectation {
  return mode === 'iptables' && iptables !== undefined ? { action: iptables } : rest;
}

/** How long affinity lasts is no part of the rules that a packet meets. */
function withoutSeconds({ stickySeconds: _, ...rest }: Expectation): Expectation {
  return rest;
}

function run({ testCase, probes, recordedRules }: Asked): StepResult[] {
  const { family, node, clusterCIDR, serviceCIDR, masqueradeAll = false, steps } = testCase;
  const state = new ProxyState(family);
  const settings: ProxySettings = {
    node: { name: node.name, ip: node.ip, zone: node.labels?.['topology.kubernetes.io/zone'] },
    clusterRange: parseRange(clusterCIDR),
    serviceRanges: [parseRange(serviceCIDR)!],
    masqueradeAll,
  };
  const nftables = new NftablesTable(state, settings);
  const iptables = new IptablesTables(state, settings);
  return steps.map((step, i) => {
    apply(step, state);
    nftables.sync();
    const restore = iptables.sync();
    const packets = probes[i]!.map((probe) => packetOf(probe, family));
    const answers = (mode: ProxyMode): Expectation[] =>
      packets.map((packet) => recorded(decide(state, state.revision, settings, mode, packet)));
    const table = parseNftables(recordedRules[i]!);
    return {
      nftables: comparableNftables(nftables.text()),
      iptables: comparableIptables(iptables.text()),
      iptablesRestore: comparableIptables(restore),
      answers: {
        nftables: answers('nftables'),
        iptables: answers('iptables'),
        recordedRules: packets.map((packet) => ruled(evaluateNftables(table, packet, node.ip))),
      },
    };
  });
}

const packetOf = ({ source, ip, port, protocol }: Probe, family: IpFamily): Packet => ({
  source: canonicalIp(source, family)!,
  ip: canonicalIp(ip, family)!,
  port,
  protocol: protocol.toLowerCase() as Protocol,
});

function ruled({ action, endpoints, masquerade, isSticky }: RuleAnswer): Expectation {
  if (action !== 'dnat') return { action };
  const shares = Object.entries(endpoints!).map(([key, share]) => [key, Number(share.toFixed(6))]);
  return { action, endpoints: Object.fromEntries(shares), masquerade, ...(isSticky ? { sticky: true } : {}) };
}

function apply(step: Step, state: ProxyState): void {
  for (const key of step.deleteServices ?? []) state.deleteService(key);
  for (const key of step.deleteSlices ?? []) state.deleteSlice(key);
  for (const service of step.services ?? []) state.setService(service);
  for (const slice of step.endpointSlices ?? []) state.setSlice(slice);
}

function recorded(answer: Answer): Expectation {
  if (answer.action !== 'dnat') return { action: answer.action };
  const { endpoints, masquerade, affinitySeconds } = answer;
  const share = Number((1 / endpoints.length).toFixed(6));
  return {
    action: 'dnat',
    endpoints: Object.fromEntries(endpoints.map(({ key }) => [key, share])),
    masquerade,
    ...(affinitySeconds === undefined ? {} : { sticky: true, stickySeconds: affinitySeconds }),
  };
}
