/** Quotas and limit ranges, leases, jobs: kinds that scheduling does not read but an API server keeps. Source: `pkg/apis/core/validation/validation.go`, v1.37.2. */
import { duplicateValue, enumText, type FieldError, invalidValue, requiredValue } from '../field-error.ts';
import { compareQuantity, formatQuantity, parseQuantity } from '../quantity.ts';
import type { KubeObject, LimitRangeItem, ResourceList } from '../types.ts';
import { metadataProblems } from './metadata.ts';
import { isSubdomain } from './names.ts';
import { containerResourceNameProblems, quantitiesProblems, resourceNameProblems } from './resources.ts';

const NAMESPACED = { name: isSubdomain, namespaced: true };

interface Quota extends KubeObject {
  readonly spec?: { readonly hard?: ResourceList };
}

const QUOTA_RESOURCES: ReadonlySet<string> = new Set([
  'cpu',
  'memory',
  'ephemeral-storage',
  'requests.cpu',
  'requests.memory',
  'requests.storage',
  'requests.ephemeral-storage',
  'limits.cpu',
  'limits.memory',
  'limits.ephemeral-storage',
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'persistentvolumeclaims',
  'configmaps',
  'services.nodeports',
  'services.loadbalancers',
]);
const HUGE_PAGES = /^(requests\.)?hugepages-/;

export const quotaProblems = (quota: KubeObject): FieldError[] => [
  ...metadataProblems(quota.metadata, NAMESPACED),
  ...Object.keys((quota as Quota).spec?.hard ?? {}).flatMap((name) => quotaNameProblems(`spec.hard[${name}]`, name)),
  ...quantitiesProblems('spec.hard', (quota as Quota).spec?.hard),
];

function quotaNameProblems(path: string, name: string): FieldError[] {
  const errors = resourceNameProblems(path, name);
  if (!name.includes('/') && !QUOTA_RESOURCES.has(name) && !HUGE_PAGES.test(name)) {
    errors.push(invalidValue(path, enumText(name), 'must be a standard resource for quota'));
  }
  return errors;
}

interface LimitRange extends KubeObject {
  readonly spec?: { readonly limits?: readonly LimitRangeItem[] };
}

export function limitRangeProblems(range: KubeObject): FieldError[] {
  const errors = metadataProblems(range.metadata, NAMESPACED);
  const types = new Set<string>();
  (range as LimitRange).spec?.limits?.forEach((item, i) => {
    const path = `spec.limits[${i}]`;
    const { type = '' } = item;
    if (type === '') errors.push(requiredValue(`${path}.type`));
    else if (types.has(type)) errors.push(duplicateValue(`${path}.type`, type));
    types.add(type);
    errors.push(...itemProblems(path, item));
  });
  return errors;
}

/** min ≤ defaultRequest ≤ default ≤ max. */
function itemProblems(path: string, item: LimitRangeItem): FieldError[] {
  const errors: FieldError[] = [];
  const order = [
    ['min', item.min],
    ['defaultRequest', item.defaultRequest],
    ['default', item.default],
    ['max', item.max],
  ] as const;
  const isOfPods = item.type === 'Pod' || item.type === 'Container';
  const nameProblems = isOfPods ? containerResourceNameProblems : resourceNameProblems;
  for (const [name, amounts] of order) {
    for (const resource in amounts) errors.push(...nameProblems(`${path}.${name}[${resource}]`, resource));
    errors.push(...quantitiesProblems(`${path}.${name}`, amounts));
  }
  for (let i = 0; i < order.length; i++) {
    for (let j = i + 1; j < order.length; j++) {
      const [lowName, low = {}] = order[i]!;
      const [highName, high = {}] = order[j]!;
      for (const resource in low) {
        const above = Object.hasOwn(high, resource) ? high[resource] : undefined;
        if (above === undefined) continue;
        const lower = parseQuantity(low[resource]!);
        const upper = parseQuantity(above);
        if (compareQuantity(lower, upper) <= 0) continue;
        const texts = [formatQuantity(lower), formatQuantity(upper)] as const;
        const names = { min: 'min', defaultRequest: 'default request', default: 'default', max: 'max' } as const;
        const detail = `${names[lowName]} value ${texts[0]} is greater than ${names[highName]} value ${texts[1]}`;
        errors.push(invalidValue(`${path}.${lowName}[${resource}]`, texts[0], detail));
      }
    }
  }
  return errors;
}

interface Lease extends KubeObject {
  readonly spec?: { readonly leaseDurationSeconds?: number; readonly leaseTransitions?: number };
}

/** Source: `pkg/apis/coordination/validation/validation.go`. */
export function leaseProblems(lease: KubeObject): FieldError[] {
  const errors = metadataProblems(lease.metadata, NAMESPACED);
  const { leaseDurationSeconds: seconds, leaseTransitions: transitions } = (lease as Lease).spec ?? {};
  if (seconds !== undefined && seconds <= 0) {
    errors.push(invalidValue('spec.leaseDurationSeconds', seconds, 'must be greater than 0'));
  }
  if (transitions !== undefined && transitions < 0) {
    errors.push(invalidValue('spec.leaseTransitions', transitions, 'must be greater than or equal to 0'));
  }
  return errors;
}
