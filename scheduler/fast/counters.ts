/**
 * Topology counters that stay up to date as pods come and go, shared by all pod classes that count the same thing.
 *
 * Cost: a pod that comes or goes costs one addition per counter that counts its class; a new counter costs a walk over the
 * pods on nodes, unless no class that is there counts for it. The pods of a node whose object has changed move to its domains
 * as they are now; everything is counted anew only where a label stops telling, or not telling, nodes apart.
 */
import type { Cluster } from '../cluster.ts';
import type { CountQuery, DomainCounter, DomainCounters, NodeFact, PodInfo } from '../plugin.ts';

/** The fact of a node that is in no domain; no sum is as low. */
const NO_DOMAIN_FACT = -(2 ** 30);

/** The domains of one label: row → domain, −1 for none. */
interface Topology {
  readonly key: string | undefined;
  readonly missingIsEmpty: boolean;
  readonly domainOfLabel: ReadonlyMap<number, number>;
  readonly domains: Int32Array;
  readonly domainCount: number;
  /** Every domain is a single node, so that its sum is a matter of that node alone. */
  readonly isPerNode: boolean;
}

interface Effect {
  readonly counter: Counter;
  readonly weight: number;
}

/** What one node adds to a counter that counts by node. */
class CounterFact implements NodeFact {
  readonly changes = 'usage';
  readonly query: CountQuery;
  readonly atMost: number;
  private readonly domains: Int32Array;
  private readonly cells: Int32Array;

  constructor(query: CountQuery, domains: Int32Array, cells: Int32Array, atMost: number) {
    this.query = query;
    this.domains = domains;
    this.cells = cells;
    this.atMost = atMost;
  }

  of(row: number): number {
    const domain = this.domains[row]!;
    if (domain < 0) return NO_DOMAIN_FACT;
    return Math.min(this.cells[domain]!, this.atMost);
  }
}

class Counter implements DomainCounter {
  readonly query: CountQuery;
  total = 0;
  readonly topology: Topology;
  private readonly labels: Int32Array;
  private readonly cells: Int32Array;
  /** 1 for rows that take part; undefined when all do. */
  private readonly included: Uint8Array | undefined;
  /** Sum → included domains with that sum; made when somebody asks for the minimum. */
  private histogram: Int32Array | undefined;
  private includedDomains: Uint8Array | undefined;
  private includedDomainCount = 0;
  private lowest = 0;

  constructor(query: CountQuery, topology: Topology, labels: Int32Array, cluster: Cluster) {
    this.query = query;
    this.topology = topology;
    this.labels = labels;
    this.cells = new Int32Array(topology.domainCount);
    const { includes } = query;
    if (includes !== undefined) {
      const included = new Uint8Array(cluster.rowCount);
      const { order, nodeCount } = cluster;
      for (let i = 0; i < nodeCount; i++) if (includes(order[i]!)) included[order[i]!] = 1;
      this.included = included;
    }
  }

  get isPerNode(): boolean {
    return this.topology.isPerNode;
  }

  add(row: number, delta: number): void {
    const domain = this.topology.domains[row]!;
    if (domain < 0 || (this.included !== undefined && this.included[row] === 0)) return;
    const before = this.cells[domain]!;
    this.cells[domain] = before + delta;
    this.total += delta;
    if (this.histogram !== undefined) this.move(domain, before, before + delta);
  }

  /** The pods of a node are counted where it belongs by now. @param before Its domain so far. @param amount What they count. */
  moveNode(row: number, before: number, amount: number): void {
    const { included, cells } = this;
    const after = this.topology.domains[row]!;
    const wasIn = before >= 0 && (included === undefined || included[row] === 1);
    if (included !== undefined) included[row] = this.query.includes!(row) ? 1 : 0;
    const isIn = after >= 0 && (included === undefined || included[row] === 1);
    if (wasIn === isIn && before === after) return;
    if (wasIn) {
      cells[before]! -= amount;
      this.total -= amount;
    }
    if (isIn) {
      cells[after]! += amount;
      this.total += amount;
    }
    // Which domains take part may have changed, too.
    this.histogram = undefined;
  }

  /** What is wrong with this counter when `fresh` is right; undefined when nothing is. */
  differenceFrom(fresh: Counter): string | undefined {
    const domain = this.cells.findIndex((sum, i) => sum !== fresh.cells[i]);
    if (domain >= 0) return `${this.cells[domain]} in domain ${domain}, ought to be ${fresh.cells[domain]}`;
    // A weight can be below 0, where terms repel.
    const sum = this.cells.reduce((total, cell) => total + cell, 0);
    if (sum !== this.total) return `${this.total} in all, but its domains hold ${sum}`;
    if (this.total !== fresh.total) return `${this.total} in all, ought to be ${fresh.total}`;
    if (this.histogram === undefined || this.minimum === fresh.minimum) return undefined;
    return `a minimum of ${this.minimum}, ought to be ${fresh.minimum}`;
  }

  valueAt(row: number): number {
    const domain = this.topology.domains[row]!;
    return domain < 0 ? 0 : this.cells[domain]!;
  }

  domainAt(row: number): number {
    return this.topology.domains[row]!;
  }

  get domainCount(): number {
    if (this.histogram === undefined) this.startMinimum();
    return this.includedDomainCount;
  }

  get minimum(): number {
    if (this.histogram === undefined) this.startMinimum();
    return this.includedDomainCount === 0 ? Number.POSITIVE_INFINITY : this.lowest;
  }

  fact(atMost = Number.MAX_SAFE_INTEGER): NodeFact {
    const { topology, cells, labels, query } = this;
    if (!topology.isPerNode) {
      return { changes: 'node', of: (row) => labels[row]!, signature: JSON.stringify(['label', query.topologyKey]) };
    }
    return new CounterFact(query, topology.domains, cells, atMost);
  }

  /** Domains without an included node have no place in the minimum. */
  private startMinimum(): void {
    const { domains, domainCount } = this.topology;
    const taking = new Uint8Array(domainCount);
    for (let row = 0; row < domains.length; row++) {
      const domain = domains[row]!;
      if (domain >= 0 && (this.included === undefined || this.included[row] === 1)) taking[domain] = 1;
    }
    let count = 0;
    let most = 0;
    let least = Number.POSITIVE_INFINITY;
    for (let domain = 0; domain < domainCount; domain++) {
      if (taking[domain] === 0) continue;
      count++;
      most = Math.max(most, this.cells[domain]!);
      least = Math.min(least, this.cells[domain]!);
    }
    const histogram = new Int32Array(most + 16);
    for (let domain = 0; domain < domainCount; domain++) if (taking[domain] === 1) histogram[this.cells[domain]!]!++;
    this.includedDomains = taking;
    this.includedDomainCount = count;
    this.histogram = histogram;
    this.lowest = count === 0 ? 0 : least;
  }

  private move(domain: number, before: number, after: number): void {
    if (this.includedDomains![domain] === 0) return;
    if (after >= this.histogram!.length) {
      const wider = new Int32Array(after * 2);
      wider.set(this.histogram!);
      this.histogram = wider;
    }
    const histogram = this.histogram!;
    histogram[before]!--;
    histogram[after]!++;
    if (after < this.lowest) this.lowest = after;
    while (histogram[this.lowest] === 0) this.lowest++;
  }
}

export class TopologyCounters implements DomainCounters {
  /** One pod of every class that ever was on a node, in order of first appearance. */
  readonly classesSeen: PodInfo[] = [];
  /** Of those that have (anti-)affinity terms one for all that have the same. */
  readonly classesWithTerms: PodInfo[] = [];
  private readonly termsSeen = new Set<PodInfo['affinity']>();
  private readonly seen: Array<PodInfo | undefined> = [];
  private readonly cluster: Cluster;
  private layoutGeneration = -1;
  private seenNodes = 0;
  private readonly topologies = new Map<string, Topology>();
  private readonly counters = new Map<string, Counter>();
  /** By class; terminating pods of the class in a list of their own. */
  private effects: Array<readonly Effect[] | undefined> = [];
  private effectsOfTerminating: Array<readonly Effect[] | undefined> = [];

  constructor(cluster: Cluster) {
    this.cluster = cluster;
    const { order, nodeCount } = cluster;
    for (let i = 0; i < nodeCount; i++) for (const pod of cluster.pods(order[i]!)) this.see(pod);
    cluster.podObserver = (pod, row, sign) => this.podChanged(pod, row, sign);
  }

  /** Drops counters that no longer fit the nodes. Whoever holds one has to ask for it again when nodes have changed. */
  refresh(): void {
    const { cluster } = this;
    const { changedNodes } = cluster;
    if (this.layoutGeneration === cluster.layoutGeneration) {
      if (this.seenNodes === changedNodes.sequence) return;
      let isKept = true;
      for (let at = this.seenNodes; at < changedNodes.sequence && isKept; at++)
        isKept = this.moveNode(changedNodes.at(at));
      this.seenNodes = changedNodes.sequence;
      if (isKept) return;
      // Whoever holds a counter has to know.
      cluster.forgetLayout();
    }
    this.layoutGeneration = cluster.layoutGeneration;
    this.seenNodes = changedNodes.sequence;
    this.topologies.clear();
    this.counters.clear();
    this.forgetEffects();
  }

  /** False when a label tells nodes apart by now, or does so no more. */
  private moveNode(row: number): boolean {
    const before = new Map<Topology, number>();
    for (const topology of this.topologies.values()) {
      const domain = topology.domains[row]!;
      before.set(topology, domain);
      if (topology.key === undefined) continue;
      const label = domainLabel(this.cluster, topology, row);
      const now = label === undefined ? -1 : topology.domainOfLabel.get(label);
      if (now === domain) continue;
      if (now === undefined || topology.isPerNode) return false;
      topology.domains[row] = now;
    }
    const pods = this.cluster.pods(row);
    for (const counter of this.counters.values()) {
      let amount = 0;
      for (const pod of pods) amount += counter.query.weight(pod);
      counter.moveNode(row, before.get(counter.topology)!, amount);
    }
    return true;
  }

  counter(query: CountQuery): DomainCounter {
    this.refresh();
    const known = this.counters.get(query.signature);
    if (known !== undefined) return known;
    const counter = this.madeFor(query);
    this.countPods(counter);
    this.counters.set(query.signature, counter);
    this.forgetEffects();
    return counter;
  }

  /** Whether pods of the class change one of the facts of the node that they come to or leave, terminating or not. */
  changesAny(facts: readonly NodeFact[], classId: number): boolean {
    const pod = this.seen[classId];
    if (pod === undefined) return true;
    const changed = { ...pod, terminating: !pod.terminating };
    return facts.some(
      (fact) => !(fact instanceof CounterFact) || fact.query.weight(pod) !== 0 || fact.query.weight(changed) !== 0,
    );
  }

  /** Equal texts, equal facts; undefined where nobody but the plugin knows what it counts. */
  signatureOf(facts: readonly NodeFact[]): string | undefined {
    const counted = facts.filter((fact) => fact instanceof CounterFact);
    if (counted.length < facts.length) return undefined;
    return JSON.stringify(counted.map(({ query, atMost }) => [query.signature, atMost]));
  }

  /** Asserts that every counter says what counting afresh says. For tests. */
  check(): void {
    this.refresh();
    for (const counter of this.counters.values()) {
      const fresh = this.madeFor(counter.query);
      this.countPods(fresh);
      const difference = counter.differenceFrom(fresh);
      if (difference !== undefined) throw new Error(`counter ${counter.query.signature}: ${difference}`);
    }
  }

  private madeFor(query: CountQuery): Counter {
    const { cluster } = this;
    const { topologyKey } = query;
    const labels = topologyKey === undefined ? cluster.podCount : cluster.labelColumn(topologyKey);
    return new Counter(query, this.topologyOf(query), labels, cluster);
  }

  private countPods(counter: Counter): void {
    const { weight } = counter.query;
    const { cluster } = this;
    const counts = (pod: PodInfo) =>
      cluster.placedCountOfClass(pod.classId) > 0 &&
      weight(pod.terminating ? { ...pod, terminating: false } : pod) !== 0;
    if (!this.classesSeen.some(counts)) return;
    const { order, nodeCount } = cluster;
    for (let i = 0; i < nodeCount; i++) {
      const row = order[i]!;
      for (const pod of cluster.pods(row)) {
        const delta = weight(pod);
        if (delta !== 0) counter.add(row, delta);
      }
    }
  }

  private podChanged(pod: PodInfo, row: number, sign: 1 | -1): void {
    if (this.layoutGeneration !== this.cluster.layoutGeneration) {
      // All counters are about to be dropped.
      this.see(pod);
      return;
    }
    const effects = (pod.terminating ? this.effectsOfTerminating : this.effects)[pod.classId] ?? this.effectsOf(pod);
    for (let i = 0; i < effects.length; i++) {
      const { counter, weight } = effects[i]!;
      counter.add(row, sign * weight);
    }
  }

  private effectsOf(pod: PodInfo): readonly Effect[] {
    this.see(pod);
    const effects: Effect[] = [];
    for (const counter of this.counters.values()) {
      const weight = counter.query.weight(pod);
      if (weight !== 0) effects.push({ counter, weight });
    }
    (pod.terminating ? this.effectsOfTerminating : this.effects)[pod.classId] = effects;
    return effects;
  }

  private see(pod: PodInfo): void {
    if (this.seen[pod.classId] !== undefined) return;
    this.seen[pod.classId] = pod;
    this.classesSeen.push(pod);
    if (this.termsSeen.has(pod.affinity)) return;
    this.termsSeen.add(pod.affinity);
    const { requiredAffinity, requiredAntiAffinity, preferredAffinity, preferredAntiAffinity } = pod.affinity;
    const terms = [requiredAffinity, requiredAntiAffinity, preferredAffinity, preferredAntiAffinity];
    if (terms.some(({ length }) => length > 0)) this.classesWithTerms.push(pod);
  }

  private forgetEffects(): void {
    this.effects = [];
    this.effectsOfTerminating = [];
  }

  private topologyOf({ topologyKey, missingIsEmpty = false }: CountQuery): Topology {
    const id = topologyKey === undefined ? '' : `${missingIsEmpty ? '?' : '='}${topologyKey}`;
    let topology = this.topologies.get(id);
    if (topology === undefined) {
      topology = topologyKey === undefined ? this.nodesThemselves() : this.readTopology(topologyKey, missingIsEmpty);
      this.topologies.set(id, topology);
    }
    return topology;
  }

  private nodesThemselves(): Topology {
    const { rowCount, position } = this.cluster;
    const domains = new Int32Array(rowCount).fill(-1);
    for (let row = 0; row < rowCount; row++) if (position[row]! >= 0) domains[row] = row;
    const none = { key: undefined, missingIsEmpty: false, domainOfLabel: new Map<number, number>() };
    return { ...none, domains, domainCount: rowCount, isPerNode: true };
  }

  private readTopology(key: string, missingIsEmpty: boolean): Topology {
    const { cluster } = this;
    const { order, nodeCount } = cluster;
    const domains = new Int32Array(cluster.rowCount).fill(-1);
    const domainOfLabel = new Map<number, number>();
    let isPerNode = true;
    for (let i = 0; i < nodeCount; i++) {
      const row = order[i]!;
      const label = domainLabel(cluster, { key, missingIsEmpty }, row);
      if (label === undefined) continue;
      let domain = domainOfLabel.get(label);
      if (domain === undefined) {
        domain = domainOfLabel.size;
        domainOfLabel.set(label, domain);
      } else {
        isPerNode = false;
      }
      domains[row] = domain;
    }
    return { key, missingIsEmpty, domainOfLabel, domains, domainCount: domainOfLabel.size, isPerNode };
  }
}

/** The value of the label that stands for the node's domain; undefined where it is in none. */
function domainLabel(
  cluster: Cluster,
  { key, missingIsEmpty }: Pick<Topology, 'key' | 'missingIsEmpty'>,
  row: number,
): number | undefined {
  const label = cluster.labelColumn(key!)[row]!;
  if (!missingIsEmpty) return label < 0 ? undefined : label;
  return label >= 0 && cluster.labelValue(label) === '' ? -1 : label;
}
