/**
 * Groups and who belongs to whom. A PodGroup can belong to a CompositePodGroup, that to another, and so on up to a root;
 * what is scheduled as one is everything under a root. Source: `pkg/scheduler/backend/queue/workload_forest.go`, v1.37.2.
 *
 * Cost: O(1) per object, O(depth) to find a root, O(n log n) to list the n groups below one.
 */
import type { CompositePodGroup, KubeObject, PodGroup } from '../../api/index.ts';
import { compositePodGroupKey, type GroupKey, podGroupKey } from '../plugin.ts';

export type GroupObject = PodGroup | CompositePodGroup;

const NO_KEYS: readonly GroupKey[] = [];

export const isGroupKind = (kind: string | undefined): boolean => kind === 'PodGroup' || kind === 'CompositePodGroup';

export const isPodGroupKey = (key: GroupKey): boolean => key.startsWith('podgroup/');

export function keyOfGroup({ kind, metadata }: KubeObject): GroupKey {
  const { namespace = 'default', name = '' } = metadata ?? {};
  return kind === 'PodGroup' ? podGroupKey(namespace, name) : compositePodGroupKey(namespace, name);
}

const nameOf = (key: GroupKey): string => key.slice(key.lastIndexOf('/') + 1);

function byName(a: GroupKey, b: GroupKey): number {
  const [nameA, nameB] = [nameOf(a), nameOf(b)];
  if (nameA !== nameB) return nameA < nameB ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A group created without a priority has that of pods without one. */
export const groupPriority = (group: GroupObject | undefined): number => group?.spec.priority ?? 0;

export class GroupForest {
  private readonly hasComposites: boolean;
  private readonly objects = new Map<GroupKey, GroupObject>();
  /** Parents may be missing: children are known to belong to them all the same. */
  private readonly childrenOf = new Map<GroupKey, Set<GroupKey>>();

  /** @param hasComposites Gate CompositePodGroup; without it every PodGroup is a root. */
  constructor(hasComposites: boolean) {
    this.hasComposites = hasComposites;
  }

  get(key: GroupKey): GroupObject | undefined {
    return this.objects.get(key);
  }

  /** Adds the group or replaces its object. */
  set(object: GroupObject): void {
    const key = keyOfGroup(object);
    this.objects.set(key, object);
    const parent = this.parentOf(object);
    if (parent === undefined) return;
    const siblings = this.childrenOf.get(parent);
    if (siblings === undefined) this.childrenOf.set(parent, new Set([key]));
    else siblings.add(key);
  }

  delete(object: GroupObject): void {
    const key = keyOfGroup(object);
    this.objects.delete(key);
    const parent = this.parentOf(object);
    if (parent === undefined) return;
    const siblings = this.childrenOf.get(parent);
    siblings?.delete(key);
    if (siblings?.size === 0) this.childrenOf.delete(parent);
  }

  /** By name; upstream walks a map. */
  children(key: GroupKey): readonly GroupKey[] {
    const children = this.childrenOf.get(key);
    return children === undefined ? NO_KEYS : [...children].sort(byName);
  }

  /** The top of the tree that the group is in; undefined while a group on the way there is missing. */
  root(key: GroupKey): GroupKey | undefined {
    if (!this.hasComposites) return this.objects.has(key) ? key : undefined;
    const visited = new Set<GroupKey>();
    for (let current = key; !visited.has(current); ) {
      visited.add(current);
      const object = this.objects.get(current);
      if (object === undefined) return undefined;
      const parent = this.parentOf(object);
      if (parent === undefined) return current;
      current = parent;
    }
    return undefined;
  }

  /** The PodGroups at the bottom of the tree. */
  leaves(root: GroupKey): GroupKey[] {
    if (isPodGroupKey(root)) return this.objects.has(root) ? [root] : [];
    const leaves: GroupKey[] = [];
    const visited = new Set<GroupKey>();
    const next = [root];
    for (let key = next.shift(); key !== undefined; key = next.shift()) {
      if (visited.has(key)) return leaves;
      visited.add(key);
      for (const child of this.children(key)) (isPodGroupKey(child) ? leaves : next).push(child);
    }
    return leaves;
  }

  private parentOf({ metadata, spec }: GroupObject): GroupKey | undefined {
    const name = this.hasComposites ? spec.parentCompositePodGroupName : undefined;
    return name === undefined ? undefined : compositePodGroupKey(metadata?.namespace ?? 'default', name);
  }
}
