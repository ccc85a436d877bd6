/** Quantities, requests and limits. Source: `pkg/apis/core/validation/validation.go` and `../helper/helpers.go`, v1.37.2. */
import {
  duplicateValue,
  enumText,
  type FieldError,
  forbiddenValue,
  invalidValue,
  notSupportedValue,
  requiredValue,
  showValue,
} from '../field-error.ts';
import { labelKeyErrors } from '../label-rules.ts';
import { aggregateLimits, aggregateRequests } from '../pod-aggregates.ts';
import { isExtendedResourceName, isNativeResourceName, isPodLevelResource } from '../pod-requests.ts';
import {
  compareQuantity,
  formatQuantity,
  parseQuantity,
  QuantityError,
  quantityMilliValue,
  quantityValue,
} from '../quantity.ts';
import type { PodSpec, ResourceList, ResourceRequirements } from '../types.ts';
import { isLabel, nameErrors } from './names.ts';

const CONTAINER_RESOURCES = new Set(['cpu', 'memory', 'ephemeral-storage']);
/** Counted in whole numbers, beside all extended resources. */
const WHOLE_RESOURCES = new Set([
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
]);
const STANDARD_RESOURCES = new Set([
  ...CONTAINER_RESOURCES,
  ...WHOLE_RESOURCES,
  ...['cpu', 'memory', 'ephemeral-storage', 'storage'].flatMap((name) => [name, `requests.${name}`]),
  ...['cpu', 'memory', 'ephemeral-storage'].map((name) => `limits.${name}`),
]);
const POD_LEVEL_RESOURCES = ['cpu', 'hugepages-', 'memory'];

const isHugePages = (name: string): boolean => name.startsWith('hugepages-');
const mayBeOvercommitted = (name: string): boolean => isNativeResourceName(name) && !isHugePages(name);

/** The canonical text, as upstream's messages show quantities. */
const shown = (text: string): string => formatQuantity(parseQuantity(text));

/** Not negative, and whole where only whole numbers make sense. */
export function quantityProblems(path: string, name: string, text: string): FieldError[] {
  const quantity = parseQuantity(text);
  const errors: FieldError[] = [];
  if (quantity.nano < 0n) errors.push(invalidValue(path, shown(text), 'must be greater than or equal to 0'));
  if ((WHOLE_RESOURCES.has(name) || isExtendedResourceName(name)) && quantityMilliValue(quantity) % 1000 !== 0) {
    errors.push(invalidValue(path, shown(text), 'must be an integer'));
  }
  return errors;
}

export function quantitiesProblems(path: string, quantities: ResourceList | undefined): FieldError[] {
  return Object.entries(quantities ?? {}).flatMap(([name, text]) => quantityProblems(`${path}[${name}]`, name, text));
}

export const positiveQuantityProblems = (path: string, text: string): FieldError[] =>
  parseQuantity(text).nano > 0n ? [] : [invalidValue(path, shown(text), 'must be greater than zero')];

export function resourceNameProblems(path: string, name: string): FieldError[] {
  const wrong = labelKeyErrors(name);
  if (wrong.length > 0) return wrong.map((detail) => invalidValue(path, enumText(name), detail));
  if (name.includes('/') || STANDARD_RESOURCES.has(name)) return [];
  if (isHugePages(name) || name.startsWith('requests.hugepages-')) return [];
  return [invalidValue(path, enumText(name), 'must be a standard resource type or fully qualified')];
}

export function containerResourceNameProblems(path: string, name: string): FieldError[] {
  const errors = resourceNameProblems(path, name);
  if (name.split('/').length === 1) {
    if (!CONTAINER_RESOURCES.has(name) && !isHugePages(name)) {
      errors.push(invalidValue(path, enumText(name), 'must be a standard resource for containers'));
    }
  } else if (!isNativeResourceName(name) && !isExtendedResourceName(name)) {
    errors.push(invalidValue(path, enumText(name), "doesn't follow extended resource name standard"));
  }
  return errors;
}

function podResourceNameProblems(path: string, name: string): FieldError[] {
  const errors = resourceNameProblems(path, name);
  if (errors.length > 0 || isPodLevelResource(name)) return errors;
  return [notSupportedValue(path, enumText(name), POD_LEVEL_RESOURCES)];
}

/** The `resources` of a container. `podClaims` are the names of the pod's claims. */
export const containerResourcesProblems = (
  path: string,
  resources: ResourceRequirements,
  podClaims: readonly string[],
): FieldError[] => [
  ...requirementsProblems(path, resources, containerResourceNameProblems),
  ...claimsProblems(`${path}.claims`, resources.claims ?? [], podClaims),
];

export const claimNames = (spec: PodSpec): string[] => [
  ...new Set((spec.resourceClaims ?? []).flatMap(({ name }) => (name ? [name] : []))),
];

/** A resource may be called as something that every object has: `constructor`. */
const amountOf = (amounts: ResourceList, name: string): string | undefined =>
  Object.hasOwn(amounts, name) ? amounts[name] : undefined;

function requirementsProblems(
  path: string,
  { requests = {}, limits = {} }: ResourceRequirements,
  nameProblems: (path: string, name: string) => FieldError[],
): FieldError[] {
  const errors: FieldError[] = [];
  const check = (at: string, name: string, text: string): void => {
    errors.push(...nameProblems(at, name), ...quantityProblems(at, name, text));
    if (isHugePages(name) && !isDivisible(name, text)) {
      errors.push(invalidValue(at, shown(text), `${shown(text)} is not positive integer multiple of ${name}`));
    }
  };
  for (const name in limits) check(`${path}.limits[${name}]`, name, limits[name]!);
  for (const name in requests) {
    check(`${path}.requests[${name}]`, name, requests[name]!);
    errors.push(...againstLimit(path, name, requests[name]!, amountOf(limits, name)));
  }
  const names = [...Object.keys(limits), ...Object.keys(requests)];
  if (names.some(isHugePages) && !names.some((name) => name === 'cpu' || name === 'memory')) {
    errors.push(forbiddenValue(path, 'HugePages require cpu or memory'));
  }
  return errors;
}

function againstLimit(path: string, name: string, request: string, limit: string | undefined): FieldError[] {
  const exact = !mayBeOvercommitted(name);
  if (limit === undefined) {
    return exact ? [requiredValue(`${path}.limits`, 'Limit must be set for non overcommitable resources')] : [];
  }
  const order = compareQuantity(parseQuantity(request), parseQuantity(limit));
  const at = `${path}.requests`;
  if (order !== 0 && exact) {
    return [invalidValue(at, shown(request), `must be equal to ${name} limit of ${shown(limit)}`)];
  }
  if (order <= 0) return [];
  return [invalidValue(at, shown(request), `must be less than or equal to ${name} limit of ${shown(limit)}`)];
}

function isDivisible(name: string, text: string): boolean {
  try {
    const page = parseQuantity(name.slice('hugepages-'.length));
    if (page.nano <= 0n || quantityMilliValue(page) % 1000 !== 0) return false;
    return quantityValue(parseQuantity(text)) % quantityValue(page) === 0;
  } catch (error) {
    if (error instanceof QuantityError) return false;
    throw error;
  }
}

function claimsProblems(
  path: string,
  claims: NonNullable<ResourceRequirements['claims']>,
  podClaims: readonly string[],
): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  claims.forEach(({ name = '', request = '' }, i) => {
    const at = `${path}[${i}]`;
    if (name === '') {
      errors.push(requiredValue(at));
      return;
    }
    const key = request === '' ? name : `${name}/${request}`;
    if (request !== '' && !seen.has(name)) errors.push(...nameErrors(`${at}.request`, request, isLabel));
    // A whole claim overlaps every request of it.
    if (seen.has(name)) errors.push(duplicateValue(at, name));
    else if (seen.has(key)) errors.push(duplicateValue(at, key));
    else if (request === '') {
      for (const other of seen) if (other.startsWith(`${name}/`)) errors.push(duplicateValue(at, name));
    }
    if (!seen.has(name)) seen.add(key);
    if (!podClaims.includes(name)) errors.push(claimNotFound(at, name, podClaims));
  });
  return errors;
}

function claimNotFound(path: string, name: string, podClaims: readonly string[]): FieldError {
  const list = podClaims.length === 0 ? ' which is empty' : `: ${[...podClaims].sort().join(', ')}`;
  return {
    path,
    text: `${path}: Not found: ${showValue(name)}: must be one of the names in pod.spec.resourceClaims${list}`,
  };
}

/** The pod's own `resources` (v1.34): names, amounts, and that the containers stay within them. */
export function podResourcesProblems(path: string, spec: PodSpec, resources: ResourceRequirements): FieldError[] {
  const errors: FieldError[] = [];
  if (resources.claims !== undefined) {
    errors.push(forbiddenValue(`${path}.claims`, 'claims may not be set for Resources at pod-level'));
    errors.push(...claimsProblems(`${path}.claims`, resources.claims, claimNames(spec)));
  }
  errors.push(...requirementsProblems(path, resources, podResourceNameProblems));
  const { requests = {}, limits = {} } = resources;
  for (const [name, sum] of aggregateRequests(spec)) {
    const own = amountOf(requests, name);
    if (own === undefined || compareQuantity(sum, parseQuantity(own)) <= 0) continue;
    const detail = `must be greater than or equal to aggregate container requests of ${formatQuantity(sum)}`;
    errors.push(invalidValue(`${path}.requests[${name}]`, shown(own), detail));
  }
  for (const [name, sum] of aggregateLimits(spec)) {
    const own = amountOf(limits, name);
    if (!isHugePages(name) || own === undefined || compareQuantity(sum, parseQuantity(own)) <= 0) continue;
    const detail = `must be greater than or equal to aggregate container limits of ${formatQuantity(sum)}`;
    errors.push(invalidValue(`${path}.limits[${name}]`, shown(own), detail));
  }
  spec.containers.forEach((container, i) => {
    for (const [name, limit] of Object.entries(container.resources?.limits ?? {})) {
      const own = amountOf(limits, name);
      if (own === undefined || compareQuantity(parseQuantity(limit), parseQuantity(own)) <= 0) continue;
      const at = `${path}.containers[${i}][${name}].limits`;
      errors.push(invalidValue(at, shown(limit), `must be less than or equal to pod limits of ${shown(own)}`));
    }
  });
  return errors;
}

/** A pod's `overhead`: what its runtime takes beside the containers. */
export const overheadProblems = (path: string, overhead: ResourceList): FieldError[] =>
  requirementsProblems(path, { limits: overhead }, containerResourceNameProblems);

/** A node's amounts; upstream writes the name as one more step of the path. */
export function nodeAmountsProblems(path: string, amounts: ResourceList | undefined): FieldError[] {
  return Object.entries(amounts ?? {}).flatMap(([name, text]) => quantityProblems(`${path}.${name}`, name, text));
}
