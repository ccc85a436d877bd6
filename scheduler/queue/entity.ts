/** What waits in the queue, with everything that queueing knows about it. */
import type { PodInfo, QueuedPod } from '../plugin.ts';
import type { HeapItem } from './heap.ts';
import type { WaitingClass } from './waiting.ts';

/** Where an entity is; `inFlight` is nowhere in the queue. */
export type Place = 'inFlight' | 'active' | 'backoff' | 'errorBackoff' | 'waiting';

const NO_PLUGINS: readonly string[] = [];

/**
 * A pod in the queue; `groups/queued-group.ts` has groups. Source: `QueuedPodInfo` and `QueueingParams` in `pkg/scheduler/framework/types.go`, v1.37.2.
 * Memory: about 200 bytes beside its PodInfo; lists of plugins are shared between pods.
 */
export class QueuedEntity implements QueuedPod, HeapItem {
  /** For a group one of its pods. */
  pod: PodInfo;
  /** When it was last put into the queue after an attempt. */
  timestamp: number;
  /** When it first got into the activeQ; −1 before that. */
  firstActiveMs = -1;
  /** When the pool last flushed it; −1 for never since the last attempt. */
  flushedMs = -1;
  /** End of the back-off; −1 until somebody asks. */
  backoffUntilMs = -1;
  attempts = 0;
  unschedulableCount = 0;
  consecutiveErrors = 0;
  place: Place = 'inFlight';
  heapIndex = -1;
  /** Plugins that rejected the pod, or hold it back; sorted. */
  rejectors: readonly string[] = NO_PLUGINS;
  /** Plugins that answered Pending; sorted. */
  pendingPlugins: readonly string[] = NO_PLUGINS;
  /** The PreEnqueue plugin that holds the pod back; '' for none. */
  gatedBy = '';
  /** Set while it waits for an event. */
  waitingClass: WaitingClass | undefined;
  waitingIndex = -1;

  constructor(pod: PodInfo, timestamp: number) {
    this.pod = pod;
    this.timestamp = timestamp;
  }

  get key(): string {
    return this.pod.key;
  }

  get priority(): number {
    return this.pod.priority;
  }

  /** How many pods it stands for. */
  get size(): number {
    return 1;
  }

  /** Of a group; undefined for a pod. */
  get members(): readonly QueuedEntity[] | undefined {
    return undefined;
  }

  get isGated(): boolean {
    return this.gatedBy !== '';
  }

  /** False after an error, which no event cures. */
  get isRejected(): boolean {
    return this.rejectors.length > 0 || this.pendingPlugins.length > 0;
  }

  /** Since when it has waited without anybody looking at it. */
  get idleSinceMs(): number {
    return Math.max(this.timestamp, this.flushedMs);
  }
}

const sharedLists = new Map<string, readonly string[]>();

/** The same sorted list object for the same names. */
export function pluginList(names: Iterable<string>): readonly string[] {
  const sorted = [...new Set(names)].sort();
  const key = sorted.join('\n');
  let list = sharedLists.get(key);
  if (list === undefined) {
    list = sorted;
    sharedLists.set(key, list);
  }
  return list;
}
