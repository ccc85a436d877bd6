/** From a target to what is served there, or why it is not. */
import type { KubeObject } from '../../../api/index.ts';
import type { Target } from '../client.ts';
import type { Core, Resolved, ServerAnswer } from '../core.ts';
import { ApiFailure, forbidden, methodNotAllowed, noSuchResource, qualifiedText } from '../failures.ts';
import type { Resource, Verb } from '../kinds/resource.ts';
import type { RequestContext } from '../request-context.ts';
import { failureOf } from '../storage-write.ts';

/** Throws ApiFailure. A namespaced object without a namespace in the target is in that of the object. */
export function resolve(
  core: Core,
  context: RequestContext,
  target: Target,
  verb: Verb,
  object?: KubeObject,
): Resolved {
  const resource = resourceOf(core, target, verb);
  // What comes as JSON has its namespace in its path.
  const own = context.decode ? undefined : object?.metadata?.namespace;
  const namespace = resource.namespaced ? (target.namespace ?? own ?? '') : '';
  const { name = '', subresource = '' } = target;
  const needsNamespace = verb !== 'list' && verb !== 'watch' && verb !== 'deletecollection';
  if (resource.namespaced && namespace === '' && needsNamespace) throw new ApiFailure(methodNotAllowed());
  const resolved = { context, resource, stored: resource.stored!, namespace, name, subresource };
  authorize(core, resolved, verb);
  return resolved;
}

function resourceOf(core: Core, target: Target, verb: Verb): Resource {
  const resource = core.registry.find(target);
  if (resource === undefined) throw new ApiFailure(noSuchResource());
  const { subresource = '' } = target;
  if (subresource === '') {
    if (!resource.verbs.includes(verb)) throw new ApiFailure(methodNotAllowed());
    return resource;
  }
  const known = resource.subresources.find(({ name }) => name === subresource);
  if (known === undefined) throw new ApiFailure(noSuchResource());
  if (!known.verbs.includes(verb)) throw new ApiFailure(methodNotAllowed());
  return resource;
}

/** Throws ApiFailure: 403. Source: `apiserver/pkg/endpoints/handlers/responsewriters/errors.go`, v0.37.2. */
function authorize(core: Core, { context, resource, namespace, name, subresource }: Resolved, verb: string): void {
  if (core.authorize === undefined) return;
  const { group, version } = resource;
  const attributes = { verb, group, version, resource: resource.resource, subresource, namespace, name };
  const why = core.authorize(context.user, attributes);
  if (why === undefined) return;
  const what = subresource === '' ? resource.resource : `${resource.resource}/${subresource}`;
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  const text = `User "${context.user.username}" cannot ${verb} resource "${what}" in API group "${group}" ${where}`;
  throw new ApiFailure(forbidden(resource, name, why === '' ? text : `${text}: ${why}`));
}

/** Answers what is thrown. */
export function guarded<T>(answer: ServerAnswer<T>, handle: () => void): void {
  try {
    handle();
  } catch (error) {
    const status = failureOf(error);
    answer(status, undefined as T, status.code);
  }
}

export const resourceText = (resource: Resource): string => qualifiedText(resource);
