/** What a write on a subresource may change. */
import type { KubeObject } from '../../../api/index.ts';
import type { WriteOptions } from '../client.ts';
import type { Core, Resolved, ServerAnswer } from '../core.ts';
import { ApiFailure, methodNotAllowed } from '../failures.ts';
import { schemaOf } from '../kinds/schema/schema.ts';
import { bind } from './bind.ts';
import { readBody } from './body.ts';
import { evict } from './evict.ts';
import type { ServerMeta } from './new-metadata.ts';

/** The object with what this subresource may change, before its rules are checked. */
export function updateSubresource(
  { stored, subresource }: Resolved,
  object: KubeObject,
  current: KubeObject,
): KubeObject {
  const { strategy } = stored;
  switch (subresource) {
    case '':
      return strategy.prepareForUpdate(object, current);
    case 'status':
      return withManagersOf(object, strategy.prepareForStatusUpdate(object, current));
    case 'finalize':
      return finalized(object, current);
    default:
      throw new ApiFailure(methodNotAllowed());
  }
}

/** Of the metadata a status has nothing but who manages it. */
function withManagersOf({ metadata }: KubeObject, prepared: KubeObject): KubeObject {
  const { managedFields } = metadata as ServerMeta;
  if ((prepared.metadata as ServerMeta).managedFields === managedFields) return prepared;
  return { ...prepared, metadata: { ...prepared.metadata, managedFields } } as KubeObject;
}

/** POST on a subresource. Throws ApiFailure. */
export function createSubresource(
  core: Core,
  resolved: Resolved,
  body: KubeObject,
  options: WriteOptions,
  answer: ServerAnswer<KubeObject>,
): void {
  const { context, resource, namespace, name, subresource } = resolved;
  if (subresource === 'binding') {
    bind(core, resolved, body, options, answer);
    return;
  }
  if (subresource === 'eviction') {
    evict(core, resolved, body, options, answer);
    return;
  }
  const evaluate = core.reviews[`${resource.resource}/${subresource}`];
  if (evaluate === undefined) throw new ApiFailure(methodNotAllowed());
  const {
    kind,
    group = resource.group,
    version = resource.version,
  } = resource.subresources.find((each) => each.name === subresource)!;
  const apiVersion = group === '' ? version : `${group}/${version}`;
  const object = readBody(context, body, { kind, apiVersion, schema: schemaOf(apiVersion, kind)! }, options);
  const target = {
    group: resource.group,
    version: resource.version,
    resource: resource.resource,
    namespace,
    name,
    subresource,
  };
  evaluate({ context, target, object }, answer);
}

interface WithFinalizers extends KubeObject {
  readonly spec?: { readonly finalizers?: readonly string[] };
}

/** Of a namespace: whoever cleared it takes its finalizer from the list. */
function finalized(object: KubeObject, current: KubeObject): KubeObject {
  const { spec } = current as WithFinalizers;
  const { finalizers } = (object as WithFinalizers).spec ?? {};
  return { ...current, metadata: object.metadata, spec: { ...spec, finalizers } } as KubeObject;
}
