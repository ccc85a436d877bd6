/** Nodes. Source: `ValidateNode` in `pkg/apis/core/validation/validation.go`, v1.37.2. */
import { isStored } from '../admit-pod.ts';
import { defaultNode } from '../default-node.ts';
import { duplicateValue, type FieldError, goQuote, invalidValue } from '../field-error.ts';
import { MAX_SUBDOMAIN_LENGTH } from '../label-rules.ts';
import type { Node, ResourceList } from '../types.ts';
import { metadataProblems } from './metadata.ts';
import { isSubdomain } from './names.ts';
import { nodeAmountsProblems } from './resources.ts';
import { taintsProblems } from './tolerations.ts';

const FEATURE = /^([A-Z][A-Za-z0-9]*)(\/[A-Za-z0-9]+)*$/;

export function nodeProblems(given: Node): FieldError[] {
  const node = defaultNode(given);
  const { taints = [] } = node.spec ?? {};
  const { capacity, allocatable, declaredFeatures = [] } = node.status ?? {};
  return [
    ...metadataProblems(node.metadata, { name: isSubdomain, namespaced: false }),
    ...taintsProblems('spec.taints', taints),
    ...amountsProblems('status.capacity', capacity, isStored(given)),
    ...amountsProblems('status.allocatable', allocatable, isStored(given)),
    ...featuresProblems('status.declaredFeatures', declaredFeatures),
  ];
}

/** Amounts without a fault: nodes of one kind share theirs, and nobody changes what a server has stored. */
const faultless = new WeakSet<ResourceList>();

function amountsProblems(path: string, amounts: ResourceList | undefined, isServed: boolean): FieldError[] {
  if (amounts === undefined || (isServed && faultless.has(amounts))) return [];
  const errors = nodeAmountsProblems(path, amounts);
  if (isServed && errors.length === 0) faultless.add(amounts);
  return errors;
}

/** Names of features, sorted. */
function featuresProblems(path: string, features: readonly string[]): FieldError[] {
  return features.flatMap((feature, i) => {
    const errors: FieldError[] = [];
    const wrong = featureProblem(feature);
    if (wrong !== undefined) errors.push(invalidValue(`${path}[${i}]`, feature, wrong));
    const next = features[i + 1];
    if (next === undefined) return errors;
    if (next === feature) errors.push(duplicateValue(`${path}[${i + 1}]`, next));
    else if (next < feature) errors.push(invalidValue(`${path}[${i + 1}]`, next, 'list must be sorted alphabetically'));
    return errors;
  });
}

function featureProblem(feature: string): string | undefined {
  const invalid = `invalid feature name ${goQuote(feature)}: must`;
  if (feature.length > MAX_SUBDOMAIN_LENGTH) return `${invalid} be no more than ${MAX_SUBDOMAIN_LENGTH} characters`;
  if (FEATURE.test(feature)) return undefined;
  return `${invalid} start with an UpperCamelCase segment, with subsequent segments separated by '/' (e.g., MyFeature or MyFeature/mySubFeature), and contain only alphanumeric characters and slashes`;
}
