/**
 * Which evictions would break a PodDisruptionBudget. Source: `FilterVictimsWithPDBViolation` in
 * `pkg/scheduler/framework/preemption/util.go`, v1.37.2.
 *
 * Cost: one selector per budget and pod.
 */
import { compileLabelSelector, type LabelMatcher, type PodDisruptionBudget } from '../../api/index.ts';
import type { ClusterView, PodInfo } from '../../scheduler/plugin.ts';
import type { Victim } from './victims.ts';

export interface Budget {
  readonly namespace: string;
  readonly selector: LabelMatcher;
  readonly disruptionsAllowed: number;
  readonly disruptedPods: Readonly<Record<string, unknown>>;
}

/** Budgets by namespace and name (upstream lists a map; the order matters only where budgets overlap). */
export function readBudgets(cluster: ClusterView): Budget[] {
  const budgets = [...cluster.objects.podDisruptionBudgets.list()];
  const keyOf = (pdb: PodDisruptionBudget) => `${pdb.metadata?.namespace ?? 'default'}/${pdb.metadata?.name ?? ''}`;
  budgets.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  return budgets.flatMap((pdb) => {
    try {
      const selector = compileLabelSelector(pdb.spec?.selector);
      // Neither a nil nor an empty selector matches anything here.
      if (selector.everything || selector.nothing) return [];
      return {
        namespace: pdb.metadata?.namespace ?? 'default',
        selector,
        disruptionsAllowed: pdb.status?.disruptionsAllowed ?? 0,
        disruptedPods: pdb.status?.disruptedPods ?? {},
      };
    } catch {
      return []; // an invalid selector matches nothing
    }
  });
}

export interface ViolatingVictim {
  readonly victim: Victim;
  /** How many of its pods break a budget. */
  readonly violations: number;
}

/** A victim counts as violating when any of its pods does. */
export function splitByBudget(
  victims: readonly Victim[],
  budgets: readonly Budget[],
): { readonly violating: ViolatingVictim[]; readonly others: Victim[] } {
  const left = budgets.map((budget) => budget.disruptionsAllowed);
  const violating: ViolatingVictim[] = [];
  const others: Victim[] = [];
  const violates = (pod: PodInfo): boolean => {
    if (Object.keys(pod.labels).length === 0) return false;
    for (let i = 0; i < budgets.length; i++) {
      const budget = budgets[i]!;
      if (budget.namespace !== pod.namespace || !budget.selector.matches(pod.labels)) continue;
      if (budget.disruptedPods[pod.name] !== undefined) continue;
      left[i]!--;
      if (left[i]! < 0) return true;
    }
    return false;
  };
  for (const victim of victims) {
    const violations = victim.pods.filter(violates).length;
    if (violations > 0) violating.push({ victim, violations });
    else others.push(victim);
  }
  return { violating, others };
}
