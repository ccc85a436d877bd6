/**
 * Hard constraints: no domain may run ahead of the emptiest one by more than maxSkew.
 * Source: `plugins/podtopologyspread/filtering.go`, v1.37.2.
 *
 * Cost: PreFilter visits every pod of every node once per constraint; Filter is one map lookup per constraint and node.
 */
import {
  type ClusterView,
  type CompiledFilter,
  type FilterState,
  type PodInfo,
  unresolvable,
  unschedulable,
} from '../../scheduler/plugin.ts';
import { podCounter } from '../helper/matching-pods.ts';
import { type Constraint, hasAllKeys, nodeInclusion } from './constraints.ts';

export const KEY_MISSING = unresolvable(
  "node(s) didn't match pod topology spread constraints (missing required label)",
);
export const TOO_SKEWED = unschedulable("node(s) didn't match pod topology spread constraints");
export const MISSING_CODE = 1;
export const SKEWED_CODE = 2;

/** No label value has this id. */
const NO_DOMAIN = -1;

/** Counts of one constraint by domain, and the two emptiest domains, kept up to date through what-ifs. */
class Domains {
  readonly constraint: Constraint;
  readonly column: Int32Array;
  readonly selfMatch: number;
  /** Domain (id of the label value) → matching pods. Domains without pods are in it, too. */
  readonly counts = new Map<number, number>();
  private lowestDomain = NO_DOMAIN;
  private lowestCount = Number.POSITIVE_INFINITY;
  private nextDomain = NO_DOMAIN;
  private nextCount = Number.POSITIVE_INFINITY;

  constructor(constraint: Constraint, column: Int32Array, selfMatch: number) {
    this.constraint = constraint;
    this.column = column;
    this.selfMatch = selfMatch;
  }

  /** Upstream remembers two domains only: right as long as a what-if touches the domains of a single node. */
  update(domain: number, count: number): void {
    this.counts.set(domain, count);
    if (domain === this.lowestDomain || domain === this.nextDomain) {
      if (domain === this.lowestDomain) this.lowestCount = count;
      else this.nextCount = count;
      if (this.lowestCount > this.nextCount) {
        const [lowestDomain, lowestCount] = [this.lowestDomain, this.lowestCount];
        this.setLowest(this.nextDomain, this.nextCount);
        this.setNext(lowestDomain, lowestCount);
      }
    } else if (count < this.lowestCount) {
      this.setNext(this.lowestDomain, this.lowestCount);
      this.setLowest(domain, count);
    } else if (count < this.nextCount) {
      this.setNext(domain, count);
    }
  }

  /** The global minimum; 0 while there are fewer domains than minDomains. */
  get minimum(): number {
    return this.counts.size < this.constraint.minDomains ? 0 : this.lowestCount;
  }

  /** Undoes everything that is done to one domain from here on. */
  saved(domain: number): () => void {
    const count = this.counts.get(domain);
    const { lowestDomain, lowestCount, nextDomain, nextCount } = this;
    return () => {
      if (count === undefined) this.counts.delete(domain);
      else this.counts.set(domain, count);
      this.setLowest(lowestDomain, lowestCount);
      this.setNext(nextDomain, nextCount);
    };
  }

  private setLowest(domain: number, count: number): void {
    this.lowestDomain = domain;
    this.lowestCount = count;
  }

  private setNext(domain: number, count: number): void {
    this.nextDomain = domain;
    this.nextCount = count;
  }
}

export class SpreadFilterState implements FilterState {
  readonly domains: readonly Domains[];
  private readonly namespace: string;
  private readonly hasAllKeys: (row: number) => boolean;
  private readonly included: (constraint: Constraint, row: number) => boolean;
  private readonly undo: Array<() => void> = [];

  constructor(pod: PodInfo, constraints: readonly Constraint[], cluster: ClusterView) {
    this.namespace = pod.namespace;
    this.hasAllKeys = hasAllKeys(constraints, cluster);
    this.included = nodeInclusion(pod, cluster);
    this.domains = constraints.map((constraint) => {
      const selfMatch = constraint.selector.matches(pod.labels) ? 1 : 0;
      return new Domains(constraint, cluster.labelColumn(constraint.topologyKey), selfMatch);
    });
    for (const domains of this.domains) this.count(domains, cluster);
  }

  private count(domains: Domains, cluster: ClusterView): void {
    const { order, nodeCount } = cluster;
    const { constraint, column } = domains;
    const matching = podCounter(constraint.selector, this.namespace);
    const counts = new Map<number, number>();
    for (let i = 0; i < nodeCount; i++) {
      const row = order[i]!;
      if (!this.hasAllKeys(row) || !this.included(constraint, row)) continue;
      const domain = column[row]!;
      counts.set(domain, (counts.get(domain) ?? 0) + matching(cluster.pods(row)));
    }
    for (const [domain, count] of counts) domains.update(domain, count);
  }

  addPod(pod: PodInfo, row: number): void {
    this.change(pod, row, 1);
  }

  /** A terminating pod was never counted, yet upstream takes it off here. */
  removePod(pod: PodInfo, row: number): void {
    this.change(pod, row, -1);
  }

  private change(pod: PodInfo, row: number, delta: 1 | -1): void {
    if (pod.namespace !== this.namespace || !this.hasAllKeys(row)) return;
    for (const domains of this.domains) {
      const { constraint, column, counts } = domains;
      if (!constraint.selector.matches(pod.labels) || !this.included(constraint, row)) continue;
      const domain = column[row]!;
      this.undo.push(domains.saved(domain));
      domains.update(domain, (counts.get(domain) ?? 0) + delta);
    }
  }

  checkpoint(): number {
    return this.undo.length;
  }

  restore(checkpoint: unknown): void {
    while (this.undo.length > (checkpoint as number)) this.undo.pop()!();
  }
}

export function compileSpreadFilter({ domains }: SpreadFilterState): CompiledFilter {
  return {
    filter: (row) => {
      for (let i = 0; i < domains.length; i++) {
        const { column, counts, constraint, selfMatch, minimum } = domains[i]!;
        const domain = column[row]!;
        if (domain < 0) return MISSING_CODE;
        const skew = (counts.get(domain) ?? 0) + selfMatch - minimum;
        if (skew > constraint.maxSkew) return SKEWED_CODE;
      }
      return 0;
    },
    status: (code) => (code === MISSING_CODE ? KEY_MISSING : TOO_SKEWED),
  };
}
