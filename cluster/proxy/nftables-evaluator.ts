/**
 * Reads the text of a kube-proxy table, ours or upstream's as `nft list` prints it, and follows the first packet of a
 * connection through it, as the kernel would. It knows the statements that kube-proxy uses and refuses any other. Source:
 * nft(8), and the order of hooks in the kernel.
 */

import type { Packet } from './decide.ts';
import { parseIp, parseRange, rangeContains } from './ip-address.ts';

export interface RuleAnswer {
  readonly action: 'dnat' | 'reject' | 'drop' | 'pass';
  /** `address:port` → probability. */
  readonly endpoints?: Readonly<Record<string, number>>;
  readonly masquerade?: boolean;
  readonly isSticky?: boolean;
}

interface Table {
  readonly chains: ReadonlyMap<string, readonly string[]>;
  /** Sets have elements without value. */
  readonly elements: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

export function parseNftables(text: string): Table {
  const chains = new Map<string, readonly string[]>();
  const elements = new Map<string, ReadonlyMap<string, string>>();
  for (const [, kind, name, body] of text.matchAll(/^\t(set|map|chain) (\S+) \{\n([\s\S]*?)^\t\}$/gm)) {
    if (kind === 'chain') chains.set(name!, rulesOf(body!));
    else elements.set(name!, elementsOf(body!));
  }
  return { chains, elements };
}

const rulesOf = (body: string): string[] =>
  body
    .split('\n')
    .map((line) => line.trim().replace(/ comment "[^"]*"$/, ''))
    .filter((line) => line !== '' && !/^(type|comment) /.test(line));

function elementsOf(body: string): Map<string, string> {
  const list = /elements = \{([\s\S]*?)\n\t\t\}/.exec(body)?.[1] ?? '';
  const entries = list.split(',\n').map((line) => line.trim().replace(/ comment "[^"]*"/, ''));
  return new Map(entries.filter(Boolean).map((entry) => entry.split(' : ', 2) as [string, string]));
}

/** What ends the walk through a hook. */
type Verdict =
  | { readonly action: 'drop' | 'reject' }
  | { readonly action: 'dnat'; readonly shares: ReadonlyMap<string, number> };

/** @param nodeIp the one address of the node */
export function evaluateNftables(table: Table, packet: Packet, nodeIp: string): RuleAnswer {
  const walk = new Walk(table, packet, nodeIp);
  const fromNode = packet.source === nodeIp;
  const toNode = packet.ip === nodeIp;
  const first = fromNode ? ['filter-output-pre-dnat', 'nat-output'] : ['filter-prerouting-pre-dnat', 'nat-prerouting'];
  const filters = [...(fromNode ? ['filter-output'] : []), ...(toNode ? ['filter-input'] : [])];
  if (filters.length === 0) filters.push('filter-forward');
  // A changed destination is no service's any more, so the filter hooks have nothing to say about it.
  for (const chain of [...first, ...filters]) {
    const verdict = walk.chain(chain);
    if (verdict?.action === 'dnat') return walk.answer(verdict.shares);
    if (verdict !== undefined) return verdict;
  }
  return { action: 'pass' };
}

class Walk {
  private readonly table: Table;
  private readonly packet: Packet;
  private readonly nodeIp: string;
  private isMarked = false;
  private isSticky = false;

  constructor(table: Table, packet: Packet, nodeIp: string) {
    this.table = table;
    this.packet = packet;
    this.nodeIp = nodeIp;
  }

  answer(shares: ReadonlyMap<string, number>): RuleAnswer {
    const hairpins = this.table.elements.get('hairpin-connections')!;
    const isHairpin = (key: string): boolean => {
      const [, ip, port] = /^\[?(.*?)\]?:(\d+)$/.exec(key)!;
      return hairpins.has(`${this.packet.source} . ${ip} . ${this.packet.protocol} . ${port}`);
    };
    return {
      action: 'dnat',
      endpoints: Object.fromEntries(shares),
      masquerade: this.isMarked || [...shares.keys()].every(isHairpin),
      isSticky: this.isSticky,
    };
  }

  /** Undefined: the packet goes on. */
  chain(name: string): Verdict | undefined {
    const rules = this.table.chains.get(name);
    if (rules === undefined) throw new Error(`no chain ${name}`);
    for (const rule of rules) {
      const end = this.rule(rule);
      if (end !== 'next') return end === 'return' ? undefined : end;
    }
    return undefined;
  }

  /** `return`: the rest of this chain is not looked at. */
  private rule(rule: string): Verdict | 'next' | 'return' {
    let rest = rule;
    for (;;) {
      const matched = this.match(rest);
      if (matched === false) return 'next';
      if (matched === rest) return this.statement(rest);
      rest = matched;
      if (rest === '') return 'next';
    }
  }

  /** The rule behind its first condition; false when that does not hold; unchanged when there is none. */
  private match(rest: string): string | false {
    const { source, ip, protocol } = this.packet;
    const patterns: ReadonlyArray<readonly [RegExp, (match: RegExpExecArray) => boolean]> = [
      [/^ct state new /, () => true],
      [/^fib saddr type local /, () => source === this.nodeIp],
      [/^meta l4proto (tcp|udp|sctp) /, ([, name]) => name === protocol],
      [/^ip6? (saddr|daddr) @(\S+) /, ([, end, set]) => this.has(set!, end === 'saddr' ? source : ip)],
      [
        /^ip6? (saddr|daddr) (!= )?(\{ [^}]* \}|[\da-f:][\da-f.:]*(?:\/\d+)?) /,
        ([, end, not, list]) => {
          return isInList(list!, end === 'saddr' ? source : ip) === (not === undefined);
        },
      ],
    ];
    for (const [pattern, holds] of patterns) {
      const match = pattern.exec(rest);
      if (match !== null) return holds(match) && rest.slice(match[0].length);
    }
    const mark = /^meta mark set meta mark \| 0x00004000 ?/.exec(rest);
    if (mark === null) return rest;
    this.isMarked = true;
    return rest.slice(mark[0].length);
  }

  /** Nobody has an affinity yet. */
  private has(set: string, key: string): boolean {
    if (!set.startsWith('affinity-')) return this.table.elements.get(set)!.has(key);
    this.isSticky = true;
    return false;
  }

  private statement(text: string): Verdict | 'next' | 'return' {
    const { ip, port, protocol } = this.packet;
    const lookup = /^(ip6? daddr \. )?meta l4proto \. th dport vmap @(\S+)$/.exec(text);
    if (lookup !== null) {
      const key = `${lookup[1] === undefined ? '' : `${ip} . `}${protocol} . ${port}`;
      const verdict = this.table.elements.get(lookup[2]!)!.get(key);
      return verdict === undefined ? 'next' : this.statement(verdict);
    }
    if (text === 'drop' || text === 'reject') return { action: text };
    const jump = /^(jump|goto) (\S+)$/.exec(text);
    if (jump !== null) return this.chain(jump[2]!) ?? (jump[1] === 'goto' ? 'return' : 'next');
    if (/^update @affinity-\S+ \{ ip6? saddr \}$/.test(text)) return 'next';
    const single = /^dnat to (\S+)$/.exec(text);
    if (single !== null) return { action: 'dnat', shares: new Map([[single[1]!, 1]]) };
    const shared = /^(?:dnat ip6? to )?numgen random mod (\d+) v?map \{ (.*) \}$/.exec(text);
    if (shared !== null) return this.shares(Number(shared[1]), shared[2]!.split(', '));
    throw new Error(`a statement that is not known: ${text}`);
  }

  private shares(count: number, entries: readonly string[]): Verdict {
    const shares = new Map<string, number>();
    for (const entry of entries) {
      const target = entry.slice(entry.indexOf(' : ') + 3);
      const [ip, port] = target.split(' . ', 2);
      const verdict = target.startsWith('goto ')
        ? (this.statement(target) as Verdict)
        : { action: 'dnat' as const, shares: new Map([[ip!.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`, 1]]) };
      if (verdict.action !== 'dnat') throw new Error(`no endpoint behind ${target}`);
      for (const [key, share] of verdict.shares) shares.set(key, (shares.get(key) ?? 0) + share / count);
    }
    return { action: 'dnat', shares };
  }
}

function isInList(list: string, ip: string): boolean {
  const address = parseIp(ip)!;
  const bits = address.length * 8;
  const texts = list
    .replace(/[{}]/g, '')
    .split(',')
    .map((text) => text.trim());
  return texts.some((text) => {
    const range = parseRange(text.includes('/') ? text : `${text}/${bits}`);
    return range !== undefined && rangeContains(range, address);
  });
}
