/** Answers that depend on a node's taints alone. Nodes with equal taints share a set, so each set is judged once. */
import type { Taint } from '../../api/index.ts';
import type { ClusterView } from '../../scheduler/plugin.ts';

const UNKNOWN = -1;

/** A number (0 or more) per node, worked out once per taint set, when first asked. Cost: one array read per node. */
export function perTaintSet(
  { taintSetId, taintSets }: ClusterView,
  judge: (taints: readonly Taint[]) => number,
): (row: number) => number {
  const known = new Int32Array(taintSets.length).fill(UNKNOWN);
  return (row) => {
    const id = taintSetId[row]!;
    if (known[id] === UNKNOWN) known[id] = judge(taintSets[id]!);
    return known[id]!;
  };
}
