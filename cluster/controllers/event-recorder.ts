/** Events of core/v1, as controllers write them. Source: `client-go/tools/record/event.go` and `events_cache.go`, v0.37.2. */
import type { KubeObject } from '../../api/index.ts';
import type { Clock } from '../../scheduler/clock.ts';
import type { ApiClient } from '../apiserver/client.ts';
import { EventNames } from '../event-names.ts';

interface Known {
  readonly name: string;
  count: number;
}

const KNOWN_MAX = 4096;

export class EventRecorder {
  private readonly client: ApiClient;
  private readonly clock: Clock;
  private readonly component: string;
  private readonly known = new Map<string, Known>();
  private readonly names = new EventNames();

  constructor(client: ApiClient, clock: Clock, component: string) {
    this.client = client;
    this.clock = clock;
    this.component = component;
  }

  /** The same words about the same object again are one more in the count of the first. */
  record(object: KubeObject, type: 'Normal' | 'Warning', reason: string, message: string): void {
    const { name = '', namespace = 'default', uid, resourceVersion } = object.metadata ?? {};
    const time = `${new Date(this.clock.nowMs).toISOString().slice(0, 19)}Z`;
    const events = { group: '', version: 'v1', resource: 'events', namespace };
    const key = [uid, type, reason, message].join('\0');
    const known = this.known.get(key);
    if (known !== undefined) {
      known.count++;
      const patch = { count: known.count, lastTimestamp: time };
      this.client.patch({ ...events, name: known.name }, 'merge', patch, {}, () => {});
      return;
    }
    if (this.known.size >= KNOWN_MAX) this.known.clear();
    const eventName = this.names.next(name, this.clock.nowMs);
    this.known.set(key, { name: eventName, count: 1 });
    const { apiVersion, kind } = object;
    const event = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: eventName, namespace },
      involvedObject: { apiVersion, kind, name, namespace: object.metadata?.namespace, uid, resourceVersion },
      reason,
      message,
      type,
      source: { component: this.component },
      reportingComponent: this.component,
      firstTimestamp: time,
      lastTimestamp: time,
      count: 1,
    };
    this.client.create(events, event as KubeObject, {}, () => {});
  }
}
