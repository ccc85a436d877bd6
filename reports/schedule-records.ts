/** What a what-if run of the scheduler leaves behind. */
import type { Outcome, PodOutcome } from '../scheduler/decision.ts';

export interface PlacementRecord {
  /** `namespace/name`. */
  readonly pod: string;
  readonly priority: number;
  readonly outcome: Outcome;
  readonly node?: string;
  readonly feasibleNodes: number;
  readonly evaluatedNodes: number;
  /** Best total; undefined when nothing was scored. */
  readonly totalPoints?: number;
  /** Ahead of the best other node; 0 for a tie. */
  readonly marginPoints?: number;
  readonly attempts: number;
  /** Why the pod is still pending. */
  readonly message?: string;
  readonly nominatedNode?: string;
  /** Pods evicted for this one. */
  readonly victims: readonly string[];
  /** The pod that took this one's place later on. */
  readonly evictedBy?: string;
}

export interface ScheduleResult {
  readonly nodes: number;
  readonly boundPods: number;
  readonly tieBreak: string;
  /** In the order in which they were decided. */
  readonly placements: readonly PlacementRecord[];
}

/** One pod's decision in full. */
export interface Explanation {
  readonly outcome: PodOutcome;
  readonly priority: number;
  /** How many pods were decided before it. */
  readonly decidedBefore: number;
  readonly tieBreak: string;
  /** Number of the first of the outcome's attempts. @default 1 */
  readonly firstAttempt?: number;
  /** What would make the runner-up win, for example `1.2 cores less requested on it would do`. */
  readonly runnerUpNeeds?: string;
}
