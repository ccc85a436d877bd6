/** What PostFilter is told, and what it answers. */
import type { ResourceForm } from './answers.ts';
import type { ClusterView } from './cluster-view.ts';
import type { PodInfo } from './pod.ts';
import type { Status } from './status.ts';

/**
 * A what-if on one node. Everything done between `begin` and `end` is undone by `end`. For a pod on another node, whose row
 * is given, only what PreFilter has counted changes: that is as far as upstream goes.
 */
export interface WhatIf {
  begin(row: number): void;
  removePod(pod: PodInfo, row?: number): void;
  addPod(pod: PodInfo, row?: number): void;
  /** Runs the Filter chain, nominated pods included; undefined when the pod fits. Code `Error` for a Filter that failed. */
  filter(): Status | undefined;
  end(): void;
  /** The form that decides alone what `filter` says of the node, whichever single pods are moved; undefined when none does. */
  roomFor?(row: number): ResourceForm | undefined;
}

/**
 * Lets a PostFilter plugin keep what it finds out about nodes from one pod of a class to the next. Offered where a node's
 * status and what-ifs about it depend on the node, the pods on it and those promised to it, and on nothing else.
 */
export interface NodeMemory {
  /** Nodes whose status is exactly Unschedulable. */
  readonly unschedulableCount: number;
  /**
   * What `make` made earlier for this class, after `forget` of every position (in `ClusterView.order`) that may have changed
   * since; made anew when nodes have come, gone or changed, or objects of the kinds that the plugin's definition `reads`.
   */
  recall<T extends { forget(position: number): void }>(make: () => T): T;
}

export interface PostFilterContext<S = unknown> {
  readonly pod: PodInfo;
  readonly cluster: ClusterView;
  /** This plugin's own PreFilter state; undefined when its PreFilter did not run. */
  readonly state: S | undefined;
  /** The status of a node in this cycle (nodes that were not evaluated share one). */
  statusOf(row: number): Status;
  readonly nominatedNodeName: string;
  readonly whatIf: WhatIf;
  /** Undefined where nothing can be kept, or every node's outcome is to be told. */
  readonly memory?: NodeMemory;
  /** What extenders leave of the candidates, or make of them. Throws an Error when one fails that has to answer. */
  reviewCandidates(candidates: readonly PreemptionCandidate[]): readonly PreemptionCandidate[];
}

/** A node on which evicting `victims` (most important first) would make room. */
export interface PreemptionCandidate {
  readonly row: number;
  readonly victims: readonly PodInfo[];
  readonly pdbViolations: number;
}

export interface PostFilterResult {
  readonly status: Status;
  /** A decision on the nomination: a node name, or '' to clear it. Absent: keep what there is. */
  readonly nominatedNodeName?: string;
  readonly victims?: readonly PodInfo[];
  /** For explanations: everything the dry run found. */
  readonly candidates?: readonly PreemptionCandidate[];
  readonly dryRunRejected?: ReadonlyArray<{ readonly row: number; readonly status: Status }>;
  /** Candidates that were equal on all criteria, when there was a choice. */
  readonly tiedRows?: readonly number[];
  readonly pdbViolations?: number;
}
