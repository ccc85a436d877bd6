/** Events of core/v1, as controllers write them. Source: `client-go/tools/record/event.go`, v0.37.2. */
import type { KubeObject } from '../../api/index.ts';
import type { Clock } from '../../scheduler/clock.ts';
import type { ApiClient } from '../apiserver/client.ts';
import { EventNames } from '../event-names.ts';
import { type Correlated, EventCorrelator } from './event-correlator.ts';
import { timestamp } from './timestamp.ts';

export class EventRecorder {
  private readonly client: ApiClient;
  private readonly clock: Clock;
  private readonly component: string;
  private readonly correlator = new EventCorrelator();
  private readonly names: EventNames;

  /** @param names Shared by recorders that may speak of the same object at the same moment. */
  constructor(client: ApiClient, clock: Clock, component: string, names = new EventNames()) {
    this.client = client;
    this.clock = clock;
    this.component = component;
    this.names = names;
  }

  record(object: KubeObject, type: 'Normal' | 'Warning', reason: string, message: string): void {
    const { nowMs } = this.clock;
    const { name = '', namespace = 'default', uid = '' } = object.metadata ?? {};
    const said = { uid: uid || `${object.kind}/${namespace}/${name}`, type, reason, message };
    const correlated = this.correlator.correlate(said, nowMs, () => this.names.next(name, nowMs));
    if (correlated === undefined) return;
    if (correlated.count === 1) {
      this.create(object, type, reason, correlated);
      return;
    }
    const target = { group: '', version: 'v1', resource: 'events', namespace, name: correlated.name };
    const patch = { count: correlated.count, message: correlated.message, lastTimestamp: timestamp(nowMs) };
    this.client.patch(target, 'merge', patch, {}, (error) => {
      // Events go after an hour.
      if (error?.code === 404) this.create(object, type, reason, correlated);
    });
  }

  private create(object: KubeObject, type: string, reason: string, { name, message, count }: Correlated): void {
    const { namespace = 'default', uid, resourceVersion } = object.metadata ?? {};
    const { apiVersion, kind } = object;
    const time = timestamp(this.clock.nowMs);
    const involved = { apiVersion, kind, name: object.metadata?.name, namespace: object.metadata?.namespace };
    const event = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name, namespace },
      involvedObject: { ...involved, uid, resourceVersion },
      reason,
      message,
      type,
      source: { component: this.component },
      reportingComponent: this.component,
      firstTimestamp: time,
      lastTimestamp: time,
      count,
    };
    const target = { group: '', version: 'v1', resource: 'events', namespace };
    this.client.create(target, event as KubeObject, {}, () => {});
  }
}
