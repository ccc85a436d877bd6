/**
 * The nftables table of one node, kept up to date: a synchronisation looks at the services that changed and writes the
 * transaction that brings the kernel there; the whole table is text on demand. What results never depends on the order of
 * the changes. Source: `syncProxyRules` in `pkg/proxy/nftables/proxier.go`, v1.37.2.
 *
 * Cost: a synchronisation is O(rules of the changed services), the text O(all rules).
 */
import type { ProxySettings } from './decide.ts';
import { type BaseChain, type Container, containers, frameChains, NODEPORT_IPS } from './nftables-frame.ts';
import { type AffinitySet, type Chain, type Element, type NftablesPiece, nftablesPiece } from './nftables-rules.ts';
import { portPlan } from './port-plan.ts';
import type { ProxyState } from './proxy-state.ts';

/** Two services may claim one address; the first by name has it (upstream: whichever comes last in a random order). */
interface Claim {
  readonly owner: string;
  readonly element: Element;
}

const STALE_AFTER_MS = 1000;

export class NftablesTable {
  private readonly state: ProxyState;
  private readonly settings: ProxySettings;
  private readonly containers: readonly Container[];
  private readonly frame: readonly BaseChain[];
  private readonly pieces = new Map<string, readonly NftablesPiece[]>();
  private readonly claims = new Map<string, Map<string, readonly Claim[]>>();
  /** Chains out of use, and since when: older kernels may still hold on to them for a moment. */
  private readonly staleSinceMs = new Map<string, number>();
  revision: number;
  private isFirst = true;

  /** @param revision What the first `sync` will be given, or less. */
  constructor(state: ProxyState, settings: ProxySettings, revision = state.revision) {
    this.state = state;
    this.revision = revision;
    state.addReader(this);
    this.settings = settings;
    this.containers = containers(state.family);
    this.frame = frameChains(settings, state.family);
    for (const { name } of this.containers) this.claims.set(name, new Map());
    this.claims
      .get(NODEPORT_IPS)!
      .set(settings.node.ip, [{ owner: '', element: { container: NODEPORT_IPS, key: settings.node.ip } }]);
  }

  /** Takes in what changed up to the revision; answers the text for `nft -f`, '' for no change. */
  sync(revision = this.state.revision, nowMs = 0): string {
    const { isFirst } = this;
    this.isFirst = false;
    const out = new Transaction(this.tableName);
    for (const [chain, sinceMs] of this.staleSinceMs) {
      if (nowMs - sinceMs <= STALE_AFTER_MS) continue;
      out.line('delete chain', chain);
      this.staleSinceMs.delete(chain);
    }
    const keys = isFirst ? this.state.keys() : this.state.changedSince(this.revision);
    for (const key of keys) this.replace(key, revision, nowMs, out);
    this.revision = revision;
    return isFirst ? this.text() : out.text();
  }

  /** As `nft list table` would print it, sorted where the kernel has no order. */
  text(): string {
    const lines = [`table ${this.tableName} {`, '\tcomment "rules for kube-proxy"'];
    for (const container of this.containers) lines.push(...this.containerLines(container), '');
    const services = [...this.pieces.keys()].sort().flatMap((key) => this.pieces.get(key)!);
    for (const { affinitySets } of services) for (const set of affinitySets) lines.push(...this.affinityLines(set), '');
    for (const chain of this.frame) lines.push(...chainLines(chain), '');
    for (const { chains } of services) for (const chain of chains) lines.push(...chainLines(chain), '');
    lines[lines.length - 1] = '}';
    return `${lines.join('\n')}\n`;
  }

  stop(): void {
    this.state.removeReader(this);
  }

  private get tableName(): string {
    return `${this.state.family === 'IPv4' ? 'ip' : 'ip6'} kube-proxy`;
  }

  private replace(key: string, revision: number, nowMs: number, out: Transaction): void {
    const { family } = this.state;
    const { ports } = this.state.view(key, revision);
    const after = ports.map(({ port, endpoints }) =>
      nftablesPiece(portPlan(port, endpoints, this.settings.node), this.settings, family),
    );
    const before = this.pieces.get(key) ?? [];
    if (after.length === 0) this.pieces.delete(key);
    else this.pieces.set(key, after);
    this.replaceChains(before, after, nowMs, out);
    this.replaceElements(key, before, after, out);
    const sets = new Set(after.flatMap(({ affinitySets }) => affinitySets.map(({ name }) => name)));
    for (const { affinitySets } of before)
      for (const { name } of affinitySets) if (!sets.has(name)) out.last('delete set', name);
  }

  /** Sets come first, since chains name them; then all chains, since chains name each other; then their rules. */
  private replaceChains(
    before: readonly NftablesPiece[],
    after: readonly NftablesPiece[],
    nowMs: number,
    out: Transaction,
  ): void {
    const known = new Map(before.flatMap(({ chains }) => chains.map((chain) => [chain.name, chain] as const)));
    const sets = new Map(before.flatMap(({ affinitySets }) => affinitySets.map((set) => [set.name, set] as const)));
    for (const { affinitySets } of after) {
      for (const set of affinitySets) {
        if (sets.get(set.name)?.timeoutSeconds === set.timeoutSeconds) continue;
        out.line('add set', set.name, `{ ${affinityFields(set, this.state.family).join(' ; ')} ; }`);
      }
    }
    const changed: Chain[] = [];
    for (const { chains } of after) {
      for (const chain of chains) {
        const same = known.get(chain.name);
        known.delete(chain.name);
        this.staleSinceMs.delete(chain.name);
        if (same !== undefined && same.rules.join('\n') === chain.rules.join('\n')) continue;
        out.line('add chain', chain.name);
        out.line('flush chain', chain.name);
        changed.push(chain);
      }
    }
    for (const { name, rules } of changed) for (const rule of rules) out.line('add rule', name, rule);
    for (const name of known.keys()) {
      out.last('flush chain', name);
      this.staleSinceMs.set(name, nowMs);
    }
  }

  private replaceElements(
    owner: string,
    before: readonly NftablesPiece[],
    after: readonly NftablesPiece[],
    out: Transaction,
  ): void {
    const touched = new Map<string, Element>();
    const all = (pieces: readonly NftablesPiece[]): Element[] => pieces.flatMap(({ elements }) => elements);
    for (const element of all(before)) touched.set(`${element.container} ${element.key}`, element);
    const wanted = new Map<string, Element>();
    for (const element of all(after)) {
      const id = `${element.container} ${element.key}`;
      touched.set(id, element);
      if (!wanted.has(id)) wanted.set(id, element);
    }
    for (const [id, { container, key }] of touched) {
      const elements = this.claims.get(container)!;
      const claims = elements.get(key) ?? [];
      const others = claims.filter((claim) => claim.owner !== owner);
      const element = wanted.get(id);
      const next = element === undefined ? others : [...others, { owner, element }].sort(byOwner);
      if (next.length === 0) elements.delete(key);
      else elements.set(key, next);
      const [old, now] = [claims[0]?.element, next[0]?.element];
      if (old !== undefined && now !== undefined && elementText(old) === elementText(now)) continue;
      if (old !== undefined) out.line('delete element', container, `{ ${key} }`);
      if (now !== undefined) out.line('add element', container, `{ ${elementText(now)} }`);
    }
  }

  private containerLines({ kind, name, type, comment }: Container): string[] {
    const lines = [`\t${kind} ${name} {`, `\t\ttype ${type}`, `\t\tcomment "${comment}"`];
    const texts = [...this.claims.get(name)!.values()].map(([first]) => elementText(first!.element)).sort();
    if (texts.length > 0) lines.push('\t\telements = {', texts.map((text) => `\t\t\t${text}`).join(',\n'), '\t\t}');
    return [...lines, '\t}'];
  }

  private affinityLines(set: AffinitySet): string[] {
    return [`\tset ${set.name} {`, ...affinityFields(set, this.state.family).map((field) => `\t\t${field}`), '\t}'];
  }
}

const byOwner = (a: Claim, b: Claim): number => (a.owner < b.owner ? -1 : 1);

const elementText = ({ key, value, comment }: Element): string =>
  `${key}${comment === undefined ? '' : ` comment "${comment.slice(0, 128)}"`}${value === undefined ? '' : ` : ${value}`}`;

/** A set that rules add to gets this size when none is given. */
const affinityFields = ({ timeoutSeconds }: AffinitySet, family: string): string[] => [
  `type ${family === 'IPv4' ? 'ipv4_addr' : 'ipv6_addr'}`,
  'size 65535',
  'flags dynamic,timeout',
  `timeout ${durationText(timeoutSeconds)}`,
];

function durationText(seconds: number): string {
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ] as const;
  return parts.map(([count, unit]) => (count === 0 ? '' : `${count}${unit}`)).join('');
}

function chainLines({ name, hook, comment, rules }: BaseChain): string[] {
  const lines = [`\tchain ${name} {`];
  if (comment !== undefined) lines.push(`\t\tcomment "${comment}"`);
  if (hook !== undefined) lines.push(`\t\ttype ${hook}; policy accept;`);
  return [...lines, ...rules.map((rule) => `\t\t${rule}`), '\t}'];
}

/** Commands in the order that the kernel needs: what nothing names any more goes last. */
class Transaction {
  private readonly table: string;
  private readonly lines: string[] = [];
  private readonly lastLines: string[] = [];

  constructor(table: string) {
    this.table = table;
  }

  line(command: string, name: string, rest = ''): void {
    this.lines.push(`${command} ${this.table} ${name}${rest === '' ? '' : ` ${rest}`}`);
  }

  last(command: string, name: string): void {
    this.lastLines.push(`${command} ${this.table} ${name}`);
  }

  text(): string {
    return [...this.lines, ...this.lastLines].map((line) => `${line}\n`).join('');
  }
}
