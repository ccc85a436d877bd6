/** What all controllers of one manager share: the client, the clock, one informer for each resource, and a voice. */
import type { KubeObject } from '../../api/index.ts';
import type { Clock } from '../../scheduler/clock.ts';
import type { ApiClient, Target } from '../apiserver/client.ts';
import { EventNames } from '../event-names.ts';
import { Dependents } from './dependents.ts';
import { EventRecorder } from './event-recorder.ts';
import { Informer } from './informer.ts';
import { type Discover, ServedKinds } from './served-kinds.ts';

export class ControllerContext {
  readonly client: ApiClient;
  readonly clock: Clock;
  readonly served: ServedKinds;
  private readonly eventNames = new EventNames();
  private readonly informers = new Map<string, Informer>();
  private readonly dependentsOf = new Map<Informer, Dependents<KubeObject>>();
  private readonly whenSynced: Array<() => void> = [];
  private isStarted = false;

  constructor(client: ApiClient, clock: Clock, discover: Discover) {
    this.client = client;
    this.clock = clock;
    this.served = new ServedKinds(discover);
  }

  informer<T extends KubeObject>(target: Target): Informer<T> {
    const key = `${target.group}/${target.version}/${target.resource}`;
    let informer = this.informers.get(key);
    if (informer === undefined) {
      informer = new Informer(this.client, this.clock, target, () => this.synced());
      this.informers.set(key, informer);
      if (this.isStarted) informer.start();
    }
    return informer as unknown as Informer<T>;
  }

  /** Shared like the informer it belongs to. */
  dependents<T extends KubeObject>(target: Target): Dependents<T> {
    const informer = this.informer(target);
    let dependents = this.dependentsOf.get(informer);
    if (dependents === undefined) {
      dependents = new Dependents(informer);
      this.dependentsOf.set(informer, dependents);
    }
    return dependents as unknown as Dependents<T>;
  }

  recorder(component: string): EventRecorder {
    return new EventRecorder(this.client, this.clock, component, this.eventNames);
  }

  /** Runs the task once every informer knows what was there at first. */
  onSynced(task: () => void): void {
    this.whenSynced.push(task);
  }

  start(): void {
    this.isStarted = true;
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
