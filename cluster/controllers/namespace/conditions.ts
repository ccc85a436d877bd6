/** What a namespace that ends says about its content. Source: `pkg/controller/namespace/deletion/status_condition_utils.go`, v1.37.2. */
import type { KubeObject } from '../../../api/index.ts';
import type { ServedKind } from '../served-kinds.ts';

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime?: string;
}

export interface Namespace extends KubeObject {
  readonly spec?: { readonly finalizers?: readonly string[] };
  readonly status?: { readonly phase?: string; readonly conditions?: readonly Condition[] };
}

/** What is left of one resource. */
export interface Remaining {
  readonly kind: ServedKind;
  readonly count: number;
  readonly finalizers: ReadonlyMap<string, number>;
}

const WELL: ReadonlyArray<readonly [type: string, reason: string, message: string]> = [
  ['NamespaceDeletionDiscoveryFailure', 'ResourcesDiscovered', 'All resources successfully discovered'],
  ['NamespaceDeletionGroupVersionParsingFailure', 'ParsedGroupVersions', 'All legacy kube types successfully parsed'],
  [
    'NamespaceDeletionContentFailure',
    'ContentDeleted',
    'All content successfully deleted, may be waiting on finalization',
  ],
  ['NamespaceContentRemaining', 'ContentRemoved', 'All content successfully removed'],
  ['NamespaceFinalizersRemaining', 'ContentHasNoFinalizers', 'All content-preserving finalizers finished'],
];

const bad = (type: string, reason: string, message: string): Condition => ({ type, status: 'True', reason, message });

export function failures(messages: readonly string[]): Condition[] {
  if (messages.length === 0) return [];
  const listed = [...messages].sort().join(', ');
  const message = `Failed to delete all resource types, ${messages.length} remaining: ${listed}`;
  return [bad('NamespaceDeletionContentFailure', 'ContentDeletionFailed', message)];
}

export function remains(remaining: readonly Remaining[]): Condition[] {
  if (remaining.length === 0) return [];
  const resources = remaining.map(
    ({ kind, count }) => `${kind.resource}.${kind.group} has ${count} resource instances`,
  );
  const message = `Some resources are remaining: ${resources.sort().join(', ')}`;
  const conditions = [bad('NamespaceContentRemaining', 'SomeResourcesRemain', message)];
  const counts = new Map<string, number>();
  for (const { finalizers } of remaining) {
    for (const [name, count] of finalizers) counts.set(name, (counts.get(name) ?? 0) + count);
  }
  if (counts.size === 0) return conditions;
  const held = [...counts].map(([name, count]) => `${name} in ${count} resource instances`).sort();
  const why = `Some content in the namespace has finalizers remaining: ${held.join(', ')}`;
  return [...conditions, bad('NamespaceFinalizersRemaining', 'SomeFinalizersRemain', why)];
}

/** All that may be said, good where nothing is wrong; undefined when it has been said already. */
export function withConditions(namespace: Namespace, wrong: readonly Condition[], time: string): Namespace | undefined {
  const conditions = [...(namespace.status?.conditions ?? [])];
  let isChanged = false;
  for (const [type, reason, message] of WELL) {
    const next = wrong.find((condition) => condition.type === type) ?? { type, status: 'False', reason, message };
    const index = conditions.findIndex((condition) => condition.type === type);
    const old = conditions[index];
    if (old?.status === next.status && old.reason === next.reason && old.message === next.message) continue;
    isChanged = true;
    const lastTransitionTime = old?.status === next.status ? old.lastTransitionTime : time;
    const condition = { ...next, lastTransitionTime };
    if (old === undefined) conditions.push(condition);
    else conditions[index] = condition;
  }
  return isChanged ? { ...namespace, status: { ...namespace.status, conditions } } : undefined;
}
