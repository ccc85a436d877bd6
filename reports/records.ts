/** What a cell (workload × profile × seed) of a run leaves behind. Shares are fractions of 1. */

/** Which cell a row belongs to; the first columns of every file. */
export interface CellKey {
  readonly workload: string;
  readonly profile: string;
  readonly seed: number;
}

/** State of the cluster at one moment. GPU figures are undefined on clusters without GPUs. */
export interface ClusterState {
  readonly cpuAllocatedShare: number;
  readonly memoryAllocatedShare: number;
  readonly gpuAllocatedShare: number | undefined;
  /** Nodes with at least one pod. */
  readonly nodesUsed: number;
  /** Standard deviation, over the nodes, of the share of CPU that is requested. */
  readonly cpuImbalance: number;
  /**
   * Share of all GPUs that are free but useless to a GPU pod drawn from the workload, on average: the node lacks CPU,
   * memory, enough free GPUs, a place for a pod, or has the wrong model. The measure of "fragmentation" in Weng et al., ATC
   * 2023, restricted to pods that ask for GPUs.
   */
  readonly gpuUnusableShare: number | undefined;
}

export interface CellSummary extends CellKey, ClusterState {
  readonly tieBreak: string;
  readonly nodes: number;
  readonly pods: number;
  /** On a node at the end. */
  readonly placedPods: number;
  /** Never placed. */
  readonly pendingPods: number;
  /** Placed, then evicted for a pod of higher priority; an evicted pod does not come back. */
  readonly evictedPods: number;
  /** Scheduling attempts; a preemptor has more than one. */
  readonly decisions: number;
  /** Attempts that evicted pods. */
  readonly preemptions: number;
  readonly evaluatedNodes: number;
  readonly feasibleNodes: number;
  /** Attempts in which at least two nodes were scored. */
  readonly scoredDecisions: number;
  /** How far the chosen node's total was above the best other one, over the scored decisions. */
  readonly meanMarginPoints: number | undefined;
  /** Scored decisions in which another node had the same total. */
  readonly tiedDecisions: number;
  /** Equal for two cells exactly when every pod ended on the same node. */
  readonly placementDigest: string;
  readonly wallSeconds: number;
}

/** One scheduling attempt. */
export interface PlacementRow extends CellKey {
  readonly timeSeconds: number;
  readonly pod: string;
  readonly podClass: string;
  /** '' when the attempt failed. */
  readonly node: string;
  readonly feasibleNodes: number;
  readonly evaluatedNodes: number;
  /** Undefined when nothing was scored. */
  readonly totalPoints: number | undefined;
  readonly marginPoints: number | undefined;
  /** Counts from 1. */
  readonly attempt: number;
  readonly reason: string;
  readonly victims: readonly string[];
}

export interface TimeseriesRow extends CellKey, ClusterState {
  readonly timeSeconds: number;
  readonly arrivedPods: number;
  readonly runningPods: number;
  readonly pendingPods: number;
  readonly evictedPods: number;
}

/** One plugin at one extension point. */
export interface PluginRow extends CellKey {
  readonly plugin: string;
  readonly extensionPoint: string;
  readonly calls: number;
  readonly nodesRejected: number;
  readonly decisionsDecided: number;
  /** Of the scored decisions. */
  readonly decidedShare: number;
  readonly timedCalls: number;
  readonly wallNanoseconds: number;
}
