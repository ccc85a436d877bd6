/**
 * The watchers of one kind, filed by the narrowest thing that they ask for, so that a change costs as many looks as there
 * are watchers that it may concern: those of its name, of its value of the indexed field (a kubelet's `spec.nodeName`), of
 * its namespace, and those of everything.
 */
import type { KubeObject } from '../../../api/index.ts';
import type { CacheEvent } from './cache-event.ts';

export interface CacheWatcher {
  readonly file: WatchFile;
  take(event: CacheEvent): void;
}

export type WatchFile =
  | { readonly by: 'all' }
  | { readonly by: 'namespace'; readonly namespace: string }
  | { readonly by: 'field'; readonly value: string }
  | { readonly by: 'name'; readonly namespace: string; readonly name: string };

type Fold = Map<string, Set<CacheWatcher>>;

export class Watchers {
  private readonly all = new Set<CacheWatcher>();
  private readonly byNamespace: Fold = new Map();
  private readonly byField: Fold = new Map();
  private readonly byName: Fold = new Map();
  private readonly fieldOf: ((object: KubeObject) => string) | undefined;

  constructor(fieldOf: ((object: KubeObject) => string) | undefined) {
    this.fieldOf = fieldOf;
  }

  add(watcher: CacheWatcher): void {
    const { file } = watcher;
    if (file.by === 'all') this.all.add(watcher);
    else {
      const [fold, key] = this.placeOf(file);
      const there = fold.get(key);
      if (there === undefined) fold.set(key, new Set([watcher]));
      else there.add(watcher);
    }
  }

  remove(watcher: CacheWatcher): void {
    const { file } = watcher;
    if (file.by === 'all') this.all.delete(watcher);
    else {
      const [fold, key] = this.placeOf(file);
      const there = fold.get(key);
      there?.delete(watcher);
      if (there?.size === 0) fold.delete(key);
    }
  }

  /** A copy: a watcher may go while it is told. */
  *everyone(): Generator<CacheWatcher> {
    yield* [...this.all];
    for (const fold of [this.byNamespace, this.byField, this.byName]) {
      for (const there of [...fold.values()]) yield* [...there];
    }
  }

  tell(event: CacheEvent): void {
    for (const watcher of this.all) watcher.take(event);
    if (this.byNamespace.size > 0) tellAll(this.byNamespace.get(event.namespace), event);
    if (this.byName.size > 0) {
      tellAll(this.byName.get(nameKey(event.namespace, event.object.metadata?.name ?? '')), event);
    }
    if (this.byField.size > 0 && this.fieldOf !== undefined) this.tellByField(event, this.fieldOf);
  }

  private tellByField(event: CacheEvent, fieldOf: (object: KubeObject) => string): void {
    const value = fieldOf(event.object);
    tellAll(this.byField.get(value), event);
    const before = event.previous === undefined ? value : fieldOf(event.previous);
    if (before !== value) tellAll(this.byField.get(before), event);
  }

  private placeOf(file: Exclude<WatchFile, { by: 'all' }>): [Fold, string] {
    switch (file.by) {
      case 'namespace':
        return [this.byNamespace, file.namespace];
      case 'field':
        return [this.byField, file.value];
      case 'name':
        return [this.byName, nameKey(file.namespace, file.name)];
    }
  }
}

const nameKey = (namespace: string, name: string): string => `${namespace}/${name}`;

function tellAll(watchers: ReadonlySet<CacheWatcher> | undefined, event: CacheEvent): void {
  if (watchers === undefined) return;
  for (const watcher of watchers) watcher.take(event);
}
