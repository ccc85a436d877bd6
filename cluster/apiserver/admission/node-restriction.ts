/** Kubelets change their own node, the pods on it, and no others. Source: `plugin/pkg/admission/noderestriction/admission.go`, v1.37.2. */
import type { KubeObject, Node, Pod } from '../../../api/index.ts';
import { isSame } from '../../../api/validation/same.ts';
import type { Core, Resolved } from '../core.ts';
import { ApiFailure, forbidden } from '../failures.ts';

const NODES_GROUP = 'system:nodes';
const NODE_PREFIX = 'system:node:';
const MIRROR = 'kubernetes.io/config.mirror';
const RESERVED_LABELS = 'node-restriction.kubernetes.io/';
const LEASE_NAMESPACE = 'kube-node-lease';

type Operation = 'create' | 'update' | 'delete';

/** Throws ApiFailure. */
export function checkNodeRestriction(
  _core: Core,
  resolved: Resolved,
  operation: Operation,
  object: KubeObject | undefined,
  current: KubeObject | undefined,
): void {
  const { user } = resolved.context;
  if (user.groups?.includes(NODES_GROUP) !== true || !user.username.startsWith(NODE_PREFIX)) return;
  const node = user.username.slice(NODE_PREFIX.length);
  const why = refusalOf(resolved, node, operation, object, current);
  if (why === undefined) return;
  const name = resolved.name || (object?.metadata?.name ?? '');
  throw new ApiFailure(forbidden(resolved.resource, name, why));
}

function refusalOf(
  { stored, namespace, name, subresource }: Resolved,
  node: string,
  operation: Operation,
  object: KubeObject | undefined,
  current: KubeObject | undefined,
): string | undefined {
  const called = name || (object?.metadata?.name ?? '');
  switch (stored.kind) {
    case 'Pod':
      return podRefusal(node, operation, subresource, object as Pod | undefined, current as Pod | undefined);
    case 'Node':
      if (called !== node) return `node "${node}" is not allowed to modify node "${called}"`;
      return operation === 'update' ? nodeRefusal(node, object as Node, current as Node) : undefined;
    case 'Lease':
      if (namespace !== LEASE_NAMESPACE) return `can only access leases in the "${LEASE_NAMESPACE}" system namespace`;
      return called === node ? undefined : 'can only access node lease with the same name as the requesting node';
    case 'CSINode':
      return called === node ? undefined : 'can only access CSINode with the same name as the requesting node';
    default:
      return undefined;
  }
}

function podRefusal(
  node: string,
  operation: Operation,
  subresource: string,
  pod: Pod | undefined,
  current: Pod | undefined,
): string | undefined {
  if (operation === 'create') {
    if (pod?.metadata?.annotations?.[MIRROR] === undefined) {
      return `pod does not have "${MIRROR}" annotation, node "${node}" can only create mirror pods`;
    }
    return pod.spec?.nodeName === node
      ? undefined
      : `node "${node}" can only create pods with spec.nodeName set to itself`;
  }
  const isOwn = current?.spec?.nodeName === node;
  if (operation === 'delete') {
    return isOwn ? undefined : `node "${node}" can only delete pods with spec.nodeName set to itself`;
  }
  if (subresource !== 'status')
    return `unexpected operation "UPDATE", node "${node}" can only create and delete mirror pods`;
  if (!isOwn) return `node "${node}" can only update pod status for pods with spec.nodeName set to itself`;
  return isSame(pod?.metadata?.labels, current?.metadata?.labels)
    ? undefined
    : `node "${node}" cannot update labels through pod status`;
}

function nodeRefusal(node: string, next: Node, current: Node): string | undefined {
  if (!isSame(next.spec?.taints, current.spec?.taints)) return `node "${node}" is not allowed to modify taints`;
  const labels = { ...current.metadata?.labels, ...next.metadata?.labels };
  const changed = Object.keys(labels).filter(
    (key) => key.startsWith(RESERVED_LABELS) && next.metadata?.labels?.[key] !== current.metadata?.labels?.[key],
  );
  if (changed.length === 0) return undefined;
  return `is not allowed to modify labels: ${changed.sort().join(', ')}`;
}
