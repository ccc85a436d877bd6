/**
 * The preemption dry run on one node: whom to evict there.
 * Source: `SelectVictimsOnNode` in `pkg/scheduler/framework/plugins/defaultpreemption/default_preemption.go`, v1.37.2.
 *
 * Cost: one Filter chain for the emptied node and one per potential victim; where nothing but room counts, a subtraction each.
 */
import {
  type PodInfo,
  type PostFilterContext,
  type PreemptionCandidate,
  type ResourceForm,
  type Status,
  unresolvable,
} from '../../scheduler/plugin.ts';
import { type Budget, splitByBudget } from './disruption-budgets.ts';
import { byImportance, podsOf, singlePod, startOf, type Victim } from './victims.ts';

const NO_VICTIMS = { status: unresolvable('No preemption victims found for incoming pod') };

export type Selection = PreemptionCandidate | { readonly status: Status; readonly error?: string };

/** Evicts everybody of lower priority, then takes back as many as possible, the most important first. */
export function selectVictims(
  { cluster, whatIf }: PostFilterContext,
  row: number,
  pool: Victim[],
  budgets: readonly Budget[],
): Selection {
  if (pool.length === 0) return NO_VICTIMS;
  // Of a group that is evicted whole, pods on other nodes make no difference there; plugins that count pods hear of them.
  const rowOf = (pod: PodInfo, { pods }: Victim): number =>
    pods.length === 1 ? row : cluster.rowOf(pod.pod.spec?.nodeName ?? '');
  const remove = (victim: Victim): void => {
    for (const pod of victim.pods) whatIf.removePod(pod, rowOf(pod, victim));
  };
  whatIf.begin(row);
  try {
    for (const victim of pool) remove(victim);
    const status = whatIf.filter();
    if (status !== undefined)
      return status.code === 'Error' ? { status, error: status.reasons.join(', ') } : { status };
    pool.sort(byImportance);
    const { violating, others } = splitByBudget(pool, budgets);
    const victims: Victim[] = [];
    const reprieve = (victim: Victim): boolean => {
      for (const pod of victim.pods) whatIf.addPod(pod, rowOf(pod, victim));
      // A Filter that fails with an error counts as one that rejects.
      if (whatIf.filter() === undefined) return true;
      remove(victim);
      victims.push(victim);
      return false;
    };
    let pdbViolations = 0;
    for (const { victim, violations } of violating) if (!reprieve(victim)) pdbViolations += violations;
    for (const victim of others) reprieve(victim);
    if (violating.length > 0 && others.length > 0) victims.sort(byImportance);
    if (victims.length > 0) return { row, victims: podsOf(victims), pdbViolations };
    const error = `expected at least one victim pod on node "${cluster.node(row).metadata?.name}"`;
    return { status: { code: 'Error', reasons: [error] }, error };
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown.message : String(thrown);
    return { status: { code: 'Error', reasons: [error] }, error };
  } finally {
    whatIf.end();
  }
}

/**
 * As `selectVictims`, of single pods and by arithmetic: room is all that Filter looks at there. Undefined when even the emptied
 * node has too little; the Filter knows what to say about that.
 */
export function selectByRoom(
  { pod, cluster }: PostFilterContext,
  row: number,
  { cpuMilli, memoryBytes }: ResourceForm,
  budgets: readonly Budget[],
): Selection | undefined {
  const all = cluster.pods(row);
  const pool: PodInfo[] = [];
  let slots = cluster.allocatablePods[row]! - cluster.podCount[row]! - 1;
  let cpu = cluster.allocatableCpuMilli[row]! - cluster.requestedCpuMilli[row]! - cpuMilli;
  let memory = cluster.allocatableMemoryBytes[row]! - cluster.requestedMemoryBytes[row]! - memoryBytes;
  for (let i = 0; i < all.length; i++) {
    const other = all[i]!;
    if (other.priority >= pod.priority) continue;
    pool.push(other);
    slots++;
    cpu += other.usage.cpuMilli;
    memory += other.usage.memoryBytes;
  }
  if (pool.length === 0) return NO_VICTIMS;
  if (slots < 0 || cpu < 0 || memory < 0) return undefined;
  pool.sort(importance);
  const evicted = (candidate: PodInfo): boolean => {
    const { cpuMilli: cpuBack, memoryBytes: memoryBack } = candidate.usage;
    if (slots < 1 || cpu < cpuBack || memory < memoryBack) return true;
    slots--;
    cpu -= cpuBack;
    memory -= memoryBack;
    return false;
  };
  if (budgets.length === 0) {
    const victims = pool.filter(evicted);
    return victims.length > 0 ? { row, victims, pdbViolations: 0 } : undefined;
  }
  const { violating, others } = splitByBudget(pool.map(singlePod), budgets);
  const victims: PodInfo[] = [];
  let pdbViolations = 0;
  for (const { victim, violations } of violating) {
    if (!evicted(victim.pods[0]!)) continue;
    victims.push(victim.pods[0]!);
    pdbViolations += violations;
  }
  for (const { pods } of others) if (evicted(pods[0]!)) victims.push(pods[0]!);
  if (violating.length > 0 && others.length > 0) victims.sort(importance);
  return victims.length > 0 ? { row, victims, pdbViolations } : undefined;
}

/** As `byImportance`, of single pods. */
function importance(a: PodInfo, b: PodInfo): number {
  if (a.priority !== b.priority) return b.priority - a.priority;
  const [startA, startB] = [startOf(a), startOf(b)];
  return startA === startB ? 0 : startA < startB ? -1 : 1;
}
