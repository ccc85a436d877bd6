/**
 * How full the nodes of a placement would be with a group on them, taken together.
 * Source: `scorePlacement` in `plugins/noderesources/resource_allocation.go`, v1.37.2.
 *
 * Cost: O(nodes of the placement) per resource.
 */
import { isScalarResourceName } from '../../api/index.ts';
import type { ClusterView } from '../../scheduler/plugin.ts';
import { percentOf } from './percent.ts';
import { columnsOf, type ResourceSpec } from './scored-resources.ts';

/** @param amounts What the pods of the group ask for together, of each resource in turn. 0..100. */
export function placementUsage(
  resources: readonly ResourceSpec[],
  amounts: readonly number[],
  rows: Int32Array,
  cluster: ClusterView,
): number {
  let sum = 0;
  let weights = 0;
  for (const [i, { name, weight }] of resources.entries()) {
    const columns = placementColumns(name, amounts[i]!, cluster);
    let capacity = 0;
    let used = amounts[i]!;
    for (const row of columns === undefined ? [] : rows) {
      const allocatable = columns!.allocatable[row]!;
      if (allocatable === 0) continue;
      capacity += allocatable;
      used += columns!.requested[row]!;
    }
    if (capacity === 0) continue;
    // Pods without requests count with defaults, so more can be used than there is.
    sum += percentOf(Math.min(used, capacity), capacity) * weight;
    weights += weight;
  }
  return weights === 0 ? 0 : Math.floor(sum / weights);
}

/** Devices do not count here, and a scalar resource only when the group asks for it. */
function placementColumns(name: string, amount: number, cluster: ClusterView): ReturnType<typeof columnsOf> {
  if (!isScalarResourceName(name)) return columnsOf(name, cluster, true);
  const allocatable = cluster.scalarAllocatable(name);
  const requested = cluster.scalarRequested(name);
  return amount === 0 || allocatable === undefined || requested === undefined ? undefined : { allocatable, requested };
}
