/** Answers that no well-behaved extender gives, for the family `extender-odd` (`conformance/golden-dynamics`). */
import type { ExtenderRule } from './timeline-types.ts';

export interface FilterAnswer {
  /** In the order of the answer. */
  kept: string[];
  readonly failed: Record<string, string>;
  readonly unresolvable: Record<string, string>;
}

export interface Priority {
  readonly Host: string;
  readonly Score: number;
}

export interface MetaVictims {
  readonly Pods: readonly unknown[] | null;
  readonly NumPDBViolations: number;
}

interface SentNode {
  readonly metadata: { readonly name: string; readonly labels?: unknown };
  readonly spec?: unknown;
  readonly status?: { readonly allocatable?: unknown };
}

type Hash = (text: string) => number;

/** `silent`: dropped without a word; `ghost`: nodes that nobody knows; `both`, `mention`: two verdicts on one node; `dup`. */
export function oddFilter(answer: FilterAnswer, rule: ExtenderRule, hash: Hash): void {
  const { silent, ghost, both, mention, dup } = rule;
  if (silent) answer.kept = answer.kept.filter((name) => hash(`s${name}`) % silent !== 0);
  if (ghost) {
    answer.failed.ghost = 'extender no';
    answer.unresolvable.ghost2 = 'extender never';
  }
  if (both) for (const name of Object.keys(answer.unresolvable)) answer.failed[name] = 'both';
  for (const name of mention ? answer.kept : [])
    if (hash(`m${name}`) % mention! === 0) answer.failed[name] = 'mentioned';
  if (dup && answer.kept.length > 0) answer.kept.push(answer.kept[0]!);
}

/** A node as an extender sends it back: 1 by its name alone, 2 with its labels, 3 with its spec and what is allocatable. */
export function strippedNode<Node extends SentNode>(node: Node, strip: number | undefined): SentNode {
  if (!strip) return node;
  const { name, labels } = node.metadata;
  if (strip === 2) return { metadata: { name, labels } };
  if (strip === 3) return { metadata: { name }, spec: node.spec, status: { allocatable: node.status?.allocatable } };
  return { metadata: { name } };
}

/** Undefined for a call that fails. */
export function oddPriorities(
  priorities: readonly Priority[],
  { prioFail, scoreSkip, scoreMul = 1 }: ExtenderRule,
  callNumber: number,
  hash: Hash,
): readonly Priority[] | undefined {
  if (prioFail && callNumber % prioFail === 0) return undefined;
  const scored = scoreSkip ? priorities.filter(({ Host }) => hash(`k${Host}`) % scoreSkip !== 0) : priorities;
  return scored.map(({ Host, Score }) => ({ Host, Score: Score * scoreMul }));
}

export function oddVictims(
  nodeName: string,
  victims: MetaVictims,
  { preemptEmpty, preemptTrim, preemptBad }: ExtenderRule,
  callNumber: number,
  hash: Hash,
): MetaVictims {
  if (preemptBad && callNumber % preemptBad === 0) return { Pods: [{ UID: 'nobody' }], NumPDBViolations: 0 };
  if (preemptEmpty && hash(`e${nodeName}`) % preemptEmpty === 0) return { Pods: null, NumPDBViolations: 0 };
  const { Pods } = victims;
  if (!preemptTrim || Pods === null || Pods.length < 2) return victims;
  return { Pods: Pods.slice(1), NumPDBViolations: hash(nodeName) % 3 };
}
