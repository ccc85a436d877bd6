/**
 * Texts of rules taken apart for comparison: by chain, set and map. Rules keep their order, save in the chains that all
 * services share, where upstream's order is that of a Go map.
 */
import type { Shape } from '../shape.ts';

/** Name of a chain, set or map, with its kind → its lines. */
export type ComparableRules = Readonly<Record<string, readonly string[]>>;

const RULES: Shape = { map: { list: 'value' } };
const ANSWERS: Shape = {
  list: {
    fields: {
      action: 'value',
      endpoints: { map: 'value' },
      masquerade: 'value',
      sticky: 'value',
      stickySeconds: 'value',
    },
  },
};

/** Of the list of step results. */
export const compareShape: Shape = {
  list: {
    fields: {
      nftables: RULES,
      iptables: RULES,
      iptablesRestore: RULES,
      answers: { fields: { nftables: ANSWERS, iptables: ANSWERS, recordedRules: ANSWERS } },
    },
  },
};

/** Of `nft list table`. Chains of services that nothing refers to are flushed and wait for their end: left out. */
export function comparableNftables(text: string): ComparableRules {
  const blocks: Record<string, string[]> = {};
  for (const [, head, body] of text.matchAll(/^\t(\w+ \S+) \{\n([\s\S]*?)^\t\}$/gm)) {
    const elements = /elements = \{([\s\S]*?)\n\t\t\}\n/.exec(body!)?.[1] ?? '';
    const lines = body!.replace(/elements = \{[\s\S]*?\n\t\t\}\n/, '').split('\n');
    const sorted = elements.split(',\n').map((line) => line.trim());
    blocks[head!] = [...lines.map((line) => line.trim()), ...sorted.sort()].filter((line) => line !== '');
  }
  const used = new Set(Object.values(blocks).flatMap((lines) => lines.flatMap(targetsOf)));
  return Object.fromEntries(
    Object.entries(blocks).filter(([head, lines]) => {
      return !(head.startsWith('chain ') && head.includes('/') && lines.length === 0 && !used.has(head.slice(6)));
    }),
  );
}

const targetsOf = (line: string): string[] => [...line.matchAll(/(?:goto|jump) ([^\s,]+)/g)].map(([, name]) => name!);

const SHARED_CHAINS = new Set(['KUBE-SERVICES', 'KUBE-EXTERNAL-SERVICES', 'KUBE-NODEPORTS', 'KUBE-PROXY-FIREWALL']);

/** Of `iptables-save` or `iptables-restore`. */
export function comparableIptables(text: string): ComparableRules {
  const blocks: Record<string, string[]> = {};
  let table = '';
  for (const line of text.split('\n')) {
    const [word = '', chain = ''] = line.split(' ', 2);
    if (word.startsWith('*')) table = word.slice(1);
    else if (word.startsWith(':')) blocks[`${table} ${word.slice(1)}`] ??= [];
    else if (word.startsWith('-')) {
      const key = `${table} ${chain}`;
      blocks[key] ??= [];
      // Rules that upstream sets up one by one were recorded as arguments, without a shell's quotes.
      blocks[key].push(chain.startsWith('KUBE-') ? line : line.replaceAll('"', ''));
    }
  }
  for (const [key, rules] of Object.entries(blocks)) if (SHARED_CHAINS.has(key.split(' ')[1]!)) sortAllButLast(rules);
  return blocks;
}

/** Where the jump to node ports is, it has to be last. */
function sortAllButLast(rules: string[]): void {
  const last = rules.at(-1)?.includes('must be the last rule') ? rules.pop()! : undefined;
  rules.sort();
  if (last !== undefined) rules.push(last);
}
