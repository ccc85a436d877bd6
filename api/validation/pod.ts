/** Pods. Source: `ValidatePodSpec` in `pkg/apis/core/validation/validation.go`, v1.37.2. */
import { isStored, mergeLabelKeys } from '../admit-pod.ts';
import { defaultPod } from '../default-pod.ts';
import {
  duplicateValue,
  enumText,
  type FieldError,
  forbiddenValue,
  goJson,
  invalidValue,
  notSupportedValue,
  Rendered,
  requiredValue,
} from '../field-error.ts';
import { labelKeyErrors } from '../label-rules.ts';
import type { Pod, PodSpec } from '../types.ts';
import { affinityProblems } from './affinity.ts';
import { containersProblems } from './containers.ts';
import { labelsProblems } from './labels.ts';
import { metadataProblems } from './metadata.ts';
import { isLabel, isSubdomain, nameErrors } from './names.ts';
import { overheadProblems, podResourcesProblems } from './resources.ts';
import { spreadProblems } from './spread.ts';
import { tolerationsProblems } from './tolerations.ts';
import { volumesProblems } from './volumes.ts';

export function podProblems(given: Pod): FieldError[] {
  const errors = metadataProblems(given.metadata, { name: isSubdomain, namespaced: true });
  // A server's pods share their specs, and nobody changes them.
  const isServed = isStored(given);
  const hasFaultless = isServed && given.spec !== undefined && faultless.has(given.spec);
  const spec = hasFaultless ? given.spec : asStored(given).spec;
  if (!hasFaultless) {
    const ofSpec = podSpecProblems('spec', spec ?? { containers: [] }, given.metadata?.name ?? '');
    errors.push(...ofSpec);
    if (isServed && ofSpec.length === 0 && spec !== undefined && !dependsOnName(spec)) faultless.add(spec);
  }
  if (spec?.nodeName && (spec.schedulingGates ?? []).length > 0) {
    errors.push(forbiddenValue('spec.nodeName', 'cannot be set until all schedulingGates have been cleared'));
  }
  return errors;
}

/** Specs without a fault: pods of one template share theirs. */
const faultless = new WeakSet<PodSpec>();

/** The claims of ephemeral volumes are named after the pod. */
const dependsOnName = ({ volumes }: PodSpec): boolean =>
  volumes?.some(({ ephemeral }) => ephemeral !== undefined) === true;

/** The API server validates what it is about to store. */
const asStored = (pod: Pod): Pod => defaultPod(isStored(pod) ? pod : mergeLabelKeys(pod), true);

/** The spec of a pod after defaulting. */
export function podSpecProblems(path: string, spec: PodSpec, podName: string): FieldError[] {
  const { nodeName = '', priorityClassName = '', preemptionPolicy, schedulingGroup } = spec;
  const errors = [
    ...volumesProblems(`${path}.volumes`, spec.volumes ?? [], podName),
    ...claimsProblems(`${path}.resourceClaims`, spec.resourceClaims ?? []),
    ...containersProblems(path, spec),
    ...(spec.resources ? podResourcesProblems(`${path}.resources`, spec, spec.resources) : []),
    ...labelsProblems(`${path}.nodeSelector`, spec.nodeSelector),
    ...(spec.affinity ? affinityProblems(`${path}.affinity`, spec.affinity) : []),
    ...gatesProblems(`${path}.schedulingGates`, spec.schedulingGates ?? []),
    ...spreadProblems(`${path}.topologySpreadConstraints`, spec.topologySpreadConstraints ?? []),
    ...(nodeName === '' ? [] : nameErrors(`${path}.nodeName`, nodeName, isSubdomain)),
    ...tolerationsProblems(`${path}.tolerations`, spec.tolerations ?? []),
    ...(priorityClassName === '' ? [] : nameErrors(`${path}.priorityClassName`, priorityClassName, isSubdomain)),
    ...preemptionPolicyProblems(`${path}.preemptionPolicy`, preemptionPolicy),
    ...(spec.overhead ? overheadProblems(`${path}.overhead`, spec.overhead) : []),
  ];
  if (schedulingGroup !== undefined) errors.push(...groupProblems(`${path}.schedulingGroup`, schedulingGroup));
  return errors;
}

export function preemptionPolicyProblems(path: string, policy: string | undefined): FieldError[] {
  if (policy === undefined || policy === 'PreemptLowerPriority' || policy === 'Never') return [];
  if (policy === '') return [requiredValue(path)];
  return [notSupportedValue(path, enumText(policy), ['PreemptLowerPriority', 'Never'])];
}

function gatesProblems(path: string, gates: ReadonlyArray<{ readonly name?: string }>): FieldError[] {
  const seen = new Set<string>();
  return gates.flatMap(({ name = '' }, i) => {
    const errors = labelKeyErrors(name).map((detail) => invalidValue(`${path}[${i}]`, name, detail));
    if (seen.has(name)) errors.push(duplicateValue(`${path}[${i}]`, name));
    seen.add(name);
    return errors;
  });
}

function groupProblems(path: string, { podGroupName }: { readonly podGroupName?: string }): FieldError[] {
  const at = `${path}.podGroupName`;
  if (podGroupName !== undefined) return nameErrors(at, podGroupName, isSubdomain);
  return [invalidValue(at, null, 'must specify one of: `podGroupName`')];
}

function claimsProblems(path: string, claims: NonNullable<PodSpec['resourceClaims']>): FieldError[] {
  const seen = new Set<string>();
  return claims.flatMap(({ name = '', resourceClaimName, resourceClaimTemplateName }, i) => {
    const at = `${path}[${i}]`;
    const errors: FieldError[] = [];
    if (name === '') errors.push(requiredValue(`${at}.name`));
    else if (seen.has(name)) errors.push(duplicateValue(`${at}.name`, name));
    else errors.push(...nameErrors(`${at}.name`, name, isLabel));
    seen.add(name);
    const given = [resourceClaimName, resourceClaimTemplateName].filter((source) => source !== undefined);
    if (given.length !== 1) {
      const detail =
        given.length === 0
          ? 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`'
          : 'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified';
      errors.push(invalidValue(at, internalClaim(name, resourceClaimName, resourceClaimTemplateName), detail));
    }
    if (resourceClaimName !== undefined) {
      errors.push(...nameErrors(`${at}.resourceClaimName`, resourceClaimName, isSubdomain));
    }
    if (resourceClaimTemplateName !== undefined) {
      errors.push(...nameErrors(`${at}.resourceClaimTemplateName`, resourceClaimTemplateName, isSubdomain));
    }
    return errors;
  });
}

/** Upstream shows its internal type here. */
const internalClaim = (name: string, claim: string | undefined, template: string | undefined): Rendered =>
  new Rendered(goJson({ Name: name, ResourceClaimName: claim ?? null, ResourceClaimTemplateName: template ?? null }));
