/**
 * DELETE: with grace, behind finalizers, or at once. Source: `apiserver/pkg/registry/rest/delete.go` (`BeforeDelete`) and
 * `generic/registry/store.go` (`Delete`), v0.37.2.
 */
import { type FieldError, invalidValue, type KubeObject } from '../../../api/index.ts';
import { isSame } from '../../../api/validation/same.ts';
import { admitDelete } from '../admission/admit.ts';
import { inVersion } from '../cache/cache-event.ts';
import { keyOf } from '../cache/kind-cache.ts';
import type { DeleteOptions, Target } from '../client.ts';
import type { Core, Resolved, ServerAnswer } from '../core.ts';
import { ApiFailure, conflict, invalidOptions, notFound, success } from '../failures.ts';
import type { StoredKind } from '../kinds/resource.ts';
import type { RequestContext } from '../request-context.ts';
import type { Status } from '../status.ts';
import { DELETE, guaranteedUpdate } from '../storage-write.ts';
import type { ServerMeta } from './new-metadata.ts';
import { guarded, resolve } from './resolve.ts';

const OK = 200;

export function remove(
  core: Core,
  context: RequestContext,
  target: Target,
  options: DeleteOptions,
  answer: ServerAnswer<KubeObject | Status>,
): void {
  guarded(answer, () => {
    const resolved = resolve(core, context, target, 'delete');
    removeOne(core, resolved, options, answer);
  });
}

/** Throws ApiFailure. */
export function removeOne(
  core: Core,
  resolved: Resolved,
  options: DeleteOptions,
  answer: ServerAnswer<KubeObject | Status>,
): void {
  checkOptions(options);
  const { resource, stored, namespace, name } = resolved;
  admitDelete(core, resolved);
  const cached = core.cacheOf(stored).get(namespace, name);
  const write = { key: keyOf(stored, namespace, name), cached, dryRun: options.dryRun === true };
  const reply = (error: Status | undefined, object: KubeObject, isGone: boolean): void => {
    if (error !== undefined) answer(error, object, error.code);
    else if (!isGone || stored.strategy.returnsDeleted) answer(undefined, inVersion(resource, object), OK);
    else answer(undefined, deletedStatus(resolved, object), OK);
  };
  let plan: Plan | undefined;
  const change = (current: KubeObject | undefined): KubeObject | typeof DELETE => {
    if (current === undefined) throw new ApiFailure(notFound(resource, name));
    checkPreconditions(resolved, current, options);
    plan = planFor(core, stored, current, options);
    return plan.next !== DELETE && isSame(plan.next, current) ? current : plan.next;
  };
  guaranteedUpdate(core.store, write, change, (error, written) => {
    if (error !== undefined || plan === undefined || !plan.thenGone) {
      reply(error, written, plan?.next === DELETE);
      return;
    }
    if (write.dryRun) {
      reply(undefined, written, true);
      return;
    }
    // A kind that knows grace shows that it ends before it is gone.
    const again = { ...write, cached: written };
    const gone = (current: KubeObject | undefined): typeof DELETE => {
      if (current === undefined) throw new ApiFailure(notFound(resource, name));
      return DELETE;
    };
    guaranteedUpdate(core.store, again, gone, (notGone, last) => {
      // Somebody else may have been quicker.
      if (notGone?.reason === 'NotFound') reply(undefined, written, true);
      else reply(notGone, last, true);
    });
  });
}

interface Plan {
  readonly next: KubeObject | typeof DELETE;
  /** After `next` is written, the object is deleted as well. */
  readonly thenGone: boolean;
}

const GONE: Plan = { next: DELETE, thenGone: false };

function planFor(core: Core, stored: StoredKind, current: KubeObject, options: DeleteOptions): Plan {
  if (stored.kind === 'Namespace') return planForNamespace(core, current);
  const metadata = current.metadata as ServerMeta;
  const finalizers = finalizersAfter(stored, metadata.finalizers ?? [], options);
  const grace = graceFor(core, stored, current, options);
  if (grace === 'pending') return { next: current, thenGone: false };
  const isPending = finalizers.length > 0;
  if (grace === undefined) {
    if (!isPending) return GONE;
    return { next: { ...current, metadata: markedAsDeleting(core, { ...metadata, finalizers }) }, thenGone: false };
  }
  const next = { ...current, metadata: { ...metadata, ...grace, finalizers: isPending ? finalizers : undefined } };
  return { next, thenGone: !isPending && grace.deletionGracePeriodSeconds === 0 };
}

/** Its content goes first; whoever deletes that takes the finalizer away (`pkg/registry/core/namespace/storage`). */
function planForNamespace(core: Core, current: KubeObject): Plan {
  const { spec, status, metadata } = current as KubeObject & {
    spec?: { finalizers?: readonly string[] };
    status?: { phase?: string };
  };
  const isEmpty = (spec?.finalizers ?? []).length === 0;
  if (metadata?.deletionTimestamp !== undefined) {
    return isEmpty && (metadata.finalizers ?? []).length === 0 ? GONE : { next: current, thenGone: false };
  }
  const next = {
    ...current,
    metadata: { ...metadata, deletionTimestamp: core.timestamp() },
    status: { ...status, phase: 'Terminating' },
  };
  return { next, thenGone: isEmpty && (metadata?.finalizers ?? []).length === 0 };
}

interface Grace {
  readonly deletionTimestamp: string;
  readonly deletionGracePeriodSeconds: number;
  readonly generation?: number;
}

/** Undefined for deletion without grace; `pending` when a deletion runs and is not to run shorter. */
function graceFor(
  core: Core,
  { strategy }: StoredKind,
  current: KubeObject,
  options: DeleteOptions,
): Grace | 'pending' | undefined {
  const { deletionTimestamp, deletionGracePeriodSeconds: given = 0, generation } = current.metadata as ServerMeta;
  const asked = options.gracePeriodSeconds;
  const askedS = asked !== undefined && asked < 0 ? 1 : asked;
  const graceS = strategy.gracePeriod(current, askedS);
  if (graceS === undefined) return undefined;
  if (deletionTimestamp === undefined) {
    return {
      deletionTimestamp: core.timestamp(graceS),
      deletionGracePeriodSeconds: graceS,
      ...(generation ? { generation: generation + 1 } : {}),
    };
  }
  if (given === 0) return undefined;
  if (askedS === undefined || askedS >= given) return 'pending';
  const nowMs = core.clock.nowMs;
  const movedMs = Date.parse(deletionTimestamp) + (askedS - given) * 1000;
  const isPast = movedMs < nowMs;
  const period = isPast && askedS !== 0 ? 1 : askedS;
  return {
    deletionTimestamp: isPast ? core.timestamp() : core.timestamp((movedMs - nowMs) / 1000),
    deletionGracePeriodSeconds: period,
  };
}

/** `markAsDeleting`: for kinds that know no grace but have finalizers. */
function markedAsDeleting(core: Core, metadata: ServerMeta): ServerMeta {
  const { deletionTimestamp, generation } = metadata;
  const isFirst = deletionTimestamp === undefined;
  const isLater = !isFirst && Date.parse(deletionTimestamp) > core.clock.nowMs;
  return {
    ...metadata,
    ...(isFirst && generation ? { generation: generation + 1 } : {}),
    deletionTimestamp: isFirst || isLater ? core.timestamp() : deletionTimestamp,
    deletionGracePeriodSeconds: 0,
  };
}

const ORPHAN = 'orphan';
const FOREGROUND = 'foregroundDeletion';

/** What the garbage collector has to do first stands in the finalizers (`deletionFinalizersForGarbageCollection`). */
function finalizersAfter({ strategy }: StoredKind, finalizers: string[], options: DeleteOptions): string[] {
  if (strategy.dependents === 'unsupported') return finalizers;
  const wanted = propagation(strategy.dependents, finalizers, options);
  const others = finalizers.filter((name) => name !== ORPHAN && name !== FOREGROUND);
  if (wanted === undefined) return others.length === finalizers.length ? finalizers : others;
  return finalizers.includes(wanted) && others.length === finalizers.length - 1 ? finalizers : [...others, wanted];
}

function propagation(
  byDefault: 'delete' | 'orphan',
  finalizers: readonly string[],
  { orphanDependents, propagationPolicy }: DeleteOptions,
): string | undefined {
  if (orphanDependents !== undefined) return orphanDependents ? ORPHAN : undefined;
  if (propagationPolicy === 'Orphan') return ORPHAN;
  if (propagationPolicy === 'Foreground') return FOREGROUND;
  if (propagationPolicy === 'Background') return undefined;
  const stated = finalizers.find((name) => name === ORPHAN || name === FOREGROUND);
  return stated ?? (byDefault === 'orphan' ? ORPHAN : undefined);
}

const POLICIES = ['Background', 'Foreground', 'Orphan'];

/** `ValidateDeleteOptions` of `apimachinery/pkg/apis/meta/v1/validation`. Throws ApiFailure. */
function checkOptions({ propagationPolicy, orphanDependents }: DeleteOptions): void {
  const errors: FieldError[] = [];
  if (propagationPolicy !== undefined && orphanDependents !== undefined) {
    const detail = 'orphanDependents and deletionPropagation cannot be both set';
    errors.push(invalidValue('propagationPolicy', propagationPolicy, detail));
  } else if (propagationPolicy !== undefined && !POLICIES.includes(propagationPolicy)) {
    const path = 'propagationPolicy';
    const supported = ['Foreground', 'Background', 'Orphan', 'nil'].map((name) => `"${name}"`).join(', ');
    errors.push({
      path,
      text: `${path}: Unsupported value: ${JSON.stringify(propagationPolicy)}: supported values: ${supported}`,
    });
  }
  if (errors.length > 0) throw new ApiFailure(invalidOptions('DeleteOptions', errors));
}

/** Throws ApiFailure. Upstream names the kind here, not the resource. */
function checkPreconditions({ resource, name }: Resolved, current: KubeObject, { preconditions }: DeleteOptions): void {
  const { uid, resourceVersion } = preconditions ?? {};
  const kind = { group: resource.group, resource: resource.kind };
  const { metadata } = current;
  if (uid !== undefined && uid !== metadata?.uid) {
    const why = `the UID in the precondition (${uid}) does not match the UID in record (${metadata?.uid}). The object might have been deleted and then recreated`;
    throw new ApiFailure(conflict(kind, name, why));
  }
  if (resourceVersion !== undefined && resourceVersion !== metadata?.resourceVersion) {
    const why = `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata?.resourceVersion}). The object might have been modified`;
    throw new ApiFailure(conflict(kind, name, why));
  }
}

function deletedStatus({ resource, name }: Resolved, { metadata }: KubeObject): Status {
  const { group } = resource;
  const details = { name, ...(group === '' ? {} : { group }), kind: resource.resource, uid: metadata?.uid };
  // Upstream writes no code here.
  const { code: _, ...status } = success(OK, details);
  return status as Status;
}
