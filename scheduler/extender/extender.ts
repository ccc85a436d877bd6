/**
 * A program outside the scheduler that has a say in its decisions, as a scheduling cycle sees it. Calls answer at once, as
 * far as the cycle can tell; each throws an Error with upstream's text when it fails.
 * Source: `Extender` in `staging/src/k8s.io/kube-scheduler/framework/extender.go`, v1.37.2.
 */
import { goQuote, type Node } from '../../api/index.ts';
import type { PodInfo } from '../plugin.ts';

/** What stands in for a plugin's name where an extender has rejected a pod. */
export const EXTENDER = 'Extender';

export interface ExtenderNode {
  readonly name: string;
  readonly node: Node;
}

/** A node that passed. */
export interface Survivor {
  readonly name: string;
  /** Set when the extender sent the node itself: scoring then sees this, without pods or images. */
  readonly node?: Node;
}

/** What upstream says to a name that it had not asked about. */
export const notAsked = (extender: string, nodeName: string): string =>
  `extender ${goQuote(extender)} claims a filtered node ${goQuote(nodeName)} which is not found in the input node list`;

/** Node → why not. */
export type FailedNodes = ReadonlyMap<string, string>;

export interface FilterAnswer {
  readonly survivors: readonly Survivor[];
  readonly failed: FailedNodes;
  /** Preempting pods would not help there. */
  readonly unresolvable: FailedNodes;
}

export interface HostPriority {
  readonly host: string;
  readonly score: bigint;
}

/** Pods to be evicted from a node. */
export interface NodeVictims {
  readonly nodeName: string;
  readonly victims: readonly PodInfo[];
  readonly pdbViolations: number;
}

/** Victims as an extender names them. */
export interface NodeVictimUids {
  readonly nodeName: string;
  readonly uids: readonly string[];
  readonly pdbViolations: number;
}

export interface Extender {
  /** Its URL. */
  readonly name: string;
  /** Scheduling goes on without it when it fails. */
  readonly isIgnorable: boolean;
  readonly isFilter: boolean;
  readonly isPrioritizer: boolean;
  readonly isBinder: boolean;
  readonly supportsPreemption: boolean;
  /** What its scores, 0 to 10, are multiplied with before they are brought to the range of plugins. */
  readonly weight: number;
  isInterested(pod: PodInfo): boolean;
  filter(pod: PodInfo, nodes: readonly ExtenderNode[]): FilterAnswer;
  prioritize(pod: PodInfo, nodes: readonly ExtenderNode[]): readonly HostPriority[];
  preempt(pod: PodInfo, candidates: readonly NodeVictims[]): readonly NodeVictimUids[];
  bind(pod: PodInfo, nodeName: string): void;
}

/** How an extender's requests get to it: over the network, or to a model of it. */
export interface ExtenderTransport {
  /** Throws an Error with upstream's text when there is no answer. */
  post(url: string, body: string): ExtenderResponse;
}

export interface ExtenderResponse {
  readonly status: number;
  /** As far as it came. */
  readonly body: string;
  /** Why there is no more of the body. */
  readonly bodyError?: string;
}
