/** What all controllers of one manager share: the client, the clock, one informer for each resource, and a voice. */
import type { KubeObject } from '../../api/index.ts';
import type { Clock } from '../../scheduler/clock.ts';
import type { ApiClient, Target } from '../apiserver/client.ts';
import { EventRecorder } from './event-recorder.ts';
import { Informer } from './informer.ts';

export class ControllerContext {
  readonly client: ApiClient;
  readonly clock: Clock;
  private readonly informers = new Map<string, Informer>();
  private readonly whenSynced: Array<() => void> = [];

  constructor(client: ApiClient, clock: Clock) {
    this.client = client;
    this.clock = clock;
  }

  informer<T extends KubeObject>(target: Target): Informer<T> {
    const key = `${target.group}/${target.version}/${target.resource}`;
    let informer = this.informers.get(key);
    if (informer === undefined) {
      informer = new Informer(this.client, this.clock, target, () => this.synced());
      this.informers.set(key, informer);
    }
    return informer as unknown as Informer<T>;
  }

  recorder(component: string): EventRecorder {
    return new EventRecorder(this.client, this.clock, component);
  }

  /** Runs the task once every informer knows what was there at first. */
  onSynced(task: () => void): void {
    this.whenSynced.push(task);
  }

  start(): void {
    for (const informer of this.informers.values()) informer.start();
  }

  stop(): void {
    for (const informer of this.informers.values()) informer.stop();
  }

  private synced(): void {
    for (const { isSynced } of this.informers.values()) if (!isSynced) return;
    for (const task of this.whenSynced.splice(0)) task();
  }
}
