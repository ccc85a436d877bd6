/**
 * Who controls what: dependents that match the selector and have no controller are adopted, those that no longer match are
 * released. Source: `pkg/controller/controller_ref_manager.go`, v1.37.2.
 */
import type { KubeObject, LabelMatcher } from '../../api/index.ts';
import type { ApiClient, Target } from '../apiserver/client.ts';
import { call, Refusal, type Steps } from './steps.ts';
import type { OwnerReference } from './types.ts';

export const keyOf = (object: KubeObject): string => `${object.metadata?.namespace ?? ''}/${object.metadata?.name}`;

export function splitKey(key: string): [namespace: string, name: string] {
  const slash = key.indexOf('/');
  return [key.slice(0, slash), key.slice(slash + 1)];
}

export const controllerOf = (object: KubeObject): OwnerReference | undefined =>
  object.metadata?.ownerReferences?.find(({ controller }) => controller === true);

export const isControlledBy = (object: KubeObject, owner: KubeObject): boolean =>
  controllerOf(object)?.uid === owner.metadata?.uid;

export const isTerminating = (object: KubeObject): boolean => object.metadata?.deletionTimestamp !== undefined;

export function controllerReference(owner: KubeObject): OwnerReference {
  const { name = '', uid = '' } = owner.metadata ?? {};
  const { apiVersion = '', kind = '' } = owner;
  return { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true };
}

export interface Claim<T extends KubeObject> {
  readonly client: ApiClient;
  readonly owner: KubeObject;
  /** The owner's own resource: it is asked for once more before anything is adopted. */
  readonly ownerTarget: Target;
  readonly target: Target;
  readonly selector: LabelMatcher;
  readonly candidates: Iterable<T>;
  /** Only these are of the owner, with labels that match. @default all */
  isMember?(object: T): boolean;
  /** Adopted together with the owner: no pod of a Job without its finalizer. */
  readonly finalizer?: string;
  /** Adopt only these. @default all */
  mayAdopt?(object: T): boolean;
}

/** The dependents that are the owner's, after adoption and release. */
export function* claim<T extends KubeObject>(options: Claim<T>): Steps<T[]> {
  const { owner, selector, candidates, isMember = () => true, mayAdopt = () => true } = options;
  const claimed: T[] = [];
  let isOwnerFresh = false;
  for (const object of candidates) {
    const controller = controllerOf(object);
    const matches = selector.matches(object.metadata?.labels ?? {}) && isMember(object);
    if (controller !== undefined) {
      if (controller.uid !== owner.metadata?.uid) continue;
      if (matches) claimed.push(object);
      else if (!isTerminating(owner)) yield* release(options, object);
      continue;
    }
    if (!matches || isTerminating(owner) || isTerminating(object) || !mayAdopt(object)) continue;
    if (!isOwnerFresh && !(yield* isStillThere(options))) return claimed;
    isOwnerFresh = true;
    const adopted = yield* adopt(options, object);
    if (adopted !== undefined) claimed.push(adopted);
  }
  return claimed;
}

/** What the informer knows of the owner may be old: nothing is adopted for one that is going. */
function* isStillThere<T extends KubeObject>({ client, owner, ownerTarget }: Claim<T>): Steps<boolean> {
  const { namespace, name, uid } = owner.metadata ?? {};
  const fresh = yield* call<KubeObject>((answer) => client.get({ ...ownerTarget, namespace, name }, answer));
  return fresh.metadata?.uid === uid && !isTerminating(fresh);
}

function* adopt<T extends KubeObject>({ client, owner, target, finalizer }: Claim<T>, object: T): Steps<T | undefined> {
  const { namespace, name, uid } = object.metadata ?? {};
  const finalizers = finalizer === undefined ? {} : { finalizers: [finalizer] };
  const patch = { metadata: { uid, ownerReferences: [controllerReference(owner)], ...finalizers } };
  try {
    const patched = yield* call<KubeObject>((answer) =>
      client.patch({ ...target, namespace, name }, 'strategic', patch, {}, answer),
    );
    return patched as T;
  } catch (error) {
    if (error instanceof Refusal && error.isNotFound) return undefined;
    throw error;
  }
}

function* release<T extends KubeObject>({ client, owner, target, finalizer }: Claim<T>, object: T): Steps {
  const { namespace, name, uid } = object.metadata ?? {};
  const finalizers = finalizer === undefined ? {} : { '$deleteFromPrimitiveList/finalizers': [finalizer] };
  const ownerReferences = [{ $patch: 'delete', uid: owner.metadata?.uid }];
  const patch = { metadata: { uid, ownerReferences, ...finalizers } };
  try {
    yield* call((answer) => client.patch({ ...target, namespace, name }, 'strategic', patch, {}, answer));
  } catch (error) {
    // Gone, or another one of that name: nothing to release.
    if (!(error instanceof Refusal && (error.isNotFound || error.status.reason === 'Invalid'))) throw error;
  }
}
