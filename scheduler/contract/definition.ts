/** A plugin, what it is given, and how it is declared. */
import type { KubeObject, Pod } from '../../api/index.ts';
import type {
  CompiledFilter,
  CompiledScore,
  Dependency,
  ExtensionPoint,
  PreFilterResult,
  PreScoreResult,
  ResourceForm,
} from './answers.ts';
import type { ClusterView, ObjectListers } from './cluster-view.ts';
import type { EventRegistration, QueuedPod } from './events.ts';
import type {
  GroupInfo,
  GroupPostFilterContext,
  GroupPostFilterResult,
  GroupProgress,
  Placement,
  PlacementOutcome,
} from './groups.ts';
import type { DomainCounters, LiveFilter, LiveScore } from './live.ts';
import type { PodInfo } from './pod.ts';
import type { PostFilterContext, PostFilterResult } from './preemption.ts';
import type { Status } from './status.ts';

/** Outcome of Permit: undefined lets the pod through at once. */
export interface PermitResult {
  readonly status: Status;
  readonly timeoutMs?: number;
}

/** What a PreBind that takes time may use. Its calls answer later, or before they return. */
export interface PreBindContext {
  readonly nowMs: number;
  /** Runs the task after a while; what comes back takes it away. */
  after(delayMs: number, task: () => void): () => void;
  /** Sends an object to the API; `done` gets the object as stored, or why it was refused. */
  update(object: KubeObject, done: (stored: KubeObject | undefined, error: string | undefined) => void): void;
  /** False once the pod is gone from the API, as far as the scheduler has heard. */
  podExists(): boolean;
  /** Ends this PreBind; no status means success. */
  finish(status?: Status): void;
}

/** A plugin of one profile. Implement the methods of the extension points that the definition lists. */
export interface Plugin {
  /**
   * What can cure a rejection by this plugin. Without it every event may; an empty list says that none can. Counts for
   * plugins that can reject: those with preEnqueue, preFilter, filter, reserve or permit among their points.
   */
  readonly events?: readonly EventRegistration[];
  preEnqueue?(pod: PodInfo, cluster: ClusterView): Status | undefined;
  less?(a: QueuedPod, b: QueuedPod): boolean;
  preFilter?(pod: PodInfo, cluster: ClusterView): PreFilterResult;
  /** `state` is what this plugin's PreFilter returned, undefined when PreFilter is not enabled in the profile. */
  compileFilter?(pod: PodInfo, cluster: ClusterView, state: unknown): CompiledFilter;
  /**
   * The form that the outcome of PreFilter and `compileFilter` carries, without the work of compiling; `skip` where PreFilter
   * skips. For pods that are all different. Undefined: it carries none.
   */
  filterForm?(pod: PodInfo, cluster: ClusterView): ResourceForm | 'skip' | undefined;
  postFilter?(context: PostFilterContext): PostFilterResult;
  /** `rows[0..count)` are the feasible nodes, in the order they were found. */
  preScore?(pod: PodInfo, cluster: ClusterView, rows: Int32Array, count: number): PreScoreResult;
  /** `state` is what this plugin's PreScore returned, undefined when PreScore is not enabled in the profile. */
  compileScore?(pod: PodInfo, cluster: ClusterView, state: unknown): CompiledScore;
  /** As `filterForm`, for PreScore and `compileScore`. */
  scoreForm?(pod: PodInfo, cluster: ClusterView): ResourceForm | 'skip' | undefined;
  /**
   * False when no pod of this class is ever rejected, scored above 0 or reserved for by this plugin, whatever is in the
   * cluster, as long as no object of the kinds in `reads` changes: an engine need not ask then. By default every pod
   * concerns it.
   */
  concerns?(pod: PodInfo, cluster: ClusterView): boolean;
  /**
   * The Filter of a plugin with dependency `domain`, PreFilter included, in a form that outlives the cycle. `skip` is
   * PreFilter's. Undefined: this pod can only be served the long way.
   */
  liveFilter?(pod: PodInfo, cluster: ClusterView, counters: DomainCounters): LiveFilter | 'skip' | undefined;
  /** As `liveFilter`, for PreScore and Score. */
  liveScore?(pod: PodInfo, cluster: ClusterView, counters: DomainCounters): LiveScore | 'skip' | undefined;
  reserve?(pod: PodInfo, row: number, cluster: ClusterView): Status | undefined;
  unreserve?(pod: PodInfo, row: number, cluster: ClusterView): void;
  permit?(pod: PodInfo, row: number, cluster: ClusterView): PermitResult | undefined;
  /**
   * Asked before and during the placing of a group whether it can still come to something: undefined when there is enough
   * already, `Wait` when there may be, `Unschedulable` when there cannot be. Upstream keeps this to GangScheduling.
   */
  placementFeasible?(group: GroupInfo, progress: GroupProgress): Status | undefined;
  /** The placements to try, all within the one given; the first one is tried first. */
  placementGenerate?(group: GroupInfo, within: Placement, cluster: ClusterView): readonly Placement[] | Status;
  /** 0..100, or a whole number that `normalizePlacementScores` brings there. */
  placementScore?(group: GroupInfo, outcome: PlacementOutcome, cluster: ClusterView): number | Status;
  normalizePlacementScores?(scores: Float64Array): Status | undefined;
  /** For a group that could not be placed. */
  podGroupPostFilter?(context: GroupPostFilterContext): GroupPostFilterResult;
  preBind?(pod: PodInfo, row: number, cluster: ClusterView): Status | undefined;
  /** Before PreBind: undefined when there is work, code `Skip` when there is none. Without it a PreBind always works. */
  preBindPreFlight?(pod: PodInfo, row: number, cluster: ClusterView): Status | undefined;
  /** Its PreBind may go on while that of others does. @default false */
  readonly allowsParallelPreBind?: boolean;
  /**
   * PreBind for a scheduler that lives in time, instead of `preBind`: it calls `finish` once. The returned function stops
   * the work early; `finish` must not be called after that.
   */
  startPreBind?(pod: PodInfo, row: number, cluster: ClusterView, context: PreBindContext): () => void;
  /** Return code `Skip` to pass the pod on to the next Bind plugin. */
  bind?(pod: PodInfo, row: number, cluster: ClusterView): Status | undefined;
  postBind?(pod: PodInfo, row: number, cluster: ClusterView): void;
}

export interface WriteError {
  readonly reason: 'NotFound' | 'Conflict' | 'BadRequest' | 'Other';
  readonly message: string;
}

/** The object as stored now, or why not. */
export type WriteAnswer = (stored: KubeObject | undefined, error: WriteError | undefined) => void;

/** The API as plugins write to it. Every call answers through its last argument, before it returns or later. */
export interface PluginApi {
  get(object: KubeObject, answer: WriteAnswer): void;
  /** The name may be left to the API (`generateName`), UID and version are. */
  create(object: KubeObject, answer: WriteAnswer): void;
  /** Refused (`Conflict`) when the object has been changed since it was read. */
  update(object: KubeObject, answer: WriteAnswer): void;
  delete(object: KubeObject, answer: WriteAnswer): void;
  /** Sets fields of a pod's status. */
  patchPodStatus(pod: Pod, fields: Readonly<Record<string, unknown>>, answer: WriteAnswer): void;
}

/** What else a plugin may be told when it is made. */
export interface PluginHandle {
  readonly profileName: string;
  /** Whether a feature gate is on, by upstream's name. */
  isEnabled(gate: string): boolean;
  /** True while victims are being evicted for the pod or group, until the last one is known to go. */
  isPreempting(uid: string): boolean;
  /** Sends pods that wait back to the queue, whatever they wait for. */
  activate(pods: readonly PodInfo[]): void;
  /** Lets a pod go on that this plugin made wait at Permit; harmless for others. */
  allow(podUid: string, plugin: string): void;
  /** Without time the writes are done at once. */
  readonly api: PluginApi;
}

/** A plugin as the registry knows it. */
export interface PluginDefinition<Args = unknown> {
  readonly name: string;
  /** The extension points that it implements, whether or not a method of the same name is needed. */
  readonly points: readonly ExtensionPoint[];
  /** What can change the answer of Filter, and of Score, for a node. Defaults to `cluster`: correct, never cached. */
  readonly dependsOn?: { readonly filter?: Dependency; readonly score?: Dependency };
  /**
   * True when no answer depends on what the pod requests, so that pods of equal `shapeId` can share answers. For
   * dependencies `node`, `nodes` and `domain`. @default false
   */
  readonly ignoresRequests?: boolean;
  /** Kinds of other objects that `concerns`, and for dependencies below `cluster` PreFilter and PreScore, look at. @default none */
  readonly reads?: ReadonlyArray<keyof ObjectListers>;
  /** Makes the instance for one profile. Throws an Error with upstream's text when the arguments cannot be used. */
  create(args: Args, handle: PluginHandle): Plugin;
}
