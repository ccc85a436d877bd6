import type { CompiledFilter, CompiledScore } from './answers.ts';
import type { PodInfo } from './pod.ts';

/**
 * A small whole number per node. Nodes with equal facts get equal answers from whoever named the facts, so that an engine
 * can ask once for all of them. `of` changes only with the node's object (`node`) or with the pods on it (`usage`).
 */
export interface NodeFact {
  readonly changes: 'node' | 'usage';
  /** For facts that change with the node's object: equal texts, equal facts, whichever plugin names them. */
  readonly signature?: string;
  of(row: number): number;
}

/** What a counter counts. Queries with the same `signature` must count the same: they share a counter. */
export interface CountQuery {
  readonly signature: string;
  /** Label whose values are the domains; undefined counts by node. */
  readonly topologyKey: string | undefined;
  /** Nodes without the label form the domain of the empty value. By default they are in no domain, and count nothing. */
  readonly missingIsEmpty?: boolean;
  /** How much a pod on a node counts; depends on its class and on `terminating`. */
  weight(pod: PodInfo): number;
  /** Nodes that take part; by default all. Depends on the node's object. */
  includes?(row: number): boolean;
}

/** Sums over the pods of each topology domain, kept up to date as pods come and go. */
export interface DomainCounter {
  /** Sum of the domain that the node is in; 0 when it is in none. */
  valueAt(row: number): number;
  /** Which domain the node is in: a number from 0 on, −1 for none. */
  domainAt(row: number): number;
  /** Sum over all domains. */
  readonly total: number;
  /** Every domain is a single node; nodes with equal facts are then in domains of their own all the same. */
  readonly isPerNode: boolean;
  /** Domains that hold an included node, and the smallest sum of these (infinite when there are none). */
  readonly domainCount: number;
  readonly minimum: number;
  /** The fact on which an answer rests that reads no more than `valueAt`, up to `atMost`, and whether there is a domain. */
  fact(atMost?: number): NodeFact;
}

/** Counters that live as long as somebody uses them. */
export interface DomainCounters {
  /** Of the pods with (anti-)affinity terms that are or ever were on a node, one for all that have the same terms. */
  readonly classesWithTerms: readonly PodInfo[];
  counter(query: CountQuery): DomainCounter;
}

/** A Filter that stays valid while pods come and go; it reads counters when asked. No what-ifs reach it. */
export interface LiveFilter extends CompiledFilter {
  readonly facts: readonly NodeFact[];
  /** True while PreFilter would skip the plugin. Without it PreFilter never does. */
  isIdle?(): boolean;
  /** True when a pod whose terms are new to the nodes (`classesWithTerms`) makes it necessary to compile anew. */
  outdatedBy?(pod: PodInfo): boolean;
  /**
   * True when the change of a node's object makes it necessary to compile anew; counters have it already, and the node itself
   * is asked about again in any case. Without it every change does. Columns that were taken are still the ones.
   */
  outdatedByNode?(row: number): boolean;
}

/** A Score that stays valid while pods come and go. */
export interface LiveScore extends CompiledScore {
  readonly facts: readonly NodeFact[];
  /**
   * PreScore of one cycle: `rows[i]` stands for `nodes[i]` feasible nodes with equal facts (`i` below `count`). False
   * skips the plugin for this cycle.
   */
  prepare(rows: Int32Array, nodes: Float64Array, count: number): boolean;
  outdatedBy?(pod: PodInfo): boolean;
  outdatedByNode?(row: number): boolean;
}
