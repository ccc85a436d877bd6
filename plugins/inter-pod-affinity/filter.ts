/**
 * Required terms: those of the incoming pod, and the anti-affinity of the pods that are there.
 * Source: `plugins/interpodaffinity/filtering.go`, v1.37.2.
 *
 * Cost: PreFilter visits the pods with required anti-affinity, and all pods when the incoming pod has required terms;
 * Filter is one map lookup per term and node.
 */
import {
  type AffinityTerm,
  type ClusterView,
  type CompiledFilter,
  type FilterState,
  type PodInfo,
  unresolvable,
  unschedulable,
} from '../../scheduler/plugin.ts';
import { memoPerClass, perClass } from '../helper/matching-pods.ts';
import {
  matchesAllTerms,
  namespaceLabelsOf,
  resolveNamespaces,
  Topologies,
  type Topology,
  termMatches,
} from './terms.ts';

export const AFFINITY_CODE = 1;
export const ANTI_CODE = 2;
export const EXISTING_ANTI_CODE = 3;
export const STATUS = [
  unschedulable(),
  unresolvable("node(s) didn't match pod affinity rules"),
  unschedulable("node(s) didn't match pod anti-affinity rules"),
  unschedulable("node(s) didn't satisfy existing pods anti-affinity rules"),
];

/** Pods counted by (topology key, domain). An entry that falls to 0 goes away. */
class PodCounts {
  readonly topologies: Topologies;
  private readonly undo: Array<() => void>;

  constructor(cluster: ClusterView, undo: Array<() => void>) {
    this.topologies = new Topologies(cluster);
    this.undo = undo;
  }

  get isEmpty(): boolean {
    return this.topologies.list.every(({ sums }) => sums.size === 0);
  }

  add({ column, sums }: Topology, row: number, delta: number): void {
    const domain = column[row]!;
    if (domain < 0) return;
    const count = (sums.get(domain) ?? 0) + delta;
    if (count === 0) sums.delete(domain);
    else sums.set(domain, count);
  }

  /** As `add`, to be undone later. */
  addForNow(topology: Topology, row: number, delta: number): void {
    this.add(topology, row, delta);
    this.undo.push(() => this.add(topology, row, -delta));
  }
}

export class AffinityFilterState implements FilterState {
  readonly affinityTerms: readonly AffinityTerm[];
  readonly antiTerms: readonly AffinityTerm[];
  /** Pods that match all affinity terms of the incoming pod at once. */
  readonly affinity: PodCounts;
  /** Pods that match an anti-affinity term of the incoming pod. */
  readonly anti: PodCounts;
  /** Anti-affinity terms of pods that are there and that the incoming pod matches. */
  readonly existingAnti: PodCounts;
  /** The first pod of a group that wants to be near itself has nobody to be near to. */
  readonly matchesItself: boolean;

  private readonly undo: Array<() => void> = [];
  private readonly affinityTopologies: readonly Topology[];
  private readonly matchesAll: (pod: PodInfo) => boolean;
  private readonly matchedAnti: (pod: PodInfo) => readonly Topology[];
  private readonly violatedAnti: (pod: PodInfo) => readonly Topology[];

  constructor(pod: PodInfo, cluster: ClusterView) {
    const { objects } = cluster;
    const namespaceLabels = namespaceLabelsOf(pod, objects);
    this.affinityTerms = pod.affinity.requiredAffinity.map((term) => resolveNamespaces(term, objects));
    this.antiTerms = pod.affinity.requiredAntiAffinity.map((term) => resolveNamespaces(term, objects));
    this.matchesItself = matchesAllTerms(this.affinityTerms, pod);
    this.affinity = new PodCounts(cluster, this.undo);
    this.anti = new PodCounts(cluster, this.undo);
    this.existingAnti = new PodCounts(cluster, this.undo);
    this.affinityTopologies = this.affinityTerms.map(({ topologyKey }) => this.affinity.topologies.of(topologyKey));
    this.matchesAll = perClass((other) => matchesAllTerms(this.affinityTerms, other));
    this.matchedAnti = memoPerClass((other) =>
      this.antiTerms
        .filter((term) => termMatches(term, other, undefined))
        .map(({ topologyKey }) => this.anti.topologies.of(topologyKey)),
    );
    this.violatedAnti = memoPerClass((other) =>
      other.affinity.requiredAntiAffinity
        .filter((term) => termMatches(term, pod, namespaceLabels))
        .map(({ topologyKey }) => this.existingAnti.topologies.of(topologyKey)),
    );
    this.count(cluster);
  }

  private count(cluster: ClusterView): void {
    const { order, nodeCount } = cluster;
    const hasTerms = this.affinityTerms.length > 0 || this.antiTerms.length > 0;
    if (!hasTerms && cluster.requiredAntiAffinityPodCount === 0) return;
    for (let i = 0; i < nodeCount; i++) {
      const row = order[i]!;
      for (const pod of cluster.podsWithRequiredAntiAffinity(row)) {
        for (const topology of this.violatedAnti(pod)) this.existingAnti.add(topology, row, 1);
      }
      if (!hasTerms) continue;
      for (const pod of cluster.pods(row)) {
        if (this.matchesAll(pod)) for (const topology of this.affinityTopologies) this.affinity.add(topology, row, 1);
        for (const topology of this.matchedAnti(pod)) this.anti.add(topology, row, 1);
      }
    }
  }

  /** Nothing that Filter could reject. */
  get isIdle(): boolean {
    return this.existingAnti.isEmpty && this.affinityTerms.length === 0 && this.antiTerms.length === 0;
  }

  addPod(pod: PodInfo, row: number): void {
    this.change(pod, row, 1);
  }

  removePod(pod: PodInfo, row: number): void {
    this.change(pod, row, -1);
  }

  private change(pod: PodInfo, row: number, delta: 1 | -1): void {
    for (const topology of this.violatedAnti(pod)) this.existingAnti.addForNow(topology, row, delta);
    if (this.matchesAll(pod)) {
      for (const topology of this.affinityTopologies) this.affinity.addForNow(topology, row, delta);
    }
    for (const topology of this.matchedAnti(pod)) this.anti.addForNow(topology, row, delta);
  }

  checkpoint(): number {
    return this.undo.length;
  }

  restore(checkpoint: unknown): void {
    while (this.undo.length > (checkpoint as number)) this.undo.pop()!();
  }
}

export function compileAffinityFilter(state: AffinityFilterState): CompiledFilter {
  const near = state.affinityTerms.map(({ topologyKey }) => state.affinity.topologies.of(topologyKey));
  const apart = state.antiTerms.map(({ topologyKey }) => state.anti.topologies.of(topologyKey));
  // Grows when a what-if brings a pod with a topology key of its own, so it is read at every call.
  const forbidden = state.existingAnti.topologies.list;
  return {
    filter: (row) => {
      let isNear = true;
      for (let i = 0; i < near.length; i++) {
        const domain = near[i]!.column[row]!;
        if (domain < 0) return AFFINITY_CODE;
        if ((near[i]!.sums.get(domain) ?? 0) <= 0) isNear = false;
      }
      if (!isNear && !(state.affinity.isEmpty && state.matchesItself)) return AFFINITY_CODE;
      if (hasPodsIn(apart, row)) return ANTI_CODE;
      return hasPodsIn(forbidden, row) ? EXISTING_ANTI_CODE : 0;
    },
    status: (code) => STATUS[code]!,
  };
}

function hasPodsIn(topologies: readonly Topology[], row: number): boolean {
  for (let i = 0; i < topologies.length; i++) {
    const { column, sums } = topologies[i]!;
    const domain = column[row]!;
    if (domain >= 0 && (sums.get(domain) ?? 0) > 0) return true;
  }
  return false;
}
