/** How a scored cycle was decided: by how much, against which node, and by which plugin. */
import type { Cycle } from './cycle.ts';

export interface Margin {
  /** Index into the feasible nodes of the best node other than the chosen one. */
  readonly runnerUp: number;
  /** Chosen total minus the runner-up's; 0 for a tie. */
  readonly margin: number;
  /** The plugin whose weighted score favours the chosen node most; undefined when the tie-break decided. */
  readonly decidedBy: string | undefined;
}

/** Undefined when nothing was scored. Cost: O(feasible nodes + plugins). */
export function marginOf(cycle: Cycle): Margin | undefined {
  cycle.complete();
  const { totals, feasibleCount, chosen } = cycle;
  if (cycle.scoring !== 'done' || chosen < 0) return undefined;
  let runnerUp = chosen === 0 ? 1 : 0;
  for (let i = 0; i < feasibleCount; i++) {
    if (i !== chosen && totals[i]! > totals[runnerUp]!) runnerUp = i;
  }
  const margin = totals[chosen]! - totals[runnerUp]!;
  let decidedBy: string | undefined;
  let most = 0;
  if (margin > 0) {
    for (const { compiled, normalized, weight, name } of cycle.scores) {
      if (compiled === undefined) continue;
      const lead = (normalized[chosen]! - normalized[runnerUp]!) * weight;
      if (lead > most) {
        most = lead;
        decidedBy = name;
      }
    }
  }
  return { runnerUp, margin, decidedBy };
}
