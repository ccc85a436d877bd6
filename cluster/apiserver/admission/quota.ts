/**
 * What a new object takes of its namespace's quotas, entered before it is stored. What is freed again, the quota controller
 * counts. Source: `apiserver/pkg/admission/plugin/resourcequota/controller.go` and `pkg/quota/v1`, v1.37.2.
 */
import {
  addQuantity,
  compareQuantity,
  formatQuantity,
  type KubeObject,
  parseQuantity,
  type ResourceList,
  subQuantity,
} from '../../../api/index.ts';
import { keyOf } from '../cache/kind-cache.ts';
import type { Core, Resolved } from '../core.ts';
import { ApiFailure, forbidden, notFound } from '../failures.ts';
import type { Status } from '../status.ts';
import { guaranteedUpdate } from '../storage-write.ts';
import { missingAmounts } from './quota-constraints.ts';
import { isInScope, usageOf } from './quota-usage.ts';

export interface ResourceQuota extends KubeObject {
  readonly spec?: {
    readonly hard?: ResourceList;
    readonly scopes?: readonly string[];
    readonly scopeSelector?: {
      readonly matchExpressions?: ReadonlyArray<{
        readonly scopeName: string;
        readonly operator: string;
        readonly values?: readonly string[];
      }>;
    };
  };
  readonly status?: { readonly hard?: ResourceList; readonly used?: ResourceList };
}

/** Kinds of which an update may take more than before. */
const GROWING = new Set(['Service', 'PersistentVolumeClaim']);

const hasQuotas = (core: Core, namespace: string): boolean =>
  core.admission.resourceQuota &&
  namespace !== '' &&
  core.cacheOf(core.registry.storedKind('ResourceQuota')).sizeOf(namespace) > 0;

export const mayGrow = (core: Core, { stored, subresource, namespace }: Resolved): boolean =>
  subresource === '' && GROWING.has(stored.kind) && hasQuotas(core, namespace);

/**
 * Answers why the object is refused, if it is. Throws ApiFailure.
 * @param before What is there already: only what is more counts.
 */
export function reserveQuota(
  core: Core,
  resolved: Resolved,
  object: KubeObject,
  answer: (refused: Status | undefined) => void,
  before?: KubeObject,
): void {
  const { namespace, resource } = resolved;
  const stored = core.registry.storedKind('ResourceQuota');
  const cache = core.cacheOf(stored);
  if (!hasQuotas(core, namespace)) {
    answer(undefined);
    return;
  }
  const whole = usageOf(resource, object);
  const usage = before === undefined ? whole : increase(usageOf(resource, before), whole);
  const all = [...cache.list(namespace)] as ResourceQuota[];
  if (before === undefined) for (const quota of all) checkConstraints(quota, resolved, object);
  const quotas = all.filter((quota) => concerns(quota, usage, object));
  // Nothing is entered anywhere when one of them refuses.
  for (const quota of quotas) charged(quota, usage, resolved, object);
  const next = (i: number): void => {
    const quota = quotas[i];
    if (quota === undefined) {
      answer(undefined);
      return;
    }
    const name = quota.metadata?.name ?? '';
    const change = (current: KubeObject | undefined): KubeObject => {
      if (current === undefined) throw new ApiFailure(notFound(stored, name));
      return charged(current as ResourceQuota, usage, resolved, object);
    };
    const target = { key: keyOf(stored, namespace, name), cached: quota, dryRun: false };
    guaranteedUpdate(core.store, target, change, (error) => {
      // A quota that has gone meanwhile holds nobody back.
      if (error === undefined || error.reason === 'NotFound') next(i + 1);
      else answer(error);
    });
  };
  next(0);
}

function increase(before: ResourceList, after: ResourceList): ResourceList {
  const more: Record<string, string> = {};
  for (const [key, text] of Object.entries(after)) {
    const difference = subQuantity(parseQuantity(text), parseQuantity(before[key] ?? '0'));
    if (difference.nano > 0n) more[key] = formatQuantity(difference);
  }
  return more;
}

/** Throws ApiFailure when the object does not say what the quota counts. */
function checkConstraints(quota: ResourceQuota, { resource }: Resolved, object: KubeObject): void {
  if (!isInScope(quota, object)) return;
  const missing = missingAmounts(Object.keys(hardOf(quota)), object);
  if (missing === undefined) return;
  const why = `failed quota: ${quota.metadata?.name}: ${missing}`;
  throw new ApiFailure(forbidden(resource, object.metadata?.name ?? '', why));
}

const hardOf = ({ spec, status }: ResourceQuota): ResourceList => status?.hard ?? spec?.hard ?? {};

const concerns = (quota: ResourceQuota, usage: ResourceList, object: KubeObject): boolean =>
  isInScope(quota, object) && Object.keys(hardOf(quota)).some((name) => usage[name] !== undefined);

/** The quota with what the object takes. Throws ApiFailure. */
function charged(quota: ResourceQuota, usage: ResourceList, { resource }: Resolved, object: KubeObject): KubeObject {
  const hard = hardOf(quota);
  const used = quota.status?.used ?? {};
  const name = quota.metadata?.name ?? '';
  const refuse = (why: string): never => {
    throw new ApiFailure(forbidden(resource, object.metadata?.name ?? '', why));
  };
  const asked = Object.keys(hard)
    .filter((key) => usage[key] !== undefined)
    .sort();
  const unknown = asked.filter((key) => used[key] === undefined);
  if (unknown.length > 0) refuse(`status unknown for quota: ${name}, resources: ${unknown.join(',')}`);
  const next: Record<string, string> = { ...used };
  const exceeded: string[] = [];
  for (const key of asked) {
    const sum = addQuantity(parseQuantity(used[key]!), parseQuantity(usage[key]!));
    if (compareQuantity(sum, parseQuantity(hard[key]!)) > 0) exceeded.push(key);
    next[key] = formatQuantity(sum);
  }
  if (exceeded.length > 0) {
    const listed = (amounts: ResourceList): string =>
      exceeded.map((key) => `${key}=${formatQuantity(parseQuantity(amounts[key]!))}`).join(',');
    refuse(`exceeded quota: ${name}, requested: ${listed(usage)}, used: ${listed(used)}, limited: ${listed(hard)}`);
  }
  return { ...quota, status: { ...quota.status, used: next } } as KubeObject;
}
