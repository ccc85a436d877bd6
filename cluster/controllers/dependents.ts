/** The objects of one resource by who controls them, so that a sync looks at its own and not at all of a namespace. */
import type { KubeObject } from '../../api/index.ts';
import type { Informer } from './informer.ts';
import { controllerOf } from './owners.ts';

export class Dependents<T extends KubeObject> {
  /** By the UID of the controller; without one, by namespace. */
  private readonly groups = new Map<string, Map<string, T>>();
  private readonly groupOf = new Map<string, string>();

  constructor(informer: Informer<T>) {
    informer.onChange((before, now) => this.take((before ?? now)!, now));
  }

  /** What the owner controls, and what nobody does: it may want to adopt some of it. */
  candidates(owner: KubeObject): T[] {
    const { uid = '', namespace = '' } = owner.metadata ?? {};
    return [...this.ofGroup(uid), ...this.ofGroup(`/${namespace}`)];
  }

  controlledBy(uid = ''): Iterable<T> {
    return this.ofGroup(uid);
  }

  private ofGroup(group: string): Iterable<T> {
    return this.groups.get(group)?.values() ?? [];
  }

  private take({ metadata }: T, now: T | undefined): void {
    const key = `${metadata?.namespace ?? ''}/${metadata?.name}`;
    const group = now && (controllerOf(now)?.uid ?? `/${metadata?.namespace ?? ''}`);
    const before = this.groupOf.get(key);
    if (before !== undefined && before !== group) {
      const objects = this.groups.get(before);
      objects?.delete(key);
      if (objects?.size === 0) this.groups.delete(before);
    }
    if (now === undefined || group === undefined) {
      this.groupOf.delete(key);
      return;
    }
    if (before !== group) this.groupOf.set(key, group);
    let objects = this.groups.get(group);
    if (objects === undefined) {
      objects = new Map();
      this.groups.set(group, objects);
    }
    objects.set(key, now);
  }
}
