/**
 * The subresource `eviction`: a deletion that budgets may refuse. Source: `pkg/registry/core/pod/storage/eviction.go`,
 * v1.37.2.
 */
import { compileLabelSelector, type KubeObject, type Pod, type PodDisruptionBudget } from '../../../api/index.ts';
import { keyOf } from '../cache/kind-cache.ts';
import type { DeleteOptions, WriteOptions } from '../client.ts';
import type { Core, Resolved, ServerAnswer } from '../core.ts';
import {
  ApiFailure,
  badRequest,
  conflict,
  forbidden,
  notFound,
  success,
  tooManyRequests,
  unexplained,
} from '../failures.ts';
import { withCondition } from '../kinds/pods/conditions.ts';
import { schemaOf } from '../kinds/schema/schema.ts';
import type { Status } from '../status.ts';
import { failureOf, guaranteedUpdate } from '../storage-write.ts';
import { checkNamespace, readBody } from './body.ts';
import { removeOne } from './delete.ts';
import { read } from './get.ts';

interface Eviction extends KubeObject {
  readonly deleteOptions?: Omit<DeleteOptions, 'dryRun'> & { readonly dryRun?: readonly string[] };
}

const EVICTION = {
  kind: 'Eviction',
  apiVersion: 'policy/v1',
  schema: schemaOf('policy/v1', 'Eviction')!,
  alsoVersions: ['policy/v1beta1'],
};
const BUDGET = 'PodDisruptionBudget';
const BUDGETS = { group: 'policy', resource: 'poddisruptionbudget' };
const CREATED = 201;
const DISRUPTED_PODS_MAX = 2000;
const VIOLATION = "Cannot evict pod as it would violate the pod's disruption budget.";

/** Throws ApiFailure. */
export function evict(
  core: Core,
  resolved: Resolved,
  body: KubeObject,
  options: WriteOptions,
  answer: ServerAnswer<KubeObject>,
): void {
  const eviction = readBody(resolved.context, body, EVICTION, options) as Eviction;
  checkNamespace(eviction, resolved.namespace);
  if ((eviction.metadata?.name ?? '') !== resolved.name) {
    throw new ApiFailure(badRequest('name in URL does not match name in Eviction object'));
  }
  const { dryRun, ...asked } = eviction.deleteOptions ?? {};
  const isDryRun = options.dryRun === true || (dryRun ?? []).length > 0;
  const deletion: DeleteOptions = { ...asked, dryRun: isDryRun };
  const refuse = (status: Status): void => answer(status, undefined as never, status.code);
  const proceed = (pod: Pod, isVersionFixed: boolean): void => {
    const fixed = isVersionFixed && deletion.preconditions?.resourceVersion === undefined;
    const preconditions = fixed
      ? { ...deletion.preconditions, resourceVersion: pod.metadata?.resourceVersion }
      : deletion.preconditions;
    markAndDelete(core, resolved, { ...deletion, preconditions }, (error) => {
      if (error === undefined) answer(undefined, success(CREATED) as KubeObject, CREATED);
      else refuse(error);
    });
  };
  read(core, resolved, (error, object) => {
    if (error !== undefined) {
      refuse(error);
      return;
    }
    const pod = object as Pod;
    if (isBeyondBudgets(pod)) {
      proceed(pod, !isTerminal(pod));
      return;
    }
    const budgets = budgetsOf(core, pod);
    if (budgets.length > 1) {
      const text = 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.';
      refuse(unexplained(text));
      return;
    }
    const [budget] = budgets;
    if (budget === undefined) proceed(pod, false);
    else if (isFreeToGo(pod, budget)) proceed(pod, true);
    else {
      takeFrom(core, budget, pod, isDryRun, (refused) => {
        if (refused === undefined) proceed(pod, false);
        else refuse(refused);
      });
    }
  });
}

const isTerminal = ({ status, metadata }: Pod): boolean =>
  status?.phase === 'Succeeded' || status?.phase === 'Failed' || metadata?.deletionTimestamp !== undefined;

/** It disrupts nothing (any more). */
const isBeyondBudgets = (pod: Pod): boolean => isTerminal(pod) || pod.status?.phase === 'Pending';

function budgetsOf(core: Core, { metadata }: Pod): PodDisruptionBudget[] {
  const found: PodDisruptionBudget[] = [];
  for (const object of core.cachedAll(BUDGET, metadata?.namespace)) {
    const budget = object as PodDisruptionBudget;
    if (compileLabelSelector(budget.spec?.selector).matches(metadata?.labels)) found.push(budget);
  }
  return found;
}

interface BudgetSpec {
  readonly unhealthyPodEvictionPolicy?: string;
}

/** A pod that is not ready does not count, while its budget is kept or lets such pods go always. */
function isFreeToGo(pod: Pod, { spec, status }: PodDisruptionBudget): boolean {
  const isReady = pod.status?.conditions?.some(({ type, status: state }) => type === 'Ready' && state === 'True');
  if (isReady) return false;
  if ((spec as BudgetSpec | undefined)?.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true;
  const { currentHealthy = 0, desiredHealthy = 0 } = status ?? {};
  return currentHealthy >= desiredHealthy && desiredHealthy > 0;
}

/** Takes one disruption from the budget, or says why there is none. */
function takeFrom(
  core: Core,
  { metadata }: PodDisruptionBudget,
  pod: Pod,
  dryRun: boolean,
  answer: (refused: Status | undefined) => void,
): void {
  const stored = core.registry.storedKind(BUDGET);
  const { namespace = '', name = '' } = metadata ?? {};
  const target = { key: keyOf(stored, namespace, name), cached: core.cacheOf(stored).get(namespace, name), dryRun };
  const change = (current: KubeObject | undefined): KubeObject => {
    if (current === undefined) throw new ApiFailure(notFound(stored, name));
    return decremented(current as PodDisruptionBudget, pod.metadata?.name ?? '', core.timestamp());
  };
  guaranteedUpdate(core.store, target, change, (error) => answer(error));
}

/** Throws ApiFailure. */
function decremented(budget: PodDisruptionBudget, podName: string, time: string): KubeObject {
  const { metadata, status } = budget;
  const name = metadata?.name ?? '';
  const refuse = (message: string, retryAfterSeconds: number): never => {
    throw new ApiFailure(tooManyRequests(VIOLATION, retryAfterSeconds, { reason: 'DisruptionBudget', message }));
  };
  const { observedGeneration = 0, disruptionsAllowed = 0, disruptedPods = {}, conditions = [] } = status ?? {};
  if (observedGeneration < (metadata?.generation ?? 0)) {
    refuse(`The disruption budget ${name} is still being processed by the server.`, 10);
  }
  const prefix = `The disruption budget ${name} does not allow evicting pods currently`;
  const forbid = (why: string, message: string): never => {
    const cause = { reason: 'DisruptionBudget', message: `${prefix}: ${message}` };
    throw new ApiFailure(forbidden(BUDGETS, name, why, [cause]));
  };
  if (disruptionsAllowed < 0) {
    forbid('pdb disruptions allowed is negative', 'pdb disruptions allowed is negative');
  }
  if (Object.keys(disruptedPods).length > DISRUPTED_PODS_MAX) {
    const why = 'DisruptedPods map too big - too many evictions not confirmed by PDB controller';
    forbid(why, 'too many pending evictions not confirmed by PDB controller');
  }
  if (disruptionsAllowed === 0) refuse(whyNone(prefix, budget), 0);
  const left = disruptionsAllowed - 1;
  const notAllowed = {
    type: 'DisruptionAllowed',
    status: 'False',
    observedGeneration,
    lastTransitionTime: time,
    reason: 'InsufficientPods',
    message: '',
  };
  return {
    ...budget,
    status: {
      ...status,
      disruptionsAllowed: left,
      disruptedPods: { ...disruptedPods, [podName]: time },
      conditions: left === 0 ? withCondition(conditions, notAllowed) : conditions,
    },
  } as KubeObject;
}

function whyNone(prefix: string, { metadata, status }: PodDisruptionBudget): string {
  const { currentHealthy = 0, desiredHealthy = 0, conditions = [] } = status ?? {};
  const condition = conditions.find(({ type, status: state }) => type === 'DisruptionAllowed' && state === 'False');
  const { reason, message } = condition ?? {};
  if (message && reason === 'SyncFailed') return `${prefix} because it failed sync: ${message}`;
  if (currentHealthy <= desiredHealthy) {
    return `The disruption budget ${metadata?.name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`;
  }
  return message ? `${prefix} (${reason}): ${message}` : prefix;
}

const PODS = { group: '', resource: 'Pod' };

/** The pod tells that it is evicted before it ends. */
function markAndDelete(
  core: Core,
  resolved: Resolved,
  options: DeleteOptions,
  answer: (error: Status | undefined) => void,
): void {
  const { resource, stored, namespace, name } = resolved;
  const remove = (deletion: DeleteOptions): void => {
    try {
      removeOne(core, { ...resolved, subresource: '' }, deletion, (error) => answer(error));
    } catch (error) {
      answer(failureOf(error));
    }
  };
  if (options.dryRun) {
    remove(options);
    return;
  }
  const target = {
    key: keyOf(stored, namespace, name),
    cached: core.cacheOf(stored).get(namespace, name),
    dryRun: false,
  };
  const change = (current: KubeObject | undefined): KubeObject => {
    if (current === undefined) throw new ApiFailure(notFound(resource, name));
    const { uid, resourceVersion } = options.preconditions ?? {};
    const { metadata } = current;
    if (uid && uid !== metadata?.uid) {
      const why = `the UID in the precondition (${uid}) does not match the UID in record (${metadata?.uid}). The object might have been deleted and then recreated`;
      throw new ApiFailure(conflict(PODS, name, why));
    }
    if (resourceVersion && resourceVersion !== metadata?.resourceVersion) {
      const why = `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata?.resourceVersion}). The object might have been modified`;
      throw new ApiFailure(conflict(PODS, name, why));
    }
    return evicted(current as Pod, core.timestamp());
  };
  guaranteedUpdate(core.store, target, change, (error, pod) => {
    if (error !== undefined) answer(error);
    else if (options.preconditions?.resourceVersion === undefined) remove(options);
    else {
      // The mark has made another version.
      const { resourceVersion } = pod.metadata ?? {};
      remove({ ...options, preconditions: { ...options.preconditions, resourceVersion } });
    }
  });
}

function evicted(pod: Pod, lastTransitionTime: string): Pod {
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    lastTransitionTime,
    reason: 'EvictionByEvictionAPI',
    message: 'Eviction API: evicting',
  };
  return { ...pod, status: { ...pod.status, conditions: withCondition(pod.status?.conditions, condition) } };
}
