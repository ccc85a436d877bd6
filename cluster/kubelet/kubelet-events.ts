/** Events of core/v1 as kubelets write them, with the container that they are about. Source: `client-go/tools/record`, v0.37.2. */
import type { KubeObject } from '../../api/index.ts';
import type { Clock } from '../../scheduler/clock.ts';
import type { ApiClient } from '../apiserver/client.ts';
import { EventNames } from '../event-names.ts';
import { Seconds } from './seconds.ts';

interface Known {
  readonly name: string;
  count: number;
}

const KNOWN_MAX = 4096;
const COMPONENT = 'kubelet';

export class KubeletEvents {
  private readonly clock: Clock;
  private readonly known = new Map<string, Known>();
  private readonly names = new EventNames();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** The same words about the same thing again are one more in the count of the first. */
  record(
    client: ApiClient,
    host: string,
    about: KubeObject,
    fieldPath: string | undefined,
    type: 'Normal' | 'Warning',
    reason: string,
    message: string,
  ): void {
    const { name = '', namespace, uid, resourceVersion } = about.metadata ?? {};
    const time = Seconds.of(this.clock.nowMs);
    const events = { group: '', version: 'v1', resource: 'events', namespace: namespace ?? 'default' };
    const key = [uid, fieldPath, type, reason, message].join('\0');
    const known = this.known.get(key);
    if (known !== undefined) {
      known.count++;
      const patch = { count: known.count, lastTimestamp: time };
      client.patch({ ...events, name: known.name }, 'merge', patch, {}, () => {});
      return;
    }
    if (this.known.size >= KNOWN_MAX) this.known.clear();
    const eventName = this.names.next(name, this.clock.nowMs);
    this.known.set(key, { name: eventName, count: 1 });
    const { apiVersion = 'v1', kind } = about;
    const event = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: eventName, namespace: events.namespace },
      involvedObject: { apiVersion, kind, name, namespace, uid, resourceVersion, fieldPath },
      reason,
      message,
      type,
      source: { component: COMPONENT, host },
      reportingComponent: COMPONENT,
      reportingInstance: host,
      firstTimestamp: time,
      lastTimestamp: time,
      count: 1,
    };
    client.create(events, event as KubeObject, {}, () => {});
  }
}
