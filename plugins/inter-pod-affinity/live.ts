/**
 * Terms of both sides over counters that outlive the cycle; the rules are those of `filter.ts` and `score.ts`.
 *
 * Cost: one counter read per topology key and group of nodes; nothing per node or pod.
 */
import type {
  AffinityTerm,
  ClusterView,
  DomainCounter,
  DomainCounters,
  LiveFilter,
  LiveScore,
  PodInfo,
} from '../../scheduler/plugin.ts';
import { AFFINITY_CODE, ANTI_CODE, EXISTING_ANTI_CODE, STATUS } from './filter.ts';
import { hasPreferredTerms } from './score.ts';
import { matchesAllTerms, namespaceLabelsOf, resolveNamespaces, termMatches } from './terms.ts';

export function liveAffinityFilter(pod: PodInfo, cluster: ClusterView, counters: DomainCounters): LiveFilter {
  const { objects } = cluster;
  const resolve = (term: AffinityTerm) => resolveNamespaces(term, objects);
  const near = pod.affinity.requiredAffinity.map(resolve);
  const apart = pod.affinity.requiredAntiAffinity.map(resolve);
  const picked = picksPod(pod, cluster, counters);
  const { podAffinity, podAntiAffinity } = pod.pod.spec?.affinity ?? {};
  const nearText = textOf(pod, podAffinity?.requiredDuringSchedulingIgnoredDuringExecution, near);
  const nearCounters = keysOf(near).map((topologyKey) =>
    counters.counter({
      signature: JSON.stringify(['affinity', topologyKey, nearText]),
      topologyKey,
      weight: (other) => (matchesAllTerms(near, other) ? 1 : 0),
    }),
  );
  const apartText = textOf(pod, podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution, apart);
  const apartCounters = keysOf(apart).map((topologyKey) =>
    counters.counter({
      signature: JSON.stringify(['anti', topologyKey, apartText]),
      topologyKey,
      weight: (other) => countOf(apart, topologyKey, (term) => termMatches(term, other, undefined)),
    }),
  );
  const forbiddenKeysOf = (other: PodInfo) => keysOf(other.affinity.requiredAntiAffinity.filter(picked.by));
  // A class that keeps away from itself will be there soon: its keys are taken in at once.
  const forbiddenKeys = union([pod, ...counters.classesWithTerms].map(forbiddenKeysOf));
  const forbidden = forbiddenKeys.map((topologyKey) =>
    counters.counter({
      signature: JSON.stringify(['existing anti', topologyKey, picked.text]),
      topologyKey,
      weight: (other) => countOf(other.affinity.requiredAntiAffinity, topologyKey, picked.by),
    }),
  );
  const matchesItself = matchesAllTerms(near, pod);
  const isPassive = near.length === 0 && apart.length === 0;
  return {
    facts: [...nearCounters, ...apartCounters, ...forbidden].map((counter) => counter.fact(1)),
    isIdle: () => isPassive && forbidden.every(({ total }) => total === 0),
    filter: (row) => {
      let isNear = true;
      for (let i = 0; i < nearCounters.length; i++) {
        if (nearCounters[i]!.domainAt(row) < 0) return AFFINITY_CODE;
        if (nearCounters[i]!.valueAt(row) <= 0) isNear = false;
      }
      if (!isNear && !(matchesItself && nearCounters.every(({ total }) => total === 0))) return AFFINITY_CODE;
      if (hasPodsAt(apartCounters, row)) return ANTI_CODE;
      return hasPodsAt(forbidden, row) ? EXISTING_ANTI_CODE : 0;
    },
    status: (code) => STATUS[code]!,
    outdatedBy: (other) =>
      picked.overlooks(other) || forbiddenKeysOf(other).some((key) => !forbiddenKeys.includes(key)),
    outdatedByNode: () => false,
  };
}

function hasPodsAt(counters: readonly DomainCounter[], row: number): boolean {
  for (let i = 0; i < counters.length; i++) if (counters[i]!.valueAt(row) > 0) return true;
  return false;
}

export function liveAffinityScore(
  pod: PodInfo,
  cluster: ClusterView,
  counters: DomainCounters,
  hardPodAffinityWeight: number,
): LiveScore {
  const { objects } = cluster;
  const near = pod.affinity.preferredAffinity.map((term) => resolveNamespaces(term, objects));
  const apart = pod.affinity.preferredAntiAffinity.map((term) => resolveNamespaces(term, objects));
  const picked = picksPod(pod, cluster, counters);
  /** What a pod on a node adds to its domain of each key. */
  const contributions = (other: PodInfo): Map<string, number> => {
    const byKey = new Map<string, number>();
    const add = (
      terms: readonly AffinityTerm[],
      matches: (term: AffinityTerm) => boolean,
      weightOf: (term: AffinityTerm) => number,
    ) => {
      for (const term of terms) {
        if (matches(term)) byKey.set(term.topologyKey, (byKey.get(term.topologyKey) ?? 0) + weightOf(term));
      }
    };
    const picksOther = (term: AffinityTerm) => termMatches(term, other, undefined);
    const { affinity } = other;
    add(near, picksOther, ({ weight }) => weight);
    add(apart, picksOther, ({ weight }) => -weight);
    if (hardPodAffinityWeight > 0) add(affinity.requiredAffinity, picked.by, () => hardPodAffinityWeight);
    add(affinity.preferredAffinity, picked.by, ({ weight }) => weight);
    add(affinity.preferredAntiAffinity, picked.by, ({ weight }) => -weight);
    return byKey;
  };
  const keys = union([
    keysOf([...near, ...apart]),
    ...[pod, ...counters.classesWithTerms].map((one) => [...contributions(one).keys()]),
  ]);
  const { podAffinity, podAntiAffinity } = pod.pod.spec?.affinity ?? {};
  const own = hasPreferredTerms(pod)
    ? [
        textOf(pod, podAffinity?.preferredDuringSchedulingIgnoredDuringExecution, near),
        textOf(pod, podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution, apart),
      ]
    : null;
  const lined = keys.map((topologyKey) =>
    counters.counter({
      signature: JSON.stringify(['affinity score', topologyKey, picked.text, own, hardPodAffinityWeight]),
      topologyKey,
      weight: (other) => contributions(other).get(topologyKey) ?? 0,
    }),
  );
  return {
    facts: lined.map((counter) => counter.fact()),
    // Where upstream skips because nothing applies, all sums are 0, and equal sums score 0 on every node.
    prepare: () => lined.length > 0,
    score: (row) => {
      let score = 0;
      for (let i = 0; i < lined.length; i++) score += lined[i]!.valueAt(row);
      return score;
    },
    normalization: { kind: 'minMax' },
    outdatedBy: (other) =>
      picked.overlooks(other) || [...contributions(other).keys()].some((key) => !keys.includes(key)),
    outdatedByNode: () => false,
  };
}

const keysOf = (terms: readonly AffinityTerm[]): string[] => [...new Set(terms.map(({ topologyKey }) => topologyKey))];

const union = (lists: ReadonlyArray<readonly string[]>): string[] => [...new Set(lists.flat())];

function countOf(terms: readonly AffinityTerm[], key: string, matches: (term: AffinityTerm) => boolean): number {
  let count = 0;
  for (const term of terms) if (term.topologyKey === key && matches(term)) count++;
  return count;
}

interface Picked {
  /** Whether a term of another pod picks this one. */
  by(term: AffinityTerm): boolean;
  /** Tells pods apart that are picked by different terms, of those that there are. */
  readonly text: string;
  /** Whether the other pod's terms look at labels that `text` says nothing of. */
  overlooks(other: PodInfo): boolean;
}

/** Of the pod's labels only those count that somebody's terms look at: many pods have one that is theirs alone. */
function picksPod(pod: PodInfo, { objects }: ClusterView, { classesWithTerms }: DomainCounters): Picked {
  const namespaceLabels = namespaceLabelsOf(pod, objects);
  const read = new Set(labelKeysOf(pod));
  for (const other of classesWithTerms) for (const key of labelKeysOf(other)) read.add(key);
  const labels = [...read].sort().map((key) => [key, pod.labels[key]]);
  return {
    by: (term) => termMatches(term, pod, namespaceLabels),
    text: JSON.stringify([pod.namespace, namespaceLabels, labels]),
    overlooks: (other) => labelKeysOf(other).some((key) => !read.has(key)),
  };
}

/** Classes share their terms. */
const labelKeys = new WeakMap<PodInfo['affinity'], readonly string[]>();

/** Keys of the labels that the pod's terms look at. */
function labelKeysOf({ affinity }: PodInfo): readonly string[] {
  let keys = labelKeys.get(affinity);
  if (keys === undefined) {
    const { requiredAffinity, requiredAntiAffinity, preferredAffinity, preferredAntiAffinity } = affinity;
    const terms = [requiredAffinity, requiredAntiAffinity, preferredAffinity, preferredAntiAffinity].flat();
    keys = [...new Set(terms.flatMap(({ labelSelector }) => labelSelector.keys))];
    labelKeys.set(affinity, keys);
  }
  return keys;
}

/** Tells terms apart that pick different pods: the terms as written, and the namespaces that they come to. */
const textOf = (pod: PodInfo, written: unknown, resolved: readonly AffinityTerm[]): string =>
  JSON.stringify([pod.namespace, written, resolved.map(({ namespaces }) => [...namespaces].sort())]);
