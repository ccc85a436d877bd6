/** Objects live in namespaces. Source: `apiserver/pkg/admission/plugin/namespace/lifecycle/admission.go`, v0.37.2. */
import type { KubeObject, Namespace } from '../../../api/index.ts';
import { keyOf } from '../cache/kind-cache.ts';
import type { Core, Resolved } from '../core.ts';
import { ApiFailure, forbidden, notFound } from '../failures.ts';
import { createObject } from '../storage-write.ts';

const NAMESPACES = { group: '', resource: 'namespaces' };
const IMMORTAL = new Set(['default', 'kube-system', 'kube-public']);

/** Throws ApiFailure when nothing can be made in the namespace. */
export function checkNamespaceAlive(core: Core, { resource, namespace }: Resolved, { metadata }: KubeObject): void {
  if (!resource.namespaced) return;
  const found = core.cached('Namespace', '', namespace) as Namespace | undefined;
  if (found === undefined) {
    if (core.admission.namespaceAutoProvision) provision(core, namespace);
    else throw new ApiFailure(notFound(NAMESPACES, namespace));
    return;
  }
  if (found.status?.phase !== 'Terminating') return;
  const cause = {
    reason: 'NamespaceTerminating',
    message: `namespace ${namespace} is being terminated`,
    field: 'metadata.namespace',
  };
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
  throw new ApiFailure(forbidden(resource, metadata?.name ?? '', why, [cause]));
}

/** Throws ApiFailure when the namespace is one that a cluster cannot be without. */
export function checkNamespaceMayGo({ stored, resource, name, subresource }: Resolved): void {
  if (stored.kind !== 'Namespace' || subresource !== '' || !IMMORTAL.has(name)) return;
  throw new ApiFailure(forbidden(resource, name, 'this namespace may not be deleted'));
}

/** A namespace as the server itself makes them. */
export function newNamespace(core: Core, name: string): KubeObject {
  const object = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name,
      uid: core.ids.uid(),
      creationTimestamp: core.timestamp(),
      labels: { 'kubernetes.io/metadata.name': name },
    },
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Active' },
  };
  return object as unknown as KubeObject;
}

function provision(core: Core, name: string): void {
  const key = keyOf(core.registry.storedKind('Namespace'), '', name);
  // Whoever else makes it at the same time makes the same.
  createObject(core.store, { key }, newNamespace(core, name), () => {});
}
