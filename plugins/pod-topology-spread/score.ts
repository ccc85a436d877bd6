/**
 * Soft constraints: the emptier a node's domains, the better.
 * Source: `plugins/podtopologyspread/scoring.go`, v1.37.2.
 *
 * Cost: PreScore visits every pod of every node once per constraint; Score one map lookup per constraint and node, and
 * the node's own pods for the hostname key.
 */
import type { ClusterView, CompiledScore, PodInfo } from '../../scheduler/plugin.ts';
import { podCounter } from '../helper/matching-pods.ts';
import { type Constraint, hasAllKeys, nodeInclusion } from './constraints.ts';

const HOSTNAME = 'kubernetes.io/hostname';
/** Nodes without the label form a domain of their own, the one of the empty value. */
const NO_VALUE = -1;

interface ScoredConstraint {
  readonly constraint: Constraint;
  readonly column: Int32Array;
  /** Grows with the logarithm of the number of domains, so that constraints over few domains do not drown. */
  readonly weight: number;
  /** Matching pods by domain; only domains with a feasible node. Empty for the hostname key. */
  readonly counts: ReadonlyMap<number, number>;
  readonly matching: (pods: readonly PodInfo[]) => number;
}

export interface SpreadScoreState {
  readonly constraints: readonly ScoredConstraint[];
  /** Feasible nodes that lack a key although every key is needed; they score 0. */
  readonly ignored: ReadonlySet<number>;
}

/** @param requireAllKeys False under the built-in default constraints, where nodes without a zone still take part. */
export function spreadScoreState(
  pod: PodInfo,
  constraints: readonly Constraint[],
  cluster: ClusterView,
  feasible: Int32Array,
  requireAllKeys: boolean,
): SpreadScoreState {
  const complete = hasAllKeys(constraints, cluster);
  const included = nodeInclusion(pod, cluster);
  const ignored = new Set<number>();
  if (requireAllKeys) for (const row of feasible) if (!complete(row)) ignored.add(row);
  const scored = constraints.map((constraint): ScoredConstraint => {
    const column = cluster.labelColumn(constraint.topologyKey);
    const matching = podCounter(constraint.selector, pod.namespace);
    if (constraint.topologyKey === HOSTNAME) {
      const weight = Math.log(feasible.length - ignored.size + 2);
      return { constraint, column, weight, counts: new Map(), matching };
    }
    const domainOf = domainReader(column, cluster);
    const counts = new Map<number, number>();
    for (const row of feasible) if (!ignored.has(row)) counts.set(domainOf(row), 0);
    const { order, nodeCount } = cluster;
    for (let i = 0; i < nodeCount; i++) {
      const row = order[i]!;
      if ((requireAllKeys && !complete(row)) || !included(constraint, row)) continue;
      const count = counts.get(domainOf(row));
      if (count !== undefined) counts.set(domainOf(row), count + matching(cluster.pods(row)));
    }
    return { constraint, column, weight: Math.log(counts.size + 2), counts, matching };
  });
  return { constraints: scored, ignored };
}

/** An empty label value and a missing label are the same domain here. */
function domainReader(column: Int32Array, cluster: ClusterView): (row: number) => number {
  return (row) => {
    const id = column[row]!;
    return id < 0 || cluster.labelValue(id) === '' ? NO_VALUE : id;
  };
}

export function compileSpreadScore({ constraints, ignored }: SpreadScoreState, cluster: ClusterView): CompiledScore {
  const domains = constraints.map(({ column }) => domainReader(column, cluster));
  return {
    score: (row) => {
      if (ignored.has(row)) return 0;
      let score = 0;
      for (let i = 0; i < constraints.length; i++) {
        const { constraint, column, weight, counts, matching } = constraints[i]!;
        if (column[row]! < 0) continue;
        const count =
          constraint.topologyKey === HOSTNAME ? matching(cluster.pods(row)) : (counts.get(domains[i]!(row)) ?? 0);
        score += count * weight + (constraint.maxSkew - 1);
      }
      return Math.round(score);
    },
    normalization: { kind: 'spread', ignored: (row) => ignored.has(row) },
  };
}
