/**
 * All extenders of a scheduler, at the points of a scheduling cycle where they are asked.
 * Source: `findNodesThatPassExtenders`, `prioritizeNodes`, `extendersBinding` in `pkg/scheduler/schedule_one.go`,
 * `callExtenders` in `pkg/scheduler/framework/preemption/preemption.go`, v1.37.2.
 *
 * Cost: what the calls cost, and O(nodes) around each.
 */
import type { Node } from '../../api/index.ts';
import type { Cluster } from '../cluster.ts';
import type { ActiveScore, Cycle } from '../cycle.ts';
import type { Plugin, PluginDefinition, PodInfo, PreemptionCandidate, Status } from '../plugin.ts';
import {
  type Extender,
  type ExtenderNode,
  type FailedNodes,
  type FilterAnswer,
  type HostPriority,
  type NodeVictims,
  notAsked,
} from './extender.ts';

/** Plugins score from 0 to 100, extenders from 0 to 10. */
const SCALE = 10;

interface CandidateNode extends ExtenderNode {
  readonly row: number;
}

export class Extenders {
  /** In the order in which they are asked: those that scheduling cannot do without go first. */
  readonly list: readonly Extender[];
  readonly hasFilter: boolean;
  readonly hasPrioritizer: boolean;

  constructor(extenders: readonly Extender[]) {
    const isIgnorable = ({ isIgnorable }: Extender): boolean => isIgnorable;
    this.list = [...extenders.filter((extender) => !extender.isIgnorable), ...extenders.filter(isIgnorable)];
    this.hasFilter = extenders.some(({ isFilter }) => isFilter);
    this.hasPrioritizer = extenders.some(({ isPrioritizer }) => isPrioritizer);
  }

  get isEmpty(): boolean {
    return this.list.length === 0;
  }

  private interestedIn(pod: PodInfo): Extender[] {
    return this.list.filter((extender) => extender.isInterested(pod));
  }

  // --- Filter ----------------------------------------------------------------------------------------------------------

  /** Takes nodes from the cycle's feasible ones, one extender after another. Throws the error of one that has to answer. */
  filter(cycle: Cycle, cluster: Cluster): void {
    if (this.list.length === 0) return;
    const { bareNodes, pod } = cycle;
    bareNodes.clear();
    let nodes = candidateNodes(cycle, cluster);
    for (const extender of this.interestedIn(pod)) {
      if (nodes.length === 0) break;
      if (!extender.isFilter) continue;
      try {
        const answer = extender.filter(pod, nodes);
        const survivors = survivorsOf(extender, answer, nodes, bareNodes, cluster);
        recordFailures(cycle, cluster, answer);
        nodes = survivors;
      } catch (error) {
        if (!extender.isIgnorable) throw error;
      }
    }
    cycle.setFeasible(nodes.map(({ row }) => row));
    const left = new Set(nodes.map(({ row }) => row));
    for (const row of bareNodes.keys()) if (!left.has(row)) bareNodes.delete(row);
  }

  // --- Score -----------------------------------------------------------------------------------------------------------

  /**
   * Adds the extenders' scores to the cycle's totals. Returns a number for each feasible node that breaks ties, the highest
   * wins, 0 for a node that no extender has scored; undefined when no extender is interested in the pod.
   */
  prioritize(cycle: Cycle, cluster: Cluster, draw: (nodeName: string) => number): Float64Array | undefined {
    const interested = this.interestedIn(cycle.pod);
    if (interested.length === 0) return undefined;
    const nodes = candidateNodes(cycle, cluster);
    const isScored = new Set<string>();
    for (const extender of interested) {
      let priorities: readonly HostPriority[];
      try {
        priorities = extender.prioritize(cycle.pod, nodes);
      } catch {
        continue; // the others decide
      }
      for (const { host } of priorities) isScored.add(host);
      if (extender.isPrioritizer) addScores(cycle, extender, nodes, priorities);
    }
    return Float64Array.from(nodes, ({ name }) => (isScored.has(name) ? draw(name) : 0));
  }

  // --- preemption ------------------------------------------------------------------------------------------------------

  /** What extenders leave of the candidates, or make of them. Throws the error of one that has to answer. */
  review(pod: PodInfo, candidates: readonly PreemptionCandidate[], cluster: Cluster): readonly PreemptionCandidate[] {
    const reviewers = this.interestedIn(pod).filter(({ supportsPreemption }) => supportsPreemption);
    let left = candidates;
    for (const extender of reviewers) {
      if (left.length === 0) break;
      try {
        left = reviewBy(extender, pod, left, cluster);
      } catch (error) {
        if (!extender.isIgnorable) throw error;
      }
    }
    return left;
  }

  // --- Bind ------------------------------------------------------------------------------------------------------------

  /** Undefined when no extender binds the pod; else the error, '' for none. */
  bind(pod: PodInfo, nodeName: string): string | undefined {
    for (const extender of this.list) {
      if (!extender.isBinder || !extender.isInterested(pod)) continue;
      try {
        extender.bind(pod, nodeName);
        return '';
      } catch (error) {
        if (!extender.isIgnorable) return error instanceof Error ? error.message : String(error);
      }
    }
    return undefined;
  }
}

export const NO_EXTENDERS = new Extenders([]);

/** The feasible nodes, as the extenders so far have shown them. */
function candidateNodes({ feasibleRows, feasibleCount, bareNodes }: Cycle, cluster: Cluster): CandidateNode[] {
  return Array.from(feasibleRows.subarray(0, feasibleCount), (row) => ({
    row,
    name: cluster.nodeName(row),
    node: bareNodes.get(row) ?? cluster.node(row),
  }));
}

/** Upstream goes on with nodes that nobody knows, up to a binding that leads nowhere; here the extender has failed. */
function survivorsOf(
  extender: Extender,
  { survivors }: FilterAnswer,
  asked: readonly CandidateNode[],
  bareNodes: Map<number, Node>,
  cluster: Cluster,
): CandidateNode[] {
  const byName = new Map(asked.map((node) => [node.name, node]));
  const kept = survivors.map(({ name, node }): CandidateNode => {
    const row = cluster.rowOf(name);
    if (row < 0) throw new Error(notAsked(extender.name, name));
    return node === undefined ? byName.get(name)! : { row, name, node };
  });
  survivors.forEach(({ node }, i) => {
    if (node !== undefined) bareNodes.set(kept[i]!.row, node);
  });
  return kept;
}

function recordFailures(cycle: Cycle, cluster: Cluster, { failed, unresolvable }: FilterAnswer): void {
  const record = (nodes: FailedNodes, code: Status['code']): void => {
    for (const [name, reason] of nodes) {
      if (code === 'Unschedulable' && unresolvable.has(name)) continue;
      cycle.rejectByExtender(name, cluster.rowOf(name), { code, reasons: [reason] });
    }
  };
  record(unresolvable, 'UnschedulableAndUnresolvable');
  record(failed, 'Unschedulable');
}

const NO_PLUGIN: Plugin = {};
const NO_DEFINITION: PluginDefinition = { name: '', points: ['score'], create: () => NO_PLUGIN };

/** An extender's scores are kept like a plugin's, so that they are explained like a plugin's. */
function addScores(
  cycle: Cycle,
  { name, weight }: Extender,
  nodes: readonly ExtenderNode[],
  priorities: readonly HostPriority[],
): void {
  const sums = new Map<string, bigint>();
  for (const { host, score } of priorities) sums.set(host, BigInt.asIntN(64, (sums.get(host) ?? 0n) + score));
  const raw = new Float64Array(nodes.length);
  const factor = BigInt(weight * SCALE);
  nodes.forEach((node, i) => {
    const score = sums.get(node.name) ?? 0n;
    const points = Number(BigInt.asIntN(64, score * factor));
    const total = cycle.totals[i]! + points;
    if (!Number.isSafeInteger(total)) {
      throw new Error(
        `extender "${name}" gives node ${node.name} ${score} points, which is beyond what berth adds up exactly`,
      );
    }
    raw[i] = Number(score);
    cycle.totals[i] = total;
  });
  const column: ActiveScore = {
    name: `Extender ${name}`,
    weight: weight * SCALE,
    plugin: NO_PLUGIN,
    definition: NO_DEFINITION,
    compiled: { score: () => 0 },
    skipped: false,
    raw,
    normalized: raw,
  };
  cycle.scores.push(column);
}

function reviewBy(
  extender: Extender,
  pod: PodInfo,
  candidates: readonly PreemptionCandidate[],
  cluster: Cluster,
): readonly PreemptionCandidate[] {
  const asked = candidates.map(({ row, ...rest }): NodeVictims => ({ nodeName: cluster.nodeName(row), ...rest }));
  const answered = extender.preempt(pod, asked).map(({ nodeName, uids, pdbViolations }) => {
    const row = cluster.rowOf(nodeName);
    if (row < 0) throw new Error(`nodeinfo not found for node name ${JSON.stringify(nodeName)}`);
    const onNode = new Map(cluster.pods(row).map((other) => [other.uid, other]));
    const victims = uids.map((uid) => {
      const victim = onNode.get(uid);
      if (victim !== undefined) return victim;
      throw new Error(
        `extender: ${extender.name} claims to preempt pod (UID: &{${uid}}) on node: ${nodeName}, but the pod is not found on that node`,
      );
    });
    return { row, victims, pdbViolations };
  });
  const isEmpty = ({ victims }: PreemptionCandidate): boolean => victims.length === 0;
  const empty = answered.find(isEmpty);
  if (empty !== undefined && !extender.isIgnorable) {
    throw new Error(`expected at least one victim pod on node ${JSON.stringify(cluster.nodeName(empty.row))}`);
  }
  return answered.filter((candidate) => !isEmpty(candidate));
}
