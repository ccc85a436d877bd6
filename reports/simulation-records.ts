/** What a simulation leaves behind: every attempt, the events that `kubectl describe` would list, and one pod's life. */

export interface AttemptRow {
  /** Milliseconds since the start. */
  readonly ms: number;
  readonly number: number;
  readonly pod: string;
  /** The group with which the pod was tried; its pods share the number. */
  readonly group?: string;
  /** How often the pod has been tried, this time included. */
  readonly podAttempts: number;
  /** `backoff`: tried before its back-off was over, since nothing else waited. */
  readonly queue: 'active' | 'backoff';
  readonly outcome: 'scheduled' | 'unschedulable' | 'error' | 'skipped';
  readonly node?: string;
  readonly feasibleNodes?: number;
  readonly evaluatedNodes?: number;
  readonly nominatedNode?: string;
  readonly message?: string;
  readonly rejectors?: readonly string[];
}

export interface KubeEventRow {
  readonly ms: number;
  readonly type: string;
  readonly reason: string;
  readonly pod: string;
  readonly message: string;
  readonly from: string;
}

export interface LifeRow {
  readonly ms: number;
  readonly what: string;
  readonly detail?: string;
}

export interface SimulationSummary {
  readonly nodes: number;
  readonly events: number;
  readonly pods: number;
  readonly bound: number;
  readonly pending: number;
  readonly attempts: number;
  readonly evictions: number;
  /** From creation to binding, of the pods bound. */
  readonly waitMsMedian?: number;
  readonly waitMsMax?: number;
  readonly endMs: number;
}

export interface SimulationResult {
  readonly summary: SimulationSummary;
  readonly attempts: readonly AttemptRow[];
  readonly kubeEvents: readonly KubeEventRow[];
  /** Only for the pod that was asked about. */
  readonly life?: readonly LifeRow[];
}
