/**
 * What a scheduler needs from an API server, however it is reached: over the network, or by reference in a simulation.
 * Every call answers through its last argument, before it returns or later.
 */
import type { Condition, KubeObject, Pod, PodGroup } from '../../api/index.ts';
import type { PluginApi, WriteError } from '../plugin.ts';

export type ApiError = WriteError;

export interface PodCondition {
  readonly type: string;
  readonly status: 'True' | 'False';
  readonly reason?: string;
  readonly message?: string;
}

/** A change of a pod's status; what is absent stays as it is. */
export interface PodStatusPatch {
  readonly condition?: PodCondition;
  /** '' takes the nomination away. */
  readonly nominatedNodeName?: string;
}

/** An Event object, as `kubectl describe` lists them. */
export interface EventRecord {
  readonly object: Pod;
  readonly type: 'Normal' | 'Warning';
  readonly reason: 'Scheduled' | 'FailedScheduling' | 'Preempted';
  readonly action: string;
  readonly note: string;
  /** The scheduler's name. */
  readonly from: string;
}

export type Done = (error: ApiError | undefined) => void;

export interface SchedulerApi {
  /** What plugins write through. */
  readonly plugins: PluginApi;
  bind(pod: Pod, nodeName: string, done: Done): void;
  patchPodStatus(pod: Pod, patch: PodStatusPatch, done: Done): void;
  patchGroupCondition(group: PodGroup, condition: Condition, done: Done): void;
  deletePod(pod: Pod, done: Done): void;
  update(object: KubeObject, done: (stored: KubeObject | undefined, error: ApiError | undefined) => void): void;
  record(event: EventRecord): void;
}

/** A change that a watch reports. */
export interface WatchEvent {
  readonly type: 'added' | 'modified' | 'deleted';
  readonly object: KubeObject;
}

/** Longer notes are refused by the API (`pkg/apis/core/validation/events.go`, v1.37.2). */
const NOTE_BYTES_MAX = 1024;
const CUT = ' ...';

export function truncateNote(note: string): string {
  const bytes = new TextEncoder().encode(note);
  if (bytes.length <= NOTE_BYTES_MAX) return note;
  return `${new TextDecoder().decode(bytes.subarray(0, NOTE_BYTES_MAX - CUT.length))}${CUT}`;
}
