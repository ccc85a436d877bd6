/** What Filter and Score answer, and what answers depend on. */
import type { PodInfo } from './pod.ts';
import type { Status } from './status.ts';

export type ExtensionPoint =
  | 'preEnqueue'
  | 'queueSort'
  | 'preFilter'
  | 'filter'
  | 'postFilter'
  | 'preScore'
  | 'score'
  | 'reserve'
  | 'permit'
  | 'preBind'
  | 'bind'
  | 'postBind'
  | 'placementGenerate'
  | 'placementScore'
  | 'podGroupPostFilter';

/**
 * What can change a plugin's answer for one node, from the narrowest to the widest. This is all the caches know.
 *
 * `node`: the node's own object. `usage`: also the pods on that node. `nodes`: the objects of all nodes, and how many
 * there are. `domain`: also pods anywhere; the plugin then offers `liveFilter` and `liveScore`. `cluster`: anything.
 *
 * Below `cluster`, what PreFilter and PreScore answer depends on the pod's class and on the kinds of objects that the
 * definition names in `reads`, not on nodes or pods, so that an engine asks them once per class.
 */
export type Dependency = 'node' | 'usage' | 'nodes' | 'domain' | 'cluster';

/**
 * State of one PreFilter, changed by what-ifs (nominated pods, preemption dry runs). The engine calls `checkpoint`
 * before the first change and `restore` with what it returned afterwards; the state must then be exactly as before.
 */
export interface FilterState {
  addPod?(pod: PodInfo, row: number): void;
  removePod?(pod: PodInfo, row: number): void;
  checkpoint?(): unknown;
  restore?(checkpoint: unknown): void;
}

/** Answer of PreFilter. `reject` ends or spoils the cycle; `skip` drops the plugin's Filter for this pod. */
export interface PreFilterResult<S = unknown> {
  readonly reject?: Status;
  readonly skip?: boolean;
  /** Only these nodes (by name) can do. */
  readonly nodeNames?: ReadonlySet<string>;
  readonly state?: S;
}

/**
 * One of the usual formulas over CPU and memory, which an engine can work out for many nodes at once. A Filter or Score that
 * carries a form must say exactly what the form says.
 *
 * `fits`: a pod slot is free, and both amounts (above 0) are left of what is allocatable; nothing else matters.
 * `leastAllocated`: the mean, rounded down, of the percentages of CPU and memory that are left after the pod, rounded down
 * each, over `nonZeroRequested…`; 0 for one that is overdrawn.
 * `balanced`: 50 + (50 + with − without) / 2, rounded down, where `with` and `without` the pod are 100 · (1 − |a − b| / 2),
 * rounded down, and a and b the used fractions of CPU and memory, at most 1.
 */
export interface ResourceForm {
  readonly kind: 'fits' | 'leastAllocated' | 'balanced';
  readonly cpuMilli: number;
  readonly memoryBytes: number;
}

export interface CompiledFilter {
  readonly form?: ResourceForm;
  /**
   * For dependencies `node` and `nodes`: all that was read of the pod. Pods with equal texts get equal answers from the plugin,
   * so that what it says of the nodes is worked out once for all of them. Without it every class is asked about every node.
   */
  readonly signature?: string;
  /** 0 when the pod fits the node, else a code of this plugin's own, to be read by `status`. */
  filter(row: number): number;
  /** What a non-zero code means. Must not depend on the state of the cluster. */
  status(code: number): Status;
}

/**
 * How raw scores become 0..100 over the feasible nodes (`plugins/helper/normalize_score.go` and each plugin).
 * `max`: 100·raw/max; `reversedMax`: 100 − 100·raw/max; `minMax`: trunc(100·((raw−min)/(max−min)));
 * `spread`: 100·(max+min−raw)/max over the nodes that are not ignored.
 */
export type Normalization =
  | { readonly kind: 'max' }
  | { readonly kind: 'reversedMax' }
  | { readonly kind: 'minMax' }
  | { readonly kind: 'spread'; ignored(row: number): boolean }
  | { readonly kind: 'custom'; apply(scores: Float64Array, rows: Int32Array, count: number): void };

export interface CompiledScore {
  readonly form?: ResourceForm;
  /** As for Filters. */
  readonly signature?: string;
  /** Raw score, an integer; in 0..100 when `normalization` is absent. */
  score(row: number): number;
  readonly normalization?: Normalization;
}

/** Answer of PreScore. */
export interface PreScoreResult<S = unknown> {
  readonly skip?: boolean;
  readonly state?: S;
}
