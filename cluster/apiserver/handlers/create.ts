/** POST. Source: `apiserver/pkg/registry/rest/create.go` and `generic/registry/store.go` (`Create`), v0.37.2. */
import type { KubeObject } from '../../../api/index.ts';
import { admitCreate } from '../admission/admit.ts';
import { reserveQuota } from '../admission/quota.ts';
import { inVersion } from '../cache/cache-event.ts';
import { keyOf } from '../cache/kind-cache.ts';
import type { Target, WriteOptions } from '../client.ts';
import type { Core, Resolved, ServerAnswer } from '../core.ts';
import { ApiFailure, alreadyExists, invalid, methodNotAllowed, noFreeName, unexplained } from '../failures.ts';
import type { Resource } from '../kinds/resource.ts';
import type { RequestContext } from '../request-context.ts';
import { placing, settling } from '../services/placing.ts';
import type { Status } from '../status.ts';
import { createObject } from '../storage-write.ts';
import { bind } from './bind.ts';
import { checkNamespace, readBody } from './body.ts';
import { generatedName, withNewMetadata } from './new-metadata.ts';
import { guarded, resolve } from './resolve.ts';
import { createSubresource } from './subresources.ts';

const CREATED = 201;
const NAMES_TRIED = 8;

export function create(
  core: Core,
  context: RequestContext,
  target: Target,
  body: KubeObject,
  options: WriteOptions,
  answer: ServerAnswer<KubeObject>,
): void {
  guarded(answer, () => {
    const resolved = resolve(core, context, target, 'create', body);
    if (resolved.subresource !== '') {
      createSubresource(core, resolved, body, options, answer);
      return;
    }
    if (resolved.resource.kind === 'Binding') {
      bind(core, onPod(core, resolved, body), body, options, answer);
      return;
    }
    if (resolved.resource.stored === undefined) {
      review(core, resolved, target, body, options, answer);
      return;
    }
    const given = readBody(context, body, resolved.resource, options);
    createGiven(core, resolved, given, options, answer);
  });
}

/** Creates an object whose body has been read. Throws ApiFailure. */
export function createGiven(
  core: Core,
  resolved: Resolved,
  given: KubeObject,
  options: WriteOptions,
  answer: ServerAnswer<KubeObject>,
): void {
  const { resource, stored, namespace } = resolved;
  checkNamespace(given, namespace);
  const object = newObject(core, resolved, given, options);
  const done = settling(core, stored, object, answer);
  const isDryRun = options.dryRun === true;
  if (isDryRun) {
    done(undefined, inVersion(resource, object), CREATED);
    return;
  }
  reserveQuota(core, resolved, object, (refused) => {
    if (refused !== undefined) done(refused, object, refused.code);
    else withLease(core, stored.strategy.ttlS, done, (lease) => put(core, resolved, object, lease, NAMES_TRIED, done));
  });
}

/** The object that is to be stored. Throws ApiFailure. */
export function newObject(core: Core, resolved: Resolved, given: KubeObject, options: WriteOptions): KubeObject {
  const { resource, stored, namespace } = resolved;
  const { strategy } = stored;
  const inStored = resource.conversion === undefined ? given : resource.conversion.toStored(given);
  const defaulted = strategy.defaults(inStored);
  const isNamed = Boolean(defaulted.metadata?.name || defaulted.metadata?.generateName);
  const named = withNewMetadata(core, defaulted, namespace, strategy.hasGeneration);
  const admitted = admitCreate(core, resolved, named, options);
  return placing(core, stored, admitted, undefined, (placed) => {
    const prepared = strategy.prepareForCreate(placed);
    const errors = strategy.validate(prepared);
    if (errors.length > 0) throw new ApiFailure(invalid(kindOf(resource), isNamed ? nameOf(prepared) : '', errors));
    if (given.metadata?.resourceVersion) {
      throw new ApiFailure(unexplained('resourceVersion should not be set on objects to be created'));
    }
    return prepared;
  });
}

function put(
  core: Core,
  resolved: Resolved,
  object: KubeObject,
  lease: number | undefined,
  triesLeft: number,
  answer: ServerAnswer<KubeObject>,
): void {
  const { resource, stored, namespace } = resolved;
  const name = nameOf(object);
  createObject(core.store, { key: keyOf(stored, namespace, name), lease }, object, (error, created) => {
    if (error === undefined) {
      answer(undefined, inVersion(resource, created), CREATED);
      return;
    }
    const prefix = object.metadata?.generateName;
    const refuse = (status: Status): void => answer(status, object, status.code);
    if (error !== 'taken') refuse(error);
    else if (prefix === undefined || !name.startsWith(prefix)) refuse(alreadyExists(resource, name));
    else if (triesLeft <= 1) refuse(noFreeName(resource, name));
    else {
      const renamed = { ...object, metadata: { ...object.metadata, name: generatedName(core, prefix) } };
      put(core, resolved, renamed, lease, triesLeft - 1, answer);
    }
  });
}

export function withLease(
  core: Core,
  ttlS: number | undefined,
  answer: ServerAnswer<KubeObject>,
  use: (lease: number | undefined) => void,
): void {
  if (ttlS === undefined) {
    use(undefined);
    return;
  }
  core.leases.leaseFor(ttlS, (error, lease) => {
    if (error !== undefined) answer(error, undefined as never, error.code);
    else use(lease);
  });
}

/** A binding may also be posted as an object of its own, which names its pod. */
function onPod(core: Core, resolved: Resolved, { metadata }: KubeObject): Resolved {
  const stored = core.registry.storedKind('Pod');
  const resource = core.registry.find({ group: '', version: 'v1', resource: 'pods' })!;
  return { ...resolved, resource, stored, name: metadata?.name ?? '', subresource: 'binding' };
}

/** Kinds that are only answered. */
function review(
  core: Core,
  { context, resource }: Resolved,
  target: Target,
  body: KubeObject,
  options: WriteOptions,
  answer: ServerAnswer<KubeObject>,
): void {
  const object = readBody(context, body, resource, options);
  const evaluate = core.reviews[resource.resource];
  if (evaluate === undefined) throw new ApiFailure(methodNotAllowed());
  evaluate({ context, target, object }, answer);
}

export const kindOf = ({ group, kind }: Resource): { group: string; resource: string } => ({ group, resource: kind });

export const nameOf = ({ metadata }: KubeObject): string => metadata?.name ?? '';
