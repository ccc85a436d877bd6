/**
 * What an update may not change, kind by kind. Source: `Validate<Kind>Update` in `pkg/apis/<group>/validation/validation.go`,
 * v1.37.2. Where upstream ends a message with a difference of its own internal form, that is left out.
 */
import { type FieldError, forbiddenValue, invalidValue } from '../field-error.ts';
import { compareQuantity, parseQuantity } from '../quantity.ts';
import type { KubeObject, Node, PersistentVolumeClaim, PriorityClass } from '../types.ts';
import { IMMUTABLE, metadataUpdateProblems } from './metadata-update.ts';
import { nodeProblems } from './node.ts';
import { isSame } from './same.ts';
import { claimProblems } from './storage.ts';
import { taintsProblems } from './tolerations.ts';

type Fields = Readonly<Record<string, unknown>>;

/** The value at a path such as `spec.selector`. */
const at = (object: KubeObject, path: string): unknown =>
  path.split('.').reduce<unknown>((value, step) => (value as Fields | undefined)?.[step], object);

/** Each of the fields keeps its value. */
export const immutableProblems = (next: KubeObject, old: KubeObject, paths: readonly string[]): FieldError[] =>
  paths.flatMap((path) => {
    const value = at(next, path);
    return isSame(value, at(old, path)) ? [] : [invalidValue(path, value ?? null, IMMUTABLE)];
  });

/** As `immutableProblems`, in the words of kinds that forbid it. */
const forbiddenProblems = (next: KubeObject, old: KubeObject, paths: readonly string[], detail: string): FieldError[] =>
  paths.flatMap((path) => (isSame(at(next, path), at(old, path)) ? [] : [forbiddenValue(path, detail)]));

export function nodeUpdateProblems(next: Node, old: Node): FieldError[] {
  // Upstream looks at the taints of an update under `metadata`.
  const { taints: _, ...spec } = next.spec ?? {};
  const errors = [...metadataUpdateProblems(next, old), ...nodeProblems({ ...next, spec })];
  const { podCIDRs: cidrs = [], providerID = '' } = old.spec ?? {};
  if (cidrs.length > 0 && !isSame(cidrs, next.spec?.podCIDRs)) {
    const detail = 'node updates may not change podCIDR except from "" to valid';
    errors.push(forbiddenValue('spec.podCIDRs', detail));
  }
  const nextProvider = next.spec?.providerID ?? '';
  if (providerID !== '' && nextProvider !== providerID) {
    const detail = nextProvider === '' ? 'field cannot be cleared once set' : 'field cannot be modified once set';
    errors.push(invalidValue('spec.providerID', null, detail));
  }
  errors.push(...taintsProblems('metadata.taints', next.spec?.taints ?? []));
  return errors;
}

export function claimUpdateProblems(next: PersistentVolumeClaim, old: PersistentVolumeClaim): FieldError[] {
  const errors = [...metadataUpdateProblems(next, old), ...claimProblems(next)];
  const isBound = next.status?.phase === 'Bound';
  const was = old.spec ?? {};
  const spec = {
    ...next.spec,
    volumeName: was.volumeName ? next.spec?.volumeName : undefined,
    ...(isBound ? { resources: was.resources, volumeAttributesClassName: was.volumeAttributesClassName } : {}),
  };
  if (!isSame(spec, { ...was, volumeName: was.volumeName || undefined })) {
    const detail =
      'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims';
    errors.push(forbiddenValue('spec', detail));
  }
  const size = (claim: PersistentVolumeClaim): string => claim.spec?.resources?.requests?.storage ?? '0';
  const capacity = old.status?.capacity?.storage ?? '0';
  const shrinks = compareQuantity(parseQuantity(size(next)), parseQuantity(size(old))) < 0;
  if (shrinks && compareQuantity(parseQuantity(size(next)), parseQuantity(capacity)) <= 0) {
    errors.push(forbiddenValue('spec.resources.requests.storage', 'field can not be less than status.capacity'));
  }
  return errors;
}

export function priorityClassUpdateProblems(next: PriorityClass, old: PriorityClass): FieldError[] {
  const detail = 'may not be changed in an update.';
  const errors = metadataUpdateProblems(next, old);
  if ((next.value ?? 0) !== (old.value ?? 0)) errors.push(forbiddenValue('value', detail));
  const policy = ({ preemptionPolicy = 'PreemptLowerPriority' }: PriorityClass): string => preemptionPolicy;
  if (policy(next) !== policy(old)) errors.push(invalidValue('preemptionPolicy', policy(next), IMMUTABLE));
  return errors;
}

export const storageClassUpdateProblems = (next: KubeObject, old: KubeObject): FieldError[] => [
  ...forbiddenProblems(next, old, ['parameters', 'provisioner'], 'updates to parameters are forbidden.'),
  ...forbiddenProblems(next, old, ['reclaimPolicy'], 'updates to reclaimPolicy are forbidden.'),
  ...immutableProblems(next, old, ['volumeBindingMode']),
];

const STATEFUL_FIXED = ['selector', 'volumeClaimTemplates', 'serviceName', 'podManagementPolicy'];

export const statefulSetUpdateProblems = (next: KubeObject, old: KubeObject): FieldError[] =>
  immutableProblems(
    next,
    old,
    STATEFUL_FIXED.map((field) => `spec.${field}`),
  );

/** ConfigMaps and Secrets that were declared to stay as they are. */
export function frozenDataProblems(next: KubeObject, old: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  if (at(old, 'immutable') === true) {
    const detail = 'field is immutable when `immutable` is set';
    if (at(next, 'immutable') !== true) errors.push(forbiddenValue('immutable', detail));
    for (const field of ['data', 'binaryData']) {
      if (!isSame(at(next, field) ?? {}, at(old, field) ?? {})) errors.push(forbiddenValue(field, detail));
    }
  }
  return errors;
}

/** What a binding of roles grants. */
export const roleRefProblems = (next: KubeObject, old: KubeObject): FieldError[] =>
  isSame(at(next, 'roleRef'), at(old, 'roleRef'))
    ? []
    : [invalidValue('roleRef', at(next, 'roleRef') ?? null, 'cannot change roleRef')];
