/**
 * Preferred terms of the incoming pod and of the pods that are there, and required affinity of the latter.
 * Source: `plugins/interpodaffinity/scoring.go`, v1.37.2.
 *
 * Cost: PreScore visits the pods with affinity, and all pods when the incoming pod has preferred terms; Score is one map
 * lookup per topology key and node.
 */
import type { AffinityTerm, ClusterView, CompiledScore, PodInfo } from '../../scheduler/plugin.ts';
import { memoPerClass } from '../helper/matching-pods.ts';
import { namespaceLabelsOf, resolveNamespaces, Topologies, type Topology, termMatches } from './terms.ts';

interface Contribution {
  readonly topology: Topology;
  readonly weight: number;
}

export const hasPreferredTerms = ({ affinity }: PodInfo): boolean =>
  affinity.preferredAffinity.length > 0 || affinity.preferredAntiAffinity.length > 0;

/** Weights summed by domain; undefined when no term of anybody applies anywhere. */
export function affinityScores(
  pod: PodInfo,
  cluster: ClusterView,
  hardPodAffinityWeight: number,
): Topologies | undefined {
  const isPicky = hasPreferredTerms(pod);
  if (!isPicky && cluster.affinityPodCount === 0) return undefined;
  const topologies = new Topologies(cluster);
  const contributionsOf = contributions(pod, cluster, topologies, hardPodAffinityWeight);
  const { order, nodeCount } = cluster;
  let anyHit = false;
  for (let i = 0; i < nodeCount; i++) {
    const row = order[i]!;
    const pods = isPicky ? cluster.pods(row) : cluster.podsWithAffinity(row);
    for (const other of pods) {
      for (const { topology, weight } of contributionsOf(other)) {
        const domain = topology.column[row]!;
        if (domain < 0) continue;
        topology.sums.set(domain, (topology.sums.get(domain) ?? 0) + weight);
        anyHit = true;
      }
    }
  }
  return anyHit ? topologies : undefined;
}

/** What a pod on a node adds to its domains, by topology key. */
function contributions(
  pod: PodInfo,
  cluster: ClusterView,
  topologies: Topologies,
  hardPodAffinityWeight: number,
): (other: PodInfo) => readonly Contribution[] {
  const { objects } = cluster;
  const namespaceLabels = namespaceLabelsOf(pod, objects);
  const near = pod.affinity.preferredAffinity.map((term) => resolveNamespaces(term, objects));
  const apart = pod.affinity.preferredAntiAffinity.map((term) => resolveNamespaces(term, objects));
  return memoPerClass((other) => {
    const found: Contribution[] = [];
    const add = (
      terms: readonly AffinityTerm[],
      sign: 1 | -1,
      matches: (term: AffinityTerm) => boolean,
      weight?: number,
    ) => {
      for (const term of terms) {
        if (!matches(term)) continue;
        found.push({ topology: topologies.of(term.topologyKey), weight: sign * (weight ?? term.weight) });
      }
    };
    const picksOther = (term: AffinityTerm) => termMatches(term, other, undefined);
    const picksPod = (term: AffinityTerm) => termMatches(term, pod, namespaceLabels);
    const { affinity } = other;
    add(near, 1, picksOther);
    add(apart, -1, picksOther);
    if (hardPodAffinityWeight > 0) add(affinity.requiredAffinity, 1, picksPod, hardPodAffinityWeight);
    add(affinity.preferredAffinity, 1, picksPod);
    add(affinity.preferredAntiAffinity, -1, picksPod);
    return found;
  });
}

export function compileAffinityScore({ list }: Topologies): CompiledScore {
  return {
    score: (row) => {
      let score = 0;
      for (let i = 0; i < list.length; i++) {
        const { column, sums } = list[i]!;
        const domain = column[row]!;
        if (domain >= 0) score += sums.get(domain) ?? 0;
      }
      return score;
    },
    normalization: { kind: 'minMax' },
  };
}
