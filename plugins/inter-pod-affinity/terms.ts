/** Matching of (anti-)affinity terms. Source: `AffinityTerm` in `pkg/scheduler/framework/types.go`, v1.37.2. */
import { NOTHING } from '../../api/index.ts';
import type { AffinityTerm, ClusterView, ObjectListers, PodInfo } from '../../scheduler/plugin.ts';

type Labels = Readonly<Record<string, string>>;

/** @param namespaceLabels Labels of the pod's namespace; undefined when the term's namespaces are resolved. */
export const termMatches = (term: AffinityTerm, pod: PodInfo, namespaceLabels: Labels | undefined): boolean =>
  (term.namespaces.has(pod.namespace) || term.namespaceSelector.matches(namespaceLabels)) &&
  term.labelSelector.matches(pod.labels);

/** Turns the namespaceSelector into names, so that other pods' namespaces need no look-up; `{}` stays as it is. */
export function resolveNamespaces(term: AffinityTerm, { namespaces }: ObjectListers): AffinityTerm {
  const { namespaceSelector } = term;
  if (namespaceSelector.everything || namespaceSelector.nothing) return term;
  const names = new Set(term.namespaces);
  for (const { metadata } of namespaces.list()) {
    if (metadata?.name !== undefined && namespaceSelector.matches(metadata.labels)) names.add(metadata.name);
  }
  return { ...term, namespaces: names, namespaceSelector: NOTHING };
}

/** Whether the pod matches every one of the (resolved) terms; never for no terms. */
export const matchesAllTerms = (terms: readonly AffinityTerm[], pod: PodInfo): boolean =>
  terms.length > 0 && terms.every((term) => termMatches(term, pod, undefined));

export const namespaceLabelsOf = (pod: PodInfo, { namespaces }: ObjectListers): Labels | undefined =>
  namespaces.get(pod.namespace)?.metadata?.labels;

/** Sums by topology domain of one key. */
export interface Topology {
  readonly key: string;
  readonly column: Int32Array;
  /** Domain (id of the label value) → sum. */
  readonly sums: Map<number, number>;
}

/** Sums by (topology key, domain), one `Topology` per key that was ever asked for. */
export class Topologies {
  readonly list: Topology[] = [];
  private readonly cluster: ClusterView;

  constructor(cluster: ClusterView) {
    this.cluster = cluster;
  }

  of(key: string): Topology {
    let topology = this.list.find((known) => known.key === key);
    if (topology === undefined) {
      topology = { key, column: this.cluster.labelColumn(key), sums: new Map() };
      this.list.push(topology);
    }
    return topology;
  }
}
