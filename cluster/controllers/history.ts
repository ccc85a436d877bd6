/**
 * Pod templates as ControllerRevisions, for StatefulSets and DaemonSets. Source:
 * `pkg/controller/history/controller_history.go`, v1.37.2.
 */
import type { KubeObject } from '../../api/index.ts';
import type { ApiClient } from '../apiserver/client.ts';
import { canonical } from './hash.ts';
import { controllerReference } from './owners.ts';
import { call, Refusal, type Steps } from './steps.ts';
import { type PodTemplate, REVISIONS } from './types.ts';

export interface Revision extends KubeObject {
  readonly data?: { readonly spec?: { readonly template?: PodTemplate } };
  readonly revision: number;
}

/** What is kept of an object: the template, as a strategic patch that puts it back. */
export const dataOf = (template: PodTemplate): object => ({ spec: { template: { ...template, $patch: 'replace' } } });

export function templateOf({ data }: Revision): PodTemplate {
  const { $patch: _, ...template } = (data?.spec?.template ?? {}) as PodTemplate & { $patch?: string };
  return template;
}

export const hasData = (revision: Revision, data: object): boolean => canonical(revision.data) === canonical(data);

export const nameOf = ({ metadata }: KubeObject): string => metadata?.name ?? '';

/** By number; of equal numbers the older first. */
export function inOrder(revisions: Iterable<Revision>): Revision[] {
  return [...revisions].sort((a, b) => a.revision - b.revision || (ageKey(a) < ageKey(b) ? -1 : 1));
}

const ageKey = ({ metadata }: KubeObject): string => `${metadata?.creationTimestamp} ${metadata?.name}`;

export interface NewRevision {
  readonly owner: KubeObject;
  readonly template: PodTemplate;
  readonly hash: string;
  /** The label that carries the hash. */
  readonly label: string;
  readonly revision: number;
}

const PREFIX_MAX = 223;

export function newRevision({ owner, template, hash, label, revision }: NewRevision): Revision {
  const { name = '', namespace, annotations } = owner.metadata ?? {};
  return {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name: `${name.slice(0, PREFIX_MAX)}-${hash}`,
      namespace,
      labels: { ...template.metadata?.labels, [label]: hash },
      ...(annotations === undefined ? {} : { annotations: { ...annotations } }),
      ownerReferences: [controllerReference(owner)],
    },
    data: dataOf(template),
    revision,
  } as Revision;
}

/** Undefined when there is one of that name. */
export function* create(client: ApiClient, revision: Revision): Steps<Revision | undefined> {
  const target = { ...REVISIONS, namespace: revision.metadata?.namespace };
  try {
    return (yield* call<KubeObject>((answer) => client.create(target, revision, {}, answer))) as Revision;
  } catch (error) {
    if (error instanceof Refusal && error.status.reason === 'AlreadyExists') return undefined;
    throw error;
  }
}

const targetOf = ({ metadata }: KubeObject) => ({ ...REVISIONS, namespace: metadata?.namespace, name: metadata?.name });

export function* get(client: ApiClient, revision: Revision): Steps<Revision> {
  return (yield* call<KubeObject>((answer) => client.get(targetOf(revision), answer))) as Revision;
}

export function* renumber(client: ApiClient, before: Revision, revision: number): Steps<Revision> {
  if (before.revision === revision) return before;
  return yield* change(client, before, { revision });
}

export function* change(client: ApiClient, before: Revision, patch: object): Steps<Revision> {
  const target = targetOf(before);
  return (yield* call<KubeObject>((answer) => client.patch(target, 'merge', patch, {}, answer))) as Revision;
}

export function* remove(client: ApiClient, revision: Revision): Steps {
  yield* call<unknown>((answer) => client.delete(targetOf(revision), {}, answer));
}
