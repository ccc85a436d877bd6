/** PUT and PATCH. Source: `apiserver/pkg/registry/rest/update.go` and `generic/registry/store.go` (`Update`), v0.37.2. */
import { invalidValue, type KubeObject, requiredValue } from '../../../api/index.ts';
import { isSame } from '../../../api/validation/same.ts';
import { admitUpdate } from '../admission/admit.ts';
import { mayGrow, reserveQuota } from '../admission/quota.ts';
import { inVersion } from '../cache/cache-event.ts';
import { keyOf } from '../cache/kind-cache.ts';
import type { PatchType, Target, WriteOptions } from '../client.ts';
import type { Core, Resolved, ServerAnswer } from '../core.ts';
import { ApiFailure, badRequest, invalid, invalidOptions, modifiedMeanwhile, notFound, wrongUid } from '../failures.ts';
import { asWritten } from '../kinds/schema/as-written.ts';
import { schemaOf } from '../kinds/schema/schema.ts';
import type { RequestContext } from '../request-context.ts';
import { placing, settle } from '../services/placing.ts';
import type { Status } from '../status.ts';
import { DELETE, guaranteedUpdate, type WriteTarget } from '../storage-write.ts';
import { managedAfterUpdate } from '../wire/patch/index.ts';
import { checkName, checkNamespace, readBody } from './body.ts';
import { kindOf, newObject, withLease } from './create.ts';
import { type ServerMeta, withKnownManagers } from './new-metadata.ts';
import { guarded, resolve } from './resolve.ts';
import { patchScale, updateScale } from './scale.ts';
import { updateSubresource } from './subresources.ts';

const OK = 200;
const CREATED = 201;

export function update(
  core: Core,
  context: RequestContext,
  target: Target,
  body: KubeObject,
  options: WriteOptions,
  answer: ServerAnswer<KubeObject>,
): void {
  guarded(answer, () => {
    const resolved = resolve(core, context, target, 'update', body);
    if (resolved.subresource === 'scale') {
      updateScale(core, resolved, body, options, answer);
      return;
    }
    const given = readBody(context, body, resolved.resource, options);
    checkName(given, resolved.name, resolved.namespace);
    checkNamespace(given, resolved.namespace);
    write(core, resolved, options, () => given, answer);
  });
}

export function patch(
  core: Core,
  context: RequestContext,
  target: Target,
  type: PatchType,
  change: unknown,
  options: WriteOptions,
  answer: ServerAnswer<KubeObject>,
): void {
  guarded(answer, () => {
    const resolved = resolve(core, context, target, 'patch');
    if (resolved.subresource === 'scale') {
      patchScale(core, resolved, type, change, options, answer);
      return;
    }
    const { resource, name, namespace } = resolved;
    const { fieldManager = '', force = false } = options;
    if (type === 'apply' && fieldManager === '') {
      const missing = requiredValue('fieldManager', 'is required for apply patch');
      throw new ApiFailure(invalidOptions('PatchOptions', [missing]));
    }
    const patched = (current: KubeObject | undefined): KubeObject => {
      const time = core.timestamp();
      const { schema, apiVersion } = resource;
      const of = { schema, apiVersion, current, subresource: resolved.subresource, hasStatus: hasStatus(resolved) };
      const object = core.patcher({ ...of, type, patch: change, fieldManager, force, time });
      const read = readBody({ ...context, decode: true }, object, resource, options);
      if (type === 'apply' && current === undefined && !read.metadata?.name) return withName(read, name);
      checkName(read, name, namespace);
      return read;
    };
    write(core, resolved, options, patched, answer, { isApply: type === 'apply' });
  });
}

const withName = (object: KubeObject, name: string): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, name },
});

const hasStatus = ({ resource }: Resolved): boolean => resource.subresources.some(({ name }) => name === 'status');

export interface WriteWay {
  /** A server-side apply says itself who manages what, and creates what is not there. @default false */
  readonly isApply?: boolean;
  /** The subresource that managed fields name. @default that of the request */
  readonly through?: string;
}

/** Changes one object, or makes it where that may be. `next` is given the current state in the request's version. */
export function write(
  core: Core,
  resolved: Resolved,
  options: WriteOptions,
  next: (current: KubeObject | undefined) => KubeObject,
  answer: ServerAnswer<KubeObject>,
  { isApply = false, through = resolved.subresource }: WriteWay = {},
): void {
  const { resource, stored, namespace, name, subresource } = resolved;
  const { strategy } = stored;
  const createsHere = subresource === '' && (isApply || strategy.createsOnUpdate);
  let emptied: KubeObject | undefined;
  let tried: KubeObject | undefined;
  const change = (current: KubeObject | undefined): KubeObject | typeof DELETE => {
    emptied = undefined;
    if (tried !== undefined) settle(core, stored, tried);
    tried = undefined;
    if (current === undefined) {
      if (!createsHere) throw new ApiFailure(notFound(resource, name));
      tried = newObject(core, resolved, withoutVersion(next(undefined)), options);
      return tried;
    }
    const body = next(inVersion(resource, current));
    checkVersion(resolved, body, current);
    const given = isApply ? body : withManagers(core, resolved, body, current, options, through);
    const updated = updatedObject(core, resolved, given, current, options);
    if (subresource !== 'status') tried = updated;
    if (!isDeletedBy(updated, current)) return isAlike(updated, current, wholeOf) ? current : updated;
    emptied = updated;
    return DELETE;
  };
  const commit = (): void =>
    withLease(core, strategy.ttlS, answer, (lease) => {
      const target: WriteTarget = {
        key: keyOf(stored, namespace, name),
        cached: core.cacheOf(stored).get(namespace, name),
        dryRun: options.dryRun === true,
        lease,
      };
      guaranteedUpdate(core.store, target, change, (error, written, isCreated) => {
        // Who empties the finalizers gets the object as it was then.
        const object = emptied ?? written;
        if (tried !== undefined) settle(core, stored, tried, error === undefined ? written : undefined);
        if (error !== undefined) answer(error, object, error.code);
        else answer(undefined, inVersion(resource, object), isCreated ? CREATED : OK);
      });
    });
  const cached =
    options.dryRun !== true && mayGrow(core, resolved) ? core.cacheOf(stored).get(namespace, name) : undefined;
  const grown = cached && wanted(resolved, next, cached);
  if (cached === undefined || grown === undefined) commit();
  else {
    const reserved = (refused: Status | undefined): void =>
      refused === undefined ? commit() : answer(refused, grown, refused.code);
    reserveQuota(core, resolved, grown, reserved, cached);
  }
}

/** Once somebody has applied an object, every write is written down. */
function withManagers(
  core: Core,
  resolved: Resolved,
  given: KubeObject,
  current: KubeObject,
  { fieldManager }: WriteOptions,
  subresource: string,
): KubeObject {
  const { resource, stored, context } = resolved;
  if (!(current.metadata as ServerMeta).managedFields?.length) return withKnownManagers(given);
  const { strategy } = stored;
  const defaults = subresource === 'status' ? strategy.statusDefaults : strategy.defaults;
  const defaulted = resource.conversion === undefined ? defaults(given) : given;
  const { schema, apiVersion } = resource;
  const writer = { manager: fieldManager || context.user.username, apiVersion, subresource, time: core.timestamp() };
  const before = inVersion(resource, current);
  const managedFields = managedAfterUpdate(schema, before, defaulted, writer, hasStatus(resolved)) ?? [];
  return { ...given, metadata: { ...given.metadata, managedFields } } as KubeObject;
}

/** What the client asks for; undefined where that is wrong, which the write itself tells. */
function wanted(
  { resource, stored }: Resolved,
  next: (current: KubeObject) => KubeObject,
  cached: KubeObject,
): KubeObject | undefined {
  try {
    return stored.strategy.defaults(next(inVersion(resource, cached)));
  } catch (error) {
    if (error instanceof ApiFailure) return undefined;
    throw error;
  }
}

function withoutVersion(object: KubeObject): KubeObject {
  if (object.metadata?.resourceVersion === undefined) return object;
  return { ...object, metadata: { ...object.metadata, resourceVersion: undefined } };
}

/** Optimistic concurrency. Throws ApiFailure. */
function checkVersion({ resource, stored, namespace, name }: Resolved, given: KubeObject, current: KubeObject): void {
  const { resourceVersion = '', uid } = given.metadata ?? {};
  if (uid && uid !== current.metadata?.uid) {
    throw new ApiFailure(wrongUid(resource, name, keyOf(stored, namespace, name), uid, current.metadata?.uid));
  }
  if (resourceVersion === '' || resourceVersion === '0') {
    if (stored.strategy.updatesUnconditionally) return;
    const detail = invalidValue('metadata.resourceVersion', 0, 'must be specified for an update');
    throw new ApiFailure(invalid(resource, name, [detail]));
  }
  if (!/^\d+$/.test(resourceVersion)) {
    const text = `strconv.ParseUint: parsing ${JSON.stringify(resourceVersion)}: invalid syntax`;
    throw new ApiFailure(
      badRequest(
        `invalid resource version: resourceVersion: Invalid value: ${JSON.stringify(resourceVersion)}: ${text}`,
      ),
    );
  }
  if (resourceVersion !== current.metadata?.resourceVersion) throw new ApiFailure(modifiedMeanwhile(resource, name));
}

/** The object as it is to be stored. Throws ApiFailure. */
function updatedObject(
  core: Core,
  resolved: Resolved,
  given: KubeObject,
  current: KubeObject,
  options: WriteOptions,
): KubeObject {
  const { resource, stored, subresource } = resolved;
  const { strategy } = stored;
  const inStored = resource.conversion === undefined ? given : resource.conversion.toStored(given);
  const isStatus = subresource === 'status';
  const complete = isStatus ? strategy.statusDefaults(inStored) : strategy.defaults(inStored);
  const defaulted = withOldMetadata(complete, current);
  const rest = (placed: KubeObject): KubeObject => {
    const prepared = updateSubresource(resolved, placed, current);
    const admitted = admitUpdate(core, resolved, prepared, current, options);
    const errors = isStatus
      ? strategy.validateStatusUpdate(admitted, current)
      : strategy.validateUpdate(admitted, current);
    if (errors.length > 0) throw new ApiFailure(invalid(kindOf(resource), resolved.name, errors));
    return isStatus || !strategy.hasGeneration ? admitted : withGeneration(admitted, current, strategy.specOf);
  };
  return isStatus ? rest(defaulted) : placing(core, stored, defaulted, current, rest);
}

/** What a client cannot change stays; what it may leave out is filled in. */
function withOldMetadata(object: KubeObject, current: KubeObject): KubeObject {
  const old = current.metadata as ServerMeta;
  const given = (object.metadata ?? {}) as ServerMeta;
  const metadata = {
    name: given.name,
    generateName: given.generateName,
    namespace: given.namespace || old.namespace,
    uid: given.uid || old.uid,
    resourceVersion: old.resourceVersion,
    generation: old.generation,
    creationTimestamp: old.creationTimestamp,
    labels: given.labels,
    annotations: given.annotations,
    ownerReferences: given.ownerReferences,
    finalizers: given.finalizers,
    managedFields: managersIn(given.managedFields ?? old.managedFields),
  };
  if (old.deletionTimestamp === undefined) return { ...object, metadata };
  const { deletionTimestamp, deletionGracePeriodSeconds } = old;
  return { ...object, metadata: { ...metadata, deletionTimestamp, deletionGracePeriodSeconds } };
}

const managersIn = (managedFields: ServerMeta['managedFields']): ServerMeta['managedFields'] =>
  managedFields?.length ? managedFields : undefined;

function withGeneration(object: KubeObject, current: KubeObject, specOf: (object: KubeObject) => unknown): KubeObject {
  if (isAlike(object, current, specOf)) return object;
  const { generation = 0 } = current.metadata ?? {};
  return { ...object, metadata: { ...object.metadata, generation: generation + 1 } };
}

const wholeOf = (object: KubeObject): unknown => object;

/** Whether a part of both is the same as it is written: fields that are always there may have been left out of one. */
function isAlike(object: KubeObject, current: KubeObject, partOf: (object: KubeObject) => unknown): boolean {
  if (isSame(partOf(object), partOf(current))) return true;
  const schema = schemaOf(current.apiVersion ?? '', current.kind ?? '');
  if (schema === undefined) return false;
  const written = (each: KubeObject): unknown => partOf(asWritten(each, schema) as KubeObject);
  return isSame(written(object), written(current));
}

/** An object that only waited for its finalizers goes with the last of them (`ShouldDeleteDuringUpdate`). */
function isDeletedBy(updated: KubeObject, { metadata: old }: KubeObject): boolean {
  if ((updated.metadata?.finalizers?.length ?? 0) > 0 || old?.deletionTimestamp === undefined) return false;
  // A namespace has a list of its own (`ShouldDeleteNamespaceDuringUpdate`).
  const { spec } = updated as { readonly spec?: { readonly finalizers?: readonly string[] } };
  if (updated.kind === 'Namespace' && (spec?.finalizers ?? []).length > 0) return false;
  return (old.deletionGracePeriodSeconds ?? 0) === 0;
}
