/** Pods as plugins see them. */
import type { LabelMatcher, Pod } from '../../api/index.ts';

/** Whole amounts of resources: cpu in milli-cores, everything else in its own unit (bytes, counts). */
export interface ResourceAmounts {
  readonly cpuMilli: number;
  readonly memoryBytes: number;
  readonly ephemeralStorageBytes: number;
  /** Extended resources, hugepages and the like, by name, sorted by name. Entries of 0 stay. */
  readonly scalars: ReadonlyArray<readonly [name: string, amount: number]>;
}

export interface HostPort {
  readonly ip: string;
  readonly protocol: string;
  readonly port: number;
}

/** One (anti-)affinity term of a pod, as `GetAffinityTerms` compiles it. */
export interface AffinityTerm {
  /** The named namespaces, or the pod's own when the term names none and has no namespaceSelector. */
  readonly namespaces: ReadonlySet<string>;
  /** A nil namespaceSelector matches nothing. */
  readonly namespaceSelector: LabelMatcher;
  readonly labelSelector: LabelMatcher;
  readonly topologyKey: string;
  /** 1..100 for preferred terms, 0 for required ones. */
  readonly weight: number;
}

export interface PodAffinityTerms {
  readonly requiredAffinity: readonly AffinityTerm[];
  readonly requiredAntiAffinity: readonly AffinityTerm[];
  readonly preferredAffinity: readonly AffinityTerm[];
  readonly preferredAntiAffinity: readonly AffinityTerm[];
}

/**
 * A pod as plugins see it. Two pods with the same `classId` get the same answers from every plugin; the class covers
 * namespace, labels, spec (without the node it is bound to) and controller, not name, UID or status.
 */
export interface PodInfo {
  readonly pod: Pod;
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  /** `namespace/name`. */
  readonly key: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly priority: number;
  readonly classId: number;
  /** Pods of one shape differ at most in the resources of their containers. */
  readonly shapeId: number;
  /** What Filter asks for: spec requests with init containers, sidecars, pod-level resources and overhead. */
  readonly requests: ResourceAmounts;
  /** What the pod takes from a node once on it: the same object as `requests` unless a resize in place is under way. */
  readonly usage: ResourceAmounts;
  /** As `usage`, with 100m / 200 MiB for containers that request nothing. */
  readonly nonZeroCpuMilli: number;
  readonly nonZeroMemoryBytes: number;
  readonly hostPorts: readonly HostPort[];
  readonly affinity: PodAffinityTerms;
  /** A term that cannot be parsed (`parsing pod: …` in InterPodAffinity). */
  readonly affinityError?: string;
  readonly terminating: boolean;
  /** Milliseconds since the epoch; undefined when the pod has not started. */
  readonly startTimeMs?: number;
}
