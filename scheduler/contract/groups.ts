import type { CompositePodGroup, PodGroup } from '../../api/index.ts';
import type { ClusterView } from './cluster-view.ts';
import type { PodInfo } from './pod.ts';
import type { Status } from './status.ts';

/**
 * Groups are told apart by keys: `podgroup/<namespace>/<name>` and `compositepodgroup/<namespace>/<name>`, as upstream
 * writes them (`EntityKey` in `staging/src/k8s.io/kube-scheduler/framework/types.go`).
 */
export type GroupKey = string;

export const podGroupKey = (namespace: string, name: string): GroupKey => `podgroup/${namespace}/${name}`;

export const compositePodGroupKey = (namespace: string, name: string): GroupKey =>
  `compositepodgroup/${namespace}/${name}`;

/** The key of the group that the pod names; undefined when it names none. */
export function groupKeyOf({ pod, namespace }: PodInfo): GroupKey | undefined {
  const name = pod.spec?.schedulingGroup?.podGroupName;
  return name === undefined ? undefined : podGroupKey(namespace, name);
}

/** The pods of a PodGroup, as far as the scheduler knows of them. */
export interface GroupMembers {
  readonly podCount: number;
  /** Pods that are on a node or on their way to one. */
  readonly scheduledCount: number;
  scheduledPods(): readonly PodInfo[];
  /** On their way. */
  assumedPods(): readonly PodInfo[];
  unscheduledPods(): readonly PodInfo[];
}

/** Groups and their pods; empty while the gate GenericWorkload is off. */
export interface GroupView {
  /** Undefined while the object is not there. */
  podGroup(key: GroupKey): PodGroup | undefined;
  compositePodGroup(key: GroupKey): CompositePodGroup | undefined;
  /** Of a PodGroup; undefined when neither the group nor any of its pods is known. */
  members(key: GroupKey): GroupMembers | undefined;
  /** The groups that name this one as their parent. */
  children(key: GroupKey): readonly GroupKey[];
  /** The group at the top, above this one or this one itself; undefined while one on the way there is missing. */
  root(key: GroupKey): GroupKey | undefined;
}

/** A group as a scheduling cycle works on it. */
export interface GroupInfo {
  readonly key: GroupKey;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly priority: number;
  /** One of the two. */
  readonly podGroup?: PodGroup;
  readonly compositePodGroup?: CompositePodGroup;
  /** In the order in which they are tried; only composite groups have any. */
  readonly children: readonly GroupInfo[];
  /** Members that the cycle is to place, those of children included. */
  readonly pods: readonly PodInfo[];
}

/** How far the placing of a group has come: in pods, or for a composite group in groups. */
export interface GroupProgress {
  readonly remaining: number;
  readonly scheduled: number;
}

/** Nodes on which a group could be placed as a whole. */
export interface Placement {
  readonly name: string;
  /** In snapshot order. */
  readonly rows: Int32Array;
}

/** A placement and the pods of the group that fit there. */
export interface PlacementOutcome extends Placement {
  readonly pods: readonly PodInfo[];
}

/** A what-if about a whole group. Everything done between `begin` and `end` is undone by `end`. */
export interface GroupWhatIf {
  begin(): void;
  /** Takes pods off their nodes, or puts them back. */
  removePods(pods: readonly PodInfo[]): void;
  addPods(pods: readonly PodInfo[]): void;
  /** Tries to place the group on what is left; undefined when that works. */
  schedule(): Status | undefined;
  /** Whether everybody whom `schedule` placed still fits there. */
  stillFits(): boolean;
  /** UID → node name of whom `schedule` placed. */
  readonly nodeNames: ReadonlyMap<string, string>;
  end(): void;
}

export interface GroupPostFilterContext {
  readonly group: GroupInfo;
  readonly cluster: ClusterView;
  /** Whether the plugin's own PreFilter ran for any pod of the group in this cycle. */
  readonly preFilterRan: boolean;
  readonly whatIf: GroupWhatIf;
}

export interface GroupPostFilterResult {
  readonly status: Status;
  /** UID → node name. With Success: where the pods go once the victims are gone; '' for nowhere in particular. */
  readonly nominatedNodeNames?: ReadonlyMap<string, string>;
  readonly victims?: readonly PodInfo[];
}
