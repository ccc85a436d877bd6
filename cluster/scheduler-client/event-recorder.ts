/**
 * Events as `kubectl describe` shows them. The same event again is not a new object but one more of a series.
 * Source: `client-go/tools/events/event_recorder.go`, `event_broadcaster.go`, v0.37.2.
 */
import type { KubeObject } from '../../api/index.ts';
import type { Clock } from '../../scheduler/clock.ts';
import type { EventRecord } from '../../scheduler/timed/api.ts';
import type { ApiClient, Target } from '../apiserver/client.ts';
import { EventNames } from '../event-names.ts';

interface Series {
  readonly name: string;
  count: number;
  lastMs: number;
}

/** A series that has been quiet for so long begins anew. */
const FINISHED_MS = 6 * 60_000;
const SERIES_MAX = 4096;

export class EventRecorder {
  private readonly client: ApiClient;
  private readonly clock: Clock;
  private readonly instance: string;
  private readonly series = new Map<string, Series>();
  private readonly names = new EventNames();
  private timeMs = Number.NaN;
  private time = '';

  constructor(client: ApiClient, clock: Clock, instance: string) {
    this.client = client;
    this.clock = clock;
    this.instance = instance;
  }

  record(event: EventRecord): void {
    const { object, type, reason, action, note, from } = event;
    const { name = '', namespace = 'default', uid } = object.metadata ?? {};
    const { nowMs } = this.clock;
    const key = `${uid}\0${type}\0${reason}\0${action}\0${note}\0${from}`;
    const known = this.series.get(key);
    if (known !== undefined && nowMs - known.lastMs < FINISHED_MS) {
      known.count++;
      known.lastMs = nowMs;
      const patch = { series: { count: known.count, lastObservedTime: microTime(nowMs) } };
      this.client.patch({ ...eventsIn(namespace), name: known.name }, 'strategic', patch, {}, () => {});
      return;
    }
    if (this.series.size >= SERIES_MAX) this.series.clear();
    const eventName = this.names.next(name, nowMs);
    this.series.set(key, { name: eventName, count: 1, lastMs: nowMs });
    const body = {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { name: eventName, namespace },
      eventTime: this.eventTime(nowMs),
      reportingController: from,
      reportingInstance: `${from}-${this.instance}`,
      action,
      reason,
      regarding: {
        apiVersion: 'v1',
        kind: 'Pod',
        namespace,
        name,
        uid,
        resourceVersion: object.metadata?.resourceVersion,
      },
      note,
      type,
    };
    // An event that is lost is no reason to stop.
    this.client.create(eventsIn(namespace), body as KubeObject, {}, () => {});
  }

  /** Many events happen in one millisecond. */
  private eventTime(nowMs: number): string {
    if (nowMs !== this.timeMs) {
      this.timeMs = nowMs;
      this.time = microTime(nowMs);
    }
    return this.time;
  }
}

const eventsIn = (namespace: string): Target => ({
  group: 'events.k8s.io',
  version: 'v1',
  resource: 'events',
  namespace,
});

const microTime = (ms: number): string => new Date(ms).toISOString().replace('Z', '000Z');
