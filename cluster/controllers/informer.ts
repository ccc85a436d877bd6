/** One resource as its controllers see it: by name, and told as it changes. Source: `client-go/tools/cache`, v0.37.2. */
import type { KubeObject } from '../../api/index.ts';
import type { Clock } from '../../scheduler/clock.ts';
import type { ApiClient, Target } from '../apiserver/client.ts';
import { Reflector } from '../scheduler-client/reflector.ts';

/** `before` is undefined for what is new, `now` for what is gone. */
export type ChangeHandler<T> = (before: T | undefined, now: T | undefined) => void;

const NONE: ReadonlyMap<string, never> = new Map<string, never>();

export class Informer<T extends KubeObject = KubeObject> {
  private readonly namespaces = new Map<string, Map<string, T>>();
  private readonly handlers: ChangeHandler<T>[] = [];
  private readonly reflector: Reflector;
  isSynced = false;

  constructor(client: ApiClient, clock: Clock, target: Target, synced: () => void) {
    this.reflector = new Reflector({
      client,
      clock,
      target,
      event: ({ type, object }) => this.take(type === 'deleted', object as T),
      synced: () => {
        this.isSynced = true;
        synced();
      },
    });
  }

  /** Every write up to this resource version has been told. */
  get seenVersion(): number {
    return Number(this.reflector.resourceVersion);
  }

  onChange(handler: ChangeHandler<T>): void {
    this.handlers.push(handler);
  }

  get(namespace: string, name: string): T | undefined {
    return this.namespaces.get(namespace)?.get(name);
  }

  inNamespace(namespace: string): Iterable<T> {
    return (this.namespaces.get(namespace) ?? NONE).values();
  }

  *all(): Iterable<T> {
    for (const objects of this.namespaces.values()) yield* objects.values();
  }

  start(): void {
    this.reflector.start();
  }

  stop(): void {
    this.reflector.stop();
  }

  private take(isGone: boolean, object: T): void {
    const { namespace = '', name = '' } = object.metadata ?? {};
    let objects = this.namespaces.get(namespace);
    if (objects === undefined) {
      objects = new Map();
      this.namespaces.set(namespace, objects);
    }
    const before = objects.get(name);
    if (isGone) objects.delete(name);
    else objects.set(name, object);
    if (isGone && objects.size === 0) this.namespaces.delete(namespace);
    for (const handler of this.handlers) handler(isGone ? object : before, isGone ? undefined : object);
  }
}
