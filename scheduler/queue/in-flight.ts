/**
 * Pods between being taken from the queue and being bound or put back, and what happened meanwhile: an event that comes
 * while a pod is being tried must not be lost on it. Source: `pkg/scheduler/backend/queue/active_queue.go`, v1.37.2.
 *
 * Cost: O(1) per event and per pod; events are kept as long as the pod that was taken first is in flight.
 */
import type { ClusterEvent } from '../events.ts';
import type { PodInfo } from '../plugin.ts';

export interface SeenEvent {
  readonly event: ClusterEvent;
  readonly before: unknown;
  readonly after: unknown;
}

export class InFlight {
  /** UID → pod and number of events seen before it was taken; the pod taken first is first. */
  private readonly pods = new Map<string, { readonly pod: PodInfo; readonly from: number }>();
  private events: SeenEvent[] = [];
  /** Number of events dropped so far. */
  private dropped = 0;

  get size(): number {
    return this.pods.size;
  }

  get eventCount(): number {
    return this.events.length;
  }

  has(uid: string): boolean {
    return this.pods.has(uid);
  }

  list(): PodInfo[] {
    return [...this.pods.values()].map(({ pod }) => pod);
  }

  add(pod: PodInfo): void {
    this.pods.set(pod.uid, { pod, from: this.dropped + this.events.length });
  }

  record(event: ClusterEvent, before: unknown, after: unknown): void {
    if (this.pods.size > 0) this.events.push({ event, before, after });
  }

  /** What happened since the pod was taken; undefined when it is not in flight. */
  eventsFor(uid: string): SeenEvent[] | undefined {
    const entry = this.pods.get(uid);
    return entry === undefined ? undefined : this.events.slice(entry.from - this.dropped);
  }

  done(uid: string): void {
    if (!this.pods.delete(uid)) return;
    if (this.events.length === 0) return;
    const first = this.pods.values().next().value;
    const keepFrom = first === undefined ? this.dropped + this.events.length : first.from;
    if (keepFrom > this.dropped) {
      this.events = this.events.slice(keepFrom - this.dropped);
      this.dropped = keepFrom;
    }
  }
}
