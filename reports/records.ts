/** What a cell (workload × profile × seed) of a run leaves behind. Shares are fractions of 1. */

/** Which cell a row belongs to; the first columns of every file. */
export interface CellKey {
  readonly workload: string;
  readonly profile: string;
  readonly seed: number;
  /** Where ties have a seed of their own. */
  readonly tieSeed?: number;
  /** Counts from 1; absent means 1. */
  readonly repeat?: number;
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

/**
 * What only pods that come and go over time have. Times are virtual; a pod waits from its arrival to its binding, and pods
 * that were never bound have no wait. Quantiles are waits of pods: the smallest that the share of bound pods did not exceed.
 */
export interface TimedSummary {
  /** All of `pods`, unless the run was stopped at a moment. */
  readonly arrivedPods: number;
  readonly boundPods: number;
  /** Ran for their whole lifetime. */
  readonly endedPods: number;
  /** As often as the scheduler took something from its queue; a group counts once. */
  readonly attempts: number;
  readonly meanWaitSeconds: number | undefined;
  readonly p50WaitSeconds: number | undefined;
  readonly p90WaitSeconds: number | undefined;
  readonly p99WaitSeconds: number | undefined;
  readonly maxWaitSeconds: number | undefined;
  /** From the first arrival to the last end of a pod, or the last binding if that was later; undefined when none was bound. */
  readonly makespanSeconds: number | undefined;
  /** Where the simulation ended. */
  readonly simulatedSeconds: number;
  /** What pods on nodes requested, averaged over the time from the first arrival to the end of the simulation. */
  readonly meanCpuAllocatedShare: number;
  readonly meanMemoryAllocatedShare: number;
  readonly meanGpuAllocatedShare: number | undefined;
  /** Averaged over the rows of timeseries.csv, each by the time since the one before. */
  readonly meanCpuImbalance: number;
  readonly meanGpuUnusableShare: number | undefined;
}

/** What only whole clusters have: a pod starts when all its containers run for the first time. Times count from its arrival. */
export interface StartedSummary {
  readonly startedPods: number;
  readonly meanStartSeconds: number | undefined;
  readonly p50StartSeconds: number | undefined;
  readonly p99StartSeconds: number | undefined;
  readonly maxStartSeconds: number | undefined;
}

export interface CellSummary extends CellKey, ClusterState {
  readonly tieBreak: string;
  readonly engine: string;
  readonly nodes: number;
  readonly pods: number;
  /** On a node at the end, or there until their end. */
  readonly placedPods: number;
  /** Never placed. */
  readonly pendingPods: number;
  /** Placed, then evicted for a pod of higher priority; an evicted pod does not come back. */
  readonly evictedPods: number;
  /** Pods tried, each time counted. */
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
  /** Absent from the static evaluation. */
  readonly timed?: TimedSummary;
  /** Only of whole clusters. */
  readonly started?: StartedSummary;
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
  /** Where room is being made for the pod. */
  readonly nominatedNode?: string;
  /** Since the pod's arrival; only over time. */
  readonly waitedSeconds?: number;
  /** `namespace/name` of the group with which the pod was tried. */
  readonly group?: string;
}

export interface TimeseriesRow extends CellKey, ClusterState {
  readonly timeSeconds: number;
  readonly arrivedPods: number;
  readonly runningPods: number;
  readonly pendingPods: number;
  readonly evictedPods: number;
  /** Only over time. */
  readonly endedPods?: number;
}

/** One plugin at one extension point. */
export interface PluginRow extends CellKey {
  readonly plugin: string;
  readonly extensionPoint: string;
  readonly calls: number;
  readonly nodesRejected: number;
  readonly decisionsDecided: number;
  /** Of the scored ones among the measured decisions. */
  readonly decidedShare: number;
  readonly timedCalls: number;
  readonly wallNanoseconds: number;
  /** The decisions that all of this is about: with the fast engine a sample, else all. */
  readonly measuredDecisions: number;
}
