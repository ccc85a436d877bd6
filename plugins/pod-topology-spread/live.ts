/**
 * Both kinds of constraints over counters that outlive the cycle; the rules are those of `filter.ts` and `score.ts`.
 *
 * Cost: one counter read per constraint and group of nodes; nothing per node or pod.
 */
import type {
  ClusterView,
  CountQuery,
  DomainCounter,
  DomainCounters,
  LiveFilter,
  LiveScore,
  NodeFact,
  PodInfo,
} from '../../scheduler/plugin.ts';
import { type Constraint, hasAllKeys, nodeInclusion } from './constraints.ts';
import { KEY_MISSING, MISSING_CODE, SKEWED_CODE, TOO_SKEWED } from './filter.ts';

const HOSTNAME = 'kubernetes.io/hostname';

export function liveSpreadFilter(
  pod: PodInfo,
  constraints: readonly Constraint[],
  cluster: ClusterView,
  counters: DomainCounters,
): LiveFilter {
  const complete = hasAllKeys(constraints, cluster);
  const included = nodeInclusion(pod, cluster);
  const keys = constraints.map(({ topologyKey }) => topologyKey);
  const lined = constraints.map((constraint) => {
    const { topologyKey, maxSkew, minDomains, selector } = constraint;
    const counter = counters.counter({
      signature: signatureOf('hard', pod, constraint, keys),
      topologyKey,
      weight: matchingWeight(pod, constraint),
      includes: (row) => complete(row) && included(constraint, row),
    });
    return { counter, maxSkew, minDomains, selfMatch: selector.matches(pod.labels) ? 1 : 0 };
  });
  return {
    facts: lined.map(({ counter }) => counter.fact()),
    filter: (row) => {
      for (let i = 0; i < lined.length; i++) {
        const { counter, maxSkew, minDomains, selfMatch } = lined[i]!;
        if (counter.domainAt(row) < 0) return MISSING_CODE;
        const minimum = counter.domainCount < minDomains ? 0 : counter.minimum;
        if (counter.valueAt(row) + selfMatch - minimum > maxSkew) return SKEWED_CODE;
      }
      return 0;
    },
    status: (code) => (code === MISSING_CODE ? KEY_MISSING : TOO_SKEWED),
    outdatedByNode: () => false,
  };
}

interface LiveConstraint {
  readonly counter: DomainCounter;
  readonly topologyKey: string;
  readonly labels: Int32Array;
  readonly countsNodes: boolean;
  readonly maxSkew: number;
  weight: number;
}

/** @param requireAllKeys As in `spreadScoreState`. */
export function liveSpreadScore(
  pod: PodInfo,
  constraints: readonly Constraint[],
  cluster: ClusterView,
  counters: DomainCounters,
  requireAllKeys: boolean,
): LiveScore {
  const complete = hasAllKeys(constraints, cluster);
  const included = nodeInclusion(pod, cluster);
  const keys = requireAllKeys ? constraints.map(({ topologyKey }) => topologyKey) : [];
  const lined = constraints.map((constraint): LiveConstraint => {
    const { topologyKey, maxSkew } = constraint;
    const weight = matchingWeight(pod, constraint);
    const isHost = topologyKey === HOSTNAME;
    const query: CountQuery = isHost
      ? { signature: signatureOf('own', pod, constraint, undefined), topologyKey: undefined, weight }
      : {
          signature: signatureOf('soft', pod, constraint, keys),
          topologyKey,
          missingIsEmpty: true,
          weight,
          includes: (row) => (!requireAllKeys || complete(row)) && included(constraint, row),
        };
    const counter = counters.counter(query);
    const labels = cluster.labelColumn(topologyKey);
    return { counter, topologyKey, labels, countsNodes: isHost || counter.isPerNode, maxSkew, weight: 0 };
  });
  const ignored = requireAllKeys && !isTrueOfAll(complete, cluster) ? (row: number) => !complete(row) : undefined;
  return {
    facts: lined.flatMap(({ counter, labels, topologyKey }): NodeFact[] => [
      counter.fact(),
      { changes: 'node', of: (row) => (labels[row]! < 0 ? 0 : 1), signature: JSON.stringify(['has', topologyKey]) },
    ]),
    prepare: (rows, nodes, count) => {
      for (let i = 0; i < lined.length; i++) {
        const one = lined[i]!;
        const total = one.countsNodes
          ? nodeTotal(rows, nodes, count, ignored)
          : domainTotal(one.counter, rows, count, ignored);
        one.weight = Math.log(total + 2);
      }
      return true;
    },
    score: (row) => {
      if (ignored?.(row) === true) return 0;
      let score = 0;
      for (let i = 0; i < lined.length; i++) {
        const { counter, labels, weight, maxSkew } = lined[i]!;
        if (labels[row]! < 0) continue;
        score += counter.valueAt(row) * weight + (maxSkew - 1);
      }
      return Math.round(score);
    },
    normalization: { kind: 'spread', ignored: ignored ?? nobody },
    outdatedByNode: (row) => requireAllKeys && ignored === undefined && !complete(row),
  };
}

type IsIgnored = ((row: number) => boolean) | undefined;

const nobody = (): boolean => false;

function isTrueOfAll(condition: (row: number) => boolean, { order, nodeCount }: ClusterView): boolean {
  for (let i = 0; i < nodeCount; i++) if (!condition(order[i]!)) return false;
  return true;
}

function nodeTotal(rows: Int32Array, nodes: Float64Array, count: number, ignored: IsIgnored): number {
  let total = 0;
  for (let i = 0; i < count; i++) if (ignored === undefined || !ignored(rows[i]!)) total += nodes[i]!;
  return total;
}

/** By domain, from −1 on: the number of the count in which it was last seen. */
let lastSeen = new Float64Array(64);
let countNumber = 0;

function domainTotal(counter: DomainCounter, rows: Int32Array, count: number, ignored: IsIgnored): number {
  countNumber++;
  let total = 0;
  for (let i = 0; i < count; i++) {
    if (ignored?.(rows[i]!) === true) continue;
    const place = counter.domainAt(rows[i]!) + 1;
    if (place >= lastSeen.length) {
      const wider = new Float64Array(place * 2);
      wider.set(lastSeen);
      lastSeen = wider;
    }
    if (lastSeen[place] === countNumber) continue;
    lastSeen[place] = countNumber;
    total++;
  }
  return total;
}

/** How much a pod on a node counts. The selector `{}` counts nothing (`countPodsMatchSelector`). */
function matchingWeight({ namespace }: PodInfo, { selector }: Constraint): (other: PodInfo) => number {
  if (selector.everything || selector.nothing) return () => 0;
  return (other) => (!other.terminating && other.namespace === namespace && selector.matches(other.labels) ? 1 : 0);
}

/** @param keys Labels that a node must have to take part; undefined when all nodes do. */
function signatureOf(kind: string, pod: PodInfo, constraint: Constraint, keys: readonly string[] | undefined): string {
  const { selectorText, topologyKey, honorsAffinity, honorsTaints } = constraint;
  const { nodeSelector, affinity, tolerations } = pod.pod.spec ?? { containers: [] };
  const nodes = [
    keys,
    honorsAffinity ? [nodeSelector, affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution] : null,
    honorsTaints ? (tolerations ?? []) : null,
  ];
  return JSON.stringify(['spread', kind, pod.namespace, selectorText, topologyKey, keys === undefined ? null : nodes]);
}
