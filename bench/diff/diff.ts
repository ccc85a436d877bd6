/**
 * Where two cells part, and why: a pod was *turned* when the other configuration would have sent it elsewhere from the very
 * cluster that the base had, and only *followed* when it would have done the same there, so that earlier differences explain
 * the rest.
 */
import type { AttemptRecord } from '../../scheduler/index.ts';
import type { Decision } from './read-decisions.ts';
import type { Answer, Replay } from './replay.ts';

/** Only one of them looked at both nodes. */
export const SEARCH = 'which nodes were looked at';

export interface DivergingPod {
  readonly pod: string;
  /** Of the base's last decision on it. */
  readonly timeSeconds: number;
  /** '' where it was not placed. */
  readonly baseNode: string;
  readonly node: string;
  readonly kind: 'turned' | 'followed';
  /** Of a pod that was turned: the plugin that made the difference, `SEARCH`, or '' for the tie-break. */
  readonly plugin?: string;
}

export interface FirstDivergence {
  /** Number of the decision, from 1. */
  readonly decision: number;
  readonly base: Decision | undefined;
  readonly other: Decision | undefined;
}

export interface CellDiff {
  readonly decisions: number;
  readonly pods: number;
  /** Undefined when all decisions are equal. */
  readonly first: FirstDivergence | undefined;
  /** Pods that ended elsewhere, in the base's order. */
  readonly diverging: readonly DivergingPod[];
  /** Decisions on pods that ended alike, of which the other configuration would have made another in the base's place. */
  readonly turnedBack: number;
  /**
   * Decisions that the base itself would not have made again on the cluster as it was put together from the rows: what
   * is told about causes is no better than this number is small.
   */
  readonly unlike: number;
}

/** @param replay Of the base's cell; scheduler 0 is the base's own, scheduler 1 the other's. */
export function diffCells(base: readonly Decision[], other: readonly Decision[], replay: Replay): CellDiff {
  const ownNode = lastNodes(base);
  const otherNode = lastNodes(other);
  const last = new Map(base.map((decision, index) => [decision.pod, index]));
  const diverging: DivergingPod[] = [];
  let turnedBack = 0;
  let unlike = 0;
  for (const [index, decision] of base.entries()) {
    // The base is asked too: where its search starts, and what chance gives it, move on with every decision.
    const own = replay.ask(0, decision);
    const answer = replay.ask(1, decision);
    const isTurned = answer.node !== decision.node;
    if (own.node !== decision.node && decision.victims.length === 0) unlike++;
    const there = otherNode.get(decision.pod) ?? '';
    const hasParted = there !== ownNode.get(decision.pod);
    if (isTurned && !hasParted && last.get(decision.pod) === index) turnedBack++;
    if (hasParted && last.get(decision.pod) === index) {
      diverging.push({
        pod: decision.pod,
        timeSeconds: decision.timeSeconds,
        baseNode: decision.node,
        node: there,
        kind: isTurned ? 'turned' : 'followed',
        plugin: isTurned ? turnedBy(own, answer, decision.node) : undefined,
      });
    }
    replay.apply(decision);
  }
  return { decisions: base.length, pods: ownNode.size, first: firstOf(base, other), diverging, turnedBack, unlike };
}

const lastNodes = (decisions: readonly Decision[]): Map<string, string> =>
  new Map(decisions.map(({ pod, node }) => [pod, node]));

function firstOf(base: readonly Decision[], other: readonly Decision[]): FirstDivergence | undefined {
  const length = Math.max(base.length, other.length);
  for (let i = 0; i < length; i++) {
    const [a, b] = [base[i], other[i]];
    if (a?.pod !== b?.pod || a?.node !== b?.node) return { decision: i + 1, base: a, other: b };
  }
  return undefined;
}

/** The plugin whose points speak most for the other's node, compared with what the base's own configuration says. */
function turnedBy(own: Answer, answer: Answer, baseNode: string): string {
  const [mine, others] = [own.record(), answer.record()];
  if (mine === undefined || others === undefined) return '';
  const rejected =
    others.rejected?.find(({ node }) => node === baseNode) ?? mine.rejected?.find(({ node }) => node === answer.node);
  if (rejected !== undefined) return rejected.plugin ?? '';
  const isSeen = ({ feasible = [] }: AttemptRecord): boolean =>
    feasible.includes(baseNode) && feasible.includes(answer.node);
  if (!isSeen(mine) || !isSeen(others)) return SEARCH;
  const before = leadOf(mine, answer.node, baseNode);
  const after = leadOf(others, answer.node, baseNode);
  let [plugin, most] = ['', 0];
  for (const name of new Set([...before.keys(), ...after.keys()])) {
    const change = (after.get(name) ?? 0) - (before.get(name) ?? 0);
    if (change > most) [plugin, most] = [name, change];
  }
  return plugin;
}

/** Weighted points by which one node leads another, by plugin. */
function leadOf({ feasible = [], scores = [] }: AttemptRecord, node: string, against: string): Map<string, number> {
  const [a, b] = [feasible.indexOf(node), feasible.indexOf(against)];
  if (a < 0 || b < 0) return new Map();
  return new Map(
    scores.flatMap(({ name, weighted }) => (weighted === undefined ? [] : [[name, weighted[a]! - weighted[b]!]])),
  );
}
