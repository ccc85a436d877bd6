/** How many feasible nodes a cycle looks for. Source: `numFeasibleNodesToFind`, `pkg/scheduler/schedule_one.go`, v1.37.2. */

const MIN_FEASIBLE_NODES = 100;
const MIN_PERCENTAGE = 5;

/**
 * @param nodeCount Candidates, not all nodes.
 * @param percentage The profile's percentage, else the global one; 0 adapts to the size of the cluster.
 */
export function nodesToFind(nodeCount: number, percentage: number): number {
  if (nodeCount < MIN_FEASIBLE_NODES) return nodeCount;
  const percent = percentage === 0 ? Math.max(MIN_PERCENTAGE, 50 - Math.trunc(nodeCount / 125)) : percentage;
  return Math.max(MIN_FEASIBLE_NODES, Math.trunc((nodeCount * percent) / 100));
}
