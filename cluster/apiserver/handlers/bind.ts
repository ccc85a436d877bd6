/** The subresource `binding`: a pod gets its node. Source: `pkg/registry/core/pod/storage/storage.go` (`BindingREST`), v1.37.2. */
import {
  aggregate,
  type FieldError,
  type KubeObject,
  notSupportedValue,
  type Pod,
  type PodStatus,
  requiredValue,
} from '../../../api/index.ts';
import { specOnNode } from '../../../api/spec-on-node.ts';
import { isSubdomain, nameErrors } from '../../../api/validation/names.ts';
import { topologyLabels } from '../admission/topology-labels.ts';
import { keyOf } from '../cache/kind-cache.ts';
import type { WriteOptions } from '../client.ts';
import type { Core, Resolved, ServerAnswer } from '../core.ts';
import { ApiFailure, badRequest, conflict, notFound, success, unexplained, wrongUid } from '../failures.ts';
import { withCondition } from '../kinds/pods/conditions.ts';
import { schemaOf } from '../kinds/schema/schema.ts';
import { guaranteedUpdate } from '../storage-write.ts';
import { checkNamespace, readBody } from './body.ts';

export interface Binding extends KubeObject {
  readonly target?: { readonly kind?: string; readonly name?: string };
}

export const BINDING = { kind: 'Binding', apiVersion: 'v1', schema: schemaOf('v1', 'Binding')! };

const CREATED = 201;
const PODS_BINDING = { group: '', resource: 'pods/binding' };

/** Throws ApiFailure. */
export function bind(
  core: Core,
  resolved: Resolved,
  body: KubeObject,
  options: WriteOptions,
  answer: ServerAnswer<KubeObject>,
): void {
  const { resource, stored, namespace, name } = resolved;
  const binding = readBody(resolved.context, body, BINDING, options) as Binding;
  checkNamespace(binding, namespace);
  if ((binding.metadata?.name ?? '') !== name) {
    throw new ApiFailure(badRequest('name in URL does not match name in Binding object'));
  }
  const errors = targetProblems(binding);
  if (errors.length > 0) throw new ApiFailure(unexplained(aggregate(errors)));
  const key = keyOf(stored, namespace, name);
  const target = { key, cached: core.cacheOf(stored).get(namespace, name), dryRun: options.dryRun === true };
  const change = (current: KubeObject | undefined): KubeObject => {
    if (current === undefined) throw new ApiFailure(notFound(resource, name));
    const { uid, resourceVersion } = binding.metadata ?? {};
    const { metadata } = current;
    if (uid && uid !== metadata?.uid) throw new ApiFailure(wrongUid(resource, name, key, uid, metadata?.uid));
    if (resourceVersion && resourceVersion !== metadata?.resourceVersion) {
      const why = `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: ResourceVersion in precondition: ${resourceVersion}, ResourceVersion in object meta: ${metadata?.resourceVersion}`;
      throw new ApiFailure(conflict(resource, name, why));
    }
    return boundPod(current as Pod, binding, core.timestamp(), topologyLabels(core, binding.target?.name));
  };
  guaranteedUpdate(core.store, target, change, (error) => {
    if (error !== undefined) answer(error, undefined as never, error.code);
    else answer(undefined, success(CREATED) as KubeObject, CREATED);
  });
}

function targetProblems({ target }: Binding): FieldError[] {
  const { kind = '', name = '' } = target ?? {};
  const isNode = kind === '' || kind === 'Node';
  const errors = isNode ? [] : [notSupportedValue('target.kind', kind, ['Node', '<empty>'])];
  if (name === '') errors.push(requiredValue('target.name'));
  else if (isNode) errors.push(...nameErrors('target.name', name, isSubdomain));
  return errors;
}

/** Throws ApiFailure. */
function boundPod(pod: Pod, { target, metadata: extra }: Binding, time: string, topology: Texts | undefined): Pod {
  const { metadata, spec } = pod;
  const name = metadata?.name ?? '';
  const refuse = (why: string): never => {
    throw new ApiFailure(conflict(PODS_BINDING, name, `pod ${name} ${why}`));
  };
  if (metadata?.deletionTimestamp !== undefined) refuse('is being deleted, cannot be assigned to a host');
  if (spec?.nodeName) refuse(`is already assigned to node ${JSON.stringify(spec.nodeName)}`);
  if ((spec?.schedulingGates ?? []).length > 0) refuse('has non-empty .spec.schedulingGates');
  const annotations = merged(metadata?.annotations, extra?.annotations);
  const labels = merged(merged(metadata?.labels, extra?.labels), topology);
  return {
    ...pod,
    metadata: { ...metadata, annotations, labels },
    spec: specOnNode(spec!, target!.name!),
    status: boundStatus(pod.status ?? {}, time),
  };
}

/** The node is known, and no other one is in view any longer. */
function boundStatus(status: PodStatus, lastTransitionTime: string): PodStatus {
  const conditions = withCondition(status.conditions, { type: 'PodScheduled', status: 'True', lastTransitionTime });
  if (status.nominatedNodeName === undefined) {
    // A field that is new goes first, as in `specOnNode`.
    return status.conditions === undefined ? { conditions, ...status } : { ...status, conditions };
  }
  const { nominatedNodeName: _, ...rest } = status;
  return { ...rest, conditions };
}

type Texts = Record<string, string>;

const merged = (own: Texts | undefined, extra: Texts | undefined): Texts | undefined =>
  extra === undefined ? own : { ...own, ...extra };
